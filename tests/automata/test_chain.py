"""The chain of states: expected visits and probabilities of a visit, against closed forms and other means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.automata import chain as module
from flexstream.automata.chain import (
    SMALL,
    Chain,
    all_visits,
    expected_rewards,
    expected_visits,
    reachable,
    visit_probabilities,
)
from flexstream.errors import ModelError

from ..strategies import automata


def ring(states: int, go_on: float) -> Chain:
    numbers = np.arange(states)
    return Chain(numbers, (numbers + 1) % states, np.full(states, go_on))


def first(states: int) -> np.ndarray:
    return np.eye(1, states)[0]


@given(automata())
def test_visits_are_the_sum_of_all_powers(automaton) -> None:  # type: ignore[no-untyped-def]
    """v = initial · (1 + P + P² + …), by squaring: 1 + P + … + P^(2k - 1) = (1 + … + P^(k - 1))(1 + P^k)."""
    states = len(automaton)
    power, total = np.zeros((states, states)), np.eye(states)
    np.add.at(power, (automaton.sources, automaton.targets), automaton.probabilities)
    for _ in range(20):
        total, power = total @ (np.eye(states) + power), power @ power
    assert automaton.expected_visits() == pytest.approx(automaton.initial @ total)


def test_steps_between_two_states_add_up() -> None:
    sources, targets = np.array([1, 0, 0]), np.array([0, 1, 1])
    found = Chain.of(2, sources, targets, np.array([0.5, 0.25, 0.125]))
    assert [column.tolist() for column in found] == [[0, 1], [1, 0], [0.375, 0.5]]


@pytest.mark.parametrize("states", [SMALL, SMALL + 1])
@pytest.mark.parametrize("stop", [1e-3, 0.1])
def test_a_ring_by_the_geometric_series(states: int, stop: float) -> None:
    """The visits of the first state are 1/(1 - g^n), those of the next g times as many."""
    go_on = 1 - stop
    visits = expected_visits(ring(states, go_on), first(states))
    expected = go_on ** np.arange(states) / (1 - go_on**states)
    np.testing.assert_allclose(visits, expected, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(visit_probabilities(ring(states, go_on), first(states)), go_on ** np.arange(states))


def test_large_chains_are_summed_and_small_ones_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SMALL == 200
    solved: list[int] = []
    solve = module._solved
    monkeypatch.setattr(module, "_solved", lambda chain, initial: solved.append(len(initial)) or solve(chain, initial))
    for states in (SMALL, SMALL + 1):
        expected_visits(ring(states, 0.5), first(states))
    assert solved == [SMALL]
    # So long are its traces that the sum is not waited for.
    assert expected_visits(ring(SMALL + 1, 1 - 1e-6), first(SMALL + 1)).sum() == pytest.approx(1e6, rel=1e-6)
    assert solved == [SMALL, SMALL + 1]


def test_patience_lasts_for_traces_of_some_hundred_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """With g^n = 1e-13 after 20,000 steps traces have 668 events on average."""
    monkeypatch.setattr(module, "_solved", lambda chain, initial: pytest.fail("the sum was not waited for"))
    expected_visits(ring(SMALL + 1, 1 - 1 / 660), first(SMALL + 1))
    with pytest.raises(pytest.fail.Exception):
        expected_visits(ring(SMALL + 1, 1 - 1 / 680), first(SMALL + 1))


def test_the_sum_stops_where_little_is_left_or_enough_is_found() -> None:
    states = SMALL + 1
    chain = ring(states, 0.5)
    whole = expected_visits(chain, first(states)).sum()
    assert 2 - 3e-13 < whole < 2  # what is left out is at most twice the share negligible
    assert expected_visits(chain, first(states), negligible=0.3).sum() == 1 + 0.5  # a quarter is still under way
    assert expected_visits(chain, first(states), enough=1.6).sum() == 1 + 0.5 + 0.25


@pytest.mark.parametrize(("go_on", "ends"), [(1.0, False), (1 + 1e-3, False), (1 - 1e-3, True)])
def test_what_never_ends_has_no_visits(go_on: float, ends: bool) -> None:
    if ends:
        assert expected_visits(ring(1, go_on), first(1)) == pytest.approx([1000])
        return
    with pytest.raises(ModelError, match="never end"):
        expected_visits(ring(1, go_on), first(1))


@pytest.mark.parametrize(("solved", "fine"), [(-9e-7, True), (-1.1e-6, False)])
def test_rounding_below_nothing_is_nothing(monkeypatch: pytest.MonkeyPatch, solved: float, fine: bool) -> None:
    monkeypatch.setattr(np.linalg, "solve", lambda matrix, right: np.array([1.0, solved]))
    if fine:
        assert expected_visits(ring(2, 0.5), first(2)).tolist() == [1.0, 0.0]
    else:
        with pytest.raises(ModelError, match="never end"):
            expected_visits(ring(2, 0.5), first(2))


def test_probabilities_of_a_visit_by_hand() -> None:
    """From 0 to 1 with a half, else to 2; from 1 back to itself with a quarter, else on to 2."""
    chain = Chain(np.array([0, 0, 1, 1]), np.array([1, 2, 1, 2]), np.array([0.5, 0.5, 0.25, 0.75]))
    assert visit_probabilities(chain, first(3)) == pytest.approx([1, 0.5, 1])
    assert expected_visits(chain, first(3)) == pytest.approx([1, 2 / 3, 1])


@given(st.integers(1, 6), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=15), st.integers(0, 5))
def test_reachable_is_a_fixed_point(states: int, steps: list[tuple[int, int]], root: int) -> None:
    edges = [(source % states, target % states) for source, target in steps]
    root %= states
    expected = {root}
    while (more := expected | {target for source, target in edges if source in expected}) != expected:
        expected = more
    found = reachable(states, *(np.array([edge[at] for edge in edges], np.int64) for at in (0, 1)), [root])
    assert found[0] == root
    assert sorted(found) == sorted(expected)


def test_visits_of_what_never_ends_cannot_be_counted() -> None:
    """The matrix of a ring without an end has no inverse."""
    with pytest.raises(ModelError, match=r"^some traces of the automaton never end, so visits cannot be counted$"):
        visit_probabilities(ring(1, 1.0), first(1))
    with pytest.raises(ModelError, match="so they have no mean length"):
        expected_visits(ring(1, 1.0), first(1))
    assert visit_probabilities(ring(1, 0.5), first(1)).tolist() == [1.0]


def test_probabilities_of_a_visit_stay_within_nothing_and_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np.linalg, "inv", lambda matrix: np.array([[1.0, -1e-17], [2.0, 1.0 - 1e-16]]))
    assert visit_probabilities(ring(2, 0.5), np.array([1.0, 0.0])).tolist() == [1.0, 0.0]
    assert visit_probabilities(ring(2, 0.5), np.array([0.5, 0.5])).tolist() == [1.0, pytest.approx(0.5)]


def test_reachable_goes_breadth_first_from_all_roots() -> None:
    sources, targets = np.array([3, 0, 0, 1]), np.array([5, 2, 1, 4])
    assert reachable(6, sources, targets, [0, 3, 0]) == [0, 3, 2, 1, 5, 4]
    assert reachable(6, sources, targets, []) == []


def test_many_rewards_at_once_are_those_one_by_one() -> None:
    random, states = np.random.default_rng(3), SMALL + 50
    sources = np.repeat(np.arange(states), 3)
    chain = Chain.of(states, sources, random.integers(0, states, len(sources)), np.full(len(sources), 0.3))
    found = all_visits(chain, states)
    assert found is not None
    for rewards in random.normal(size=(3, states)):
        assert found @ rewards == pytest.approx(expected_rewards(chain, rewards), abs=1e-9)
    endless = Chain.of(states, np.arange(states), (np.arange(states) + 1) % states, np.ones(states))
    assert all_visits(endless, states) is None
