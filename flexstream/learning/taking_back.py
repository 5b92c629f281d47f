"""Taking back: where each trace comes in copies, in whatever order, one of them is evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..summary.columns import fresh
from ..summary.cut import WHOLE
from ..summary.repeated import NOTHING, Repeated

if TYPE_CHECKING:
    from ..summary.held_traces import HeldTraces
    from ..summary.tree import PrefixTree
    from .learner import StreamLearner

WORTH = 1.02
"""Times as many traces the tree has to hold as are evidence, so that it is worth another one."""


def without_copies(learner: StreamLearner) -> PrefixTree | None:
    """Return a tree in which each trace counts as often as it came for each of its copies; None where it is not needed.

    That is where chance explains how often traces came, where what was held back while they came leaves no more, or
    where the learner does not hold all traces whole, so that nobody can say how often each came.

    Examples
    --------
    >>> import random
    >>> from flexstream import StreamLearner
    >>> traces = [[*format(number, "b")] for number in range(200)] * 3
    >>> learner = StreamLearner()
    >>> learner.learn_many(random.Random(1).sample(traces, 600))
    >>> tree = without_copies(learner)
    >>> tree.traces, tree.repeated.traces
    (200, 400)
    """
    tree, repeats = learner.tree, learner.repeats
    if tree.evicted_nodes or tree.evicted_tails or repeats.looked_at != learner.traces:
        return None
    if (copies := repeats.copies_of_each()) is None:
        return None
    from ..summary.held_traces import held_traces  # of copies only

    once = tree.copy()
    once.repeated = repeats.held()
    held, whole = held_traces(once, np.iinfo(np.int64).max)
    evidence = -(-held.times // copies)
    if whole != learner.traces or tree.traces < WORTH * evidence.sum():
        return None
    once.columns, once.cut, once.repeated = fresh(once.most_nodes, once.sketch), WHOLE, NOTHING
    codes = learner._symbol_codes()
    for batch in _times(held, evidence).batches():
        once.count(batch, codes)
    once.repeated = _times(held, held.times - evidence)
    return once


def _times(held: HeldTraces, times: NDArray[np.int64]) -> Repeated:
    """Return traces, each so many times."""
    lengths = np.diff(held.offsets)
    found = Repeated(held.symbols, held.offsets, times, int(times.sum()), int(times @ lengths), 0)
    return found.where(times > 0)
