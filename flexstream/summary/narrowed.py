"""Narrowed: the arrays of a state in few bytes, each in the narrowest type that holds it, deflated.

Of a tree nearly all numbers are small, and what is sorted has small differences: the columns shrink to an eighth or so
in less time than a network of 1 Gbit/s takes for the rest.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..saved import Saved

LEVEL = 1
"""Of zlib: higher ones take three times as long for a tenth less."""
_MARK = "narrowed"
_KINDS = {kind: np.dtype(kind) for kind in ("<i1", "<i2", "<i4", "<i8", "<u8")}
_MOST_RATIO = 1032
"""Zlib makes of a byte at most so many, so no array is longer than its bytes allow."""


def narrowed(state: Any) -> Any:
    """Return a state with all its arrays of whole numbers narrowed and deflated.

    Examples
    --------
    >>> state = {"visits": np.array([3, 2, 2]), "texts": ["load"]}
    >>> sorted(narrowed(state)["visits"])
    ['data', 'narrowed', 'shape', 'steps', 'type']
    >>> widened(narrowed(state))
    {'visits': array([3, 2, 2]), 'texts': ['load']}
    """
    if isinstance(state, Mapping):
        return {name: narrowed(value) for name, value in state.items()}
    if isinstance(state, list):
        return [narrowed(value) for value in state]
    if isinstance(state, np.ndarray) and state.dtype.kind in "iu":
        return _narrow(state)
    return state


def widened(state: Any, place: str = "state") -> Any:
    """Return the state that `narrowed` was given; raises StateError if it is none."""
    if isinstance(state, Mapping):
        if _MARK in state:
            return _widen(Saved(state, place))
        return {name: widened(value, f"{place}.{name}") for name, value in state.items()}
    if isinstance(state, list):
        return [widened(value, place) for value in state]
    return state


def _narrow(array: NDArray[Any]) -> dict[str, Any]:
    values = np.ascontiguousarray(array)
    kind = values.dtype.newbyteorder("<").str.replace("|", "<")
    steps = values.ndim == 1 and kind == "<i8" and _is_smooth(values)
    narrow = _narrowest(np.diff(values, prepend=np.int64(0)) if steps else values)
    data = zlib.compress(narrow.tobytes(), LEVEL)
    return {
        _MARK: narrow.dtype.newbyteorder("<").str.replace("|", "<"),
        "type": kind,
        "shape": list(values.shape),
        "steps": steps,
        "data": data,
    }


def _is_smooth(values: NDArray[np.int64]) -> bool:
    """Tell whether the steps from number to number are narrower than the numbers."""
    if len(values) < 2:
        return False
    steps = np.diff(values)
    return int(np.abs(steps).max()) < int(np.abs(values).max()) // 2 and bool((values >= 0).all())


def _narrowest(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype == np.uint64:
        return values
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    fitting = (
        kind for kind in (np.int8, np.int16, np.int32) if np.iinfo(kind).min <= low <= high <= np.iinfo(kind).max
    )
    return values.astype(next(fitting, np.int64))


def _widen(saved: Saved) -> NDArray[Any]:
    """Return an array; nothing is made that is longer than its bytes allow."""
    kind, narrow = (_KINDS.get(saved.text(name)) for name in ("type", _MARK))
    shape, data = saved.raw("shape", list), saved.raw("data", bytes)
    saved.check(kind is not None and narrow is not None, "its type is another")
    saved.check(all(type(rows) is int and 0 <= rows <= 1 << 40 for rows in shape), "its shape is another")
    assert kind is not None and narrow is not None
    length = prod(shape) * narrow.itemsize
    saved.check(length <= _MOST_RATIO * len(data) + 64 and len(shape) <= 4, "it is longer than its bytes")
    inflating = zlib.decompressobj()
    try:
        raw = inflating.decompress(data, length + 1)
    except zlib.error:
        saved.wrong("it cannot be inflated")
    saved.check(len(raw) == length and (not length or inflating.eof), "it has another length")
    values = np.frombuffer(raw, narrow).astype(kind).reshape(shape)
    return np.cumsum(values, dtype=np.int64) if saved.flag("steps") else values
