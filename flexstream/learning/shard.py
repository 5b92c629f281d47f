"""Shards: parts of a stream that are counted elsewhere, from a common beginning, and sent back as what each adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.growth import FREED, LOST_EVENTS, LOST_TAILS, SALT, STORED, TAILS
from .._kernels.keys import make_keys, split_keys
from ..saved import Saved
from ..stream.hashing import blake2b
from ..summary import sums
from ..summary.tree import AMOUNTS, PrefixTree
from .additive import Summary
from .begun import Base
from .observers import Observer
from .resumed import COUNTS, resumed
from .schedule import Schedule

if TYPE_CHECKING:
    from .learner import StreamLearner

MOST_SHARDS = 1 << 20
"""Numbers of shards are below this."""


def skeleton(total: Summary) -> Summary:
    """Return what those who count shards begin from: the tree with its counts, by which it grows, and nothing else.

    Its tails and sketches stay where they are: they are added to, and nobody has to know them for that.
    """
    made = Summary(total.settings)
    made.alphabet = total.alphabet.copy()
    made.tree = sums.unbound(total.tree.copy())
    made.limit = total.limit
    tree, columns = made.tree, made.tree.columns
    columns.tails[: tree.edges] = -1
    columns.sketch[: len(tree)] = 0
    columns.size[[TAILS, STORED, LOST_TAILS, LOST_EVENTS]] = 0
    columns.size[FREED] = -1
    for amount in AMOUNTS:
        setattr(tree, amount, 0)
    made.base = total.base = Base(_digest(total), len(tree), tree.edges)
    return made


def _digest(total: Summary) -> str:
    """Return a digest of the rows of a tree: what began with them has the same."""
    columns, edges = total.tree.columns, total.tree.edges
    hasher = blake2b(digest_size=16)
    for part in (columns.keys[:edges], columns.child[:edges]):
        hasher.update(np.ascontiguousarray(part).tobytes())
    hasher.update("\0".join(total.alphabet.texts).encode("utf-8", "surrogatepass"))
    return str(hasher.hexdigest())


class Shard:
    """Counts a part of a stream from a skeleton on.

    Parameters
    ----------
    start : Summary
        A skeleton, or an empty summary.
    number : int
        Which part of the stream it is, >= 0: what is drawn at random differs from part to part.

    Attributes
    ----------
    learner : StreamLearner
        What counts; it never refines.

    Examples
    --------
    >>> total = Summary()
    >>> for number, lots in enumerate(([["load", "run"]] * 50, [["load", "fix", "run"]] * 50)):
    ...     shard = Shard(skeleton(total), number)
    ...     shard.learner.learn_many(lots)
    ...     total = total.add(shard.delta()).close()
    >>> total
    <Summary: 100 traces, 250 events, 3 symbols>
    """

    def __init__(self, start: Summary, number: int = 0) -> None:
        if not 0 <= number < MOST_SHARDS:
            raise ValueError(f"a shard has a number from 0 to {MOST_SHARDS - 1:,}, not {number}")
        self._start, self.learner = start, resumed(start)
        self.learner.schedule = Schedule(0)
        self.learner.tree.columns.size[SALT] = number
        self.learner.drawn.salt(number)
        self._followed = _Followed(len(self.learner.tree))
        self.learner.observe(self._followed)

    def delta(self) -> Summary:
        """Return what was counted since the beginning; the shard is not to be used any more."""
        made = Summary.of(self.learner)
        base = self._start.base
        if base is not None and not self._followed.moved:
            _subtract_rows(made.tree, self._start.tree)
            made.base = base
        else:
            _subtract_paths(made.tree, self._start.tree, self._followed.began)
        for name in COUNTS:
            setattr(made, name, getattr(made, name) - getattr(self._start, name))
        return made


class _Followed(Observer):
    """Follows the nodes of a tree that evicts some: which of those it began with each of them was, -1: none."""

    def __init__(self, nodes: int) -> None:
        self.began = np.arange(nodes)
        self.moved = False

    def evicted(self, learner: StreamLearner, renumbering: NDArray[np.int64]) -> None:
        """Follow the nodes after some were evicted."""
        kept = np.flatnonzero(renumbering >= 0)
        following = np.full(int(renumbering.max(initial=-1)) + 1, -1)
        old = kept[kept < len(self.began)]
        following[renumbering[old]] = self.began[old]
        self.began, self.moved = following, True


def _subtract_rows(tree: PrefixTree, start: PrefixTree) -> None:
    """Take the counts of a tree off those of one that goes on with its rows."""
    mine, theirs, nodes, edges = tree.columns, start.columns, len(start), start.edges
    mine.visits[:nodes] -= theirs.visits[:nodes]
    mine.ends[:nodes] -= theirs.ends[:nodes]
    mine.counts[:edges] -= theirs.counts[:edges]


def _subtract_paths(tree: PrefixTree, start: PrefixTree, began: NDArray[np.int64]) -> None:
    """Take the counts of a tree off those of one that has given up some of its nodes since."""
    mine, theirs = tree.columns, start.columns
    nodes = np.flatnonzero(began[: len(tree)] >= 0)
    mine.visits[nodes] -= theirs.visits[began[nodes]]
    mine.ends[nodes] -= theirs.ends[began[nodes]]
    owner, symbol = split_keys(mine.keys[: tree.edges])
    known = np.full(len(tree), -1)
    known[nodes] = began[nodes]
    old = np.flatnonzero(known[owner] >= 0)
    keys = make_keys(known[owner[old]], symbol[old])
    order = np.argsort(theirs.keys[: start.edges])
    at = np.searchsorted(theirs.keys[order], keys)
    found = at < len(order)
    found[found] = theirs.keys[order[at[found]]] == keys[found]
    mine.counts[old[found]] -= theirs.counts[order[at[found]]]


def summary_in(parameters: Mapping[str, Any], saved: Saved) -> Summary:
    """Return the summary of a learner that was saved, of whose decisions nothing is read.

    Parameters
    ----------
    parameters : mapping
        Of the learner.
    saved : Saved
        The part of its state that adds up.
    """
    from .learner import StreamLearner
    from .learner_state import restore_summary

    learner = StreamLearner(**parameters)
    restore_summary(learner, saved)
    return Summary.of(learner)
