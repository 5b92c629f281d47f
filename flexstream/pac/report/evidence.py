"""What a learner has seen and decided, as the section of a model file from which a report is made."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..._kernels.growth import TAILS
from ..._kernels.visits import count_lengths
from ...automata.pdfa import PDFA
from ...learning.learner import StreamLearner
from ...merging.freeze import Routed
from ...merging.heuristic import Heuristic
from ...merging.heuristics.evidence import Evidence
from ...merging.journal import Kind, Stage
from ...merging.search import Refinement
from ...summary.sketch import PrefixSketchShape
from ...summary.tree import UNLIMITED, PrefixTree
from ..foresight.trial import tried
from ..statistics.first_visits import visits_by_order
from ..statistics.fit import fits
from ..statistics.homogeneity import entry_counts, homogeneity
from ..statistics.order import dependence
from ..statistics.ordered_visits import ORDERS
from ..statistics.state_tree import StateTree
from .schema import VERSION
from .shares import Declared

if TYPE_CHECKING:
    from ...automata.mixture import Ensemble

QUANTILES = (0.5, 0.9, 0.99)


def with_evidence(
    learner: StreamLearner,
    reports: int | None = None,
    planned: bool = True,
    foresight: bool = True,
    declared: Declared | None = None,
) -> PDFA:
    """Return a learner's automaton, of an ensemble the best member's, with the evidence that a report needs.

    Parameters
    ----------
    learner : StreamLearner
    reports : int, optional
        How many reports of this stream were made, with this one, each at a time fixed beforehand; None: as many as
        there were refinements.
    planned : bool
        Whether the time of this report was fixed beforehand; False if what was seen may have had a part in it.
    foresight : bool
        Whether to try what is foretold of traces that were not learned.
    declared : Declared, optional
        How many reports there are to be, and after how many traces the last one; both fixed before anything was seen.

    Examples
    --------
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b"], ["a"]] * 50)
    >>> with_evidence(learner).evidence["lengths"]["largest"]
    2
    """
    return replace(learner.automaton, evidence=collect(learner, reports, planned, foresight, declared))


def model_with_evidence(
    learner: StreamLearner,
    reports: int | None = None,
    planned: bool = True,
    foresight: bool = True,
    declared: Declared | None = None,
) -> PDFA | Ensemble:
    """Return a learner's model; of an ensemble the best member has the evidence, see `with_evidence`."""
    best, model = with_evidence(learner, reports, planned, foresight, declared), learner.model
    if isinstance(model, PDFA):
        return best
    from ...automata.mixture import Ensemble  # imported where there is one only

    members = [best if member is model.best else member for member in model]
    return Ensemble(members, model.weights, model.provenance, model.softened, model.shares)


def collect(
    learner: StreamLearner,
    reports: int | None = None,
    planned: bool = True,
    foresight: bool = True,
    declared: Declared | None = None,
) -> dict[str, Any]:
    """Return the evidence: JSON values, numbers that are not finite as None.

    Nothing is decided or counted for it: it is read off the last refinement, its routed tails and the tree; but for
    the trial of what is foretold, for which some of the traces are learned once more.
    """
    answer = learner.answer()
    automaton, found, tree, heuristic = answer.automaton, answer.refinement, answer.tree, answer.heuristic
    routed = found.routed(tree, len(automaton.symbols))
    placed = StateTree.of(tree, routed.states, len(automaton), len(automaton.symbols))
    counts = entry_counts(placed)
    plan = getattr(learner, "plan", None)
    return {
        "version": VERSION,
        "looks": learner.refinements,
        "reports": reports or learner.refinements,
        **({} if declared is None else {"declared": declared._asdict()}),
        "kind": str(heuristic.evidence_kind),
        "heuristic": _heuristic(heuristic, learner.settings.ensemble),
        "demand": None if plan is None else plan.demand.to_document(),
        **({} if plan is None else {"theorem": plan.theorem}),
        "lengths": lengths(tree, placed.depth),
        "prefixes": 1 + tree.edges,
        "sketch": _sketch(tree),
        "tails_agree": routed.agree.tolist(),
        "left_out": _left_out(routed),
        "tail_events": int(routed.rows.tails.sum() + routed.tail_ends.sum()),
        "entries": counts.entries.tolist(),
        "homogeneity": homogeneity(counts, placed.alphabet + 1).tolist(),
        "fit": [found._asdict() for found in fits(placed)],
        "order": None if plan is not None else _order(learner),
        "foresight": tried(learner) if foresight else None,
        **_visits(placed, automaton, planned and tree.rules.reach >= UNLIMITED),
        **_decisions(found, tree, routed.states),
        **_multiplicity(learner, automaton),
    }


def _multiplicity(learner: StreamLearner, automaton: PDFA) -> dict[str, Any]:
    """Return how often a rare trace came for each time that it is expected, where some are held back."""
    tree = learner.answer().tree
    return {"multiplicity": learner.repeats.multiplicity(automaton.alone, tree.traces)} if tree.repeated.traces else {}


