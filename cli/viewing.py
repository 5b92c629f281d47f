"""The options that say how much of an automaton a picture shows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from .shares import Share

if TYPE_CHECKING:
    from flexstream.automata.pdfa import PDFA
    from flexstream.writers.view_options import Trust, ViewOptions


PARTS = "coverage", "min_prob", "min_count", "max_states", "times", "whole", "boxes", "colour"
"""The fields of `ViewOptions` that are options here."""


def view_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the view options to a command, which gets those that are given as ``view``: a dict; None where none is."""

    @click.option("--coverage", type=Share(), help="Show what this share of the traces stays within.")
    @click.option("--min-prob", type=Share(), help="Hide transitions less likely than this.")
    @click.option("--min-count", type=float, help="Hide transitions seen less often than this.")
    @click.option("--max-states", type=int, help="Show only the most visited states.")
    @click.option("--all", "whole", is_flag=True, default=None, help="Pictures: show everything, not what can be read.")
    @click.option("--as", "boxes", metavar="BOXES", help="Pictures: boxes are states (default), or activities.")
    @click.option("--colour", metavar="WHAT", help="Pictures: colours for visits (default), times, or trust.")
    @click.option(
        "--times/--no-times",
        default=None,
        help="Show the median time that each transition takes; unless you say so where few are shown.",
    )
    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        asked = {name: value for name in PARTS if (value := given.pop(name)) is not None}
        return command(view=asked or None, **given)

    return wrapped


def view_of(asked: dict[str, Any] | None, model: Callable[[], PDFA]) -> ViewOptions | None:
    """Return the options that are asked for; ``model`` gives one with its evidence, where colours are to show trust."""
    if asked is None:
        return None
    from flexstream.writers.view_options import ViewOptions  # imported by those alone who ask for something

    trust = trust_of(model()) if asked.get("colour") == "trust" else None
    return ViewOptions(**asked, trust=trust)


def trust_of(model: PDFA) -> Trust | None:
    """Return what the report says of a model's states; None of a model without evidence."""
    from flexstream.pac.report.report import make_report
    from flexstream.writers.view_options import Trust

    return Trust.of(make_report(model)) if model.evidence else None
