"""Counting pairs: how probable traces are by what followed what, the plainest that a stream can be foretold by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...automata.arrays import distinct
from ...automata.smoothing import Smoothing
from ...stream.batch import TraceBatch

TABLE = 1 << 16
"""Pairs that have a place each, so that none is searched."""


def pair_bits(known: TraceBatch, asked: TraceBatch, smoothing: Smoothing) -> NDArray[np.float64]:
    """Return the bits of each trace asked for, by pairs counted in others, smoothed as an automaton is.

    Parameters
    ----------
    known, asked : TraceBatch
        Symbols that nobody knows are -1.
    smoothing : Smoothing
        Of an automaton that was learned from those known.

    Returns
    -------
    float64 array, shape (traces,)

    Examples
    --------
    >>> batch = TraceBatch(np.array([0, 0, 0]), np.array([0, 1, 2, 3]))
    >>> none = Smoothing.none(1)
    >>> pair_bits(batch, batch, none).tolist()
    [0.0, 0.0, 0.0]
    """
    outcomes = len(smoothing.base)
    keys, (asked_keys, owner) = _pairs(known, outcomes)[0], _pairs(asked, outcomes)
    before, outcome = np.divmod(asked_keys, outcomes)
    left, came = np.bincount(keys // outcomes, minlength=outcomes), _times(keys, asked_keys, outcomes**2)
    shared = smoothing.strength
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = -np.log2((came + shared * smoothing.base[outcome]) / (left[before] + shared))
    return np.asarray(np.bincount(owner, bits, len(asked)), np.float64)


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
