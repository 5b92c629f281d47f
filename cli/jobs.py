"""Learning by several processes: the option, what does not go with it, and what is said at the end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from .console import say, with_options

if TYPE_CHECKING:
    from flexstream.learning.learner import StreamLearner

    from .outputs import Outputs

NOT_WITH = ("emit_every", "plan", "on_drift", "per", "checkpoint", "follow", "ensemble")
"""Options that need all traces in one place, or in their order."""

jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, 1024),
    default=1,
    show_default=True,
    metavar="N",
    help="Read and count by N processes, each with as much memory again: blocks of files of lines, or cases. Slower "
    "than one process where that learns a file in seconds.",
)


def by_jobs(
    sources: tuple[str, ...], options: Mapping[str, Any], learner: StreamLearner, outputs: Outputs, jobs: int
) -> None:
    """Learn files by several processes and write what is asked for."""
    from flexstream.distributed.local import learn_in_jobs
    from flexstream.errors import DataError
    from flexstream.writers.labels import counted

    _check(sources)
    started = time.perf_counter()
    given = {name: value for name, value in options.items() if _is_given(name)}
    found, notes = learn_in_jobs(learner, sources, given, jobs)
    for note in notes:
        say(with_options(note))
    if not found.traces:
        raise DataError(
            ", ".join(sources), None, "no trace came, so nothing was written", "at least one trace or event"
        )
    found.refine()
    outputs.write(found, last=True)
    say(
        f"{counted(found.traces, 'trace')}, {counted(found.events, 'event')}, "
        f"{counted(len(found.alphabet), 'symbol')} -> {counted(found.states, 'state')} "
        f"({time.perf_counter() - started:.2f} s; {jobs} jobs)"
    )
    outputs.attempts.raise_first()


def _is_given(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is not None and source not in (click.core.ParameterSource.DEFAULT,)


def _check(sources: tuple[str, ...]) -> None:
    """Raise UsageError where something was asked for that several processes cannot do."""
    from flexstream.errors import UsageError, parameter
    from flexstream.files import is_topic

    for name in filter(_is_given, NOT_WITH):
        raise UsageError(f"{parameter('jobs')} does not go with {parameter(name)} (expected: one of them)")
    for source in sources:
        if source == "-" or is_topic(source):
            what = "- (stdin)" if source == "-" else source
            raise UsageError(f"{parameter('jobs')} needs files, which several processes can read, not {what}")
