"""``flexstream sample``: traces drawn from a model."""

from __future__ import annotations

import json

import click

from .console import put
from .paths import FileName, check_outputs


@click.command(short_help="Draw traces from a model.")
@click.argument("model", type=FileName())
@click.option("-n", "number", type=click.IntRange(0), default=10, show_default=True, help="How many traces.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same traces.")
@click.option("--max-length", type=click.IntRange(1), default=10_000, show_default=True, help="Cut longer traces.")
@click.option("--to", "form", type=click.Choice(["lines", "jsonl"]), help="Default: lines where symbols allow it.")
@click.option("-o", "--output", type=FileName(), default="-", show_default=True, help="File to write; - for stdout.")
def sample(model: str, number: int, seed: int, max_length: int, form: str | None, output: str) -> None:
    """Draw traces from a MODEL: one a line, as symbols apart by blanks or as a JSON list."""
    from flexstream.automata.pdfa import PDFA
    from flexstream.errors import UsageError

    check_outputs([output], [model])
    automaton = PDFA.load(model)
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
