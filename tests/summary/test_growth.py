"""Rows that a tree gets as it grows: how many, and where it stops, to the byte."""

from __future__ import annotations

import numpy as np
import pytest

from flexstream._kernels.growth import FREED, STORED, TAILS
from flexstream._kernels.states import place_nodes
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch
from flexstream.summary import columns as layout
from flexstream.summary import eviction
from flexstream.summary import tree as tree_of
from flexstream.summary.futures import seen_futures
from flexstream.summary.sketch import NO_SKETCH, PrefixSketchShape, SketchShape
from flexstream.summary.tree import UNLIMITED, PrefixTree

from ..strategies import count

WORDS = [["a", "b", "c"], ["a", "b", "d"], ["b", "c"]] * 30
"""Below the root: a (60), b (30); below a: b (60); below b: c (30); below ab: c and d (30 each)."""


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Rows that trees ask for from here on."""
    asked: list[tuple[int, int]] = []
    resize = layout.resize
    monkeypatch.setattr(layout, "resize", lambda c, n, e, sketch: asked.append((n, e)) or resize(c, n, e, sketch))
    return asked


def bare() -> PrefixTree:
    """Return a root with two edges, all else in tails, and rows for no more than a node besides."""
    tree, _ = count(WORDS, grow_at=10**6)
    place_nodes(tree.columns, np.array([0], np.int32))
    tree.columns = layout.resize(tree.columns, 2, 2, NO_SKETCH)
    return tree


def paths(tree: PrefixTree) -> set[tuple[int, ...]]:
    return {tuple(tree.path(node)) for node in range(len(tree))}


@pytest.mark.parametrize(("levels", "nodes", "edges"), [(0, 1, 2), (1, 3, 4), (2, 5, 6), (3, 7, 6), (9, 7, 6)])
def test_it_grows_so_many_levels_below_the_red(levels: int, nodes: int, edges: int) -> None:
    tree = bare()
    tree.grow_near(levels)
    assert (len(tree), tree.edges) == (nodes, edges)
    assert all(len(path) <= levels for path in paths(tree))


def test_it_does_not_grow_beyond_its_reach() -> None:
    tree = bare()
    tree.rules = tree.rules._replace(reach=2)
    tree.grow_near(9)
    assert max(map(len, paths(tree))) == 2


def test_rows_are_doubled_where_growth_wants_them(sizes: list[tuple[int, int]]) -> None:
    tree = bare()
    sizes.clear()
    tree.grow_near(3)
    assert sizes == [(4, 6), (8, 12)]
    assert (len(tree), tree.edges) == (7, 6)


@pytest.mark.parametrize("short", [0, 1])
def test_it_grows_up_to_its_limit_and_no_further(short: int) -> None:
    tree = bare()
    tree.limit = layout.tree_bytes(4, 6, NO_SKETCH) - short
    tree.grow_near(3)
    assert (len(tree), len(tree.columns.parent)) == ((1, 2) if short else (2, 4))
    assert layout.tree_bytes(len(tree.columns.parent), len(tree.columns.keys), NO_SKETCH) <= tree.limit


@pytest.mark.parametrize("most", [2, 3, 4, 5])
def test_it_grows_up_to_so_many_nodes(most: int) -> None:
    tree = bare()
    tree.most_nodes = most
    tree.grow_near(3)
    assert len(tree) == most


def test_nothing_is_lost_by_growing() -> None:
    tree = bare()
    before = tree.occurrences(4).tolist()
    for levels in (1, 2, 3):
        tree.grow_near(levels)
        assert tree.occurrences(4).tolist() == before
    assert tree.tails == 0


# --- rows as traces are counted --------------------------------------------------------------------------------------


def batch(traces: int, length: int, symbols: int, seed: int = 0) -> TraceBatch:
    drawn = np.random.default_rng(seed).integers(0, symbols, traces * length).astype(np.int32)
    return TraceBatch(drawn, np.arange(0, traces * length + 1, length))


def enlarged(
    nodes: int, edges: int, have: tuple[int, int], limit: int, rows: int, most: int = UNLIMITED
) -> tuple[int, int]:
    """Return the rows that a tree has after it asked for more, by hand."""

    def more(have: int, need: int) -> int:
        return max(8 * have if have < 8192 else 2 * have, need)

    wanted = min(most, more(have[0], nodes + rows)), more(have[1], edges + rows)
    both = layout.tree_bytes(*wanted, NO_SKETCH) <= limit
    grown = (
        wanted[0] if nodes + rows > (0.5 if both else 1.0) * have[0] else have[0],
        wanted[1] if edges + rows > (0.5 if both else 1.0) * have[1] else have[1],
    )
    if layout.tree_bytes(*grown, NO_SKETCH) <= limit and nodes + rows <= grown[0]:
        return grown
    return have


@pytest.mark.parametrize("have", [(64, 64), (128, 64), (64, 256), (9000, 9000)])
@pytest.mark.parametrize("used", [(20, 20), (33, 33), (64, 20), (60, 60), (64, 64)])
def test_rows_that_are_asked_for(have: tuple[int, int], used: tuple[int, int]) -> None:
    for rows in (1, 4):
        least = layout.tree_bytes(*have, NO_SKETCH)
        exact = layout.tree_bytes(8 * have[0] if have[0] < 8192 else 18_000, have[1], NO_SKETCH)
        for limit in (UNLIMITED, least, exact - 1, exact):
            for most in (UNLIMITED, have[0]):
                tree = PrefixTree(grow_at=2)
                tree.columns = layout.allocate(*have, 0, 0, NO_SKETCH)
                tree.columns.size[0], tree.columns.size[1] = used
                tree.columns.size[tree_of.WANTED] = rows
                tree.limit, tree.most_nodes, tree.capacity = limit, most, 2 * limit
                wanted = enlarged(*used, have, limit, rows, most)
                if wanted == have:  # then something is evicted instead, which takes a true tree
                    continue
                assert tree._enlarge(3) is None
                assert (len(tree.columns.parent), len(tree.columns.keys)) == wanted


def test_a_tree_that_grows_at_once_wants_rows_for_a_whole_trace() -> None:
    tree = PrefixTree(grow_at=1)
    tree.count(TraceBatch(np.arange(5000, dtype=np.int32), np.array([0, 5000])))
    assert (len(tree), tree.edges) == (5001, 5000)
    assert (len(tree.columns.parent), len(tree.columns.keys)) == (
        5002,
        5001,
    )  # a node and an edge for each, and one more


# --- tails ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tails", "stored", "length", "rows", "store"),
    [
        (2, 0, 10, 64, 200),  # the first
        (64, 100, 10, 128, 200),  # all rows in use
        (30, 100, 10, 64, 200),  # the store is full
        (30, 100, 150, 64, 250),  # more than twice the store
        (30, 90, 10, 64, 100),  # it fits
    ],
)
def test_rows_of_tails_are_doubled(tails: int, stored: int, length: int, rows: int, store: int) -> None:
    tree = PrefixTree(grow_at=10**6)
    tree.columns = layout.resize_tails(tree.columns, 2 if tails == 2 else 64, 100)
    tree.columns.size[TAILS], tree.columns.size[STORED], tree.columns.size[FREED] = tails, stored, -1
    tree._enlarge_tails(length)
    assert (len(tree.columns.tail_start), len(tree.columns.store)) == (rows, store)


def test_a_freed_row_is_used_before_there_are_more() -> None:
    tree = PrefixTree(grow_at=10**6)
    tree.columns = layout.resize_tails(tree.columns, 64, 100)
    tree.columns.size[TAILS], tree.columns.size[STORED], tree.columns.size[FREED] = 64, 50, 7
    tree._enlarge_tails(10)
    assert (len(tree.columns.tail_start), len(tree.columns.store)) == (64, 100)


@pytest.mark.parametrize("short", [0, 1])
def test_tails_take_half_of_the_capacity(short: int) -> None:
    """64 rows of 24 bytes and a store of 200 symbols are 2,336 bytes."""
    tree = PrefixTree(grow_at=10**6, capacity=2 * (2336 - short))
    tree.columns = layout.resize_tails(tree.columns, 64, 100)
    columns = tree.columns
    columns.size[TAILS], columns.size[STORED], columns.size[FREED] = 30, 95, -1
    columns.tail_start[:30], columns.tail_stop[:30] = np.arange(30) * 3, np.arange(30) * 3 + 3
    tree._enlarge_tails(10)
    assert len(tree.columns.store) == (100 if short else 200)
    assert tree.evicted_tails == (30 if short else 0)
    assert tree.evicted_events == (90 if short else 0)


def test_what_is_evicted_while_a_tree_is_thin_is_told_apart() -> None:
    tree = bare()
    tree.capacity = 10**6
    tree.limit = 1000
    tails = tree.tails
    tree._evict_tails()
    assert (tree.evicted_tails, tree.thinned_tails) == (tails, tails)
    assert (tree.columns.tails[: tree.edges] == -1).all()
    assert [int(tree.columns.size[row]) for row in (TAILS, STORED, FREED)] == [0, 0, -1]
    other = bare()
    other._evict_tails()
    assert (other.evicted_tails, other.thinned_tails) == (tails, 0)


# --- thinning --------------------------------------------------------------------------------------------------------


def large() -> PrefixTree:
    tree = PrefixTree(grow_at=2, capacity=10**9)
    tree.count(batch(6000, 12, 5))
    place_nodes(tree.columns, np.array([0], np.int32))
    return tree


def test_a_tree_is_thinned_to_what_the_cache_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = large()
    before, edges, tails = len(tree), tree.edges, tree.tails
    monkeypatch.setattr(tree_of, "CACHED", 100_000)
    renumbering = tree.thin()
    assert tree.limit == 100_000
    assert layout.tree_bytes(len(tree.columns.parent), len(tree.columns.keys), NO_SKETCH) <= 100_000
    assert (
        (tree.thinned_nodes, tree.thinned_edges)
        == (before - len(tree), edges - tree.edges)
        == (
            tree.evicted_nodes,
            tree.evicted_edges,
        )
    )
    assert tree.thinned_tails == tree.evicted_tails == tails
    assert np.count_nonzero(renumbering >= 0) == len(tree) < before


def test_what_is_near_the_states_is_never_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is doubled until it holds all within `SURE` levels, here 1 + 5 + 25 + 125 nodes and more."""
    tree = large()
    near = {path for path in paths(tree) if len(path) <= tree_of.SURE}
    monkeypatch.setattr(tree_of, "CACHED", 1000)
    tree.thin()
    assert near <= paths(tree)
    assert tree.limit in {1000 << power for power in range(20)}
    tree.limit //= 2
    assert not tree._holds_near()


