"""The red-blue search against a slow twin, its journal, and its strategies."""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from flexstream._kernels.shortlist import LOST
from flexstream.merging.heuristic import Heuristic
from flexstream.merging.heuristics import make
from flexstream.merging.journal import Journal, Kind, Stage
from flexstream.merging.search import Refinement, Strategy, refine
from flexstream.stream.alphabet import Alphabet
from flexstream.summary.tree import PrefixTree
from flexstream.targets import reber, reentrant_line

from .. import naive
from ..strategies import Traces, count, traces


def leave_out(limits: list[float]) -> None:
    """Leave out what hangs on which of two equal numbers is larger: that depends on rounding."""
    assume(all(after - before > 1e-9 for before, after in pairwise(sorted(limits))))


@pytest.mark.twin("search.refine")
@example([["b", "a"], [*"ccbcac"], ["a"], ["a"], [*"ccbbac"]], 1, 10**9, 0.0)
@example([["a", "x"]] * 20 + [["a", "y"]] * 20 + [["b", "x"]] * 2 + [["b", "y"]] * 20 + [["c"]] * 50, 1, 10**9, 0.0)
@settings(max_examples=60)
@given(traces, st.integers(1, 3), st.sampled_from([10**9, 1, 2, 3]), st.sampled_from([0.0, -3.0]))
def test_search_equals_naive_search(given_traces: Traces, grow_at: int, most: int, margin: float) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    heuristic = make("evidence", margin=margin)
    found = refine(tree, len(alphabet), heuristic, most=most)
    ends, totals = tree.totals(len(alphabet))
    shares = np.concatenate([[ends], totals]) + 0.5
    base = dict(zip([None, *alphabet.texts], (shares / shares.sum()).tolist(), strict=True))
    wanted = naive.search(naive.grow(given_traces, grow_at), base, heuristic, LOST, leave_out, most)
    decisions = [
        (
            "merge" if entry.kind is Kind.MERGE else "promote",
            entry.node,
            entry.into if entry.kind is Kind.MERGE else -1,
        )
        for entry in found.journal
    ]
    assert decisions == wanted


def learned(
    tree: PrefixTree, alphabet: Alphabet, strategy: Strategy = Strategy.REPLAY, last: Journal | None = None
) -> Refinement:
    """Refine with the default heuristic."""
    return refine(tree, len(alphabet), make("evidence"), strategy, last)


@pytest.mark.parametrize("target", [reber(), reentrant_line()])
def test_search_finds_the_automaton(target) -> None:  # type: ignore[no-untyped-def]
    tree, alphabet = count(target.sample(3000, seed=4), grow_at=2)
    found = learned(tree, alphabet).automaton(tree, alphabet)
    assert found.equivalent(target, tolerance=0.05)


@pytest.mark.parametrize(("options", "states"), [({}, 100), ({"margin": 7.0, "light": 16, "strength": 12.0}, 1700)])
def test_work_is_linear_where_one_symbol_runs_on(options: dict[str, float], states: int) -> None:
    """Each pair of nodes was looked through down to the end of the traces: minutes, and as many states as events."""
    tree, alphabet = count([["run"] * 4000] * 18, grow_at=2)
    started = time.process_time()
    found = refine(tree, len(alphabet), make("evidence", **options), Strategy.FRESH)
    assert len(found.reds) < states
    assert time.process_time() - started < 5.0
    assert math.isfinite(found.automaton(tree, alphabet).log2_prob(["run"] * 4000))


def test_reber_grammar_from_150_strings() -> None:
    found = []
    for seed in range(40):
        tree, alphabet = count(reber().sample(150, seed), grow_at=2)
        found.append(learned(tree, alphabet).automaton(tree, alphabet).equivalent(reber(), tolerance=1.0))
    assert sum(found) >= 38


@given(traces)
def test_probabilities_sum_to_one_in_every_state(given_traces: Traces) -> None:
    tree, alphabet = count(given_traces, grow_at=1)
    automaton = learned(tree, alphabet).automaton(tree, alphabet)
    for trace in given_traces[:5]:
        assert sum(automaton.predict_proba_one(trace).values()) == pytest.approx(1)
    assert (automaton.probabilities > 0).all()


