"""The one sentence at the top of a report."""

from __future__ import annotations

from typing import Any

from ...writers.labels import counted

MOST_NAMED = 5


def headline(report: dict[str, Any], states: int, evidence: bool) -> str:
    """Say in one sentence what the user may rely on."""
    several = [row["state"] for row in report["states"] if row["contradicted"]]
    torn = [row["state"] for row in report["states"] if row["visits_left_out"] and not row["contradicted"]]
    percent = f"{100 * report['confidence']:.12g} %"
    if several:
        return (
            f"Do not rely on {_named(several)}: with {percent} confidence the ways in there do not lead to one state, "
            f"so {_number(states)} cannot be the target's and neither intervals nor bounds hold."
        )
    if torn:
        return (
            f"Do not rely on {_named(torn)}: rare ways in speak against one state there and were left out, so neither "
            f"intervals nor bounds are proven."
        )
    if not report["seen"]["pruned"] or any(report["seen"]["pruned"].values()):
        condition = "Counts were given up, so nothing here is proven; as far as they go"
    elif report["seen"]["cases_closed_early"]:
        condition = "Cases were closed early, so nothing here is proven; as far as they go"
    elif not evidence:
        condition = "The model does not hold its evidence, so its states cannot be checked; if they are right"
    elif report["decisions"]["forced"]["number"] and all(row["source"] is None for row in report["decisions"]["rows"]):
        condition = "Nothing could be decided, as only the start has enough visits; if there is but one state"
    elif report["decisions"]["close"]:
        found = report["decisions"]
        condition = (
            f"How many states there are is not settled ({states:,} found): {found['close']:,} of "
            f"{counted(len(found['rows']), 'decision')} {'is' if found['close'] == 1 else 'are'} close, "
            f"{found['expected_wrong']:.2g} wrong ones are to be expected{_supposed(found)}; if the states are the "
            "target's all the same"
        )
    else:
        condition = (
            f"No decision is close{_supposed(report['decisions'], ',')} and nothing seen contradicts "
            f"{_number(states)}; if this is the target's structure"
        )
    pairs = report["pairs"]
    open_pairs = pairs["number"] - pairs["proven"]
    apart = (
        f", and {open_pairs:,} of {pairs['number']:,} pairs of states are not proven to differ" if open_pairs else ""
    )
    error = report["guarantee"]["l1"]
    bound = (
        f"distributions differ by at most {error:.2g} in L1" if error < 2 else "nothing is bounded for whole strings"
    )
    met = [row["theorem"] for row in report["theorems"] if row["met"]]
    theorem = f", as {met[0]} promises" if met else ""
    return (
        f"{condition}, every probability lies in its interval and {bound} with {percent} confidence at all looks"
        f"{theorem}{apart}."
    )


def _supposed(decisions: dict[str, Any], comma: str = "") -> str:
    """Say what the merges of a test rest on, if there are any."""
    found = decisions["supposed"]
    if not found or not found["mu"] or all(row["kind"] != "merge" for row in decisions["rows"]):
        return ""
    return f", provided that no two states differ by less than {found['mu']:.2g}, which would go unnoticed{comma}"


def _number(states: int) -> str:
    return "the only state" if states == 1 else f"the {states:,} states"


def _named(states: list[int]) -> str:
    more = f" and {len(states) - MOST_NAMED} more" if len(states) > MOST_NAMED else ""
    return ", ".join(f"q{state}" for state in states[:MOST_NAMED]) + more
