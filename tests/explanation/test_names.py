"""What a name says of a state is true of at least the promised share of its visits, in automata of all kinds."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flexstream import PDFA, StreamLearner
from flexstream.explanation import state_names
from flexstream.targets import from_rows
from flexstream.targets.generate import Recipe, random_pdfa
from flexstream.writers.naming import MOSTLY
from flexstream.writers.neighbours import Neighbours

SYMBOLS = {"x", "y", "z"}


@pytest.fixture(scope="module")
def remembering() -> PDFA:
    """A machine that tells at its end how it began; what comes between says nothing."""
    random = np.random.default_rng(5)
    traces = []
    for _ in range(1500):
        first = "ab"[random.integers(2)]
        traces.append([first, *("xyz"[at] for at in random.integers(3, size=4)), first.upper()])
    return StreamLearner().fit(traces).automaton


def test_no_state_is_named_after_one_of_several_ways_in(remembering: PDFA) -> None:
    names = state_names(remembering)
    for first in "ab":
        ways = [[first, *"xyzx"[:count]] for count in range(5)]
        assert [names[remembering.state_after(way)] for way in ways] == [
            f"after {first}",
            f"after {first}, then x or y or z",
            f"after {first} and 2 more events",
            f"after {first} and 3 more events",
            f"before {first.upper()}",
        ]


def entered(automaton: PDFA) -> list[dict[str, float]]:
    """Return how often each state was entered by each symbol."""
    found: list[dict[str, float]] = [{} for _ in range(len(automaton))]
    for edge in automaton.transitions():
        found[edge.target][edge.symbol] = found[edge.target].get(edge.symbol, 0.0) + edge.weight
    return found


@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(2, 8))
@example(7, 20, 12)
def test_what_a_name_says_is_true_of_nearly_all_visits(seed: int, states: int, symbols: int) -> None:
    target = random_pdfa(Recipe(states, symbols), seed)
    automaton = StreamLearner().fit(target.sample(1500, seed)).automaton
    into, names = entered(automaton), state_names(automaton)
    assert len(set(names)) == len(names)
    for state, name in enumerate(names):
        if way := re.fullmatch(r"as after ([^…]*?)(?: \(state \d+\))?", name):
            assert automaton.state_after(way[1].split(" ")) == state
        elif after := re.fullmatch(r"(?:end )?after ((?:\S+ or )*\S+)", name):
            named = sum(into[state].get(symbol, 0.0) for symbol in after[1].split(" or "))
            assert named >= MOSTLY * sum(into[state].values()) - 1e-9
        elif before := re.fullmatch(r"(?:between .* and|before) (.*)", name):
            follows = dict(Neighbours(automaton).out[state])
            ends = follows.pop(None, 0.0) * before[1].endswith("the end")
            named = ends + sum(follows.get(symbol, 0.0) for symbol in before[1].split(" or "))
            assert named >= MOSTLY * float(automaton.visits[state]) - 1e-9


def test_of_what_follows_the_end_and_what_stays_count() -> None:
    """State 1 mostly stays, and state 2 mostly ends: neither is `before z`."""
    rows = {
        0: dict.fromkeys("abcd", (0.25, 1)),
        1: {"w": (0.8, 1), "z": (0.1, 2), "y": (0.1, 2)},
        2: {None: (0.7, 0), "z": (0.3, 1)},
    }
    assert state_names(from_rows(rows)) == ("start", "as after a", "after y or z")
    rows = {0: dict.fromkeys("abcde", (0.2, 1)), 1: {None: (0.7, 0), "z": (0.3, 0)}}
    assert state_names(from_rows(rows)) == ("start", "before z or the end")


def test_what_came_at_some_time_before_tells_where_no_number_of_events_does() -> None:
    """Two lines with as many pauses as one likes; each goes on as its own first event says."""
    rows = {0: {"left": (0.5, 1), "right": (0.5, 3)}}
    for first in (1, 3):
        rows[first] = {"on": (1.0, first + 1)}
        rows[first + 1] = {**dict.fromkeys("abcdefg", (0.1, first)), "out": (0.2, 5), "off": (0.1, 5)}
    rows[5] = {None: (1.0, 0)}
    names = state_names(from_rows(dict(sorted(rows.items()))))
    assert (names[2], names[4]) == ("after left … on", "after right … on")
