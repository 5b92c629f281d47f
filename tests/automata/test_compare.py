"""Identification: the same structure, and what is said where it is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.automata.compare import identify
from flexstream.automata.pdfa import PDFA
from flexstream.targets import PFA, Recipe, from_rows, random_pdfa, reber, reentrant_line

from ..strategies import automata

LOOP = from_rows({0: {"a": (0.5, 0), None: (0.5, 0)}})
PAIR = from_rows({0: {"a": (0.5, 1), None: (0.5, 0)}, 1: {"a": (0.25, 0), None: (0.75, 0)}})


def renamed(automaton: PDFA, seed: int) -> PDFA:
    """Shuffle states and symbols; the initial state stays the first."""
    random = np.random.default_rng(seed)
    states = np.concatenate([[0], 1 + random.permutation(len(automaton) - 1)])
    ids = random.permutation(len(automaton.symbols))
    rows = sorted(
        (states[edge.source], ids[automaton.symbols.index(edge.symbol)], states[edge.target], edge.weight)
        for edge in automaton.transitions()
    )
    stops, symbols = np.empty(len(automaton)), np.empty(len(ids), object)
    stops[states], symbols[ids] = automaton.stops, automaton.symbols
    offsets = np.searchsorted([row[0] for row in rows], np.arange(len(automaton) + 1))
    columns = [np.array([row[at] for row in rows]) for at in (1, 2, 3)]
    return PDFA(symbols.tolist(), np.ones(len(stops)), stops, offsets, *columns)


@settings(max_examples=40)
@given(st.integers(0, 999))
def test_names_do_not_matter(seed: int) -> None:
    truth = random_pdfa(Recipe(states=12, symbols=4, mean_length=8), seed).to_pdfa()
    found = identify(renamed(truth, seed), truth, threshold=0.0)
    assert (found.isomorphic, found.matched, found.counted, found.difference) == (True, 12, 12, None)
    assert found.largest < 1e-9


@given(automata(deterministic=True), automata(deterministic=True))
def test_agrees_with_the_walk_over_everything(one: PFA, other: PFA) -> None:
    learned, truth = one.to_pdfa(), other.to_pdfa()
    assert identify(learned, truth, threshold=0.0).isomorphic == learned.equivalent(truth, tolerance=1.0)


@pytest.mark.parametrize(
    ("learned", "truth", "says"),
    [
        (LOOP, PAIR, "after a: true states 0 and 1 are one learned state, 0"),
        (PAIR, LOOP, "after a: true state 0 is two learned states, 0 and 1"),
        (from_rows({0: {None: (1.0, 0)}}), LOOP, "at the start: symbol a, taken 1 times a trace, is not learned"),
        (
            LOOP,
            from_rows({0: {None: (1.0, 0)}}),
            "at the start: symbol a, taken 0.5 times a trace, is learned, but the true state has no such",
        ),
        (
            from_rows({0: {"a": (1.0, 1)}, 1: {None: (1.0, 0)}}),
            from_rows({0: {"a": (0.5, 1), None: (0.5, 0)}, 1: {None: (1.0, 0)}}),
            "at the start: the end, taken 0.5 times a trace, is not learned",
        ),
    ],
)
def test_the_first_difference_in_words(learned: PDFA, truth: PDFA, says: str) -> None:
    found = identify(learned, truth)
    assert not found.isomorphic
    assert found.difference is not None
    assert found.difference.startswith(says)


RARE = {
    0: {"a": (0.9999, 1), "b": (0.0001, 2)},
    1: {None: (1.0, 0)},
    2: {"a": (1.0, 2), None: (0.0, 0)},
}


def test_states_that_hardly_any_trace_visits_do_not_count() -> None:
    truth = from_rows({**RARE, 2: {"a": (0.5, 2), None: (0.5, 0)}})
    without = from_rows({0: {"a": (1.0, 1)}, 1: {None: (1.0, 0)}})
    merged = from_rows({0: {"a": (0.9999, 1), "b": (0.0001, 1)}, 1: {None: (1.0, 0)}})
    for learned in (without, merged):
        found = identify(learned, truth)
        assert (found.isomorphic, found.matched, found.counted, found.true) == (True, 2, 2, 3)
        assert not identify(learned, truth, threshold=1e-5).isomorphic


def test_rare_states_take_no_partner_from_those_that_count() -> None:
    # The rare state 2 was merged with state 3, to which the way is longer.
    truth = from_rows(
        {
            0: {"a": (0.9999, 1), "b": (0.0001, 2)},
            1: {"a": (1.0, 3)},
            2: {"c": (1.0, 4)},
            3: {"d": (0.5, 3), None: (0.5, 0)},
            4: {None: (1.0, 0)},
        }
    )
    learned = from_rows(
        {0: {"a": (0.9999, 1), "b": (0.0001, 2)}, 1: {"a": (1.0, 2)}, 2: {"d": (0.5, 2), None: (0.5, 0)}}
    )
    assert identify(learned, truth).isomorphic


def test_states_behind_rare_ones_are_found() -> None:
    """Many rare ways lead to one state that counts."""
    share = 1 / 2000
    ways = {0: {**{f"x{n}": (share, n + 1) for n in range(1999)}, None: (share, 0)}}
    ways |= {n + 1: {"a": (1.0, 2000)} for n in range(1999)}
    truth = from_rows({**ways, 2000: {None: (1.0, 0)}})
    found = identify(truth, truth)
    assert (found.isomorphic, found.matched, found.counted) == (True, 2, 2)


def test_rare_outcomes_can_be_excepted() -> None:
    truth = from_rows({0: {"a": (0.9999, 1), "b": (0.0001, 1)}, 1: {None: (1.0, 0)}})
    learned = from_rows({0: {"a": (1.0, 1)}, 1: {None: (1.0, 0)}})
    assert not identify(learned, truth).isomorphic
    assert not identify(truth, learned).isomorphic
    assert identify(learned, truth, edge_threshold=1e-3).isomorphic
    assert identify(truth, learned, edge_threshold=1e-3).isomorphic
    assert not identify(truth, learned, edge_threshold=1e-5).isomorphic


def test_matched_states_are_counted_beyond_the_first_difference() -> None:
    rows = {state: {"a": (0.9, state + 1), None: (0.1, 0)} for state in range(5)}
    truth = from_rows({**rows, 5: {"b": (0.5, 5), None: (0.5, 0)}})
    learned = from_rows({**rows, 0: {"a": (0.8, 1), "z": (0.1, 0), None: (0.1, 0)}, 5: {None: (1.0, 0)}})
    found = identify(learned, truth)
    assert (found.isomorphic, found.matched, found.learned) == (False, 6, 6)
    assert found.largest == pytest.approx(0.5)


def test_learned_automata_are_identified() -> None:
    from flexstream import StreamLearner

    for truth in (reber(), reentrant_line()):
        learner = StreamLearner()
        learner.learn_many(truth.sample(3000, seed=1))
        assert identify(learner.automaton, truth).isomorphic
