"""Many events at once end their cases as one by one would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.readers import ReadOptions
from flexstream.readers.items import Events
from flexstream.readers.sessions import cases
from flexstream.readers.sessions.cases import CASE_BYTES, EVENT_BYTES, Cases, Closed

Piece = tuple[str, list[tuple[str, int]]]

names = st.sampled_from(["a", "b", "", "a longer name", "ä", "名"])
pieces = st.lists(
    st.tuples(
        st.sampled_from(["single", "many", "many", "many, numbered anew"]),
        st.lists(st.tuples(names, st.integers(0, 5)), min_size=1, max_size=9),
    ),
    max_size=9,
)
limits = st.tuples(
    st.builds(
        ReadOptions,
        max_open_cases=st.sampled_from([1, 2, 4, 100]),
        max_open_events=st.sampled_from([1, 3, 8, 20, 1000]),
    ),
    st.none() | st.integers(0, 5).map(lambda count: count * (CASE_BYTES + 60 + 2 * EVENT_BYTES)),
)


def one_by_one(given_pieces: list[Piece], held: Cases) -> list[Closed]:
    """Return all cases in the order in which they end."""
    closed = []
    for _, events in given_pieces:
        for name, symbol in events:
            closed += held.add(name, symbol, None)
    return [*closed, *held.close()]


def at_once(given_pieces: list[Piece], held: Cases) -> list[Closed]:
    """Return all cases in the order in which they end, events added many at once."""
    closed: list[Closed] = []
    table: list[str] = []
    for way, events in given_pieces:
        if way == "single":
            closed += [ended for name, symbol in events for ended in held.add(name, symbol, None)]
            continue
        if way != "many":
            table = []
        table += [name for name in sorted({name for name, _ in events}) if name not in table]
        numbers = np.array([table.index(name) for name, _ in events], np.int32)
        symbols = np.array([symbol for _, symbol in events], np.int32)
        closed += held.add_all(Events(table, numbers, symbols, None))
    return [*closed, *held.close()]


@pytest.fixture(params=[1, 7, 1 << 20])
def longest(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let backlogs grow to different lengths."""
    monkeypatch.setattr(cases, "_LONGEST_BACKLOG", request.param)


@pytest.mark.usefixtures("longest")
@given(pieces, limits)
def test_many_at_once_end_as_one_by_one(given_pieces: list[Piece], limits: tuple[ReadOptions, int | None]) -> None:
    assert at_once(given_pieces, Cases(*limits)) == one_by_one(given_pieces, Cases(*limits))
