"""The one sentence at the top of a report."""

from __future__ import annotations

from typing import Any

from ...merging.evidence_kind import EvidenceKind
from ...visible import visible
from ...writers.labels import counted
from ..statistics.fit import BY_LENGTH

MOST_NAMED = 5
ALIKE = 0.02
"""Part of the bits of a trace by which two ways to foretell it may differ and be called as good."""
TOLERATED = 0.05
"""Part of a state's visits that may be left out: intervals are wider for them, and everything else holds."""


def headline(report: dict[str, Any], states: int) -> str:
    """Say in one sentence what the user may rely on."""
    percent = f"{100 * report['confidence']:.12g} %"
    warning = _warning(report, states, percent)
    if warning is not None:
        return warning
    lost = _lost(report)
    if lost is not None:
        return f"{lost}, so neither intervals nor bounds are proven{_unjudged(report['decisions'])}."
    pairs, error = report["pairs"], report["guarantee"]["l1"]
    near = pairs["number"] - pairs["proven"]
    apart = f", and {near:,} of {pairs['number']:,} pairs of states are not proven to differ" if near else ""
    bound = (
        f"distributions differ by at most {error:.2g} in L1" if error < 2 else "nothing is bounded for whole strings"
    )
    theorem = ", as was planned" if _as_planned(report) else ""
    return (
        f"{_condition(report, states)}, every probability lies in its interval{_allowed(report)} and {bound} "
        f"with {percent} confidence at all looks{theorem}{apart}."
    )


def holds_intervals(report: dict[str, Any]) -> bool:
    """Tell whether the headline lets intervals stand, on whatever condition: nothing speaks against it outright."""
    return _warning(report, 0, "") is None and _lost(report) is None


def _as_planned(report: dict[str, Any]) -> bool:
    """Say whether the stream was learned under a plan whose theorem holds for this very run."""
    under = report["demand"]["theorem"]
    return any(row["theorem"] == under and row["met"] and row["proven"] for row in report["theorems"])


def _warning(report: dict[str, Any], states: int, percent: str) -> str | None:
    """Return what there is to say where sample or structure are contradicted, None where they are not."""
    order = report.get("order")
    if order is not None and order["fails"] and not _known_otherwise(report):
        return f"{order['sentence']}, so neither intervals nor bounds are proven{_as_predictor(report)}."
    several = [row["state"] for row in report["states"] if row["contradicted"]]
    torn = [row["state"] for row in report["states"] if _is_torn(row) and not row["contradicted"]]
    if several:
        return (
            f"Do not rely on {_named(several)}: with {percent} confidence the ways in there do not lead to one state, "
            f"or a state before it is several, so {_number(states)} cannot be the target's and neither intervals nor "
            f"bounds hold."
        )
    if report["fit"] is not None:  # says more than that some visits do not fit
        return _unexplained(report, states, percent)
    if torn:
        return (
            f"Do not rely on {_named(torn)}: rare ways in speak against one state there and were left out, so neither "
            f"intervals nor bounds are proven."
        )
    return None


def _known_otherwise(report: dict[str, Any]) -> bool:
    """Tell whether it is known better why the order tells something: repeats, or changes that were noticed."""
    kind, seen = report["order"]["kind"], report["seen"]
    return bool((seen.get("drift") or {}).get("within") or (seen.get("repeats") and kind != "blocks"))


def _is_torn(row: dict[str, Any]) -> bool:
    """Tell whether too many visits of a state were left out, or it is not known how many, to allow for them."""
    if not row["visits_left_out"]:
        return False
    missing = row.get("left_out")
    return missing is None or missing > TOLERATED * (missing + row["visits"])


def _allowed(report: dict[str, Any]) -> str:
    """Say for which visits intervals allow that speak against one state."""
    rows = [row for row in report["states"] if row["visits_left_out"] and row.get("left_out") is not None]
    if not rows:
        return ""
    worst = max(rows, key=lambda row: row["left_out"] / (row["left_out"] + max(1.0, row["visits"])))
    of = f"{worst['left_out']:,} of {worst['left_out'] + worst['visits']:,.0f} in q{worst['state']}"
    where = of if len(rows) == 1 else f"in {_named([row['state'] for row in rows])}, at most {of}"
    return f" (which allows for visits that speak against one state: {where})"


def _unexplained(report: dict[str, Any], states: int, percent: str) -> str:
    """Say that the states do not explain the stream, and what the model is good for all the same."""
    found = report["fit"]
    events = {BY_LENGTH: "how many events came", 1: "the event"}.get(
        found["order"], f"the last {found['order']} events"
    )
    return (
        f"No automaton was found that explains the stream: with {percent} confidence what comes next hangs on {events} "
        f"before it and not on {_number(states)} alone, in q{found['state']} most of all, so neither intervals nor "
        f"bounds are proven{_as_predictor(report)}."
    )


