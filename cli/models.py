"""Opening a model for a command that uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .console import say, with_options
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

    return told_of(path, load_any(path))


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
