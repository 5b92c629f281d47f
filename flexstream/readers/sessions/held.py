"""Parts of a stream of events with times, cut and joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ordered import distinct
from ...tuples import NamedTuple
from ..items import Events

NO_CASE = -1
_NOTHING = np.empty(0, np.int32)


class Singles(NamedTuple):
    """Events that came one by one: the names of their cases (None without), symbols, times.

    >>> cut(Singles(["a", None], np.array([0, 1], np.int32), np.zeros(2)), 1)[1].cases
    [None]
    """

    cases: list[str | None]
    symbols: NDArray[np.int32]
    times: NDArray[np.float64]
    places: NDArray[np.int64] | None = None


class Many(NamedTuple):
    """Events that came together: as `Events`, with a time for each, and ``NO_CASE`` for one without a case."""

    names: Sequence[str]
    cases: NDArray[np.int32]
    symbols: NDArray[np.int32]
    times: NDArray[np.float64]
    places: NDArray[np.int64] | None = None

    def events(self) -> Iterator[Events]:
        """Yield them as events, those with a case and those without apart."""
        none = self.cases == NO_CASE
        if not none.any():
            yield Events(self.names, self.cases, self.symbols, self.times, self.places)
            return
        bounds = [0, *(np.flatnonzero(none[1:] != none[:-1]) + 1).tolist(), len(none)]
        for start, stop in pairwise(bounds):
            cases = None if none[start] else self.cases[start:stop]
            where = None if self.places is None else self.places[start:stop]
            yield Events(self.names, cases, self.symbols[start:stop], self.times[start:stop], where)


Part: TypeAlias = Singles | Many


def many(events: Events) -> Many:
    """Return events as a part; they have times."""
    cases = np.full(len(events.symbols), NO_CASE, np.int32) if events.cases is None else events.cases
    return Many(events.names, cases, events.symbols, np.asarray(events.times, np.float64), events.places)


def cut(part: Part, count: int) -> tuple[Part, Part]:
    """Return the first events of a part, and the others."""
    if count >= len(part.times):
        return part, _sliced(part, len(part.times), None)
    return _sliced(part, 0, count), _sliced(part, count, None)


def _sliced(part: Part, start: int, stop: int | None) -> Part:
    columns: dict[str, Any] = {name: getattr(part, name)[start:stop] for name in ("cases", "symbols", "times")}
    return part._replace(**columns, places=None if part.places is None else part.places[start:stop])


def joined(parts: Sequence[Part]) -> Many:
    """Return parts as one, whose cases have numbers in one list of names.

    >>> one = Many(["a", "b"], np.array([1], np.int32), np.array([5], np.int32), np.zeros(1))
    >>> found = joined([one, Singles(["c", "b", None], np.array([1, 2, 3], np.int32), np.ones(3))])
    >>> found.names, found.cases.tolist(), found.symbols.tolist()
    (['b', 'c'], [0, 1, 0, -1], [5, 1, 2, 3])
    """
    symbols = np.concatenate([_NOTHING, *(part.symbols for part in parts)])
    times = np.concatenate([np.empty(0), *(part.times for part in parts)])
    first, places = parts[0] if parts else None, _places(parts)
    if isinstance(first, Many) and all(isinstance(part, Many) and part.names is first.names for part in parts):
        return Many(first.names, np.concatenate([np.asarray(part.cases) for part in parts]), symbols, times, places)
    numbers: dict[str, int] = {}
    cases = np.concatenate([_NOTHING, *(_numbered(part, numbers) for part in parts)])
    return Many(list(numbers), cases, symbols, times, places)


def _places(parts: Sequence[Part]) -> NDArray[np.int64] | None:
    """Return the places of all events, None where nobody asked for them."""
    found = [part.places for part in parts if part.places is not None]
    return np.concatenate(found) if parts and len(found) == len(parts) else None


def _numbered(part: Part, numbers: dict[str, int]) -> NDArray[np.int32]:
    """Return the cases of a part as numbers by name, a new one for each name that has none."""
    if isinstance(part, Singles):
        found = (NO_CASE if name is None else numbers.setdefault(name, len(numbers)) for name in part.cases)
        return np.fromiter(found, np.int32, len(part.cases))
    if not len(part.cases):
        return part.cases
    own = np.full(int(part.cases.max()) + 2, NO_CASE, np.int32)  # the last stands for none
    used = distinct(part.cases)
    for number in used[used != NO_CASE].tolist():
        own[number] = numbers.setdefault(part.names[number], len(numbers))
    return own[part.cases]
