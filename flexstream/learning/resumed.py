"""From a summary back to a learner: as its counts are, or with a tree that has grown near the states that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..summary import sums
from ..summary.timed import TimedTraces
from .journal_chain import Chain
from .schedule import FIRST

if TYPE_CHECKING:
    from .additive import Summary
    from .learner import StreamLearner

COUNTS = "events", "other_events", "closed_early", "forgotten"
"""What adds up beside tree, symbols and samples."""


def resumed(total: Summary) -> StreamLearner:
    """Return a learner that has seen what is summed up, with the tree as it is."""
    made, same = total.fresh_learner(), np.arange(len(total.alphabet), dtype=np.int32)
    made.alphabet = total.alphabet.copy()
    made.alphabet.limit(max(0, made.budget.share("symbols") - total.alphabet_bytes))
    bounds = made.tree.capacity, made.tree.most_nodes
    made.tree = total.tree.copy()
    sums.shrink(made.tree)
    (made.tree.capacity, made.tree.most_nodes), made.tree.limit = bounds, total.limit
    made.timed = TimedTraces(made.budget.share("durations"), made.alphabet)
    made.timed.merge(total.timed, same)
    made.drawn.merge(total.drawn, same)
    made.repeats.take(total.held)
    made.reading, made.chain = total.reading, Chain.begin(made.settings.to_dict(), summed=True)
    for name in COUNTS:
        setattr(made, name, getattr(total, name))
    return made


def settled(total: Summary) -> StreamLearner:
    """Return a learner that has seen what is summed up, whose tree has grown near the states that all of it speaks for.

    One that saw the stream itself has refined on the way, and its tree grows near the states that it knew.  Parts
    knew the states of parts, no two the same, or none.  So these are forgotten, and looked for in the sum.
    """
    if total.traces < FIRST or not total.forget_states():
        return resumed(total)
    made = resumed(total)
    made.refine()
    return resumed(type(total).of(made))
