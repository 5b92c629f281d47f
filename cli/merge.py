"""``flexstream merge``: what several runs have counted becomes one model."""

from __future__ import annotations

from typing import Any

import click

from .console import put, say
from .outputs import Outputs
from .paths import DOT, MODEL, REPORT, SUMMARY, FileName, check_outputs, check_sources, each_once
from .viewing import view_options


@click.command(short_help="Make one model of what several runs have counted.")
@click.argument("parts", nargs=-1, required=True, type=FileName(), callback=each_once, metavar="PART...")
@click.option("-o", "--output", type=MODEL, metavar="MODEL", help="Write the model (JSON) here; - for stdout.")
@click.option("--summary", type=SUMMARY, metavar="FILE", help="Write the sum, which can be merged again.")
@click.option("--dot", type=DOT, metavar="FILE", help="Write a Graphviz DOT file.")
@click.option("--svg", type=FileName(), metavar="FILE", help="Draw the automaton.")
@click.option("--report", type=REPORT, metavar="R", help="Say how far it can be trusted: .html, .json, else text.")
@click.option("--memory", help="What the result may take; default: as the first part's.")
@view_options
def merge(
    parts: tuple[str, ...],
    output: str | None,
    summary: str | None,
    dot: str | None,
    svg: str | None,
    report: str | None,
    memory: str | None,
    view: Any,
) -> None:
    """Make one model of what several runs have counted, each of a part of one stream.

    PART is a summary (of merge --summary), a folder of learn --checkpoint, or a learner that was saved from Python.
    All must have been learned with the same options; the cases of each must be whole.

    \b
      flexstream learn monday.csv -o monday.json --checkpoint monday
      flexstream learn tuesday.csv -o tuesday.json --checkpoint tuesday
      flexstream merge monday tuesday -o both.json
    """
    from flexstream.distributed.gather import gather
    from flexstream.errors import DataError
    from flexstream.writers.labels import counted

    outputs = Outputs(output, dot, svg, view, report)
    outputs.check(parts)
    shown = summary is None or outputs.paths != ["-"]
    check_outputs([*(outputs.paths if shown else []), summary], parts)
    check_sources(parts, skips=False)
    total = gather(parts, memory)
    if not total.traces:
        raise DataError(", ".join(parts), None, "no trace was counted", "at least one trace or event")
    if summary:
        put(summary, total.to_bytes())
    learner = total.learner()
    learner.refine()
    if shown:
        outputs.write(learner, last=True)
    say(
        f"{counted(len(parts), 'part')}: {counted(total.traces, 'trace')}, {counted(total.events, 'event')}, "
        f"{counted(len(total.alphabet), 'symbol')} -> {counted(learner.states, 'state')}"
    )
    outputs.attempts.raise_first()
