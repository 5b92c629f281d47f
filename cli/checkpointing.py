"""Checkpoints on the command line: options, and the run that writes them and goes on from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .console import tell
from .paths import FileName

if TYPE_CHECKING:
    from flexstream.learning.checkpoint import Checkpoints
    from flexstream.learning.learner import StreamLearner

    from .outputs import Outputs

F = TypeVar("F", bound=Callable[..., Any])
EVERY = "10s"

_OPTIONS = (
    click.option(
        "--checkpoint", type=FileName(), metavar="FOLDER", help="Keep here now and then what it takes to go on."
    ),
    click.option(
        "--checkpoint-every",
        default=EVERY,
        show_default=True,
        metavar="N|TIME",
        help="Traces (2000) or time (10s, 5m) between checkpoints.",
    ),
    click.option("--resume", is_flag=True, help="Go on from the last checkpoint, if there is one."),
)


def checkpoint_options(command: F) -> F:
    """Add the options to a command, which gets them as keyword arguments."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def checkpoints_of(given: dict[str, Any]) -> Checkpoints | None:
    """Take the options out of all that a command was given; return what writes checkpoints, if it is asked for."""
    folder, every, resume = (given.pop(name) for name in ("checkpoint", "checkpoint_every", "resume"))
    if folder is None:
        _refuse_without_folder()
        return None
    from flexstream.learning.checkpoint import Checkpoints

    return Checkpoints(folder, every, resume, tell)


def _refuse_without_folder() -> None:
    context, typed = click.get_current_context(), click.core.ParameterSource.COMMANDLINE
    for name in ("resume", "checkpoint_every"):
        if context.get_parameter_source(name) == typed:
            from flexstream.errors import UsageError, parameter

            raise UsageError(f"{parameter(name)} needs {parameter('checkpoint')}")


@contextmanager
def going_on(
    keeper: Checkpoints | None, learner: StreamLearner, outputs: Outputs, others: Mapping[str, Any]
) -> Iterator[None]:
    """Let a run go on from its last checkpoint, if checkpoints are asked for, and have their folder while it lasts.

    Parameters
    ----------
    keeper : Checkpoints or None
    learner : StreamLearner
    outputs : Outputs
        Knows the reading; is told if the last checkpoint could not be written.
    others : mapping
        Parameters of the run beside those of its learner and its reading.
    """
    reading = outputs.reading
    if keeper is None or reading is None:
        yield
        return
    from flexstream.learning.given import parameters_of

    sources = list(click.get_current_context().params["sources"])
    with keeper:
        parts: dict[str, Any] = {"learner": learner, "outputs": outputs, "reading": reading}
        keeper.begin(parameters_of(learner, reading.options, sources, **others), parts)
        yield
    if keeper.failure is not None:
        outputs.attempts.failures.append(keeper.failure)
