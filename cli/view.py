"""``flexstream view``: a page to explore a model in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import put, say
from .models import member_option, opened
from .paths import PAGE, FileName, check_default, check_outputs
from .viewing import trust_of

if TYPE_CHECKING:
    from flexstream.automata.mixture import Ensemble
    from flexstream.automata.pdfa import PDFA
    from flexstream.writers.view_options import Trust


@click.command(short_help="Make a page to explore a model in: one HTML file.")
@click.argument("model", type=FileName())
@member_option
@click.option("-o", "--output", type=PAGE, help="File to write, - for stdout.  [default: MODEL.html]")
@click.option("--frontier", type=FileName(), help="What learn --frontier wrote as .json: a slider chooses the size.")
@click.option("--trust", is_flag=True, help="With a switch that colours states by how far the report trusts them.")
@click.option("--title", help="What stands above it.  [default: the name of the model's file]")
def view(
    model: str, member: str | None, output: str | None, frontier: str | None, trust: bool, title: str | None
) -> None:
    """Make a page to explore a MODEL in: one HTML file that needs no network.

    Zoom, draw more or less, find a symbol, click on states and arrows, run a trace.

    \b
      flexstream view model.json
      flexstream view model.json -o page.html
      flexstream view model.json --frontier sizes.json
      flexstream view model.json --trust
    """
    from flexstream.explorer import explorer_page
    from flexstream.learning.frontiers import load_frontier

    front = load_frontier(frontier) if frontier else None
    path = output or str(Path(model).with_suffix(".html"))
    check_outputs([path], [model, *([frontier] if frontier else [])])
    if output is None:
        check_default(path, "view", f"-o and another name, or -o {path} to write over it")
    known = opened(model, member)
    report = _trust(known) if trust else None
    put(path, explorer_page(known, title or _title(model, member), frontier=front, trust=report))
    if path != "-":
        say(f"{path}: open it in a browser")


def _title(model: str, member: str | None) -> str:
    return Path(model).name if member is None else f"{Path(model).name}: {member}"


def _trust(model: PDFA | Ensemble) -> Trust:
    from flexstream.errors import UsageError

    found = trust_of(model.best if hasattr(model, "best") else model)
    if found is None:
        raise UsageError("--trust: the model has no evidence (expected: one that flexstream learn -o has written)")
    return found
