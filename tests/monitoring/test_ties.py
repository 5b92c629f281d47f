"""Ties: the rate is kept where many traces are equally strange."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import Judge, StreamLearner, TraceBatch
from flexstream.automata.calibration import Calibration, Judged
from flexstream.automata.left_out import CountedParts
from flexstream.automata.tallies import Tallies
from flexstream.merging.freeze import counted_parts
from flexstream.monitoring.ties import HEAVY, split_ties


def tied(low: float, high: float, traces: int) -> Judged:
    return Judged(np.full(traces, high), np.zeros(traces, np.int64), np.full(traces, low))


def batch_of(traces: list[list[int]]) -> TraceBatch:
    offsets = np.concatenate(([0], np.cumsum([len(trace) for trace in traces])))
    return TraceBatch(np.array([symbol for trace in traces for symbol in trace], np.int64), offsets)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_of_traces_tied_as_many_alarm_as_the_rate_says(share: float) -> None:
    different = batch_of([[row, row // 7] for row in range(20_000)])
    found = split_ties(tied(0.1, 0.11, 20_000), 0.1 + 0.01 * share, different, 20_000)
    assert (found <= 0.1 + 0.01 * share).mean() == pytest.approx(share, abs=0.02)


def test_equal_traces_are_judged_equal_where_few_are_tied() -> None:
    rate = 0.1
    few = tied(rate - 0.9 * HEAVY * rate / 2, rate + 0.9 * HEAVY * rate / 2, 400)
    found = split_ties(few, rate, batch_of([[row % 4] for row in range(400)]), 4)
    assert len({tuple(found[row::4].tolist()) for row in range(4)}) <= 4
    assert all(len(set(found[row::4].tolist())) == 1 for row in range(4))


def test_heavy_ties_are_parted_by_the_numbers_of_traces() -> None:
    same = batch_of([[0]] * 4000)
    found = split_ties(tied(0.05, 0.15, 4000), 0.1, same, 1)
    assert 0.45 < (found <= 0.1).mean() < 0.55
    numbered = split_ties(tied(0.05, 0.15, 1000), 0.1, same.part(1000, 2000), 1, range(1000, 2000))
    assert numbered.tolist() == found[1000:2000].tolist()


def test_what_is_as_usual_as_the_rate_does_not_alarm() -> None:
    found = split_ties(tied(0.05, 0.3, 4000), 0.1, batch_of([[0]] * 4000), 1)
    assert (found == 0.3).all()


def test_nothing_else_is_moved_nor_what_is_still_open() -> None:
    judged = Judged(np.array([0.05, 0.5, 0.12, 0.12]), np.zeros(4, np.int64), np.array([0.04, 0.49, 0.04, 0.04]))
    batch = batch_of([[0], [1], [2], [2]])
    found = split_ties(judged, 0.1, batch, 3, which=np.array([True, True, True, False]))
    assert found[[0, 1, 3]].tolist() == [0.05, 0.5, 0.12]
    assert judged.p_values.tolist() == [0.05, 0.5, 0.12, 0.12]


def test_unknown_symbols_are_one() -> None:
    found = split_ties(tied(0.095, 0.105, 3), 0.1, batch_of([[7, 1], [9, 1], [-1, 1]]), 5)
    assert len(set(found.tolist())) == 1


def slow_standing(usual: np.ndarray, one: np.ndarray) -> tuple[float, float]:
    """Rank all n + 1 as the definition says; shares of the traces of the calibration stranger, and as strange."""
    both = np.vstack([usual, one])
    ranks = (both[None, :, :] >= both[:, None, :]).sum(axis=1).min(axis=1)
    total = len(both)
    return float((ranks < ranks[-1]).sum() / total), float((ranks <= ranks[-1]).sum() / total)


@given(st.integers(1, 4), st.integers(1, 30), st.integers(0, 10_000), st.integers(1, 40))
def test_stranger_are_those_of_smaller_ranks(statistics: int, traces: int, seed: int, most: int) -> None:
    random = np.random.default_rng(seed)
    usual, one = random.integers(0, most, (traces, statistics)), random.integers(0, most, (1, statistics))
    names = ("worst", "bits", "counts", "late")[:statistics]
    judged = Calibration.of(usual, names, Tallies([], [], [], traces, 0)).judged(one)
    low, high = slow_standing(usual, one)
    assert low - 1e-12 <= judged.stranger[0] <= judged.p_values[0]
    assert judged.p_values[0] >= high - 1e-12
    if statistics == 1:
        assert (judged.stranger[0], judged.p_values[0]) == pytest.approx((low, high))


def test_a_rate_is_kept_where_there_are_few_kinds_of_traces() -> None:
    """Half a dozen kinds of traces: a rate between their shares is kept though each kind is one tie."""
    random = np.random.default_rng(5)
    kinds = [["a"], ["a", "b"], ["a", "c"], ["b"], ["c", "c"], ["b", "c"], ["c"]]
    shares = [0.5, 0.3, 0.08, 0.04, 0.03, 0.03, 0.02]
    drawn = [kinds[kind] for kind in random.choice(len(kinds), 12_000, p=shares)]
    learner = StreamLearner()
    learner.learn_many(drawn[:4000])
    batch = TraceBatch.from_traces(drawn[4000:], learner.alphabet)
    for rate in (0.05, 0.1):
        alarms = Judge(learner.model, rate).p_values(batch) <= rate
        assert alarms.mean() == pytest.approx(rate, abs=0.02)
        assert not any(
            alarm and trace in (["a"], ["a", "b"]) for alarm, trace in zip(alarms, drawn[4000:], strict=True)
        )


def test_parts_say_how_much_of_what_came_is_counted() -> None:
    """The counts of an automaton are the parts of those that all its traces have."""
    from flexstream.targets import Recipe, random_pdfa

    traces = random_pdfa(Recipe(states=20, symbols=10, mean_length=20.0), 95).sample(2000, 96)
    learner = StreamLearner()
    learner.learn_many(traces)
    automaton = learner.automaton.alone
    answer = learner._answer
    parts = counted_parts(answer.refinement.routed(answer.tree, len(learner.alphabet)))
    assert isinstance(parts, CountedParts)
    assert len(parts.events) == len(automaton.weights)
    assert ((parts.events > 0) & (parts.events <= 1)).all()
    came = automaton.weights / parts.events
    assert came.sum() == pytest.approx(sum(map(len, traces)))
    assert (automaton.stops / np.where(parts.ends, parts.ends, 1)).sum() == pytest.approx(2000, rel=0.02)
