"""What the colours of a picture stand for: visits, how long transitions take, or how far the report trusts states."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cached_property

from ..errors import UsageError, parameter
from ..stream.durations import in_words
from . import palette
from .view import Edge, View


class Colours:
    """Colours of one picture.

    Raises
    ------
    UsageError
        If the model does not know what they are to stand for.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> colours = Colours(View.picture(reber()))
    >>> colours.fill(0), list(colours.legend())
    ('#d0e4f2', [])
    """

    def __init__(self, view: View) -> None:
        self.view, self._kind = view, view.options.colour
        if self._kind == "times" and view.automaton.durations is None:
            raise UsageError(
                f"{parameter('colour')} times: the model does not know how long transitions take "
                "(expected: one learned from events with times)"
            )
        trust = view.options.trust
        if trust is not None and self._kind == "trust" and len(trust.widths) != len(view.automaton):
            raise UsageError(
                f"{parameter('trust')} is of {len(trust.widths)} states, the model has {len(view.automaton)}"
            )

    @cached_property
    def _peak(self) -> float:
        return float(self.view.automaton.visits[list(self.view.states)].max()) if self.view.counted else 0.0

    @cached_property
    def _medians(self) -> dict[tuple[int, int], float]:
        """Median seconds of each arrow's most taken transition of which a time is known."""
        durations, found = self.view.automaton.durations, {}
        if durations is None:
            return {}
        place = {(row.source, row.symbol): at for at, row in enumerate(self.view.automaton.transitions())}
        for edge in self.view.edges:
            seconds = (durations.quantile(place[row.source, row.symbol], 0.5) for row in edge.transitions)
            known = next((value for value in seconds if not math.isnan(value)), None)
            if known is not None:
                found[edge.source, edge.target] = known
        return found

    @cached_property
    def _scale(self) -> Callable[[float], float]:
        """From seconds to 0 for the shortest shown, up to 1 for the longest, by logarithms."""
        logs = [math.log1p(seconds) for seconds in self._medians.values()] or [0.0]
        low, span = min(logs), max(logs) - min(logs) or 1.0
        return lambda seconds: (math.log1p(seconds) - low) / span

    def fill(self, state: int) -> str:
        """Return the fill of a state."""
        trust = self.view.options.trust
        if self._kind == "trust" and trust is not None:
            return palette.heat(min(trust.widths[state], 1.0))
        if self._kind == "times" or not self._peak:
            return palette.fill(0.2 if self._kind != "times" else 0.0)
        return palette.fill(float(self.view.automaton.visits[state]) / self._peak)

    def outline(self, state: int) -> str:
        """Return the outline of a state."""
        trust = self.view.options.trust
        wrong = self._kind == "trust" and trust is not None and trust.contradicted[state]
        return palette.ALARM if wrong else palette.OUTLINE

    def ink(self, edge: Edge) -> str:
        """Return the colour of an arrow."""
        if self._kind != "times":
            return palette.ink(min(edge.probability, 1.0))
        seconds = self._medians.get((edge.source, edge.target))
        return palette.ink(0) if seconds is None else palette.slow(self._scale(seconds))

    def legend(self) -> Iterator[str]:
        """Yield what the colours stand for, where these are not the usual ones."""
        if self._kind == "times" and self._medians:
            least, most = (in_words(found(self._medians.values())) for found in (min, max))
            yield f"arrows from grey to rust: how long half of the events take at most, from {least} to {most}"
        trust = self.view.options.trust
        if self._kind == "trust" and trust is not None:
            yield "fill: pale where the report is sure of what follows, orange where it may be all wrong"
            if not trust.proven:
                yield "none of it is proven: the report tells what speaks against it"
            if any(trust.contradicted[state] for state in self.view.states):
                yield "red outline: evidence contradicts this state"
