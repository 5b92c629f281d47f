"""From a refinement to a frozen automaton: numbering states, routing tails, and which of their counts to believe.

Routing is done once: the automaton and the evidence of a report are both made of what it returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .._kernels.folding import FoldColumns
from .._kernels.keys import make_keys, split_keys
from .._kernels.routing import RouteColumns, agreement, enter_transitions, place_states, route_repeats, route_tails
from ..automata.left_out import CountedParts
from ..automata.pdfa import PDFA
from ..automata.smoothing import Smoothing
from ..classes import dataclass
from ..stream.alphabet import Alphabet
from ..summary.cut import Cut
from ..summary.tree import PrefixTree
from ..tuples import NamedTuple
from .journal import Journal, Stage
from .onward import leads_of
from .strength import likeliest_strength

POOLING_STRENGTH, POOLING_SLACK = 5.0, 5.0
"""Observations that the prior is worth when tails and tree are compared, and the evidence against one distribution, in
nats, above which tails do not count."""
RARE = 10
"""Where tails do not count, what only they know counts once for so many times, so that nothing is forgotten."""
PAIRS = 1 << 16
"""Pairs of state and symbol up to which each has a place in the table of transitions, so that none is searched."""


class Transitions(NamedTuple):
    """All transitions, in any order; those that only tails take come last."""

    source: NDArray[np.int64]
    symbol: NDArray[np.int64]
    target: NDArray[np.int64]
    counts: NDArray[np.int64]  # in the folded tree
    tails: NDArray[np.int64]  # in the tails routed through it
    guessed: NDArray[np.bool_]  # where no evidence says where it leads


@dataclass(frozen=True, eq=False)
class Routed:
    """What the states of a refinement saw, in the folded tree and in the tails routed through them.

    Attributes
    ----------
    alphabet, traces : int
        Symbols and traces at that time.
    rows : Transitions
    ends, tail_ends : int64 arrays, shape (states,)
        Traces that ended in each state, in the tree and in tails.
    visits : int64 array, shape (states,)
        Traces that came by each state, in the tree.
    agree : bool array, shape (states,)
        Whether the tails of a state say the same as its tree; only then do they count.
    repeats, repeat_ends : int64 arrays, shape (transitions,) and (states,)
        Events and ends of the traces that the stream repeated: they always count, but are no evidence.
    fallback : int32 array, shape (alphabet,)
        Where a symbol leads from a state that has no such transition.
    states : int32 array, shape (nodes,)
        State of each node of the tree.
    """

    alphabet: int
    traces: int
    rows: Transitions
    ends: NDArray[np.int64]
    tail_ends: NDArray[np.int64]
    visits: NDArray[np.int64]
    agree: NDArray[np.bool_]
    repeats: NDArray[np.int64]
    repeat_ends: NDArray[np.int64]
    fallback: NDArray[np.int32]
    states: NDArray[np.int32]

    @property
    def repetition(self) -> float:
        """How many times as many traces count as are evidence: what is repeated makes nothing surer than it was."""
        repeats = int(self.repeat_ends.sum())
        return 1.0 + repeats / max(1, self.traces - repeats) if repeats else 1.0

    def believed(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return what counts beside the tree, of tails and repeats: events of each transition, ends of each state."""
        rows = self.rows
        more = counted(rows.counts, rows.tails, self.agree[rows.source]) + self.repeats
        return more, counted(self.ends, self.tail_ends, self.agree) + self.repeat_ends

    def without_repeats(self) -> Routed:
        """Return the same without what the stream repeated."""
        return replace(self, repeats=np.zeros_like(self.repeats), repeat_ends=np.zeros_like(self.repeat_ends))


def freeze(routed: Routed, alphabet: Alphabet, smoothing: float | None, provenance: Mapping[str, object]) -> PDFA:
    """Freeze the automaton that a fold has become, once its tails are routed.

    Where a state's tails say the same as its tree they count as well; where they contradict it, that state stands for
    something that is not one state, and the tree, which holds what is frequent, is the better witness.  What only the
    tails know of such a state counts little, but it counts: a trace that was learned has a path.

    Parameters
    ----------
    routed : Routed
        The outcome of a refinement.
    alphabet : Alphabet
    smoothing : float, optional
        Observations that each state shares out; None: as many as what is evidence speaks for.
    provenance : mapping
        For the model file.
    """
    rows, size = routed.rows, len(routed.ends)
    more, more_ends = routed.believed()
    weights, ends = rows.counts + more, routed.ends + more_ends
    order = _in_order(rows, weights)
    totals = np.bincount(rows.symbol, weights, len(alphabet)).astype(np.int64)
    visits = routed.visits + more_ends + np.bincount(rows.source, more, size)
    if smoothing is not None:
        shared = smoothing
    elif routed.repetition > 1:  # what was repeated would always foretell itself
        shared = freeze(routed.without_repeats(), alphabet, None, {}).smoothing.strength
    else:
        shared = likeliest_strength(rows.source[order], rows.symbol[order], weights[order], ends, totals)
    return PDFA(
        symbols=alphabet.texts,
        visits=visits.astype(np.float64),
        stops=ends.astype(np.float64),
        offsets=np.searchsorted(rows.source[order], np.arange(size + 1)),
        edge_symbols=rows.symbol[order].astype(np.int32),
        targets=rows.target[order].astype(np.int32),
        weights=weights[order].astype(np.float64),
        guessed=rows.guessed[order],
        smoothing=Smoothing.from_counts(shared * routed.repetition, int(ends.sum()), totals, routed.fallback),
        provenance=provenance,
    )


