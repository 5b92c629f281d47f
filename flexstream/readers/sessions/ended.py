"""Cases that have ended, many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...stream.names import LateNames
from ...tuples import NamedTuple


def places(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of the events of parts that begin at some places.

    >>> places(np.array([0, 5]), np.array([2, 3])).tolist()
    [0, 1, 5, 6, 7]
    """
    return np.asarray(np.repeat(begins - (np.cumsum(lengths) - lengths), lengths) + np.arange(int(lengths.sum())))


class Ended(NamedTuple):
    """Cases in the order in which they ended.

    Attributes
    ----------
    names : list of str, or late names
    lengths : int64 array
        Events of each.
    early : int64 array
        1 for each that was cut short, else 0.
    symbols : int32 array
        All events, one case behind the other.
    durations : int16 array, or None
        The bins of their durations, see :mod:`flexstream.stream.durations`.
    origins : int64 array, shape (events, 2), or None
        See :mod:`flexstream.stream.origins`.

    Examples
    --------
    >>> ended = Ended(["a", "b"], np.array([2, 1]), np.array([0, 1]), np.array([7, 8, 9], np.int32))
    >>> ended.traces()
    [('a', [7, 8], False), ('b', [9], True)]
    """

    names: list[str] | LateNames
    lengths: NDArray[np.int64]
    early: NDArray[np.int64]
    symbols: NDArray[np.int32]
    durations: NDArray[np.int16] | None = None
    origins: NDArray[np.int64] | None = None

    def in_parts(
        self,
        lengths: NDArray[np.int64],
        symbols: NDArray[np.int32],
        origins: NDArray[np.int64],
        begins: NDArray[np.int64],
    ) -> Ended:
        """Return parts of these cases, each with the name of its case; the last of one cut short is cut short.

        Parameters
        ----------
        lengths, symbols : arrays
            Of the parts.
        origins : int64 array
            Which case each part is of.
        begins : int64 array
            At which of all events each begins.
        """
        names = list(self.names)
        last = np.append(origins[1:] != origins[:-1], True)[: len(origins)]
        early = self.early[origins] * last
        spans = None if self.durations is None else self.durations[places(begins, lengths)]
        places_of = None if self.origins is None else self.origins[places(begins, lengths)]
        return Ended([names[origin] for origin in origins.tolist()], lengths, early, symbols, spans, places_of)

    def traces(self) -> list[tuple[str, list[int], bool]]:
        """Return name, symbols, and whether it was cut short, of each case."""
        parts = np.split(self.symbols, np.cumsum(self.lengths)[:-1])
        return [
            (name, part.tolist(), bool(early))
            for name, part, early in zip(self.names, parts, self.early.tolist(), strict=True)
        ]
