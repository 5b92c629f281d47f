"""Journal: what was merged or promoted, when, and on what evidence."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels import search
from .._kernels.search import JournalColumns
from ..classes import dataclass
from ..tuples import NamedTuple

if TYPE_CHECKING:
    from ..saved import Saved


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
    """Too light to become a state, or waiting for more data, so folded into the best there was."""
    DROPPED = search.DROPPED
    """Taken back: the data now speak against it, or less in favour of it than they did; it was decided anew."""


class Entry(NamedTuple):
    """One decision.

    ``into`` is the red node a MERGE went to (for PROMOTE the best one there was, -1 if none was acceptable),
    ``score`` the evidence for that pair and ``second`` that for the runner-up; ``visits`` are the blue node's.
    ``division`` is the log Bayes factor of one against two ways in which the visits of the two nodes divide among the
    outcomes that either has: inf where it was not asked, or where there is one outcome only.
    """

    kind: Kind
    stage: Stage
    node: int
    into: int
    score: float
    second: float
    visits: int
    division: float = math.inf


@dataclass(frozen=True, eq=False)
class Journal:
    """The decisions of one refinement, in order.

    Attributes
    ----------
    columns : JournalColumns
        One array a fact, all of the same length.
    traces : int
        How many traces the tree had counted.
    """

    columns: JournalColumns
    traces: int

    @classmethod
    def empty(cls, capacity: int = 0) -> Journal:
        """Return a journal without entries, its columns with capacity for some."""
        return cls(
            JournalColumns(
                kind=np.empty(capacity, np.int8),
                stage=np.empty(capacity, np.int8),
                node=np.empty(capacity, np.int32),
                into=np.empty(capacity, np.int32),
                score=np.empty(capacity),
                second=np.empty(capacity),
                visits=np.empty(capacity, np.int64),
                division=np.empty(capacity),
                size=np.zeros(1, np.int64),
            ),
            0,
        )

    def state(self) -> dict[str, Any]:
        """Return the state that `saved` takes."""
        facts = self.columns._asdict()
        return {name: facts[name][: len(self)] for name in facts if name != "size"} | {"traces": self.traces}

    @classmethod
    def saved(cls, saved: Saved, nodes: int) -> Journal:
        """Return the journal of a tree of so many nodes that was saved; raises StateError if none can have been so."""
        rows = len(saved.ids("kind", np.int8, len(Kind), None))
        dropped = saved.ids("stage", np.int8, len(Stage), rows) == Stage.DROPPED
        saved.ids("node", np.int32, nodes, rows)
        into = saved.ids("into", np.int32, nodes, rows, least=-1)
        saved.check((into >= 0) | dropped | (saved.raw("kind") == Kind.PROMOTE), "a node was merged into none")
        for name in ("score", "second", *(("division",) if "division" in saved else ())):
            saved.check(~np.isnan(saved.column(name, np.float64, rows)), f"{name} is no number")
        saved.counts("visits", rows)
        unasked = {"division": np.full(rows, np.inf)}  # as in checkpoints of up to version 0.1
        facts = unasked | {name: saved.raw(name) for name in JournalColumns._fields if name != "size" and name in saved}
        return cls(JournalColumns(**facts, size=np.array([rows])), saved.whole("traces"))

    def __len__(self) -> int:
        return int(self.columns.size[0])

    def __iter__(self) -> Iterator[Entry]:
        for kind, stage, *facts in zip(*(column[: len(self)].tolist() for column in self.columns[:-1]), strict=True):
            yield Entry(Kind(kind), Stage(stage), *facts)

    def count(self, stage: Stage) -> int:
        """Return how many decisions came about in one way."""
        return int(np.count_nonzero(self.columns.stage[: len(self)] == stage))

    def nodes(self, stage: Stage) -> NDArray[np.int32]:
        """Return the blue nodes that were decided about in one way."""
        return self.columns.node[: len(self)][self.columns.stage[: len(self)] == stage]

    def standing(self) -> Journal:
        """Return the decisions to replay: all that were not taken back."""
        return self.select(np.flatnonzero(self.columns.stage[: len(self)] != Stage.DROPPED))

    def below(self, nodes: int) -> Journal:
        """Return the decisions about the first so many nodes; those about what sketches remember come anew."""
        columns = self.columns
        return self.select(np.flatnonzero((columns.node[: len(self)] < nodes) & (columns.into[: len(self)] < nodes)))

    def renumbered(self, renumbering: NDArray[np.int64]) -> Journal:
        """Return the journal after the tree evicted nodes: decisions about nodes that are gone are gone."""
        size = len(self)
        node = renumbering[self.columns.node[:size]].astype(np.int32)
        into = np.append(renumbering, -1)[self.columns.into[:size]].astype(np.int32)  # -1, none, stays -1
        moved = self.select(np.arange(size))
        columns = moved.columns._replace(node=node, into=into)
        there = (node >= 0) & ((into >= 0) | (columns.kind == Kind.PROMOTE))
        return Journal(columns, self.traces).select(np.flatnonzero(there))

    def select(self, rows: NDArray[np.intp]) -> Journal:
        """Return a copy with some of the entries, in the order given."""
        facts = (column[rows] for column in self.columns[:-1])
        return Journal(JournalColumns._make([*facts, np.array([len(rows)])]), self.traces)
