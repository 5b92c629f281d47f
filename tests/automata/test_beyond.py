"""What is beyond anything seen: against a slow twin, the stranger the further it is, at rates that are kept."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, Judge, StreamLearner, TraceBatch
from flexstream.automata.beyond import LARGEST, ONE_OF, A, B, Beyond, bits_beyond, bits_left_out
from flexstream.automata.calibration import LATE, Calibration
from flexstream.automata.lateness import lateness
from flexstream.automata.slow import slowest
from flexstream.automata.timing import durations_of
from flexstream.monitoring.waits import waits_along
from flexstream.stream.durations import bins_of

STEPS = ("load", "align", "pump", "run", "vent", "unload")
TYPICAL = np.array([math.nan, 30.0, 300.0, 180.0, 100.0, 40.0])


def slow_bits(values: Sequence[int], value: float) -> float:
    """Return what the definition says, value by value."""
    falling = sorted(values, reverse=True)
    many = min(LARGEST, len(falling) // ONE_OF)
    above = sum(other - falling[many] for other in falling[:many])
    return (many + A) * math.log2(1 + max(0, value - falling[0]) / (above + B))


def lots(traces: int, seed: int, pumped: float = 1.0) -> TraceBatch:
    """Return lots of one line, whose pump takes so many times as long."""
    random = np.random.default_rng(seed)
    took = random.gamma(8.0, 1 / 8, (traces, len(STEPS))) * TYPICAL
    took[:, 2] *= pumped
    symbols, offsets = np.tile(np.arange(len(STEPS)), traces), np.arange(traces + 1) * len(STEPS)
    return TraceBatch(symbols, offsets, durations=bins_of(took.ravel()))


def judge_of(traces: int, seed: int, rate: float) -> Judge:
    learner = StreamLearner()
    learner.alphabet.encode(STEPS)
    learner.learn_many(lots(traces, seed))
    return Judge(learner.model, rate)


many = st.lists(st.integers(0, 200), min_size=1, max_size=120)


@given(st.lists(many, min_size=1, max_size=3), st.integers(0, 900))
def test_tails_are_those_of_the_definition(groups: list[list[int]], value: int) -> None:
    cells = [sorted(Counter(group).items()) for group in groups]
    values, counts = (np.array(part) for part in zip(*(cell for group in cells for cell in group), strict=True))
    starts = np.concatenate(([0], np.cumsum([len(group) for group in cells])))
    found = Beyond(starts, values, counts).bits(np.arange(len(groups)), np.full(len(groups), value))
    expected = [slow_bits(group, value) for group in groups]
    assert found.tolist() == pytest.approx(expected)
    assert [bits_beyond(group, len(group), value) for group in groups] == pytest.approx(expected)


@given(many, st.lists(st.integers(0, 900), min_size=1, max_size=30))
def test_left_out_they_are_those_of_the_others(others: list[int], own: list[int]) -> None:
    values, counts = (np.array(part) for part in zip(*sorted(Counter(others + own).items()), strict=True))
    found = bits_left_out(values, counts, own, max(own), len(others))
    assert found == pytest.approx(slow_bits(others, max(own)))


def test_a_group_of_none_has_none_beyond() -> None:
    none, one = Beyond(np.zeros(3, np.int64), np.empty(0), np.empty(0, np.int64)), np.array([1, 0])
    assert none.bits(one, np.array([5, 900])).tolist() == [0, 0]


def test_traces_left_out_score_as_if_they_had_not_been_counted() -> None:
    """A trace that took the step twice is compared with others alone."""
    judge = judge_of(60, 1, 0.1)
    loop = TraceBatch(np.array([0, 1, 1, 1] * 9), np.arange(0, 37, 4))
    took = np.random.default_rng(2).integers(1200, 1400, 36).astype(np.int16)
    took[[1, 2, 3]] = 1500, 1501, 1490
    batch = replace(loop, durations=took)
    learner = StreamLearner()
    learner.alphabet.encode(["load", "run"])
    learner.learn_many(batch)
    automaton = learner.automaton.alone
    every, others = (durations_of(automaton, part, np.ones(len(part), np.int64)) for part in (batch, batch.part(1, 9)))
    left_out = lateness(replace(automaton, durations=every), batch, left_out=True)[0]
    assert left_out == pytest.approx(lateness(replace(automaton, durations=others), batch.part(0, 1))[0])
    assert judge.calibration.beyond


@pytest.mark.parametrize("traces", [399, 700])
def test_what_is_far_later_than_anything_alarms_at_the_least_rate(traces: int) -> None:
    """Ever so many transitions whose slowest step ties for the strangest do not hide it."""
    least = judge_of(traces, 1, 0.2).calibration.least_rate
    judge = judge_of(traces, 1, least)
    assert (judge.p_values(lots(50, 2, 30.0)) <= judge.rate).all()
    late = lots(1, 3, 30.0)
    (slow,) = slowest(judge.model, late)
    assert slow is not None
    assert (slow.position, slow.p_value) == (2, 1 / (traces + 1))
    assert judge.p_values_each(late)[0, judge.calibration.statistics.index(LATE)] == 1 / (traces + 1)


def test_the_rate_of_late_traces_is_kept() -> None:
    shares = []
    for seed in range(8):
        judge = judge_of(300, seed, 0.05)
        late = judge.calibration.share(LATE, judge.strangeness(lots(1000, seed + 100))[:, -1])
        shares.append([(late <= rate).mean() for rate in (0.1, 0.02, 1 / 150)])
    found = np.mean(shares, axis=0)
    assert (found <= np.array([0.12, 0.03, 0.014])).all()
    assert (found >= np.array([0.07, 0.008, 0.001])).all()


def test_longer_is_never_less_strange_and_live_cases_agree() -> None:
    judge = judge_of(400, 5, 0.05)
    assert isinstance(judge.model, PDFA)
    automaton = judge.model.alone
    seconds = [200.0, 400.0, 800.0, 1600.0, 7200.0, 1e5]
    batch = lots(len(seconds), 7)
    assert batch.durations is not None
    batch.durations[2 :: len(STEPS)] = bins_of(seconds)
    found = lateness(automaton, batch)
    assert (np.diff(found[2:]) > 1).all()
    edge = next(at for at, part in enumerate(automaton.transitions()) if part.symbol == "pump")
    tail = waits_along(automaton, edge)
    assert [tail.bits(took) for took in seconds[2:]] == pytest.approx(found[2:].tolist())
    assert [tail.bits(took, beyond=False) for took in seconds[3:]] == pytest.approx([math.log2(401)] * 3)


def test_an_old_calibration_is_used_as_it_was_made() -> None:
    """Those left out tie where they are longest; what is longer must not be stranger than that."""
    known = judge_of(400, 6, 0.05).calibration
    told = known.to_document()
    assert Calibration.from_document(told, len(STEPS)).beyond
    del told["beyond"]
    old = Calibration.from_document(told, len(STEPS))
    assert (old.beyond, old.shared) == (False, False)
    model = judge_of(400, 6, 0.05).model
    assert isinstance(model, PDFA)
    found = Judge(replace(model, calibration=old), 0.05).strangeness(lots(3, 8, 100.0))[:, -1]
    assert len(set(found.tolist())) == 1
