"""Traces of the members of a fleet: some of each, each of a member's with the same chance, in one bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..stream.batch import TraceBatch
from ..stream.durations import BINS, UNKNOWN
from .hashes import drawn_at, spread

if TYPE_CHECKING:
    from ..saved import Saved

EVENT_BYTES, TRACE_BYTES, MEMBER_BYTES = 6, 24, 220
"""What an event, a trace and a member take, beside a member's name."""
_FULL = 0.75
"""Share of the room that is taken after traces were dropped."""
_LEVELS = 63


class _Part(NamedTuple):
    """Traces one behind the other: whose each is, its place among those of its member, its events."""

    owners: NDArray[np.int32]
    places: NDArray[np.int64]
    lengths: NDArray[np.int64]
    symbols: NDArray[np.int32]
    bins: NDArray[np.int16]

    @property
    def nbytes(self) -> int:
        return TRACE_BYTES * len(self.places) + EVENT_BYTES * len(self.symbols)

    def at(self, rows: NDArray[np.int64]) -> _Part:
        starts = (np.cumsum(self.lengths) - self.lengths)[rows]
        events = spread(starts, self.lengths[rows])
        columns = self.owners[rows], self.places[rows], self.lengths[rows]
        return _Part(*columns, self.symbols[events], self.bins[events])


_NONE = _Part(
    np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int16)
)


class MemberSample(NamedTuple):
    """What is known of one member: all its traces, or some of them.

    Attributes
    ----------
    name : str
    traces, events : int
        That came.
    one_in : int
        Of how many traces one was kept.
    batch : TraceBatch
        Those that were kept.
    """

    name: str
    traces: int
    events: int
    one_in: int
    batch: TraceBatch


