"""A state comes back as it was written; what is not whole is refused in one line, before anything is made of it."""

from __future__ import annotations

import json
import os
import stat
import struct
import tracemalloc
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from flexstream.container import CHECKPOINT, MAGIC, Kind, NewerError, decode, encode, read, write
from flexstream.errors import DataError

TYPES = ["?", "i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8"]
TEXTS = st.text(st.characters(codec=None))  # lone surrogates as well
COLUMNS = st.sampled_from(TYPES).flatmap(
    lambda code: arrays.arrays(code, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.binary() | COLUMNS
KEYS = TEXTS | st.sampled_from(["$", "$$", "$array", "$bytes", "$tuple", "$$array"])
VALUES = st.recursive(
    LEAVES,
    lambda below: (
        st.lists(below, max_size=4) | st.lists(below, max_size=4).map(tuple) | st.dictionaries(KEYS, below, max_size=4)
    ),
    max_leaves=12,
)
STATE = {"traces": 7, "visits": np.arange(5), "open": [("lot 7", b"\x00\xff")], "shares": np.array([0.5, np.nan])}


def same(one: Any, other: Any) -> bool:
    """Whether two values are of the same types and the same bits, all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return struct.pack("d", one) == struct.pack("d", other) if isinstance(one, float) else one == other


def framed(head: Any, parts: bytes = b"") -> bytes:
    """Return a file with a head of one's own whose hash is right."""
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return MAGIC + len(text).to_bytes(8, "little") + sha256(text).digest() + text + parts


def head_of(data: bytes) -> dict[str, Any]:
    start = len(MAGIC) + 40
    found: dict[str, Any] = json.loads(
        data[start : start + int.from_bytes(data[len(MAGIC) : len(MAGIC) + 8], "little")]
    )
    return found


def refused(data: bytes) -> str:
    with pytest.raises(DataError) as caught:
        decode(data, name="x")
    assert "\n" not in str(caught.value) and str(caught.value).startswith("x: ")
    return str(caught.value)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_a_state_comes_back(state: dict[str, Any]) -> None:
    # A NaN's sign and payload are lost in JSON, as they are for arithmetic; arrays keep them.
    data = encode(state)
    back = decode(data)
    assert same(back, state) or "NaN" in str(head_of(data)) or encode(back) == data
    assert encode(back) == data


def test_a_file_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write(path, STATE)
    assert path.read_bytes() == encode(STATE) and same(read(path), STATE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["x"]


def test_arrays_are_the_receivers_own_and_writable() -> None:
    data = encode(STATE)
    decode(data)["visits"][0] = 99
    assert decode(data)["visits"][0] == 0


@pytest.mark.parametrize(
    "column",
    [np.arange(12)[::3], np.arange(12).reshape(3, 4).T, np.arange(5).astype(">i4"), np.asfortranarray(np.eye(3))],
)
def test_views_and_other_byte_orders(column: np.ndarray) -> None:
    assert np.array_equal(decode(encode({"x": column}))["x"], column)


def test_numpy_numbers_are_numbers() -> None:
    back = decode(encode({"x": [np.int64(3), np.float32(0.5), np.bool_(True)]}))["x"]
    assert back == [3, 0.5, True] and [type(value) for value in back] == [int, float, bool]


@pytest.mark.parametrize("value", [{1, 2}, {1: 2}, object(), np.array(["a"]), np.array([None]), 1j, np.zeros(2, "c16")])
def test_anything_else_is_a_mistake_of_the_caller(value: Any) -> None:
    with pytest.raises(TypeError):
        encode({"x": value})


def test_every_byte_flipped_is_found() -> None:
    data = encode(STATE)
    for place in range(len(data)):
        for bit in (0x01, 0x80):
            refused(data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :])


def test_every_length_is_found() -> None:
    data = encode(STATE)
    assert "is no checkpoint" in refused(b"")
    for length in range(1, len(data)):
        assert "is cut off" in refused(data[:length])
    assert "1 bytes follow its end" in refused(data + b"\x00")


@pytest.mark.parametrize("data", [b"{}", b"\x89PNG\r\n\x1a\n", MAGIC.replace(b"\r", b""), b"\x00" * 200])
def test_other_files(data: bytes) -> None:
    assert "is no checkpoint" in refused(data)


def test_other_kinds() -> None:
    assert "is a tree (expected: a checkpoint)" in refused(encode(STATE, Kind("tree", 1, "0.1.0")))


def test_newer_files_say_what_to_install() -> None:
    newer = encode(STATE, Kind(CHECKPOINT.name, CHECKPOINT.version + 1, "7.2.0"))
    with pytest.raises(NewerError, match=r"version 2, which needs FlexStream 7\.2\.0 or newer"):
        decode(newer)


GOOD = head_of(encode({"x": np.arange(3)}))
WRONG: list[Any] = [
    b"\xff",
    b"[" * 200_000,
    [],
    {},
    GOOD | {"version": "1"},
    GOOD | {"version": True},
    GOOD | {"version": 0},
    GOOD | {"kind": 3},
    GOOD | {"parts": 3},
    GOOD | {"parts": [[-1, "x"], [25, "y"]]},
    GOOD | {"parts": [[24.0, "x"]]},
    GOOD | {"parts": [["24", "x"]]},
    GOOD | {"parts": [[24]]},
    GOOD | {"state": []},
    GOOD | {"state": {}},
    *(
        GOOD | {"state": {"x": value}}
        for value in (
            {"$array": ["<i8", [3, 1 << 70]]},
            {"$array": ["<i8", [-1, -3]]},
            {"$array": ["<i8", [3.0]]},
            {"$array": ["<i8", [True, 3]]},
            {"$array": ["<i8", [1] * 500 + [3]]},
            {"$array": ["<f4", [3]]},
            {"$array": ["|O", [3]]},
            {"$array": ["M8", [3]]},
            {"$array": [["<i8"], [3]]},
            {"$array": ["<i8", 3]},
            {"$array": {}},
            {"$bytes": 23},
            {"$bytes": "24"},
            {"$tuple": 3},
            {"$other": 3},
            {"$array": ["<i8", [3]], "y": 1},
            [{"$bytes": 24}, {"$bytes": 24}],
        )
    ),
]


@pytest.mark.parametrize("head", WRONG)
def test_heads_of_another_form(head: Any) -> None:
    assert "is damaged" in refused(framed(head, np.arange(3).tobytes()))


def test_truth_values_are_zero_or_one() -> None:
    data = encode({"x": np.array([True, False])})
    parts = b"\x02\x00"
    head = head_of(data) | {"parts": [[2, sha256(parts).hexdigest()]]}
    assert "is damaged" in refused(framed(head, parts))


def test_lengths_that_are_not_there_take_no_memory() -> None:
    head = GOOD | {"parts": [[1 << 40, "x"]], "state": {"x": {"$array": ["|i1", [1 << 40]]}}}
    tracemalloc.start()
    try:
        assert "is cut off" in refused(framed(head))
        assert "is cut off" in refused(MAGIC + (1 << 60).to_bytes(8, "little") + b"\x00" * 32)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, problem in (
        (tmp_path / "none", "No such file"),
        (tmp_path, "Is a directory"),
        (tmp_path / "pipe", "is no regular"),
    ):
        with pytest.raises(DataError, match=problem):
            read(path)


def test_a_full_disc_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "x", STATE)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="No space left"):
        write(tmp_path / "x", {"traces": 8})
    assert same(read(tmp_path / "x"), STATE) and len(list(tmp_path.iterdir())) == 1
