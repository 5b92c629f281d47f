"""Restarts: a learner that forgets is one that saw the rest only."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import StreamLearner, TraceBatch, UsageError
from flexstream.learning.observers import Observer
from flexstream.targets import reber, reentrant_line

LOTS, WORDS = list(reentrant_line().sample(1500, seed=4)), list(reber().sample(2000, seed=5))
WAYS: tuple[dict[str, Any], ...] = (
    {},
    {"ensemble": 3},
    {"heuristic": "css"},
    {"every": 300, "strategy": "replay"},
    {"states": 4},
    {"nodes": 40, "tails": False},
    {"memory": "1MiB"},
)


def told(learner: StreamLearner) -> dict[str, Any]:
    """Return what a model says of how it came to be, but for the symbols."""
    return {name: value for name, value in learner.model.provenance.items() if name != "alphabet"}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_forgotten_plays_no_part(way: dict[str, Any]) -> None:
    learner = StreamLearner(**way)
    learner.learn_many(LOTS)
    newest = WORDS[:1200]
    learner.learn_many(newest)
    learner.restart(TraceBatch.from_traces(newest, learner.alphabet))
    fresh = StreamLearner(**way)
    fresh.alphabet.encode(learner.alphabet.texts)
    fresh.learn_many(newest)
    for each in (learner, fresh):
        each.learn_many(WORDS[1200:])
    assert (learner.traces, learner.forgotten, learner.events) == (2000, 1500, fresh.events)
    assert learner.model.to_json() == fresh.model.to_json()
    assert told(learner) == told(fresh)
    learner.refine()
    fresh.refine()
    assert learner.model.to_json() == fresh.model.to_json()


@settings(max_examples=8)
@given(st.integers(0, 800), st.integers(0, 800))
def test_traces_forgotten_add_up(first: int, second: int) -> None:
    learner = StreamLearner()
    learner.learn_many(LOTS[:800])
    learner.restart(TraceBatch.from_traces(LOTS[800 - first : 800], learner.alphabet))
    learner.learn_many(LOTS[800:])
    learner.restart(TraceBatch.from_traces(LOTS[1500 - second :], learner.alphabet))
    assert (learner.traces, learner.forgotten) == (second, 1500 - second)


def test_observers_are_not_told_of_what_is_learned_once_more() -> None:
    class Counter(Observer):
        seen = 0

        def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
            self.seen += len(batch)

    learner, counter = StreamLearner(ensemble=2), Counter()
    learner.observe(counter)
    learner.learn_many(LOTS)
    learner.restart(TraceBatch.from_traces(LOTS[-700:], learner.alphabet))
    learner.learn_many(WORDS[:10])
    assert counter.seen == 1510


def test_traces_of_another_alphabet_are_refused_and_nothing_is_forgotten() -> None:
    learner = StreamLearner()
    learner.learn_many(LOTS[:20])
    other = TraceBatch.from_traces([[str(number) for number in range(99)]], StreamLearner().alphabet)
    with pytest.raises(UsageError, match="alphabet"):
        learner.restart(other)
    assert (learner.traces, learner.forgotten) == (20, 0)
