"""Comparisons: the walk side by side, equality, identification and what is said where there is none."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.automata.compare import Share, SideBySide, identify, largest_difference, rows
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


# --- the walk ------------------------------------------------------------------------------------------------------


def test_rows_hold_what_has_a_weight() -> None:
    automaton = PDFA(["a", "b"], [9.0, 0.0], [3.0, 0.0], [0, 2, 3], [0, 1, 0], [1, 0, 0], [1.0, 0.0, 0.0])
    assert rows(automaton) == [{None: Share(-1, 3.0, 0.75), "a": Share(1, 1.0, 0.25)}, {}]


@given(automata(deterministic=True), automata(deterministic=True), st.integers(0, 4))
def test_the_walk_meets_what_both_have(one: PFA, other: PFA, length: int) -> None:
    """The steps up to a length are all traces with a weight in both, the shortest first."""
    left, right = one.to_pdfa(), other.to_pdfa()
    walk, met = SideBySide(left, right), []
    for step in walk:
        met.append(step)
        if step.length < length:
            walk.enter(step)
    paths = [step.path for step in met]
    words = (word for n in range(length + 1) for word in itertools.product("abc", repeat=n))
    both = [w for w in words if all(np.isfinite(side.surprises(w)[0][:-1]).all() for side in (left, right))]
    assert sorted(paths) == sorted(both)
    assert [len(path) for path in paths] == [step.length for step in met] == sorted(map(len, paths))
    assert all((step.one, step.other) == (left.state_after(step.path), right.state_after(step.path)) for step in met)


def test_an_order_of_one_s_own() -> None:
    ways = from_rows({0: {"a": (0.1, 1), "b": (0.6, 2), None: (0.3, 0)}, 1: {None: (1.0, 0)}, 2: {"c": (1.0, 1)}})
    walk = SideBySide(ways, ways, order=lambda step: -ord(step.symbol))
    found = []
    for step in walk:
        found.append(step.path)
        walk.enter(step)
    assert found == [(), ("b",), ("b", "c"), ("a",)]


def test_long_ways_take_no_more_memory_than_their_steps() -> None:
    states = 5000
    long = PDFA(
        ["a"],
        np.ones(states),
        np.eye(1, states, states - 1)[0],
        np.minimum(np.arange(states + 1), states - 1),
        np.zeros(states - 1),
        np.arange(1, states),
        np.ones(states - 1),
    )
    tracemalloc.start()
    assert long.equivalent(long)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2000 * states


# --- thresholds ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "counted"), [(0.00101, 3), (0.00099, 2)])
def test_states_count_from_one_trace_in_a_thousand_on(share: float, counted: int) -> None:
    truth = from_rows({0: {"a": (1 - share, 1), "b": (share, 2)}, 1: {None: (1.0, 0)}, 2: {"a": (1.0, 1)}})
    assert identify(truth, truth).counted == counted


def test_the_thresholds_themselves_count() -> None:
    truth = from_rows({0: {"a": (0.75, 1), "b": (0.25, 2)}, 1: {None: (1.0, 0)}, 2: {"a": (1.0, 1)}})
    assert identify(truth, truth, threshold=0.25).counted == 3
    without = from_rows({0: {"a": (1.0, 1)}, 1: {None: (1.0, 0)}})
    assert not identify(without, truth, 0.25, edge_threshold=0.25).isomorphic
    assert identify(without, truth, 0.25, edge_threshold=0.26).difference == "true state 2 is not reached"
    more = from_rows({0: {"a": (0.75, 1), "b": (0.25, 1)}, 1: {None: (1.0, 0)}})
    assert not identify(more, without, edge_threshold=0.25).isomorphic
    assert identify(more, without, edge_threshold=0.26).isomorphic


def test_equality_allows_a_billionth() -> None:
    one = from_rows({0: {"a": (0.5, 0), None: (0.5, 0)}})
    for off, equal in ((0.9e-9, True), (1.1e-9, False)):
        other = from_rows({0: {"a": (0.5 + off, 0), None: (0.5 - off, 0)}})
        assert one.equivalent(other) is equal
        assert largest_difference(one, other) == pytest.approx(off, rel=1e-6)


def test_two_states_that_are_one_are_told_apart_from_either_side() -> None:
    assert largest_difference(LOOP, PAIR) is None
    assert largest_difference(PAIR, LOOP) is None
    assert largest_difference(PAIR, PAIR) == 0
