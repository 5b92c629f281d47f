"""``flexstream show``: an automaton as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .console import given_options, put
from .fleet import fleet_table
from .models import member_option, one_of, opened_any
from .paths import FileName

if TYPE_CHECKING:
    from flexstream.automata.fleet import Fleet
    from flexstream.automata.pdfa import PDFA

WIDEST_SYMBOL = 48


@click.command(short_help="Print a model as a table.")
@click.argument("model", type=FileName())
@member_option
@click.option("--max-members", type=click.IntRange(1), default=30, show_default=True, help="Of a fleet.")
@click.option("--max-states", type=click.IntRange(1), default=30, show_default=True, help="The most visited ones.")
@click.option("--max-edges", type=click.IntRange(1), default=6, show_default=True, help="The likeliest of a state.")
def show(model: str, member: str | None, max_members: int, max_states: int, max_edges: int) -> None:
    """Print a MODEL as a table: states, how often each was visited, where each leads.

    Of a fleet the members, with the model that each has, and below them the states of all together.
    """
    from flexstream import Ensemble, Fleet
    from flexstream.errors import UsageError
    from flexstream.writers.labels import counted

    found = opened_any(model)
    if isinstance(found, Fleet) and member is None:
        put("-", fleet_and_pool(found, max_members, max_states, max_edges))
        return
    if "max_members" in given_options():
        raise UsageError("--max-members is for a fleet, and has no effect on one model; leave it out")
    found = one_of(model, found, member)
    if isinstance(found, Ensemble):
        put("-", f"an ensemble of {counted(len(found), 'automaton', 'automata')}, of which this is the best\n")
        found = found.best
    put("-", table(found, max_states, max_edges))


def fleet_and_pool(fleet: Fleet, max_members: int = 30, max_states: int = 30, max_edges: int = 6) -> str:
    """Return the tables of a fleet's members and of the automaton of all together."""
    return f"{fleet_table(fleet, max_members)}\nall together:\n{table(fleet.base, max_states, max_edges)}"


def table(automaton: PDFA, max_states: int = 30, max_edges: int = 6) -> str:
    """Return the table of an automaton; says how much it leaves out."""
    from flexstream.writers.labels import counted, size_of, tenths

    shown = sorted(range(len(automaton)), key=lambda state: (-automaton.visits[state], state))[:max_states]
    lines = [
        f"{size_of(len(automaton), len(automaton.targets), len(automaton.symbols))}; {_provenance(automaton)}",
        *_mixed(automaton),
        "",
        f"{'state':>6} {'visits':>12} {'stops':>7}  leads to (probability, symbol -> state; ? marks a guess)",
    ]
    edges: dict[int, list[tuple[float, str, int, bool, str]]] = {state: [] for state in shown}
    for place, edge in enumerate(automaton.transitions()):
        if edge.source in edges:
            took = _took(automaton, place)
            edges[edge.source].append((edge.probability, edge.symbol, edge.target, edge.guessed, took))
    for state in sorted(shown):
        lines += _rows(automaton, state, sorted(edges[state], key=lambda edge: -edge[0]), max_edges)
    hidden = len(automaton) - len(shown)
    if hidden:
        share = 1 - automaton.visits[shown].sum() / max(automaton.visits.sum(), 1e-300)
        lines.append(
            f"... and {counted(hidden, 'state')} with {tenths(float(share))} of the visits (more with --max-states)"
        )
    return "\n".join(lines) + "\n"


def _took(automaton: PDFA, edge: int) -> str:
    """Say how long a transition takes, if that is known: the median, and what 99 % do not exceed."""
    durations = automaton.durations
    if durations is None or not durations.total(edge):
        return ""
    from flexstream.stream.durations import in_words

    return f"  after {in_words(durations.quantile(edge, 0.5))}, 99 %: {in_words(durations.quantile(edge, 0.99))}"


def _rows(automaton: PDFA, state: int, edges: list[tuple[float, str, int, bool, str]], most: int) -> list[str]:
    from flexstream.writers.labels import tenths

    stop = tenths(float(automaton.stop_probabilities[state]))
    start = f"q{state:<5d} {automaton.visits[state]:>12,.6g} {stop:>7}  "
    texts = [
        f"{tenths(probability):>6}  {_short(symbol)} -> q{target}{'?' if guessed else ''}{took}"
        for probability, symbol, target, guessed, took in edges[:most]
    ]
    if len(edges) > most:
        rest = sum(edge[0] for edge in edges[most:])
        texts.append(f"{tenths(rest):>6}  on {len(edges) - most:,} more symbols")
    texts = texts or ["   -"]
    return [start + texts[0], *(" " * len(start) + text for text in texts[1:])]


def _short(symbol: str) -> str:
    text = repr(symbol)[1:-1] if symbol.isprintable() else ascii(symbol)[1:-1]
    text = text or '""'
    return text if len(text) <= WIDEST_SYMBOL else f"{text[: WIDEST_SYMBOL // 2]}…{text[-WIDEST_SYMBOL // 2 + 1 :]}"


def _mixed(automaton: PDFA) -> list[str]:
    """Say how much an n-gram has of what the model says of traces; the table is of the automaton alone."""
    if automaton.ngram is None:
        return []
    most = automaton.ngram_shares.max()
    return [
        f"traces are scored by this and a {automaton.ngram.order}-gram of {len(automaton.ngram):,} contexts, "
        f"which has {automaton.ngram_share:.0%} of the say (in a state up to {most:.0%})"
    ]


def _provenance(automaton: PDFA) -> str:
    from flexstream.writers.labels import counted

    traces, events = (automaton.provenance.get(name) for name in ("traces", "events"))
    if not isinstance(traces, int) or not isinstance(events, int):
        return _searched(automaton.provenance.get("search"))
    return f"learned from {counted(traces, 'trace')}, {counted(events, 'event')}"


def _searched(found: object) -> str:
    """Say what a search has found, if this is what says so."""
    from flexstream.writers.labels import counted

    if not isinstance(found, dict):
        return "given, not learned"
    traces, mu = found.get("traces"), found.get("mu")
    if not isinstance(traces, int) or not isinstance(mu, float):
        return "given, not learned"
    return f"found in {counted(traces, 'trace')} under mu {mu:g}"
