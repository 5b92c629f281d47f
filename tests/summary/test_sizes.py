"""How a tree lives within its budget: what its rows take, when it grows, what it gives up first; by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.growth import STORED, TAILS
from flexstream._kernels.hints import EDGE, NODE, TAIL
from flexstream.errors import UsageError
from flexstream.stream.batch import TraceBatch
from flexstream.summary import columns as columns_of
from flexstream.summary import eviction
from flexstream.summary import tree as tree_of
from flexstream.summary.sketch import NO_SKETCH, PrefixSketchShape, SketchShape
from flexstream.summary.tree import PrefixTree

SHAPES = [NO_SKETCH, SketchShape(2, 2, 8), PrefixSketchShape(5)]


@given(st.integers(2, 300), st.integers(2, 300), st.sampled_from(SHAPES))
def test_rows_take_what_is_reckoned(nodes: int, edges: int, sketch: SketchShape) -> None:
    columns = columns_of.allocate(nodes, edges, 0, 0, sketch)
    tails = sum(getattr(columns, name).nbytes for name in columns_of.TAIL_COLUMNS)
    taken = sum(column.nbytes for column in columns) - tails
    padding = 8 * nodes + 8 * edges  # the columns of a row are padded to whole words
    assert taken <= columns_of.tree_bytes(nodes, edges, sketch) <= taken + padding
    assert len(columns.slots) == columns_of.slots_for(edges)


def test_rows_take_so_many_bytes() -> None:
    """32 bytes a node (two of 8, four of 4), 32 an edge (two of 8, three of 4, padding), 24 a tail; 10 sizes."""
    assert (columns_of.NODE_BYTES, columns_of.EDGE_BYTES, columns_of.TAIL_BYTES) == (32, 32, 24)
    assert columns_of.tree_bytes(10, 20, NO_SKETCH) == 10 * 32 + 20 * 32 + 4 * 64 + 10 * 8
    assert columns_of.tree_bytes(10, 20, SketchShape(1, 2, 3)) == 10 * (32 + 24) + 20 * 32 + 4 * 64 + 10 * 8


@pytest.mark.parametrize(
    ("edges", "slots"), [(1, 16), (8, 16), (9, 32), (16, 32), (17, 64), (1000, 2048), (1024, 2048)]
)
def test_a_table_is_at_most_half_full(edges: int, slots: int) -> None:
    assert columns_of.slots_for(edges) == slots >= 2 * edges


@pytest.mark.parametrize(
    ("have", "need", "get"),
    [(64, 65, 512), (8191, 8192, 8 * 8191), (8192, 8193, 2 * 8192), (64, 9999, 9999), (10_000, 50_000, 50_000)],
)
def test_rows_become_eight_times_as_many_then_twice(have: int, need: int, get: int) -> None:
    assert columns_of.more_rows(have, need) == get


@pytest.mark.parametrize(
    ("weights", "excess", "least"),
    [
        ([5, 3, 9, 1], 0, 0),
        ([5, 3, 9, 1], 1, 2),
        ([5, 3, 9, 1], 1.2, 4),
        ([5, 3, 9, 1], 3, 6),
        ([5, 3], 9, 6),
        ([], 2, 0),
    ],
)
def test_the_lightest_rows_go(weights: list[int], excess: float, least: int) -> None:
    assert eviction._lightest(np.array(weights, np.int64), excess) == least
    assert sum(weight < least for weight in weights) >= min(excess, len(weights))


@given(st.lists(st.integers(0, 9), max_size=30), st.floats(-2, 40))
def test_no_more_rows_go_than_must(weights: list[int], excess: float) -> None:
    least = eviction._lightest(np.array(weights, np.int64), excess)
    if least:
        assert sum(weight < least - 1 for weight in weights) < excess


def test_a_new_tree_is_a_root_alone() -> None:
    tree = PrefixTree()
    columns = tree.columns
    assert (len(tree), tree.edges, tree.tails, tree.traces) == (1, 0, 0, 0)
    assert (len(columns.parent), len(columns.keys)) == (64, 64)
    assert (columns.parent[0], columns.symbol[0], columns.first[0]) == (-1, -1, -1)
    assert (columns.slots == -1).all()
    assert columns.size.tolist() == [1, 0, 0, 0, -1, 0, 0, 0, 0, 0]
    assert len(PrefixTree(nodes=5).columns.parent) == 5


def test_growth_rules_follow_from_the_parameters() -> None:
    tree = PrefixTree(grow_at=3, reach=4, capacity=1600)
    assert tuple(tree.rules) == (3, 1, tree_of.UNLIMITED, 4, 99)
    assert (tree.limit, tree.most_nodes) == (800, tree_of.UNLIMITED)
    free = PrefixTree(nodes=7)
    assert tuple(free.rules) == (2, 1, tree_of.UNLIMITED, tree_of.UNLIMITED, tree_of.UNLIMITED)
    assert (free.limit, free.most_nodes) == (tree_of.UNLIMITED, 7)
    assert PrefixTree(keep_tails=False, capacity=1600).rules.longest == -1


def test_bounds_of_what_is_refused() -> None:
    for right in ({"grow_at": 1}, {"reach": 1}, {"capacity": 0}, {"nodes": 2}):
        PrefixTree(**right)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="`nodes` is 1"):
        PrefixTree(nodes=1)
    shape = SketchShape(1, 1, 25)  # 100 bytes a node
    assert PrefixTree(shape, capacity=6400).sketch == shape
    with pytest.raises(UsageError, match="do not fit"):
        PrefixTree(shape, capacity=6399)


@pytest.mark.parametrize("limit", [10**9, 96_000, 40_000, 5000, 0])
def test_capacity_shrinks_by_eighths_until_it_fits(limit: int) -> None:
    tree = PrefixTree()
    tree.columns = columns_of.allocate(1000, 2000, 0, 0, NO_SKETCH)
    tree.limit = limit
    assert tree._rows == capacity_by_hand(limit, 1000, 2000)
    tree.most_nodes = 100
    assert tree._rows == capacity_by_hand(limit, 100, 2000)


def test_capacity_of_some_limits() -> None:
    assert capacity_by_hand(10**9, 1000, 2000) == (1000, 2000)
    # One step: 875 and 1750 rows and a table of 4096 take 28,000 + 56,000 + 16,384 + 72 = 100,456 bytes.
    assert capacity_by_hand(100_456, 1000, 2000) == (875, 1750)
    assert capacity_by_hand(100_455, 1000, 2000) == (765, 1531)


def capacity_by_hand(limit: int, nodes: int, edges: int) -> tuple[int, int]:
    """Take an eighth off both until they fit, or no more than 64 nodes are left."""
    while True:
        table = 16
        while table < 2 * edges:
            table *= 2
        if 32 * nodes + 32 * edges + 4 * table + 72 <= limit or nodes <= 64:
            return nodes, edges
        nodes, edges = nodes - -(-nodes // 8), edges - -(-edges // 8)


def grown(**rules: int | None) -> PrefixTree:
    """Return a tree of random traces of ten events that decay towards frequent symbols."""
    random = np.random.default_rng(7)
    tree = PrefixTree(grow_at=2, **rules)  # type: ignore[arg-type]
    for _ in range(30):
        symbols = (random.integers(0, 6, 5000) * random.random(5000)).astype(np.int32)
        tree.count(TraceBatch(symbols, np.arange(0, 5001, 10)))
    return tree


def test_a_tree_of_few_nodes_keeps_the_heaviest() -> None:
    tree, whole = grown(nodes=40), grown()
    assert len(tree) <= 40
    assert tree.evicted_nodes > 0
    assert tree.rules.grow_at >= 2
    assert tree.rules.hold >= 2
    kept = {tuple(tree.path(node)) for node in range(len(tree))}
    heaviest = sorted(range(len(whole)), key=lambda node: -int(whole.columns.visits[node]))[:3]
    assert {tuple(whole.path(node)) for node in heaviest} <= kept
    for node in range(len(tree)):
        assert tree.columns.below[node] <= tree.rules.reach + 1


def test_giving_up_counts_what_goes() -> None:
    tree = grown()
    nodes, edges, visits = len(tree), tree.edges, tree.columns.visits[: len(tree)].copy()
    paths = [tuple(tree.path(node)) for node in range(nodes)]
    tree.most_nodes = 60
    tails, events = tree.tails, tree.occurrences(6).sum() - tree.totals(6)[1].sum()
    renumbering = tree._evict()
    assert (tree.evicted_nodes, tree.evicted_edges) == (nodes - len(tree), edges - tree.edges)
    assert tree.evicted_tails == tails and tree.tails == 0
    assert tree.evicted_events == events
    assert len(tree) <= 0.7 * 60
    assert renumbering.max() == len(tree) - 1
    for old, new in enumerate(renumbering.tolist()):
        if new >= 0:
            assert tuple(tree.path(new)) == paths[old]
            assert tree.columns.visits[new] == visits[old]


def test_what_is_near_stays_before_what_is_heavy() -> None:
    tree = grown()
    levels = tree.columns.below[: len(tree)].copy()
    tree.most_nodes = 1 + 2 * int((levels <= 3).sum())
    renumbering = tree._evict()
    near = levels <= eviction.NEAREST
    assert (renumbering[near] >= 0).all()
    assert tree.rules.reach >= eviction.NEAREST
    assert (levels[renumbering >= 0] <= tree.rules.reach).all()


def test_every_event_is_held_or_counted_as_given_up() -> None:
    tree, random = PrefixTree(grow_at=400, capacity=100_000), np.random.default_rng(2)
    for _ in range(120):
        tree.count(TraceBatch(random.integers(0, 3, 400).astype(np.int32), np.arange(0, 401, 8)))
        columns, size = tree.columns, tree.columns.size
        live = columns.tail_start[: size[TAILS]] >= 0
        lengths = (columns.tail_stop - columns.tail_start)[: size[TAILS]][live]
        assert lengths.sum() <= size[STORED] <= len(columns.store)
        assert columns_of.TAIL_BYTES * len(columns.tail_start) + columns.store.nbytes <= 50_000
        assert tree.occurrences(3).sum() + tree.evicted_events == tree.traces * 8
    assert tree.evicted_tails > 1000
    assert tree.evicted_nodes == 0


def test_tails_move_together_before_any_is_given_up() -> None:
    """Of 34 tails 25 have gone: their gaps hold the next one."""
    tree = PrefixTree(grow_at=10**6, capacity=2 * 4700)
    tree.count(TraceBatch(np.tile(np.arange(13, dtype=np.int32), 34), np.arange(0, 34 * 13 + 1, 13)))
    columns = tree.columns
    kept = [tail for tail in range(34) if tail % 4 == 1]
    columns.tail_start[[tail for tail in range(34) if tail % 4 != 1]] = -1
    columns.tails[0] = kept[-1]
    columns.tail_next[kept] = [-1, *kept[:-1]]
    before = [columns.store[columns.tail_start[tail] : columns.tail_stop[tail]].tolist() for tail in kept]
    assert (columns.size[STORED], len(columns.store)) == (408, 416)
    tree._enlarge_tails(60)
    columns = tree.columns
    assert (tree.evicted_tails, columns.size[STORED]) == (0, 108)
    assert [columns.store[columns.tail_start[tail] : columns.tail_stop[tail]].tolist() for tail in kept] == before
    tree._enlarge_tails(500)  # more than 70 % of the store
    assert (tree.evicted_tails, tree.evicted_events, tree.tails) == (9, 108, 0)
    assert len(tree.columns.store) == 500


def test_a_copy_has_all_that_the_tree_has() -> None:
    tree = grown(capacity=300_000, reach=4)
    twin = tree.copy()
    used = {NODE: len(tree), EDGE: tree.edges, TAIL: int(tree.columns.size[TAILS])}
    for kind, number in used.items():
        for name in columns_of.names_of(type(tree.columns), kind):
            assert getattr(twin.columns, name)[:number].tolist() == getattr(tree.columns, name)[:number].tolist()
    stored = int(tree.columns.size[STORED])
    assert twin.columns.store[:stored].tolist() == tree.columns.store[:stored].tolist()
    assert twin.columns.size.tolist() == tree.columns.size.tolist()
    for name in ("rules", "capacity", "limit", "most_nodes", "evicted_nodes", "evicted_edges", "sketch"):
        assert getattr(twin, name) == getattr(tree, name)
    assert twin.nbytes == tree.nbytes
    assert not any(np.shares_memory(a, b) for a, b in zip(twin.columns, tree.columns, strict=True) if a.size)


def test_shapes_are_values() -> None:
    assert SketchShape(1, 2, 3) == SketchShape(1, 2, 3) != SketchShape(1, 2, 4)
    with pytest.raises(dataclasses.FrozenInstanceError):
        NO_SKETCH.width = 3  # type: ignore[misc]
