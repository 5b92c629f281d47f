"""``flexstream sample``: traces drawn from a model."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from .console import put
from .models import told_of
from .paths import FileName, check_outputs

if TYPE_CHECKING:
    from flexstream.automata.pdfa import PDFA


_BEGIN = datetime(2000, 1, 1)


@click.command(short_help="Draw traces from a model.")
@click.argument("model", type=FileName())
@click.option("-n", "number", type=click.IntRange(0), default=10, show_default=True, help="How many traces.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same traces.")
@click.option("--max-length", type=click.IntRange(1), default=10_000, show_default=True, help="Cut longer traces.")
@click.option("--to", "form", type=click.Choice(["lines", "jsonl"]), help="Default: lines where symbols allow it.")
@click.option(
    "--times", is_flag=True, help="With times, as CSV of case, time and event, where the model knows durations."
)
@click.option("-o", "--output", type=FileName(), default="-", show_default=True, help="File to write; - for stdout.")
def sample(model: str, number: int, seed: int, max_length: int, form: str | None, times: bool, output: str) -> None:
    """Draw traces from a MODEL: one a line, as symbols apart by blanks or as a JSON list, or with times as CSV."""
    from flexstream.automata.pdfa import PDFA
    from flexstream.errors import UsageError

    check_outputs([output], [model])
    if times and form is not None:
        raise UsageError("--times writes CSV, not lines or JSON (expected: one of --times and --to)")
    automaton = told_of(model, PDFA.load(model))
    if times:
        put(output, _events(automaton, automaton.sample(number, seed, max_length), seed))
        return
    blank = next(
        (symbol for symbol in automaton.symbols if len(symbol.split()) != 1 or symbol.split()[0] != symbol),
        None,
    )
    if form == "lines" and blank is not None:
        raise UsageError(f"symbol {blank!r} holds a blank or nothing, so lines cannot hold it (expected: --to jsonl)")
    traces = automaton.sample(number, seed, max_length)
    if form == "lines" or (form is None and blank is None):
        put(output, "".join(" ".join(trace) + "\n" for trace in traces))
    else:
        put(output, "".join(json.dumps(trace, ensure_ascii=False) + "\n" for trace in traces))


def _events(automaton: PDFA, traces: list[list[str]], seed: int) -> str:
    """Return traces as CSV, each from where the one before ended."""
    from flexstream.automata.timing import moments_of

    text, begin = io.StringIO(), _BEGIN
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["case", "time", "event"])
    for number, (trace, moments) in enumerate(zip(traces, moments_of(automaton, traces, seed), strict=True), 1):
        times = [begin + timedelta(seconds=moment) for moment in moments]
        rows.writerows(
            [number, at.isoformat(timespec="milliseconds"), event] for at, event in zip(times, trace, strict=True)
        )
        begin = max([begin, *times])
    return text.getvalue()
