"""Softened: an automaton that is in several states at once, each to a share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..arguments import expect
from ..errors import ModelError
from ..stream.batch import TraceBatch
from ..stream.traces import symbol_tuple
from .arrays import column, read_only

if TYPE_CHECKING:
    from .._kernels.softening import SoftenedColumns

ROUNDING = 1e-6
_STATES = ("initial", "stops", "escapes", "landing")


@dataclass(frozen=True, eq=False)
class Softened:
    """A probabilistic automaton whose transitions have several targets, made by softening a deterministic one.

    A trace starts in a state drawn from ``initial``.  In state q it ends with probability ``stops[q]``, takes one of
    the transitions that leave q, or with probability ``escapes[q]`` does what the state has not seen: the outcome then
    is drawn from ``base``, and the next state from ``landing``.

    Parameters
    ----------
    symbols : sequence of str
        The alphabet; a symbol's id is its position.
    initial, stops, escapes, landing : float64 arrays, shape (states,)
    sources, targets : int32 arrays, shape (transitions,)
        Ordered by source, then by symbol.
    edge_symbols : int32 array, shape (transitions,)
    probabilities : float64 array, shape (transitions,)
        Of symbol and target together, given the state.
    base : float64 array, shape (2 + alphabet,)
        Shares that sum to 1: of the end, of all symbols outside the alphabet together, of each symbol.

    Raises
    ------
    ModelError
        If the arrays do not fit together, or probabilities do not sum to 1.

    Examples
    --------
    >>> coin = Softened("ht", [1.0], [0.4], [0.1], [1.0], [0, 0], [0, 1], [0, 0], [0.25, 0.25], [0.5, 0.1, 0.2, 0.2])
    >>> coin
    Softened(1 states, 2 transitions, 2 symbols)
    >>> batch = TraceBatch(np.array([0, 1], np.int32), np.array([0, 0, 2]))
    >>> coin.chances_of(batch).round(3).tolist()
    [0.45, 0.27, 0.27, 0.45]
    """

    symbols: Sequence[str]
    initial: NDArray[np.float64]
    stops: NDArray[np.float64]
    escapes: NDArray[np.float64]
    landing: NDArray[np.float64]
    sources: NDArray[np.int32]
    edge_symbols: NDArray[np.int32]
    targets: NDArray[np.int32]
    probabilities: NDArray[np.float64]
    base: NDArray[np.float64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "symbols", symbol_tuple(self.symbols))
        for name in (*_STATES, "probabilities", "base"):
            object.__setattr__(self, name, column(name, getattr(self, name), np.float64))
        for name in ("sources", "edge_symbols", "targets"):
            object.__setattr__(self, name, column(name, getattr(self, name), np.int32))
        self._check_shapes()
        self._check_probabilities()

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copies and pickles be made from the fields, so that they cannot be changed either."""
        return type(self), tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def _check_shapes(self) -> None:
        states, edges, alphabet = len(self.initial), len(self.targets), len(self.symbols)
        if not states or {len(getattr(self, name)) for name in _STATES} != {states}:
            raise ModelError("the arrays of a softened automaton do not fit together: it has states of several numbers")
        if {len(self.sources), len(self.edge_symbols), len(self.probabilities)} != {edges}:
            raise ModelError("the arrays of a softened automaton do not fit together: transitions of several numbers")
        if len(self.base) != alphabet + 2:
            raise ModelError("the base of a softened automaton does not have a share for each outcome")
        ranges = ((self.sources, states), (self.targets, states), (self.edge_symbols, alphabet))
        if edges and any(numbers.min() < 0 or numbers.max() >= end for numbers, end in ranges):
            raise ModelError("a transition of a softened automaton has a state or symbol out of range")
        if (np.diff(self.sources * np.int64(alphabet + 1) + self.edge_symbols) < 0).any():
            raise ModelError("the transitions of a softened automaton are not ordered by source and symbol")

    def _check_probabilities(self) -> None:
        values = np.concatenate([getattr(self, name) for name in (*_STATES, "probabilities", "base")])
        if not np.isfinite(values).all() or (values < 0).any():
            raise ModelError("a probability of a softened automaton is negative or no number")
        sums = self.stops + self.escapes + np.bincount(self.sources, self.probabilities, len(self))
        totals = np.concatenate([sums, [self.initial.sum(), self.landing.sum(), self.base.sum()]])
        if (np.abs(totals - 1) > ROUNDING).any():
            raise ModelError("the probabilities of a softened automaton do not sum to 1")

    def __len__(self) -> int:
        """Return the number of states."""
        return len(self.initial)

    def __repr__(self) -> str:
        return f"Softened({len(self)} states, {len(self.targets)} transitions, {len(self.symbols)} symbols)"

    @cached_property
    def _columns(self) -> SoftenedColumns:
        from .._kernels.softening import SoftenedColumns

        return SoftenedColumns(
            self.initial,
            self.stops + self.escapes * self.base[0],
            self.escapes,
            self.landing,
            self.base[2:].copy(),
            float(self.base[1]),
            np.searchsorted(self.sources, np.arange(len(self) + 1)),
            self.edge_symbols,
            self.targets,
            self.probabilities,
        )

    def chances_of(self, batch: TraceBatch) -> NDArray[np.float64]:
        """Return the probability of each event and of each end, trace by trace, shape (events + traces,).

        Traces are encoded with the ids of the alphabet; those past it are unknown symbols.
        """
        from .._kernels.softening import softened_chances

        found = np.empty(expect("batch", batch, TraceBatch).events + len(batch))
        scratch = np.empty(len(self)), np.empty(len(self))
        softened_chances(self._columns, batch.symbols, batch.offsets, found, *scratch)
        return found

    def log2_probs(self, batch: TraceBatch) -> NDArray[np.float64]:
        """Return the base-2 logarithms of the probabilities of traces, shape (traces,)."""
        with np.errstate(divide="ignore"):
            bits = np.log2(self.chances_of(batch))
        ends = batch.offsets[1:] - batch.offsets[0] + np.arange(len(batch))
        return np.add.reduceat(bits, np.concatenate([[0], ends[:-1] + 1])) if len(batch) else np.empty(0)

    def outcomes_after(self, ids: NDArray[np.int32]) -> tuple[float, NDArray[np.float64]]:
        """Return the base-2 logarithm of the probability of a trace's beginning, and the shares of what comes next.

        The shares are in the order of ``base``: of the end, of unknown symbols, of each symbol; they sum to 1.
        """
        begun = TraceBatch(np.asarray(ids, np.int32), np.array([0, len(ids)], np.int64))
        with np.errstate(divide="ignore"):
            bits = float(np.log2(self.chances_of(begun)[:-1]).sum())
        now = self._shares_after(ids)
        found = float(now @ self.escapes) * self.base
        found[0] += now @ self.stops
        found[2:] += np.bincount(self.edge_symbols, now[self.sources] * self.probabilities, len(self.symbols))
        return bits, found

    def _shares_after(self, ids: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the share of each state after the beginning of a trace."""
        now = self.initial
        for symbol in ids.tolist():
            taken = np.flatnonzero(self.edge_symbols == symbol)
            moved = now[self.sources[taken]] * self.probabilities[taken]
            place = symbol + 2 if 0 <= symbol < len(self.symbols) else 1
            now = np.bincount(self.targets[taken], moved, len(self)) + (now @ self.escapes) * (
                self.base[place] * self.landing
            )
            now = now / now.sum() if now.sum() > 0 else self.landing
        return now

    def sample(self, n: int, seed: int, max_length: int = 10_000) -> list[list[str]]:
        """Draw traces without what is shared out over all outcomes, see :meth:`PDFA.sample`."""
        from .sampling import Sampler, texts

        offsets = np.searchsorted(self.sources, np.arange(len(self) + 1))
        edges = offsets, self.edge_symbols, self.targets, self.probabilities
        return texts(Sampler(self.stops, *edges, self.initial, seed, max_length).batch(n), self.symbols)

    def to_document(self) -> dict[str, Any]:
        """Return the value that stands for it in a model file; the symbols stand elsewhere."""
        return {
            "states": {name: getattr(self, name).tolist() for name in _STATES},
            "transitions": {
                "source": self.sources.tolist(),
                "symbol": self.edge_symbols.tolist(),
                "target": self.targets.tolist(),
                "probability": self.probabilities.tolist(),
            },
            "base": self.base.tolist(),
        }

    @classmethod
    def from_document(cls, parts: Mapping[str, Any], symbols: Sequence[str]) -> Softened:
        """Return what `to_document` wrote; raises ModelError or KeyError if the value is damaged."""
        states, edges = parts["states"], parts["transitions"]
        return cls(
            symbols,
            **{name: states[name] for name in _STATES},
            sources=edges["source"],
            edge_symbols=edges["symbol"],
            targets=edges["target"],
            probabilities=edges["probability"],
            base=parts["base"],
        )


def sparse(
    symbols: Sequence[str],
    initial: NDArray[np.float64],
    stops: NDArray[np.float64],
    escapes: NDArray[np.float64],
    landing: NDArray[np.float64],
    chances: NDArray[np.float32],
    base: NDArray[np.float64],
    least: float = 1e-5,
) -> Softened:
    """Return an automaton of a matrix for each symbol, without what is less likely than ``least``.

    What is left out of a state goes to what it shares out over all outcomes, so that nothing is impossible.

    Parameters
    ----------
    chances : array, shape (alphabet, states, states)
        Of symbol and target together, given the state.
    """
    symbol, source, target = np.nonzero(chances >= least)
    order = np.lexsort((target, symbol, source))
    symbol, source, target = symbol[order], source[order], target[order]
    kept = np.asarray(chances[symbol, source, target], np.float64).round(8)
    stops = np.round(stops, 10)
    rest = 1.0 - stops - np.bincount(source, kept, len(stops))
    return Softened(
        symbols,
        read_only(initial / initial.sum()),
        stops,
        np.maximum(rest, 0.0),
        landing / landing.sum(),
        source.astype(np.int32),
        symbol.astype(np.int32),
        target.astype(np.int32),
        kept,
        base,
    )
