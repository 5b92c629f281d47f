"""Refinement: from a tree and the last journal to an automaton and a new journal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ._kernels.folding import FoldColumns
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

    def automaton(self, alphabet: Alphabet, smoothing: float = STRENGTH, **provenance: object) -> PDFA:
        """Freeze the automaton.

        A transition that no evidence placed (its target never grew, or was too light to be tested) is marked as
        guessed; where it never grew it leads where its symbol leads most often elsewhere.
        """
        fold, reds = self.fold, self.reds
        number = np.full(len(fold.visits), -1, np.int64)
        number[reds] = np.arange(len(reds))
        source = number[fold.keys >> 32]
        edges = np.flatnonzero(source >= 0)
        symbol = (fold.keys[edges] & 0xFFFFFFFF).astype(np.int32)
        edges = edges[np.lexsort((symbol, source[edges]))]
        source, symbol = source[edges], (fold.keys[edges] & 0xFFFFFFFF).astype(np.int32)
        child, weights = fold.child[edges], fold.counts[edges]
        target = np.where(child >= 0, number[child], -1)
        fallback = _common_targets(symbol, target, weights, len(alphabet))
        totals = np.bincount(symbol, weights, len(alphabet)).astype(np.int64)
        offsets = np.zeros(len(reds) + 1, np.int64)
        np.cumsum(np.bincount(source, minlength=len(reds)), out=offsets[1:])
        return PDFA(
            alphabet.texts,
            fold.visits[reds].astype(np.float64),
            fold.ends[reds].astype(np.float64),
            offsets,
            symbol,
            np.where(target >= 0, target, fallback[symbol]),
            weights.astype(np.float64),
            (target < 0) | np.isin(edges, self._forced_edges()),
            Smoothing.from_counts(smoothing, int(fold.ends[reds].sum()), totals, fallback),
            provenance,
        )

    def _forced_edges(self) -> NDArray[np.int32]:
        """Return the edges that led to nodes too light to be tested."""
        return self.fold.entry[self.journal.nodes(Stage.FORCED)]


def _common_targets(
    symbol: NDArray[np.int32], target: NDArray[np.int64], weights: NDArray[np.int64], alphabet: int
) -> NDArray[np.int32]:
    """Return for each symbol the state it leads to most often, 0 where it leads nowhere."""
    common = np.zeros(alphabet, np.int32)
    known = target >= 0
    states = int(target.max(initial=0)) + 1
    pairs, which = np.unique(symbol[known].astype(np.int64) * states + target[known], return_inverse=True)
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
