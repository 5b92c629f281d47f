"""Random automata after the recipe of the PAutomaC competition.

Verwer, Eyraud & de la Higuera, PAutomaC: a probabilistic automata and hidden Markov models learning competition,
Machine Learning 96, 2014, section 3: pairs of state and symbol are chosen at random as far as the *symbol sparsity*
says, next states as far as the *transition sparsity* says, some states are initial and some final, all probabilities
come from flat Dirichlet distributions.  Where the competition threw away what it did not like, this generator
repairs: every state can be reached and can reach an end, deterministic targets have no two equivalent states, and the
odds of the end are scaled so that the mean length is the one asked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arguments import check_fields
from ..automata.chain import Chain, reachable, summed
from ..automata.sampling import Seed, check_seed
from ..errors import UsageError
from .lengths import scaled_ends
from .minimal import state_classes
from .pfa import PFA

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Random = np.random.Generator

MOST_EDGES = 10_000_000
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a random automaton is like.

    Attributes
    ----------
    states, symbols : int
        How many; at least 1.
    symbol_sparsity : float
        Share of the symbols that a state can emit, on average; each state has one at least.
    transition_sparsity : float
        Share of the states that can come next: after a state (PDFA, HMM) or after a state and a symbol (PFA).
    final, initial : float
        Share of the states in which a trace can end (more, where traces could not be as short as asked), and start (a
        PDFA starts in one).
    mean_length : float
        Mean number of events of a trace.
    """

    states: int = 40
    symbols: int = 12
    symbol_sparsity: float = 0.3
    transition_sparsity: float = 0.1
    final: float = 0.3
    initial: float = 0.1
    mean_length: float = 15.0

    def __post_init__(self) -> None:
        check_fields(self)
        if not (0 < self.states <= LARGEST and 0 < self.symbols <= LARGEST):
            raise UsageError(f"{self.states} states, {self.symbols} symbols (expected: 1 to {LARGEST:,} of each)")
        for name in ("symbol_sparsity", "transition_sparsity", "final", "initial"):
            if not 0 < getattr(self, name) <= 1:
                raise UsageError(f"{name.replace('_', ' ')} {getattr(self, name)} (expected: a share above 0, up to 1)")
        if not 0 < self.mean_length < np.inf:
            raise UsageError(f"mean length {self.mean_length} (expected: a number above 0)")

    def share(self, part: float, whole: int | None = None) -> int:
        """Return a share of the states, or of another number, as a number from 1 up."""
        return max(1, round(part * (whole or self.states)))


def random_pdfa(recipe: Recipe, seed: Seed) -> PFA:
    """Return a random deterministic automaton with initial state 0 and no two equivalent states.

    Examples
    --------
    >>> target = random_pdfa(Recipe(states=20, symbols=5, mean_length=8), seed=1)
    >>> target.deterministic, len(target.to_pdfa()), round(target.mean_length(), 3)
    (True, 20, 8.0)
    """
    random = np.random.default_rng(check_seed(seed))
    sources, symbols = np.divmod(_pairs(random, recipe.states, recipe.symbols, recipe.symbol_sparsity), recipe.symbols)
    targets = _connected(random, recipe.states, sources, _successors(random, recipe, sources), [0])
    weights = _dirichlet(random, sources, recipe.states)
    stops = _final_states(random, recipe, sources, targets)
    offsets = np.searchsorted(sources, np.arange(recipe.states + 1))
    while True:
        joint = weights * (1.0 - stops)[sources]
        classes = state_classes(stops, offsets, symbols.astype(np.int32), targets.astype(np.int32), joint)
        doubles = np.setdiff1d(np.arange(recipe.states), np.unique(classes, return_index=True)[1])
        if not len(doubles):
            break
        stops[doubles] = random.random(len(doubles))
    return _finished(random, recipe, np.eye(1, recipe.states)[0], stops, sources, symbols, targets, weights)


