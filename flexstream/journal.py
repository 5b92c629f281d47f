"""Journal: what was merged or promoted, when, and on what evidence."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._kernels import search


class Kind(enum.IntEnum):
    """What was decided about a blue node."""

    PROMOTE = search.PROMOTE
    MERGE = search.MERGE


class Stage(enum.IntEnum):
    """How a decision came about."""

    KEPT = search.KEPT
    """Taken over from the last refinement; the data still agree."""
    GREEDY = search.GREEDY
    """Found by the search."""
    FORCED = search.FORCED
    """Too light to become a state, so folded into the best there was."""
    DROPPED = search.DROPPED
    """Taken back: the data now speak against it, or less in favour of it than they did; it was decided anew."""


class Entry(NamedTuple):
    """One decision.

    ``into`` is the red node a MERGE went to (for PROMOTE the best one there was, -1 if none was acceptable),
    ``score`` the evidence for that pair and ``second`` that for the runner-up; ``visits`` are the blue node's.
    """

    kind: Kind
    stage: Stage
    node: int
    into: int
    score: float
    second: float
    visits: int


@dataclass(frozen=True, eq=False)
class Journal:
    """The decisions of one refinement, in order, as columns of equal length.

    Attributes
    ----------
    traces : int
        How many traces the tree had counted.
    kind, stage : int8 arrays
    node, into : int32 arrays
    score, second : float64 arrays
    visits : int64 array
    """

    traces: int = 0
    kind: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    stage: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    node: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    into: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    score: NDArray[np.float64] = field(default_factory=lambda: np.empty(0, np.float64))
    second: NDArray[np.float64] = field(default_factory=lambda: np.empty(0, np.float64))
    visits: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.kind)

    def __iter__(self) -> Iterator[Entry]:
        rows = (self.node, self.into, self.score, self.second, self.visits)
        for kind, stage, *facts in zip(self.kind, self.stage, *(row.tolist() for row in rows), strict=True):
            yield Entry(Kind(kind), Stage(stage), *facts)

    def count(self, stage: Stage) -> int:
        """Return how many decisions came about in one way."""
        return int(np.count_nonzero(self.stage == stage))

    def standing(self) -> Journal:
        """Return the decisions to replay: all that were not taken back."""
        return self._select(self.stage != Stage.DROPPED)

    def renumbered(self, renumbering: NDArray[np.int64]) -> Journal:
        """Return the journal after the tree gave up nodes: decisions about nodes that are gone are gone."""
        node = renumbering[self.node]
        into = np.where(self.into >= 0, renumbering[self.into], -1)
        moved = Journal(
            self.traces,
            self.kind,
            self.stage,
            node.astype(np.int32),
            into.astype(np.int32),
            self.score,
            self.second,
            self.visits,
        )
        return moved._select((node >= 0) & ((into >= 0) | (self.kind == Kind.PROMOTE)))

    def _select(self, rows: NDArray[np.bool_]) -> Journal:
        parts = (self.kind, self.stage, self.node, self.into, self.score, self.second, self.visits)
        return Journal(self.traces, *(part[rows] for part in parts))