@given(traces, st.integers(1, 5))
def test_nothing_counted_is_lost(given_traces: Traces, grow_at: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    automaton = learned(tree, alphabet).automaton(tree, alphabet)
    events = sum(map(len, given_traces))
    found = (automaton.stops.sum(), automaton.weights.sum(), automaton.visits.sum())
    # Tails that contradict the state they come to do not count; without tails nothing does not.
    assert (np.array(found) <= [len(given_traces), events, events + len(given_traces)]).all()
    if grow_at == 1:
        assert found == (len(given_traces), events, events + len(given_traces))


@given(traces)
def test_replay_of_unchanged_data_changes_nothing(given_traces: Traces) -> None:
    tree, alphabet = count(given_traces, grow_at=1)
    first = learned(tree, alphabet)
    second = learned(tree, alphabet, last=first.journal)
    assert second.automaton(tree, alphabet).to_json() == first.automaton(tree, alphabet).to_json()
    assert second.journal.count(Stage.DROPPED) == 0


def drifting() -> tuple[PrefixTree, Alphabet, Journal]:
    """Return a tree whose early data asked for a merge that its later data forbid, and the early journal."""
    tree, alphabet = count([["a", "x"], ["b", "x"], ["a", "y"], ["b", "y"]] * 3, grow_at=1)
    early = learned(tree, alphabet).journal
    other, names = count([["a", "x"]] * 500 + [["b", "y"]] * 500, grow_at=1)
    tree.add(other, alphabet.adopt(names))
    return tree, alphabet, early


def test_replay_takes_back_what_later_data_contradict() -> None:
    tree, alphabet, early = drifting()
    assert len(learned(*count([["a", "x"], ["b", "x"], ["a", "y"], ["b", "y"]] * 3, grow_at=1)).reds) < 4
    later = learned(tree, alphabet, last=early)
    dropped = [entry for entry in later.journal if entry.stage is Stage.DROPPED]
    assert dropped
    assert all(entry.visits > 0 for entry in dropped)
    automaton = later.automaton(tree, alphabet)
    assert automaton.predict_proba_one(["a"])["x"] > 0.9
    assert automaton.predict_proba_one(["b"])["y"] > 0.9


def test_final_never_takes_back() -> None:
    tree, alphabet, early = drifting()
    later = learned(tree, alphabet, Strategy.FINAL, early)
    assert later.journal.count(Stage.DROPPED) == 0
    assert later.journal.count(Stage.KEPT) > 0
    assert later.automaton(tree, alphabet).predict_proba_one(["a"])["x"] < 0.9


def test_fresh_forgets() -> None:
    tree, alphabet, early = drifting()
    fresh = learned(tree, alphabet, Strategy.FRESH, early)
    assert fresh.journal.count(Stage.KEPT) == 0
    assert fresh.automaton(tree, alphabet).to_json() == learned(tree, alphabet).automaton(tree, alphabet).to_json()


def test_tails_count_where_they_agree() -> None:
    target, words = reber(), reber().sample(3000, seed=5)
    tree, alphabet = count(words, grow_at=20)
    assert tree.tails > 500
    automaton = learned(tree, alphabet).automaton(tree, alphabet)
    assert automaton.equivalent(target, tolerance=0.05)
    assert automaton.stops.sum() == len(words)
    assert automaton.weights.sum() == sum(map(len, words))


def test_tails_do_not_count_where_they_contradict() -> None:
    # What follows is decided by how often "a" came, which a tree that never grows past the root cannot know.
    words = [["a"] * 4 + ["b"], ["b"]] * 500
    tree, alphabet = count(words, grow_at=10**6)
    automaton = learned(tree, alphabet).automaton(tree, alphabet)
    assert automaton.weights.sum() < sum(map(len, words))


def test_entries_wait_for_their_colours() -> None:
    tree, alphabet = count(reber().sample(500, seed=2), grow_at=1)
    journal = learned(tree, alphabet).journal
    backwards = journal.select(np.arange(len(journal))[::-1])
    again = learned(tree, alphabet, last=backwards)
    assert again.journal.count(Stage.KEPT) > again.journal.count(Stage.DROPPED)
    assert len(again.reds) == len(learned(tree, alphabet).reds)


def test_journal_survives_renumbering() -> None:
    tree, alphabet = count(reber().sample(500, seed=2), grow_at=1)
    journal = learned(tree, alphabet).journal
    same = journal.renumbered(np.arange(len(tree)))
    assert [tuple(entry) for entry in same] == [tuple(entry) for entry in journal]
    gone = np.arange(len(tree))
    gone[journal.columns.node[3]] = -1
    assert len(journal.renumbered(gone)) < len(journal)


@given(traces, st.integers(1, 3))
def test_distance_below_red_is_the_naive_one(given_traces: Traces, grow_at: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    reds = set(learned(tree, alphabet).reds.tolist())
    for node in range(len(tree)):
        above, steps = node, 0
        while above not in reds:
            above, steps = int(tree.columns.parent[above]), steps + 1
        assert tree.columns.below[node] == steps


def test_heaviest_first() -> None:
    tree, alphabet = count(reentrant_line().sample(2000, seed=1), grow_at=2)
    journal = learned(tree, alphabet).journal
    heap = [-entry.visits for entry in journal]
    heapq.heapify(heap)
    assert journal.columns.node[0] == 0
    assert journal.columns.visits[1] == max(journal.columns.visits[1:])


@dataclass(frozen=True)
class Watching(Heuristic):
    """Merges what has the same symbols, and keeps what its judge is given."""

    name: ClassVar[str] = "watching"

    def parameters(self) -> np.ndarray:
        return np.zeros(1)

    def words(self, score: float) -> str:
        return str(score)


def watching(apart: bool, given: list[np.ndarray]) -> Heuristic:
    """Return a heuristic whose judge keeps the counts that it is asked about."""

    def judge(counts, shares, target_sketch, source_sketch, futures, parameters):  # type: ignore[no-untyped-def]
        assert len(shares) == len(counts)
        given.append(counts.copy())
        return 1.0 if ((counts[2:] > 0).all()) else -np.inf

    kind = type("Kind", (Watching,), {"judge": staticmethod(judge), "apart": apart})
    made: Heuristic = kind()
    return made


@given(traces.filter(bool), st.booleans())
def test_a_judge_is_given_all_outcomes_of_both_nodes(given_traces: Traces, apart: bool) -> None:
    """Whatever nodes are compared: the outcomes of each sum to visits of a node, and none stands twice."""
    tree, alphabet = count(given_traces, grow_at=1)
    asked: list[np.ndarray] = []
    refine(tree, len(alphabet), watching(apart, asked), Strategy.FRESH)
    for counts in asked:
        assert (counts >= 0).all()
        assert (counts[2:].sum(1) > 0).all()
        assert (counts.sum(0) <= tree.traces * (1 + max(map(len, given_traces)))).all()
        if apart:
            assert counts[1].tolist() == [0, 0]
    if len(asked) > 0:
        # The first question is about the root and its heaviest child, of which nothing has been merged yet.
        visits, ends = tree.columns.visits, tree.columns.ends
        child = max(
            (int(tree.columns.child[edge]) for edge in tree.edges_of(0) if tree.columns.child[edge] >= 0),
            key=lambda node: (visits[node], -node),
        )
        own, others = tree.counts_of(0), tree.counts_of(child)
        wanted = [(ends[0], ends[child])]
        wanted += [(own.get(symbol, 0), number) for symbol, number in others.items()]
        only = [(number, 0) for symbol, number in own.items() if symbol not in others]
        wanted += only if apart else [(sum(number for number, _ in only), 0)]
        found = [tuple(row) for row in asked[0].tolist() if any(row)]
        assert sorted(found) == sorted(row for row in wanted if any(row))
