"""Tables, lists and levels of a tree: the kernels against their twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.folding import enter_children
from flexstream._kernels.growth import EDGES, NODES, STORED, TAILS, compact_tails, relink
from flexstream._kernels.keys import make_keys, split_keys
from flexstream._kernels.shortlist import GROUPS, share_groups
from flexstream._kernels.states import nearest_below, place_nodes
from flexstream._kernels.table import rebuild
from flexstream.merging.fold import open_fold
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.hashing import symbol_code
from flexstream.summary.sketch import NO_SKETCH, SketchShape
from flexstream.summary.tree import PrefixTree

from .. import naive
from ..strategies import Traces, count, traces

numbers = st.integers(0, 2**31 - 1)
pairs = st.lists(st.tuples(numbers, numbers), max_size=30)


@pytest.mark.twin("keys.make_keys", "keys.split_keys")
@given(pairs)
def test_keys_and_back(given_pairs: list[tuple[int, int]]) -> None:
    nodes = np.array([node for node, _ in given_pairs], np.int64)
    symbols = np.array([symbol for _, symbol in given_pairs], np.int32)
    keys = make_keys(nodes, symbols)
    assert keys.dtype == np.int64
    assert keys.tolist() == naive.keys(given_pairs)
    back = split_keys(keys)
    assert list(zip(*(half.tolist() for half in back), strict=True)) == naive.pairs_of(keys.tolist()) == given_pairs


@pytest.mark.twin("keys.make_keys")
def test_small_nodes_do_not_overflow() -> None:
    keys = make_keys(np.array([2**31 - 1], np.int32), np.array([2**31 - 1], np.int32))
    assert keys.tolist() == naive.keys([(2**31 - 1, 2**31 - 1)])


@pytest.mark.twin("table.rebuild")
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), max_size=60, unique=True))
def test_tables_are_probed_from_the_same_places(given_pairs: list[tuple[int, int]]) -> None:
    keys = np.array(naive.keys(given_pairs), np.int64)
    slots = np.full(128, 77, np.int32)
    rebuild(slots, keys, len(keys))
    assert slots.tolist() == naive.table(keys.tolist(), 128)


@pytest.mark.twin("growth.relink")
@given(traces, st.integers(1, 3))
def test_edges_are_linked_newest_first(given_traces: Traces, grow_at: int) -> None:
    tree, _ = count(given_traces, grow_at=grow_at)
    keys = tree.columns.keys[: tree.edges].tolist()
    tree.columns.first[:] = tree.columns.next[:] = 99
    relink(tree.columns)
    wanted = naive.lists([node for node, _ in naive.pairs_of(keys)])
    assert {node: list(tree.edges_of(node)) for node in range(len(tree)) if node in wanted} == wanted
    assert all(tree.columns.first[node] == -1 for node in range(len(tree)) if node not in wanted)
    assert tree.columns.slots.tolist() == naive.table(keys, len(tree.columns.slots))


@pytest.mark.twin("growth.compact_tails")
@given(traces, st.data())
def test_tails_move_to_the_front(given_traces: Traces, draw: st.DataObject) -> None:
    tree, _ = count(given_traces, grow_at=10**6)
    columns, tails = tree.columns, int(tree.columns.size[TAILS])
    kept = np.flatnonzero(draw.draw(st.lists(st.booleans(), min_size=tails, max_size=tails)))
    order = kept[np.argsort(columns.tail_start[kept], kind="stable")]
    wanted, bounds = naive.packed([tail_of(tree, tail) for tail in order.tolist()])
    compact_tails(columns, order)
    assert columns.size[STORED] == len(wanted)
    assert columns.store[: len(wanted)].tolist() == wanted
    assert list(zip(columns.tail_start[order].tolist(), columns.tail_stop[order].tolist(), strict=True)) == bounds


def tail_of(tree: PrefixTree, tail: int) -> list[int]:
    """Return the symbols of a tail."""
    found: list[int] = tree.columns.store[tree.columns.tail_start[tail] : tree.columns.tail_stop[tail]].tolist()
    return found


@pytest.mark.twin("folding.enter_children")
@given(traces, st.integers(1, 3), st.booleans())
def test_every_node_knows_its_edge(given_traces: Traces, grow_at: int, merged: bool) -> None:
    fold = open_fold(count(given_traces, grow_at=grow_at)[0])
    if merged:
        fold.child[-1:] = 0  # as a fold into the root leaves it
    fold.entry[:], fold.colour[:] = 99, 3
    enter_children(fold)
    assert fold.entry.tolist() == naive.entries(fold.child.tolist(), len(fold.visits))
    assert not fold.colour.any()


@pytest.mark.twin("states.place_nodes", "states.nearest_below")
@given(traces, st.data())
def test_levels_below_red_nodes(given_traces: Traces, draw: st.DataObject) -> None:
    tree, _ = count(given_traces, grow_at=1)
    reds = draw.draw(st.lists(st.integers(0, len(tree) - 1), max_size=5, unique=True))
    tree.columns.below[:] = 99
    place_nodes(tree.columns, np.array(reds, np.int32))
    parents = tree.columns.parent[: len(tree)].tolist()
    levels = tree.columns.below[: len(tree)].tolist()
    assert levels == naive.levels_below(parents, reds)
    assert nearest_below(tree.columns).tolist() == naive.least_levels(parents, levels)


@pytest.mark.twin("shortlist.share_groups")
@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=80))
def test_groups_are_the_naive_ones(base: list[float]) -> None:
    assert share_groups(np.array(base)).tolist() == pytest.approx(naive.group_shares(base, GROUPS))


SHAPES = (SketchShape(2, 2, 8), NO_SKETCH)


def code_of(symbol: str | None) -> int:
    """Return the hash of a symbol, or of the end."""
    return naive.END_CODE if symbol is None else symbol_code(symbol, 0)


def codes_of(alphabet: Alphabet) -> np.ndarray:
    """Return the hash of each symbol."""
    return np.array([code_of(text) for text in alphabet], np.uint64)


def assert_same(tree: PrefixTree, alphabet: Alphabet, twin: naive.Node) -> None:
    """Check that a tree counts what its twin counts, in its sketches too."""
    assert naive.facts_of(tree, alphabet) == naive.facts(twin)
    if tree.sketch.futures:
        assert naive.sketches_of(tree, alphabet) == naive.sketches(twin, code_of, 2, 8)


@pytest.mark.twin("growth.grow_tails")
@given(traces, st.integers(1, 6), st.integers(0, 4), st.sampled_from(SHAPES))
def test_tails_near_the_root_grow(given_traces: Traces, grow_at: int, levels: int, shape: SketchShape) -> None:
    tree, alphabet = count(given_traces, shape, grow_at=grow_at)
    root = naive.grow(given_traces, grow_at, futures=shape.futures)
    assert_same(tree, alphabet, root)
    tree.grow_near(levels, codes_of(alphabet))
    naive.grow_near(root, levels)
    assert_same(tree, alphabet, root)
    assert tree.columns.size[[NODES, EDGES]].tolist() == [len(tree), tree.edges]


@pytest.mark.twin("addition.add_tree")
@given(traces, traces, st.integers(1, 4), st.integers(1, 4), st.sampled_from(SHAPES))
def test_trees_add_up_node_by_node(one: Traces, other: Traces, grow_at: int, grow_at2: int, shape: SketchShape) -> None:
    first, names = count(one, shape, grow_at=grow_at)
    second, others = count(other, shape, grow_at=grow_at2)
    twin = naive.grow(one, grow_at, futures=shape.futures)
    naive.add(twin, naive.grow(other, grow_at2, futures=shape.futures))
    symbol_map = names.adopt(others)
    first.add(second, symbol_map, codes_of(names))
    assert_same(first, names, twin)
    first.grow_near(20, codes_of(names))
    naive.grow_near(twin, 20)  # what waits as tails is the same as well
    assert_same(first, names, twin)