class MemberTraces:
    """Keeps traces by member: all as long as there is room, then ever fewer of the members that have most.

    Which traces of a member are kept is told by a hash of their place among its own, so that nothing hangs on how the
    members are mixed in the stream as long as there is room.  A member that comes when half of the room is taken by
    members has none kept: it is counted among others.

    Parameters
    ----------
    capacity : int
        Bytes.

    Attributes
    ----------
    names : list of str
        Members, as they came.
    unlisted : int
        Traces of members that found no room.

    Examples
    --------
    >>> kept = MemberTraces(1 << 20)
    >>> kept.add(TraceBatch(np.zeros(3, np.int64), np.arange(4), members=["b", "a", "b"]))
    >>> [(one.name, one.traces, len(one.batch)) for one in kept.samples()]
    [('a', 1, 1), ('b', 2, 2)]
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._begin()

    def _begin(self) -> None:
        self.names: list[str] = []
        self.unlisted = 0
        self._numbers: dict[str, int] = {}
        self._member_bytes = self._bytes = 0
        self._seen, self._events, self._levels = (np.zeros(64, np.int64) for _ in range(3))
        self._parts: list[_Part] = []

    def __len__(self) -> int:
        return len(self.names)

    @property
    def traces(self) -> int:
        """Traces that came, those of members without room among them."""
        return self.unlisted + int(self._seen.sum())

    @property
    def nbytes(self) -> int:
        """Bytes taken."""
        return self._bytes + self._member_bytes

    def add(self, batch: TraceBatch, whole: bool = True) -> None:
        """Keep those traces of a batch that are drawn; a batch without members is that of none.

        Unless it is whole, but the beginning of one, it is not looked yet whether there is room for all: what is kept
        then hangs on nothing but where the whole ones end.
        """
        if batch.members is None or not len(batch):
            return
        owners = self._numbered(batch.members)
        listed = np.flatnonzero(owners >= 0)
        self.unlisted += len(owners) - len(listed)
        lengths = np.diff(batch.offsets)
        places = self._placed(owners[listed], lengths[listed])
        rows = listed[self._are_drawn(owners[listed], places)]
        rows = rows[lengths[rows] <= self._capacity // (8 * EVENT_BYTES)]
        if len(rows):
            self._keep(batch, owners, rows, places[np.searchsorted(listed, rows)])
        while whole and self.nbytes > self._capacity and self._bytes:
            self._choose_fewer()

    def _numbered(self, members: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of the member of each trace, -1 for one without room."""
        found = np.fromiter(map(self._numbers.get, members, repeat(-1)), np.int32, len(members))
        for row in np.flatnonzero(found == -1).tolist():
            found[row] = self._number(members[row])
        return found

    def _number(self, name: str) -> int:
        known = self._numbers.get(name)
        if known is not None:
            return known
        size = _size(name)
        if self._member_bytes + size > self._capacity // 2:
            return -1
        self._member_bytes += size
        number = self._numbers[name] = len(self.names)
        self.names.append(name)
        if number >= len(self._seen):
            self._seen, self._events, self._levels = (
                np.concatenate((column, np.zeros_like(column))) for column in (self._seen, self._events, self._levels)
            )
        return number

    def _placed(self, owners: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the place of each trace among those of its member, and count it."""
        order = np.argsort(owners, kind="stable")
        sorted_owners = owners[order]
        begins = np.flatnonzero(np.diff(sorted_owners, prepend=-1))
        ranks = np.empty(len(owners), np.int64)
        ranks[order] = np.arange(len(owners)) - np.repeat(begins, np.diff(np.append(begins, len(owners))))
        places = self._seen[owners] + ranks
        size = len(self._seen)
        self._seen += np.bincount(owners, minlength=size)
        self._events += np.bincount(owners, lengths, size).astype(np.int64)
        return np.asarray(places, np.int64)

    def _are_drawn(self, owners: NDArray[np.int32], places: NDArray[np.int64]) -> NDArray[np.bool_]:
        levels = self._levels[owners]
        if not levels.any():
            return np.ones(len(owners), np.bool_)
        return drawn_at(places, levels)

    def _keep(
        self, batch: TraceBatch, owners: NDArray[np.int32], rows: NDArray[np.int64], places: NDArray[np.int64]
    ) -> None:
        starts = batch.offsets[rows]
        lengths = batch.offsets[rows + 1] - starts
        events = spread(starts, lengths)
        bins = np.full(len(events), UNKNOWN, np.int16) if batch.durations is None else batch.durations[events]
        symbols = np.asarray(batch.symbols[events], np.int32)
        part = _Part(owners[rows], places, lengths.astype(np.int64), symbols, np.asarray(bins, np.int16))
        self._parts.append(part)
        self._bytes += part.nbytes

    def _choose_fewer(self) -> None:
        """Drop about every second, fourth … trace of the members that have most, until a quarter of the room is free.

        Of members that have fewer traces than the limit that this sets all are left.
        """
        part = _joined(self._parts)
        counts = np.bincount(part.owners, minlength=len(self._seen))
        sizes = np.bincount(part.owners, TRACE_BYTES + EVENT_BYTES * part.lengths, len(self._seen))
        room, limit = max(0.0, _FULL * (self._capacity - self._member_bytes)), float(counts.max())
        while limit > 1 / 2 and (sizes * np.minimum(1.0, limit / np.maximum(counts, 1))).sum() > room:
            limit /= 2
        over = counts > limit
        halvings = np.ceil(np.log2(counts[over] / limit)).astype(np.int64)
        self._levels[over] = np.minimum(self._levels[over] + halvings, _LEVELS)
        kept = part.at(np.flatnonzero(self._are_drawn(part.owners, part.places)))
        self._parts, self._bytes = [kept], kept.nbytes

    def merge(self, other: MemberTraces, symbol_map: NDArray[np.int32]) -> None:
        """Keep what another has kept, whose symbols have these ids here; each trace of a member has the same chance."""
        part = _joined(other._parts)
        owners = self._numbered(other.names)
        self.unlisted += other.unlisted + int(other._seen[: len(owners)][owners < 0].sum())
        listed = np.flatnonzero(owners >= 0)
        mine = owners[listed]
        self._levels[mine] = np.maximum(self._levels[mine], other._levels[listed])
        self._seen[mine] += other._seen[listed]
        self._events[mine] += other._events[listed]
        theirs = part.at(np.flatnonzero(owners[part.owners] >= 0))
        symbols = symbol_map[theirs.symbols].astype(np.int32)
        both = _joined([*self._parts, theirs._replace(owners=owners[theirs.owners], symbols=symbols)])
        kept = both.at(np.flatnonzero(self._are_drawn(both.owners, both.places)))
        self._parts, self._bytes = [kept], kept.nbytes
        while self.nbytes > self._capacity and self._bytes:
            self._choose_fewer()

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes."""
        self._parts = [_joined(self._parts)]
        size = len(self.names)
        counts = {"seen": self._seen[:size], "events": self._events[:size], "levels": self._levels[:size]}
        told = {"names": list(self.names), "unlisted": self.unlisted}
        return {**self._parts[0]._asdict(), **{f"of_{name}": column for name, column in counts.items()}, **told}

    def restore(self, saved: Saved, alphabet: int) -> None:
        """Be what was saved; raises StateError if nothing can have been so."""
        names = saved.texts("names")
        saved.check(len(set(names)) == len(names), "a member is there twice")
        part = _Part(
            saved.ids("owners", np.int32, len(names), None),
            saved.ids("places", np.int64, 1 << 62, None),
            saved.counts("lengths", None),
            saved.ids("symbols", np.int32, alphabet, None),
            saved.ids("bins", np.int16, BINS, None, least=UNKNOWN),
        )
        saved.check(len(part.owners) == len(part.lengths) == len(part.places), "columns differ in length")
        saved.check(len(part.symbols) == len(part.bins) == int(part.lengths.sum()), "columns differ in length")
        seen, events = saved.counts("of_seen", len(names)), saved.counts("of_events", len(names))
        levels = saved.counts("of_levels", len(names), most=_LEVELS)
        self._begin()
        self.names, self.unlisted = names, saved.whole("unlisted")
        self._numbers = {name: number for number, name in enumerate(names)}
        self._member_bytes = sum(map(_size, names))
        self._seen, self._events, self._levels = (_with_room(column) for column in (seen, events, levels))
        self._parts, self._bytes = [part], part.nbytes

    def samples(self) -> Iterator[MemberSample]:
        """Yield what is known of each member, in the order of their names."""
        part = _joined(self._parts)
        self._parts = [part]
        order = np.argsort(part.owners, kind="stable")
        bounds = np.searchsorted(part.owners[order], np.arange(len(self.names) + 1))
        starts = np.cumsum(part.lengths) - part.lengths
        for name in sorted(self.names):
            number = self._numbers[name]
            rows = order[bounds[number] : bounds[number + 1]]
            yield MemberSample(
                name,
                int(self._seen[number]),
                int(self._events[number]),
                1 << int(self._levels[number]),
                _batch(part, rows, starts[rows]),
            )


def _size(name: str) -> int:
    """Return the bytes that a member takes."""
    return MEMBER_BYTES + len(name) * (1 if name.isascii() else 4)


def _with_room(column: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return counts of members with room for more of them, as much as there is where they came one by one."""
    size = 64
    while size < len(column):
        size *= 2
    return np.concatenate((column, np.zeros(size - len(column), np.int64)))


def _batch(part: _Part, rows: NDArray[np.int64], starts: NDArray[np.int64]) -> TraceBatch:
    lengths = part.lengths[rows]
    events = spread(starts, lengths)
    bins = part.bins[events]
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return TraceBatch(part.symbols[events], offsets, durations=bins if (bins != UNKNOWN).any() else None)


def _joined(parts: list[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    return _Part(*(np.concatenate(columns) for columns in zip(_NONE, *parts, strict=True)))
