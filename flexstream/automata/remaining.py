"""What is still to come of a trace whose beginning is known: how many events, and how it ends."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arguments import fitting, fitting_share
from ..errors import UsageError

if TYPE_CHECKING:
    from .absorption import Absorption
    from .passage import RemainingTime

MOST = 1 << 40
"""Events beyond which a quantile is called infinite."""
REST = 1e-9
"""Share of the traces beyond which a distribution is cut."""
LONGEST = 1 << 16
"""Probabilities of a distribution at most, if no other number is given."""


class Part(NamedTuple):
    """An automaton of a model: its share, the state that the beginning of the trace leads to, and if there was any."""

    share: float
    absorption: Absorption
    state: int
    begun: bool = True


class Remaining:
    """Number of events until a trace ends, as a random variable, and what its end may be.

    All is worked out from the automaton alone: of an automaton mixed with an n-gram without it, of an ensemble as the
    mixture of its members, each with the share that the beginning of the trace gives it.

    Attributes
    ----------
    ends : float
        Probability that the trace ever ends.
    mean : float
        Mean number of events to come; infinite if the trace need not end.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> coin = from_rows({0: {"a": (75, 0), None: (25, 0)}})
    >>> coming = coin.remaining(["a"])
    >>> coming.mean, coming.quantile(0.5), coming.probability(0), coming.distribution(3).round(3).tolist()
    (3.0, 2, 0.25, [0.25, 0.188, 0.141])
    """

    def __init__(self, parts: Sequence[Part], symbols: Sequence[str], last: str | None = None) -> None:
        self._parts, self._symbols, self._last = tuple(parts), symbols, last
        self.ends = self._mixed([part.absorption.ends[part.state] for part in parts])
        self.mean = self._mixed([part.absorption.means[part.state] for part in parts])

    def __repr__(self) -> str:
        return f"Remaining(mean={self.mean:.4g}, ends={self.ends:.4g})"

    @cached_property
    def time(self) -> RemainingTime | None:
        """Seconds to come since the last event; None where the model knows no durations.

        Of a trace that has yet to begin, since its first event: no step leads to that, so that none takes time.
        """
        from .passage import RemainingTime

        timed = all(part.absorption.steps.automaton.durations is not None for part in self._parts)
        return RemainingTime(self._parts) if timed else None

    def _mixed(self, values: Sequence[float]) -> float:
        """Return the mean of what the parts say; what has no share may be infinite."""
        return float(sum(part.share * value for part, value in zip(self._parts, values, strict=True) if part.share))

    def surviving(self, events: int) -> float:
        """Return the probability that more than so many events come, the end not counted."""
        if fitting("events", events, int) < 0:
            return 1.0
        return self._mixed([part.absorption.surviving(part.state, events) for part in self._parts])

    def probability(self, events: int) -> float:
        """Return the probability that exactly so many events come before the end."""
        return max(0.0, self.surviving(events - 1) - self.surviving(events))

    def quantile(self, share: float) -> float:
        """Return the smallest number of events that is not exceeded with at least such a probability.

        It is infinite where traces that never end are more than what is left.

        Raises
        ------
        UsageError
            If the share is none.
        """
        share = fitting_share(share)
        left = 1 - share + 1e-12
        longest = max(part.absorption.steps.states for part in self._parts)  # without a cycle, no trace has more
        if 1 - self.ends > left or (share >= 1 and self.surviving(longest) > 0):
            return math.inf
        high = 1
        while self.surviving(high - 1) > left:
            if high > MOST:
                return math.inf
            high *= 2
        low = high // 2
        while low < high:  # more than `low - 1` events come too often, more than `high - 1` do not
            middle = (low + high) // 2
            low, high = (low, middle) if self.surviving(middle) <= left else (middle + 1, high)
        return low

    def distribution(self, length: int | None = None) -> NDArray[np.float64]:
        """Return the probabilities that 0, 1, 2, … events come before the end.

        Parameters
        ----------
        length : int, optional
            How many; by default until only a billionth of the traces that end is left, at most 65,536.

        Raises
        ------
        UsageError
            If the length is negative.
        """
        if length is None:
            length = int(min(LONGEST, self.quantile(max(0.0, self.ends - REST)) + 1))
        if fitting("length", length, int) < 0:
            raise UsageError(f"a distribution of length {length} (expected: 0 or more)")
        if not length:
            return np.empty(0)
        paths = [part.share * part.absorption.path(part.state, length - 1) for part in self._parts]
        return np.maximum(-np.diff(np.sum(paths, axis=0), prepend=1.0), 0.0)

    def reaches(self, symbol: str) -> float:
        """Return the probability that an event comes before the end.

        Raises
        ------
        UsageError
            If the model does not know the event.
        """
        number = known_number(self._symbols, symbol)
        return self._mixed([part.absorption.reaching(number)[part.state] for part in self._parts])

    def ends_with(self) -> dict[str, float]:
        """Return the probability of each event to be the last one, the likeliest first; those of 0 are left out.

        If no event comes the last one is that of the beginning.  What is left of 1 are traces that never end, empty
        ones, and those whose last event is none of the alphabet.
        """
        found = np.sum([part.share * part.absorption.last(part.state) for part in self._parts], axis=0)
        known = dict(zip(self._symbols, found[:-1].tolist(), strict=True))
        if self._last in known:
            known[self._last] += self._mixed([part.absorption.steps.stops[part.state] for part in self._parts])
        order = sorted(known, key=lambda symbol: -known[symbol])
        return {symbol: known[symbol] for symbol in order if known[symbol] > 0}


def known_number(symbols: Sequence[str], symbol: str) -> int:
    """Return the number of a symbol of an alphabet.

    Raises
    ------
    UsageError
        If it has none.

    Examples
    --------
    >>> known_number(["load", "run"], "rum")
    Traceback (most recent call last):
    flexstream.errors.UsageError: the model knows no event 'rum' (expected: one that it was learned from, such as 'run')
    """
    if symbol in symbols:
        return symbols.index(symbol)
    near = difflib.get_close_matches(symbol, symbols, 1) or symbols[:1]
    such = f", such as {near[0]!r}" if near else ""
    raise UsageError(f"the model knows no event {symbol!r} (expected: one that it was learned from{such})")
