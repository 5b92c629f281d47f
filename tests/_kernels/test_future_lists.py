"""Listing the futures of a tree: the kernel against its twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.future_lists import FOUND, FULL, FutureColumns, list_futures
from flexstream.stream.hashing import symbol_code
from flexstream.summary.sketch import SketchShape, coding

from .. import naive
from ..strategies import Traces, count, traces

SHAPE = SketchShape(futures=3, depth=2, width=50)


@pytest.mark.twin("future_lists.list_futures")
@given(traces, st.integers(1, 5))
def test_every_future_is_listed_as_often_as_it_came(given_traces: Traces, grow_at: int) -> None:
    tree, alphabet = count(given_traces, SHAPE, grow_at=grow_at)
    codes = np.array([symbol_code(text, 0) for text in alphabet], np.uint64)
    found = room_for(1 << 10)
    list_futures(found, tree.columns, coding(SHAPE, codes))
    size = int(found.size[FOUND])
    rows = zip(map(tuple, found.cells[:size].tolist()), found.weights[:size].tolist(), strict=True)
    names: dict[str | None, int] = {**dict(zip(alphabet, codes.tolist(), strict=True)), None: naive.END_CODE}
    twin = naive.grow(given_traces, grow_at, futures=SHAPE.futures)
    assert dict(rows) == naive.all_futures(twin, names, SHAPE.depth, SHAPE.width)
    assert not found.size[FULL]


def test_too_little_room_is_told() -> None:
    tree, alphabet = count([list("abc"), list("bca")] * 3, SHAPE, grow_at=1)
    found = room_for(4)
    list_futures(found, tree.columns, coding(SHAPE, np.array([symbol_code(text, 0) for text in alphabet], np.uint64)))
    assert found.size.tolist() == [4, 1]


def room_for(futures: int) -> FutureColumns:
    """Return columns with room for some futures."""
    return FutureColumns(
        cells=np.empty((futures, 1 + SHAPE.depth), np.int32),
        weights=np.zeros(futures, np.int64),
        slots=np.full(2 * futures, -1, np.int32),
        size=np.zeros(2, np.int64),
        lengths=SHAPE.futures,
        width=SHAPE.width,
    )
