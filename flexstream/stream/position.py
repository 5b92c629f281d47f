"""Position: how far a stream has been read."""

from __future__ import annotations

from ..tuples import NamedTuple


class Position(NamedTuple):
    """Up to where the sources of a stream have been read: behind a line.

    Attributes
    ----------
    source : int
        Which of the sources, from 0.
    name : str
        What messages call it.
    offset : int
        Bytes of it that have been read, decompressed where it is compressed.
    line : int
        Lines of it that have been read.
    left : int or None
        Bytes of it behind them, where a stop ended the reading of a plain file; None otherwise.

    Examples
    --------
    >>> Position(0, "log.csv", 23, 2).line
    2
    """

    source: int
    name: str
    offset: int
    line: int
    left: int | None = None
