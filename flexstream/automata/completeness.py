"""Completeness: whether a model stands for its whole stream, or for the part that was read by a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import Message
from ..stream.position import Position

if TYPE_CHECKING:
    from .fleet import Fleet
    from .model_file import Model

COMPLETE, ENDED, READ_TO = "complete", "ended", "read_to"


def incomplete(model: Model, why: str, position: Position | None = None) -> Model:
    """Return a model whose provenance says that its stream had more: ``complete`` is False, ``ended`` says why.

    Of a model that stands for all of its stream neither is there.

    Parameters
    ----------
    model : PDFA or Ensemble
    why : str
    position : Position, optional
        Up to where the stream was read: ``read_to`` says so.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run"]] * 1200)
    >>> model = incomplete(learner.automaton, "stopped by SIGTERM", Position(0, "app.log", 10800, 1200, 36))
    >>> model.provenance["complete"], model.provenance["ended"]
    (False, 'stopped by SIGTERM')
    >>> model.provenance["read_to"]
    {'source': 'app.log', 'line': 1200, 'byte': 10800, 'left': 36}
    >>> print(part_of(model))
    learned from a part of its stream only, its first 1,200 traces: stopped by SIGTERM behind line 1,200 of app.log, \
36 bytes before its end
    """
    told: dict[str, Any] = {COMPLETE: False, ENDED: why}
    if position is not None:
        told[READ_TO] = {"source": position.name, "line": position.line, "byte": position.offset}
        if position.left is not None:
            told[READ_TO]["left"] = position.left
    return replace(model, provenance={**model.provenance, **told})


def part_of(model: Model | Fleet) -> Message | None:
    """Return in words which part of its stream a model was learned from; None if it is the whole, or nobody knows."""
    told: Mapping[str, Any] = model.provenance
    if told.get(COMPLETE) is not False:
        return None
    traces, why = told.get("traces"), told.get(ENDED)
    which = f", its first {traces:,} trace{'' if traces == 1 else 's'}" if _is_number(traces) else ""
    ended = f": {why}{_behind(told.get(READ_TO))}" if isinstance(why, str) else ""
    return Message(f"learned from a part of its stream only{which}{ended}")


def _behind(place: object) -> str:
    """Say up to where it was read, if that is known."""
    if not isinstance(place, Mapping) or not isinstance(place.get("source"), str) or not _is_number(place.get("line")):
        return ""
    left = place.get("left")
    rest = f", {left:,} byte{'' if left == 1 else 's'} before its end" if _is_number(left) else ""
    return f" behind line {place['line']:,} of {place['source']}{rest}"


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
