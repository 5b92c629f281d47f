"""Whole numbers as text, and bytes counted: the kernels against their twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.numbers import count_byte, listed

from .. import naive

SMALL = st.integers(-11, 11)


@pytest.mark.twin("numbers.listed")
@given(st.lists(SMALL | st.integers(-(2**63), 2**63 - 1), max_size=9))
def test_whole_numbers_are_written_as_json_has_them(numbers: list[int]) -> None:
    assert listed(np.array(numbers, np.int64)) == naive.listed(numbers)


@pytest.mark.twin("numbers.count_byte")
@given(st.binary(max_size=9) | st.builds(lambda data, times: data * times, st.binary(max_size=9), st.integers(0, 200)))
def test_bytes_are_counted(data: bytes) -> None:
    for sought in {10, *data[:2]}:
        assert count_byte(np.frombuffer(data, np.uint8), sought) == naive.count_byte(data, sought)
