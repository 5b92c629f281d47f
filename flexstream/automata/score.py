"""What a model says of one trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from ..stream.traces import as_text, as_trace


class Surprise(NamedTuple):
    """The least expected event of a trace."""

    position: int
    symbol: str | None
    bits: float


@dataclass(frozen=True, slots=True)
class Score:
    """What an automaton says of one trace.

    Attributes
    ----------
    log2_prob : float
        Base-2 logarithm of the trace's probability.
    length : int
        Number of events, without the end.
    worst : Surprise
        Position from 0 (the length stands for the end, whose symbol is None), symbol, and surprise in bits.
    unseen : int
        Events for which the automaton has no transition.
    """

    log2_prob: float
    length: int
    worst: Surprise
    unseen: int


def score_trace(
    score_batch: Callable[[TraceBatch], tuple[NDArray[Any], ...]], ids: NDArray[np.int32], trace: Sequence[str | int]
) -> Score:
    """Return what a model's ``score_batch`` says of one trace, given with its ids."""
    batch = TraceBatch(ids, np.array([0, len(ids)], np.int64))
    log2_prob, where, bits, unseen = (column[0] for column in score_batch(batch))
    plain = trace if type(trace) in (list, tuple) else as_trace(trace)  # others may call their first symbol otherwise
    symbol = as_text(plain[where]) if where < len(ids) else None
    return Score(float(log2_prob), len(ids), Surprise(int(where), symbol, float(bits)), int(unseen))
