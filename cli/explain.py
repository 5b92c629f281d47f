"""``flexstream explain``: what do the states of a model mean, and where does a trace leave them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flexstream.json_text import json_text

from .console import given_options, put
from .events import event_named, events_of
from .models import member_option, opened
from .paths import FileName

if TYPE_CHECKING:
    from flexstream import PDFA
    from flexstream.explanation import Explainer


@click.command(short_help="Say in words what a state, a transition or a trace means.")
@click.argument("model", type=FileName())
@click.argument("state", required=False, metavar="[STATE]")
@click.argument("symbol", required=False, metavar="[SYMBOL]")
@member_option
@click.option("--trace", metavar="EVENTS", help="Explain a trace: events apart by blanks or commas, or a JSON list.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@click.option("--max-states", type=click.IntRange(1), default=30, show_default=True, help="The most visited ones.")
def explain(
    model: str,
    state: str | None,
    symbol: str | None,
    member: str | None,
    trace: str | None,
    as_json: bool,
    max_states: int,
) -> None:
    """Say in words what a MODEL means: all states, one STATE, its transition by SYMBOL, or a trace step by step.

    \b
      flexstream explain model.json
      flexstream explain model.json q3
      flexstream explain model.json q3 load
      flexstream explain model.json --trace "load run unload"
    """
    from flexstream.errors import UsageError
    from flexstream.explanation import Explainer

    if trace is not None and state is not None:
        raise UsageError("a state and --trace are two questions (expected: one of them)")
    if "max_states" in given_options() and (as_json or trace is not None or state is not None):
        raise UsageError("--max-states is for the words on all states, and has no effect here; leave it out")
    explainer = Explainer(opened(model, member))
    number = None if state is None else _number(state, explainer.automaton)
    symbol = None if symbol is None else event_named(symbol, explainer.automaton.symbols)
    asked = None if trace is None else events_of(trace, "--trace", explainer.automaton, ended=True)
    if as_json:
        put("-", json_text(_document(explainer, number, symbol, asked), 1) + "\n")
    else:
        put("-", _text(explainer, number, symbol, asked, max_states))


def _text(explainer: Explainer, state: int | None, symbol: str | None, trace: list[str] | None, most: int) -> str:
    from flexstream.explanation import prose

    if trace is not None:
        return prose.trace_text(explainer, trace)
    if state is None:
        return prose.overview(explainer, most)
    return prose.state_text(explainer, state) if symbol is None else prose.edge_text(explainer, state, symbol)


def _document(explainer: Explainer, state: int | None, symbol: str | None, trace: list[str] | None) -> Any:
    if trace is not None:
        return [step._asdict() | {"name": explainer.names[step.state]} for step in explainer.trace(trace)]
    if state is not None and symbol is not None:
        return explainer.edge(state, symbol)._asdict()
    states = range(len(explainer.automaton)) if state is None else [state]
    found = [explainer.state(number) for number in states]
    told = [
        row._asdict()
        | {"outcomes": [outcome._asdict() for outcome in row.outcomes]}
        | {"trust": None if row.trust is None else row.trust._asdict()}
        for row in found
    ]
    return told if state is None else told[0]


def _number(state: str, automaton: PDFA) -> int:
    """Return the number of a state, given as q3 or 3; of an event it is said which states it leaves."""
    from flexstream.errors import UsageError

    digits = state.removeprefix("q")
    if state in automaton.symbols and not digits.isdigit():
        found = [f"q{row.source}" for row in automaton.transitions() if row.symbol == state]
        left = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        raise UsageError(
            f"{state!r} is an event, no state (expected: a state before it and the event; it leaves {left})"
        )
    if not digits.isascii() or not digits.isdigit():
        raise UsageError(f"{state!r} is no state (expected: its number, such as q3)")
    return int(digits)
