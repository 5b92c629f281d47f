"""Spans: how long one transition takes, asked for by its state and its symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..arguments import fitting
from ..classes import dataclass
from ..errors import UsageError
from ..stream.durations import bins_of, seconds_of
from .timing import quantile

if TYPE_CHECKING:
    from .pdfa import PDFA


@dataclass(frozen=True, eq=False)
class Span:
    """How often a transition took how long since the event before.

    Attributes
    ----------
    bins : int16 array, shape (rows,)
        See :mod:`flexstream.stream.durations`; ascending.
    counts : int64 array, shape (rows,)
        Events of each, of one in so many traces as the automaton's ``durations.one_in`` says.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from flexstream.automata.timing import Durations
    >>> from flexstream.targets import from_rows
    >>> loop = from_rows({0: {"run": (50, 0), None: (50, 0)}})
    >>> timed = replace(loop, durations=Durations([0, 0], bins_of([60.0, 600.0]), [99, 1], [1.0]))
    >>> span = timed.span(0, "run")
    >>> span.count, round(span.median), round(span.quantile(0.999)), span.share_within(120.0)
    (100, 60, 604, 0.99)
    """

    bins: NDArray[np.int16]
    counts: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many events there are whose time is known."""
        return int(self.counts.sum())

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Seconds that stand for each bin, within 0.78 % of all that is in it, shape (rows,)."""
        return seconds_of(self.bins)

    @property
    def median(self) -> float:
        """Seconds that half of the events do not exceed."""
        return self.quantile(0.5)

    def quantile(self, share: float) -> float:
        """Return the seconds that a share of the events does not exceed, within 0.78 %; NaN where no time is known.

        Raises
        ------
        UsageError
            If the share does not lie between 0 and 1.
        """
        return quantile(self.bins, self.counts, share)

    def share_within(self, seconds: float) -> float:
        """Return which share of the events took no longer, but for what is in the same bin; NaN where none is known."""
        longest = int(bins_of(fitting("seconds", seconds, float)))
        return float(self.counts[self.bins <= longest].sum()) / self.count if len(self.bins) else float("nan")


class Spanned:
    """What an automaton with durations can be asked of one transition."""

    def span(self: PDFA, state: int, symbol: str | int) -> Span:  # type: ignore[misc]
        """Return how long a transition takes.

        Parameters
        ----------
        state : int
        symbol : str or int
            As in traces.

        Returns
        -------
        Span
            Of no events where no time of the transition is known.

        Raises
        ------
        UsageError
            If there is no such transition, or the automaton knows no durations at all.
        """
        if self.durations is None:
            raise UsageError("the model knows no durations (expected: one learned from events whose times are known)")
        return Span(*self.durations.of(edge_of(self, state, symbol)))


def edge_of(automaton: PDFA, state: int, symbol: str | int) -> int:
    """Return the position of a transition among all of an automaton.

    Raises
    ------
    UsageError
        If there is none.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> edge_of(from_rows({0: {"a": (1, 0), "b": (2, 0), None: (1, 0)}}), 0, "b")
    1
    """
    if not 0 <= fitting("state", state, int) < len(automaton):
        raise UsageError(f"no state {state} (expected: 0 to {len(automaton) - 1})")
    start, stop = automaton.offsets[state : state + 2].tolist()
    ids = automaton.encode([symbol])
    places = np.flatnonzero(automaton.edge_symbols[start:stop] == ids[0])
    if not len(places):
        raise UsageError(f"state {state} has no transition by {symbol!r} (expected: one of those in `transitions()`)")
    return int(start + places[0])
