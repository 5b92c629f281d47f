"""What a format hands on: whole traces, or single events that still wait for their case to end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from ..tuples import NamedTuple


class Trace(NamedTuple):
    """A whole trace: its name, where the source gives one, the texts of its symbols, and their durations if known.

    Examples
    --------
    >>> Trace("lot 7", ["load", "run"]).symbols
    ['load', 'run']
    """

    name: str | None
    symbols: Sequence[str]
    durations: NDArray[np.int16] | None = None

    def __repr__(self) -> str:
        timed = "" if self.durations is None else f", durations={self.durations.tolist()}"
        return f"Trace(name={self.name!r}, symbols={self.symbols!r}{timed})"


class Event(NamedTuple):
    """One event: its case (None in an endless sequence), its symbol, its time in seconds if needed.

    Examples
    --------
    >>> Event("lot 7", "load", None).case
    'lot 7'
    """

    case: str | None
    symbol: str
    time: float | None


class Events(NamedTuple):
    """Many events: symbols as ids of the alphabet, cases as positions in a list of names, which may grow later.

    Where somebody asks for them, ``places`` are their lines, and later their places, see `flexstream.stream.origins`.

    Examples
    --------
    >>> events = Events(["lot 7", "lot 8"], np.array([1, 0], np.int32), np.array([0, 0], np.int32), None)
    >>> events.names[events.cases[0]]
    'lot 8'
    """

    names: Sequence[str]
    cases: NDArray[np.int32] | None
    symbols: NDArray[np.int32]
    times: Sequence[float] | NDArray[np.float64] | None
    places: NDArray[np.int64] | None = None


class Traces(NamedTuple):
    """Many whole traces, one behind the other: symbols as ids of the alphabet, which has seen all of them.

    Examples
    --------
    >>> Traces(["lot 7", None], np.array([0, 1, 0], np.int32), np.array([2, 1])).names
    ['lot 7', None]
    """

    names: list[str | None]
    symbols: NDArray[np.int32]
    lengths: NDArray[np.int64]
    durations: NDArray[np.int16] | None = None


Item: TypeAlias = Trace | Traces | Event | Events | TraceBatch


def split(text: str, separator: str | None = None) -> list[str]:
    """Return the symbols of a trace written on one line, apart by a separator, or by blanks and tabs and nothing else.

    Where nothing stands between two separators there is no symbol.

    Examples
    --------
    >>> split("load  run\tunload "), split(" Order paid, Order sent,,", ",")
    (['load', 'run', 'unload'], ['Order paid', 'Order sent'])
    """
    if separator is not None:
        return [symbol for part in text.split(separator) if (symbol := part.strip())]
    if text.isascii() and text.isprintable():
        return text.split()
    # str.split would also part at a no-break space or a form feed, which may belong to a symbol.
    return [symbol for symbol in text.replace("\t", " ").split(" ") if symbol]
