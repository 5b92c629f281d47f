"""From an automaton and its evidence to numbers: intervals, distances, checks.  `report` puts them into words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...automata.pdfa import PDFA
from ...defaults import DEPTH
from ...merging.evidence_kind import EvidenceKind
from ..demand import Demand
from ..foresight.statement import foreseen
from ..statistics.centred import STRENGTH
from ..statistics.divergence import Outcomes, priced, state_radius, strengths, whole_divergence
from ..statistics.expected_visits import expected_visits
from ..statistics.ordered_visits import ORDERS
from ..statistics.separations import direct, next_outcomes, partition_cost, through_successors
from ..statistics.state_distances import Chances, Distances, deepest, distances
from .contradiction import threshold
from .limits import Levels, Visits, levels, narrowest
from .schema import checked
from .shares import (
    CHECKS,
    FITS,
    FORESIGHT,
    INTERVALS,
    ORDER,
    RADII,
    SEPARATIONS,
    WHOLE,
    Declared,
    declared_in,
    of_declared,
)

KINDS = dict.fromkeys(("css", "css-published", "alergia"), EvidenceKind.TEST) | {"evidence": EvidenceKind.BAYES_FACTOR}
"""Of models written before they held the kind of their evidence."""


@dataclass(frozen=True)
class Analysis:
    """What a sample says about a learned automaton, at a joint confidence of 1 - delta.

    Everything refers to the target under one condition: that the automaton's structure is the target's, as far as
    the sample has gone.  `contradicted` tests that.

    Parameters
    ----------
    automaton : PDFA
        A learned one.
    delta : float
        Probability with which any statement may be wrong, at any look, 0 < delta < 1.
    wanted : int
        Depth to which words are followed for the distances of states, if there are not too many.
    demand : Demand, optional
        What the run was planned for: bounds of states and symbols known beforehand.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> from flexstream.pac.report.evidence import with_evidence
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b"], ["a"]] * 500)
    >>> analysis = Analysis(with_evidence(learner), delta=0.05)
    >>> low, high = analysis.stops[:, 1].round(2).tolist()
    >>> low < 0.5 < high, bool(analysis.separated[0, 1]), analysis.contradicted.any().item()
    (True, True, False)
    """

    automaton: PDFA
    delta: float
    wanted: int = DEPTH
    demand: Demand | None = None

    # --- how many there are ------------------------------------------------------------------------------------

    @cached_property
    def evidence(self) -> Mapping[str, Any]:
        """The evidence of the model, empty if it has none."""
        automaton = self.automaton
        return checked(automaton.evidence, len(automaton), len(automaton.symbols), len(automaton.targets))

    @property
    def evidence_kind(self) -> EvidenceKind | None:
        """What the scores of the decisions say, for a model of yesterday by its heuristic; None without evidence."""
        if not self.evidence:
            return None
        known = self.evidence.get("kind")
        return (
            KINDS.get(self.evidence["heuristic"]["name"], EvidenceKind.UNJUDGED)
            if known is None
            else EvidenceKind(known)
        )

    @cached_property
    def observed(self) -> NDArray[np.float64]:
        """Visits whose outcome is known, shape (states,)."""
        states = len(self.automaton)
        return np.asarray(
            self.automaton.stops + np.bincount(self.automaton.sources, self.automaton.weights, states), np.float64
        )

    @property
    def states(self) -> int:
        """Number of states over which the confidence is shared: of the automaton, or the plan's bound."""
        return max(len(self.automaton), self.demand.states if self.demand else 0)

    @property
    def outcomes(self) -> int:
        """Number of outcomes of a state: the end, and symbols seen, or the plan's bound of them."""
        return 1 + max(len(self.automaton.symbols), self.demand.symbols if self.demand else 0)

    @property
    def level(self) -> float:
        """Probability with which one interval may be wrong at any time: a union over all states and outcomes."""
        return INTERVALS * self.delta / (self.states * self.outcomes)

    @property
    def levels(self) -> Levels:
        """The same, shared out over the ways in which an interval is found."""
        return levels(self.level, len(self.ordered), self.reports, self.declared)

    @property
    def declared(self) -> Declared | None:
        """What was said beforehand of the reports of the stream; None if nothing was."""
        return declared_in(self.evidence)

    @property
    def strength(self) -> float | None:
        """Visits that the prior around each probability is worth; None where the stream's length was not declared."""
        return None if self.declared is None else max(1.0, STRENGTH * self.declared.traces)

    @property
    def reports(self) -> int:
        """Number of reports of the stream, this one the last."""
        return int(self.evidence.get("reports", max(1, int(self.evidence.get("looks", 1)))))

    def _now(self, share: float) -> float:
        """Return what this report has of a share of δ: an even part of those declared, else 6/(π²i²)."""
        return of_declared(share * self.delta, self.reports, self.declared)

    # --- intervals ---------------------------------------------------------------------------------------------

    @cached_property
    def ordered(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Ends of each state and events of each transition at first visits, second ones, …; none if not known."""
        first = self.evidence.get("first_visits")
        if first is None:
            return []
        later = self.evidence.get("later_visits")
        empty = [{name: [0] * len(values) for name, values in first.items()}]
        every = [first] if later is None else ([first, *later] + ORDERS * empty)[:ORDERS]
        return [(np.array(one["stops"], np.float64), np.array(one["steps"], np.float64)) for one in every]

    @property
    def stops(self) -> NDArray[np.float64]:
        """Least and most of the probability that a trace ends in each state, shape (2, states)."""
        return self._intervals[0]

    @property
    def steps(self) -> NDArray[np.float64]:
        """Least and most of each transition's probability, shape (2, transitions)."""
        return self._intervals[1]

    @property
    def unseen(self) -> NDArray[np.float64]:
        """Most that a symbol may have in a state in which it has never been seen, shape (states,)."""
        return np.asarray(self._intervals[2][1])

    @cached_property
    def _intervals(self) -> list[NDArray[np.float64]]:
        """Intervals of ends, transitions and symbols never seen: the narrowest of all ways to find them."""
        automaton = self.automaton
        each, none = np.arange(len(automaton)), np.zeros(len(automaton))
        owner = np.concatenate([each, automaton.sources, each])
        ordered = np.zeros((2, len(self.ordered), len(owner)))
        for row, (stops, steps) in enumerate(self.ordered):
            trials = stops + np.bincount(automaton.sources, steps, len(automaton))
            ordered[:, row] = np.concatenate([stops, steps, none]), trials[owner]
        hits = np.concatenate([automaton.stops, automaton.weights, none])
        seen = Visits(hits, self.observed[owner], self.missing[owner], ordered)
        found = narrowest(seen, self.levels, self.strength)
        return np.split(found, [len(each), len(each) + len(automaton.sources)], axis=1)

    @cached_property
    def radii(self) -> NDArray[np.float64]:
        """Bound of the L1 distance of each state's relative frequencies from the truth, shape (states,).

        The smaller of two: by the divergence of the whole row, and by the intervals, 2 Σ (f - least) over what was
        seen.
        """
        level = RADII * self.delta / self.states
        result = np.full(len(self.automaton), 2.0)
        for state in np.flatnonzero(self.observed > 0).tolist():
            rows = slice(*self.automaton.offsets[state : state + 2])
            least = self.stops[0, state] + self.steps[0, rows].sum()
            by_intervals = 2 * float(1 - least)
            result[state] = min(by_intervals, state_radius(self.costs_of(state), level), 2.0)
        return result

    def counts_of(self, state: int) -> NDArray[np.float64]:
        """Return how often each outcome came in a state, the end first, then symbols that came."""
        rows = slice(self.automaton.offsets[state], self.automaton.offsets[state + 1])
        return np.concatenate([[self.automaton.stops[state]], self.automaton.weights[rows]])

    @cached_property
    def expected_visits(self) -> NDArray[np.float64] | None:
        """Visits of each state by a trace of the automaton without smoothing, expected; None if without end."""
        return expected_visits(self.automaton, self.observed)

    @property
    def unbounded(self) -> bool:
        """Whether something speaks against any bound of whole strings: no states, no sample, or visits left out."""
        return self.misfit is not None or self.dependent or bool(self.left_out.any())

    @cached_property
    def divergence_bound(self) -> float:
        """Bound of KL(automaton without smoothing, target) over strings, in nats; infinite if none is known.

        None is where the states do not explain the stream: then no state has one distribution to be near to.

        All states are in one e-value; see `flexstream.pac.statistics.divergence`.
        """
        if self.expected_visits is None or self.unbounded:
            return math.inf
        used = np.flatnonzero(self.observed > 0)
        costs = np.array([self.costs_of(state) for state in used.tolist()]).reshape(len(used), 2, -1)
        return whole_divergence(np.moveaxis(costs, 0, -1), self.expected_visits[used], WHOLE * self.delta)

    def costs_of(self, state: int) -> NDArray[np.float64]:
        """Return what mixtures cost a state, and how many visits each makes it count for, shape (2, mixtures)."""
        counts, rows = self.counts_of(state), slice(*self.automaton.offsets[state : state + 2])
        least, most = np.concatenate([self.stops[:, state, None], self.steps[:, rows]], axis=1)
        row = Outcomes(counts, least, most, self.outcomes - len(counts), float(self.unseen[state]))
        return priced(row, strengths(self.strength))

    @cached_property
    def l1_bound(self) -> float:
        """Bound of the L1 distance of the two distributions of strings, at most 2 (docs/pac.md, theorem 2).

        The smaller of two: by the divergence of the whole, and expected visits times the radii of the states.
        """
        if self.expected_visits is None or self.unbounded:
            return 2.0
        return min(2.0, math.sqrt(2 * self.divergence_bound), float(self.expected_visits @ self.radii))

    # --- pairs of states ---------------------------------------------------------------------------------------

    @cached_property
    def depth(self) -> int:
        """How deep words are followed; 0 if there are too many states and symbols to compare."""
        return deepest(len(self.automaton), len(self.automaton.symbols), self.wanted)

    @cached_property
    def chances(self) -> Chances:
        """The probabilities with their intervals as full tables."""
        automaton, states, symbols = self.automaton, len(self.automaton), len(self.automaton.symbols)
        total = np.maximum(self.observed, 1e-300)
        stop = np.array([self.stops[0], automaton.stops / total, self.stops[1]])
        step = np.zeros((3, states, symbols))
        step[2] = self.unseen[:, None]
        goal = np.full((states, symbols), -1, np.int64)
        cell = (automaton.sources, automaton.edge_symbols)
        step[:, cell[0], cell[1]] = self.steps[0], automaton.weights / total[automaton.sources], self.steps[1]
        goal[cell] = automaton.targets
        return Chances(stop, step, goal)

    @cached_property
    def distances(self) -> Distances:
        """Distances of all pairs of states."""
        return distances(self.chances, self.depth)

    def least_distance(self, futures: int) -> float | None:
        """Return the lower end of the smallest distance of two states within ``futures`` events.

        Words are followed no deeper than `depth`; None without two states that are compared.
        """
        states, depth = len(self.automaton), min(self.depth, futures)
        if states < 2 or not depth:
            return None
        return float(distances(self.chances, depth).least[np.triu_indices(states, 1)].min())

    @cached_property
    def pair_evidence(self) -> NDArray[np.float64]:
        """Log e-value that each pair of states is two, by its own outcomes or those of a pair it leads to."""
        return through_successors(self.own_evidence, self.chances.goal)

    @cached_property
    def own_evidence(self) -> NDArray[np.float64]:
        """Log e-value that each pair of states is two, by its own outcomes, shape (states, states)."""
        entries = np.bincount(self.automaton.targets, minlength=len(self.automaton))
        entries[0] += 1
        return direct(next_outcomes(self.automaton, self.outcomes)) - partition_cost(entries)

    @property
    def pair_threshold(self) -> float:
        """Log e-value above which a pair is proven, all pairs together at their share of δ."""
        pairs = max(1, self.states * (self.states - 1) // 2)
        return math.log(pairs / (SEPARATIONS * self.delta))

    @cached_property
    def separated(self) -> NDArray[np.bool_]:
        """Which pairs are proven to be two states, by e-value or by intervals that lie apart."""
        whole = self.missing == 0  # of what is not counted no e-value tells
        proven = (self.pair_evidence >= self.pair_threshold) & whole[:, None] & whole[None, :]
        return proven | (self.distances.least > 0)

    # --- the condition -----------------------------------------------------------------------------------------

    @property
    def check_threshold(self) -> float:
        """Log e-value above which a state's ways in contradict each other: report i gets δ_i = 6δ/(π²i²)."""
        return threshold(self.states, CHECKS * self.delta, self.reports)

    @cached_property
    def contradicted(self) -> NDArray[np.bool_]:
        """Which states are proven to stand for several, at the joint confidence, shape (states,)."""
        if not self.evidence:
            return np.zeros(len(self.automaton), np.bool_)
        return np.asarray(self.evidence["homogeneity"], np.float64) > self.check_threshold

    @cached_property
    def misfit(self) -> Mapping[str, Any] | None:
        """The strongest proof that what comes next hangs on more than the state, None where there is none.

        Report i gets its part of the share, see `.shares.of_declared`, and the orders share that.
        """
        found = self.evidence.get("fit") or []
        if not found:
            return None
        worst: Mapping[str, Any] = min(found, key=lambda row: row["log_p"])
        level = self._now(FITS) / len(found)
        return worst if worst["log_p"] < math.log(level) else None

    @property
    def order_level(self) -> float:
        """Logarithm of the probability with which the order is called telling by chance, in this report."""
        return math.log(self._now(ORDER))

    @cached_property
    def dependent(self) -> bool:
        """Whether the order of the traces tells something, so that they are no independent draws from one source."""
        found = self.evidence.get("order")
        return found is not None and bool(found["log_p"] < self.order_level)

    @cached_property
    def foreseen(self) -> dict[str, Any] | None:
        """What is promised without any automaton behind the stream, None where nothing was tried.

        As of the fit, report i gets its part of the share.
        """
        trial = self.evidence.get("foresight")
        return None if trial is None else foreseen(trial, self._now(FORESIGHT))

    @cached_property
    def left_out(self) -> NDArray[np.bool_]:
        """Which states have visits that were left out because they contradict the others, shape (states,)."""
        if not self.evidence:
            return np.zeros(len(self.automaton), np.bool_)
        return ~np.asarray(self.evidence["tails_agree"], np.bool_)

    @cached_property
    def missing(self) -> NDArray[np.float64]:
        """Visits of each state that were left out, shape (states,); 0 where it is not known how many."""
        known = self.evidence.get("left_out")
        return np.zeros(len(self.automaton)) if known is None else np.asarray(known, np.float64)

    @cached_property
    def complete(self) -> bool:
        """Whether every visit is counted: nothing was evicted for lack of memory."""
        lost = self.automaton.provenance.get("tree")
        names = ("given_up_nodes", "given_up_edges", "given_up_tails", "given_up_events")
        return isinstance(lost, dict) and not any(lost.get(name, 1) for name in names)
