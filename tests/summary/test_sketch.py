"""Shapes of sketches: sizes and errors by hand, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import UsageError
from flexstream.summary.sketch import NO_SKETCH, PrefixSketchShape, SketchShape, coding, estimate

from .. import naive


def test_sizes_and_errors_of_count_min() -> None:
    shape = SketchShape(futures=2, depth=3, width=64)
    assert shape.dimensions == (2, 3, 64)
    assert shape.bytes_per_node == 2 * 3 * 64 * 4
    assert shape.beta == pytest.approx(math.e / 64)
    assert shape.gamma == pytest.approx(math.exp(-3))
    assert (shape.additive, NO_SKETCH.dimensions, NO_SKETCH.bytes_per_node) == (True, (0, 1, 1), 0)
    assert np.zeros(shape.dimensions, np.int32).nbytes == shape.bytes_per_node


def test_sizes_of_prefix_sketches() -> None:
    shape = PrefixSketchShape(counters=9, copies=2)
    assert shape.dimensions == (3, 2, 10)
    assert shape.bytes_per_node == np.zeros(shape.dimensions, np.int32).nbytes == 3 * 2 * 10 * 4
    assert (shape.additive, shape.minhash, shape.shingle) == (False, 0, 1)
    assert PrefixSketchShape(1).dimensions == (1, 2, 2)


@pytest.mark.parametrize(
    "wrong",
    [{"futures": -1}, {"depth": 0}, {"width": 0}, {"minhash": -1, "futures": 3}, {"shingle": 0}],
)
def test_shapes_that_make_no_sense(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="expected at least 0"):
        SketchShape(**wrong)


def test_least_shapes_are_allowed() -> None:
    assert SketchShape(0, 1, 1, 0, 1).bytes_per_node == 0
    for wrong in ((0, 0), (1, -1)):
        with pytest.raises(UsageError, match="expected at least 1 and 0"):
            PrefixSketchShape(*wrong)


def test_coding_tells_the_kernels_what_to_count() -> None:
    codes = np.array([5, 6], np.uint64)
    plain = coding(SketchShape(2, 1, 8), codes)
    assert (plain.codes.tolist(), len(plain.multipliers), len(plain.offsets), len(plain.minima)) == ([5, 6], 0, 0, 0)
    assert (plain.shingle, plain.prefixes) == (2, 0)
    reduced = coding(SketchShape(3, 1, 8, minhash=7, shingle=1), codes)
    assert (len(reduced.multipliers), len(reduced.offsets), len(reduced.minima), reduced.shingle) == (7, 7, 7, 1)
    assert coding(PrefixSketchShape(4), codes).prefixes == 1


@given(st.lists(st.integers(0, 2**64 - 1), max_size=3), st.booleans(), st.data())
def test_an_estimate_is_the_least_cell(future: list[int], ended: bool, draw: st.DataObject) -> None:
    shape = SketchShape(futures=3, depth=2, width=11)
    cells = draw.draw(st.lists(st.integers(0, 99), min_size=66, max_size=66))
    rows = np.array(cells, np.int32).reshape(shape.dimensions)
    length = len(future) + ended
    if not 1 <= length <= 3:
        with pytest.raises(ValueError, match=f"a future of length {length}; the sketches hold lengths 1 to 3"):
            estimate(rows, future, ended)
        return
    codes = [*future, naive.END_CODE] if ended else future
    wanted = min(rows[length - 1, row, naive.future_cell(codes, row, 11)] for row in range(2))
    assert estimate(rows, future, ended) == wanted
