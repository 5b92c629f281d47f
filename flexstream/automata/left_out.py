"""Traces left out: what an automaton would say of a trace had it not been counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .._kernels.keys import make_keys
from .._kernels.leaving_out import CountedColumns, leave_out
from ..tuples import NamedTuple
from .timing import edges_of
from .walking import table_of

if TYPE_CHECKING:
    from ..stream.batch import TraceBatch
    from .pdfa import PDFA


class CountedParts(NamedTuple):
    """How much of what took a transition, or ended in a state, is in the counts of an automaton.

    Attributes
    ----------
    events : float64 array, shape (transitions,)
    ends : float64 array, shape (states,)
    """

    events: NDArray[np.float64]
    ends: NDArray[np.float64]

    @classmethod
    def all_of(cls, automaton: PDFA) -> CountedParts:
        """Return the parts of an automaton whose counts are those of all events."""
        return cls(np.ones(len(automaton.weights)), np.ones(len(automaton)))


def bits_left_out(
    automaton: PDFA, batch: TraceBatch, parts: CountedParts | None = None, edges: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the bits of traces that were counted, had each not been: in all, and of the most surprising outcome.

    What a trace has counted itself says nothing of what is to be expected of others: of those that come once the
    automaton makes too little, as Good and Turing found (Good, Biometrika 40, 1953).  States stay as they are, and an
    n-gram plays no part.

    Without itself each of many traces that take the same would stand just above one that was not counted, though that
    is as strange.  Where many others had an outcome it is therefore as surprising as to one that was not counted.

    Parameters
    ----------
    automaton : PDFA
    batch : TraceBatch
    parts : CountedParts, optional
        None: all that came was counted.
    edges : int64 array, shape (events,), optional
        The transitions that the events take, if they are known: see :func:`~flexstream.automata.timing.edges_of`.

    Examples
    --------
    >>> from flexstream import TraceBatch
    >>> from flexstream.targets import from_rows
    >>> loop = from_rows({0: {"a": (3, 0), None: (3, 0)}})
    >>> [found.tolist() for found in bits_left_out(loop, TraceBatch(np.array([0]), np.array([0, 1])))]
    [[2.0], [1.0]]
    """
    total, worst = np.empty(len(batch)), np.empty(len(batch))
    known = CountedParts.all_of(automaton) if parts is None else parts
    taken = edges_of(automaton, batch) if edges is None else edges
    leave_out(_columns(automaton, known), batch.symbols, batch.offsets, taken, total, worst)
    return total, worst


def _columns(automaton: PDFA, parts: CountedParts) -> CountedColumns:
    keys, symbols = make_keys(automaton.sources, automaton.edge_symbols), len(automaton.symbols)
    return CountedColumns(
        keys=keys,
        targets=automaton.targets,
        slots=table_of(keys),
        weights=automaton.weights,
        stops=automaton.stops,
        mass=automaton.mass,
        rest=automaton.rest,
        base=automaton.smoothing.base,
        fallback=automaton.smoothing.fallback,
        totals=np.bincount(automaton.edge_symbols, automaton.weights, symbols).astype(np.float64),
        edge_parts=parts.events,
        end_parts=parts.ends,
        own_edges=np.zeros(len(keys)),
        own_states=np.zeros(len(automaton)),
        own_symbols=np.zeros(symbols),
        edge_bits=np.full(len(keys), -1.0),
        end_bits=np.full(len(automaton), -1.0),
    )
