"""The weights of a mixture of automata, and those of the transitions of one."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ModelError
from .arrays import column, read_only
from .smoothing import LARGEST

ROUNDING = 1e-6
"""Share of a state's visits by which more may leave it: probabilities that are known exactly are rounded as well."""
EPSILON = float(np.finfo(np.float64).eps)


def normalised(weights: ArrayLike, members: int) -> NDArray[np.float64]:
    """Return the weights of a mixture scaled to sum to 1, shape (members,), not to be written to.

    Raises
    ------
    ModelError
        If there are no members, not as many weights as members, or weights that cannot be scaled.

    Examples
    --------
    >>> normalised([3, 1], 2)
    array([0.75, 0.25])
    """
    try:
        values: NDArray[np.float64] = np.array(weights, np.float64)
    except (TypeError, ValueError):
        values = np.empty((0, 0))
    if not members or values.shape != (members,):
        raise ModelError("an ensemble needs members, and a weight for each")
    with np.errstate(over="ignore"):
        total = values.sum()
    if not ((values >= 0).all() and 0 < total < math.inf):
        raise ModelError("the weights of an ensemble must be numbers from 0 on with a finite sum, not all 0")
    # Scaled once, weights may sum to a little less or more than 1: scaled again they would be others.
    return read_only(values if abs(total - 1) <= members * EPSILON else values / total)


def parts_of_whole(shares: ArrayLike, parts: int) -> NDArray[np.float64]:
    """Return what some parts have of a mixture, shape (parts,), not to be written to; the rest is left to others.

    Raises
    ------
    ModelError
        If there are not as many as parts, or they are not shares that sum to less than 1.

    Examples
    --------
    >>> parts_of_whole([0.25, 0.5], 2)
    array([0.25, 0.5 ])
    """
    values = column("shares", shares, np.float64)
    if values.shape != (parts,):
        raise ModelError("an ensemble needs a share for each softened automaton, and none beside")
    if not ((values >= 0).all() and values.sum() < 1):
        raise ModelError("the shares of softened automata must be numbers from 0 on that sum to less than 1")
    return values


def check_amounts(
    visits: NDArray[np.float64], stops: NDArray[np.float64], weights: NDArray[np.float64], sources: NDArray[np.int64]
) -> None:
    """Raise ModelError if visits, ends and weights of transitions are no numbers of observations that go together.

    Examples
    --------
    >>> check_amounts(np.array([3.0]), np.array([1.0]), np.array([2.0]), np.array([0]))
    >>> check_amounts(np.array([3.0]), np.array([2.0]), np.array([2.0]), np.array([0]))
    Traceback (most recent call last):
    flexstream.errors.ModelError: state 0 has 3 visits, and 4 leave it or end there (expected: no more than came)
    """
    values = np.concatenate([visits, stops, weights])
    if not ((values >= 0) & (values <= LARGEST)).all():
        raise ModelError("visits, stops or weights are not valid: negative, no number, or more than 2^53")
    left = stops + np.bincount(sources, weights, len(visits))
    wrong = np.flatnonzero(left > visits * (1 + ROUNDING))
    if len(wrong):
        state = int(wrong[0])
        raise ModelError(
            f"state {state} has {visits[state]:.10g} visits, and {left[state]:.10g} leave it or end there "
            "(expected: no more than came)"
        )


def heaviest(weights: NDArray[np.float64]) -> int:
    """Return the number of the member with the largest weight, of equals the first.

    >>> heaviest(np.array([0.2, 0.4, 0.4]))
    1
    """
    return int(np.argmax(weights))
