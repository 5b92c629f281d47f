"""Tables whose columns are aligned by blanks: told, as words of their rows are no traces."""

from __future__ import annotations

import io
from typing import Any

import pytest

from .conftest import read_all

NAMES = {
    "events": ("NAMESPACE", "LAST SEEN", "TYPE", "REASON", "MESSAGE"),
    "processes": ("CONTAINER ID", "IMAGE", "STATUS"),
    "jobs": ("JOBID", "PARTITION", "NAME", "ST"),
}


def table(names: tuple[str, ...], cells: tuple[str, ...], count: int = 40) -> bytes:
    """Return rows of cells, each column as wide as its widest cell and three blanks."""
    rows = [names, *(tuple(f"{cell}{'x' * (row % 4)}" for cell in cells[: len(names)]) for row in range(count))]
    widths = [max(map(len, column)) + 3 for column in zip(*rows, strict=True)]
    lines = ("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def told(content: bytes, **options: Any) -> bool:
    return any("columns are aligned by blanks" in note for note in read_all(io.BytesIO(content), **options).told.notes)


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_a_table_as_commands_print_it_is_told(names: tuple[str, ...]) -> None:
    content = table(names, ("prod", "5m", "Normal", "Pulled", "image is there: web, of 3"))
    assert told(content)
    assert not told(content, format="lines")


@pytest.mark.parametrize(
    "content",
    [
        b"LOAD RUN UNLOAD\n" * 20,
        b"LOAD   RUN   UNLOAD\nLOAD   SETUP   RUN   UNLOAD\nRUN\n" * 9,
        table(("load", "run", "unload"), ("load", "run", "unload")),
    ],
)
def test_traces_are_no_table(content: bytes) -> None:
    assert not told(content)
