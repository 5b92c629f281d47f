"""Freezing: tails are routed as the automaton walks, nothing gets lost on the way, and only what agrees is pooled."""

from __future__ import annotations

import copy
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import Alphabet, StreamLearner, TraceBatch
from flexstream.merging.freeze import Transitions, agree, common_targets, counted
from flexstream.merging.heuristics import HEURISTICS, make
from flexstream.merging.journal import Stage
from flexstream.merging.search import Refinement, Strategy, refine
from flexstream.summary.cut import Cut
from flexstream.targets import Recipe, random_hmm, random_pdfa

from ..strategies import Traces, count, traces


@given(traces, st.integers(1, 6), st.none() | st.integers(1, 3))
def test_tails_take_the_way_of_the_automaton(given_traces: Traces, grow_at: int, reach: int | None) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at, reach=reach)
    found = refine(tree, len(alphabet), make("evidence"))
    fold, reds = found.fold, found.reds.tolist()
    routed = found.routed(tree, len(alphabet))
    rows, tail_ends, fallback = routed.rows, routed.tail_ends, routed.fallback
    edges = {(int(fold.keys[e] >> 32), int(fold.keys[e] & 0xFFFFFFFF)): e for e in range(len(fold.keys))}
    passed: Counter[tuple[int, int]] = Counter()
    ended: Counter[int] = Counter()
    known = {tuple(tree.path(node)) for node in range(len(tree))}
    for trace in given_traces:
        state, ids = 0, [alphabet.id(symbol) for symbol in trace]
        for position, symbol in enumerate(ids):
            edge = edges.get((reds[state], symbol))
            # The tree counts a trace as far as its nodes go, and one event further.
            if tuple(ids[:position]) not in known:
                passed[state, symbol] += 1
            state = reds.index(fold.child[edge]) if edge is not None and fold.child[edge] >= 0 else fallback[symbol]
        if tuple(ids) not in known:
            ended[state] += 1
    ways = rows.source.tolist(), rows.symbol.tolist(), rows.tails.tolist()
    routed = Counter({(state, symbol): times for state, symbol, times in zip(*ways, strict=True)})
    assert +routed == passed
    assert tail_ends.tolist() == [ended[state] for state in range(len(reds))]


