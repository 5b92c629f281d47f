"""Excess of traces over what states let expect: by hand, event by event, and its mean."""

from __future__ import annotations

import math

import numpy as np
import pytest

from flexstream import PDFA, StreamLearner, TraceBatch
from flexstream.automata.sampling import sample_batch
from flexstream.monitoring.excess import Excess, entropies
from flexstream.targets import Recipe, from_rows, random_pdfa, reber, reentrant_line


def learned(source: PDFA, traces: int = 500) -> PDFA:
    learner = StreamLearner()
    learner.learn_many(source.sample(traces, seed=1))
    return learner.automaton.alone


MODELS = [learned(reber()), learned(reentrant_line()), learned(random_pdfa(Recipe(states=30), 3).to_pdfa(), 2000)]


def test_entropies_by_hand() -> None:
    coin = from_rows({0: {"h": (3, 1), "t": (1, 0)}, 1: {None: (1, 0), "t": (1, 1)}, 2: {None: (5, 0)}})
    sure = math.log2(4) - 0.75 * math.log2(3)
    assert np.allclose(entropies(coin), [sure, 1.0, 0.0])


@pytest.mark.parametrize("model", MODELS)
def test_it_is_the_sum_of_what_each_event_costs_beyond_the_entropy_of_its_state(model: PDFA) -> None:
    traces = [[*trace, *extra] for trace in model.sample(40, seed=2) for extra in ([], ["never seen"])]
    batch = TraceBatch.from_traces(traces, model.alphabet())
    found, entropy = Excess(model).of(batch), entropies(model)
    for trace, excess in zip(traces, found, strict=True):
        bits, states = model.surprises(trace)
        assert excess == pytest.approx((bits - entropy[states]).sum(), abs=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_its_mean_over_traces_of_the_model_is_nothing_and_it_spreads_less_than_bits(model: PDFA) -> None:
    batch = sample_batch(model, 20_000, seed=9, max_length=1000)
    excess, bits = Excess(model).of(batch), -model.score_batch(batch)[0]
    assert abs(excess.mean()) < 4 * excess.std() / math.sqrt(len(batch)) + 0.02 * bits.mean()
    assert excess.std() < bits.std()


@pytest.mark.parametrize("model", MODELS)
def test_scaled_it_lies_between_0_and_1_and_seldom_at_the_bounds(model: PDFA) -> None:
    excess = Excess(model)
    batch = sample_batch(model, 5000, seed=4, max_length=1000)
    values, bits = excess.scaled(batch), excess.of(batch)
    within = (bits > excess.low) & (bits < excess.high)
    assert within.mean() > 0.97
    assert np.allclose(values[within], (bits[within] - excess.low) / (excess.high - excess.low))
    assert set(values[~within].tolist()) <= {0.0, 1.0}
    odd = TraceBatch.from_traces([[f"new {n}" for n in range(500)]], model.alphabet())
    assert excess.scaled(odd).tolist() == [1.0]


def test_a_source_that_is_certain_has_bounds_too() -> None:
    certain = learned(from_rows({0: {"a": (1, 1)}, 1: {None: (1, 0)}}))
    excess = Excess(certain)
    assert excess.low < 0 < excess.high
    assert excess.scaled(TraceBatch.from_traces([["a"], ["b"]], certain.alphabet()))[1] == 1.0
