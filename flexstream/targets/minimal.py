"""Which states of a deterministic automaton say the same."""

from __future__ import annotations

import itertools
from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

DIGITS = 12
"""Probabilities that agree to so many digits behind the point count as equal."""


def state_classes(
    stops: NDArray[np.float64],
    offsets: NDArray[np.int64],
    symbols: NDArray[np.int32],
    targets: NDArray[np.int32],
    probabilities: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Return for each state the number of its class, shape (states,); two states of one class are equivalent.

    All states start in one class; a class is split as long as some of its states differ in their outcomes or in the
    classes these lead to (Moore, Gedanken-experiments on sequential machines, 1956).  The transitions of a state are
    ordered by symbol.

    Examples
    --------
    >>> rows = np.array([0, 1, 2, 2]), np.array([0, 0]), np.array([1, 2]), np.array([1.0, 1.0])
    >>> state_classes(np.array([0.0, 0.0, 1.0]), *rows)
    array([0, 1, 2])
    """
    bounds = offsets.tolist()
    slices = [slice(start, stop) for start, stop in itertools.pairwise(bounds)]
    labels = list(zip(symbols.tolist(), probabilities.round(DIGITS).tolist(), strict=True))
    rows = [tuple(labels[part]) for part in slices]
    classes = _numbered(list(zip(stops.round(DIGITS).tolist(), rows, strict=True)))
    while True:
        next_classes = classes[targets].tolist()
        after = [tuple(next_classes[part]) for part in slices]
        finer = _numbered(list(zip(classes.tolist(), after, strict=True)))
        if finer.max() == classes.max():
            return classes
        classes = finer


def _numbered(values: list[Hashable]) -> NDArray[np.int64]:
    """Number values in the order of first sight."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int64)
