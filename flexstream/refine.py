"""Refinement: from a tree and the last journal to an automaton and a new journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ._kernels.folding import FoldColumns
from ._kernels.routing import RouteColumns, agreement, place_states, route_tails
from ._kernels.search import SearchColumns
from ._kernels.search import refine as search
from ._kernels.states import place_nodes
from .alphabet import Alphabet
from .automaton import PDFA
from .fold import open_fold
from .heuristics.base import Heuristic
from .journal import Journal, Stage
from .smoothing import Smoothing
from .tree import PrefixTree

STRENGTH = 2.0
"""Pseudo-observations a state shares out; anything from 1 to 10 does as well (measured by the quality benchmark)."""

POOLING_STRENGTH, POOLING_SLACK = 5.0, 5.0
"""Observations the prior is worth when tails and tree are compared, as in the heuristic ``evidence``."""


class Strategy(StrEnum):
    """What a refinement does with the decisions of the last one (Baumgartner & Verwer 2026)."""

    REPLAY = "replay"
    """Apply them again where the data still agree, take the others back, then search on."""
    FRESH = "fresh"
    """Forget them."""
    FINAL = "final"
    """Never take one back."""


@dataclass(frozen=True, eq=False)
class Refinement:
    """The outcome of a refinement.

    Attributes
    ----------
    fold : FoldColumns
        The merged view of the tree.
    reds : int32 array, shape (states,)
        The tree node that stands for each state, in the order of discovery.
    journal : Journal
        Every decision.
    """

    fold: FoldColumns
    reds: NDArray[np.int32]
    journal: Journal

    def automaton(
        self,
        tree: PrefixTree,
        alphabet: Alphabet,
        smoothing: float = STRENGTH,
        provenance: Mapping[str, object] | None = None,
    ) -> PDFA:
        """Freeze the automaton of a tree that has not changed since.

        The tails of the tree are routed through it, so that all that was kept counts.  A transition that no evidence
        placed (its target never grew, or was too light to be tested) is marked as guessed; where it never grew it
        leads where its symbol leads most often elsewhere.
        """
        fold, reds = self.fold, self.reds
        number = np.full(len(fold.visits), -1, np.int64)
        number[reds] = np.arange(len(reds))
        edges = np.flatnonzero(number[fold.keys >> 32] >= 0)
        source, symbol = number[fold.keys[edges] >> 32], fold.keys[edges] & 0xFFFFFFFF
        child, counts = fold.child[edges], fold.counts[edges]
        target = np.where(child >= 0, number[child], -1)
        fallback = _common_targets(symbol, target, counts, len(alphabet))
        route = _route(tree, fold, reds, fallback)
        extra = slice(0, int(route.size[0]))
        none = np.zeros(int(route.size[0]), np.int64)
        guessed = np.concatenate([(target < 0) | np.isin(edges, self._forced_edges()), none == 0])
        source = np.concatenate([source, route.keys[extra] >> 32])
        symbol = np.concatenate([symbol, route.keys[extra] & 0xFFFFFFFF])
        target = np.concatenate([target, none - 1])
        counts = np.concatenate([counts, none])
        tails = np.concatenate([route.counts[edges], route.extra[extra]])
        ends, visits = fold.ends[reds], fold.visits[reds]
        pooled = _agree(source, symbol, counts, tails, ends, route.ends)
        weights = counts + tails * pooled[source]
        ends = ends + route.ends * pooled
        visits = visits + (route.ends + np.bincount(source, tails, len(reds))) * pooled
        kept = np.flatnonzero(weights)
        order = kept[np.lexsort((symbol[kept], source[kept]))]
        totals = np.bincount(symbol, weights, len(alphabet)).astype(np.int64)
        return PDFA(
            alphabet.texts,
            visits.astype(np.float64),
            ends.astype(np.float64),
            np.searchsorted(source[order], np.arange(len(reds) + 1)),
            symbol[order].astype(np.int32),
            np.where(target >= 0, target, fallback[symbol])[order].astype(np.int32),
            weights[order].astype(np.float64),
            guessed[order],
            Smoothing.from_counts(smoothing, int(ends.sum()), totals, fallback),
            provenance or {},
        )

    def _forced_edges(self) -> NDArray[np.int32]:
        """Return the edges that led to nodes too light to be tested."""
        return self.fold.entry[self.journal.nodes(Stage.FORCED)]


def _agree(
    source: NDArray[np.int64],
    symbol: NDArray[np.int64],
    counts: NDArray[np.int64],
    tails: NDArray[np.int64],
    ends: NDArray[np.int64],
    tail_ends: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Tell for each state whether the tails that came by say the same as the tree.

    Where they do not, the state stands for something that is not one state, and the tree, which holds what is frequent,
    is the better witness.
    """
    totals = np.concatenate([[ends.sum() + tail_ends.sum()], np.bincount(symbol, counts + tails)]) + 0.5
    shares = totals / totals.sum()
    evidence = np.empty(len(ends))
    agreement(POOLING_STRENGTH, source, shares[1 + symbol], counts, tails, ends, tail_ends, shares[0], evidence)
    return evidence >= -POOLING_SLACK