@pytest.mark.parametrize(("tails", "pools"), [([300, 100], True), ([100, 300], False), ([3, 2], True), ([0, 0], True)])
def test_states_pool_what_agrees(tails: list[int], pools: bool) -> None:
    rows = Transitions(
        source=np.array([0, 0, 1, 1]),
        symbol=np.array([0, 1, 0, 1]),
        target=np.array([0, 0, 0, 0]),
        counts=np.array([600, 200, 50, 50]),
        tails=np.array([*tails, 0, 0]),
        guessed=np.zeros(4, np.bool_),
    )
    assert agree(rows, np.array([100, 10]), np.array([sum(tails) // 9, 0])).tolist() == [pools, True]


def evidence_for_one(shares: np.ndarray, tree: np.ndarray, tails: np.ndarray) -> float:
    """Return the log Bayes factor of one distribution for both against two, the prior worth 5 observations."""

    def log_polya(counts: np.ndarray) -> float:
        pairs = zip(shares.tolist(), counts.tolist(), strict=True)
        rising = sum(math.lgamma(5 * share + number) - math.lgamma(5 * share) for share, number in pairs)
        return math.lgamma(5) - math.lgamma(5 + int(counts.sum())) + rising

    return log_polya(tree + tails) - log_polya(tree) - log_polya(tails)


def test_states_pool_where_the_bayes_factor_does_not_forbid_it() -> None:
    """At most 5 nats against one distribution; shares are those of tree and tails together, half an event more each."""
    random, verdicts = np.random.default_rng(6), []
    for _ in range(400):
        counts, tails = random.multinomial(60, [0.5, 0.3, 0.2], 2), random.multinomial(25, [0.2, 0.4, 0.4], 2)
        rows = Transitions(
            source=np.array([0, 0, 1, 1]),
            symbol=np.array([0, 1, 0, 1]),
            target=np.zeros(4, np.int64),
            counts=counts[:, :2].ravel(),
            tails=tails[:, :2].ravel(),
            guessed=np.zeros(4, np.bool_),
        )
        totals = (counts + tails).sum(0)[[2, 0, 1]] + 0.5
        shares = (totals / totals.sum())[[1, 2, 0]]
        wanted = [evidence_for_one(shares, *pair) for pair in zip(counts, tails, strict=True)]
        assert agree(rows, counts[:, 2], tails[:, 2]).tolist() == [score >= -5 for score in wanted]
        verdicts += [score >= -5 for score in wanted]
    assert 100 < sum(verdicts) < 700  # both happen


def test_a_refinement_counts_every_event_of_tree_and_tails() -> None:
    tree, alphabet = count([["a", "b", "a"], ["b"], []] * 7, grow_at=5)
    found = refine(tree, len(alphabet), make("evidence"))
    routed = found.routed(tree, len(alphabet))
    assert (routed.alphabet, routed.traces) == (2, 21)
    assert routed.ends.sum() + routed.tail_ends.sum() == 21
    assert routed.rows.counts.sum() + routed.rows.tails.sum() == 28
    assert routed.visits.tolist() == found.fold.visits[found.reds].tolist()
    assert len(routed.states) == len(tree)
    assert routed.states[found.reds].tolist() == list(range(len(found.reds)))
    model = found.automaton(tree, alphabet, smoothing=3.0, provenance={"traces": 21})
    assert model.provenance == {"traces": 21}
    assert model.visits.sum() == 21 + 28  # every event leads to a visit
    assert routed.agree.all()
    assert model.stops.tolist() == (routed.ends + routed.tail_ends).tolist()


def test_what_only_tails_know_of_a_state_that_they_contradict_counts_a_tenth() -> None:
    tails, tree = np.array([30, 1, 20, 7]), np.array([5, 0, 0, 0])
    assert counted(tree, tails, np.array([False, False, False, True])).tolist() == [0, 1, 2, 7]


WAYS = [
    (name, strategy)
    for name in HEURISTICS
    for strategy in Strategy
    if make(name).undoable or strategy is Strategy.FINAL
]


@pytest.mark.parametrize(("name", "strategy"), WAYS)
@settings(max_examples=25)
@given(traces, st.integers(1, 6), st.integers(0, 30))
def test_a_learner_that_gave_nothing_up_has_a_path_for_all_it_learned(
    name: str, strategy: Strategy, given_traces: Traces, grow_at: int, every: int
) -> None:
    learner = StreamLearner(heuristic=name, strategy=strategy, grow_at=grow_at, every=every)
    learner.learn_many(given_traces)
    batch = TraceBatch.from_traces(given_traces, learner.automaton.alphabet())
    assert learner.automaton.score_batch(batch)[3].tolist() == [0] * len(given_traces)


@pytest.mark.parametrize("grow_at", [2, 20])
def test_states_that_are_none_forget_nothing_either(grow_at: int) -> None:
    """A hidden Markov source: the tails of many states contradict their tree, and know symbols that it does not."""
    source, learner = random_hmm(Recipe(states=40, symbols=10, mean_length=9), 1), StreamLearner(grow_at=grow_at)
    batch = source.sampler(2).batch(2000)
    learner.learn_many(batch, Alphabet(source.symbols))
    found = learner.answer()
    routed = found.refinement.routed(found.tree, len(learner.alphabet))
    rows = routed.rows
    assert np.count_nonzero((rows.counts == 0) & ~routed.agree[rows.source]) > 20
    ids = learner.alphabet.adopt(Alphabet(source.symbols))
    assert learner.automaton.score_batch(TraceBatch(ids[batch.symbols], batch.offsets))[3].max() == 0


def test_symbols_fall_back_to_where_they_lead_most_often() -> None:
    symbol, target, weights = np.array([0, 0, 0, 1, 2]), np.array([1, 2, 1, 3, -1]), np.array([4, 7, 4, 1, 9])
    assert common_targets(symbol, target, weights, alphabet=4).tolist() == [1, 3, 0, 0]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3), st.integers(0, 5)), max_size=12))
def test_where_symbols_lead_by_hand(ways: list[tuple[int, int, int]]) -> None:
    """The state with most events, of equals the last; 0 where no state is known."""
    found = common_targets(*(np.array([way[at] for way in ways], np.int64) for at in range(3)), alphabet=4)
    for symbol, state in enumerate(found.tolist()):
        totals: Counter[int] = Counter()
        for own, target, events in ways:
            if own == symbol and target >= 0:
                totals[target] += events
        assert state == (max(totals, key=lambda target: (totals[target], target)) if totals else 0)


