"""The top of a report in plain words: what one may rely on, what not and why, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..foresight.statement import measured
from ..foresight.trial import FEWEST
from ..sizes import amount
from .assumption import unnoticed_change

MOST_NEXT = 3
BY_PLAN = "the plan"
"""Source of a demand that was planned, see `report`."""
NEXT_FOR_ORDER = {
    "blocks": "Find out where the source changed, and learn what came after that for itself: --on-drift restart",
    "period": "Learn each source for itself: --per FIELD, where a field of the events names it",
    "before": "Take together what hangs together: a case may be cut in two (--gap), or another field name it (--case)",
    "again": "Give each trace once: a file that is read twice, or copied, is no more data",
    "lately": "Learn each source for itself: --per FIELD, where a field of the events names what changes to and fro",
}

COMPARE = (
    "Find out what changes: learn the first and the last traces for themselves, flexstream diff compares the models"
)
"""Where who watches for changes has noticed none, to watch is no advice."""


def summary(report: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return ``rely``, ``doubt`` and ``next``: sentences for people, without terms of the theory."""
    return {"rely": list(_rely(report)), "doubt": list(_doubt(report)), "next": list(_next(report))[:MOST_NEXT]}


def _rely(report: Mapping[str, Any]) -> Iterator[str]:
    found, order, percent = report["foresight"], report["order"], f"{100 * report['confidence']:.12g} %"
    if found is None:
        yield _untried(report)
    elif order is not None and order["fails"]:
        yield f"{measured(found)}. That was so in this stream; it is no promise for traces to come, see below."
    else:
        yield f"{found['sentence']}. With {percent} confidence, whatever makes the traces, while it stays the same."


def _untried(report: Mapping[str, Any]) -> str:
    """Say that nothing was tried on traces that were not learned, and why."""
    if report["demand"]["source"] == BY_PLAN:
        return "Under a plan nothing is tried on traces that were not learned: it promises how near the automaton is."
    if _too_few(report):
        return f"Nothing was tried on traces that were not learned: that takes {FEWEST} traces at least."
    return "Nothing was tried on traces that were not learned."


def _too_few(report: Mapping[str, Any]) -> bool:
    """Tell whether more traces would be tried: under a plan none are, however many there were."""
    planned = report["demand"]["source"] == BY_PLAN
    return report["foresight"] is None and not planned and report["seen"]["strings"] < FEWEST


def _doubt(report: Mapping[str, Any]) -> Iterator[str]:
    yield report["headline"]
    if report["order"] is not None and not report["order"]["fails"]:
        yield f"{report['order']['sentence']}."


def _next(report: Mapping[str, Any]) -> Iterator[str]:
    order, seen, found = report["order"], report["seen"], report["decisions"]
    if order is not None and order["fails"]:
        slow = unnoticed_change(order, seen.get("drift"))
        yield f"{COMPARE if slow else NEXT_FOR_ORDER[order['kind']]}."
    if any((seen["pruned"] or {}).values()):
        yield "Keep all counts: more --memory, and --report, which thins nothing out."
    if (foresight := report["foresight"]) is not None and foresight["saved"]["estimate"] < 0:
        yield "Learn more traces before you forecast with it: counting pairs foretells them better so far."
    if report["fit"] is not None:
        yield "Use it to score, to alarm and to foretell; do not read a state as a cause, and try --ensemble 16."
    torn = [row for row in report["states"] if row["visits_left_out"] or row["contradicted"]]
    if torn:
        worst = max(torn, key=lambda row: row["left_out"] or 0)
        yield f"Look at how traces come into q{worst['state']}: flexstream explain says what leads there."
    wanted = [row["strings_to_settle"] for row in found["rows"] if row["strings_to_settle"]]
    if found["close"] and wanted:
        more = amount(min(wanted))
        yield f"In nine of ten cases {more} more traces like these settle the first of the open decisions."
    if _too_few(report):
        yield f"Learn {FEWEST} traces at least."
