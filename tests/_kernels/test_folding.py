"""The fold: equal to merging dictionaries, and undone without a trace."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flexstream._kernels.folding import FoldColumns, fold_pairs, undo_pairs
from flexstream.merging.fold import open_fold
from flexstream.stream.alphabet import Alphabet
from flexstream.summary.sketch import SketchShape

from .. import naive
from ..strategies import Traces, count, traces

LASTING = ("visits", "ends", "first", "colour", "entry", "keys", "counts", "child", "next", "slots", "sketch")


def fold_all(fold: FoldColumns, target: int, source: int) -> int:
    """Fold source into target; return how many pairs met."""
    return fold_pairs(fold, target, source, len(fold.pairs))


def state(fold: FoldColumns) -> list[object]:
    """Return a copy of every column that outlives a fold."""
    return [getattr(fold, name).tolist() for name in LASTING]


def shape(fold: FoldColumns, alphabet: Alphabet) -> list[tuple[int, int, dict[str, int], dict[str, int]]]:
    """Return the graph of a fold in the canonical form of the naive one."""
    numbers, order, at, found = {0: 0}, [0], 0, []
    while at < len(order):
        node, edges = order[at], {}
        edge = int(fold.first[node])
        while edge >= 0:
            edges[alphabet.text(int(fold.keys[edge] & 0xFFFFFFFF))] = edge
            edge = int(fold.next[edge])
        children = {symbol: int(fold.child[edge]) for symbol, edge in edges.items() if fold.child[edge] >= 0}
        for symbol in sorted(children):
            if children[symbol] not in numbers:
                numbers[children[symbol]] = len(order)
                order.append(children[symbol])
        counts = {symbol: int(fold.counts[edge]) for symbol, edge in edges.items()}
        targets = {symbol: numbers[child] for symbol, child in children.items()}
        found.append((int(fold.visits[node]), int(fold.ends[node]), counts, targets))
        at += 1
    return found


def root_children(fold: FoldColumns) -> list[int]:
    """Return the children of the root."""
    return [int(child) for child in fold.child[fold.keys >> 32 == 0] if child > 0]


@pytest.mark.twin("folding.fold_pairs")
@given(traces, st.integers(1, 3), st.data())
def test_fold_equals_naive_fold(given_traces: Traces, grow_at: int, draw: st.DataObject) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    fold, root = open_fold(tree), naive.grow(given_traces, grow_at)
    children = root_children(fold)
    for source in draw.draw(st.permutations(children))[:2]:
        # A chain of folds into the root: the second meets what the first left.
        symbol = alphabet.text(int(tree.columns.symbol[source]))
        if fold.child[fold.entry[source]] != source:
            continue
        most = draw.draw(st.sampled_from([len(fold.pairs), 0, 1, 2, 3]))
        pairs = fold_pairs(fold, 0, source, most)
        met = naive.fold(root, root.children[symbol], root, symbol, most)
        assert pairs == min(len(met), most)
        assert shape(fold, alphabet) == naive.shape(root)


@given(traces, st.integers(1, 3), st.booleans())
def test_sketches_add_up_pair_by_pair(given_traces: Traces, grow_at: int, additive: bool) -> None:
    tree, _ = count(given_traces, SketchShape(2, 2, 8), grow_at=grow_at)
    fold = open_fold(tree)._replace(additive=int(additive))
    wanted = fold.sketch.copy()
    for source in root_children(fold)[:1]:
        met = fold_all(fold, 0, source)
        for target, merged in fold.pairs[: met if additive else 0]:
            wanted[target] += wanted[merged]
    assert np.array_equal(fold.sketch, wanted)


@pytest.mark.twin("folding.undo_pairs")
@given(traces, st.integers(1, 3), st.data())
def test_undo_leaves_the_fold_bit_identical(given_traces: Traces, grow_at: int, draw: st.DataObject) -> None:
    tree, alphabet = count(given_traces, SketchShape(2, 2, 8), grow_at=grow_at)
    fold, root = open_fold(tree), naive.grow(given_traces, grow_at)
    assume(children := draw.draw(st.permutations(root_children(fold))))
    if len(children) > 1 and draw.draw(st.booleans()):
        # A fold that stays.
        symbol = alphabet.text(int(tree.columns.symbol[children[1]]))
        fold_all(fold, 0, children[1])
        naive.fold(root, root.children[symbol], root, symbol)
    before, twin = state(fold), naive.unfolded(root)
    assume(fold.child[fold.entry[children[0]]] == children[0])
    undo_pairs(fold, fold_pairs(fold, 0, children[0], draw.draw(st.sampled_from([len(fold.pairs), 0, 1, 2, 3]))))
    assert state(fold) == before
    assert shape(fold, alphabet) == naive.shape(twin)


@given(traces, st.integers(1, 3))
def test_a_fold_into_another_child_can_be_undone(given_traces: Traces, grow_at: int) -> None:
    tree, _ = count(given_traces, SketchShape(2, 2, 8), grow_at=grow_at)
    fold = open_fold(tree)
    assume(len(children := root_children(fold)) > 1)
    before = state(fold)
    undo_pairs(fold, fold_all(fold, children[0], children[1]))
    assert state(fold) == before


@given(traces)
def test_the_tree_is_never_touched(given_traces: Traces) -> None:
    tree, _ = count(given_traces, grow_at=1)
    before = [column.tolist() for column in tree.columns]
    fold = open_fold(tree)
    for child in root_children(fold)[:1]:
        fold_all(fold, 0, child)
    assert [column.tolist() for column in tree.columns] == before
