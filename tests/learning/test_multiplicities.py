"""Copies of each trace in any order are told by how often traces came, and the states are those of one copy."""

from __future__ import annotations

import pickle
import random

import numpy as np
import pytest

from flexstream import StreamLearner, TraceBatch
from flexstream.learning.multiplicities import MOST, bits_against_chance, copies_of_each
from flexstream.learning.taking_back import without_copies
from flexstream.targets import Recipe, random_pdfa

TARGET = random_pdfa(Recipe(states=12, symbols=8, mean_length=6), 1)
ONCE = TARGET.sample(1500, 101)
KINDS = ("geometric", "lognormal", "pareto", "poisson", "equal")


def shuffled(traces: list[list[str]], copies: int, seed: int = 1) -> list[list[str]]:
    """Return so many copies of each trace, in any order."""
    stream = traces * copies
    random.Random(seed).shuffle(stream)
    return stream


def learned(traces: list[list[str]], size: int = 1 << 20) -> StreamLearner:
    """Return a learner of traces in parts."""
    learner = StreamLearner()
    for start in range(0, len(traces), size):
        learner.learn_many(traces[start : start + size])
    return learner


def drawn(kind: str, numbers: np.random.Generator) -> np.ndarray:
    """Return how often traces came whose means are of some kind, those that came at all."""
    traces = int(10 ** numbers.uniform(1.5, 3.3))
    means = {
        "geometric": 100 * 0.98 ** np.arange(traces),
        "lognormal": numbers.lognormal(0.5, 1.5, traces),
        "pareto": numbers.pareto(1, traces),
        "poisson": 1.0 + numbers.poisson(2, traces),
        "equal": np.full(traces, numbers.uniform(0.1, 20)),
    }[kind]
    times = numbers.poisson(means)
    return times[times > 0]


@pytest.mark.parametrize("kind", KINDS)
def test_independent_traces_are_no_copies(kind: str) -> None:
    """However often each is expected; of a hundred samples none reaches what chance reaches once in 2^10."""
    numbers = np.random.default_rng(KINDS.index(kind))
    for _ in range(100):
        times = drawn(kind, numbers)
        assert bits_against_chance(times).max() < 10
        assert copies_of_each(times) is None


@pytest.mark.parametrize("copies", [2, 3, 5, 8, 16, 40, MOST])
def test_copies_of_each_trace_are_told(copies: int) -> None:
    once = drawn("pareto", np.random.default_rng(4))
    assert copies_of_each(copies * once) == copies
    assert copies_of_each(np.full(30, copies)) == copies


@pytest.mark.parametrize("copies", [2, 3, 5, 8])
def test_copies_are_told_before_the_last_ones_have_come(copies: int) -> None:
    numbers = np.random.default_rng(copies)
    times = numbers.binomial(copies * numbers.geometric(0.9, 900), 0.85)
    assert copies_of_each(times[times > 0]) == copies


def test_copies_of_some_traces_are_not_those_of_each() -> None:
    assert copies_of_each(np.repeat([1, 50], [900, 100])) is None


def test_a_handful_of_traces_tells_nothing() -> None:
    assert copies_of_each(np.full(12, 5)) is None
    assert copies_of_each(np.empty(0, np.int64)) is None


@pytest.mark.parametrize("copies", [2, 3, 5, 8])
def test_copies_in_any_order_teach_what_one_of_each_teaches(copies: int) -> None:
    once, often = learned(ONCE), learned(shuffled(ONCE, copies))
    found = often.answer().tree
    assert (found.traces, found.repeated.traces) == (len(ONCE), (copies - 1) * len(ONCE))
    assert abs(len(often.automaton) - len(once.automaton)) <= 1
    assert often.automaton.stops.sum() == pytest.approx(often.traces)
    known = often.repeats.multiplicity(often.automaton, found.traces)
    assert known == pytest.approx(copies, rel=0.15)
    fresh = TARGET.sample(1000, 999)
    batches = [TraceBatch.from_traces(fresh, each.alphabet) for each in (once, often)]
    bits = [-each.automaton.score_batch(batch)[0].mean() for each, batch in zip((once, often), batches, strict=True)]
    assert bits[1] < bits[0] + 0.02


def test_traces_whose_place_another_takes_do_not_hide_the_copies() -> None:
    """Of five traces that share a bucket of four slots one is forgotten and found again all the time."""
    once = random_pdfa(Recipe(states=12, symbols=8, mean_length=6), 2).sample(3000, 102)
    learner = learned(shuffled(once, 40, seed=40))
    assert learner.repeats.copies_of_each() == 40


def test_copies_are_taken_back_whoever_asks_and_when() -> None:
    stream = shuffled(ONCE, 3)
    learner, asked = learned(stream), StreamLearner()
    for start in range(0, len(stream), 500):
        asked.learn_many(stream[start : start + 500])
        assert asked.automaton
    wanted = learner.automaton.to_json()
    assert asked.automaton.to_json() == wanted
    for twin in (pickle.loads(pickle.dumps(asked)), pickle.loads(pickle.dumps(learned(stream)))):
        assert twin.automaton.to_json() == wanted
    assert learner.tree.traces == len(stream)  # the learner goes on as it would have
    learner.refine()
    assert learner.automaton.equivalent(asked.automaton)


def test_traces_that_the_learner_does_not_hold_whole_are_left_as_they_are() -> None:
    stream = shuffled(ONCE, 3)
    assert without_copies(learned(stream)) is not None
    for options in ({"tails": False}, {"nodes": 50}, {"repeats": False}):
        learner = StreamLearner(**options)  # type: ignore[arg-type]
        learner.learn_many(stream)
        assert without_copies(learner) is None
    both, other = learned(stream), learned([["other"]])
    both.merge(other)
    assert without_copies(both) is None  # nobody knows what the other has seen how often


def test_of_a_stream_told_to_repeat_nothing_all_is_evidence() -> None:
    learner = StreamLearner(repeats=False)
    learner.learn_many(shuffled(ONCE, 3))
    assert learner.answer().tree.traces == learner.traces