def _order(learner: StreamLearner) -> dict[str, Any] | None:
    """Return whether the order of the traces drawn tells anything; None of too few, or where streams were merged."""
    places, batch = learner.drawn.places(), learner.drawn.held()
    if len(places) > 1 and not (np.diff(places) > 0).all():
        return None
    found = dependence(batch, places)
    return None if found is None else {**found._asdict(), "symbols": list(found.symbols), "traces": len(batch)}


def _left_out(routed: Routed) -> list[int]:
    """Return how many visits of each state are known and do not count, as they contradict the others."""
    more, ends = routed.without_repeats().believed()
    rows = routed.rows
    missing = np.bincount(rows.source, rows.tails - more, len(routed.ends)) + routed.tail_ends - ends
    return [int(number) for number in missing.tolist()]


def _heuristic(heuristic: Heuristic, members: int) -> dict[str, Any]:
    """Return what decided, and of how many members of an ensemble it is one."""
    return {
        "name": heuristic.name,
        "margin": _finite(heuristic.margin),
        "light": heuristic.light,
        "alpha": getattr(heuristic, "alpha", None),
        "members": members,
        **({"division": heuristic.division} if isinstance(heuristic, Evidence) else {}),
    }


def _visits(tree: StateTree, automaton: PDFA, known: bool) -> dict[str, Any]:
    """Return the outcomes of first and of later visits in the order of the automaton's states and transitions."""
    found = visits_by_order(tree, ORDERS) if known else None
    if found is None:
        return {"first_visits": None}
    keys = automaton.sources * max(1, tree.alphabet) + automaton.edge_symbols
    told = []
    for one in found:
        steps = np.zeros(len(automaton.targets), np.int64)
        steps[np.searchsorted(keys, one.keys)] = one.steps
        told.append({"stops": one.stops.tolist(), "steps": steps.tolist()})
    came = sum(bool(one.stops.any() or len(one.keys)) for one in found)  # none of an order, none of those beyond
    return {"first_visits": told[0], "later_visits": told[1 : max(1, came)]}


def lengths(tree: PrefixTree, depth: NDArray[np.int64]) -> dict[str, float]:
    """Return largest and quantiles of the lengths of the traces that the tree still holds, and how many these are.

    Parameters
    ----------
    tree : PrefixTree
    depth : int64 array, shape (nodes,)
        Of each node.
    """
    columns = tree.columns
    tails = int(columns.size[TAILS])
    starts = columns.tail_start[:tails]
    longest = int((columns.tail_stop[:tails] - starts)[starts >= 0].max(initial=0))
    every = np.zeros(int(depth.max()) + longest + 2, np.int64)
    count_lengths(columns, depth, every)
    values = np.flatnonzero(every)
    numbers = every[values]
    rising = np.cumsum(numbers)
    total = int(numbers.sum())
    result: dict[str, float] = {"held": total}
    if total:
        result |= {f"q{int(100 * q)}": int(values[np.searchsorted(rising, q * total)]) for q in QUANTILES}
        result["largest"] = int(values[-1])
    return result


def _sketch(tree: PrefixTree) -> dict[str, float] | None:
    shape = tree.sketch
    if isinstance(shape, PrefixSketchShape):  # a share is too high by at most 1/counters, always
        return {"counters": shape.counters, "beta": 1 / shape.counters, "gamma": 0.0}
    if not shape.futures:
        return None
    return {
        "futures": shape.futures,
        "depth": shape.depth,
        "width": shape.width,
        "beta": shape.beta,
        "gamma": shape.gamma,
    }


def _decisions(found: Refinement, tree: PrefixTree, states: NDArray[np.int32]) -> dict[str, Any]:
    """Return the decisions about nodes that were heavy enough, one list a fact, and how many there were of others.

    Of decisions about nodes that only sketches remember nothing is told: there are no counts that could bear them out.
    """
    journal, columns = found.journal, tree.columns
    stage = journal.columns.stage[: len(journal)]
    kept = np.flatnonzero((stage == Stage.KEPT) | (stage == Stage.GREEDY))
    entries = journal.select(kept).below(len(tree)).columns
    node, into = entries.node, entries.into
    parent = columns.parent[node]
    forced = journal.columns.visits[: len(journal)][stage == Stage.FORCED]
    return {
        "decisions": {
            "merge": (entries.kind == Kind.MERGE).astype(int).tolist(),
            "kept": (entries.stage == Stage.KEPT).astype(int).tolist(),
            "source": np.where(parent >= 0, states[parent], -1).tolist(),
            "symbol": columns.symbol[node].tolist(),
            "state": states[node].tolist(),
            "against": np.where(into >= 0, states[into], -1).tolist(),
            "score": [_finite(value) for value in entries.score.tolist()],
            "second": [_finite(value) for value in entries.second.tolist()],
            "visits": entries.visits.tolist(),
            "division": [_finite(value) for value in entries.division.tolist()],
        },
        "forced": {"number": len(forced), "visits": int(forced.sum()), "largest": int(forced.max(initial=0))},
        "taken_back": journal.count(Stage.DROPPED),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
