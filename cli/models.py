"""Opening a model for a command that uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from .console import say, with_options

if TYPE_CHECKING:
    from flexstream.automata.model_file import Model

M = TypeVar("M", bound="Model")


def opened(path: str) -> Model:
    """Return the model in a file; say so if it stands for a part of its stream only."""
    from flexstream.automata.model_file import load_model

    return told_of(path, load_model(path))


def told_of(path: str, model: M) -> M:
    """Return a model after saying so if it stands for a part of its stream only."""
    from flexstream.automata.completeness import part_of
    from flexstream.errors import Message

    part = part_of(model)
    if part is not None:
        say(with_options(Message(f"{path}: {part.marked}")))
    return model