def test_a_tree_as_large_as_its_rows_is_left_as_it_is() -> None:
    tree = large()
    before = paths(tree)
    assert tree.thin().tolist() == list(range(len(tree)))
    assert paths(tree) == before and tree.thinned_nodes == 0


def test_edges_that_the_cache_does_not_hold_are_thinned_though_the_nodes_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is far from the states has many edges, of which none came often enough to grow."""
    far = tree_of.SURE + 2
    tree = PrefixTree(grow_at=1, capacity=10**9)
    tree.count(TraceBatch(np.arange(far, dtype=np.int32), np.array([0, far])))
    tree.rules = tree.rules._replace(grow_at=10**6)
    traces = [[*range(far), far + number] for number in range(20_000)]
    tree.count(TraceBatch(np.array(traces, np.int32).ravel(), np.arange(0, 20_000 * (far + 1) + 1, far + 1)))
    place_nodes(tree.columns, np.array([0], np.int32))
    assert (len(tree), tree.edges) == (far + 1, far + 20_000)
    tree.columns = layout.resize(tree.columns, 4096, len(tree.columns.keys), NO_SKETCH)
    monkeypatch.setattr(tree_of, "CACHED", 500_000)
    tree.thin()
    assert len(tree) > tree_of.SURE
    assert layout.tree_bytes(len(tree.columns.parent), len(tree.columns.keys), NO_SKETCH) <= tree.limit == 500_000
    assert tree.thinned_edges == far + 20_000 - tree.edges > 0


def test_constants_of_trees() -> None:
    assert (layout.SMALL, UNLIMITED) == (8192, tree_of.UNLIMITED)
    assert (eviction.SPARE, eviction.NEAREST, eviction._MOST) == (0.7, 2, 2**40)


# --- columns -------------------------------------------------------------------------------------------------------


def test_symbols_of_the_tails_that_are_kept() -> None:
    """Of three tails in the store the second is gone."""
    tree = PrefixTree()
    tree.columns = layout.resize_tails(tree.columns, 64, 10)
    columns = tree.columns
    columns.store[:8] = [5, 6, 7, 8, 9, 1, 2, 6]
    columns.tail_start[:3], columns.tail_stop[:3] = [5, -1, 0], [8, 4, 2]
    columns.size[TAILS], columns.size[STORED] = 3, 8
    assert tree.occurrences(8).tolist() == [0, 1, 1, 0, 0, 1, 2, 0]
    assert tree.occurrences(3).tolist() == [0, 1, 1]
    columns.size[STORED] = columns.size[TAILS] = 0
    assert not tree.occurrences(8).any()


def test_edges_and_paths() -> None:
    tree, alphabet = count([["a", "b", "a"], ["a", "c"], ["b"]] * 3, grow_at=1)
    a, b, c = (alphabet.id(symbol) for symbol in "abc")
    assert layout.edge_totals(tree.columns, 4).tolist() == [9, 6, 3, 0]
    node = next(n for n in range(len(tree)) if tree.path(n) == [a])
    assert tree.counts_of(node) == {b: 3, c: 3} == layout.edge_counts(tree.columns, list(tree.edges_of(node)))
    deep = next(n for n in range(len(tree)) if tree.path(n) == [a, b, a])
    assert (layout.path_to(tree.columns, deep), layout.path_to(tree.columns, 0)) == ([a, b, a], [])
    newest = [int(tree.columns.keys[edge] & 0xFFFFFFFF) for edge in tree.edges_of(0)]
    assert newest == [b, a]  # the newest first
    assert repr(tree) == f"PrefixTree({len(tree)} nodes, {tree.edges} edges, 9 traces)"


def test_a_compacted_tree_is_the_same_without_what_went() -> None:
    tree, _ = count([["a", "b", "a"], ["a", "c"], ["b"]] * 3, grow_at=1)
    gone = next(n for n in range(len(tree)) if len(tree.path(n)) == 3)
    before = {tuple(tree.path(n)): tree.counts_of(n) for n in range(len(tree)) if n != gone}
    keep = np.arange(len(tree)) != gone
    renumbering = layout.compact(tree.columns, keep, np.ones(tree.edges, np.bool_))
    assert renumbering.tolist() == [(-1 if n == gone else n - (n > gone)) for n in range(len(keep))]
    assert {tuple(tree.path(n)): tree.counts_of(n) for n in range(len(tree))} == before
    for edge in range(tree.edges):
        child = int(tree.columns.child[edge])
        assert child < 0 or int(tree.columns.parent[child]) == int(tree.columns.keys[edge]) >> 32


# --- futures -------------------------------------------------------------------------------------------------------


def test_futures_are_listed_the_most_frequent_first() -> None:
    """a six times, then its end; b twice, then its end."""
    shape = SketchShape(futures=2, depth=2, width=1000)
    tree, alphabet = count([["a"]] * 6 + [["b"]] * 2, shape)
    from flexstream.stream.hashing import symbol_code

    found = seen_futures(tree, np.array([symbol_code(text, 0) for text in alphabet], np.uint64))
    weights = []
    for length, *cells in found.tolist():
        rows = tree.columns.sketch[: len(tree), length]
        weights.append(int(min(rows[:, row, cell].sum() for row, cell in enumerate(cells))))
    assert weights == sorted(weights, reverse=True)
    assert sorted(found[:, 0].tolist()) == [0, 0, 0, 1, 1, 1]  # a, b, the end; a end, b end, the end


def test_prefix_sketches_have_no_futures_by_length() -> None:
    tree = PrefixTree(PrefixSketchShape(5))
    with pytest.raises(
        TypeError, match=r"PrefixSketchShape\(counters=5, copies=0\) does not count futures by their length"
    ):
        seen_futures(tree, np.empty(0, np.uint64))


def test_symbols_that_came_in_tails_only_have_room_for_their_edges() -> None:
    traces, alphabet = [["load", f"lot {number}"] for number in range(3000)], Alphabet()
    tree = PrefixTree(grow_at=2500)
    tree.count(TraceBatch.from_traces(traces, alphabet))
    assert (tree.traces, tree.edges, len(tree)) == (3000, 3001, 501)
    assert tree.edges <= len(tree.columns.keys)
