"""The red-blue search: which blue node becomes red, which is folded where, and on what evidence."""

from typing import Any

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .folding import FoldColumns
from .hints import Address, Matrix, NDArray
from .judges import bound, place_of
from .library import kernel

PROMOTE, MERGE = 0, 1
KEPT, GREEDY, FORCED, DROPPED = 0, 1, 2, 3


@record
class Rules(NamedTuple):
    """What the search is told besides the data."""

    margin: float  # a merge needs a score above this
    slack: float  # a trial is given up once its score so far lies this far below the margin
    lead: float  # a merge is settled once its score is this far above the runner-up's
    division: float  # a merge needs that how visits divide says no more than this against it; inf: that is not asked
    light: int  # a blue node with fewer visits is always folded
    mean: int  # 1: the score of a merge is the mean over its pairs; 0: the sum
    trusting: int  # 1: replay the journal without asking the data (strategy final)
    deepest: int  # levels of pairs below the first that are judged
    apart: int  # 1: symbols that only the target has seen get rows of their own
    patient: int  # 1: a score that neither merges nor rejects leaves the node open until all others are decided
    narrow: int  # 1: with many red nodes, only those whose next symbols come near are tried
    consistent: int  # 1: what the journal holds is taken again wherever the data allow it, however it scores
    most: int  # red nodes; once there are so many, every blue node is folded into the best of them


@record
class JournalColumns(NamedTuple):
    """Decisions in the order in which they were taken."""

    kind: NDArray[np.int8]  # PROMOTE or MERGE
    stage: NDArray[np.int8]  # KEPT from the last refinement, GREEDY, FORCED (light), DROPPED
    node: NDArray[np.int32]  # the blue node
    into: NDArray[np.int32]  # the red node it was folded into; for PROMOTE the best one there was, or -1
    score: NDArray[np.float64]  # of that pair
    second: NDArray[np.float64]  # the next best score, -inf if there was none
    visits: NDArray[np.int64]  # of the blue node when it was decided
    division: NDArray[np.float64]  # log Bayes factor of one way to divide the visits; inf: not asked, or one outcome
    size: NDArray[np.int64]  # entries


@record
class SearchColumns(NamedTuple):
    """The state of a search."""

    reds: NDArray[np.int32]  # red nodes in the order of promotion
    weights: NDArray[np.int64]  # heap of blue nodes: visits
    blues: NDArray[np.int32]  # heap of blue nodes: node
    base: NDArray[np.float64]  # outcome: share in the whole stream; the end, then symbols
    counts: Matrix[np.int64]  # scratch for the outcomes of one pair: counts in target and source
    shares: NDArray[np.float64]  # scratch for the outcomes of one pair: share in the whole stream
    open: NDArray[np.int32]  # blue nodes that wait for a clear verdict
    waiting: NDArray[np.int32]  # scratch for the entries of the last journal that could not be taken again yet
    futures: Matrix[np.int32]  # future x (length - 1, cell in each row): what the judge may ask the sketches for
    groups: Matrix[np.float32]  # group of outcomes x red node: log share of the group, see shortlist.py
    group_shares: NDArray[np.float64]  # group: share in the whole stream
    tally: NDArray[np.float64]  # scratch for a number for each group
    weighed: NDArray[np.float32]  # red node: visits when its groups were weighed
    place: NDArray[np.int32]  # node: its place among the red ones, where it is red
    gap: NDArray[np.float32]  # scratch for a number for each red node
    short: NDArray[np.int32]  # the red nodes that the blue node at hand is tried on
    items: Matrix[np.int32]  # 2 x any: scratch to combine two sketches, see spacesaving.py
    size: NDArray[np.int64]  # reds, heap, open, pairs of nodes that were merged and taken apart again


@kernel
def search_states(
    fold: FoldColumns,
    search: SearchColumns,
    judge: Address,
    parameters: Address,
    rules: Rules,
    last: JournalColumns,
    journal: JournalColumns,
    stopped: NDArray[np.int64],
) -> None:
    """Search as :func:`refine` says, until ``stopped``, shape (1,), is not 0 any more."""


def refine(
    fold: FoldColumns,
    search: SearchColumns,
    judge: Any,
    parameters: Any,
    rules: Rules,
    last: JournalColumns,
    journal: JournalColumns,
    stopped: "NDArray[np.int64] | None" = None,
) -> None:
    """Search for the automaton behind a tree; ``fold`` becomes it, ``journal`` says how.

    ``judge`` is what a heuristic has, see `judges.py`; what a judge in Python raises is raised here.
    Whoever sets ``stopped``, shape (1,), to another number than 0 ends the search before its next decision; so does a
    judge that raises.
    """
    stopped = np.zeros(1, np.int64) if stopped is None else stopped
    asked = bound(judge, parameters, search.counts, search.shares, fold.sketch, search.futures, stopped)
    place, kept = place_of(parameters)
    search_states(fold, search, asked.address, place, rules, last, journal, stopped)
    del kept
    if asked.failure is not None:
        raise asked.failure
