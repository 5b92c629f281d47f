"""Model files: which class a file is read into."""

from __future__ import annotations

from pathlib import Path

from ..errors import ModelError, parameter
from .document import build_values, parsed, read
from .fleet import Fleet
from .fleet_document import fleet_laid_out
from .fleet_file import Model, fleet_of_text, fleet_of_values, is_fleet, model_of
from .layout import seal_fits, text_of


def any_of(text: str) -> Model | Fleet:
    """Read the text of a model file, an automaton's, an ensemble's or of a fleet; raises ModelError if it is none."""
    values = parsed(text)
    return fleet_of_values(values) if is_fleet(values) else build_values(values, model_of)


def loads(text: str, member: str | None = None) -> Model:
    """Read the text of a model file, of a fleet a member's model or the pool's; raises ModelError if it is none."""
    return chosen(any_of(text), member)


def chosen(found: Model | Fleet, member: str | None) -> Model:
    """Return one model: of a fleet that of a member, or the pool's; raises ModelError where there are no members."""
    if isinstance(found, Fleet):
        return found.pool if member is None else found.model(found[member].name)
    if member is not None:
        raise ModelError(
            f"holds one model, and none of a member {member!r} (expected: a fleet, learned with {parameter('per')})"
        )
    return found


def load_any(path: str | Path) -> Model | Fleet:
    """Read a model file, of whatever kind; raises ModelError that names it if it cannot be read."""
    return read(path, any_of)


def load_model(path: str | Path, member: str | None = None) -> Model:
    """Read a model file: an automaton's or an ensemble's, or of a fleet the model of a member or of all together.

    Parameters
    ----------
    path : path
    member : str, optional
        Of a fleet; None: the pool, which is that of all members.

    Raises
    ------
    ModelError
        If the file cannot be read; the message names it.
    UsageError
        If there is no such member.
    """
    return read(path, lambda text: loads(text, member))


def load_fleet(path: str | Path) -> Fleet:
    """Read a fleet file, with the models of all members; raises ModelError that names it if it is none."""
    return read(path, fleet_of_text)


def is_as_written(path: str | Path) -> bool | None:
    """Tell by its seal whether a model file, or a fleet's, says what it said when it was written.

    None for one that was written before there were seals.

    Raises
    ------
    ModelError
        If the file cannot be read.
    """

    def looked(text: str) -> bool | None:
        values = parsed(text)
        return seal_fits(text, values, fleet_laid_out if is_fleet(values) else text_of)

    return read(path, looked)
