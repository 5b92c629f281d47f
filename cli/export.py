"""``flexstream export``: a model in another format."""

from __future__ import annotations

from typing import Any

import click

from .console import put
from .models import member_option, opened_automaton
from .paths import FileName, check_outputs
from .reading import LateChoice
from .viewing import view_of, view_options


def _formats() -> list[str]:
    from flexstream.writers import WRITERS

    return list(WRITERS)


@click.command(short_help="Write a model as DOT, SVG, GraphML, PRISM, Mermaid ...")
@click.argument("model", type=FileName())
@member_option
@click.option("--to", "name", type=LateChoice(_formats), help="Format; by default from the ending of -o.")
@click.option("-o", "--output", type=FileName(), default="-", show_default=True, help="File to write; - for stdout.")
@view_options
def export(model: str, member: str | None, name: str | None, output: str, view: Any) -> None:
    """Write a MODEL in another format."""
    from flexstream.endings import check_ending
    from flexstream.errors import UsageError
    from flexstream.writers import WRITERS, format_of, write

    if name is None:
        if output == "-":
            raise UsageError(
                f"--to is needed where the result goes to stdout (expected: one of {', '.join(_formats())})"
            )
        name = format_of(output)
    elif output != "-":
        own = WRITERS[name].endings if name in WRITERS else ()
        check_ending(output, f"--to {name} was given", own, f"a name in {own[0]}" if own else "")
    check_outputs([output], [model])
    automaton = opened_automaton(model, member)
    put(output, write(automaton, name, view_of(view, lambda: automaton)))
