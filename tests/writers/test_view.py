"""What is shown, what is hidden, and that the two make up the whole."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given

from flexstream.automata.pdfa import PDFA
from flexstream.errors import UsageError
from flexstream.writers import View, ViewOptions

from .strategies import pdfas, view_options


def naive_reach(automaton: PDFA, options: ViewOptions) -> set[int]:
    """Return the states that transitions within the limits lead to, by a fixed point."""
    reached = {0}
    while True:
        more = {
            row.target
            for row in automaton.transitions()
            if row.source in reached and row.probability >= options.min_prob and row.weight >= options.min_count
        }
        if more <= reached:
            return reached
        reached |= more


@given(pdfas(), view_options)
def test_hidden_and_shown_make_up_the_whole(automaton: PDFA, options: ViewOptions) -> None:
    view = View.of(automaton, options)
    assert len(view.states) + view.hidden_states == len(automaton)
    assert len(view.transitions) + view.hidden_transitions == len(automaton.targets)
    total = automaton.weights.sum()
    shown = sum(row.weight for row in view.transitions)
    assert not total or math.isclose(view.hidden_share, 1 - shown / total, abs_tol=1e-12)
    grouped = [row for edge in view.edges for row in edge.transitions]
    assert sorted(grouped) == sorted(view.transitions)
    assert len({(edge.source, edge.target) for edge in view.edges}) == len(view.edges)


@given(pdfas(), view_options)
def test_what_is_shown_is_within_the_limits_and_hangs_together(automaton: PDFA, options: ViewOptions) -> None:
    view = View.of(automaton, options)
    assert 0 in view.states
    assert list(view.states) == sorted(set(view.states))
    for row in view.transitions:
        assert row.probability >= options.min_prob and row.weight >= options.min_count
        assert {row.source, row.target} <= set(view.states)
    if options.hides:
        reached = naive_reach(automaton, options)
        assert set(view.states) <= reached
        assert len(view.states) == min(options.max_states or len(automaton), len(reached))


@given(pdfas())
def test_by_default_everything_is_shown(automaton: PDFA) -> None:
    view = View.of(automaton)
    assert view.states == tuple(range(len(automaton)))
    assert view.transitions == tuple(automaton.transitions())
    assert view.caption == ""


@given(pdfas(), view_options)
def test_edges_list_the_most_probable_first(automaton: PDFA, options: ViewOptions) -> None:
    for edge in View.of(automaton, options).edges:
        chances = [row.probability for row in edge.transitions]
        assert chances == sorted(chances, reverse=True)
        assert math.isclose(edge.probability, sum(chances), abs_tol=1e-12)
        assert edge.guessed == all(row.guessed for row in edge.transitions)


def test_min_prob_hides_transitions_and_what_only_they_lead_to(automaton: PDFA) -> None:
    view = View.of(automaton, ViewOptions(min_prob=0.4))
    assert view.states == (0, 1, 3, 4)
    assert [(edge.source, edge.target) for edge in view.edges] == [(0, 1), (1, 3), (3, 4)]


def test_min_count(automaton: PDFA) -> None:
    view = View.of(automaton, ViewOptions(min_count=3))
    assert view.hidden_transitions == 1 and view.hidden_states == 0
    assert view.caption == "5 of 5 states, 8 of 9 transitions shown; <0.1 % of the events hidden"


def test_max_states_keeps_the_most_visited_neighbours(automaton: PDFA) -> None:
    view = View.of(automaton, ViewOptions(max_states=3))
    assert view.states == (0, 1, 3)
    assert view.caption == "3 of 5 states, 3 of 9 transitions shown; 53.3 % of the events hidden"


def test_a_busy_state_behind_a_quiet_one_is_not_lost() -> None:
    chain = PDFA(["a"], [10, 1, 500], [9, 0, 1], [0, 1, 2, 3], [0, 0, 0], [1, 2, 2], [1, 1, 499])
    assert View.of(chain, ViewOptions(max_states=2)).states == (0, 1)
    assert View.of(chain, ViewOptions(max_states=3)).states == (0, 1, 2)


def test_an_automaton_known_exactly_has_no_events_to_count() -> None:
    coin = PDFA(["a", "b"], [1.0], [0.0], [0, 2], [0, 1], [0, 0], [0.75, 0.25])
    assert View.of(coin, ViewOptions(min_prob=0.5)).caption == (
        "1 of 1 states, 1 of 2 transitions shown; 25 % of the probability hidden"
    )


def test_no_transitions_at_all() -> None:
    view = View.of(PDFA([], [3], [3], [0, 0], [], [], []), ViewOptions(max_states=1))
    assert view.edges == () and view.hidden_share == 0 and view.caption == ""


@pytest.mark.parametrize(
    "wrong",
    [{"min_prob": -0.1}, {"min_prob": 1.5}, {"min_prob": math.nan}, {"min_count": -1}, {"max_states": 0}],
)
def test_values_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="must"):
        ViewOptions(**wrong)


def test_numpy_values_are_welcome(automaton: PDFA) -> None:
    options = ViewOptions(np.float64(0.4), np.int64(1), np.int64(2))
    assert View.of(automaton, options).states == (0, 1)


@pytest.mark.parametrize(
    ("options", "hides"),
    [
        (ViewOptions(), False),
        (ViewOptions(min_prob=1e-9), True),
        (ViewOptions(min_count=1), True),
        (ViewOptions(min_count=0.5), True),
        (ViewOptions(max_states=1), True),
    ],
)
def test_what_could_be_left_out(options: ViewOptions, hides: bool) -> None:
    assert options.hides == hides
    assert (ViewOptions().min_prob, ViewOptions().min_count, ViewOptions().max_states) == (0.0, 0, None)


def test_limits_are_shown_themselves(automaton: PDFA) -> None:
    """A probability, a count as large as the limit is shown, and just one below is not."""
    exact = float(automaton.probabilities[1])
    assert 2 in [row.target for row in View.of(automaton, ViewOptions(min_prob=exact)).transitions]
    assert 2 not in [row.target for row in View.of(automaton, ViewOptions(min_prob=exact + 1e-9)).transitions]
    assert View.of(automaton, ViewOptions(min_count=2)).hidden_transitions == 0
    assert View.of(automaton, ViewOptions(min_count=2.5)).hidden_transitions == 1
