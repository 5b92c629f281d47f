"""Refinement: from a tree and the last journal to an automaton and a new journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .._kernels.folding import FoldColumns
from .._kernels.search import Rules, SearchColumns
from .._kernels.search import refine as search
from .._kernels.shortlist import GROUPS, share_groups
from .._kernels.states import place_nodes
from ..automata.pdfa import PDFA
from ..classes import dataclass
from ..stream.alphabet import Alphabet
from ..summary.tree import PrefixTree
from .fold import open_fold
from .freeze import Routed, freeze, route
from .halt import Halt
from .heuristic import UNLIMITED, Heuristic
from .journal import Journal


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
    _routed: list[Routed] = field(default_factory=list, init=False, repr=False)

    def routed(self, tree: PrefixTree, alphabet: int) -> Routed:
        """Return what the states saw of a tree that has not changed since; its tails are routed the first time only."""
        known, traces = self._routed, tree.traces + tree.repeated.traces
        if not known or (known[0].alphabet, known[0].traces) != (alphabet, traces):
            known[:] = [route(self.fold, self.reds, self.journal, tree, alphabet)]
        return known[0]

    def evidence(self, tree: PrefixTree, alphabet: Alphabet, smoothing: float | None = None) -> PDFA:
        """Freeze the automaton with the counts of what is evidence only, without what the stream repeated."""
        routed = self.routed(tree, len(alphabet))
        return freeze(routed.without_repeats(), alphabet, smoothing, {})

    def automaton(
        self,
        tree: PrefixTree,
        alphabet: Alphabet,
        smoothing: float | None = None,
        provenance: Mapping[str, object] | None = None,
    ) -> PDFA:
        """Freeze the automaton of a tree that has not changed since; see :func:`flexstream.merging.freeze.freeze`."""
        return freeze(self.routed(tree, len(alphabet)), alphabet, smoothing, provenance or {})


def refine(
    tree: PrefixTree,
    alphabet: int,
    heuristic: Heuristic,
    strategy: Strategy = Strategy.REPLAY,
    last: Journal | None = None,
    codes: NDArray[np.uint64] | None = None,
    most: int = UNLIMITED,
    halt: Halt | None = None,
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
    codes : uint64 array, shape (alphabet,), optional
        Hash of each symbol, as the tree was counted with; needed by heuristics that ask sketches for futures by name.
    most : int
        States at which the search promotes no more nodes: what is left is folded into the best there is.
    halt : Halt, optional
        Asked before every decision.

    Raises
    ------
    AbandonedError
        If it was asked to halt; then the tree is as it was.
    """
    halt = Halt() if halt is None else halt
    standing = Journal.empty() if last is None or strategy is Strategy.FRESH else last.standing()
    remembered = heuristic.recalled(tree, codes)
    fold = open_fold(tree, remembered)
    scratch = _scratch(tree, fold, alphabet, len(standing), heuristic.futures_of(tree, codes))
    written = Journal.empty(len(fold.visits) + len(standing))
    rules = _where_repeated(heuristic.rules(strategy is Strategy.FINAL, most), tree)
    given = standing.columns, written.columns, halt.flag
    try:
        search(fold, scratch, heuristic.judge, heuristic.parameters(), rules, *given)
    finally:
        halt.settle()
    halt.check()
    reds = scratch.reds[: scratch.size[0]].copy()
    place_nodes(tree.columns, reds[reds < len(tree)])
    journal = Journal(written.columns, tree.traces).select(np.arange(len(written)))
    return Refinement(fold, reds, journal)


def _where_repeated(rules: Rules, tree: PrefixTree) -> Rules:
    """Return what a search is told of a tree whose stream repeats traces.

    Of what was held back a part has counted, so that counts look surer than they are: a difference in how visits divide
    must say as many times as much as there are traces for each that counts.
    """
    return rules._replace(division=rules.division * (1.0 + tree.repeated.traces / max(1, tree.traces)))


def _scratch(
    tree: PrefixTree, fold: FoldColumns, alphabet: int, standing: int, futures: NDArray[np.int32]
) -> SearchColumns:
    """Return what a search works on beside the fold: candidates, the counts of a pair, and the shares of the stream."""
    nodes = len(fold.visits)
    ends, totals = tree.totals(alphabet)
    base = np.concatenate([[ends], totals]) + 0.5
    return SearchColumns(
        reds=np.empty(nodes, np.int32),
        weights=np.empty(3 * nodes + 1, np.int64),
        blues=np.empty(3 * nodes + 1, np.int32),
        base=base / base.sum(),
        counts=np.empty((alphabet + 2, 2), np.int64),
        shares=np.empty(alphabet + 2),
        open=np.empty(3 * nodes + 1, np.int32),
        waiting=np.empty(standing, np.int32),
        futures=futures,
        groups=np.empty((GROUPS, nodes), np.float32),
        group_shares=share_groups(base / base.sum()),
        tally=np.empty(GROUPS),
        weighed=np.empty(nodes, np.float32),
        place=np.empty(nodes, np.int32),
        gap=np.empty(nodes, np.float32),
        short=np.empty(max(1, nodes), np.int32),
        items=np.empty((2, 2 * fold.sketch.shape[3]), np.int32),
        size=np.zeros(4, np.int64),
    )
