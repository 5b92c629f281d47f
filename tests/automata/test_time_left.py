"""Time left: against a slow twin; kept in the model; right where times of one trace hang on each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, ModelError, StreamLearner, TraceBatch
from flexstream.automata.time_left import DOUBTED, POINTS, TimeLeft, time_left
from flexstream.stream.durations import UNKNOWN, bins_of, seconds_of, spans_of


def learned(traces: list[list[str]], moments: list[list[float]]) -> tuple[PDFA, TraceBatch]:
    """Learn traces whose events came at some moments."""
    learner = StreamLearner()
    texts = TraceBatch.from_traces(traces, learner.alphabet)
    spans = [spans_of(row) for row in moments]
    batch = TraceBatch(texts.symbols, texts.offsets, durations=np.concatenate([np.empty(0, np.int16), *spans]))
    learner.learn_many(batch)
    return learner.automaton, batch


def slow_times(automaton: PDFA, traces: list[list[str]], batch: TraceBatch) -> list[list[float]]:
    """Return the times to the end from each state, trace by trace, event by event."""
    assert batch.durations is not None
    found: list[list[float]] = [[] for _ in range(len(automaton))]
    for row, trace in enumerate(traces):
        bins = batch.durations[batch.offsets[row] : batch.offsets[row + 1]]
        if automaton.score_one(trace).unseen or UNKNOWN in bins[1:]:
            continue
        seconds = seconds_of(np.maximum(bins, 0))
        for place in range(len(trace)):
            found[automaton.state_after(trace[: place + 1])].append(float(seconds[place + 1 :].sum()))
    return [sorted(times) for times in found]


@given(st.integers(0, 999), st.integers(1, 60))
def test_it_is_what_the_slow_twin_finds(seed: int, number: int) -> None:
    random = np.random.default_rng(seed)
    traces = [[str(symbol) for symbol in random.choice(["a", "b"], random.integers(0, 4))] for _ in range(number)]
    moments = [
        np.cumsum(random.choice([0.0, 1.0, 500.0, np.nan], len(trace), p=[0.3, 0.3, 0.3, 0.1])) for trace in traces
    ]
    automaton, batch = learned(traces, [row.tolist() for row in moments])
    found = time_left(automaton, batch)
    if automaton.durations is None:
        assert found is None
        return
    assert found is not None
    for state, times in enumerate(slow_times(automaton, traces, batch)):
        assert found.traces[state] == len(times)
        if times:
            assert found.means[state] == pytest.approx(np.mean(times), rel=1e-4, abs=1e-6)
            exact = np.quantile(times, np.arange(POINTS + 1) / POINTS, method="inverted_cdf")
            assert found.points[state] == pytest.approx(exact, rel=1e-4, abs=1e-6)


SLOW_STAYS_SLOW = [[0.0, 1.0, 2.0, 3.0], [0.0, 100.0, 200.0, 300.0]] * 500


def test_times_of_one_trace_that_hang_on_each_other() -> None:
    """Half of the traces take 2 s after the second event, the others 200 s; drawn one by one many would take 101 s."""
    automaton, _ = learned([["a", "b", "c", "d"]] * 1000, SLOW_STAYS_SLOW)
    time, alone = (one.remaining(["a", "b"]).time for one in (automaton, replace(automaton, calibration=None)))
    assert time is not None and alone is not None
    assert alone.within(150.0) - alone.within(50.0) == pytest.approx(0.5, abs=0.01)
    assert time.within(150.0) - time.within(50.0) < 0.05
    assert (time.quantile(0.3), time.quantile(0.7)) == pytest.approx((2.0, 200.0), rel=0.05)
    assert time.mean == pytest.approx(101.0, rel=0.01) == alone.mean


def test_few_traces_say_little() -> None:
    known = TimeLeft(np.zeros((2, POINTS + 1)), np.zeros(2), np.array([0, 10]))
    assert [known.share(0), known.share(1)] == [0.0, 10 / (10 + DOUBTED)]


def test_it_is_kept_in_the_model_and_fits_its_states() -> None:
    automaton, _ = learned([["a", "b", "c", "d"]] * 1000, SLOW_STAYS_SLOW)
    again = PDFA.from_json(automaton.to_json())
    one, other = (model.calibration.time_left for model in (automaton, again) if model.calibration is not None)
    assert one is not None and other is not None
    for name in ("points", "means", "traces"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    assert automaton.calibration is not None
    with pytest.raises(ModelError, match="other states"):
        few = TimeLeft(one.points[1:], one.means[1:], one.traces[1:])
        replace(automaton, calibration=replace(automaton.calibration, time_left=few))
    for wrong in ([5.0] + [0.0] * POINTS, [-1.0] * (POINTS + 1), [np.nan] * (POINTS + 1)):
        with pytest.raises(ModelError):
            TimeLeft(np.array([wrong]), np.zeros(1), np.zeros(1, np.int64))


def test_points_that_do_not_fill_a_row_are_an_error_of_the_model() -> None:
    with pytest.raises(ModelError):
        TimeLeft(np.zeros(POINTS), np.zeros(1), np.zeros(1, np.int64))
    for values in ([[0.0] * POINTS + ["x"]], [[0.0], [0.0, 1.0]], 3, None):
        with pytest.raises(ModelError):
            TimeLeft.from_document({"points": values, "means": [0.0], "traces": [1]})


def test_a_model_without_times_says_nothing_of_them() -> None:
    assert "time_left" not in StreamLearner().fit([["a", "b"]] * 100).model.to_json()
    assert int(bins_of(np.nan)) == UNKNOWN