def _route(tree: PrefixTree, fold: FoldColumns, reds: NDArray[np.int32], fallback: NDArray[np.int32]) -> RouteColumns:
    """Route the tails of a tree, with as much room for new transitions as it takes."""
    room = 1 << 10
    while True:
        route = RouteColumns(
            number=np.empty(len(fold.visits), np.int32),
            states=np.empty(len(fold.visits), np.int32),
            fallback=fallback,
            counts=np.zeros(len(fold.keys), np.int64),
            ends=np.zeros(len(reds), np.int64),
            keys=np.empty(room, np.int64),
            extra=np.zeros(room, np.int64),
            slots=np.full(2 * room, -1, np.int32),
            size=np.zeros(1, np.int64),
        )
        place_states(tree.columns, fold, reds, route.number, route.states)
        if route_tails(route, tree.columns, fold, reds):
            return route
        room *= 4


def _common_targets(
    symbol: NDArray[np.int64], target: NDArray[np.int64], weights: NDArray[np.int64], alphabet: int
) -> NDArray[np.int32]:
    """Return for each symbol the state it leads to most often, 0 where it leads nowhere."""
    common = np.zeros(alphabet, np.int32)
    known = target >= 0
    states = int(target.max(initial=0)) + 1
    pairs, which = np.unique(symbol[known] * states + target[known], return_inverse=True)
    order = np.argsort(np.bincount(which, weights[known], len(pairs)), kind="stable")
    common[pairs[order] // states] = pairs[order] % states  # of equal indices NumPy keeps the last, the heaviest
    return common


def refine(
    tree: PrefixTree,
    alphabet: int,
    heuristic: Heuristic,
    strategy: Strategy = Strategy.REPLAY,
    last: Journal | None = None,
) -> Refinement:
    """Search for the automaton behind a tree (red-blue state merging: Lang, Pearlmutter & Price, ICGI 1998).

    Parameters
    ----------
    tree : PrefixTree
        Left as it is, but for the distance of its nodes from the red ones, which tells it where to grow.
    alphabet : int
        Number of symbols.
    heuristic : Heuristic
        Judges pairs of nodes.
    strategy : Strategy
        What to do with the last journal.
    last : Journal, optional
        Of the last refinement of this tree.
    """
    standing = Journal.empty() if last is None or strategy is Strategy.FRESH else last.standing()
    fold = open_fold(tree)
    nodes = len(fold.visits)
    ends, totals = tree.totals(alphabet)
    base = np.concatenate([[ends], totals]) + 0.5
    room = SearchColumns(
        reds=np.empty(nodes, np.int32),
        weights=np.empty(3 * nodes + 1, np.int64),
        blues=np.empty(3 * nodes + 1, np.int32),
        base=base / base.sum(),
        counts=np.empty((alphabet + 2, 2), np.int64),
        shares=np.empty(alphabet + 2),
        wanted=np.empty(1, np.int32),
        size=np.zeros(2, np.int64),
    )
    written = Journal.empty(nodes + len(standing))
    rules = heuristic.rules(trusting=strategy is Strategy.FINAL)
    search(fold, room, heuristic.judge, heuristic.parameters(), rules, standing.columns, written.columns)
    reds = room.reds[: room.size[0]].copy()
    place_nodes(tree.columns, reds)
    journal = Journal(written.columns, tree.traces).select(np.arange(len(written)))
    return Refinement(fold, reds, journal)
