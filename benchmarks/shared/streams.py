"""Random targets and large samples of them, for benchmarks that need millions of strings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from flexstream.automata.pdfa import PDFA
from flexstream.pac.statistics.state_distances import Chances, distances
from flexstream.stream.batch import TraceBatch
from flexstream.targets import from_rows


def table(target: PDFA) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return probabilities, shape (states, 1 + symbols) with the end first, and targets of an exact automaton."""
    outcomes = np.zeros((len(target), 1 + len(target.symbols)))
    outcomes[:, 0] = target.stops
    outcomes[target.sources, 1 + target.edge_symbols] = target.weights
    targets = np.zeros(outcomes.shape, np.int64)
    targets[target.sources, 1 + target.edge_symbols] = target.targets
    return outcomes / outcomes.sum(1, keepdims=True), targets


def sample_batch(target: PDFA, strings: int, random: np.random.Generator, longest: int = 10_000) -> TraceBatch:
    """Draw strings, all of them one event at a time; symbols have the target's ids."""
    outcomes, targets = table(target)
    rising = np.cumsum(outcomes, axis=1)
    rising[:, -1] = 1.0
    alive, states = np.arange(strings), np.zeros(strings, np.int64)
    owners, symbols = [], []
    for _ in range(longest):
        draws = (random.random(len(alive))[:, None] >= rising[states]).sum(1)
        going = draws > 0
        alive, states, draws = alive[going], states[going], draws[going]
        if not len(alive):
            break
        owners.append(alive)
        symbols.append((draws - 1).astype(np.int32))
        states = targets[states, draws]
    owner = np.concatenate([*owners, np.empty(0, np.int64)])
    order = np.argsort(owner, kind="stable")
    offsets = np.zeros(strings + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=strings), out=offsets[1:])
    return TraceBatch(np.concatenate([*symbols, np.empty(0, np.int32)])[order], offsets)


def random_target(random: np.random.Generator, states: int, symbols: int) -> PDFA:
    """Draw a minimal target: all states reachable, each ends with probability 0.1 to 0.4, next symbols by Dirichlet."""
    while True:
        rows: dict[int, dict[str | None, tuple[float, int]]] = {}
        for state in range(states):
            stop = random.uniform(0.1, 0.4)
            shares = (1 - stop) * random.dirichlet(np.ones(symbols))
            goals = random.integers(0, states, symbols)
            rows[state] = {chr(97 + symbol): (shares[symbol], int(goals[symbol])) for symbol in range(symbols)}
            rows[state][None] = (stop, 0)
        if len(_reachable(rows)) == states:
            return from_rows(rows)


def _reachable(rows: Mapping[int, Mapping[str | None, tuple[float, int]]]) -> set[int]:
    found, waiting = {0}, [0]
    while waiting:
        for symbol, (_, goal) in rows[waiting.pop()].items():
            if symbol is not None and goal not in found:
                found.add(goal)
                waiting.append(goal)
    return found


def pautomac_target(path: Path) -> PDFA:
    """Read a deterministic target in the model format of the PAutomaC competition."""
    blocks: dict[str, dict[tuple[int, ...], float]] = {}
    for line in path.read_text().splitlines():
        if not line.startswith("\t"):
            blocks[line[0]] = block = {}
        else:
            key, value = line.strip()[1:].split(")")
            block[tuple(int(part) for part in key.split(","))] = float(value)
    states = 1 + max(key[0] for name in "FST" if name in blocks for key in blocks[name])
    start = next(iter(blocks["I"]))[0]
    number = {start: 0} | {state: i + 1 for i, state in enumerate(s for s in range(states) if s != start)}
    goal = {(source, symbol): target for source, symbol, target in blocks["T"]}
    rows: dict[int, dict[str | None, tuple[float, int]]] = {number[state]: {} for state in range(states)}
    for (state, symbol), share in blocks["S"].items():
        stop = blocks["F"].get((state,), 0.0)
        rows[number[state]][str(symbol)] = (share * (1 - stop), number[goal[state, symbol]])
    for (state,), stop in blocks["F"].items():
        rows[number[state]][None] = (stop, 0)
    return from_rows(rows)


def true_mu(target: PDFA, futures: int) -> tuple[float, float]:
    """Return a target's distinguishability within so many events, and the expected length of its strings.

    States that no string reaches do not count.
    """
    outcomes, goal = table(target)
    reached = sorted(reached_states(goal, outcomes))
    exact = Chances(np.array([outcomes[:, 0]] * 3), np.array([outcomes[:, 1:]] * 3), goal[:, 1:])
    apart = distances(exact, futures).estimate[np.ix_(reached, reached)]
    flow = np.zeros((len(target), len(target)))
    np.add.at(flow, (target.targets, target.sources), outcomes[target.sources, 1 + target.edge_symbols])
    visits = np.linalg.solve(np.eye(len(target)) - flow, np.eye(len(target))[0])
    return float(apart[np.triu_indices(len(reached), 1)].min()), float(visits.sum() - 1)


def reached_states(goal: NDArray[np.int64], outcomes: NDArray[np.float64]) -> set[int]:
    """Return the states that strings reach."""
    found, waiting = {0}, [0]
    while waiting:
        state = waiting.pop()
        for after in set(goal[state, 1:][outcomes[state, 1:] > 0].tolist()) - found:
            found.add(after)
            waiting.append(after)
    return found
