"""``flexstream inspect``: what a file is taken for, before anything is learned from it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from flexstream.json_text import json_text

from .console import given_options, put, with_options
from .reading import read_options, reading

if TYPE_CHECKING:
    from flexstream.readers.parsing.profile import Candidate, Column
    from flexstream.verdict.inspection import Inspection

MOST_COLUMNS = 40
"""Columns that are listed."""
MOST_SHOWN = 3
WIDEST = 28
ROLES = ("case", "event", "time", "sequence")


@click.command(short_help="Show what a file is taken for, before learning.")
@reading
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON, one object a source.")
def inspect(sources: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Show what the first 64 KiB of each SOURCE are taken for: format, encoding, columns with examples, what may be the
    case, the event and the time, and the first traces; last the command that learns from it. Nothing is learned.

    \b
      flexstream inspect events.csv
      flexstream inspect app.log --pattern '(?P<time>\\S+) \\[(?P<case>\\w+)\\] (?P<message>.*)'
    """
    from flexstream.verdict.inspection import inspected

    options = read_options(given)
    chosen = {name: value for name, value in given_options().items() if name != "json"}
    failed = False
    for number, source in enumerate(sources):
        found = inspected(source, options)
        command = [] if found.foreign else found.command(source, chosen)
        if as_json:
            put("-", json_text({**found.to_document(), "command": command}) + "\n")
        else:
            line = found.line(source, chosen)
            put("-", "".join(f"{text}\n" for text in ([""] if number else []) + [*_lines(found, line)]))
        failed = failed or (found.problem is not None and not found.traces)
    if failed:
        sys.exit(1)


def _lines(found: Inspection, line: str) -> Iterator[str]:
    from flexstream.visible import visible
    from flexstream.writers.labels import counted

    if found.foreign:
        yield from _of_no_log(found)
        return
    amount = "all of it" if found.whole else "its first lines alone were looked at"
    yield f"{visible(found.source)}: format {found.format or 'unknown'}, encoding {found.encoding} ({amount})"
    for note in found.notes:
        yield f"  {visible(with_options(note))}"
    if found.columns:
        yield ""
        yield from _columns(found)
    yield ""
    yield from _roles(found)
    numbers = (counted(found.counts[name], name[:-1]) for name in ("traces", "events", "symbols"))
    part = "" if found.whole else " in these lines"
    yield f"{'':9} {', '.join(numbers)}{part}; the first:" if found.traces else f"{'':9} no trace"
    for name, events in found.traces:
        yield f"{'':11}{visible(name or '-')[:WIDEST]}: {_shown_trace(events)}"
    yield ""
    if found.problem is not None:
        yield f"problem: {visible(with_options(found.problem))}"
    if found.verdict is not None:
        yield f"better:  {visible(with_options(found.verdict.text))}"
    yield f"next:    {'' if found.learnable else 'mend that, then '}{line}"


def _of_no_log(found: Inspection) -> Iterator[str]:
    """Yield what a file is that nothing can be learned from, and what takes it."""
    from flexstream.verdict.verdict import quoted
    from flexstream.visible import visible

    assert found.problem is not None
    yield f"problem: {visible(with_options(found.problem))}"
    if found.taken_by is not None:
        yield f"next:    {found.taken_by.format(quoted([found.source]))}"


def _columns(found: Inspection) -> Iterator[str]:
    """Yield the table of the columns."""
    shown = found.columns[:MOST_COLUMNS]
    rows = [("column", "kind", "values", "filled", "examples"), *map(_row, shown)]
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    for name, kind, values, filled, examples in rows:
        yield (
            f"  {name:<{widths[0]}}  {kind:<{widths[1]}}  {values:>{widths[2]}}  {filled:>{widths[3]}}  {examples}"
        ).rstrip()
    if len(found.columns) > MOST_COLUMNS:
        yield f"  ... and {len(found.columns) - MOST_COLUMNS:,} more"


def _row(column: Column) -> tuple[str, str, str, str, str]:
    examples = ", ".join(map(_short, column.examples[:MOST_SHOWN]))
    return _short(column.name), column.kind, f"{column.distinct:,}", f"{column.filled:,}", examples


def _roles(found: Inspection) -> Iterator[str]:
    """Yield what each role is taken by, and what else may take it."""
    from flexstream.visible import visible

    if not found.columns:
        return
    others = {"case": found.cases, "event": found.events}
    times = [column.name for column in found.columns if column.kind == "time"]
    for role in ROLES:
        name = found.roles.get(role)
        if role == "sequence" and name is None:
            continue
        rest = [_candidate(one) for one in others.get(role, ()) if one.name != name]
        rest += [_short(one) for one in times if role == "time" and one != name]
        words = [_short(name) if name else "none"]
        if role == "time" and found.span is not None:
            words.append(f"from {visible(found.span[0])} to {visible(found.span[1])}")
        words += [f"may be: {', '.join(rest[:MOST_SHOWN])}"] if rest else []
        yield f"{role:<9} {'; '.join(words)}"


def _candidate(one: Candidate) -> str:
    return f"{_short(one.name)} ({one.values:,} values)"


def _short(text: str) -> str:
    from flexstream.visible import visible
    from flexstream.writers.labels import shorten

    return shorten(visible(text), WIDEST)


def _shown_trace(events: list[str]) -> str:
    from flexstream.verdict.inspection import MOST_EVENTS

    return " -> ".join(map(_short, events)) + (" -> ..." if len(events) == MOST_EVENTS else "")
