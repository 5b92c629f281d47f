"""How many observations each state shares out: as many as make the stream likeliest, each event left out in turn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..automata.smoothing import base_of

STRENGTH = 2.0
"""What it is where the stream says nothing."""
STRENGTHS = np.array([STRENGTH, 1.0, 4.0, 0.5, 8.0, 0.25, 0.125])
"""What is tried; of equal ones the first."""


def likeliest_strength(
    sources: NDArray[np.int64],
    symbols: NDArray[np.int64],
    weights: NDArray[np.int64],
    ends: NDArray[np.int64],
    totals: NDArray[np.int64],
) -> float:
    """Return the pseudo-observations a state under which the outcomes are likeliest, each foretold by all others.

    An outcome that came c times in a state with v outcomes has the probability (c - 1 + s·b) / (v - 1 + s) once it is
    left out, b being its share in the stream.  Where next to nothing came once only, as in logs that are nearly
    deterministic, a small s is likeliest, where much did, a large one.  It hangs on counts only, so that it is the same
    however a stream was cut.  (Leaving one out: Stone, JRSS B 36, 1974; this prior, and finding its strength from the
    counts: MacKay & Peto, "A hierarchical Dirichlet language model", Natural Language Engineering 1, 1995.)

    Parameters
    ----------
    sources, symbols, weights : int64 arrays, shape (transitions,)
        State, symbol and events of each, in the order of the automaton.
    ends : int64 array, shape (states,)
        Traces that ended in each.
    totals : int64 array, shape (alphabet,)
        Events of each symbol.

    Examples
    --------
    >>> one, both = np.array([0]), np.array([0, 0])
    >>> likeliest_strength(one, one, np.array([1000]), np.array([0, 1000]), np.array([1000]))
    0.125
    >>> likeliest_strength(both, np.array([0, 1]), np.array([1, 1]), np.array([0, 2]), np.array([1, 1]))
    8.0
    """
    base, states = base_of(int(ends.sum()), totals), len(ends)
    counts = np.concatenate([weights, ends])
    share = np.concatenate([base[2:][symbols], np.full(states, base[0])])
    outcomes = np.bincount(sources, weights, states) + ends
    left = np.concatenate([outcomes[sources], outcomes])
    came = counts > 0
    counts, share, left, tried = counts[came], share[came], left[came], STRENGTHS[:, None]
    logs = np.log((counts - 1 + tried * share) / (left - 1 + tried))
    return float(STRENGTHS[int(np.argmax((counts * logs).sum(1)))])
