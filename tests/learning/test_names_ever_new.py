"""Names that are ever new: traces that brought one are judged as later ones that bring another."""

from __future__ import annotations

import numpy as np
import pytest

from flexstream import Judge, StreamLearner, TraceBatch
from flexstream.automata.strangeness import strangeness, strangeness_left_out
from flexstream.automata.tallies import Tallies, entries_of


def traces(number: int, seed: int, most: int = 1) -> list[list[str]]:
    """Return traces of which one in twenty has names that no other has."""
    random, found = np.random.default_rng(seed), list[list[str]]()
    for trace in range(number):
        new = int(random.integers(1, most + 1)) if random.random() < 0.05 else 0
        found.append(["open", "load", *(f"error {seed} {trace} {name}" for name in range(new)), "save", "close"])
    return found


def learned(number: int, seed: int, most: int = 1) -> StreamLearner:
    learner = StreamLearner()
    learner.learn_many(traces(number, seed, most))
    return learner


@pytest.mark.parametrize("number", [100, 300, 701])
def test_a_trace_with_new_names_is_as_strange_left_out_as_one_to_come(number: int) -> None:
    learner = learned(number, number, most=3)
    automaton = learner.automaton.alone
    of = {seed: TraceBatch.from_traces(traces(number, seed, 3), automaton.alphabet()) for seed in (number, 1)}
    tallies = Tallies.of(of[number], len(automaton.symbols))
    names = ("worst", "bits", "counts")
    before = strangeness_left_out(automaton, tallies, of[number], names)
    after = strangeness(automaton, tallies, of[1], names)
    rows = {len(trace): row for row, trace in enumerate(traces(number, number, 3))}
    others = {len(trace): row for row, trace in enumerate(traces(number, 1, 3))}
    shared = sorted((set(rows) & set(others)) - {4})
    assert shared
    for length in shared:
        assert before[rows[length]].tolist() == after[others[length]].tolist()


def test_the_rate_is_kept_where_names_are_ever_new() -> None:
    shares = []
    for seed in range(16):
        judge = Judge(learned(320, seed).model)
        batch = TraceBatch.from_traces(traces(1000, seed + 100), judge.model.alphabet())
        shares.append(float((judge.p_values(batch) <= judge.rate).mean()) / judge.rate)
    assert max(shares) < 2, shares


def test_names_that_came_in_two_traces_are_no_new_ones() -> None:
    lines = [["open", "close"]] * 60 + [["open", f"pair {row // 2}", "close"] for row in range(20)]
    learner = StreamLearner()
    learner.learn_many(lines)
    automaton = learner.automaton.alone
    batch = TraceBatch.from_traces(lines, automaton.alphabet())
    tallies = Tallies.of(batch, len(automaton.symbols))
    totals = np.bincount(automaton.edge_symbols, automaton.weights, len(automaton.symbols))
    assert not tallies.brought(entries_of(batch, len(automaton.symbols)), totals).any()
