"""Traces that a stream repeated: added up, named anew, and cut down to those that came most often."""

from __future__ import annotations

import numpy as np
import pytest

from flexstream.summary.repeated import NOTHING, Repeated


def repeated(times: dict[tuple[int, ...], int]) -> Repeated:
    symbols = np.array([symbol for trace in times for symbol in trace], np.int32)
    starts = np.cumsum([0, *map(len, times)])
    events = sum(len(trace) * number for trace, number in times.items())
    return Repeated(symbols, starts, np.array([*times.values()]), sum(times.values()), events, 0)


def held(found: Repeated) -> dict[tuple[int, ...], int]:
    return {
        tuple(found.symbols[start:stop].tolist()): number
        for start, stop, number in zip(found.starts[:-1], found.starts[1:], found.times.tolist(), strict=True)
    }


ONE = {(1, 2, 3): 4, (): 2, (7,): 9}
OTHER = {(7,): 1, (3, 3, 3, 3, 3): 6, (1, 2): 1}


def test_what_is_in_both_stands_once_and_nothing_else_changes() -> None:
    both = repeated(ONE).plus(repeated(OTHER))
    assert held(both) == {(1, 2, 3): 4, (): 2, (7,): 10, (3, 3, 3, 3, 3): 6, (1, 2): 1}
    assert (both.traces, both.events, both.lost) == (15 + 8, 21 + 33, 0)
    assert held(NOTHING.plus(repeated(ONE))) == ONE
    assert both.starts.dtype == np.int64 and both.symbols.dtype == np.int32


@pytest.mark.parametrize(
    ("capacity", "kept"),
    [(132, 5), (131, 4), (108, 4), (107, 3), (92, 3), (91, 2), (64, 2), (63, 1), (28, 1), (27, 0), (8, 0)],
)
def test_those_that_came_most_often_are_kept_to_the_byte(capacity: int, kept: int) -> None:
    """Each takes 16 bytes and 4 for each event, all of them 8 more: 28 for (7,), 64 with the five threes, …"""
    both = repeated(ONE).plus(repeated(OTHER))
    found = both.heaviest(capacity)
    order = [((7,), 10), ((3, 3, 3, 3, 3), 6), ((1, 2, 3), 4), ((), 2), ((1, 2), 1)]
    assert list(held(found).items()) == (order[:kept] if capacity < both.nbytes else list(held(both).items()))
    assert found.lost == sum(number for _, number in order[kept:])
    assert (found.traces, found.events) == (both.traces, both.events)
    assert found.nbytes <= capacity


def test_other_ids_of_the_symbols() -> None:
    assert held(repeated({(0, 1): 2}).renamed(np.array([5, 3], np.int32))) == {(5, 3): 2}
