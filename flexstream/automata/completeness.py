"""Completeness: whether a model stands for its whole stream, or for the part that was read by a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import Message

if TYPE_CHECKING:
    from .fleet import Fleet
    from .model_file import Model

COMPLETE, ENDED = "complete", "ended"


def incomplete(model: Model, why: str) -> Model:
    """Return a model whose provenance says that its stream had more: ``complete`` is False, ``ended`` says why.

    Of a model that stands for all of its stream neither is there.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run"]] * 1200)
    >>> model = incomplete(learner.automaton, "stopped by SIGTERM")
    >>> model.provenance["complete"], model.provenance["ended"]
    (False, 'stopped by SIGTERM')
    >>> print(part_of(model))
    learned from a part of its stream only, its first 1,200 traces: stopped by SIGTERM
    """
    return replace(model, provenance={**model.provenance, COMPLETE: False, ENDED: why})


def part_of(model: Model | Fleet) -> Message | None:
    """Return in words which part of its stream a model was learned from; None if it is the whole, or nobody knows."""
    told: Mapping[str, Any] = model.provenance
    if told.get(COMPLETE) is not False:
        return None
    traces, why = told.get("traces"), told.get(ENDED)
    known = isinstance(traces, int) and not isinstance(traces, bool)
    which = f", its first {traces:,} trace{'' if traces == 1 else 's'}" if known else ""
    return Message(f"learned from a part of its stream only{which}" + (f": {why}" if isinstance(why, str) else ""))
