"""What sketches remember below the leaves of a tree, against a slow twin; that its cost is bounded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import StreamLearner
from flexstream.merging.fold import MOST_RECALLED, likely_symbols, recall
from flexstream.pac.report.evidence import with_evidence
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch
from flexstream.stream.hashing import symbol_code
from flexstream.summary.sketch import SketchShape
from flexstream.summary.tree import PrefixTree

from .. import naive

SHAPE = SketchShape(futures=3, depth=2, width=16)
TRACES = st.lists(st.lists(st.sampled_from("abcd"), max_size=6), min_size=1, max_size=40)


def grown(traces: list[list[str]]) -> tuple[PrefixTree, np.ndarray]:
    """Return a tree of few nodes, so that much lies below its leaves, and the codes of its symbols."""
    alphabet = Alphabet()
    tree = PrefixTree(SHAPE, grow_at=5, reach=2, keep_tails=False)
    batch = TraceBatch.from_traces(traces, alphabet)
    codes = np.array([symbol_code(text, 0) for text in alphabet.texts], np.uint64)
    tree.count(batch, codes)
    return tree, codes


@pytest.mark.twin("recall.recall_futures")
@settings(max_examples=60, deadline=None)
@given(TRACES, st.integers(1, 4))
def test_recalled_nodes_equal_those_of_the_slow_twin(traces: list[list[str]], most: int) -> None:
    tree, codes = grown(traces)
    likely = likely_symbols(tree, len(codes), most)
    found = recall(tree, codes, most)
    by_node: dict[int, dict[int, int]] = {}
    for key, count in zip(found.keys.tolist(), found.counts.tolist(), strict=True):
        by_node.setdefault(key >> 32, {})[key & 0xFFFFFFFF] = count
    facts = zip(found.entry.tolist(), found.visits.tolist(), found.ends.tolist(), strict=True)
    nodes = [(*known, by_node.get(len(tree) + row, {})) for row, known in enumerate(facts)]
    assert nodes == naive.recall(tree, codes.tolist(), likely.tolist())


def test_only_the_most_frequent_symbols_are_looked_for() -> None:
    tree, _ = grown([["a", "b"], ["c", "b"], ["c", "c"]] * 9)
    assert likely_symbols(tree, 3, most=3).tolist() == [0, 1, 2]
    assert likely_symbols(tree, 3, most=1).tolist() == [2]


def test_large_alphabets_are_recalled_in_little_time_and_memory() -> None:
    learner = StreamLearner(options={"futures": 3}, every=0)
    learner.learn_many([[f"s{(7 * row + 13 * column) % 20_000}" for column in range(4)] for row in range(20_000)] * 2)
    found = recall(learner.tree, learner._symbol_codes())
    assert len(found.estimates) == 1 + MOST_RECALLED


def test_evidence_tells_only_of_decisions_that_the_tree_can_bear_out() -> None:
    learner = StreamLearner(options={"futures": 3}, reach=1, tails=False, every=0)
    learner.learn_many([list("abcd"), list("acbd"), list("bbd"), list("bad")] * 200)
    refinement, size = learner.refine(), len(learner.tree)
    assert refinement.journal.columns.node[: len(refinement.journal)].max() >= size  # or this test shows nothing
    decisions = with_evidence(learner).evidence["decisions"]
    assert decisions["symbol"].count(-1) == 1 and max(decisions["symbol"]) < 4  # -1: the start
    assert len(decisions["symbol"]) == len(decisions["state"]) <= size
    assert all(-1 <= state < len(refinement.reds) for state in decisions["source"] + decisions["state"])
