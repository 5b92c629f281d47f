"""Learning by several processes or machines: options, what does not go with them, and what is said at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .console import say, with_options
from .paths import check_sources
from .reading import LateChoice

if TYPE_CHECKING:
    from flexstream.learning.learner import StreamLearner

    from .outputs import Outputs

F = TypeVar("F", bound=Callable[..., Any])
NOT_WITH = ("emit_every", "plan", "on_drift", "per", "checkpoint", "follow", "ensemble")
"""Options that need all traces in one place, or in their order."""
SPREAD = ("jobs", "engine", "master")
DIVIDED = 3
"""Jobs from which on processes that count blocks gain more than a second thread: their rounds take twice the work."""
NOT_ON_ENGINES = (*(name for name in NOT_WITH if name != "checkpoint"), "checkpoint_every")


def _engines() -> list[str]:
    from flexstream.distributed.engines import ENGINES

    return list(ENGINES)


_OPTIONS = (
    click.option(
        "--jobs",
        type=click.IntRange(1, 1 << 20),
        default=1,
        show_default=True,
        metavar="N",
        help="Use N cores: a second thread reads ahead; from three on N processes, each with as much memory again, "
        "count blocks of plain files of lines. With --engine: count in N parts.",
    ),
    click.option("--engine", type=LateChoice(_engines), help="Learn on many machines, files that the engine reads."),
    click.option("--master", metavar="URL", help="Where the engine runs: spark://host:7077, local[2] …"),
)


def jobs_options(command: F) -> F:
    """Add the options to a command, which gets them as keyword arguments."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def spread_out(
    spread: Mapping[str, Any],
    sources: tuple[str, ...],
    options: Mapping[str, Any],
    learner: StreamLearner,
    outputs: Outputs,
) -> bool:
    """Learn files by several processes or machines and write what is asked for; tell whether that was done.

    It is not where one learner takes them, with a second thread that reads ahead or without.

    Parameters
    ----------
    spread : mapping
        The options of `SPREAD`.
    sources : tuple of str
    options : mapping
        For reading.
    learner : StreamLearner
    outputs : Outputs
    """
    engine, jobs = spread["engine"], spread["jobs"]
    if engine is None and spread["master"] is not None:
        from flexstream.errors import UsageError, parameter

        raise UsageError(f"{parameter('master')} needs {parameter('engine')}")
    if engine is None and jobs == 1:
        return False
    _check(sources, "jobs" if engine is None else "engine")
    started = time.perf_counter()
    read = {name: value for name, value in options.items() if _is_given(name)}
    learned = _by_jobs if engine is None else _on_engine
    found = learned(spread, sources, read, learner)
    if found is None:
        return False
    _write(sources, found, outputs, f"{time.perf_counter() - started:.2f} s; {engine or f'{jobs} jobs'}")
    return True


def _on_engine(
    spread: Mapping[str, Any], sources: tuple[str, ...], read: Mapping[str, Any], learner: StreamLearner
) -> StreamLearner:
    from flexstream.distributed.engines import ENGINES

    given = click.get_current_context().params
    parts = spread["jobs"] if _is_given("jobs") else None
    learn = ENGINES[spread["engine"]]
    return learn(learner, sources, read, spread["master"], parts, given["checkpoint"], given["resume"])


def _by_jobs(
    spread: Mapping[str, Any], sources: tuple[str, ...], read: Mapping[str, Any], learner: StreamLearner
) -> StreamLearner | None:
    if spread["jobs"] < DIVIDED:
        return None
    from flexstream.distributed.local import learn_in_jobs

    check_sources(sources, read.get("on_error") == "skip")
    found = learn_in_jobs(learner, sources, read, spread["jobs"])
    if found is None:
        return None
    for note in found[1]:
        say(with_options(note))
    return found[0]


def _write(sources: tuple[str, ...], found: StreamLearner, outputs: Outputs, how: str) -> None:
    """Write what was learned, and say what it is."""
    from flexstream.errors import DataError
    from flexstream.writers.labels import counted

    if not found.traces:
        raise DataError(
            ", ".join(sources), None, "no trace came, so nothing was written", "at least one trace or event"
        )
    found.refine()
    outputs.write(found, last=True)
    say(
        f"{counted(found.traces, 'trace')}, {counted(found.events, 'event')}, "
        f"{counted(len(found.alphabet), 'symbol')} -> {counted(found.states, 'state')} "
        f"({how})"
    )
    outputs.attempts.raise_first()


def _is_given(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is not None and source not in (click.core.ParameterSource.DEFAULT,)


def _check(sources: tuple[str, ...], by: str) -> None:
    """Raise UsageError where something was asked for that several processes or machines cannot do."""
    from flexstream.errors import UsageError, parameter
    from flexstream.files import is_topic

    for name in filter(_is_given, NOT_WITH if by == "jobs" else NOT_ON_ENGINES):
        raise UsageError(f"{parameter(by)} does not go with {parameter(name)} (expected: one of them)")
    for source in sources:
        if source == "-" or is_topic(source):
            what = "- (stdin)" if source == "-" else source
            raise UsageError(f"{parameter(by)} needs files, which several processes can read, not {what}")
