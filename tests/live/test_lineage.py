"""States keep their keys from one automaton to the next."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA
from flexstream.live.lineage import Lineage
from flexstream.targets import Recipe, from_rows, random_pdfa

LOOP = {0: {"a": (90, 0), "b": (5, 0), None: (5, 0)}}
PAIR = {0: {"a": (90, 1), None: (10, 0)}, 1: {"a": (50, 1), None: (50, 0)}}


def renumbered(automaton: PDFA, order: list[int]) -> PDFA:
    """Return the same automaton with other numbers; state 0 keeps its own."""
    place = {old: new for new, old in enumerate(order)}
    rows = {new: dict[str | None, tuple[float, int]]() for new in range(len(order))}
    for row in automaton.transitions():
        rows[place[row.source]][row.symbol] = row.weight, place[row.target]
    for state, stops in enumerate(automaton.stops.tolist()):
        if stops:
            rows[place[state]][None] = stops, 0
    return from_rows(rows)


@given(st.integers(2, 30), st.integers(0, 50), st.randoms(use_true_random=False))
def test_new_numbers_are_no_new_states(states: int, seed: int, random: object) -> None:
    automaton = random_pdfa(Recipe(states=states, symbols=5, mean_length=8), seed=seed).to_pdfa()
    order = list(range(1, len(automaton)))
    random.shuffle(order)  # type: ignore[attr-defined]
    lineage = Lineage()
    lineage.follow(automaton)
    before = list(lineage.keys)
    lineage.follow(renumbered(automaton, [0, *order]))
    visited = {key for state, key in enumerate(before) if automaton.visits[state] > 1e-3}
    same = {key for at, key in enumerate(lineage.keys) if before[[0, *order][at]] == key}
    assert visited <= same


def test_a_state_comes_apart_and_is_merged_again() -> None:
    lineage = Lineage()
    assert [news.kind for news in lineage.follow(from_rows(LOOP))] == ["appeared"]
    assert [tuple(news) for news in lineage.follow(from_rows(PAIR))] == [("apart", 1, 0)]
    assert [tuple(news) for news in lineage.follow(from_rows(LOOP))] == [("merged", 1, 0)]
    assert lineage.keys == [0]
    (again,) = lineage.follow(from_rows(PAIR))
    assert again.kind == "apart" and again.key not in (0, 1)  # a key is never given twice


def test_a_state_that_no_trace_reaches_any_more_is_gone() -> None:
    lineage = Lineage()
    lineage.follow(from_rows({0: {"a": (5, 1), None: (5, 0)}, 1: {None: (5, 0)}}))
    assert [tuple(news) for news in lineage.follow(from_rows({0: {"b": (5, 0), None: (5, 0)}}))] == [("gone", 1, None)]


def test_keys_are_of_one_state_each() -> None:
    lineage, generator = Lineage(), np.random.default_rng(1)
    for states in generator.integers(1, 40, 12).tolist():
        lineage.follow(random_pdfa(Recipe(states=states, symbols=4, mean_length=6), seed=states).to_pdfa())
        assert len(set(lineage.keys)) == len(lineage.keys) and lineage.keys[0] == 0
