"""The prefix tree: counting, growth, adding up, and living within a budget."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import UsageError
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch
from flexstream.stream.hashing import symbol_code
from flexstream.summary.sketch import NO_SKETCH, SketchShape, estimate
from flexstream.summary.tree import PrefixTree

from .. import naive
from ..strategies import Traces, count, traces

SKETCH = SketchShape(futures=3, depth=2, width=16)


def codes_of(alphabet: Alphabet) -> np.ndarray:
    """Return the codes that ``count`` uses."""
    return np.array([symbol_code(text, 0) for text in alphabet], np.uint64)


@pytest.mark.twin("growth.count_traces")
@given(traces, st.integers(1, 5), st.none() | st.integers(1, 4), st.integers(0, 3))
def test_tree_equals_naive_tree(given_traces: Traces, grow_at: int, reach: int | None, futures: int) -> None:
    shape = SketchShape(futures, 2, 8) if futures else NO_SKETCH
    tree, alphabet = count(given_traces, shape, grow_at=grow_at, reach=reach)
    twin = naive.grow(given_traces, grow_at, np.inf if reach is None else reach, futures)
    assert naive.facts_of(tree, alphabet) == naive.facts(twin)
    if futures:
        assert naive.sketches_of(tree, alphabet) == naive.sketches(twin, code_of, 2, 8)


@pytest.mark.twin("growth.count_traces")
@pytest.mark.parametrize(("grow_at", "reach"), [(1, None), (3, None), (1, 36), (20, 34)])
def test_many_long_traces_make_the_tree_of_one_by_one(grow_at: int, reach: int | None) -> None:
    """Traces find their way side by side; what one of them makes, and how far it goes, those beside it must see."""
    draw = np.random.default_rng(grow_at)
    trunk = draw.choice(list("abc"), 90)
    given_traces = []
    for _ in range(500):
        cut, rest = int(draw.integers(0, 90)), int(draw.integers(0, 4))
        given_traces.append([*trunk[:cut].tolist(), *draw.choice(list("abcde"), rest).tolist()])
    tree, alphabet = count(given_traces, grow_at=grow_at, reach=reach)
    single = PrefixTree(grow_at=grow_at, reach=reach)
    for trace in given_traces:
        single.count(TraceBatch.from_traces([trace], alphabet))
    for name in ("visits", "ends", "parent", "symbol", "first"):
        assert (getattr(tree.columns, name)[: len(tree)] == getattr(single.columns, name)[: len(tree)]).all()
    for name in ("keys", "counts", "child", "next", "tails"):
        assert (getattr(tree.columns, name)[: tree.edges] == getattr(single.columns, name)[: tree.edges]).all()
    assert tree.tails == single.tails and len(tree) == len(single) and tree.edges == single.edges
    twin = naive.grow(given_traces, grow_at, np.inf if reach is None else reach)
    assert naive.facts_of(tree, alphabet) == naive.facts(twin)


def code_of(symbol: str | None) -> int:
    """Return the hash of a symbol, or of the end."""
    return naive.END_CODE if symbol is None else symbol_code(symbol, 0)


@given(traces, st.integers(1, 4), st.data())
def test_batches_make_no_difference(given_traces: Traces, grow_at: int, draw: st.DataObject) -> None:
    cut = draw.draw(st.integers(0, len(given_traces)))
    whole, alphabet = count(given_traces, grow_at=grow_at)
    batch = TraceBatch.from_traces(given_traces, alphabet)
    parts = PrefixTree(grow_at=grow_at)
    parts.count(batch.part(0, cut))
    parts.count(batch.part(cut, len(batch)))
    for name in ("visits", "ends", "parent", "symbol", "first"):
        column = getattr(whole.columns, name)[: len(whole)]
        assert np.array_equal(column, getattr(parts.columns, name)[: len(parts)])


@given(traces)
def test_sketch_rows_sum_to_visits_and_never_underestimate(given_traces: Traces) -> None:
    tree, alphabet = count(given_traces, SKETCH, grow_at=1)
    rows = tree.columns.sketch[: len(tree)]
    assert (rows.sum(axis=3) == tree.columns.visits[: len(tree), None, None]).all()
    codes = {text: symbol_code(text, 0) for text in alphabet}
    for (_, *future), true in naive.grow(given_traces, futures=3).futures.items():
        ended = future[-1] is None
        symbols = [codes[symbol] for symbol in future if symbol is not None]
        assert estimate(rows[0], symbols, ended) >= true


@pytest.mark.twin("futures.future_cells")
@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4), st.integers(1, 3), st.integers(1, 1000))
def test_cells_equal_naive_cells(codes: list[int], depth: int, width: int) -> None:
    from flexstream._kernels.futures import future_cells

    cells = future_cells(np.array(codes, np.uint64), False, depth, width)
    assert cells.tolist() == [naive.future_cell(codes, row, width) for row in range(depth)]


def test_hash_spreads_structured_codes() -> None:
    from flexstream._kernels.futures import future_cells

    cells = [future_cells(np.array([a, b], np.uint64), False, 1, 64)[0] for a in range(64) for b in range(64)]
    load = np.bincount(cells, minlength=64)
    # 4096 futures in 64 cells: chi squared with 63 degrees of freedom stays below 120 but once in 10^5.
    assert ((load - 64) ** 2 / 64).sum() < 120


def test_estimate_refuses_longer_futures() -> None:
    with pytest.raises(ValueError, match="lengths 1 to 3"):
        estimate(np.zeros(SKETCH.dimensions, np.int32), [1, 2, 3, 4])


@given(st.lists(traces, min_size=2, max_size=3))
def test_pieces_add_up_to_the_whole_in_any_order(pieces: list[Traces]) -> None:
    whole, alphabet = count([trace for piece in pieces for trace in piece], SKETCH, grow_at=1)
    for order in permutations(range(len(pieces))):
        total, names = PrefixTree(SKETCH, grow_at=1), Alphabet()
        for index in order:
            tree, own = count(pieces[index], SKETCH, grow_at=1)
            symbol_map = names.adopt(own)
            total.add(tree, symbol_map, codes_of(names))
        assert naive.facts_of(total, names) == naive.facts_of(whole, alphabet)
        assert _sketches(total, names) == _sketches(whole, alphabet)


@given(traces, traces, st.integers(2, 4))
def test_held_back_trees_add_up_node_by_node(one: Traces, other: Traces, grow_at: int) -> None:
    first, names = count(one, SKETCH, grow_at=grow_at)
    second, others = count(other, SKETCH, grow_at=grow_at)
    before, added = naive.facts_of(first, names), naive.facts_of(second, others)
    sketches, more = _sketches(first, names), _sketches(second, others)
    symbol_map = names.adopt(others)
    first.add(second, symbol_map, codes_of(names))
    after, total = naive.facts_of(first, names), _sketches(first, names)
    assert after.keys() == before.keys() | added.keys()
    for path in before.keys() & added.keys():
        assert after[path][0] == before[path][0] + added[path][0]
        assert after[path][1] == before[path][1] + added[path][1]
        for symbol, number in after[path][2].items():
            assert number == before[path][2].get(symbol, 0) + added[path][2].get(symbol, 0)
        assert np.array_equal(np.array(total[path]), np.array(sketches[path]) + np.array(more[path]))


def test_sketches_need_a_code_for_each_symbol() -> None:
    tree, _ = count([["a", "b"]], SKETCH)
    with pytest.raises(UsageError, match=r"0 codes for the sketches of 2 symbols"):
        tree.add(tree.copy(), np.arange(2, dtype=np.int32))
    with pytest.raises(UsageError, match=r"1 codes for the sketches of 2 symbols"):
        tree.count(TraceBatch(np.array([0, 1], np.int32), np.array([0, 2])), np.ones(1, np.uint64))


def test_different_sketches_do_not_add_up() -> None:
    with pytest.raises(UsageError, match="different sketches"):
        PrefixTree(SKETCH).add(PrefixTree(), np.empty(0, np.int32))


@pytest.mark.parametrize("sketch", [SketchShape(), SKETCH])
@pytest.mark.parametrize("grow_at", [1, 2])
def test_budget_holds_and_the_heavy_part_stays(sketch: SketchShape, grow_at: int) -> None:
    rng = np.random.default_rng(5)
    alphabet = Alphabet("abcdefgh")
    codes = np.array([symbol_code(text, 0) for text in alphabet], np.uint64)
    tree = PrefixTree(sketch, grow_at=grow_at, capacity=100_000)
    roomy = PrefixTree(sketch, grow_at=grow_at)
    for _ in range(20):
        lengths = rng.geometric(0.1, 500)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        batch = TraceBatch((rng.integers(0, 8, offsets[-1]) * rng.random(offsets[-1])).astype(np.int32), offsets)
        tree.count(batch, codes)
        roomy.count(batch, codes)
        assert tree.nbytes <= 100_000
        _check_invariants(tree)
    assert tree.evicted_nodes > 0
    assert tree.rules.hold > 1
    assert tree.traces == roomy.traces == 10_000
    # What is heavy was never given up, so it was never counted anew.
    heavy = max(roomy.counts_of(0).items(), key=lambda item: item[1])
    assert tree.counts_of(0)[heavy[0]] == heavy[1]


def test_budget_holds_with_more_symbols_than_it_has_room_for() -> None:
    tree = PrefixTree(grow_at=2, capacity=50_000)
    symbols = np.arange(100_000, dtype=np.int32)
    tree.count(TraceBatch(symbols, np.arange(0, 100_001, 2)))
    assert tree.nbytes <= 50_000
    assert tree.evicted_edges > 49_000
    assert tree.traces == 50_000
    _check_invariants(tree)


def test_budget_smaller_than_the_least_tree_does_not_hang() -> None:
    tree = PrefixTree(grow_at=1, capacity=0)
    tree.count(TraceBatch(np.arange(3000, dtype=np.int32) % 7, np.array([0, 1000, 3000])))
    assert tree.traces == 2


@given(traces, st.integers(1, 5), st.none() | st.integers(1, 4))
def test_nothing_is_lost_where_there_is_room(given_traces: Traces, grow_at: int, reach: int | None) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at, reach=reach)
    assert sorted(_all_traces(tree, alphabet)) == sorted(map(tuple, given_traces))
    assert (tree.evicted_tails, tree.evicted_events) == (0, 0)


def test_tails_are_evicted_before_nodes() -> None:
    rng = np.random.default_rng(1)
    tree = PrefixTree(grow_at=2000, capacity=400_000)
    for _ in range(40):
        tree.count(TraceBatch(rng.integers(0, 4, 20_000).astype(np.int32), np.arange(0, 20_001, 20)))
        assert tree.nbytes <= 400_000
        _check_invariants(tree)
    assert tree.evicted_tails > 10_000
    assert tree.evicted_events > 100_000
    assert tree.evicted_nodes == 0
    assert 0 < tree.tails < 10_000
    assert tree.too_long_tails == 0  # they are given up as a matter of course


def test_a_tail_longer_than_the_room_is_counted_as_given_up() -> None:
    tree = PrefixTree(grow_at=2, capacity=10_000)
    tree.count(TraceBatch(np.zeros(50_000, np.int32), np.array([0, 50_000])))
    assert (tree.evicted_tails, tree.evicted_events, tree.tails) == (1, 49_999, 0)
    assert (tree.too_long_tails, tree.too_long_events) == (1, 49_999)
    twin = tree.copy()
    twin.add(tree, np.zeros(1, np.int32))
    assert (twin.too_long_tails, twin.too_long_events) == (2, 99_998)


def test_without_tails_none_is_too_long() -> None:
    tree = PrefixTree(grow_at=2, capacity=10_000, keep_tails=False)
    tree.count(TraceBatch(np.zeros(50_000, np.int32), np.array([0, 50_000])))
    assert (tree.evicted_tails, tree.too_long_tails) == (1, 0)


@given(traces, st.integers(1, 5))
def test_all_events_are_held_in_edges_or_tails(given_traces: Traces, grow_at: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    symbols = [symbol for trace in given_traces for symbol in trace]
    expected = [symbols.count(alphabet.text(number)) for number in range(len(alphabet))]
    assert tree.occurrences(len(alphabet)).tolist() == expected


@pytest.mark.parametrize("rules", [{"grow_at": 0}, {"reach": 0}, {"capacity": -1}])
def test_senseless_rules_are_refused(rules: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        PrefixTree(**rules)  # type: ignore[arg-type]


def test_copy_is_independent() -> None:
    tree, _ = count([["a"], ["b"]], grow_at=1)
    twin = tree.copy()
    tree.count(TraceBatch(np.array([0], np.int32), np.array([0, 1])))
    assert (twin.traces, tree.traces) == (2, 3)


def _check_invariants(tree: PrefixTree) -> None:
    """Check that the columns fit together and that no count came out of nothing."""
    columns, nodes, edges = tree.columns, len(tree), tree.edges
    owner, child = columns.keys[:edges] >> 32, columns.child[:edges]
    grown = child >= 0
    assert (columns.parent[1:nodes] < np.arange(1, nodes)).all()
    assert sorted(child[grown]) == list(range(1, nodes))
    assert (columns.parent[child[grown]] == owner[grown]).all()
    assert (columns.symbol[child[grown]] == columns.keys[:edges][grown] & 0xFFFFFFFF).all()
    assert (columns.visits[child[grown]] <= columns.counts[:edges][grown]).all()
    assert (columns.tails[:edges][grown] == -1).all()
    used = columns.ends[:nodes] + np.bincount(owner, columns.counts[:edges], nodes)
    assert (used <= columns.visits[:nodes]).all()
    if tree.sketch.futures:
        assert (columns.sketch[:nodes].sum(axis=3) == columns.visits[:nodes, None, None]).all()
    assert sum(len(tree.counts_of(node)) for node in range(nodes)) == edges


def _all_traces(tree: PrefixTree, alphabet: Alphabet) -> list[naive.Path]:
    """Return all traces that a tree holds: those that end at a node, and those that go on as tails."""
    columns, found = tree.columns, []
    for node in range(len(tree)):
        path = [alphabet.text(symbol) for symbol in tree.path(node)]
        found += [tuple(path)] * int(columns.ends[node])
        for edge in tree.edges_of(node):
            tail = int(columns.tails[edge])
            while tail >= 0:
                rest = columns.store[columns.tail_start[tail] : columns.tail_stop[tail]]
                symbols = [int(columns.keys[edge] & 0xFFFFFFFF), *rest.tolist()]
                found.append((*path, *(alphabet.text(symbol) for symbol in symbols)))
                tail = int(columns.tail_next[tail])
    return found


def _sketches(tree: PrefixTree, alphabet: Alphabet) -> dict[naive.Path, list[object]]:
    paths = [tuple(alphabet.text(symbol) for symbol in tree.path(node)) for node in range(len(tree))]
    return {path: tree.columns.sketch[node].tolist() for node, path in enumerate(paths)}


def test_sketches_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match=r"sketches of 1.0 MiB a node do not fit into 1.0 MiB .*smaller sketches"):
        PrefixTree(SketchShape(1, 2, 1 << 17), capacity=1 << 20)


def test_a_tree_kept_near_its_states_keeps_what_is_near_and_stays_small() -> None:
    rng = np.random.default_rng(3)
    offsets = np.arange(0, 400_001, 10)
    batch = TraceBatch((rng.integers(0, 8, 400_000) * rng.random(400_000)).astype(np.int32), offsets)
    tree, whole = PrefixTree(capacity=100_000_000), PrefixTree(capacity=100_000_000)
    tree.count(batch)
    whole.count(batch)
    before = len(tree)
    renumbering = tree.thin()
    assert len(renumbering) == before
    assert np.count_nonzero(renumbering >= 0) == len(tree) < before
    assert tree.evicted_nodes == before - len(tree)
    tree.count(batch)
    whole.count(batch)
    _check_invariants(tree)
    assert tree.limit < tree.capacity // 2  # type: ignore[operator]
    assert tree.columns.keys.nbytes < tree.limit
    assert tree.counts_of(0) == whole.counts_of(0)
    assert _children_of_root(tree) == _children_of_root(whole)


def _children_of_root(tree: PrefixTree) -> dict[int, dict[int, int]]:
    columns = tree.columns
    children = {int(columns.keys[edge] & 0xFFFFFFFF): int(columns.child[edge]) for edge in tree.edges_of(0)}
    return {symbol: tree.counts_of(child) for symbol, child in children.items()}


def test_a_small_tree_is_left_as_it_is() -> None:
    tree, _ = count([["a", "b"], ["a"]] * 5, capacity=1_000_000)
    assert tree.thin().tolist() == list(range(len(tree)))
    assert tree.evicted_nodes == 0
