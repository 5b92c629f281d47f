"""Scaling the ends: one factor for all odds, and the mean length asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.automata.chain import SMALL, Chain
from flexstream.targets import lengths
from flexstream.targets.lengths import scaled_ends

LOOP = Chain(np.array([0]), np.array([0]), np.array([1.0]))


def line(states: int) -> Chain:
    """Return a line of states, the last of which stays where it is."""
    numbers = np.arange(states)
    return Chain(numbers, np.minimum(numbers + 1, states - 1), np.ones(states))


def length_of(chain: Chain, ends: np.ndarray) -> float:
    """Return the mean length by linear equations: of each state 1 - end times 1 + that of the next one."""
    matrix = np.eye(len(ends))
    np.subtract.at(matrix, (chain.sources, chain.targets), chain.probabilities * (1 - ends)[chain.sources])
    return float(np.linalg.solve(matrix, 1 - ends)[0])


def odds(shares: np.ndarray) -> np.ndarray:
    return shares / (1 - shares)


@given(st.lists(st.floats(0.01, 0.9), min_size=2, max_size=6), st.floats(0.3, 60))
def test_all_odds_are_multiplied_by_one_factor(given_stops: list[float], wanted: float) -> None:
    stops = np.array(given_stops)
    chain = line(len(stops))
    ends = scaled_ends(chain, np.eye(1, len(stops))[0], stops, wanted)
    assert ends is not None
    factors = odds(ends) / odds(stops)
    assert factors == pytest.approx(np.full(len(stops), factors[0]))
    assert length_of(chain, ends) == pytest.approx(wanted, rel=2e-6)


@pytest.mark.parametrize("wanted", [1e-4, 0.5, 1.0, 7.0, 1e5])
def test_one_state_by_hand(wanted: float) -> None:
    """The mean length of a loop is (1 - end)/end, so the end is 1/(1 + wanted)."""
    (end,) = scaled_ends(LOOP, np.ones(1), np.array([0.3]), wanted)  # type: ignore[misc]
    assert end == pytest.approx(1 / (1 + wanted), rel=2e-6)


@pytest.mark.parametrize("log_factor", [7.5, 8.5])
@pytest.mark.parametrize("all_final", [False, True])
def test_factors_beyond_reason(log_factor: float, all_final: bool) -> None:
    """Two states; the first ends only where all are final.  What can be had without is found."""
    stops = np.array([0.5 if all_final else 0.0, 0.01])
    wanted_ends = odds(stops) * np.exp(log_factor)
    wanted_ends = wanted_ends / (1 + wanted_ends)
    wanted = length_of(line(2), wanted_ends)
    ends = scaled_ends(line(2), np.array([1.0, 0.0]), stops, wanted)
    if log_factor > 8 and not all_final:
        assert ends is None
    else:
        assert ends is not None
        assert length_of(line(2), ends) == pytest.approx(wanted, rel=2e-6)


def test_shorter_than_the_way_to_an_end_cannot_be() -> None:
    stops = np.array([0.0, 0.0, 0.0, 0.5])
    assert scaled_ends(line(4), np.eye(1, 4)[0], stops, 2.9) is None
    assert scaled_ends(line(4), np.eye(1, 4)[0], stops, 3.1) is not None


def test_large_chains_are_as_exact() -> None:
    """From 201 states on visits are summed up, and only as far as they can tell on which side the length is."""
    stops = np.linspace(0.05, 0.3, SMALL + 1)
    chain = Chain(np.arange(SMALL + 1), (np.arange(SMALL + 1) * 7 + 1) % (SMALL + 1), np.ones(SMALL + 1))
    for wanted in (2.0, 40.0):
        ends = scaled_ends(chain, np.eye(1, SMALL + 1)[0], stops, wanted)
        assert ends is not None
        assert length_of(chain, ends) == pytest.approx(wanted, rel=3e-6)


def test_visits_are_summed_up_to_ten_times_what_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond that it is sure that the ends are too rare; a trace of so many events has one visit more."""
    told: list[tuple[float, float]] = []
    summed = lengths.expected_visits

    def watched(chain: Chain, initial: np.ndarray, negligible: float, enough: float) -> np.ndarray:
        told.append((negligible, enough))
        return summed(chain, initial, negligible, enough)

    monkeypatch.setattr(lengths, "expected_visits", watched)
    scaled_ends(LOOP, np.ones(1), np.array([0.3]), 4.0)
    assert set(told) == {(1e-9, 50.0)}
