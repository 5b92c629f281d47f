"""Watcher: one automaton, and the window over what the traces after it cost."""

from __future__ import annotations

from typing import NamedTuple

from ..automata.pdfa import PDFA
from ..stream.batch import TraceBatch
from .adwin import Adwin, Cut
from .excess import Excess
from .outcomes import OutcomeTest

BITS, OUTCOMES = "bits", "outcomes"
"""What notices a change: what traces cost, or what states do next."""


class Look(NamedTuple):
    """What a watcher would know after some traces.

    Attributes
    ----------
    traces : int
        How many were looked at: up to the alarm, if there is one.
    adwin : Adwin
    cut : Cut or None
    """

    traces: int
    adwin: Adwin
    cut: Cut | None


class Alarm(NamedTuple):
    """A change that shows: how many traces of the stream came before it, and by what."""

    since: int
    by: str


class Watcher:
    """Notices that traces are no more what an automaton was learned from.

    Parameters
    ----------
    automaton : PDFA
        Without an n-gram.
    start, traces : int
        Traces of the stream by then, and how many of them it was made of.
    delta : float
        See `Adwin` and `OutcomeTest`.
    """

    def __init__(self, automaton: PDFA, start: int, traces: int, delta: float) -> None:
        self.automaton, self.start, self.traces = automaton, start, traces
        self.excess, self._delta = Excess(automaton), delta
        self.adwin = Adwin(delta, dependent=True)
        self.outcomes, self._tested_from = OutcomeTest(automaton, delta), start

    def look(self, batch: TraceBatch) -> Look:
        """Return what is known after the next traces, up to the first alarm; nothing is taken in before `take`."""
        adwin = self.adwin.copy()
        done, cut = adwin.next_cut(self.excess.scaled(batch))
        return Look(done, adwin, cut)

    def until(self, seen: int) -> int:
        """Return how many traces are missing, of so many of the stream, to the next look at the outcomes."""
        return self._tested_from + self.outcomes.next_look - seen

    def take(self, look: Look, batch: TraceBatch, seen: int) -> Alarm | None:
        """Take in the traces of a look, up to so many of the stream; return the change that shows with them, if any."""
        self.adwin = look.adwin
        if look.cut is not None:
            self.outcomes.start_over()
            self._tested_from = seen
            return Alarm(seen - self.adwin.width, BITS)
        moved = self.outcomes.take(batch)
        if moved is None:
            return None
        since, self.adwin = self._tested_from + moved.since, Adwin(self._delta, dependent=True)
        self.outcomes.start_over()
        self._tested_from = seen
        return Alarm(since, OUTCOMES)
