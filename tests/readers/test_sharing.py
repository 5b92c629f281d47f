"""Which lines are open is known whatever the formats and the cases are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flexstream.errors import UsageError
from flexstream.readers import Reading, ReadOptions
from flexstream.readers.open_lines import OpenLines
from flexstream.readers.sharing import is_shared
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.origins import lines_in


@pytest.mark.parametrize(
    ("options", "text", "left"),
    [
        ({}, "load run\nload\n", []),
        ({"max_open_cases": 2, "format": "csv"}, "case,event\na,x\nb,x\na,y\nc,x\nc,y\n", [2, 4, 5, 6]),
        ({"max_open_cases": 1, "format": "jsonl"}, "".join(f'{{"case":"{c}","event":"x"}}\n' for c in "aab"), [3]),
    ],
)
def test_lines_are_open_until_they_are_handed_on(
    tmp_path: Path, options: dict[str, Any], text: str, left: list[int]
) -> None:
    (tmp_path / "log").write_text(text)
    reading, lines = Reading(tmp_path / "log", Alphabet(), ReadOptions(cut=False, **options), origins=True), OpenLines()
    for item in reading._items():
        place = reading._walk.place_of(item)
        lines.read(item, place)
        for batch in (*reading._assembler.feed(item, place), *reading._assembler.rest()):
            lines.handed_on(batch)
    assert lines.now().tolist() == left
    assert lines_in(reading._assembler.waiting()).tolist() == []
    for found in reading._assembler.ending():
        for batch in found:
            lines.handed_on(batch)
    assert lines.now().tolist() == []


def test_nothing_is_open_once_all_is_forgotten() -> None:
    lines = OpenLines()
    lines.forget()
    assert lines.now().dtype == np.int64


@pytest.mark.parametrize(
    ("source", "follow", "shared"),
    [
        ("kafka://h/lots?group=night", True, True),
        ("kafka://h/lots?group=night", False, False),
        ("kafka://h/lots?group=night&partitions=0", True, False),
        ("kafka://h/lots", True, False),
        ("lots.csv", True, False),
    ],
)
def test_what_is_shared(source: str, follow: bool, shared: bool) -> None:
    assert is_shared([source], ReadOptions(follow=follow)) is shared


def test_files_before_a_shared_topic_are_refused() -> None:
    with pytest.raises(UsageError, match="read by each of its readers"):
        is_shared(["old.csv", "kafka://h/lots?group=night"], ReadOptions(follow=True))
