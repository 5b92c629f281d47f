"""Drawing traces from an automaton."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arguments import fitting
from ..errors import UsageError, parameter
from ..stream.batch import TraceBatch

if TYPE_CHECKING:
    from .._kernels.drawing import DrawColumns
    from .pdfa import PDFA

Seed = int | np.random.SeedSequence

MOST, LONGEST = 1 << 40, 1 << 62
"""Traces drawn at once and events of one, more than which no machine holds."""
BLOCK = 1 << 16
"""Random numbers drawn at a time; how many does not change the traces."""


class Sampler:
    """An endless source of traces: the same seed gives the same traces, in whatever batches they are asked for.

    Each outcome takes one number of NumPy's default generator, and one more chooses the first state where there are
    several.

    Parameters
    ----------
    stops : float array, shape (states,)
        Weights of the end.
    offsets : int array, shape (states + 1,)
        The transitions of state q are rows ``offsets[q]:offsets[q + 1]`` of the arrays that follow.
    symbols, targets : int arrays, shape (transitions,)
    weights : float array, shape (transitions,)
    initial : float array, shape (states,)
        Weights of the first state.
    seed : int or numpy.random.SeedSequence
    max_length : int
        Where a trace is cut that has not ended by then.

    Examples
    --------
    >>> coin = Sampler([1.0], [0, 1], [0], [0], [1.0], [1.0], seed=7)
    >>> [trace.tolist() for trace in coin.batch(3)]
    [[0, 0, 0], [], [0]]
    """

    def __init__(
        self,
        stops: ArrayLike,
        offsets: ArrayLike,
        symbols: ArrayLike,
        targets: ArrayLike,
        weights: ArrayLike,
        initial: ArrayLike,
        seed: Seed,
        max_length: int = 10_000,
    ) -> None:
        if fitting("max_length", max_length, int) < 0:
            raise UsageError(f"{parameter('max_length')} is {max_length} (expected: 0 or more events)")
        self._columns, self._start = _columns(
            np.asarray(stops, np.float64),
            np.asarray(offsets, np.int64),
            np.asarray(symbols, np.int32),
            np.asarray(targets, np.int32),
            np.asarray(weights, np.float64),
            np.asarray(initial, np.float64),
        )
        self._random = np.random.default_rng(check_seed(seed))
        self._max_length = min(max_length, LONGEST)
        self._carry = np.array([self._start, 0], np.int64)
        self._uniforms = np.empty(0)
        self._begun = np.empty(0, np.int32)  # the symbols of the trace under way

    def batch(self, n: int) -> TraceBatch:
        """Return the next ``n`` traces, encoded with the automaton's symbol ids."""
        from .._kernels.drawing import draw_traces

        check_number(n)
        lengths, done, parts = np.empty(n, np.int64), 0, [self._begun]
        while done < n:
            if not len(self._uniforms):
                self._uniforms = self._random.random(BLOCK)
            symbols = np.empty(len(self._uniforms), np.int32)
            used, written, ended = draw_traces(
                self._columns, self._start, self._max_length, self._uniforms, self._carry, symbols, lengths[done:]
            )
            self._uniforms = self._uniforms[used:]
            parts.append(symbols[:written])
            done += ended
        offsets = np.zeros(n + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        drawn = np.concatenate(parts)
        self._begun = drawn[offsets[-1] :]
        return TraceBatch(drawn[: offsets[-1]], offsets)


def _columns(
    stops: NDArray[np.float64],
    offsets: NDArray[np.int64],
    symbols: NDArray[np.int32],
    targets: NDArray[np.int32],
    weights: NDArray[np.float64],
    initial: NDArray[np.float64],
) -> tuple[DrawColumns, int]:
    """Return the automaton laid out for drawing and its first state.

    Several first states are put behind one that leads to them without a symbol.
    """
    from .._kernels.drawing import SILENT, DrawColumns

    starts = np.flatnonzero(initial)
    start = int(starts[0])
    if len(starts) > 1:
        start = len(stops)
        stops = np.append(stops, 0.0)
        offsets = np.append(offsets, offsets[-1] + len(starts))
        symbols = np.append(symbols, np.full(len(starts), SILENT, np.int32))
        targets = np.append(targets, starts.astype(np.int32))
        weights = np.append(weights, initial[starts])
    rising = np.concatenate([[0.0], np.cumsum(np.insert(weights, offsets[:-1], stops))])
    return DrawColumns(rising, offsets + np.arange(len(offsets)), offsets, symbols, targets), start


def check_number(n: int) -> None:
    """Raise WrongTypeError or UsageError where so many traces cannot be drawn."""
    if not 0 <= fitting("n", n, int) <= MOST:
        raise UsageError(f"{parameter('n')} is {n} (expected: 0 to {MOST:,} traces)")


def check_seed(seed: Seed) -> Seed:
    """Return what can be the seed of NumPy's default generator.

    Raises
    ------
    WrongTypeError
        If it is neither a whole number nor a sequence of seeds; None, which is another at each run, is none.
    UsageError
        If it is negative.

    Examples
    --------
    >>> check_seed(7)
    7
    """
    given: Seed = fitting("seed", seed, int | np.random.SeedSequence)
    if isinstance(given, int) and given < 0:
        raise UsageError(f"{parameter('seed')} is {given} (expected: 0 or more)")
    return given


def sample(automaton: PDFA, n: int, seed: int, max_length: int) -> list[list[str]]:
    """Draw ``n`` traces; see :meth:`PDFA.sample`."""
    return texts(sample_batch(automaton, n, seed, max_length), automaton.symbols)


def sample_batch(automaton: PDFA, n: int, seed: int, max_length: int) -> TraceBatch:
    """Draw ``n`` traces, encoded with the automaton's symbol ids."""
    first = np.zeros(len(automaton))
    first[0] = 1.0
    edges = automaton.offsets, automaton.edge_symbols, automaton.targets, automaton.weights
    return Sampler(automaton.stops, *edges, first, seed, max_length).batch(n)


def texts(batch: TraceBatch, symbols: Sequence[str]) -> list[list[str]]:
    """Return traces as the texts of their symbols.

    >>> texts(TraceBatch(np.array([0, 1, 1], np.int32), np.array([0, 2, 3])), ["a", "b"])
    [['a', 'b'], ['b']]
    """
    events, bounds = [symbols[symbol] for symbol in batch.symbols.tolist()], batch.offsets.tolist()
    return [events[start:stop] for start, stop in itertools.pairwise(bounds)]
