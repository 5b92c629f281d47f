"""Strangeness: what is asked of a trace to say how strange it is for a model, as whole numbers that can be ranked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from .calibration import BITS, COUNTS, STATISTICS, WORST
from .lateness import lateness
from .left_out import CountedParts, bits_left_out
from .tallies import Tallies, entries_of

if TYPE_CHECKING:
    from .._kernels.tallying import SymbolEntries
    from .pdfa import PDFA

FINE, MOST = 64, 1 << 24
"""Steps into which a bit is divided; what stands for all beyond.  Ranks of rounded numbers are as valid as others."""


def strangeness(
    automaton: PDFA,
    tallies: Tallies,
    batch: TraceBatch,
    names: Sequence[str] = STATISTICS,
    shared: bool = False,
    beyond: bool = True,
) -> NDArray[np.int32]:
    """Return how strange traces are by some statistics, shape (traces, names), -1 where one is not known.

    For ``shared`` and ``beyond`` see `flexstream.automata.lateness`.
    """
    log2_prob, _, worst, _ = automaton.alone.score_batch(batch)
    return _ranked(automaton, tallies, batch, names, (-log2_prob, worst), left_out=False, late=(shared, beyond))


def strangeness_left_out(
    automaton: PDFA,
    tallies: Tallies,
    batch: TraceBatch,
    names: Sequence[str] = STATISTICS,
    parts: CountedParts | None = None,
    edges: NDArray[np.int64] | None = None,
    entries: SymbolEntries | None = None,
) -> NDArray[np.int32]:
    """Return how strange some of the traces that were counted are, had each not been, shape (traces, names).

    What `edges_of` and `entries_of` find in them may be known.
    """
    bits = bits_left_out(automaton, batch, parts, edges)
    return _ranked(automaton, tallies, batch, names, bits, left_out=True, entries=entries, edges=edges)


def _ranked(
    automaton: PDFA,
    tallies: Tallies,
    batch: TraceBatch,
    names: Sequence[str],
    bits: tuple[NDArray[np.float64], NDArray[np.float64]],
    left_out: bool,
    entries: SymbolEntries | None = None,
    late: tuple[bool, bool] = (False, True),
    edges: NDArray[np.int64] | None = None,
) -> NDArray[np.int32]:
    brought = None
    if left_out:
        entries = entries_of(batch, len(automaton.symbols)) if entries is None else entries
        totals = np.bincount(automaton.edge_symbols, automaton.weights, len(automaton.symbols)).astype(np.float64)
        brought = tallies.brought(entries, totals) if len(totals) else None
    found = np.empty((len(batch), len(names)), np.int32)
    for place, name in enumerate(names):
        found[:, place] = rounded(
            bits[1]
            if name == WORST
            else bits[0] / (1 + np.diff(batch.offsets))
            if name == BITS
            else tallies.surprise(batch, left_out, entries, brought)
            if name == COUNTS
            else lateness(automaton, batch, left_out, *late, edges)
        )
    return found


def rounded(bits: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return bits as whole numbers of steps; -1 for NaN.

    >>> rounded(np.array([0.0, 1.51, np.inf, np.nan])).tolist()
    [0, 97, 16777216, -1]
    """
    steps = np.rint(np.minimum(np.nan_to_num(bits, nan=-1 / FINE, posinf=MOST), MOST) * FINE)
    return np.minimum(steps, MOST).astype(np.int32)
