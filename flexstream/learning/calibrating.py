"""Calibrating: how strange the traces of a stream are for the automaton that was learned from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..automata.calibration import BITS, COUNTS, LATE, WORST, Calibration
from ..stream.batch import TraceBatch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..automata.left_out import CountedParts
    from ..automata.optimism import Optimism
    from ..automata.pdfa import PDFA

FEWEST = 19
"""Traces without which nothing is calibrated: with fewer not even one in twenty traces could be said to be strange."""


def calibrated(
    automaton: PDFA,
    drawn: TraceBatch,
    one_in: int = 1,
    parts: CountedParts | None = None,
    places: NDArray[np.int64] | None = None,
    optimism: Optimism | None = None,
) -> Calibration | None:
    """Return how strange traces are that were drawn from those an automaton was learned from; None if there are few.

    No data are set aside: each trace is left out again, what it counted is taken from the counts of the automaton.  So
    those are strange that brought what nobody else did, as often as it is to be expected of those to come.  Of a state
    whose tails are not believed only the tree counts: ``parts`` says how much of what came there is taken.
    Where it is known in which ``places`` of the stream they came it is seen how far strange ones come together.
    What the states owe to these traces is ``optimism``, see :mod:`flexstream.learning.halves`.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run"]] * 99 + [["load", "stop"]])
    >>> drawn = TraceBatch.from_traces([["load", "run"]] * 99 + [["load", "stop"]], learner.alphabet)
    >>> found = calibrated(learner.automaton, drawn)
    >>> found.statistics, found.traces, found.scores[0].values.tolist()
    (('worst', 'bits', 'counts'), 100, [1, 1081])
    """
    from ..automata.dispersion import dispersion
    from ..automata.strangeness import strangeness_left_out
    from ..automata.tallies import Tallies, entries_of
    from ..automata.time_left import time_left
    from ..automata.timing import edges_of
    from ..automata.unrest import unrest

    if len(drawn) < FEWEST:
        return None
    timed = automaton.durations is not None and drawn.durations is not None
    names = (WORST, BITS, COUNTS, LATE) if timed else (WORST, BITS, COUNTS)
    edges, entries = edges_of(automaton, drawn), entries_of(drawn, len(automaton.symbols))
    tallies = Tallies.of(drawn, len(automaton.symbols), entries)
    strange = strangeness_left_out(automaton, tallies, drawn, names, parts, edges, entries)
    moved = unrest(automaton, drawn, edges).round(9)
    left = time_left(automaton, drawn, edges) if timed else None
    index = None if places is None else dispersion(strange, places, one_in).round(3)
    together = index if index is not None and (index > 1).any() else None
    return Calibration.of(strange, names, tallies, one_in, moved, left, together, optimism)
