"""How long transitions truly take: those of a learned automaton, by the traces of a run far longer than it has seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from flexstream import PDFA
from flexstream.automata.timing import durations_of
from flexstream.difference import Difference
from flexstream.difference.pace import Pace, paces
from flexstream.stream.batch import TraceBatch

WRONG = math.log(1e-4)
"""Log probability from which on a difference of two long runs is believed: about four standard errors."""
EXPECTED = 4.0
"""Root of worth times the largest distance of two distributions, as the weeks learned from show it on average: it takes
1.9 to be told among some thirty comparisons, and half of one is chance."""


class TimedRun:
    """The traces of a run with the bins of their durations: the different ones, and the number of each in order."""

    def __init__(self, kinds: Sequence[Sequence[str]], order: Sequence[int], spans: Sequence[Sequence[int]]) -> None:
        self._kinds, self._order = kinds, order
        self._bins = np.concatenate([np.empty(0, np.int16), *(np.array(one, np.int16) for one in spans)])

    def over(self, automaton: PDFA) -> PDFA:
        """Return an automaton whose transitions take as long as they do in this run."""
        alphabet = automaton.alphabet()
        encoded = [np.array([alphabet.ids.get(symbol, -1) for symbol in kind], np.int32) for kind in self._kinds]
        traces = [encoded[number] for number in self._order]
        offsets = np.cumsum([0, *map(len, traces)])
        batch = TraceBatch(np.concatenate([np.empty(0, np.int32), *traces]), offsets, durations=self._bins)
        return replace(automaton, durations=durations_of(automaton, batch, np.ones(len(batch), np.int64)))


def true_paces(found: Difference, one: TimedRun, other: TimedRun) -> dict[tuple[int, str], Pace]:
    """Return how the durations differ in two long runs, by the id of the group of a difference and the symbol."""
    told = paces(one.over(found.one), other.over(found.other), found.alignment)
    return {(id(pace.group), pace.symbol): pace for pace in told}


def is_due(pace: Pace, share: float) -> bool:
    """Tell whether a difference of two long runs has to be told from such a share of each."""
    worth = pace.one.worth * pace.other.worth / (pace.one.worth + pace.other.worth)
    return pace.distance * math.sqrt(share * worth) >= EXPECTED
