"""``flexstream pac``: how much data a promise needs, and what a model may promise."""

from __future__ import annotations

from typing import Any

import click

from flexstream.defaults import DELTA, DEPTH, EPS, FUTURES, MEMORY
from flexstream.json_text import json_text

from .console import put
from .models import member_option, opened
from .pac_search import search
from .paths import PLAN, PLOT, REPORT, FileName, check_outputs
from .reading import LateChoice
from .shares import Share


def _theorems() -> list[str]:
    from flexstream.pac.planning.plan import THEOREMS

    return list(THEOREMS)


@click.group(short_help="Plan a sample, report what a model may promise.")
def pac() -> None:
    """PAC bounds: how much data a promise needs, and what a model may promise (docs/pac.md)."""


@pac.command(short_help="Sample sizes for an error you can live with.")
@click.option("--states", type=int, required=True, help="At most so many states.")
@click.option("--symbols", type=int, required=True, help="Size of the alphabet.")
@click.option("--mu", type=float, required=True, help="States differ by at least this in some prefix's probability.")
@click.option("--length", type=float, required=True, help="Expected length of a string, in events.")
@click.option("--eps", type=float, required=True, help="Error allowed.")
@click.option("--delta", type=Share(), default=DELTA, show_default=True, help="Probability of failing.")
@click.option("--futures", type=int, default=FUTURES, show_default=True, help="Events within which mu must be visible.")
@click.option("--strings", type=click.IntRange(1), metavar="N", help="Also: what N strings support.")
@click.option("--theorem", type=LateChoice(_theorems), default="flexstream", show_default=True, help="To run under.")
@click.option("--memory", default=MEMORY, show_default=True, help="Budget of the run.")
@click.option("-o", "--output", type=PLAN, metavar="PLAN", help="Write the plan (JSON) for learn --pac.")
@click.option("--plot", type=PLOT, metavar="FILE", help="Draw strings against eps and mu (SVG).")
def plan(strings: int | None, theorem: str, memory: str, output: str | None, plot: str | None, **given: Any) -> None:
    """Say what each theorem asks for, and plan a run.

    \b
      flexstream pac plan --states 6 --symbols 5 --mu 0.2 --length 7.6 --eps 0.1 -o plan.json
      flexstream learn traces.txt --pac plan.json -o model.json --report report.html
    """
    from flexstream.pac.demand import Demand
    from flexstream.pac.planning.plan import Plan
    from flexstream.pac.planning.plot import svg
    from flexstream.pac.planning.tables import plan_text, support_text

    check_outputs([output, plot], [])
    made = Plan.make(Demand(**given), theorem, memory)
    if output:
        put(output, json_text(made.to_document(), 1) + "\n")
    if plot:
        put(plot, svg(made.demand))
    if "-" not in (output, plot):
        put("-", plan_text(made) + ("\n" + support_text(made, strings) if strings else ""))


@pac.command(short_help="What a model may promise.")
@click.argument("model", type=FileName())
@member_option
@click.option("--eps", type=float, default=EPS, show_default=True, help="Error to judge the theorems by.")
@click.option(
    "--delta", type=Share(), default=DELTA, show_default=True, help="Probability with which the report may err."
)
@click.option(
    "--depth", type=click.IntRange(1), default=DEPTH, show_default=True, help="Longest words compared, in events."
)
@click.option(
    "-o", "--output", type=REPORT, default="-", show_default=True, help="A page (.html), JSON (.json), else text."
)
def report(model: str, member: str | None, eps: float, delta: float, depth: int, output: str) -> None:
    """Say how far a learned MODEL can be trusted, of an ensemble its best automaton.

    A model learned under a plan is judged by the plan's eps and delta.
    """
    from flexstream.pac.report.report import make_report

    check_outputs([output], [model])
    put(output, rendered(make_report(opened(model, member), eps, delta, depth), output))


def rendered(document: dict[str, Any], path: str) -> str:
    """Return a report in the form that the name of its file asks for."""
    from flexstream.pac.report import page

    ending = path.lower().rpartition(".")[2]
    if ending == "json":
        return json_text(document, 1) + "\n"
    return page.html(document) if ending in ("html", "htm") else page.text(document)


pac.add_command(search)
