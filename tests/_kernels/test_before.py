"""What came shortly before: the kernel against its twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.before import count_lately

from .. import naive


@pytest.mark.twin("before.count_lately")
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), max_size=20), st.integers(1, 12))
def test_things_that_came_shortly_before_are_counted(things: list[tuple[int, int]], window: int) -> None:
    classes, places = [one for one, _ in things], np.cumsum([step for _, step in things]).tolist()
    met, last, same = np.zeros(4, np.int64), np.empty(len(things), np.int64), np.empty(len(things), np.int64)
    count_lately(np.array(classes, np.int64), np.array(places, np.int64), window, met, last, same)
    assert list(zip(last.tolist(), same.tolist(), strict=True)) == naive.count_lately(classes, places, window)
    assert not met.any()
