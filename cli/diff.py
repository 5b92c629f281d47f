"""``flexstream diff``: what has changed from one model to another?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from flexstream.defaults import CHANCE
from flexstream.json_text import json_text

from .console import put, say
from .models import member_option, opened, opened_any
from .outputs import drawing
from .paths import DIFFERENCE, DOT, FileName, check_outputs
from .shares import Share

ALL = 1 << 30

if TYPE_CHECKING:
    from flexstream.difference import Difference


@click.command(short_help="What has changed from one model to another, beyond chance.")
@click.argument("one", type=FileName())
@click.argument("other", type=FileName(), required=False)
@member_option
@click.option(
    "--error", type=Share(), default=CHANCE, show_default=True, help="Risk of any change where there is none."
)
@click.option("--json", "document", type=DIFFERENCE, metavar="FILE", help="Also write all of it as JSON.")
@click.option("--svg", type=FileName(), metavar="FILE", help="Also draw it (.svg, .png, .pdf).")
@click.option("--dot", type=DOT, metavar="FILE", help="Also write the picture in the language of Graphviz.")
@click.option("--exit-code", is_flag=True, help="End with 3 if the models differ.")
def diff(
    one: str,
    other: str | None,
    member: str | None,
    error: float,
    document: str | None,
    svg: str | None,
    dot: str | None,
    exit_code: bool,
) -> None:
    """Tell what has changed from model ONE to model OTHER, beyond chance.

    \b
      flexstream learn january.csv -o january.json
      flexstream learn february.csv -o february.json
      flexstream diff january.json february.json --svg changes.svg

    Of a fleet (learn --per), without OTHER: which members do not do as the rest, and in what; with --member both
    models are that member's.

    Of two models learned from one source any change is told with at most the probability --error.
    """
    from flexstream.difference import diff as differ
    from flexstream.difference.words import text
    from flexstream.errors import UsageError

    check_outputs([document, svg, dot], [one] if other is None else [one, other])
    if other is None:
        if svg or dot:
            raise UsageError("what members of a fleet do otherwise has no picture (expected: OTHER, or no --svg)")
        same = _outliers(one, member, error, document)
        sys.exit(3 if exit_code and not same else 0)
    if svg:
        from flexstream.writers.picture import require_dot

        require_dot()
    found = differ(opened(one, member), opened(other, member), error)
    if document:
        put(document, json_text(found.to_document(), 1) + "\n")
    if "-" not in (document, svg, dot):
        put("-", text(found, (one, other)))  # which takes no layout
    _draw(found, svg, dot)
    if exit_code and not found.same:
        sys.exit(3)


def _outliers(path: str, member: str | None, error: float, document: str | None) -> bool:
    """Tell which members of a fleet do not do as the rest; return whether all do."""
    from flexstream.automata.fleet import Fleet
    from flexstream.difference.outliers import outliers, text, to_document
    from flexstream.errors import UsageError

    fleet = opened_any(path)
    if not isinstance(fleet, Fleet):
        raise UsageError(f"{path} holds one model (expected: another to compare it with, or a fleet, by learn --per)")
    found = outliers(fleet, error)
    if member is not None:
        found = [one for one in found if one.name == fleet[member].name]
    if document:
        put(document, json_text(to_document(found), 1) + "\n")
    if document != "-":
        put("-", text(fleet, found, each=3 if member is None else ALL))
    return not found


def _draw(found: Difference, svg: str | None, dot: str | None) -> None:
    from flexstream.difference import graphic

    if dot:
        put(dot, graphic.dot(found))
    if svg:
        put(
            svg,
            graphic.picture(
                found, drawing(svg), lambda part: say(f"{svg}: too large to be drawn whole; drawn: {part}")
            ),
        )
