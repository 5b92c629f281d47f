"""Arrays in few bytes: what comes back is what was given, and nothing is believed that no array can have been."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from flexstream.saved import StateError
from flexstream.summary.narrowed import narrowed, widened

KINDS = st.sampled_from(["int8", "int16", "int32", "int64", "uint64"])


@given(arrays.arrays(KINDS, arrays.array_shapes(min_dims=1, max_dims=4, min_side=0)))
def test_it_comes_back_as_it_was(array: np.ndarray) -> None:
    again = widened(narrowed({"part": [{"array": array}], "text": "load"}))
    assert again["text"] == "load"
    back = again["part"][0]["array"]
    assert back.dtype == array.dtype and back.shape == array.shape
    assert (back == array).all()


@pytest.mark.parametrize(
    ("values", "kind", "steps"),
    [
        ([127, -128, 5], "<i1", False),
        ([128, 0, 127], "<i2", False),
        ([-129, 3], "<i2", False),
        ([2**15, 0], "<i4", False),
        ([-(2**15) - 1, 0], "<i4", False),
        ([2**31, 0], "<i8", False),
        ([-(2**31) - 1, 0], "<i8", False),
        ([1000, 1001, 1003], "<i2", True),  # steps of 1000, 1 and 2
        ([10, 60, 100], "<i1", False),  # a step is half of the largest, or more
        ([-1000, -999], "<i2", False),
        ([1000], "<i2", False),
        (range(0, 100_000, 100), "<i1", True),
    ],
)
def test_each_array_has_the_narrowest_type(values: Any, kind: str, steps: bool) -> None:
    found = narrowed(np.array(values, np.int64))
    assert (found["narrowed"], found["steps"], found["type"]) == (kind, steps, "<i8")
    assert widened(found).tolist() == list(values)


def test_what_is_no_whole_number_stays() -> None:
    state = {"shares": np.array([0.5]), "flag": True, "none": None}
    assert narrowed(state)["shares"] is state["shares"]
    assert narrowed(state)["none"] is None


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"type": "<f8"}, "its type is another"),
        ({"narrowed": "|O"}, "its type is another"),
        ({"shape": [-1]}, "its shape is another"),
        ({"shape": [2**41]}, "its shape is another"),
        ({"shape": [3.0]}, "its shape is another"),
        ({"shape": [3, 1, 1, 1, 1]}, "longer than its bytes"),
        ({"shape": [2**40]}, "longer than its bytes"),
        ({"shape": [2]}, "it has another length"),
        ({"shape": [4]}, "it has another length"),
        ({"data": b"no"}, "cannot be inflated"),
        ({"data": zlib.compress(b"\1\2\3")[:-1]}, "it has another length"),
        ({"data": "abc"}, "data is of another type"),
        ({"steps": 1}, "steps is of another type"),
    ],
)
def test_what_nobody_wrote_is_refused(change: dict[str, Any], what: str) -> None:
    state = {"visits": {**narrowed(np.array([1, 2, 3])), **change}}
    with pytest.raises(StateError, match=f"state.visits: .*{what}"):
        widened(state)
