"""Places of changes in words: what they say came before is so, of no other place, or it is a whole way."""

from __future__ import annotations

import random

import pytest

from flexstream import StreamLearner
from flexstream.difference import diff
from flexstream.difference.places import Places
from flexstream.difference.words import text
from flexstream.targets import from_rows


def line(steps: str) -> Places:
    """Return the places of a machine that goes through some steps."""
    automaton = from_rows(
        {**{at: {step: (1.0, at + 1)} for at, step in enumerate(steps)}, len(steps): {None: (1.0, 0)}}
    )
    return Places({symbol: symbol for symbol in automaton.symbols}, automaton)


@pytest.mark.parametrize(
    ("steps", "at", "words"),
    [
        ("abc", 0, "at the start"),
        ("abc", 2, "after b"),
        ("abac", 3, "after b a"),  # a alone leads to two places
        ("abab", 4, "after b a b"),
        ("aaaa", 3, "as after a a a"),  # three of them come at the end, too
    ],
)
def test_as_few_events_as_lead_there_and_nowhere_else(steps: str, at: int, words: str) -> None:
    places = line(steps)
    assert places.where(tuple(steps[:at]), [at]) == words


def test_long_ways_are_told_by_both_ends() -> None:
    steps = "x" * 9
    assert line(steps).where(tuple(steps), [9]) == "as after x x x … x x x"
    label = "y" * 100
    automaton = from_rows({0: {label: (1.0, 1)}, 1: {None: (1.0, 0)}})
    assert Places({label: label}, automaton).where((label,), [1]) == f"after {'y' * 30}…{'y' * 29}"


def test_what_tells_the_place_of_a_change_is_in_its_name() -> None:
    """A machine that ends as it began, whatever comes between: some of its ends are lost."""
    luck = random.Random(3)

    def traces(lost: float) -> list[list[str]]:
        found = []
        for first in luck.choices("ab", k=2000):
            between = luck.choices("xyz", k=4)
            found.append([first, *between, "Q" if first == "a" and luck.random() < lost else first.upper()])
        return found

    words = text(diff(*(StreamLearner().fit(traces(lost)).automaton for lost in (0.0, 0.2))))
    (place,) = (line for line in words.splitlines() if " visits):" in line)
    assert place.startswith("as after a ") and "…" not in place
