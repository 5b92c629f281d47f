"""Words, distances and evidence of separation, against slow and obvious twins."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from flexstream.pac.statistics.separations import direct, partition_cost, through_successors
from flexstream.pac.statistics.special import log_best, log_mixture
from flexstream.pac.statistics.state_distances import Chances, deepest, distances, word_probabilities
from flexstream.targets import reber


def random_chances(seed: int, states: int, symbols: int) -> Chances:
    random = np.random.default_rng(seed)
    rows = random.dirichlet(np.ones(symbols + 1), states)
    slack = random.uniform(0, 0.1, (2, *rows.shape))
    table = np.array([np.maximum(rows - slack[0], 0), rows, np.minimum(rows + slack[1], 1)])
    goal = random.integers(-1, states, (states, symbols))
    return Chances(table[:, :, 0], table[:, :, 1:], goal)


def naive(chances: Chances, bound: int, state: int, word: tuple[int, ...]) -> float:
    """Return the probability of a word, the end being -1, walked event by event."""
    product = 1.0
    for position, symbol in enumerate(word):
        if state < 0:  # behind a transition never seen everything is possible
            return product * (0.0, 0.0, 1.0)[bound] if position < len(word) else product
        if symbol < 0:
            return product * float(chances.stop[bound, state])
        product *= float(chances.step[bound, state, symbol])
        state = int(chances.goal[state, symbol])
    return product


def words(symbols: int, depth: int) -> list[tuple[int, ...]]:
    plain = [word for length in range(1, depth + 1) for word in itertools.product(range(symbols), repeat=length)]
    ended = [(*word, -1) for word in [(), *plain] if len(word) < depth]
    return plain + ended


@pytest.mark.parametrize("seed", range(8))
def test_word_probabilities(seed: int) -> None:
    chances = random_chances(seed, states=4, symbols=2)
    table = word_probabilities(chances, 3)
    for bound in range(3):
        for state in range(4):
            slow = sorted(naive(chances, bound, state, word) for word in words(2, 3))
            assert sorted(table[bound, state]) == pytest.approx(slow)


@pytest.mark.parametrize("seed", range(8))
def test_distances(seed: int) -> None:
    chances = random_chances(seed, states=3, symbols=2)
    found = distances(chances, 3)
    for one, other in itertools.combinations(range(3), 2):
        pairs = [[[naive(chances, bound, q, word) for bound in range(3)] for q in (one, other)] for word in words(2, 3)]
        assert found.estimate[one, other] == pytest.approx(max(abs(a[1] - b[1]) for a, b in pairs))
        assert found.least[one, other] == pytest.approx(max(0, *(max(a[0] - b[2], b[0] - a[2]) for a, b in pairs)))
        assert found.most[one, other] == pytest.approx(max(max(a[2] - b[0], b[2] - a[0]) for a, b in pairs))
        assert found.least[one, other] <= found.estimate[one, other] <= found.most[one, other]


def test_distances_of_a_known_target() -> None:
    """States 1 and 3 of the Reber grammar agree in the next symbol; the second tells them apart."""
    target = reber()
    goal = np.full((6, 5), -1)
    step = np.zeros((6, 5))
    goal[target.sources, target.edge_symbols] = target.targets
    step[target.sources, target.edge_symbols] = target.weights
    chances = Chances(np.array([target.stops] * 3), np.array([step] * 3), goal)
    # What has probability 0 is impossible, whatever the table of bounds says of what comes after.
    assert distances(chances, 1).estimate[1, 3] == 0
    assert distances(chances, 2).estimate[1, 3] == pytest.approx(0.5)


@pytest.mark.parametrize(("states", "symbols", "depth"), [(6, 5, 3), (300, 8, 3), (10, 5000, 1), (10**6, 10, 0)])
def test_depth_is_what_the_table_allows(states: int, symbols: int, depth: int) -> None:
    assert deepest(states, symbols, 3) == depth
    assert deepest(states, symbols, 1) == min(1, depth)


def test_evidence_of_a_pair() -> None:
    counts = np.array([[30.0, 10.0], [10.0, 40.0], [60.0, 20.0]])
    found = direct(counts)
    exact = log_mixture(counts[0], 2) + log_mixture(counts[1], 2) - log_best(counts[0] + counts[1])
    assert found[0, 1] == found[1, 0] == pytest.approx(exact.item())
    assert found[0, 1] > 5
    assert found[0, 2] < 0


def test_evidence_against_one_state_is_rarely_large() -> None:
    """An e-value is above 1/alpha with probability at most alpha, here for two halves of one state's visits."""
    random, chances = np.random.default_rng(3), np.array([0.2, 0.5, 0.3])
    halves = random.multinomial(200, chances, (4000, 2)).astype(np.float64)
    values = [direct(pair)[0, 1] for pair in halves]
    for alpha in (0.3, 0.1, 0.01):
        assert np.mean(np.array(values) >= math.log(1 / alpha)) <= alpha


def test_choosing_the_entries_has_a_price() -> None:
    assert (partition_cost(np.array([1, 3])) / math.log(2)).round(9).tolist() == [[1, 3], [3, 5]]


def test_states_are_two_if_their_successors_are() -> None:
    evidence: NDArray[np.float64] = np.full((4, 4), -1.0)
    evidence[2, 3] = evidence[3, 2] = 9.0
    goal = np.array([[2, -1], [3, -1], [0, -1], [0, 1]])
    found = through_successors(evidence, goal)
    assert found[0, 1] == found[1, 0] == 9.0
    assert found[0, 2] == -1.0


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_without_symbols_there_is_the_end_only(depth: int) -> None:
    none = np.zeros((3, 2, 0))
    chances = Chances(np.array([[0.9, 1.0]] * 3), none, np.zeros((2, 0), np.int64))
    assert word_probabilities(chances, depth).tolist() == [[[0.9], [1.0]]] * 3
    assert distances(chances, depth).estimate[0, 1] == pytest.approx(0.1)
