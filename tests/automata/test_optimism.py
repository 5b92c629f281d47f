"""Optimism: what traces that found an automaton's states say of others is put right."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, FleetLearner, Judge, ModelError, StreamLearner, TraceBatch
from flexstream.automata.calibration import Calibration
from flexstream.automata.optimism import TAIL, Optimism
from flexstream.automata.tallies import Tallies
from flexstream.targets import Recipe, random_pdfa

SHARES = st.floats(0, 1)
FOUND = st.builds(Optimism, st.floats(1, 1 / TAIL), st.floats(0.2, 1))


@given(FOUND, st.lists(SHARES, min_size=2, max_size=20))
def test_shares_rise_and_are_never_made_smaller(found: Optimism, shares: list[float]) -> None:
    given_shares = np.sort(np.array(shares))
    corrected = found.corrected(given_shares)
    assert (corrected >= given_shares).all() and (corrected <= 1 + 1e-12).all()
    assert (np.diff(corrected) >= -1e-12).all()


@given(FOUND, st.floats(1e-4, 1))
def test_the_inverse_leads_back(found: Optimism, rate: float) -> None:
    assert found.corrected(found.inverse(rate)) == pytest.approx(max(rate, found.inverse(rate)), rel=1e-9)


def test_where_others_are_as_strange_nothing_is_put_right() -> None:
    stranger = np.arange(1000) / 1000
    assert Optimism.of(stranger, stranger + 0.001) == pytest.approx((1, 1))
    assert Optimism.of(np.zeros(50), np.ones(50)) == pytest.approx((1, 1))  # all tied
    assert Optimism.of(np.full(50, 0.5), np.ones(50)) == (1, 1)
    assert Optimism.of(stranger**0.8, (stranger + 0.001) ** 0.8) == pytest.approx((1, 1))  # more usual: left as it is


def test_a_calibration_that_is_known_to_be_optimistic_asks_for_more_traces() -> None:
    tallies = Tallies([], [], [], 999, 0)  # type: ignore[arg-type]
    plain = Calibration.of(np.arange(999)[:, None], ("bits",), tallies)
    put_right = replace(plain, optimism=Optimism(1.2, 0.9))
    strange = np.array([[990], [0]])
    assert put_right.judged(strange).p_values == pytest.approx(Optimism(1.2, 0.9).corrected(np.array([0.01, 1.0])))
    assert put_right.least_rate == pytest.approx(float(Optimism(1.2, 0.9).corrected(0.001)))
    assert put_right.traces_for(put_right.least_rate) == plain.traces_for(plain.least_rate) == 999
    assert put_right.traces_for(0.001) > 1500


def wide(seed: int, traces: int) -> list[list[str]]:
    """Return traces of an automaton with far more states than they tell of."""
    return random_pdfa(Recipe(states=80, symbols=30, mean_length=10), seed).sample(traces, seed)


def test_the_rate_is_kept_where_few_traces_found_many_states() -> None:
    kept, known = [], []
    for seed in range(24):
        traces = wide(seed, 1500)
        learner = StreamLearner()
        learner.learn_many(traces[:500])
        model = learner.automaton
        assert model.calibration is not None
        batch = TraceBatch.from_traces(traces[500:], model.alphabet())
        as_known = replace(model, calibration=replace(model.calibration, optimism=None))
        for one, into in ((model, kept), (as_known, known)):
            into.append((Judge(one, 0.05).p_values(batch) <= 0.05).mean())
    assert np.mean(kept) < 0.065
    assert np.mean(known) > 0.073


def test_members_of_a_fleet_have_it_of_what_found_their_states() -> None:
    learner = FleetLearner()
    for place, name in enumerate("ab"):
        learner.learn_many(wide(3, 800)[place * 400 : place * 400 + 400], [name] * 400)
    fleet = learner.fleet()
    pool = fleet.base.calibration
    assert pool is not None and pool.optimism is not None and pool.optimism != (1, 1)
    assert [one.calibration and one.calibration.optimism for one in fleet.members] == [pool.optimism] * 2


def test_files_have_it_and_what_is_none_is_refused() -> None:
    learner = StreamLearner()
    learner.learn_many(wide(1, 300))
    document = json.loads(learner.automaton.to_json())
    assert learner.automaton.calibration is not None
    assert PDFA.from_json(json.dumps(document)).calibration.optimism == learner.automaton.calibration.optimism  # type: ignore[union-attr]
    for wrong in ([0.5, 1.0], [1.0, 0.0], [1.0], ["1", 1.0], [1.0, float("nan")], 3, [5.0, 1.0]):
        document["calibration"]["optimism"] = wrong
        with pytest.raises(ModelError):
            PDFA.from_json(json.dumps(document))
    del document["calibration"]["optimism"]
    assert PDFA.from_json(json.dumps(document)).calibration.optimism is None  # type: ignore[union-attr]
