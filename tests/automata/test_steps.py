"""Where steps lead, those by smoothing included: as the matrix of all pairs says, without making it."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from flexstream import PDFA, ModelError
from flexstream.automata.chain import MOST_DENSE, Chain, expected_visits, visit_probabilities
from flexstream.automata.smoothing import Smoothing
from flexstream.automata.steps import Steps


def random_automaton(seed: int) -> PDFA:
    """Return a small automaton: some symbols without a share of the smoothing, some states without any rest."""
    random = np.random.default_rng(seed)
    states, symbols = int(random.integers(1, 7)), int(random.integers(1, 5))
    rows = [(state, symbol) for state in range(states) for symbol in range(symbols) if random.random() < 0.5]
    weights = [float(random.integers(0, 3)) for _ in rows]
    used = np.bincount([state for state, _ in rows], weights, states)
    base = random.random(symbols + 2) * (random.random(symbols + 2) < 0.7) + 1e-300
    base[0] = 0.1
    base[base < 1e-200] = 0.0
    return PDFA(
        [f"s{number}" for number in range(symbols)],
        np.maximum(used, 1.0),
        np.zeros(states),
        np.searchsorted([state for state, _ in rows], np.arange(states + 1)),
        np.array([symbol for _, symbol in rows], np.int32),
        random.integers(0, states, len(rows)),
        np.array(weights),
        smoothing=Smoothing(float(random.integers(0, 2)), base / base.sum(), random.integers(0, states, symbols)),
    )


def naive_reach(automaton: PDFA, goals: np.ndarray, without: int | None) -> list[bool]:
    """Return from which states the goals can be reached, pair by pair of state and symbol."""
    found = goals.tolist()
    for _ in range(len(automaton)):
        for state in range(len(automaton)):
            rows = slice(automaton.offsets[state], automaton.offsets[state + 1])
            known = automaton.edge_symbols[rows].tolist()
            steps = dict(
                zip(known, zip(automaton.targets[rows], automaton.probabilities[rows], strict=True), strict=True)
            )
            for symbol in range(len(automaton.symbols)):
                lacking = automaton.rest[state] > 0 and automaton.smoothing.base[2 + symbol] > 0
                target, chance = steps.get(symbol, (automaton.smoothing.fallback[symbol], float(lacking)))
                found[state] = found[state] or bool(symbol != without and chance > 0 and found[target])
    return found


@pytest.mark.parametrize("seed", range(60))
def test_what_can_be_reached_is_what_pairs_say(seed: int) -> None:
    automaton = random_automaton(seed)
    goals = np.random.default_rng(seed).random(len(automaton)) < 0.3
    for without in (None, 0):
        assert Steps(automaton, without).can_reach(goals).tolist() == naive_reach(automaton, goals, without)


def test_many_states_and_many_symbols_are_no_matrix() -> None:
    size = 20_000
    numbers = np.arange(size)
    weights = np.full(size, 4.0)
    smoothing = Smoothing(2.0, np.full(size + 2, 1 / (size + 2)), numbers)
    automaton = PDFA(
        list(map(str, range(size))), weights + 1, weights * 0, np.arange(size + 1), numbers, numbers, weights,
        smoothing=smoothing,
    )  # fmt: skip
    tracemalloc.start()
    try:
        assert Steps(automaton).can_reach(numbers == 7).all()
        assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    finally:
        tracemalloc.stop()


def test_no_matrix_is_solved_that_takes_hours() -> None:
    states = MOST_DENSE + 1
    numbers = np.arange(states)
    endless = Chain(numbers, numbers, np.ones(states))
    for work in (expected_visits, visit_probabilities):
        with pytest.raises(ModelError, match="at most 6,000 states"):
            work(endless, np.eye(1, states)[0])
