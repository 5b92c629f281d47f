"""How late steps are, and how long it takes to the ends of traces: the kernels against their twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.slowness import sort_times_left
from flexstream.automata.timing import Durations
from flexstream.stream.batch import TraceBatch

from .. import naive

BINS, EDGES = 9, 3
Trace = list[tuple[int, int]]
rows_of = st.dictionaries(
    st.integers(0, EDGES - 1), st.dictionaries(st.integers(0, BINS), st.integers(1, 9), min_size=1, max_size=5)
)


def traces_of(places: int) -> st.SearchStrategy[list[Trace]]:
    """Draw traces of pairs of a transition and a bin."""
    return st.lists(st.lists(st.tuples(st.integers(-1, places - 1), st.integers(-1, BINS)), max_size=6), max_size=9)


def columns_of(traces: list[Trace]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return transitions, bins and offsets."""
    together = [event for trace in traces for event in trace]
    edges, bins = (np.array([event[part] for event in together], np.int64) for part in (0, 1))
    return edges, bins.astype(np.int16), np.cumsum([0, *map(len, traces)])


@pytest.mark.twin("slowness.find_slowest")
@given(rows_of, traces_of(EDGES + 2))
def test_the_slowest_step_of_each_trace(rows: dict[int, dict[int, int]], traces: list[Trace]) -> None:
    told = [(edge, bin, count) for edge, own in sorted(rows.items()) for bin, count in sorted(own.items())]
    durations = Durations(*([row[part] for row in told] for part in range(3)), np.ones(EDGES))
    places, bins, offsets = columns_of([[(0, 0)], *traces])
    batch = TraceBatch(np.zeros(len(places), np.int32), offsets[1:], durations=bins)  # of which the first is no part
    wanted = [naive.slowest_step(rows, EDGES, trace) for trace in traces]
    least, steps, rest = durations.slowest(places, batch)
    assert least.tolist() == [one[0] for one in wanted]
    assert steps.tolist() == [one[1] for one in wanted]
    assert rest.tolist() == [
        start + at for start, (_, _, left) in zip(offsets[1:-1].tolist(), wanted, strict=True) for at in left
    ]


@pytest.mark.twin("slowness.sort_times_left")
@given(traces_of(EDGES), st.lists(st.integers(0, 3), min_size=EDGES, max_size=EDGES))
def test_how_long_it_takes_to_the_end(traces: list[Trace], targets: list[int]) -> None:
    edges, bins, offsets = columns_of(traces)
    seconds = np.arange(BINS + 1) ** 2.0
    starts, sums, (came, found) = np.zeros(4 + 2, np.int64), np.zeros(4), np.empty((2, len(edges)))
    scratch = came, np.empty(len(traces), np.int8)
    number = sort_times_left(edges, bins, offsets, np.array(targets, np.int32), seconds, *scratch, starts, found, sums)
    wanted = naive.times_left(targets, seconds.tolist(), traces)
    assert number == sum(map(len, wanted.values()))
    for state in range(4):
        assert found[starts[state] : starts[state + 1]].tolist() == wanted.get(state, [])
        assert sums[state] == sum(wanted.get(state, []))
