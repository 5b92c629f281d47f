"""Opening a fold: a copy of the tree's columns, with what sketches remember behind it."""

from __future__ import annotations

import numpy as np

from flexstream import StreamLearner
from flexstream._kernels.recall import RecallColumns
from flexstream.merging.fold import MOST_RECALLED, open_fold, recall

from ..strategies import count

WORDS = [["a", "b"], ["a", "c"], ["b"], []] * 5


def test_a_fold_is_a_copy_of_the_tree() -> None:
    tree, _ = count(WORDS, grow_at=2)
    fold, columns, nodes, edges = open_fold(tree), tree.columns, len(tree), tree.edges
    assert len(fold.visits) == nodes and len(fold.keys) == edges
    for name in ("visits", "ends", "first"):
        assert getattr(fold, name).tolist() == getattr(columns, name)[:nodes].tolist()
    for name in ("keys", "counts", "child", "next"):
        assert getattr(fold, name).tolist() == getattr(columns, name)[:edges].tolist()
    before = columns.visits[:nodes].tolist()
    fold.visits[:] = 0
    assert columns.visits[:nodes].tolist() == before
    assert fold.entry[[columns.child[edge] for edge in range(edges) if columns.child[edge] >= 0]].tolist() == [
        edge for edge in range(edges) if columns.child[edge] >= 0
    ]


def remembered(nodes: int, edges: int) -> RecallColumns:
    """Return, for a tree of so many nodes and edges, two nodes below its last edge: x, then y and z."""
    keys = [(nodes, 0), (nodes, 2), (nodes + 1, 1), (nodes + 1, 2)]
    return RecallColumns(
        entry=np.array([edges - 1, edges], np.int32),
        owner=np.array([0, nodes], np.int32),
        code=np.zeros(2, np.uint64),
        length=np.array([1, 2], np.int32),
        visits=np.array([7, 5], np.int64),
        ends=np.array([2, 1], np.int64),
        keys=np.array([node << 32 | symbol for node, symbol in keys]),
        counts=np.array([5, 1, 3, 1], np.int64),
        child=np.array([nodes + 1, -1, -1, -1], np.int32),
        estimates=np.empty(3),
        size=np.array([2, 4]),
    )


def test_what_sketches_remember_stands_behind_the_tree() -> None:
    """Each node's edges hang together, newest first, and can be found by their keys."""
    tree, _ = count(WORDS, grow_at=2)
    nodes, edges = len(tree), tree.edges
    fold = open_fold(tree, remembered(nodes, edges))
    assert fold.visits.tolist() == [*tree.columns.visits[:nodes], 7, 5]
    assert fold.ends[nodes:].tolist() == [2, 1]
    assert fold.child[edges - 1] == nodes  # the edge of the tree that had not grown leads there now
    for node, wanted in ((nodes, {0: 5, 2: 1}), (nodes + 1, {1: 3, 2: 1})):
        found, edge = {}, int(fold.first[node])
        while edge >= 0:
            assert fold.keys[edge] >> 32 == node
            found[int(fold.keys[edge] & 0xFFFFFFFF)] = int(fold.counts[edge])
            edge = int(fold.next[edge])
        assert found == wanted
    table = fold.slots[fold.slots >= 0]
    assert sorted(table.tolist()) == list(range(edges + 4))
    assert fold.sketch.shape[1] == 0  # the sketches are not needed beside it


def test_a_remembered_node_without_edges_has_none() -> None:
    """The second of two remembered nodes saw nothing but ends: it has no first edge, whatever stood there before."""
    tree, _ = count(WORDS, grow_at=2)
    nodes, edges = len(tree), tree.edges
    whole = remembered(nodes, edges)
    bare = whole._replace(
        keys=whole.keys[:2],
        counts=whole.counts[:2],
        child=whole.child[:2],
        size=np.array([2, 2]),
        ends=np.array([2, 5]),
    )
    fold = open_fold(tree, bare)
    assert fold.first[nodes + 1] == -1
    assert fold.first[nodes] == edges + 1 and fold.next[edges + 1] == edges and fold.next[edges] == -1


def test_capacity_grows_until_all_is_remembered() -> None:
    """More nodes and edges below the leaves than the first table holds."""
    random = np.random.default_rng(3)
    learner = StreamLearner(options={"futures": 3, "depth": 3, "width": 512}, nodes=300, tails=False, every=0)
    learner.learn_many([[f"s{symbol}" for symbol in row] for row in random.integers(0, 40, (40_000, 4))])
    found = recall(learner.tree, learner._symbol_codes(), 40)
    assert len(found.visits) > 1 << 12 or len(found.keys) > 1 << 12
    assert len(found.owner) == len(found.visits) and len(found.child) == len(found.keys)
    assert MOST_RECALLED == 1024
