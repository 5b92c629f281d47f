"""Watcher: one automaton, and the window over what the traces after it cost."""

from __future__ import annotations

import copy
from typing import NamedTuple

from ..automata.pdfa import PDFA
from ..stream.batch import TraceBatch
from .adwin import Adwin, Cut
from .excess import Excess


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


class Watcher:
    """Notices that traces are no more what an automaton was learned from.

    Parameters
    ----------
    automaton : PDFA
        Without an n-gram.
    start, traces : int
        Traces of the stream by then, and how many of them it was made of.
    delta : float
        See `Adwin`.
    """

    def __init__(self, automaton: PDFA, start: int, traces: int, delta: float) -> None:
        self.automaton, self.start, self.traces = automaton, start, traces
        self.excess = Excess(automaton)
        self.adwin = Adwin(delta, dependent=True)

    def look(self, batch: TraceBatch) -> Look:
        """Return what is known after the next traces, up to the first alarm; nothing is taken in before `take`."""
        adwin = copy.deepcopy(self.adwin)
        done, cut = adwin.next_cut(self.excess.scaled(batch))
        return Look(done, adwin, cut)

    def take(self, look: Look) -> None:
        """Take in the traces of a look."""
        self.adwin = look.adwin

    @property
    def since(self) -> int:
        """Traces of the stream before the window."""
        return self.start + self.adwin.seen - self.adwin.width