def _as_predictor(report: dict[str, Any]) -> str:
    """Say what the automaton is good for all the same: how well it foretold what it had not learned."""
    foresight, predictor = report.get("foresight"), report.get("predictor")
    if foresight is not None:
        bits, saved = foresight["bits"]["estimate"], foresight["saved"]["estimate"]
        told = f"({bits:.3g} bits each, against {bits + saved:.3g})"
        if abs(saved) <= ALIKE * bits:
            return f"; traces that it had not learned it foretold about as well as counting pairs {told}"
        if saved > 0:
            return f"; traces that it had not learned it foretold better than counting pairs {told}"
        return f"; traces that it had not learned it foretold worse than counting pairs {told}: do not forecast with it"
    if predictor is None:
        return ""
    return f"; as a predictor it takes {predictor['bits']:.3g} bits an outcome in traces that were left out again"


def _condition(report: dict[str, Any], states: int) -> str:
    """Return the condition under which the rest of the sentence holds."""
    found = report["decisions"]
    if found["evidence"] is None:
        return "The model does not hold its evidence, so its states cannot be checked; if they are right"
    if found["forced"]["number"] and all(row["source"] is None for row in found["rows"]):
        return "Nothing could be decided, as only the start has enough visits; if there is but one state"
    if found["evidence"] == EvidenceKind.UNJUDGED:
        return (
            f"The decisions of {visible(found['heuristic'])} cannot be judged, so how many states there are is not "
            f"settled ({states:,} found); if the states are the target's all the same"
        )
    if found["close"]:
        return (
            f"How many states there are is not settled ({states:,} found): {found['close']:,} of "
            f"{counted(len(found['rows']), 'decision')} {'is' if found['close'] == 1 else 'are'} close, "
            f"{found['expected_wrong']:.2g} wrong ones are to be expected{_unnoticed(report)}; if the states are the "
            "target's all the same"
        )
    little = "little" if any(row["visits_left_out"] for row in report["states"]) else "nothing"
    return (
        f"No decision is close{_unnoticed(report, ',')} and {little} seen contradicts {_number(states)}; if this is "
        "the target's structure"
    )


def _unjudged(decisions: dict[str, Any]) -> str:
    if decisions["evidence"] != EvidenceKind.UNJUDGED:
        return ""
    return f", and the decisions of {visible(decisions['heuristic'])} cannot be judged"


def _lost(report: dict[str, Any]) -> str | None:
    """Say why counts are not complete, None if they are."""
    pruned, repeats = report["seen"]["pruned"], report["seen"].get("repeats")
    if mixed := (report["seen"].get("drift") or {}).get("within"):
        return f"The source changed meanwhile (after string {mixed[-1]:,})"
    if repeats:
        return f"The stream repeats itself ({repeats['traces']:,} of {counted(report['seen']['strings'], 'string')})"
    if not pruned or any(pruned.values()):
        return "Counts were evicted"
    return "Cases were closed early" if report["seen"]["cases_closed_early"] else None


def _unnoticed(report: dict[str, Any], comma: str = "") -> str:
    """Say which differences of two states the decisions would not have shown, if there is a merge among them.

    Of a test it is a condition, as its errors suppose it, but for states that were found to differ by less.  A Bayes
    factor supposes nothing: there it is what was not checked, however little or much the states differ.
    """
    decisions, found = report["decisions"], report.get("distinguishability")
    least = decisions["unnoticed"]
    if least is None:
        return ""
    if decisions["evidence"] != EvidenceKind.TEST:
        return f", though {_blind_merge(decisions)}{comma}"
    if found and found["most"] is not None and found["most"] < least:
        near = f"states were found that differ by less than {least:.2g}"
        return f", though {near}, and more of them would go unnoticed{comma}"
    return f", provided that no two states differ by less than {least:.2g}, which would go unnoticed{comma}"


def _blind_merge(decisions: dict[str, Any]) -> str:
    """Say what the merge with the fewest visits would not have shown."""
    least = decisions["unnoticed"]
    rows = [row for row in decisions["rows"] if row.get("smallest_visible_difference") == least]
    visits = min((row["visits"] for row in rows if row["kind"] == "merge"), default=None)
    merge = "a merge" if visits is None else f"a merge of {counted(visits, 'visit')}"
    return f"{merge} would hide {'any difference' if least >= 1 else f'differences below {least:.2g}'}"


def _number(states: int) -> str:
    return "the only state" if states == 1 else f"the {states:,} states"


def _named(states: list[int]) -> str:
    more = f" and {len(states) - MOST_NAMED} more" if len(states) > MOST_NAMED else ""
    return ", ".join(f"q{state}" for state in states[:MOST_NAMED]) + more
