"""``flexstream sample``: traces drawn from a model."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from flexstream.json_text import json_text
from flexstream.visible import in_cell, visible

from .console import put
from .models import member_option, opened_automaton
from .paths import TRACES, FileName, check_outputs

if TYPE_CHECKING:
    from flexstream.automata.pdfa import PDFA


_BEGIN = datetime(2000, 1, 1)


@click.command(short_help="Draw traces from a model.")
@click.argument("model", type=FileName())
@member_option
@click.option("-n", "number", type=click.IntRange(0), default=10, show_default=True, help="How many traces.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same traces.")
@click.option("--max-length", type=click.IntRange(1), default=10_000, show_default=True, help="Cut longer traces.")
@click.option("--to", "form", type=click.Choice(["lines", "jsonl"]), help="Default: lines where symbols allow it.")
@click.option(
    "--times", is_flag=True, help="With times, as CSV of case, time and event, where the model knows durations."
)
@click.option("-o", "--output", type=TRACES, default="-", show_default=True, help="File to write; - for stdout.")
def sample(
    model: str,
    member: str | None,
    number: int,
    seed: int,
    max_length: int,
    form: str | None,
    times: bool,
    output: str,
) -> None:
    """Draw traces from a MODEL: one a line, as symbols apart by blanks or as a JSON list, or with times as CSV."""
    from flexstream.errors import UsageError

    check_outputs([output], [model])
    if times and form is not None:
        raise UsageError("--times writes CSV, not lines or JSON (expected: one of --times and --to)")
    automaton = opened_automaton(model, member)
    if times:
        put(output, _events(automaton, automaton.sample(number, seed, max_length), seed))
        return
    odd = next(
        (symbol for symbol in automaton.symbols if symbol.split() != [symbol] or visible(symbol) != symbol), None
    )
    if form == "lines" and odd is not None:
        raise UsageError(
            f"symbol {odd!r} holds nothing, a blank or a character that is not to be seen, so lines cannot hold it "
            "(expected: --to jsonl)"
        )
    traces = automaton.sample(number, seed, max_length)
    if form == "lines" or (form is None and odd is None):
        put(output, "".join(" ".join(trace) + "\n" for trace in traces))
    else:
        put(output, "".join(json_text(trace) + "\n" for trace in traces))


def _events(automaton: PDFA, traces: list[list[str]], seed: int) -> str:
    """Return traces as CSV, each from where the one before ended; no spreadsheet takes an event for a formula."""
    from flexstream.automata.timing import moments_of
    from flexstream.errors import UsageError

    text, begin = io.StringIO(), _BEGIN
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["case", "time", "event"])
    cells = {symbol: in_cell(symbol) for symbol in automaton.symbols}
    for number, (trace, moments) in enumerate(zip(traces, moments_of(automaton, traces, seed), strict=True), 1):
        try:
            times = [begin + timedelta(seconds=moment) for moment in moments]
        except OverflowError:
            raise UsageError(
                f"the times of trace {number:,} pass the year 9999 (expected: a smaller -n or --max-length)"
            ) from None
        rows.writerows(
            [number, at.isoformat(timespec="milliseconds"), cells[event]]
            for at, event in zip(times, trace, strict=True)
        )
        begin = max([begin, *times])
    return text.getvalue()
