"""Sums of prefix trees: rows added to rows, growth made up for, and one order whatever came first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.addition import add_same, find_owners
from flexstream._kernels.growth import FREED, STORED, TAILS
from flexstream.saved import Saved
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch
from flexstream.stream.hashing import symbol_code
from flexstream.summary import columns as layout
from flexstream.summary import sums
from flexstream.summary.sketch import NO_SKETCH, SketchShape
from flexstream.summary.tree import PrefixTree
from flexstream.summary.tree_state import restore, state_of

from .. import naive
from ..strategies import Traces, count, traces

SHAPES = [NO_SKETCH, SketchShape(2, 2, 8)]
ALPHABET = Alphabet("abc")
CODES = np.array([symbol_code(text, 0) for text in ALPHABET], np.uint64)
SAME = np.arange(3, dtype=np.int32)


def tree_of(given_traces: Traces, shape: SketchShape = NO_SKETCH, start: PrefixTree | None = None) -> PrefixTree:
    tree = PrefixTree(shape, grow_at=2) if start is None else start.copy()
    tree.count(TraceBatch.from_traces(given_traces, ALPHABET), CODES)
    return tree


def tails_of(tree: PrefixTree) -> list[tuple[int, list[int]]]:
    """Return edge and symbols of each tail."""
    columns, found = tree.columns, []
    for edge in range(tree.edges):
        tail = int(columns.tails[edge])
        while tail >= 0:
            found.append((edge, columns.store[columns.tail_start[tail] : columns.tail_stop[tail]].tolist()))
            tail = int(columns.tail_next[tail])
    return found


def check_rows(tree: PrefixTree) -> None:
    """Read the tree back from its state, in which no row is believed."""
    restore(PrefixTree(tree.sketch, grow_at=tree.rules.grow_at), Saved(state_of(tree)), len(ALPHABET))


@pytest.mark.twin("addition.close_growth")
@given(traces, st.integers(1, 4), st.none() | st.integers(1, 3), st.sampled_from(SHAPES))
def test_what_has_the_visits_grows(given_traces: Traces, grow_at: int, reach: int | None, shape: SketchShape) -> None:
    tree, alphabet = count(given_traces, shape, grow_at=grow_at, reach=reach)
    root = naive.grow(given_traces, grow_at, np.inf if reach is None else reach, shape.futures)
    codes = np.array([symbol_code(text, 0) for text in alphabet], np.uint64)
    assert sums.close(tree, codes)
    naive.close(root, grow_at, np.inf if reach is None else reach)
    assert naive.facts_of(tree, alphabet) == naive.facts(root)
    before = naive.facts_of(tree, alphabet)
    assert sums.close(tree, codes) and naive.facts_of(tree, alphabet) == before


def test_growth_stops_where_there_is_no_room() -> None:
    rng = np.random.default_rng(1)
    given_traces = [rng.choice(list("abc"), 12).tolist() for _ in range(3000)]
    tree, whole = tree_of(given_traces), tree_of(given_traces)
    assert sums.close(whole, CODES)
    sums.rearrange(tree, SAME)  # so that it has no spare rows
    assert not sums.close(tree, CODES, most=100_000)
    assert len(tree) < len(whole)
    assert tree.columns.counts[: tree.edges].sum() + sum(len(tail) for _, tail in tails_of(tree)) == 3000 * 12


def test_growth_stops_to_the_byte() -> None:
    """Of two nodes and two edges, as there is no spare row, the next node takes one more of each at most."""

    def grows(most: int) -> bool:
        tree = tree_of([["a"], ["b"]])
        sums.rearrange(tree, SAME)
        return sums.close(tree, CODES, most)

    least, most = (layout.tree_bytes(3, edges, NO_SKETCH) for edges in (2, 3))
    assert not grows(least - 1)
    assert grows(most)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_lonely_root_grows_within_its_rows(shape: SketchShape) -> None:
    """Each row of a node has its sketch, also where rows are as few as can be."""
    tree = PrefixTree(shape, grow_at=3)
    tree.count(TraceBatch.from_traces([["a"], ["b"]], ALPHABET), CODES)
    sums.rearrange(tree, SAME)
    assert len(tree) == 1
    assert len(tree.columns.sketch) == len(tree.columns.parent)
    tree.rules = tree.rules._replace(grow_at=2)
    assert sums.close(tree, CODES)
    assert len(tree) == 3
    check_rows(tree)


def skeleton_of(tree: PrefixTree) -> PrefixTree:
    bare = tree.copy()
    bare.columns.tails[: bare.edges] = -1
    bare.columns.sketch[: len(bare)] = 0
    bare.columns.size[[TAILS, STORED]] = 0
    bare.columns.size[FREED] = -1
    return bare


def node_of(tree: PrefixTree, number: int = 0) -> naive.Node:
    """Return a node of a real tree, and all below it, as its slow twin."""
    columns = tree.columns
    node = naive.Node(number, int(columns.visits[number]), int(columns.ends[number]))
    waiting = tails_of(tree)
    for edge in tree.edges_of(number):
        symbol = ALPHABET.text(int(columns.keys[edge]) & 0xFFFFFFFF)
        node.counts[symbol] = int(columns.counts[edge])
        if columns.child[edge] >= 0:
            node.children[symbol] = node_of(tree, int(columns.child[edge]))
        tails = [[ALPHABET.text(one) for one in tail] for owner, tail in waiting if owner == edge]
        if tails:
            node.tails[symbol] = tails
    return node


@pytest.mark.twin("addition.add_same")
@given(traces, st.lists(traces, min_size=1, max_size=3), st.sampled_from(SHAPES))
def test_rows_of_one_beginning_are_added_to_rows(first: Traces, more: list[Traces], shape: SketchShape) -> None:
    total = sums.unbound(tree_of(first, shape))
    begun, nodes, edges, root = skeleton_of(total), len(total), total.edges, node_of(total)
    for part in more:
        tree = tree_of(part, shape, begun)
        for name, rows in (("visits", nodes), ("ends", nodes), ("counts", edges)):
            getattr(tree.columns, name)[:rows] -= getattr(begun.columns, name)[:rows]
        naive.add_beside(root, node_of(tree))
        sums._make_room(total, tree)
        add_same(total.columns, total._coding(CODES), tree.columns, SAME, nodes, edges)
    assert naive.facts_of(total, ALPHABET) == naive.facts(root)
    whole = sums.unbound(tree_of([trace for part in [first, *more] for trace in part], shape))
    for tree in (total, whole):
        sums.close(tree, CODES)
        sums.rearrange(tree, SAME)
    assert naive.facts_of(total, ALPHABET) == naive.facts_of(whole, ALPHABET)
    assert naive.sketches_of(total, ALPHABET) == naive.sketches_of(whole, ALPHABET)
    assert tails_of(total) == tails_of(whole)


@pytest.mark.twin("addition.find_owners")
@given(traces)
def test_every_tail_knows_its_edge(given_traces: Traces) -> None:
    tree = tree_of(given_traces)
    columns, rows = tree.columns, int(tree.columns.size[TAILS])
    lists: dict[int, list[int]] = {}
    for edge in range(tree.edges):
        tail = int(columns.tails[edge])
        while tail >= 0:
            lists.setdefault(edge, []).append(tail)
            tail = int(columns.tail_next[tail])
    found = np.full(rows, -1, np.int64)
    find_owners(columns, found)
    assert found.tolist() == naive.owners(lists, rows)


@given(traces, st.permutations(range(3)))
def test_rows_are_laid_in_an_order_that_hangs_on_what_they_hold_alone(given_traces: Traces, order: list[int]) -> None:
    one, other = tree_of(given_traces), tree_of(given_traces[::-1])
    rank = np.array(order, np.int32)
    facts, tails = naive.facts_of(one, ALPHABET), sorted(map(str, tails_of(one)))
    for tree in (one, other):
        sums.close(tree, CODES)
    sums.rearrange(one, rank)
    sums.rearrange(other, rank)
    check_rows(one)
    renamed = Alphabet(ALPHABET.texts[order.index(number)] for number in range(3))
    assert naive.facts_of(one, renamed).keys() >= facts.keys() and len(tails) >= len(tails_of(one))
    for name in ("visits", "ends", "parent", "symbol", "first", "below"):
        assert (getattr(one.columns, name)[: len(one)] == getattr(other.columns, name)[: len(other)]).all(), name
    for name in ("keys", "counts", "child", "next"):
        assert (getattr(one.columns, name)[: one.edges] == getattr(other.columns, name)[: other.edges]).all(), name
    assert tails_of(one) == tails_of(other)


@given(traces, st.integers(0, 3))
def test_tails_are_packed_without_loss(given_traces: Traces, levels: int) -> None:
    tree = tree_of(given_traces)
    tree.grow_near(levels, CODES)  # leaves gaps
    before = tails_of(tree)
    sums.pack_tails(tree)
    assert sorted(map(str, tails_of(tree))) == sorted(map(str, before))
    assert tree.columns.size[TAILS] == len(before)
    assert tree.columns.size[STORED] == sum(len(tail) for _, tail in before)
    check_rows(tree)
    sums.close(tree, CODES)  # they can be grown from as before


def test_cells_of_sketches_stop_at_the_largest_number() -> None:
    shape = SketchShape(1, 1, 1)
    one, other = tree_of([["a"]] * 3, shape), tree_of([["a"]] * 3, shape)
    one.columns.sketch[0] = 2**31 - 2
    sums.add_to(sums.unbound(one), other, SAME, CODES)
    assert one.columns.sketch[0].item() == 2**31 - 1
    one.count(TraceBatch.from_traces([["a"]], ALPHABET), CODES)
    assert one.columns.sketch[0].item() == 2**31 - 1


def test_a_node_is_as_near_to_a_state_as_any_of_the_trees_says() -> None:
    one, other = tree_of([list("abc")] * 5), tree_of([list("abca")] * 5)
    one.columns.below[: len(one)] = [0, 1, 2, 3]
    other.columns.below[: len(other)] = [0, 1, 0, 1, 2]
    sums.add_to(sums.unbound(one), other, SAME, CODES)
    assert one.columns.below[: len(one)].tolist() == [0, 1, 0, 1, 2]
