"""What a tree evicts, chosen once more by a slow and obvious twin."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream._kernels.growth import GrowthRules
from flexstream._kernels.states import place_nodes
from flexstream.summary.eviction import NEAREST, SPARE, Choice, Rows, choose
from flexstream.summary.tree import UNLIMITED, PrefixTree

from ..strategies import Traces, count, traces

MOST = 2**40


def levels_of(tree: PrefixTree, reds: set[int]) -> list[int]:
    """Return how far below the nearest red node each node lies."""
    found = []
    for node in range(len(tree)):
        steps, above = 0, node
        while above not in reds:
            steps, above = steps + 1, int(tree.columns.parent[above])
        found.append(steps)
    return found


def least_weight(weights: list[int], excess: float) -> int:
    """Return the smallest weight below which so many lie."""
    least = 0
    while sum(weight < least for weight in weights) < min(excess, len(weights)):
        least += 1
    return least


def by_hand(
    tree: PrefixTree, reds: set[int], rules: GrowthRules, rows: Rows
) -> tuple[list[int], list[int], GrowthRules]:
    columns, levels = tree.columns, levels_of(tree, reds)
    nodes, edges = range(len(tree)), range(tree.edges)
    visits = columns.visits.tolist()
    owner = [int(key) >> 32 for key in columns.keys[: tree.edges]]

    def owned(some: list[int]) -> list[int]:
        return [edge for edge in edges if owner[edge] in some]

    def fits(some: list[int]) -> bool:
        return len(some) <= 0.7 * rows.nodes and len(owned(some)) <= 0.7 * rows.edges

    fitting = [
        reach for reach in range(min(rules.reach, max(levels)) + 1) if fits([n for n in nodes if levels[n] < reach])
    ]
    reach = max([0, *fitting])
    if reach < 2:
        reach, far, grow_at = min(2, rules.reach), 0, min(MOST, 2 * rules.grow_at)
    else:
        far, grow_at = min(rules.far, reach), rules.grow_at
    some = [n for n in nodes if levels[n] <= reach]
    always = [n for n in nodes if n == 0 or levels[n] < far]
    rest = [n for n in some if n not in always]
    least = max(
        least_weight([visits[n] for n in rest], len(some) - 0.7 * rows.nodes),
        least_weight([visits[owner[e]] for e in owned(rest)], len(owned(some)) - 0.7 * rows.edges),
    )
    kept = sorted({*always, *(n for n in rest if visits[n] >= least)})
    bare = [e for e in owned(kept) if int(columns.child[e]) not in kept]
    few = least_weight([int(columns.counts[e]) for e in bare], len(owned(kept)) - 0.7 * rows.edges)
    lines = [e for e in owned(kept) if e not in bare or int(columns.counts[e]) >= few]
    hold = min(MOST, max(2 * rules.hold, least))
    return kept, lines, rules._replace(reach=reach, far=far, hold=hold, grow_at=max(2, grow_at))


def told(choice: Choice) -> tuple[list[int], list[int], GrowthRules]:
    return np.flatnonzero(choice.nodes).tolist(), np.flatnonzero(choice.edges).tolist(), choice.rules


@settings(max_examples=200)
@given(
    *(traces, st.lists(st.integers(0, 60), max_size=4), st.integers(1, 60), st.integers(1, 60)),
    *(
        st.sampled_from([1, 2, 3, UNLIMITED]),
        st.sampled_from([0, 1, 2, 3, UNLIMITED]),
        st.sampled_from([1, 2, 7, MOST]),
    ),
)
def test_it_chooses_as_by_hand(
    given_traces: Traces, draws: list[int], nodes: int, edges: int, reach: int, far: int, hold: int
) -> None:
    tree, _ = count(given_traces, grow_at=1)
    reds = {0}
    for draw in draws:  # what is above a red node is red
        node = draw % len(tree)
        while node not in reds:
            reds.add(node)
            node = int(tree.columns.parent[node])
    place_nodes(tree.columns, np.array(sorted(reds), np.int32))
    rules = GrowthRules(grow_at=hold, hold=hold, far=far, reach=reach, longest=5)
    rows = Rows(nodes, edges)
    assert told(choose(tree.columns, rules, rows)) == by_hand(tree, reds, rules, rows)


def test_a_tree_that_fits_keeps_all() -> None:
    """As many rows as fill 70 % exactly; with one row less something goes."""
    tree, _ = count([["a", "b"], ["a", "c"], ["b"]] * 2, grow_at=1)
    assert (len(tree), tree.edges) == (5, 4)
    nodes, edges = math.ceil(5 / 0.7), math.ceil(4 / 0.7)
    rules = GrowthRules(2, 1, UNLIMITED, UNLIMITED, 5)
    found = choose(tree.columns, rules, Rows(nodes, edges))
    assert found.nodes.all() and found.edges.all()
    assert not choose(tree.columns, rules, Rows(nodes - 1, edges)).nodes.all()
    assert not choose(tree.columns, rules, Rows(nodes, edges - 1)).edges.all()
    assert (SPARE, NEAREST) == (0.7, 2)


@pytest.mark.parametrize("rows", [Rows(10, 10), Rows(9, 10), Rows(10, 9)])
def test_what_holds_seven_tenths(rows: Rows) -> None:
    """Seven nodes with seven edges between and below them."""
    tree, _ = count([["a"] * 7], grow_at=1)
    keep = np.arange(8) < 7
    assert rows.holds(tree.columns, keep) == (rows == Rows(10, 10))
