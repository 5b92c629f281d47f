"""What the page on reading says of names and numbers is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flexstream.readers.parsing.fields import RECOGNISED, plain
from flexstream.readers.parsing.guessing import EVENTS, LASTING, THINGS
from flexstream.readers.sessions.cuts import fitting_window
from flexstream.readers.sessions.few import FEW, LONG
from flexstream.readers.sessions.windows import DEFAULT_WINDOW, ENOUGH

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reading.md").read_text()


@pytest.mark.parametrize(("row", "kind"), [("case", "case"), ("event", "event"), ("whole trace", "sequence")])
def test_all_names_that_are_recognised_are_there(row: str, kind: str) -> None:
    found = re.search(rf"^\| {row} \| (.*) \|$", PAGE, re.MULTILINE)
    assert found is not None
    assert tuple(found[1].split()) == RECOGNISED[kind]


@pytest.mark.parametrize(
    ("words", "names"), [("worked on", THINGS), ("all the time", LASTING), ("The **event**", EVENTS)]
)
def test_names_that_may_mean_something_are_in_the_lists(words: str, names: tuple[str, ...]) -> None:
    paragraph = re.split(r"is a case if|are a case|whose values", PAGE[PAGE.index(words) :])[0]
    shown = re.findall(r"`(\w+)`", paragraph)
    assert len(shown) > 5
    assert {plain(name) for name in shown} <= set(names)


def test_the_numbers_are_those_of_the_code() -> None:
    assert FEW == 8
    assert f"of {LONG} events or more" in PAGE
    assert (fitting_window(0), fitting_window(1000), fitting_window(10**6)) == (10, 1000 // 20, 100)
    assert fitting_window(2000, [1, 2, 3, 3, 1, 1, 2] * 200) == 31 and "31 of 2,000" in PAGE
    assert f"traces of {DEFAULT_WINDOW} from {ENOUGH:,} events on" in PAGE
