"""The decisions of the last refinement: evidence, margin, probability of error, what would settle them.

What can be said depends on the kind of evidence that the heuristic gives, which the model holds: of a heuristic that
cannot be judged no error is told, so nothing is called settled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...merging.evidence_kind import EvidenceKind
from ...tuples import NamedTuple
from ..statistics.decisions import merge_error, separation_error, strings_to_settle_merge, strings_to_settle_separation
from ..statistics.hoeffding import accept_level, detectable, node_size, overlapping_level
from .analysis import Analysis


class Supposed(NamedTuple):
    """What the error of a test's merges is judged by: no two states differ by less than ``mu`` within ``futures``.

    A test says nothing of states that differ by less, however many there are, so nothing short of a supposition makes
    its merges sure.  ``mu`` is the plan's, or the least by which the learned states differ, at the lower end of its
    interval; 0 where that is not known.
    """

    mu: float
    futures: int


def decision_rows(analysis: Analysis, strings: int) -> dict[str, Any]:
    """Return all decisions about nodes heavy enough to be decided about, the closest first, and count the others.

    ``close`` and ``expected_wrong`` are None where decisions cannot be judged; ``unnoticed`` is the amount below which
    a difference of two states would go unnoticed, None where no two nodes were merged.
    """
    evidence, kind = analysis.evidence, analysis.evidence_kind
    if kind is None:
        names = ("heuristic", "evidence", "level", "close", "forced", "taken_back", "expected_wrong", "supposed")
        return {"rows": [], **dict.fromkeys((*names, "unnoticed"))}
    columns = evidence["decisions"]
    rows = [dict(zip(columns, facts, strict=True)) for facts in zip(*columns.values(), strict=True)]
    level = analysis.delta / max(1, len(rows))
    supposed = _supposed(analysis) if kind is EvidenceKind.TEST else None
    told = [_row(analysis, row, strings, level, supposed) for row in rows]
    for row in told:  # one of several members was chosen: any of them might have been wrong
        if row["error"] is not None:
            row["error"] = min(1.0, evidence["heuristic"].get("members", 1) * row["error"])
    told.sort(key=lambda row: -row["error"] if row["error"] is not None else 0.0)
    errors = [row["error"] for row in told if row["error"] is not None]
    judged = kind is not EvidenceKind.UNJUDGED
    return {
        "heuristic": evidence["heuristic"]["name"],
        "evidence": str(kind),
        "rows": told,
        "level": level,
        "close": sum(error > level for error in errors) if judged else None,
        "forced": evidence["forced"],
        "taken_back": evidence["taken_back"],
        "expected_wrong": math.fsum(errors) if judged else None,
        "supposed": None if supposed is None else supposed._asdict(),
        "unnoticed": _unnoticed(told, level, supposed) if judged else None,
    }


def _unnoticed(told: list[dict[str, Any]], level: float, supposed: Supposed | None) -> float | None:
    """Return the amount below which two states may differ and yet be merged without any decision being close.

    For a test it is what its errors suppose.  Otherwise it is the largest difference that one of the merges would not
    have revealed: a Bayes factor supposes nothing, but sees no more than its counts show.  Merges that are close count
    only where there are no others.
    """
    merges = [row for row in told if row["kind"] == "merge"]
    if supposed is not None and supposed.mu and merges:
        return supposed.mu
    clear = [row for row in merges if row["error"] is None or row["error"] <= level]
    return max((row["smallest_visible_difference"] for row in clear or merges), default=None)


def _supposed(analysis: Analysis) -> Supposed:
    shape = analysis.evidence["sketch"]
    futures = shape["futures"] if shape else 1
    mu = analysis.demand.mu if analysis.demand else analysis.least_distance(futures)
    return Supposed(mu or 0.0, futures)


def _row(
    analysis: Analysis, row: Mapping[str, Any], strings: int, level: float, supposed: Supposed | None
) -> dict[str, Any]:
    symbols = analysis.automaton.symbols
    other = row["against"]
    facing = float(analysis.observed[other]) if other >= 0 else 0.0
    if row["merge"] and other == row["state"]:  # the state has the node's own visits by now
        facing = max(0.0, facing - row["visits"])
    told: dict[str, Any] = {"margin": None, "error": None, "strings_to_settle": None}
    if supposed is not None:
        told = _tested(analysis, row, facing, strings, level, supposed)
    elif analysis.evidence_kind is EvidenceKind.BAYES_FACTOR:
        told = _judged(analysis, row, strings, level)
    visible = detectable(row["visits"], facing, analysis.evidence["heuristic"]["alpha"] or level, level)
    return {
        "kind": "merge" if row["merge"] else "separation",
        "kept": bool(row["kept"]),
        "source": row["source"] if row["source"] >= 0 else None,
        "symbol": symbols[row["symbol"]] if row["source"] >= 0 else None,
        "state": row["state"],
        "against": other if other >= 0 else None,
        "visits": row["visits"],
        "evidence": row["score"],
        "runner_up": row["second"],
        "division": row.get("division") if row["merge"] else None,
        **told,
        "smallest_visible_difference": min(1.0, visible),
    }


def _judged(analysis: Analysis, row: Mapping[str, Any], strings: int, level: float) -> dict[str, Any]:
    """Return margin, error and what would settle it for a score that is a log Bayes factor."""
    heuristic = analysis.evidence["heuristic"]
    margin, apart = heuristic["margin"] or 0.0, heuristic.get("division") or math.inf
    others = len(analysis.automaton) - 1
    score = -math.inf if row["score"] is None else row["score"]
    second = -math.inf if row["second"] is None else row["second"]
    if row["merge"]:
        if row["score"] is None:  # taken over without asking the data (strategy final)
            return {"margin": None, "error": None, "strings_to_settle": None}
        state = row["state"]
        divided = row.get("division")
        division = math.inf if divided is None else divided
        ways = int(analysis.automaton.offsets[state + 1] - analysis.automaton.offsets[state])
        outcomes = ways + bool(analysis.automaton.stops[state] > 0)
        return {
            "margin": min(score - margin, score - second, division + apart),
            "error": merge_error(score, second, others, division),
            "strings_to_settle": strings_to_settle_merge(strings, score, second, others, outcomes, level, division),
        }
    return {
        "margin": margin - score if math.isfinite(score) else None,
        "error": separation_error(score, others),
        "strings_to_settle": strings_to_settle_separation(strings, score, others, level),
    }


def _tested(
    analysis: Analysis, row: Mapping[str, Any], facing: float, strings: int, level: float, supposed: Supposed
) -> dict[str, Any]:
    """Return the same for a test: how often it rejects what is one, or accepts what differs by what is supposed."""
    alpha = float(analysis.evidence["heuristic"]["alpha"])
    shape, (mu, futures) = analysis.evidence["sketch"], supposed
    if not row["merge"]:
        cells = shape["futures"] * shape["depth"] * shape["width"] if shape else analysis.outcomes
        error = min(1.0, 2 * overlapping_level(alpha, futures) * cells * max(0, len(analysis.automaton) - 1))
        return {"margin": None, "error": error, "strings_to_settle": 0.0 if error <= level else None}
    score, second = row["score"], row["second"]
    margin = score - second if score is not None and second is not None else None
    if not mu:
        return {"margin": margin, "error": 1.0, "strings_to_settle": None}
    error = accept_level(row["visits"], facing, alpha, mu, futures)
    needed = futures * node_size(mu, alpha, level / futures) / max(1.0, min(float(row["visits"]), facing))
    more = 0.0 if error <= level else math.ceil(strings * max(0.0, needed - 1))
    return {"margin": margin, "error": error, "strings_to_settle": more}
