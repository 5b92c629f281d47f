"""The fold: equal to merging dictionaries, and undone without a trace."""

from __future__ import annotations

from hypothesis import given
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
        pairs = fold_all(fold, 0, source)
        met = naive.fold(root, root.children[symbol], root, symbol)
        assert pairs == len(met)
        assert shape(fold, alphabet) == naive.shape(root)


@given(traces, st.integers(1, 3), st.data())
def test_undo_leaves_the_fold_bit_identical(given_traces: Traces, grow_at: int, draw: st.DataObject) -> None:
    tree, _ = count(given_traces, SketchShape(2, 2, 8), grow_at=grow_at)
    fold = open_fold(tree)
    children = root_children(fold)
    if len(children) < 2:
        return
    first, second = draw.draw(st.permutations(children))[:2]
    if draw.draw(st.booleans()):
        fold_all(fold, 0, first)  # a fold that stays
    else:
        first = 0
    before = state(fold)
    stop = fold_all(fold, first if fold.colour[first] == 0 else 0, second)
    undo_pairs(fold, stop)
    assert state(fold) == before


@given(traces, st.data())
def test_undo_of_a_fold_broken_off_in_the_middle(given_traces: Traces, draw: st.DataObject) -> None:
    tree, _ = count(given_traces, grow_at=1)
    fold = open_fold(tree)
    children = root_children(fold)
    if not children:
        return
    before = state(fold)
    merged = fold_pairs(fold, 0, children[0], draw.draw(st.integers(0, 5)))
    undo_pairs(fold, merged)
    assert state(fold) == before


@given(traces)
def test_the_tree_is_never_touched(given_traces: Traces) -> None:
    tree, _ = count(given_traces, grow_at=1)
    before = [column.tolist() for column in tree.columns]
    fold = open_fold(tree)
    for child in root_children(fold)[:1]:
        fold_all(fold, 0, child)
    assert [column.tolist() for column in tree.columns] == before
