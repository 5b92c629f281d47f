"""Cut traces: those that were still going on when the stream ended look like repeats, and are none.

In a process that takes its cases in turn, those that are open at the end stand in all stages of it, many in the same.
Each stage is a trace that no finished case leaves behind, and as cases come in the order in which they began, those of
one stage are neighbours: rare traces, one after the other.  What tells them from copies is that nearly all traces that
get as far go on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA
from ..stream.batch import TraceBatch
from ..summary.repeated import Repeated

GO_ON = 4
"""Times as many traces get as far as end there, at least, where those that end there may have been cut."""

IMPOSSIBLE = 2000.0
"""Bits of what cannot be, so that sums stay finite."""


def cut_short(held: Repeated, automaton: PDFA, traces: int) -> NDArray[np.bool_]:
    """Tell which of the traces that were held back as repeats may have been cut.

    Parameters
    ----------
    held : Repeated
    automaton : PDFA
        Of all traces of the stream.
    traces : int
        How many these are.

    Returns
    -------
    bool array, shape (n,)
        True where far more traces began like this one than ended so, as the automaton has it or as they were held.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run", "unload"]] * 90 + [["load", "run"]] * 4)
    >>> ends = Repeated(np.array([0, 1, 0, 1, 2], np.int32), np.array([0, 2, 5]), np.array([3, 3]), 6, 15, 0)
    >>> cut_short(ends, learner.automaton, learner.traces).tolist()
    [True, False]
    """
    batch = TraceBatch(held.symbols, held.starts)
    bits, known = np.empty(batch.events + len(batch)), np.empty(batch.events + len(batch), np.bool_)
    automaton.bits_of(batch, bits, known)
    np.minimum(bits, IMPOSSIBLE, out=bits)
    sums = np.concatenate([[0.0], np.cumsum(bits)])
    places = batch.offsets + np.arange(len(batch) + 1)  # of the first outcome of each trace
    with np.errstate(under="ignore"):
        as_far = traces * np.exp2(sums[places[:-1]] - sums[places[1:] - 1])
        ended = as_far * np.exp2(-bits[places[1:] - 1])
    return as_far > GO_ON * np.maximum(ended, 1 + held.times)
