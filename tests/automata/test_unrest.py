"""Unrest: against a slow twin, nothing where a source stays, and what moves from block to block where it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, ModelError, StreamLearner, TraceBatch
from flexstream.automata.unrest import BLOCKS, SURE, unrest
from flexstream.monitoring.chances import chances
from flexstream.targets import Recipe, random_pdfa


def slow_unrest(automaton: PDFA, traces: list[list[str]]) -> list[float]:
    """Count by dictionaries, state by state, block by block."""
    counts: list[dict[tuple[int, str | None], int]] = [{} for _ in range(BLOCKS)]
    for number, trace in enumerate(traces):
        block = counts[number * BLOCKS // len(traces)]
        for place, outcome in enumerate([*trace, None]):
            if automaton.score_one(trace[: place + (outcome is not None)]).unseen:
                break
            key = automaton.state_after(trace[:place]), outcome
            block[key] = block.get(key, 0) + 1
    found = []
    for state in range(len(automaton)):
        outcomes = {outcome for block in counts for one, outcome in block if one == state}
        rows = np.array([[block.get((state, outcome), 0) for outcome in outcomes] for block in counts], float)
        shares = rows.sum(axis=0) / rows.sum()
        values, weights = [], []
        for place in range(1, BLOCKS):
            now, past = rows[place], rows[:place].sum(axis=0)
            if not (now.sum() and past.sum()) or (1 - shares).sum() < 1e-9:
                continue
            chance = 1 / now.sum() + 1 / past.sum()
            missed = ((now / now.sum() - past / past.sum()) ** 2 / shares).sum() / (1 - shares).sum()
            values.append(missed - chance)
            weights.append(chance**-2)
        sure = bool(values) and np.dot(np.sqrt(weights), values) > SURE * np.sqrt(2 * len(values))
        found.append(max(0.0, float(np.average(values, weights=weights))) if sure else 0.0)
    return found


@given(st.integers(0, 999), st.integers(9, 120), st.booleans())
def test_it_is_what_the_slow_twin_finds(seed: int, number: int, moves: bool) -> None:
    random = np.random.default_rng(seed)
    shares = np.linspace(0.1, 0.9, number) if moves else np.full(number, 0.5)
    traces = [["a"] * int(random.integers(0, 3)) + ["ab"[int(random.random() < share)]] for share in shares]
    learner = StreamLearner().fit(traces)
    batch = TraceBatch.from_traces(traces, learner.alphabet)
    assert unrest(learner.automaton, batch).tolist() == pytest.approx(slow_unrest(learner.automaton, traces))


def test_a_source_that_stays_has_next_to_none_and_one_that_changes_has() -> None:
    first, second = (random_pdfa(Recipe(states=10, symbols=4), seed) for seed in (1, 2))
    quiet = StreamLearner().fit(first.sample(4000, 1)).automaton.calibration
    assert quiet is not None and quiet.unrest is not None
    assert (quiet.unrest > 0).mean() < 0.3
    assert quiet.unrest.max() < 0.02
    moved = StreamLearner().fit(first.sample(2000, 1) + second.sample(2000, 1)).automaton.calibration
    assert moved is not None and moved.unrest is not None
    assert moved.unrest[0] > 0.05


def test_intervals_are_wider_where_shares_have_moved() -> None:
    still = StreamLearner().fit([["a"], ["b"]] * 400).automaton
    moves = StreamLearner().fit([["a"]] * 200 + [["b"]] * 300 + [["a"]] * 200 + [["b"]] * 100).automaton
    widths = []
    for automaton in (still, moves):
        (one,) = [chance for chance in chances(automaton, []) if chance.symbol == "a"]
        assert one.low is not None and one.high is not None
        widths.append(one.high - one.low)
    assert widths[0] < 0.1
    assert widths[1] > 0.5


def test_it_is_kept_in_the_model_and_fits_its_states() -> None:
    model = StreamLearner().fit([["a"]] * 200 + [["b"]] * 200).automaton
    again = PDFA.from_json(model.to_json())
    assert model.calibration is not None and again.calibration is not None
    assert model.calibration.unrest is not None and again.calibration.unrest is not None
    assert again.calibration.unrest.tolist() == model.calibration.unrest.tolist()
    for wrong in (np.zeros(9), np.full(len(model), -1.0), np.full(len(model), np.nan)):
        with pytest.raises(ModelError):
            replace(model, calibration=replace(model.calibration, unrest=wrong))
