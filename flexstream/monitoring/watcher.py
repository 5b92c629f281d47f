"""Watcher: one automaton, and the window over what the traces after it cost."""

from __future__ import annotations

from typing import NamedTuple

from ..automata.pdfa import PDFA
from ..stream.batch import TraceBatch
from .adwin import Adwin, Cut
from .excess import Excess
from .novelty import NoveltyTest
from .outcomes import OutcomeTest

BITS, OUTCOMES, NOVELTY, GRADUAL = NOTICED_BY = ("bits", "outcomes", "novelty", "gradual")
"""What notices a change: what traces cost, what states do next, that what hardly ever came does so in a row, or that
newer traces differ from older ones, over spans too long for a watcher."""


class Look(NamedTuple):
    """What a watcher would know after some traces.

    Attributes
    ----------
    traces : int
        How many were looked at: up to the alarm, if there is one.
    adwin : Adwin
    cut : Cut or None
    novelty : NoveltyTest
    """

    traces: int
    adwin: Adwin
    cut: Cut | None
    novelty: NoveltyTest


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
        See `Adwin`, `OutcomeTest` and `NoveltyTest`.
    """

    def __init__(self, automaton: PDFA, start: int, traces: int, delta: float) -> None:
        self.automaton, self.start, self.traces = automaton, start, traces
        self.excess, self._delta = Excess(automaton), delta
        self.adwin = Adwin(delta, dependent=True)
        self.outcomes, self.novelty, self._tested_from = OutcomeTest(automaton, delta), NoveltyTest(delta), start

    def look(self, batch: TraceBatch) -> Look:
        """Return what is known after the next traces, up to the first alarm; nothing is taken in before `take`."""
        adwin, novelty = self.adwin.copy(), self.novelty.copy()
        excess, new = self.excess.watched(batch)
        done, cut = adwin.next_cut(excess[: novelty.take(new)])
        return Look(done, adwin, cut, novelty)

    def until(self, seen: int) -> int:
        """Return how many traces are missing, of so many of the stream, to the next look at the outcomes."""
        return self._tested_from + self.outcomes.next_look - seen

    def take(self, look: Look, batch: TraceBatch, seen: int) -> Alarm | None:
        """Take in the traces of a look, up to so many of the stream; return the change that shows with them, if any."""
        self.adwin, self.novelty = look.adwin, look.novelty
        if look.cut is not None:
            alarm = Alarm(seen - self.adwin.width, BITS)
        elif self.novelty.since is not None:
            alarm = Alarm(seen - self.novelty.traces + self.novelty.since, NOVELTY)
        elif (moved := self.outcomes.take(batch)) is not None:
            alarm = Alarm(self._tested_from + moved.since, OUTCOMES)
        else:
            return None
        self._start_over(seen, alarm.by)
        return alarm

    def start_after(self, traces: TraceBatch, seen: int) -> None:
        """Know of none but these, the newest of so many, that came after a change, and still of which were new."""
        self.adwin = Adwin(self._delta, dependent=True)
        self.adwin.update_many(self.excess.scaled(traces))
        self.outcomes.start_over()
        self._tested_from = seen

    def _start_over(self, seen: int, by: str) -> None:
        """Know of no traces before so many; what is left of a window that was cut stays."""
        if by != BITS:
            self.adwin = Adwin(self._delta, dependent=True)
        self.outcomes.start_over()
        self.novelty.start_over()
        self._tested_from = seen
