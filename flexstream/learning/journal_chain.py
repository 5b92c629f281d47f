"""Chain: what a learner decided, refinement by refinement, each link sealed together with all before it.

Two learners that saw the same have the same chain; where one count or one decision was another, all links from there on
are others.  So a model can be held against its source: learned again, the links tell up to where it is what it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.growth import EDGES, NODES
from ..stream.hashing import blake2b
from ..tuples import NamedTuple
from ..version import __version__

if TYPE_CHECKING:
    from .._kernels.growth import TreeColumns
    from ..merging.journal import Journal
    from ..saved import Saved

RULES = 2
"""By which rules counts become models: one more wherever the same counts make another model than before.

What was decided by other rules is no proof of anything when it is decided again.  Chains of before there were any are
of rules 0.
"""
MOST = 16
"""Links that are told, the last ones."""
_DIGITS = 32
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class Link(NamedTuple):
    """One refinement.

    Attributes
    ----------
    traces, events : int
        What had been learned by then.
    states : int
    decided : int
        How many decisions there were.
    counts : str
        Digest of all that the tree counted.
    decisions : str
        Digest of all decisions: what was promoted or merged, where, and after how many visits.
    seal : str
        Digest of this link and of the seal before it.
    """

    traces: int
    events: int
    states: int
    decided: int
    counts: str
    decisions: str
    seal: str

    def sealed(self, before: str) -> str:
        """Return the seal that the link must have after another one."""
        return _digest([before, *self[:-1]])


class Chain(NamedTuple):
    """The links of a learner.

    Attributes
    ----------
    start : str
        Digest of version and parameters.
    number : int
        How many links there were.
    links : tuple of Link
        The last ones.
    anchor : str
        The seal before the first of these.
    summed : bool
        Whether what was learned is a sum of parts, so that it hangs on no one order of a stream.
    rules : int
        By which it was decided, see `RULES`; those of its beginning.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> one, other = StreamLearner(every=100), StreamLearner(every=100)
    >>> one.learn_many([["load", "run"], ["load"]] * 150)
    >>> other.learn_many([["load", "run"], ["load"]] * 99 + [["load"]] * 102)
    >>> [mine == yours for mine, yours in zip(one.chain.links, other.chain.links)]
    [True, False, False]
    """

    start: str
    number: int
    links: tuple[Link, ...]
    anchor: str
    summed: bool = False
    rules: int = RULES

    @classmethod
    def begin(cls, parameters: Mapping[str, Any], summed: bool = False, rules: int = RULES) -> Chain:
        """Return the chain of a learner that has decided nothing."""
        start = _digest([__version__, dict(parameters), *(["summed"] if summed else []), *([rules] if rules else [])])
        return cls(start, 0, (), start, summed, rules)

    @property
    def before(self) -> Chain:
        """The chain without its last link."""
        return self._replace(number=self.number - 1, links=self.links[:-1])

    def plus(self, amounts: tuple[int, int, int], tree: TreeColumns, journals: Sequence[Journal]) -> Chain:
        """Return the chain with one more link.

        Parameters
        ----------
        amounts : tuple of int
            Traces and events that were learned, and states.
        tree : TreeColumns
        journals : sequence of Journal
            Of all members.
        """
        decided = sum(map(len, journals))
        link = Link(*amounts, decided, counts_of(tree), decisions_of(tree, journals), "")
        link = link._replace(seal=link.sealed(self.links[-1].seal if self.links else self.anchor))
        links = (*self.links, link)
        dropped = links[: -MOST - 1]  # one more than is told, for `before`
        anchor = dropped[-1].seal if dropped else self.anchor
        return self._replace(number=self.number + 1, links=links[-MOST - 1 :], anchor=anchor)

    def broken(self) -> Iterator[Link]:
        """Yield the links whose seal is not what it must be."""
        seal = self.anchor
        for link in self.links:
            if link.sealed(seal) != link.seal:
                yield link
            seal = link.seal

    # --- told and kept -----------------------------------------------------------------------------------------

    def to_document(self) -> dict[str, Any]:
        """Return the chain as JSON values, as it stands in models: its last links."""
        dropped = self.links[:-MOST]
        told = self._replace(links=self.links[len(dropped) :], anchor=dropped[-1].seal if dropped else self.anchor)
        return told.state()

    def state(self) -> dict[str, Any]:
        """Return the state that `saved` takes."""
        state = {**self._asdict(), "links": [link._asdict() for link in self.links]}
        if not self.summed:
            del state["summed"]
        return state

    @classmethod
    def saved(cls, saved: Saved) -> Chain:
        """Return the chain that was told or kept; raises StateError if there can be no such."""
        links, number = tuple(map(_link, saved.parts("links"))), saved.whole("number")
        saved.check(min(number, MOST) <= len(links) <= min(number, MOST + 1), "links are missing")
        saved.check(number > len(links) or _seal(saved, "anchor") == _seal(saved, "start"), "its anchor is none")
        summed = "summed" in saved and saved.flag("summed")
        rules = saved.whole("rules") if "rules" in saved else 0
        return cls(_seal(saved, "start"), number, links, _seal(saved, "anchor"), summed, rules)


def _link(saved: Saved) -> Link:
    traces, events, states, decided = map(saved.whole, ("traces", "events", "states", "decided"))
    counts, decisions, seal = (_seal(saved, name) for name in ("counts", "decisions", "seal"))
    return Link(traces, events, states, decided, counts, decisions, seal)


def _seal(saved: Saved, name: str) -> str:
    text = saved.text(name)
    saved.check(len(text) == _DIGITS and set(text) <= set("0123456789abcdef"), f"{name} is no digest")
    return text


def _digest(values: list[Any]) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=_DIGITS // 2).hexdigest()


def counts_of(tree: TreeColumns) -> str:
    """Return a digest of the counts of a tree and of what they are counts of."""
    found, (nodes, edges) = blake2b(digest_size=_DIGITS // 2), tree.size[[NODES, EDGES]]
    for names, rows in ((("visits", "ends", "parent", "symbol"), nodes), (("keys", "counts"), edges)):
        for name in names:
            found.update(np.ascontiguousarray(getattr(tree, name)[:rows]).data)
    return found.hexdigest()


def decisions_of(tree: TreeColumns, journals: Sequence[Journal]) -> str:
    """Return a digest of decisions in which nodes are named by the symbols on their way from the root."""
    found = blake2b(digest_size=_DIGITS // 2)
    for journal in journals:
        rows, columns = len(journal), journal.columns
        nodes, into = (paths_of(tree, nodes[:rows]) for nodes in (columns.node, columns.into))
        for facts in (columns.kind[:rows], columns.stage[:rows], nodes, into, columns.visits[:rows]):
            found.update(np.ascontiguousarray(facts).tobytes())
    return found.hexdigest()


def paths_of(tree: TreeColumns, nodes: NDArray[np.int32]) -> NDArray[np.uint64]:
    """Return a number for the way from the root to each node; 0 for the root, the largest for none, which is -1."""
    paths, at = np.zeros(len(nodes), np.uint64), nodes.astype(np.int64)
    rows = np.flatnonzero(at > 0)
    with np.errstate(over="ignore"):
        while len(rows):
            found = (paths[rows] + tree.symbol[at[rows]].astype(np.uint64) + np.uint64(1)) * _FACTOR
            paths[rows] = found ^ (found >> np.uint64(32))
            at[rows] = tree.parent[at[rows]]
            rows = rows[at[rows] > 0]
    paths[nodes < 0] = np.iinfo(np.uint64).max
    return paths
