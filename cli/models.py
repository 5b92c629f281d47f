"""Opening a model for a command that uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .console import given_options, say, with_options
from .fleet import whose

if TYPE_CHECKING:
    from flexstream.automata.fleet import Fleet
    from flexstream.automata.model_file import Model
    from flexstream.automata.pdfa import PDFA

M = TypeVar("M", bound="Model | Fleet")
F = TypeVar("F", bound=Callable[..., Any])


def opened(path: str, member: str | None = None) -> Model:
    """Return the model in a file, of a fleet that of a member; say so if it stands for a part of its stream only."""
    from flexstream.automata.fleet import Fleet
    from flexstream.writers.labels import counted

    found = opened_any(path)
    if isinstance(found, Fleet) and member is None:
        say(f"{path}: the pool of a fleet of {counted(len(found), 'member')} by {found.by} (--member names one)")
    return one_of(path, found, member)


def one_of(path: str, found: Model | Fleet, member: str | None) -> Model:
    """Return one model: of a fleet that of a member, or the pool's."""
    from flexstream.automata.fleet import Fleet
    from flexstream.automata.model_file import chosen
    from flexstream.errors import ModelError
    from flexstream.readers.diagnostics import shown

    try:
        one = chosen(found, member)
    except ModelError as error:
        raise ModelError(f"{path}: {error.message.marked}") from None
    if isinstance(found, Fleet) and member is not None:
        say(f"{path}: {shown(member)} has {whose(found, member)}")
    return one


def opened_automaton(path: str, member: str | None = None) -> PDFA:
    """Return the automaton in a file, of an ensemble the best one, likewise."""
    from flexstream.automata.pdfa import PDFA

    found = opened(path, member)
    return found if isinstance(found, PDFA) else found.best


def opened_any(path: str) -> Model | Fleet:
    """Return the model or the fleet in a file; say so if it stands for a part of its stream only."""
    from flexstream.automata.model_file import load_any

    with in_their_order(path):
        return told_of(path, load_any(path))


@contextmanager
def in_their_order(path: str) -> Iterator[None]:
    """Say so where what is no model stands in a model's place, and a model among the sources behind it.

    Raises
    ------
    UsageError
        With the command as it was meant.
    """
    from flexstream.errors import ModelError

    try:
        yield
    except ModelError:
        from flexstream.errors import UsageError
        from flexstream.own_files import MODELS, kind_of_file
        from flexstream.verdict.verdict import arguments, typed

        context = click.get_current_context()
        sources = list(context.params.get("sources") or ())
        behind = sources or [value for value in map(context.params.get, ("state", "symbol")) if value]  # of explain
        models = [name for name in behind if kind_of_file(name) in MODELS]
        if kind_of_file(path) in MODELS or not models or not (path == "-" or Path(path).exists()):
            raise
        others = [path, *(source for source in sources if source != models[0])] if sources else []
        meant = [*context.command_path.split(), models[0], *others, *arguments(given_options())]
        raise UsageError(
            f"{path} stands where the model is expected, and {models[0]} is one "
            f"(expected: the model first: {typed(meant)})"
        ) from None


def member_option(command: F) -> F:
    """Add the option that chooses a member of a fleet."""
    return click.option("--member", metavar="NAME", help="Of a fleet, the model of this member; default: the pool's.")(
        command
    )


def told_of(path: str, model: M) -> M:
    """Return a model after saying so if it stands for a part of its stream only."""
    from flexstream.automata.completeness import part_of
    from flexstream.errors import Message

    part = part_of(model)
    if part is not None:
        say(with_options(Message(f"{path}: {part.marked}")))
    return model
