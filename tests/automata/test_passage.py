"""How long a trace still takes: against closed forms, and against convolutions by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from flexstream import PDFA, Ensemble, StreamLearner, TraceBatch, UsageError
from flexstream.automata import passage
from flexstream.automata.timing import Durations
from flexstream.stream.durations import bins_of, seconds_of
from flexstream.targets import from_rows

from .test_remaining import COIN, LEAK


def timed(automaton: PDFA, seconds: list[list[float]]) -> PDFA:
    """Give each transition durations, once each; an empty list: none is known."""
    rows = [(edge, bins, times) for edge, own in enumerate(seconds) for bins, times in _counted(own)]
    edges, bins, times = zip(*rows, strict=True)
    return replace(automaton, durations=Durations(edges, bins, times, np.ones(len(automaton.targets))))  # type: ignore[arg-type]


def _counted(seconds: list[float]) -> list[tuple[int, int]]:
    found, times = np.unique(bins_of(seconds), return_counts=True)
    return list(zip(found.tolist(), times.tolist(), strict=True))


def stands_for(seconds: float) -> float:
    return float(seconds_of(bins_of(seconds)))


@pytest.fixture(params=[64, 0], ids=["solved", "summed up"])
def solved(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(passage, "SOLVED", request.param)
    return int(request.param)


@pytest.mark.usefixtures("solved")
def test_a_line_takes_the_sum_of_its_times() -> None:
    line = from_rows({0: {"go": (1, 1)}, 1: {"a": (1, 2)}, 2: {"b": (1, 3)}, 3: {None: (1, 3)}})
    model = timed(line, [[], [60.0], [600.0]])
    total = stands_for(60) + stands_for(600)
    time = model.remaining(["go"]).time
    assert time is not None
    assert time.mean == pytest.approx(total)
    for share in (0.01, 0.5, 0.99, 1.0):
        assert time.quantile(share) == pytest.approx(total, rel=0.012)
    assert [time.within(total * part) for part in (0.0, 0.9, 1.1, 100.0)] == pytest.approx([0, 0, 1, 1], abs=1e-6)
    after = model.remaining(["go", "a"]).time
    assert after is not None and after.mean == pytest.approx(stands_for(600))
    done = model.remaining(["go", "a", "b"]).time
    assert done is not None and (done.mean, done.quantile(0.99), done.within(0.0)) == (0.0, 0.0, pytest.approx(1))
    assert time.within(-1.0) == 0.0
    begins = model.remaining([]).time  # no step leads to its first event, so that none takes time
    assert begins is not None and begins.mean == pytest.approx(total)
    assert [begins.quantile(0.5), begins.within(0.9 * total)] == [time.quantile(0.5), time.within(0.9 * total)]


@pytest.mark.usefixtures("solved")
def test_a_trace_that_has_yet_to_begin_counts_from_its_first_event() -> None:
    """Of a loop, too, whose first transition has times: those of later visits.  A trace without events takes none."""
    model = timed(COIN, [[1.0]])
    begins, begun = model.remaining([]).time, model.remaining(["a"]).time
    assert begins is not None and begun is not None
    assert begins.mean == pytest.approx(0.75 * begun.mean)
    assert begins.within(0.0) == pytest.approx(0.25 + 0.75 * begun.within(0.0))
    assert begins.within(2.5) == pytest.approx(0.25 + 0.75 * begun.within(2.5), abs=1e-6)


@pytest.mark.usefixtures("solved")
def test_a_loop_is_a_geometric_sum() -> None:
    """With a time of one second each, quantiles are those of the number of events."""
    model = timed(COIN, [[1.0]])
    one, coming = stands_for(1.0), model.remaining(["a"])
    assert coming.time is not None
    assert coming.time.mean == pytest.approx(3 * one)
    for share in (0.3, 0.5, 0.9, 0.999):
        assert coming.time.quantile(share) == pytest.approx(coming.quantile(share) * one, rel=0.02, abs=0.01)
    for events in range(12):
        assert coming.time.within((events + 0.5) * one) == pytest.approx(1 - coming.surviving(events), abs=2e-5)


@pytest.mark.usefixtures("solved")
def test_times_of_branches_are_convolved() -> None:
    rows = {0: {"go": (1, 1)}, 1: {"a": (3, 2), "b": (1, 2)}, 2: {"c": (1, 3), None: (1, 2)}, 3: {None: (1, 3)}}
    spans = [[10.0, 20.0, 20.0], [1000.0], [5.0, 300.0]]
    time = timed(from_rows(rows), [[], *spans]).remaining(["go"]).time
    assert time is not None
    first = [(stands_for(span), 0.75 / 3) for span in spans[0]] + [(stands_for(1000.0), 0.25)]
    second = [(0.0, 0.5)] + [(stands_for(span), 0.25) for span in spans[2]]
    ways = sorted((one + two, p * q) for one, p in first for two, q in second)
    assert time.mean == pytest.approx(sum(total * p for total, p in ways))
    for place in range(len(ways) - 1):
        below = sum(p for _, p in ways[: place + 1])
        if ways[place + 1][0] > 1.03 * ways[place][0]:
            assert time.within((ways[place][0] * ways[place + 1][0]) ** 0.5) == pytest.approx(below, abs=1e-5)
            assert time.quantile(below - 0.01) == pytest.approx(ways[place][0], rel=0.012)


def test_transitions_without_times_take_as_long_as_any(solved: int) -> None:
    line = from_rows({0: {"z": (1, 1)}, 1: {"a": (1, 2)}, 2: {"b": (1, 3)}, 3: {"c": (1, 4)}, 4: {None: (1, 4)}})
    time = timed(line, [[], [], [1.0], [3.0]]).remaining(["z"]).time
    usual = (stands_for(1.0) + stands_for(3.0)) / 2
    assert time is not None and time.mean == pytest.approx(3 * usual)
    assert time.within(5.5) == pytest.approx(0.5, abs=1e-4)


@pytest.mark.usefixtures("solved")
def test_what_smoothing_adds_takes_as_long_as_any() -> None:
    """The two ways to the distribution agree on a learned model, smoothing and all; the mean is that of both."""
    learner = StreamLearner(smoothing=20.0)
    spans = np.tile([np.nan, 60.0, np.nan, 5.0, 600.0], 100)
    traces = TraceBatch.from_traces([["load", "run"], ["load", "fix", "run"]] * 100, learner.alphabet)
    learner.learn_many(TraceBatch(traces.symbols, traces.offsets, durations=bins_of(spans)))
    time = replace(learner.automaton, calibration=None).remaining(["load"]).time
    assert time is not None
    grid = np.geomspace(1e-3, 1e6, 4000)
    risen = np.array([time.within(float(moment)) for moment in grid])
    mean = float(((1 - risen[1:] / 2 - risen[:-1] / 2) * np.diff(grid)).sum()) + (1 - risen[0]) * grid[0]
    assert mean == pytest.approx(time.mean, rel=0.01)
    assert (np.diff(risen) > -1e-4).all() and risen[-1] == pytest.approx(1)


@pytest.mark.usefixtures("solved")
def test_traces_that_need_not_end_take_for_ever() -> None:
    model = timed(LEAK, [[1.0], [1.0], [1.0]])
    time = model.remaining(["a"]).time
    assert time is not None
    assert (time.mean, time.quantile(0.9)) == (math.inf, math.inf)
    assert time.quantile(0.5) == pytest.approx(stands_for(1.0), rel=0.012)
    assert time.within(1e6) == pytest.approx(0.8)


def test_an_ensemble_mixes_times_and_knows_none_if_a_member_knows_none() -> None:
    slow, fast = timed(COIN, [[100.0]]), timed(COIN, [[1.0]])
    mixed = Ensemble([slow, fast], np.ones(2))
    both, begins = mixed.remaining(["a"]).time, mixed.remaining([]).time
    assert both is not None and begins is not None
    assert both.mean == pytest.approx(1.5 * (stands_for(100) + stands_for(1)))
    assert begins.mean == pytest.approx(0.75 * both.mean)
    assert both.within(50.0) == pytest.approx(0.25 / 2 + 0.5, abs=1e-4)
    assert Ensemble([slow, COIN], np.ones(2)).remaining([]).time is None
    assert COIN.remaining([]).time is None


def test_shares_that_are_none_are_refused() -> None:
    time = timed(COIN, [[1.0]]).remaining(["a"]).time
    assert time is not None and repr(time).startswith("RemainingTime(mean=3.0")
    with pytest.raises(UsageError, match=r"a quantile of 2 \(expected: from 0 to 1\)"):
        time.quantile(2)
