"""What comes next, with intervals: against what was counted, and how often they hold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from flexstream import END, PDFA, UNKNOWN, Ensemble, StreamLearner, UsageError
from flexstream.automata.ngram import NGram
from flexstream.monitoring.chances import Chance, chances, observations
from flexstream.pac.statistics.binomial import binomial_limits
from flexstream.targets import Recipe, from_rows, random_hmm, random_pdfa
from flexstream.targets.pfa import PFA

USUAL = [["load", "run"], ["load"], ["load", "run"], ["load", "run"], ["load"]] * 20


def test_intervals_are_those_of_the_counts_of_the_state() -> None:
    model = StreamLearner().fit(USUAL).automaton
    assert model.ngram is None
    found = {one.symbol: one for one in chances(model, ["load"], 0.9)}
    for symbol, hits in (("run", 60), (None, 40), ("load", 0)):
        low, high = binomial_limits(hits, 100, 0.1)
        assert (found[symbol].low, found[symbol].high) == (pytest.approx(float(low)), pytest.approx(float(high)))
    ordered = [one.probability for one in found.values()]
    assert ordered == sorted(ordered, reverse=True)
    expected = model.predict_proba_one(["load"])
    assert {END if symbol is None else symbol: one.probability for symbol, one in found.items()} == {
        outcome: p for outcome, p in expected.items() if outcome is not UNKNOWN
    }


def test_a_probability_lies_in_its_interval_however_smooth() -> None:
    model = StreamLearner(smoothing=1000.0).fit([["load", "run"]] * 5).automaton
    for one in chances(model, ["load"]):
        assert one.low is not None and one.high is not None
        assert one.low <= one.probability <= one.high


def test_automata_known_exactly_have_no_intervals() -> None:
    coin = from_rows({0: {"a": (0.75, 0), None: (0.25, 0)}})
    assert chances(coin, ["a"]) == [Chance("a", 0.75, None, None), Chance(None, 0.25, None, None)]
    with pytest.raises(UsageError, match="impossible"):
        chances(from_rows({0: {"a": (1, 1)}, 1: {None: (1, 1)}}), ["a", "a"])


def test_a_state_without_observations_tells_nothing() -> None:
    model = PDFA(["a"], [9, 0], [4, 0], [0, 1, 1], [0], [1], [5])  # type: ignore[arg-type]
    assert [(one.low, one.high) for one in chances(model, ["a"])] == [(0.0, 1.0)] * 2


def mixed() -> PDFA:
    """A coin that came 100 times, half of it an n-gram that saw ten heads and, of longer memory, four."""
    ngram = NGram(1, 0, [0, 0], [0.5, 0.5], [0, 0, 1, 1], [0, 1, 0, 1], [1, 0, 1, 0], [6.0, 4.0, 3.0, 1.0])  # type: ignore[arg-type]
    return PDFA(["a"], [100], [50], [0, 1], [0], [0], [50], ngram=ngram, ngram_shares=[0.5])  # type: ignore[arg-type]


def test_observations_of_a_mixture_are_worked_out_by_hand() -> None:
    """After "a" the n-gram is in the longer context: 4 counts of 2 kinds, of which ½·2/4 escapes to the 10 below."""
    model = mixed()
    expected = 0.5 / 10 + 0.5 * (0.75 / 2 + 0.25 / math.sqrt(10))
    assert observations([(1.0, model)], ["a"]) == pytest.approx(expected**-2)
    assert observations([(1.0, model)], []) == pytest.approx((0.5 / 10 + 0.5 / math.sqrt(10)) ** -2)
    assert observations([(1.0, model.alone)], []) == pytest.approx(100)
    one = chances(model, ["a"])[0]
    p, m = model.predict_proba_one(["a"])["a"], expected**-2
    low, high = binomial_limits(p * m, m, 0.05)
    left = 0.5 * 0.25  # to the shorter context; none of the coin's counts is in doubt
    expected_limits = max(0.0, (float(low) - left) / (1 - left)), min(1.0, float(high) / (1 - left))
    assert (one.probability, one.low, one.high) == (pytest.approx(p), *map(pytest.approx, expected_limits))


def test_an_ensemble_is_as_sure_as_its_members() -> None:
    model = StreamLearner().fit(USUAL).automaton
    same = Ensemble([model, model], np.ones(2))
    assert observations(same._beliefs(["load"]), ["load"]) == pytest.approx(100)
    alone = {one.symbol: one for one in chances(model, ["load"])}
    for one in chances(same, ["load"]):
        assert one.low == pytest.approx(alone[one.symbol].low, abs=0.01)


def test_an_n_gram_that_counted_nothing_tells_nothing() -> None:
    blank = NGram(1, 0, [0], [0.5], [], [], [], [])  # type: ignore[arg-type]
    model = PDFA(["a"], [100], [50], [0, 1], [0], [0], [50], ngram=blank, ngram_shares=[0.5])  # type: ignore[arg-type]
    assert observations([(1.0, model)], []) == 0
    assert [(one.low, one.high) for one in chances(model, [])] == [(0.0, 1.0)] * 2


def following(source: PFA, prefix: list[str]) -> dict[str | None, float]:
    """Return the true probabilities after the beginning of a trace: shares of states, step by step."""
    shares = source.initial.copy()
    for symbol in [*prefix]:
        edges = source.edge_symbols == source.symbols.index(symbol)
        flows = shares[source.sources[edges]] * source.probabilities[edges]
        shares = np.bincount(source.targets[edges], flows, len(shares))
    flows = shares[source.sources] * source.probabilities
    found = np.append(np.bincount(source.edge_symbols, flows, len(source.symbols)), shares @ source.stops)
    return dict(zip([*source.symbols, None], (found / shares.sum()).tolist(), strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_intervals_hold_as_often_as_they_say(seed: int) -> None:
    """On samples of an automaton the true probability lies within, weighted by how often an outcome is to come."""
    target = random_pdfa(Recipe(states=8, symbols=3, mean_length=8), seed=seed)
    model = StreamLearner().fit(target.sample(4000, seed=1)).automaton
    inside = total = 0.0
    for trace in target.sample(20, seed=2):
        for stop in range(len(trace) + 1):
            truth = following(target, trace[:stop])
            for one in chances(model, trace[:stop], 0.95):
                p = truth[one.symbol]
                assert one.low is not None and one.high is not None
                inside, total = inside + p * (one.low <= p <= one.high), total + p
    assert inside / total > 0.88


def test_a_model_that_is_mixed_has_wider_intervals_than_its_automaton_alone() -> None:
    source = random_hmm(Recipe(states=20, symbols=5, mean_length=9, transition_sparsity=0.2), 0)
    learner = StreamLearner().fit(source.sample(400, 1))
    model = learner.automaton
    assert model.ngram is not None
    for trace in source.sample(10, 2):
        assert observations([(1.0, model)], trace) <= observations([(1.0, model.alone)], trace) + 1e-6
