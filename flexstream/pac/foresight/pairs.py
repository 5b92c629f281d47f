"""Counting pairs: how probable traces are by what followed what, the plainest that a stream can be foretold by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...automata.arrays import distinct
from ...automata.smoothing import Smoothing
from ...stream.batch import TraceBatch
from ..statistics.state_tree import numbered

TABLE = 1 << 16
"""Pairs that have a place each, so that none is searched."""


def pair_bits(known: TraceBatch, asked: Sequence[TraceBatch], smoothing: Smoothing) -> list[NDArray[np.float64]]:
    """Return the bits of each trace of the batches asked for, by pairs counted in one, smoothed as an automaton is.

    Parameters
    ----------
    known : TraceBatch
    asked : sequence of TraceBatch
        Symbols that nobody knows are -1.
    smoothing : Smoothing
        Of an automaton that was learned from those known.

    Returns
    -------
    list of float64 arrays, shape (traces,)

    Examples
    --------
    >>> batch = TraceBatch(np.array([0, 0, 0]), np.array([0, 1, 2, 3]))
    >>> none = Smoothing.none(1)
    >>> [bits.tolist() for bits in pair_bits(batch, [batch], none)]
    [[0.0, 0.0, 0.0]]
    """
    outcomes, shared = len(smoothing.base), smoothing.strength
    seen = _pairs(known, outcomes)
    left, found = np.bincount(seen[0] // outcomes, minlength=outcomes), []
    for batch in asked:
        keys, owner = seen if batch is known else _pairs(batch, outcomes)
        pairs, which = numbered(keys, outcomes**2)  # a logarithm of each, not of each event
        before, outcome = np.divmod(pairs, outcomes)
        came = _times(seen[0], pairs, outcomes**2)
        with np.errstate(divide="ignore", invalid="ignore"):
            bits = -np.log2((came + shared * smoothing.base[outcome]) / (left[before] + shared))
        found.append(np.asarray(np.bincount(owner, bits[which], len(batch)), np.float64))
    return found


def _times(keys: NDArray[np.int64], asked: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return how often each of the numbers asked for is among others, all below ``most``.

    >>> [_times(np.array([2, 5, 2]), np.array([2, 3, 5, 9]), most).tolist() for most in (10, TABLE + 1)]
    [[2, 0, 1, 0], [2, 0, 1, 0]]
    """
    if most <= TABLE:
        return np.bincount(keys, minlength=most)[asked]
    known, counts = distinct(keys)
    place = np.minimum(np.searchsorted(known, asked), max(0, len(known) - 1))
    return np.where(known[place] == asked, counts[place], 0) if len(known) else np.zeros(len(asked), np.int64)


def _pairs(batch: TraceBatch, outcomes: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what was before times outcomes and what came, and the trace, of each event and each end of a batch.

    An outcome is the end (0), an unknown symbol (1) or a symbol; before the first event is what the end has as number.
    """
    lengths = np.diff(batch.offsets)
    owner = np.repeat(np.arange(len(batch)), lengths + 1)
    ends = np.cumsum(lengths + 1) - 1
    came = np.zeros(len(owner), np.int64)
    inner = np.ones(len(owner), np.bool_)
    inner[ends] = False
    came[inner] = batch.symbols[batch.offsets[0] : batch.offsets[-1]].astype(np.int64) + 2
    before = np.concatenate([[0], came[:-1]]) if len(came) else came
    return before * outcomes + came, owner
