"""What sketches remember: estimates against exact counts, and the fold they make."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings

from flexstream import StreamLearner, TraceBatch
from flexstream._kernels.recall import LEAST
from flexstream.merging.fold import open_fold, recall
from flexstream.stream.hashing import symbol_code
from flexstream.summary.sketch import SketchShape
from flexstream.targets import reber

from ..strategies import Traces, count, traces

WIDE = SketchShape(futures=3, depth=3, width=4096)  # so wide that nothing collides
END = None


def codes_of(alphabet: object) -> np.ndarray:
    """Return the codes that ``count`` used."""
    return np.array([symbol_code(text, 0) for text in alphabet], np.uint64)  # type: ignore[attr-defined]


def futures_after(given_traces: Traces, prefix: list[str]) -> Counter[tuple[str | None, ...]]:
    """Count what follows a prefix, all lengths, the end as a last symbol."""
    found: Counter[tuple[str | None, ...]] = Counter()
    for trace in given_traces:
        if trace[: len(prefix)] == prefix:
            rest = [*trace[len(prefix) :], END]
            for length in range(1, len(rest) + 1):
                found[tuple(rest[:length])] += 1
    return found


@settings(max_examples=60)
@given(traces)
def test_wide_sketches_remember_what_the_tree_would_have_counted(given_traces: Traces) -> None:
    tree, alphabet = count(given_traces, WIDE, grow_at=10**6, keep_tails=False)
    found = recall(tree, codes_of(alphabet))
    exact = futures_after(given_traces, [])
    paths: list[list[str]] = []
    for row in range(len(found.visits)):
        entry = int(found.entry[row])
        if entry < tree.edges:
            path = [alphabet.text(int(tree.columns.keys[entry] & 0xFFFFFFFF))]
        else:
            key = int(found.keys[entry - tree.edges])
            path = [*paths[(key >> 32) - len(tree)], alphabet.text(key & 0xFFFFFFFF)]
        paths.append(path)
        assert found.visits[row] == exact[tuple(path)]
        assert found.ends[row] == exact[(*path, END)]
        assert found.length[row] == len(path) < WIDE.futures
        edges = np.flatnonzero(found.keys >> 32 == len(tree) + row)
        counted = {alphabet.text(int(found.keys[edge] & 0xFFFFFFFF)): int(found.counts[edge]) for edge in edges}
        assert counted == {text: exact[(*path, text)] for text in alphabet if exact[(*path, text)]}
    expected = sum(
        1 for future, times in exact.items() if len(future) < WIDE.futures and END not in future and times >= LEAST
    )
    assert len(paths) == expected


@settings(max_examples=40)
@given(traces)
def test_narrow_sketches_never_claim_more_events_than_there_were(given_traces: Traces) -> None:
    tree, alphabet = count(given_traces, SketchShape(futures=3, depth=2, width=5), grow_at=10**6, keep_tails=False)
    found = recall(tree, codes_of(alphabet))
    for row, entry in enumerate(found.entry.tolist()):
        above = tree.columns.counts[entry] if entry < tree.edges else found.counts[entry - tree.edges]
        assert found.visits[row] <= above + 0.5 * (len(alphabet) + 1)  # rounding alone
        assert found.ends[row] >= 0


@given(traces)
def test_the_fold_links_what_is_remembered(given_traces: Traces) -> None:
    tree, alphabet = count(given_traces, WIDE, grow_at=10**6, keep_tails=False)
    found = recall(tree, codes_of(alphabet))
    fold = open_fold(tree, found)
    assert len(fold.visits) == max(2, len(tree) + len(found.visits))
    for edge, child in enumerate(fold.child.tolist()):
        if child >= 0:
            assert fold.entry[child] == edge
            assert fold.counts[edge] >= LEAST
    for node in range(len(fold.visits)):
        edge, total = int(fold.first[node]), int(fold.ends[node])
        while edge >= 0:
            assert fold.keys[edge] >> 32 == node
            total += int(fold.counts[edge])
            edge = int(fold.next[edge])
        assert total == fold.visits[node]


def test_sketches_stand_in_for_nodes() -> None:
    strings = reber().sample(3000, 5)
    plain, sketched = (
        StreamLearner(nodes=9, tails=False, options=options)
        for options in ({}, {"futures": 4, "width": 256, "depth": 3})
    )
    for learner in (plain, sketched):
        learner.learn_many(strings)
        assert len(learner.tree) <= 9
    bits = [-np.mean([learner.automaton.log2_prob(s) for s in reber().sample(500, 6)]) for learner in (plain, sketched)]
    assert bits[1] < bits[0]


def test_batches_make_no_difference_to_what_is_remembered() -> None:
    strings = reber().sample(1200, 5)
    params: dict[str, object] = {"nodes": 12, "tails": False, "options": {"futures": 3}, "every": 300}
    whole, pieces = StreamLearner(**params), StreamLearner(**params)  # type: ignore[arg-type]
    whole.learn_many(strings)
    for start in range(0, len(strings), 77):
        pieces.learn_many(strings[start : start + 77])
    assert whole.automaton.to_json() == pieces.automaton.to_json()
    assert list(whole.explain()) == list(pieces.explain())


@pytest.mark.parametrize("nodes", [2, 7, 40])
def test_a_tree_has_no_more_nodes_than_it_may(nodes: int) -> None:
    learner = StreamLearner(nodes=nodes)
    symbols = np.random.default_rng(2).integers(0, 5, 12_000).astype(np.int32)
    for text in "abcde":
        learner.alphabet.id(text)
    for start in range(0, 12_000, 3000):
        learner.learn_many(TraceBatch(symbols[start : start + 3000], np.arange(0, 3001, 6)))
        assert len(learner.automaton) <= len(learner.tree) <= nodes