def test_capacity_for_transitions_that_only_tails_take_grows() -> None:
    """A thousand and more symbols that only tails have, each from the one state that the tree knows."""
    given_traces = [["a", f"s{number}"] for number in range(3000)]
    tree, alphabet = count(given_traces, grow_at=10**6)
    found = refine(tree, len(alphabet), make("evidence"))
    rows = found.routed(tree, len(alphabet)).rows
    assert len(rows.source) == 3001
    assert rows.counts.tolist() == [3000] + [0] * 3000
    assert rows.tails.tolist() == [0] + [1] * 3000
    assert (rows.target == 0).all() and rows.guessed.all()


@pytest.mark.parametrize(
    ("reach", "wanted"),
    [
        # Three visits are too few to be tested, so the node after b is forced into a state.
        (None, {(0, "a"): (1, False), (1, "b"): (2, False), (0, "b"): (0, True), (1, "c"): (2, False)}),
        # What never grew leads nowhere; without what follows the node after b is a state like the first.
        (1, {(0, "a"): (1, False), (1, "b"): (1, True), (0, "b"): (0, False), (1, "c"): (1, True)}),
    ],
)
def test_a_transition_without_evidence_is_a_guess(
    reach: int | None, wanted: dict[tuple[int, str], tuple[int, bool]]
) -> None:
    given_traces = [["a", "b"]] * 40 + [["b", "a"]] * 3 + [["a", "c"]]
    tree, alphabet = count(given_traces, grow_at=2, reach=reach)
    found = refine(tree, len(alphabet), make("evidence", light=5))
    rows = found.routed(tree, len(alphabet)).rows
    assert found.journal.count(Stage.FORCED) == (reach is None)
    told = {
        (int(source), alphabet.text(int(symbol))): (int(target), bool(guess))
        for source, symbol, target, guess in zip(rows.source, rows.symbol, rows.target, rows.guessed, strict=True)
    }
    assert told == wanted


def test_a_refinement_is_made_of_fold_states_and_decisions() -> None:
    """What was routed of it is its own and is not shown."""
    tree, alphabet = count([["a"]] * 3, grow_at=1)
    found = refine(tree, len(alphabet), make("evidence"))
    with pytest.raises(TypeError):
        Refinement(found.fold, found.reds, found.journal, [])  # type: ignore[call-arg]
    assert "_routed" not in repr(found)
    assert found.routed(tree, 1) is found.routed(tree, 1)
    assert found.routed(tree, 1) is not found.routed(tree, 2)


def long_stream(seed: int) -> tuple[Alphabet, TraceBatch]:
    """Return a stream so long that its tree is thinned."""
    source = random_pdfa(Recipe(states=30, symbols=8, mean_length=12), seed)
    return Alphabet(source.symbols), source.sampler(1).batch(280_000)


@pytest.mark.parametrize("seed", [0, 3])
def test_where_a_long_stream_is_cut_for_speed_every_transition_stays(seed: int) -> None:
    alphabet, batch = long_stream(seed)
    learner = StreamLearner()
    learner.alphabet.adopt(alphabet)
    learner.learn_many(batch)
    assert learner.tree.thinned_nodes > 10_000
    assert len(learner.tree.cut.nodes) > 60
    assert (learner.tree.cut.nodes < len(learner.tree)).all()
    assert learner.automaton.score_batch(batch)[3].max() == 0
    twin = copy.deepcopy(learner)
    assert twin.automaton.to_json() == learner.automaton.to_json()
    whole = StreamLearner(thin=False)
    whole.alphabet.adopt(alphabet)
    whole.learn_many(batch)
    assert len(learner.automaton) == len(whole.automaton)
    assert len(whole.tree.cut.nodes) == 0


def test_a_cut_forgets_what_is_evicted() -> None:
    cut = Cut(np.array([0, 1, 2]), np.array([7, 8, 9]), np.array([1, 2, 0]))
    kept = cut.renumbered(np.array([0, -1, 1]))
    assert (kept.nodes.tolist(), kept.symbols.tolist(), kept.targets.tolist()) == ([1], [9], [0])