def _in_order(rows: Transitions, weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the transitions that count, by state and symbol."""
    kept = np.flatnonzero(weights)
    return kept[np.lexsort((rows.symbol[kept], rows.source[kept]))]


def counted_parts(routed: Routed) -> CountedParts:
    """Return how much of what came is in the counts of the automaton that `freeze` makes."""
    rows = routed.rows
    more, more_ends = routed.believed()
    weights, came = rows.counts + more, rows.counts + rows.tails + routed.repeats
    order = _in_order(rows, weights)
    ends, all_ends = routed.ends + more_ends, routed.ends + routed.tail_ends + routed.repeat_ends
    return CountedParts(weights[order] / np.maximum(came[order], weights[order]), ends / np.maximum(all_ends, 1))


def counted(counts: NDArray[np.int64], tails: NDArray[np.int64], agree: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how often what tails say counts beside the counts of the tree; ``agree`` tells whose tails are believed.

    >>> counted(np.array([9, 9, 0]), np.array([30, 30, 30]), np.array([True, False, False]))
    array([30,  0,  3])
    """
    return np.where(agree, tails, np.where(counts > 0, 0, -(-tails // RARE)))


def route(fold: FoldColumns, reds: NDArray[np.int32], journal: Journal, tree: PrefixTree, alphabet: int) -> Routed:
    """Number the states of a refinement and route the tails of its tree through them.

    Parameters
    ----------
    fold, reds, journal
        The outcome of a refinement: merged view, tree node of each state, decisions.
    tree : PrefixTree
        Unchanged since.
    alphabet : int
        Number of symbols.
    """
    number = np.full(len(fold.visits) + 1, -1, np.int64)  # the last for edges that leave no node, see fold.py
    number[reds] = np.arange(len(reds))
    edges = np.flatnonzero(number[split_keys(fold.keys)[0]] >= 0)
    owner, symbol = split_keys(fold.keys[edges])
    source = number[owner]
    target = np.where(fold.child[edges] >= 0, number[fold.child[edges]], -1)
    fallback = common_targets(symbol, target, fold.counts[edges], alphabet)
    states = np.empty(len(fold.visits), np.int32)
    place_states(tree.columns, fold, reds, np.empty(len(fold.visits), np.int32), states)
    keys, target = with_cut(tree.cut, states, make_keys(source, symbol), target)
    following = np.where(target >= 0, target, fallback[split_keys(keys)[1]])
    found = route_through(tree, states, len(reds), keys, following, fallback)
    counts, ends = np.zeros(int(found.size[0]), np.int64), fold.ends[reds]
    counts[: len(edges)] = fold.counts[edges]
    known = np.append(target >= 0, np.zeros(len(counts) - len(target), np.bool_))  # what only tails take comes last
    if not known.all():
        leads = leads_of(found, tree, known, counts, ends)
        found = route_through(tree, states, len(reds), found.keys[: len(leads)], leads, fallback)
    found.counts[len(edges) : len(keys)] += 1  # where the tree was cut they came at least once
    guessed = ~known
    guessed[: len(edges)] |= np.isin(edges, fold.entry[journal.nodes(Stage.FORCED)])
    rows = _transitions(counts, guessed, found)
    return Routed(
        alphabet=alphabet,
        traces=tree.traces + tree.repeated.traces,
        rows=rows,
        ends=ends,
        tail_ends=found.ends,
        visits=fold.visits[reds],
        agree=agree(rows, ends, found.ends),
        repeats=found.repeats[: len(rows.source)],
        repeat_ends=found.repeat_ends,
        fallback=fallback,
        states=states[: len(tree)],
    )


def with_cut(
    cut: Cut, states: NDArray[np.int32], keys: NDArray[np.int64], target: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Add to the transitions of a fold those, and to its targets those, that it had before its tree was cut.

    >>> cut = Cut(np.array([0, 0, 1]), np.array([5, 6, 5]), np.array([1, 1, 0]))
    >>> keys, targets = with_cut(cut, np.array([0, 1], np.int32), np.array([5, 1 << 32]), np.array([-1, 1]))
    >>> keys.tolist(), targets.tolist()
    ([5, 4294967296, 6, 4294967301], [1, 1, 1, 0])
    """
    if not len(cut.nodes):
        return keys, target
    told, first = np.unique(make_keys(states[cut.nodes], cut.symbols), return_index=True)
    leads = states[cut.targets[first]].astype(np.int64)
    both, here, there = np.intersect1d(keys, told, assume_unique=True, return_indices=True)
    target = target.copy()
    target[here] = np.where(target[here] >= 0, target[here], leads[there])
    new = ~np.isin(told, both, assume_unique=True)
    return np.concatenate([keys, told[new]]), np.concatenate([target, leads[new]])


def cut_of(routed: Routed, reds: NDArray[np.int32]) -> Cut:
    """Return the transitions of a refinement by the nodes that stand for its states, for a tree that is to be cut."""
    rows = routed.rows
    return Cut(reds[rows.source].astype(np.int64), rows.symbol, reds[rows.target].astype(np.int64))


def _transitions(counts: NDArray[np.int64], guessed: NDArray[np.bool_], route: RouteColumns) -> Transitions:
    """Put the transitions of the fold and those that only tails take behind one another.

    In between stand those that the fold had before its tree was cut.  A target is guessed where no evidence placed it:
    it never grew, or it was too light to be tested.  So are those that were met on the last way.
    """
    size = int(route.size[0])
    source, symbol = split_keys(route.keys[:size])
    more = size - len(counts)
    return Transitions(
        source=source,
        symbol=symbol,
        target=route.targets[:size].astype(np.int64),
        counts=np.append(counts, np.zeros(more, np.int64)),
        tails=route.counts[:size],
        guessed=np.append(guessed, np.ones(more, np.bool_)),
    )


def agree(rows: Transitions, ends: NDArray[np.int64], tail_ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell for each state whether its tails say the same as its tree, by the Bayes factor of ``evidence``."""
    totals = np.concatenate([[ends.sum() + tail_ends.sum()], np.bincount(rows.symbol, rows.counts + rows.tails)]) + 0.5
    shares = totals / totals.sum()
    evidence = np.empty(len(ends))
    outcomes = (rows.source, shares[1 + rows.symbol], rows.counts, rows.tails)
    agreement(POOLING_STRENGTH, *outcomes, ends, tail_ends, shares[0], evidence)
    return evidence >= -POOLING_SLACK


def route_through(
    tree: PrefixTree,
    states: NDArray[np.int32],
    size: int,
    keys: NDArray[np.int64],
    targets: NDArray[np.int64],
    fallback: NDArray[np.int32],
    pairs: int = PAIRS,
) -> RouteColumns:
    """Route tails and repeated traces through an automaton, with as much capacity for new transitions as it takes.

    Parameters
    ----------
    tree : PrefixTree
    states : int32 array, shape (nodes,)
        The state of each node.
    size : int
        How many states there are.
    keys, targets : int64 arrays, shape (transitions,)
        State and symbol of each transition, and the next state.
    fallback : int32 array, shape (alphabet,)
        Where a symbol leads from a state that has no such transition.
    pairs : int
        Up to so many pairs of state and symbol, each has a slot of its own.
    """
    each = size * len(fallback)
    known, more = len(keys), 1 << 10
    while True:
        capacity = known + more
        route = RouteColumns(
            states=states,
            fallback=fallback,
            keys=np.empty(capacity, np.int64),
            targets=np.empty(capacity, np.int32),
            counts=np.zeros(capacity, np.int64),
            ends=np.zeros(size, np.int64),
            repeats=np.zeros(capacity, np.int64),
            repeat_ends=np.zeros(size, np.int64),
            slots=np.empty(each if each <= pairs else 1 << (2 * capacity - 1).bit_length(), np.int32),
            size=np.array([known, each <= pairs]),
        )
        route.keys[:known], route.targets[:known] = keys, targets
        enter_transitions(route)
        if route_tails(route, tree.columns) and route_repeats(route, *tree.repeated[:3]):
            return route
        more *= 4


def common_targets(
    symbol: NDArray[np.int64], target: NDArray[np.int64], weights: NDArray[np.int64], alphabet: int
) -> NDArray[np.int32]:
    """Return for each symbol the state it leads to most often, 0 where it leads nowhere.

    >>> common_targets(np.array([0, 0, 1]), np.array([2, 1, -1]), np.array([5, 9, 1]), alphabet=2)
    array([1, 0], dtype=int32)
    """
    common = np.zeros(alphabet, np.int32)
    known = target >= 0
    states = int(target.max(initial=0)) + 1
    pairs, which = np.unique(symbol[known] * states + target[known], return_inverse=True)
    order = np.argsort(np.bincount(which, weights[known], len(pairs)), kind="stable")
    common[pairs[order] // states] = pairs[order] % states  # of equal indices NumPy keeps the last, the heaviest
    return common
