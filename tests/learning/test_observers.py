"""What observers are told, and that they are told it at the moments they asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from flexstream import StreamLearner, TraceBatch
from flexstream.learning.observers import Observer
from flexstream.targets import reentrant_line

LOTS = list(reentrant_line().sample(2500, seed=4))


class Diary(Observer):
    """Writes down what it is told."""

    def __init__(self, every: int = 1 << 40) -> None:
        self.every = every
        self.pages: list[tuple[str, int]] = []
        self.traces: list[list[int]] = []
        self.gone = 0

    def until(self, traces: int) -> int:
        return self.every - traces % self.every

    def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
        self.pages.append(("counted", learner.traces))
        self.traces += [trace.tolist() for trace in batch]

    def refined(self, learner: StreamLearner, refinement: Any) -> None:
        self.pages.append(("refined", learner.traces))
        assert len(refinement.reds) == learner.states

    def evicted(self, learner: StreamLearner, renumbering: NDArray[np.int64]) -> None:
        self.pages.append(("evicted", learner.traces))
        self.gone += int(np.count_nonzero(renumbering < 0))


@given(st.integers(1, 700), st.integers(1, 700), st.integers(1, 900))
def test_each_is_told_at_the_multiples_it_asked_for(first: int, second: int, batch: int) -> None:
    learner, diaries = StreamLearner(), (Diary(first), Diary(second))
    for diary in diaries:
        learner.observe(diary)
    for start in range(0, len(LOTS), batch):
        learner.learn_many(LOTS[start : start + batch])
    for diary in diaries:
        told = [traces for what, traces in diary.pages if what == "counted"]
        assert set(range(diary.every, 2501, diary.every)) <= set(told)
        assert [learner.alphabet.text(symbol) for symbol in diary.traces[-1]] == LOTS[-1]
        assert len(diary.traces) == 2500
        assert ("refined", 1000) in diary.pages


def test_counting_comes_before_the_refinement_that_is_due() -> None:
    learner, diary = StreamLearner(every=500), Diary()
    learner.observe(diary)
    learner.learn_many(LOTS[:1000])
    assert diary.pages == [("counted", 500), ("refined", 500), ("counted", 1000), ("refined", 1000)]


def test_one_who_asks_ahead_of_a_refinement_brings_it_forward_and_no_second_one() -> None:
    class Curious(Observer):
        def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
            assert len(learner.automaton) > 0

    learner, alone = StreamLearner(every=500), StreamLearner(every=500)
    learner.observe(Curious())
    for each in (learner, alone):
        each.learn_many(LOTS[:2000])
    assert learner.refinements == alone.refinements == 4
    assert learner.automaton.to_json() == alone.automaton.to_json()


def test_evicted_nodes_are_told() -> None:
    learner, diary = StreamLearner(nodes=30, tails=False), Diary()
    learner.observe(diary)
    learner.learn_many(LOTS)
    assert diary.gone == learner.tree.evicted_nodes > 0


def test_a_clone_has_no_observers() -> None:
    learner, diary = StreamLearner(), Diary()
    learner.observe(diary)
    learner.clone().learn_many(LOTS[:10])
    assert diary.pages == []


class Brake(Observer):
    """Lets be counted up to a trace, and no more at once."""

    def __init__(self, stops: list[int]) -> None:
        self.stops, self.seen, self.told = stops, 0, list[int]()

    def ahead(self, learner: StreamLearner, batch: TraceBatch) -> int:
        return min([stop - self.seen for stop in self.stops if 0 < stop - self.seen <= len(batch)] + [len(batch)])

    def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
        self.seen += len(batch)
        self.told.append(self.seen)


@settings(max_examples=25)
@given(st.lists(st.integers(1, 2500), max_size=5), st.lists(st.integers(1, 2500), max_size=5), st.integers(1, 900))
def test_those_who_look_ahead_are_told_where_they_asked_for(first: list[int], second: list[int], size: int) -> None:
    learner, alone, brakes = StreamLearner(), StreamLearner(), (Brake(first), Brake(second))
    for brake in brakes:
        learner.observe(brake)
    alone.learn_many(LOTS)
    for start in range(0, len(LOTS), size):
        learner.learn_many(LOTS[start : start + size])
    for brake in brakes:
        assert brake.told[-1] == 2500
        assert {*first, *second} <= {*brake.told}
    assert learner.automaton.to_json() == alone.automaton.to_json()


def test_symbols_that_come_later_are_not_known_where_one_who_looks_ahead_stops() -> None:
    class Sizes(Brake):
        def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
            super().counted(learner, batch)
            self.told.append(len(learner.alphabet))

    learner, brake = StreamLearner(), Sizes([2])
    learner.observe(brake)
    learner.learn_many([["a"], ["b"], ["c", "d"]])
    assert brake.told == [2, 2, 3, 4]
    assert learner.alphabet.texts == ["a", "b", "c", "d"]
