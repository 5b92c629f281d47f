"""What a report counts at the nodes of a tree: the kernels against their twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from flexstream._kernels.growth import TAILS
from flexstream._kernels.keys import split_keys
from flexstream._kernels.visits import add_outcomes, add_tail_symbols, count_lengths, find_again, measure_depths

from .. import naive
from ..strategies import Traces, count, traces

STATES = 131  # more than a word has bits
parents = st.lists(st.integers(0, 10**6), max_size=30).map(
    lambda draws: [-1, *(n % (k + 1) for k, n in enumerate(draws))]
)


def depths_of(above: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the depths of nodes."""
    found = np.full(len(above), 99)
    measure_depths(above, found)
    return found


@pytest.mark.twin("visits.measure_depths", "visits.find_again")
@given(parents, st.data())
def test_depths_and_states_met_on_the_way(above: list[int], draw: st.DataObject) -> None:
    states = draw.draw(st.lists(st.integers(0, STATES - 1), min_size=len(above), max_size=len(above)))
    assert depths_of(np.array(above)).tolist() == naive.depths(above)
    found = np.ones(len(above), np.bool_)
    find_again(np.array(above), np.array(states), np.full((len(above), STATES // 64 + 1), 7, np.uint64), found)
    assert found.tolist() == naive.again(above, states)


@pytest.mark.twin("visits.add_outcomes")
@given(traces, st.integers(1, 3), st.data())
def test_outcomes_by_group(given_traces: Traces, grow_at: int, draw: st.DataObject) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    columns, nodes = tree.columns, len(tree)
    group = draw.draw(st.lists(st.integers(0, 3), min_size=nodes, max_size=nodes))
    chosen = draw.draw(st.lists(st.booleans(), min_size=nodes, max_size=nodes))
    (owner, following), counts = split_keys(columns.keys[: tree.edges]), columns.counts[: tree.edges]
    sums = np.zeros((4, 1 + len(alphabet)), np.int64)
    add_outcomes(np.array(group), np.array(chosen), columns.ends[:nodes], owner, following, counts, sums)
    edges = zip(owner.tolist(), following.tolist(), counts.tolist(), strict=True)
    wanted = naive.outcomes_by_group(group, chosen, columns.ends[:nodes].tolist(), edges)
    rows, outcomes = np.nonzero(sums)
    keys = [
        (row, outcome - 1 if outcome else None) for row, outcome in zip(rows.tolist(), outcomes.tolist(), strict=True)
    ]
    assert dict(zip(keys, sums[rows, outcomes].tolist(), strict=True)) == wanted


@pytest.mark.twin("visits.add_tail_symbols")
@given(traces, st.integers(1, 9), st.none() | st.integers(1, 3))
def test_symbols_of_the_tails_that_a_tree_holds(given_traces: Traces, grow_at: int, reach: int | None) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at, reach=reach)
    columns, found = tree.columns, np.zeros(len(alphabet), np.int64)
    add_tail_symbols(columns, found)
    bounds = zip(columns.tail_start.tolist(), columns.tail_stop.tolist(), strict=True)
    tails = [columns.store[a:b].tolist() for a, b in list(bounds)[: columns.size[TAILS]] if a >= 0]
    assert found.tolist() == naive.symbols_beyond(tails, len(alphabet))
    events = [symbol for trace in given_traces for symbol in trace]
    assert tree.occurrences(len(alphabet)).tolist() == [events.count(symbol) for symbol in alphabet]


@pytest.mark.twin("visits.count_lengths")
@given(traces, st.integers(1, 9), st.none() | st.integers(1, 3))
def test_lengths_of_the_traces_that_a_tree_holds(given_traces: Traces, grow_at: int, reach: int | None) -> None:
    tree, _ = count(given_traces, grow_at=grow_at, reach=reach)
    depth = depths_of(tree.columns.parent[: len(tree)].astype(np.int64))
    found = np.zeros(1 + max(map(len, given_traces), default=0) + int(depth.max()), np.int64)
    count_lengths(tree.columns, depth, found)
    wanted = naive.lengths(given_traces)
    assert found.tolist() == [wanted[length] for length in range(len(found))]
