"""How many observations each state shares out, where the stream says it."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given

from flexstream import PDFA, StreamLearner
from flexstream.merging.strength import STRENGTH, STRENGTHS
from flexstream.targets import from_rows

from ..strategies import Traces, traces


def learned(given_traces: list[list[str]], **params: float) -> PDFA:
    learner = StreamLearner(**params)  # type: ignore[arg-type]
    learner.learn_many(given_traces)
    return learner.automaton


def left_out(automaton: PDFA, strength: float) -> float:
    """Return the log likelihood of all outcomes of an automaton, each foretold by all others."""
    total = 0.0
    for state in range(len(automaton)):
        edges = [edge for edge in automaton.transitions() if edge.source == state]
        ways = [(edge.weight, automaton.smoothing.base[2 + automaton.symbols.index(edge.symbol)]) for edge in edges]
        ways.append((float(automaton.stops[state]), automaton.smoothing.base[0]))
        left = sum(weight for weight, _ in ways) - 1
        total += sum(n * math.log((n - 1 + strength * b) / (left + strength)) for n, b in ways if n)
    return total


@given(traces)
def test_it_is_the_likeliest_of_those_tried(given_traces: Traces) -> None:
    automaton = learned(given_traces)
    logs = {float(strength): left_out(automaton, strength) for strength in STRENGTHS}
    assert logs[automaton.smoothing.strength] >= max(logs.values()) - 1e-6


def test_nothing_counted_says_nothing() -> None:
    empty = StreamLearner().automaton
    assert empty.smoothing.strength == STRENGTH == STRENGTHS[0]
    assert sorted(STRENGTHS) == [0.125, 0.25, 0.5, 1, 2, 4, 8]


def test_a_log_that_is_nearly_deterministic_is_smoothed_less() -> None:
    draw = random.Random(1)
    sure = learned([["load", "run", "check", "unload"]] * 400)
    unsure = learned([[f"s{draw.randrange(40)}" for _ in range(5)] for _ in range(60)])
    assert sure.smoothing.strength == 0.125 < unsure.smoothing.strength


@pytest.mark.parametrize("strength", [0.3, 2.0, 50.0])
def test_a_number_that_is_given_stands(strength: float) -> None:
    assert learned([["a", "b"], ["b"]] * 50, smoothing=strength).smoothing.strength == strength


def test_what_is_repeated_makes_nothing_surer() -> None:
    """Of a sample that comes eight times the strength is that of the sample, for as many traces."""
    rows = {0: dict.fromkeys("abcdefgh", (0.1, 0)) | {None: (0.2, 0)}}
    sample = from_rows(rows).sample(2000, seed=2)
    once = learned(sample).smoothing.strength
    learner = StreamLearner()
    learner.learn_many(sample * 8)
    held = learner.answer().refinement.routed(learner.answer().tree, 8).repetition
    assert held > 4
    assert learner.automaton.smoothing.strength / held == pytest.approx(once)


def test_it_hangs_on_counts_only() -> None:
    """Whatever the order and the batches."""
    sample = [list(trace) for trace in from_rows({0: {"a": (0.5, 0), "b": (0.3, 0), None: (0.2, 0)}}).sample(600, 3)]
    found = set()
    for seed in range(3):
        random.Random(seed).shuffle(sample)
        parts = [StreamLearner(every=0) for _ in range(3)]
        for number, part in enumerate(parts):
            part.alphabet.id("a"), part.alphabet.id("b")
            part.learn_many(sample[number::3])
        whole = parts[0]
        for part in parts[1:]:
            whole.merge(part)
        found.add(whole.automaton.smoothing.strength)
    assert len(found) == 1
