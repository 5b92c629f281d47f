"""The state of what is known of repeated traces: its columns as far as they are in use, and read back without trust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels import repeats as kernels
from .._kernels.repeats import RepeatColumns
from ..saved import MOST

if TYPE_CHECKING:
    from ..saved import Saved

_BITS = np.iinfo(np.int64).max
_FLAGS = (kernels.GATE, kernels.STORE_FULL, kernels.TABLE_FULL)


def state_of(known: RepeatColumns) -> dict[str, Any]:
    """Return the state of columns: what is in use of them, and how much room those have that grow."""
    size = known.size
    held, sampled = int(size[kernels.HELD_ROWS]), int(size[kernels.SAMPLED])
    return {
        **{name: getattr(known, name) for name in ("entries", "row", "ring", "lags", "gains", "shares", "size")},
        "held_start": known.held_start[: held + 1],
        "held_count": known.held_count[:held],
        "held_beyond": known.held_beyond[:held],
        "held_store": known.held_store[: size[kernels.HELD_STORED]],
        "sample_hash": known.sample_hash[:sampled],
        "sample_start": known.sample_start[: sampled + 1],
        "sample_store": known.sample_store[: size[kernels.SAMPLE_STORED]],
        "held_room": [len(known.held_count), len(known.held_store)],
    }


def columns_of(saved: Saved, fresh: RepeatColumns, most: tuple[int, int, int], alphabet: int) -> RepeatColumns:
    """Return the columns that were saved.

    Parameters
    ----------
    saved : Saved
    fresh : RepeatColumns
        Those of one who has seen nothing, of the same size where they do not grow.
    most : tuple of int
        Slots, held traces and symbols of these that there is room for.
    alphabet : int

    Raises
    ------
    StateError
        If there can have been no such columns.
    """
    most_slots, *most_room = most
    size = saved.counts("size", kernels.SIZES, most=_BITS)
    saved.check(np.delete(size, kernels.LIMIT) <= MOST, "the sizes are out of range")
    slots = len(saved.column("row", np.int32))
    saved.check(slots >= kernels.WAYS and slots.bit_count() == 1 and slots <= most_slots, "the table has another size")
    entries, row = saved.counts("entries", slots, 2, most=_BITS), saved.ids("row", np.int32, slots + 1, slots)
    held, sample = _stored(saved, "held", size, alphabet), _stored(saved, "sample", size, alphabet)
    saved.check_range("row", row, 0, len(held[0]) - 1)
    saved.check((size[list(_FLAGS)] <= 1) & (size[kernels.ENTRIES] <= slots), "the sizes are out of range")
    saved.check((size[kernels.TABLE_FULL] == 1) == (slots == most_slots), "the table has another size")
    saved.check(size[kernels.REPEATED] <= size[kernels.LOOKED_AT], "more was repeated than seen")
    room = _room(saved, (len(held[0]) - 1, len(held[1])), most_room)
    times, beyond = (saved.counts(name, len(held[0]) - 1) for name in ("held_count", "held_beyond"))
    saved.check((beyond <= times).all(), "more was beyond expectation than was held")
    hashes = saved.counts("sample_hash", len(sample[0]) - 1, most=_BITS)
    return RepeatColumns(
        entries=entries,
        row=row,
        ring=saved.counts("ring", len(fresh.ring), most=_BITS),
        lags=saved.ids("lags", np.int64, len(fresh.ring) + 1, kernels.MOST_LAGS),
        gains=_positive(saved, "gains", kernels.MOST_LAGS),
        shares=_positive(saved, "shares", 2),
        held_start=_with_room(saved, "held_start", held[0], room[0] + 1),
        held_count=_with_room(saved, "held_count", times, room[0]),
        held_beyond=_with_room(saved, "held_beyond", beyond, room[0]),
        held_store=_with_room(saved, "held_store", held[1], room[1]),
        sample_hash=_with_room(saved, "sample_hash", hashes, len(fresh.sample_hash)),
        sample_start=_with_room(saved, "sample_start", sample[0], len(fresh.sample_start)),
        sample_store=_with_room(saved, "sample_store", sample[1], len(fresh.sample_store)),
        size=size,
    )


def _stored(
    saved: Saved, name: str, size: NDArray[np.int64], alphabet: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return where traces begin that are stored one behind the other, and their symbols."""
    held = name == "held"
    rows = int(size[kernels.HELD_ROWS if held else kernels.SAMPLED])
    stored = int(size[kernels.HELD_STORED if held else kernels.SAMPLE_STORED])
    symbols = saved.ids(f"{name}_store", np.int32, alphabet, None)
    saved.check(len(symbols) == stored, f"{name}_store has another length")
    return saved.bounds(f"{name}_start", rows, stored), symbols


def _room(saved: Saved, used: tuple[int, int], most: list[int]) -> list[int]:
    given = saved.raw("held_room", list)
    fits = len(given) == 2 and all(type(room) is int for room in given)
    fits = fits and all(low <= room <= high for low, room, high in zip(used, given, most, strict=True))
    saved.check(fits, "held_room is out of range")
    return list(given)


def _positive(saved: Saved, name: str, length: int) -> NDArray[np.float64]:
    values = saved.column(name, np.float64, length)
    saved.check((values >= 0) & (values < 1e6), f"{name} is out of range")
    return values


def _with_room(saved: Saved, name: str, used: NDArray[Any], length: int) -> NDArray[Any]:
    """Return a column with spare room behind what is in use."""
    saved.check(len(used) <= length, f"{name} has no room")
    return enlarged(used, length)


def enlarged(used: NDArray[Any], length: int) -> NDArray[Any]:
    """Return what is in use of a column, with zeros behind it.

    >>> enlarged(np.array([3, 4]), 4).tolist()
    [3, 4, 0, 0]
    """
    column = np.zeros(length, used.dtype)
    column[: len(used)] = used
    return column
