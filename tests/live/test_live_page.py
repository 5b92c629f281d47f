"""The page's news while a learner learns; the learner learns the same as without it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest

from flexstream import StreamLearner, TraceBatch
from flexstream.live import LivePage, looking
from flexstream.live.board import Board
from flexstream.live.looking import Looking, Pace
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.pac.report.evidence import model_with_evidence
from flexstream.targets import reber, reentrant_line


def news(page: LivePage, **known: int) -> dict[str, Any]:
    """Return what is new."""
    query = "&".join(f"{name}={value}" for name, value in known.items())
    with urlopen(f"{page.address}news?{query}", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def until(page: LivePage, holds: Callable[[dict[str, Any]], bool], seconds: float = 20) -> dict[str, Any]:
    """Return the news once something holds of them."""
    end = time.monotonic() + seconds
    while not holds(found := news(page)):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def test_the_model_is_the_same_with_a_page_and_without() -> None:
    traces = [*reber().sample(6000, seed=1), *reentrant_line().sample(3000, seed=2)]
    plain, watched = StreamLearner(), StreamLearner()
    plain.learn_many(traces)
    with LivePage(watched) as page:
        for start in range(0, len(traces), 500):
            watched.learn_many(traces[start : start + 500])
            news(page)
    assert model_with_evidence(watched, 1).to_json() == model_with_evidence(plain, 1).to_json()


@pytest.mark.parametrize("given", [{"ensemble": 3}, {"states": 4}, {"heuristic": "css"}, {"memory": "1MiB"}])
def test_every_learner_can_be_watched(given: dict[str, Any]) -> None:
    plain, watched = StreamLearner(**given), StreamLearner(**given)
    plain.learn_many(reber().sample(1500, seed=1))
    with LivePage(watched) as page:
        watched.learn_many(reber().sample(1500, seed=1))
        found = until(page, lambda found: "scene" in found)
    assert found["scene"]["states"] >= 3
    assert watched.model.to_json() == plain.model.to_json()


def test_a_plan_counts_no_looks_of_the_page() -> None:
    plan = Plan.make(Demand(states=2, symbols=2, mu=0.5, length=3, eps=0.5, delta=0.1))
    plain, watched = PlannedLearner(plan), PlannedLearner(plan)
    plain.learn_many([["a", "b"], ["b"]] * 3000)
    with LivePage(watched) as page:
        watched.learn_many([["a", "b"], ["b"]] * 3000)
        news(page)
    assert watched.refinements == plain.refinements
    assert watched.automaton.to_json() == plain.automaton.to_json()


def test_numbers_points_and_lines_come_and_only_what_is_new() -> None:
    learner = StreamLearner()
    with LivePage(learner) as page:
        assert news(page)["version"] == 0
        learner.learn_many(reber().sample(3000, seed=1))
        first = until(page, lambda found: "scene" in found and found["numbers"].get("traces") == 3000)
        assert first["numbers"]["events"] == learner.events and first["numbers"]["symbols"] == 5
        assert [line[1] for line in first["lines"]].count("state") >= 6
        last = max(line[0] for line in first["lines"])
        later = news(page, version=first["version"], line=last, age=first["age"], points=len(first["points"]))
        assert "scene" not in later and later["lines"] == []
        assert later["first"] >= len(first["points"]) - 1


def test_bits_are_those_of_traces_that_the_model_does_not_know() -> None:
    learner, source = StreamLearner(), reber()
    with LivePage(learner) as page:
        for seed in range(12):
            page._looking._frames, page._looking._versions = Pace(0.0), Pace(0.0)
            learner.learn_many(source.sample(800, seed=seed))
            time.sleep(0.3)
        found = until(page, lambda found: sum(point[4] is not None for point in found["points"]) >= 3)
    true = -np.array([source.log2_prob(trace) for trace in source.sample(20_000, seed=99)]).mean()
    means = [(low, mean, high) for *_, mean, low, high in found["points"] if low is not None]
    assert sum(low - 0.3 <= true <= high + 0.3 for low, _, high in means) >= 0.7 * len(means)


def test_a_change_of_the_source_is_told_with_its_reason() -> None:
    learner = StreamLearner()
    with LivePage(learner) as page:
        for round_ in range(60):
            page._looking._frames = Pace(0.0)  # look at each batch: the stream is slow
            source = reber() if round_ < 30 else reentrant_line()
            learner.learn_many(source.sample(100, seed=round_))
        lines = [line for line in news(page)["lines"] if line[1] == "drift"]
    assert any("the source changed after trace 3,0" in line[2] or "after trace 2,9" in line[2] for line in lines)
    assert any(line[2].startswith("what changed: ") for line in lines)


def test_a_quiet_source_tells_of_no_change() -> None:
    learner = StreamLearner()
    with LivePage(learner) as page:
        for round_ in range(60):
            page._looking._frames = Pace(0.0)
            learner.learn_many(reber().sample(100, seed=round_))
        assert [line for line in news(page)["lines"] if line[1] in ("drift", "together")] == []


class Clock:
    """A clock that the test moves; the processor works a hundredth of the time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(looking, "time", self)

    def monotonic(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.now / 100

    def thread_time(self) -> float:
        """Move on by what a look takes."""
        self.now += 0.001
        return self.now


@pytest.mark.parametrize("rate", [10, 400])
def test_of_a_slow_stream_all_traces_are_looked_at(rate: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little the program works: most of them were missed, and with them changes and surprises."""
    clock, learner, board = Clock(monkeypatch), StreamLearner(), Board()
    seen = Looking(learner, board, True, ())
    learner.observe(seen)
    traces = reber().sample(2000, seed=1) + reentrant_line().sample(2000, seed=2)
    few = traces[2000 - 10 * rate // 2 : 2000 + 10 * rate // 2]
    for start in range(0, len(few), max(1, rate // 4)):
        learner.learn_many(few[start : start + rate // 4 or 1])
        clock.now += 0.25
    assert seen.looked >= 0.8 * len(few)
    if rate > 100:
        assert {"drift", "surprise"} <= {line[1] for line in json.loads(board.news({}))["lines"]}


@pytest.mark.parametrize(("size", "rounds"), [(5000, 40), (200, 600)])
def test_of_a_fast_stream_some_traces_are_looked_at(size: int, rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hundred of 20,000 a second, in whatever batches they come."""
    clock, learner = Clock(monkeypatch), StreamLearner()
    seen = Looking(learner, Board(), False, ())
    learner.observe(seen)
    batch = TraceBatch.from_traces(reber().sample(size, seed=1), learner.alphabet)
    for _ in range(rounds):
        learner.learn_many(batch)
        clock.now += size / 20_000
    assert 100 <= seen.looked <= 1000


def test_what_waits_is_looked_at_while_the_learner_is_idle() -> None:
    learner, busy = StreamLearner(), threading.Lock()
    with LivePage(learner, busy=busy) as page:
        with busy:
            learner.learn_many([["a", "b"]] * 5)
        until(page, lambda found: "scene" in found)
        with busy:
            learner.learn_many([["a", "c"]] * 50)
        found = until(page, lambda found: found["scene"]["transitions"] > 2)
    assert found["numbers"]["traces"] == 55


def test_the_end_is_told_and_shown() -> None:
    learner = StreamLearner()
    with LivePage(learner) as page:
        learner.learn_many(reber().sample(2000, seed=1))
        page.end(learner.model, "The stream has ended.")
        found = until(page, lambda found: found["numbers"].get("ended") and "scene" in found)
        assert found["numbers"]["ended"] == "The stream has ended."
        until(page, lambda found: found["scene"]["states"] == len(learner.automaton))
    with pytest.raises(OSError, match=r".*"):
        urlopen(page.address, timeout=2)


def test_threads_end_with_the_page() -> None:
    before = threading.active_count()
    with LivePage(StreamLearner()) as page:
        news(page)
    time.sleep(0.2)
    assert threading.active_count() <= before + 1  # a connection may still close
