"""Columns of whole traces: lists as JSON or Python writes them, and events with arrows between."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from .conftest import read_all

TRACES = {f"L{lot:02}": ["load lot", "run", "end"][: 3 - lot % 2] for lot in range(40)}


def table(text: Callable[[list[str]], str], name: str = "path") -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [["lot", name], *([lot, text(steps)] for lot, steps in TRACES.items())]
    )
    return out.getvalue().encode()


@pytest.mark.parametrize("name", ["variant", "steps", "trace"])
@pytest.mark.parametrize("text", [json.dumps, repr, " -> ".join, " → ".join])
def test_they_are_read_as_traces(text: Callable[[list[str]], str], name: str) -> None:
    found = read_all(io.BytesIO(table(text, name)))
    assert found.error is None
    assert dict(found.named) == TRACES


def test_a_name_for_the_column_reads_lists_as_well() -> None:
    assert dict(read_all(io.BytesIO(table(json.dumps)), sequence="path").named) == TRACES


def test_a_list_that_is_cut_off_is_a_bad_line() -> None:
    content = table(json.dumps).replace(b'""end""]"', b'""end"', 1)
    assert "no whole list in column 'path'" in str(read_all(io.BytesIO(content)).error)


def test_an_event_beside_it_is_the_event() -> None:
    rows = [["lot", "step", "tags"], *([lot, step, '["a", "b"]'] for lot, steps in TRACES.items() for step in steps)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    assert dict(read_all(io.BytesIO(out.getvalue().encode())).named) == TRACES