def random_pfa(recipe: Recipe, seed: Seed) -> PFA:
    """Return a random automaton in which a symbol can lead from one state to several.

    Examples
    --------
    >>> target = random_pfa(Recipe(states=10, symbols=5), seed=1)
    >>> target.deterministic, round(target.mean_length(), 3)
    (False, 15.0)
    """
    random = np.random.default_rng(check_seed(seed))
    pairs = _pairs(random, recipe.states, recipe.symbols, recipe.symbol_sparsity)
    each = max(2, recipe.share(recipe.transition_sparsity))  # one alone would make it deterministic
    _check_size(len(pairs) * each)
    shares = _dirichlet(random, pairs // recipe.symbols, recipe.states)
    triples = np.repeat(np.arange(len(pairs)), each)
    sources, symbols = np.divmod(pairs[triples], recipe.symbols)
    initial = _initial_states(random, recipe)
    chosen = random.integers(recipe.states, size=len(triples))
    targets = _connected(random, recipe.states, sources, chosen, np.flatnonzero(initial).tolist())
    weights = shares[triples] * _dirichlet(random, triples, len(pairs))
    stops = _final_states(random, recipe, sources, targets)
    return _finished(random, recipe, initial, stops, sources, symbols, targets, weights)


def random_hmm(recipe: Recipe, seed: Seed) -> PFA:
    """Return a random hidden Markov model with ends: which symbol comes does not tell which state comes next.

    Examples
    --------
    >>> target = random_hmm(Recipe(states=10, symbols=5), seed=1)
    >>> target.deterministic, round(target.mean_length(), 3)
    (False, 15.0)
    """
    random = np.random.default_rng(check_seed(seed))
    emitters, symbols = np.divmod(_pairs(random, recipe.states, recipe.symbols, recipe.symbol_sparsity), recipe.symbols)
    sources, targets = np.divmod(
        _pairs(random, recipe.states, recipe.states, recipe.transition_sparsity), recipe.states
    )
    initial = _initial_states(random, recipe)
    targets = _connected(random, recipe.states, sources, targets, np.flatnonzero(initial).tolist())
    emission, step = (_dirichlet(random, rows, recipe.states) for rows in (emitters, sources))
    stops = _final_states(random, recipe, sources, targets)
    counts = np.bincount(sources, minlength=recipe.states)
    _check_size(int(counts[emitters].sum()))
    left = np.repeat(np.arange(len(emitters)), counts[emitters])  # each symbol of a state with each of its steps
    within = np.arange(len(left)) - np.repeat(np.cumsum(counts[emitters]) - counts[emitters], counts[emitters])
    right = np.searchsorted(sources, emitters)[left] + within
    edges = emitters[left], symbols[left], targets[right]
    return _finished(random, recipe, initial, stops, *edges, emission[left] * step[right])


GENERATORS: dict[str, Callable[[Recipe, Seed], PFA]] = {"pdfa": random_pdfa, "pfa": random_pfa, "hmm": random_hmm}


# --- structure -----------------------------------------------------------------------------------------------------


def _check_size(edges: int) -> None:
    if edges > MOST_EDGES:
        raise UsageError(f"{edges:,} transitions are too many (expected: up to {MOST_EDGES:,}; lower the sparsities)")


def _pairs(random: Random, rows: int, columns: int, sparsity: float) -> Integers:
    """Return cells ``row * columns + column`` chosen at random, in order, one in each row at least."""
    size = max(1, round(sparsity * rows * columns))
    _check_size(size)
    chosen = random.choice(rows * columns, size, replace=False, shuffle=False)
    empty = np.setdiff1d(np.arange(rows), chosen // columns)
    more = empty * columns + random.integers(columns, size=len(empty))
    return np.sort(np.concatenate([chosen, more]))


def _successors(random: Random, recipe: Recipe, sources: Integers) -> Integers:
    """Draw a target for each transition, among those that its state can lead to."""
    states, each = recipe.states, recipe.share(recipe.transition_sparsity)
    counts = np.bincount(sources, minlength=states).tolist()
    drawn = [random.choice(states, each, replace=False)[random.integers(each, size=count)] for count in counts]
    return np.concatenate(drawn)


def _connected(random: Random, states: int, sources: Integers, targets: Integers, roots: list[int]) -> Integers:
    """Point as few transitions elsewhere as it takes to reach every state.

    A state that cannot be reached is put behind a transition drawn from those of the reached states that are not
    yet needed; each state has one transition at least, so there always is one.
    """
    targets = targets.copy()
    rows = [slice(*pair) for pair in itertools.pairwise(np.searchsorted(sources, np.arange(states + 1)).tolist())]
    reached, free = set(roots), list[int]()
    _explore(list(roots), rows, targets, reached, free)
    for state in random.permutation(states).tolist():
        if state not in reached:
            at = int(random.integers(len(free)))
            free[at], free[-1] = free[-1], free[at]
            targets[free.pop()] = state
            reached.add(state)
            _explore([state], rows, targets, reached, free)
    return targets


def _explore(waiting: list[int], rows: list[slice], targets: Integers, reached: set[int], free: list[int]) -> None:
    """Follow all transitions; those that lead nowhere new are free to lead elsewhere."""
    while waiting:
        row = rows[waiting.pop()]
        for edge, target in enumerate(targets[row].tolist(), row.start):
            if target in reached:
                free.append(edge)
            else:
                reached.add(target)
                waiting.append(target)


def _initial_states(random: Random, recipe: Recipe) -> Floats:
    chosen = random.choice(recipe.states, recipe.share(recipe.initial), replace=False)
    initial = np.zeros(recipe.states)
    initial[chosen] = random.dirichlet(np.ones(len(chosen)))
    return initial


def _final_states(random: Random, recipe: Recipe, sources: Integers, targets: Integers) -> Floats:
    """Return probabilities of the end before they are scaled; from every state one can be reached."""
    stops = np.zeros(recipe.states)
    chosen = random.choice(recipe.states, recipe.share(recipe.final), replace=False)
    stops[chosen] = random.random(len(chosen))
    while True:
        ending = reachable(recipe.states, targets, sources, np.flatnonzero(stops).tolist())
        stuck = np.setdiff1d(np.arange(recipe.states), ending)
        if not len(stuck):
            return stops
        stops[random.choice(stuck)] = random.random()


# --- probabilities -------------------------------------------------------------------------------------------------


def _dirichlet(random: Random, rows: Integers, size: int) -> Floats:
    """Draw for the entries of each row one flat Dirichlet distribution."""
    drawn = random.standard_exponential(len(rows))
    return drawn / summed(rows, drawn, size)[rows]


def _finished(
    random: Random,
    recipe: Recipe,
    initial: Floats,
    stops: Floats,
    sources: Integers,
    symbols: Integers,
    targets: Integers,
    weights: Floats,
) -> PFA:
    """Scale the ends to the mean length and put the automaton together.

    Where the ends are too far away for traces as short as asked, more states become final.
    """
    chain = Chain.of(recipe.states, sources, targets, weights)
    while (scaled := scaled_ends(chain, initial, stops, recipe.mean_length)) is None:
        others = np.flatnonzero(stops == 0)
        chosen = random.choice(others, max(1, len(others) // 10), replace=False)
        stops[chosen] = random.random(len(chosen))
    names = [str(number) for number in range(recipe.symbols)]
    return PFA.from_edges(names, initial, scaled, sources, symbols, targets, weights * (1.0 - scaled)[sources])
