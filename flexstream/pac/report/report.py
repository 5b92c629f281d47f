"""The report: what the user may rely on, as one document for machines; `page` turns it into text and HTML."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...arguments import fitting
from ...automata.mixture import Ensemble
from ...automata.pdfa import PDFA
from ...automata.strangeness import FINE
from ...defaults import DELTA, DEPTH, EPS
from ...errors import ModelError, UsageError, parameter
from ...merging.evidence_kind import EvidenceKind
from ..demand import Demand
from ..statistics.hoeffding import detectable
from ..statistics.separations import found_differing
from .advice import BY_PLAN, summary
from .analysis import Analysis
from .assumption import assumption
from .conditions import Facts, all_conditions, demand_of
from .decision_rows import decision_rows
from .headline import headline, holds_intervals
from .schema import is_provenance
from .shares import SEPARATIONS, planned_part

FORMAT = "flexstream-pac-report"
VERSION = 1
MOST_PAIRS = 500


def make_report(model: PDFA | Ensemble, eps: float = EPS, delta: float = DELTA, depth: int = DEPTH) -> dict[str, Any]:
    """Return the report of a learned automaton as JSON values.

    Parameters
    ----------
    model : PDFA or Ensemble
        With its evidence, see `flexstream.pac.report.evidence`; without it the report says less.  Of an ensemble the
        report is about the best member.
    eps, delta : float
        Error and failure probability to judge by; those of the plan, where the automaton was learned under one.
    depth : int
        How deep words are followed for the distances of states.

    Raises
    ------
    ModelError
        If the automaton was not learned from traces.
    UsageError
        If a value is out of range.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> from flexstream.pac.report.evidence import with_evidence
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b"], ["a"]] * 500)
    >>> report = make_report(with_evidence(learner))
    >>> report["distinguishability"]["estimate"], report["states"][1]["stop"]["estimate"]
    (0.5, 0.5)
    """
    for name, value in (("eps", eps), ("delta", delta)):
        if not 0 < fitting(name, value, float) < 1:
            raise UsageError(f"{parameter(name)} is {value:g} (expected: a number between 0 and 1)")
    if fitting("depth", depth, int) < 1:
        raise UsageError(f"{parameter('depth')} is {depth} (expected: at least 1)")
    fitting("model", model, PDFA | Ensemble)
    automaton = model if isinstance(model, PDFA) else model.best
    strings, events = (automaton.provenance.get(name) for name in ("traces", "events"))
    if not isinstance(strings, int) or not isinstance(events, int) or strings < 1:
        raise ModelError("the model was not learned from traces, so there is nothing to report")
    if not is_provenance(automaton.provenance):
        raise ModelError("the provenance of the model is damaged (expected: what learn wrote)")
    document = _document(automaton, strings, events, eps, delta, depth)
    return document | {"ensemble": None if isinstance(model, PDFA) else _place(model)}


def _place(model: Ensemble) -> dict[str, Any]:
    """Say which member of an ensemble a report is about."""
    best = int(np.argmax(model.weights))
    return {"members": len(model), "member": best, "weight": float(model.weights[best])}


def _document(automaton: PDFA, strings: int, events: int, eps: float, delta: float, depth: int) -> dict[str, Any]:
    planned = _demand(automaton)
    analysis = Analysis(automaton, planned.delta if planned else delta, depth, planned)
    found = _distinguishability(analysis)
    facts = _facts(analysis, strings, events, found)
    demand = demand_of(analysis, facts, found["estimate"] or 0.0, eps)
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "headline": "",
        "summary": {},
        "foresight": analysis.foreseen,
        "order": assumption(analysis.evidence.get("order"), automaton.symbols, analysis.order_level),
        "confidence": 1 - analysis.delta,
        "intervals_hold": True,
        "eps": demand.eps,
        "method": _method(analysis),
        "seen": _observed(analysis, strings, events),
        "states": list(_states(analysis)),
        "decisions": decision_rows(analysis, strings),
        "pairs": _pairs(analysis, strings),
        "distinguishability": found,
        "demand": {
            **demand.to_document(),
            "source": BY_PLAN if planned else "read off the automaton itself",
            "theorem": (automaton.evidence or {}).get("theorem"),
        },
        "theorems": all_conditions(demand, facts),
        "guarantee": _guarantee(analysis),
        "fit": None if analysis.misfit is None else dict(analysis.misfit),
        "predictor": _predictor(automaton),
    }
    document["headline"] = headline(document, len(automaton))
    document["intervals_hold"] = holds_intervals(document)
    document["summary"] = summary(document)
    return document


METHOD = [
    "condition: the automaton's structure is the target's, as far as the sample has gone; a state that stands for "
    "several has no one truth that its intervals could hold",
    "check of the condition: e-value against 'all ways into a state lead to one distribution'; the i-th report "
    "gets 6/(pi^2 i^2) of its share",
    "fit: Pearson's statistic of what comes next, the visits of each state put apart by the last one, two or three "
    "events or by how many came before; where it is too large no bound of the distribution is stated",
    "order: Pearson's statistic of features of traces against parts of the stream, turns and the trace before, and how "
    "often traces come again after one number of others, as in a stream shuffled",
    "foresight: an automaton learned from the first half of the traces drawn, tested on the second; limits of means by "
    "betting, values clipped as told",
    "fit, order and foresight: the i-th report gets 6/(pi^2 i^2) of the share of each, of reports declared nine tenths "
    "evenly",
    "whole strings: for each state the best of several mixtures, one for all probabilities and those around the truth",
    "pairs: e-value against 'one distribution', with the cost of having chosen the two sets of ways in from the data",
]
CLOSE = ", times the members of an ensemble; close where the error is above delta over the number of decisions"
DECIDED = {
    EvidenceKind.BAYES_FACTOR: "decisions: Bayes factors with even odds beforehand, e^-2 for a state of its own that "
    "differs only in how its visits divide among the outcomes" + CLOSE + "; states that differ by less than the counts "
    "of a merge show would go unnoticed",
    EvidenceKind.TEST: "decisions: how often the test rejects what is one and accepts what differs by mu" + CLOSE + "; "
    "mu is the plan's, or the lower end of the smallest distance of the states found, and states nearer than that are "
    "supposed not to exist",
    EvidenceKind.UNJUDGED: "decisions: it is not known how often such decisions are wrong, so they cannot be judged",
}
ALWAYS = (
    "intervals: Beta(1/2, 1/2) mixture confidence sequences, a union over all states and outcomes; valid at every "
    "look at once, however often the report is asked for"
)
CENTRED = (
    "intervals: mixtures around each probability, with priors that are worth 3 in 100 of the traces declared, a union "
    "over all states and outcomes; valid at every look at once, and narrowest at the last one declared"
)
FIRST = "binomial intervals from the first visit of each string"
ORDERED = FIRST + " and to sums of deviates from its first, second, … visits (inverse normal method)"
DECLARED = (
    "; {share:.0%} of their share goes to {ways}, of which nine tenths are shared evenly by the reports declared, the "
    "rest by later ones"
)
PLANNED = (
    "; half of their share goes to {ways}, of which the i-th report gets 6/(pi^2 i^2): these suppose that the time of "
    "the report was fixed beforehand, by the end of a file or a number of strings"
)


def _method(analysis: Analysis) -> list[str]:
    declared = analysis.declared
    told, planned = (ALWAYS, PLANNED) if declared is None else (CENTRED, DECLARED)
    ways = ORDERED if len(analysis.ordered) > 1 else FIRST
    intervals = told + (planned.format(share=planned_part(declared), ways=ways) if analysis.ordered else "")
    kind = analysis.evidence_kind
    return [METHOD[0], intervals, *METHOD[1:], *([] if kind is None else [DECIDED[kind]])]


def _guarantee(analysis: Analysis) -> dict[str, Any]:
    divergence = analysis.divergence_bound
    return {
        "l1": analysis.l1_bound,
        "kl": divergence if math.isfinite(divergence) else None,
        "contradicted": np.flatnonzero(analysis.contradicted).tolist(),
    }


def _predictor(automaton: PDFA) -> dict[str, Any] | None:
    """Say how well traces are foretold that were left out again, in bits an outcome; None if none were drawn."""
    calibration = automaton.calibration
    if calibration is None or "bits" not in calibration.statistics:
        return None
    steps, times = calibration.scores[calibration.statistics.index("bits")]
    return {"bits": float((steps * times).sum() / times.sum()) / FINE, "traces": calibration.traces}


def _demand(automaton: PDFA) -> Demand | None:
    planned = automaton.evidence.get("demand")
    try:
        return None if planned is None else Demand.from_document(planned)
    except UsageError as error:
        raise ModelError(f"the evidence of the model is damaged: {error}") from None


def _facts(analysis: Analysis, strings: int, events: int, found: dict[str, Any]) -> Facts:
    return Facts(
        strings=strings,
        length=events / strings,
        states=len(analysis.automaton),
        symbols=len(analysis.automaton.symbols),
        mu_most=1.0 if found["most"] is None else found["most"],
        smallest_state=float(analysis.observed.min()),
        complete=analysis.complete
        and not any(map(analysis.automaton.provenance.get, ("cases_closed_early", "repeats")))
        and not (_drift(analysis) or {"within": []})["within"]
        and not analysis.dependent,
        explained=analysis.misfit is None,
        judged=analysis.demand is not None or analysis.evidence_kind is not EvidenceKind.UNJUDGED,
    )


def _observed(analysis: Analysis, strings: int, events: int) -> dict[str, Any]:
    evidence, provenance = analysis.evidence, analysis.automaton.provenance
    lost = provenance.get("tree")
    return {
        "strings": strings,
        "events": events,
        "symbols": len(analysis.automaton.symbols),
        "mean_length": events / strings,
        "lengths": evidence.get("lengths"),
        "prefixes_held": evidence.get("prefixes"),
        "looks": evidence.get("looks"),
        "reports": analysis.reports if evidence else None,
        **({} if analysis.declared is None else {"declared": analysis.declared._asdict()}),
        "pruned": {key: value for key, value in lost.items() if key.startswith("given_up")}
        if isinstance(lost, dict)
        else None,
        "other_symbols": _other_symbols(analysis.automaton),
        "cases_closed_early": provenance.get("cases_closed_early", 0),
        "repeats": _repeats(analysis),
        "sketch": _sketch(analysis),
        **({} if (drift := _drift(analysis)) is None else {"drift": drift}),
    }


def _drift(analysis: Analysis) -> dict[str, Any] | None:
    """Say after which strings of the stream its source changed, and which changes lie within what was learned from."""
    found = analysis.automaton.provenance.get("drift")
    if found is None:
        return None
    changes = [change["since"] for change in found["changes"]]
    return {
        "first": found["first"],
        "changes": changes,
        "within": [since for since in changes if since >= found["first"]],
        **({} if analysis.automaton.durations is None else {"durations_watched": False}),
    }


def _repeats(analysis: Analysis) -> dict[str, Any] | None:
    """Say which strings only say again what came before; None if all are evidence."""
    repeats = analysis.automaton.provenance.get("repeats")
    return None if repeats is None else {**repeats, "multiplicity": analysis.evidence.get("multiplicity")}


def _other_symbols(automaton: PDFA) -> dict[str, Any] | None:
    """Say what became of symbols that did not fit into the memory; None if all did, or the model is of yesterday."""
    alphabet = automaton.provenance.get("alphabet") or {}
    if alphabet.get("other") is None:
        return None
    own = alphabet["symbols"] - 1
    return {"counted_as": alphabet["other"], "events": alphabet["given_up_events"], "own_symbols": own}


def _sketch(analysis: Analysis) -> dict[str, Any] | None:
    """Say what the sketches may have hidden: a separation never rests on a collision, a merge may.

    Cells of two nodes that hold one distribution agree whatever collides in them; those of two that differ may agree
    because differences cancel, in all rows with probability at most gamma.
    """
    shape = analysis.evidence.get("sketch")
    if not shape:
        return None
    merges = sum(analysis.evidence["decisions"]["merge"])
    return {**shape, "merges": merges, "merges_masked_expected_at_most": shape["gamma"] * merges}


def _interval(estimate: float, least: float, most: float) -> dict[str, float]:
    return {"estimate": estimate, "least": least, "most": most}


def _states(analysis: Analysis) -> Iterator[dict[str, Any]]:
    automaton = analysis.automaton
    rows = list(automaton.transitions())
    homogeneity = analysis.evidence.get("homogeneity")
    for state, visits in enumerate(analysis.observed.tolist()):
        edges = range(int(automaton.offsets[state]), int(automaton.offsets[state + 1]))
        total = max(visits, 1e-300)
        yield {
            "state": state,
            "visits": float(automaton.visits[state]),
            "stop": _interval(float(automaton.stops[state]) / total, *analysis.stops[:, state].tolist()),
            "next": [
                {
                    "symbol": rows[edge].symbol,
                    "state": rows[edge].target,
                    "visits": rows[edge].weight,
                    **_interval(rows[edge].weight / total, *analysis.steps[:, edge].tolist()),
                    "guessed": rows[edge].guessed,
                }
                for edge in edges
            ],
            "unseen_symbol_at_most": float(analysis.unseen[state]),
            "l1_radius": float(analysis.radii[state]),
            "smallest_visible_difference": min(1.0, detectable(visits, visits, analysis.level, analysis.level)),
            "log_evidence_of_several": homogeneity[state] if homogeneity else None,
            "contradicted": bool(analysis.contradicted[state]),
            "visits_left_out": bool(analysis.left_out[state]),
            "left_out": int(analysis.missing[state]) if "left_out" in analysis.evidence else None,
        }


def _distinguishability(analysis: Analysis) -> dict[str, Any]:
    states = len(analysis.automaton)
    if states < 2 or analysis.depth < 1:
        return {"depth": analysis.depth, "estimate": None, "least": None, "most": None, "pair": None}
    upper = np.triu_indices(states, 1)
    found = analysis.distances
    where = int(found.estimate[upper].argmin())
    return {
        "depth": analysis.depth,
        "estimate": float(found.estimate[upper].min()),
        "least": float(found.least[upper].min()),
        "most": float(found.most[upper].min()),
        "pair": [int(upper[0][where]), int(upper[1][where])],
    }


def _pairs(analysis: Analysis, strings: int) -> dict[str, Any]:
    """Return the pairs of states, those least apart first."""
    states = len(analysis.automaton)
    total = states * (states - 1) // 2
    if not total or not analysis.depth:
        return {"number": total, "proven": 0, "compared": not total, "threshold": None, "closest": []}
    one, other = np.triu_indices(states, 1)
    evidence, found = analysis.pair_evidence[one, other], analysis.distances
    order = np.lexsort((found.estimate[one, other], analysis.separated[one, other]))[:MOST_PAIRS]
    whole, level = analysis.missing == 0, SEPARATIONS * analysis.delta
    own = np.where(whole[one] & whole[other], analysis.own_evidence[one, other], -np.inf)
    return {
        "number": total,
        "proven": int(analysis.separated[one, other].sum()),
        "compared": True,
        "threshold": analysis.pair_threshold,
        "expected": {"number": found_differing(own, level), "wrong": level},
        "closest": [
            {
                "states": [int(one[row]), int(other[row])],
                **_interval(*(float(part[one[row], other[row]]) for part in (found.estimate, found.least, found.most))),
                "log_evidence": float(evidence[row]),
                "proven": bool(analysis.separated[one[row], other[row]]),
                "error": _pair_error(analysis, float(evidence[row])),
                "strings_to_settle": _pair_strings(analysis, row, one, other, strings),
            }
            for row in order
        ],
    }


def _pair_error(analysis: Analysis, evidence: float) -> float:
    """Return the probability that one state would look that much like two, for any of the pairs."""
    pairs = max(1, analysis.states * (analysis.states - 1) // 2)
    return min(1.0, math.exp(min(0.0, math.log(pairs) - evidence)))


def _pair_strings(analysis: Analysis, row: int, one: Any, other: Any, strings: int) -> float | None:
    if analysis.separated[one[row], other[row]]:
        return 0
    evidence = float(analysis.pair_evidence[one[row], other[row]])
    return math.ceil(strings * (analysis.pair_threshold / evidence - 1)) if evidence > 0 else None
