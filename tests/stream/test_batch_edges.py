"""What is a batch and what is none: each edge of its bounds, and the ids that an alphabet gives."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest

from flexstream import Alphabet, TraceBatch
from flexstream.errors import UsageError, WrongTypeError

SYMBOLS = np.array([0, 1, 2, 0], np.int32)


@pytest.mark.parametrize(
    ("offsets", "fits"),
    [
        *(([0, 4], True), ([0], True), ([4], True), ([1, 3], True), ([0, 0, 4, 4], True), ([0, 2, 2, 3], True)),
        *(([], False), ([-1, 4], False), ([0, 5], False), ([5], False), ([3, 2], False), ([0, 3, 2], False)),
        *(([0, 3, 2, 4], False), ([1, 3, 2, 4, 4], False)),
    ],
)
def test_bounds_cut_symbols_into_traces(offsets: list[int], fits: bool) -> None:
    if fits:
        batch = TraceBatch(SYMBOLS, np.array(offsets, np.int64))
        assert (len(batch), batch.events) == (len(offsets) - 1, offsets[-1] - offsets[0])
        assert [trace.tolist() for trace in batch] == [
            SYMBOLS[start:stop].tolist() for start, stop in itertools.pairwise(offsets)
        ]
        return
    with pytest.raises(UsageError, match=r"^offsets of a batch that do not cut its 4 symbols into traces$"):
        TraceBatch(SYMBOLS, np.array(offsets, np.int64))


@pytest.mark.parametrize("wrong", [[0, 1], np.array([0.0, 1.0]), np.array([[0, 1]]), np.array(["a"]), None])
def test_arrays_of_whole_numbers(wrong: Any) -> None:
    """Of one dimension, signed or not; anything else is named."""
    for name, arrays in (("symbols", (wrong, np.array([0]))), ("offsets", (SYMBOLS, wrong))):
        with pytest.raises(
            WrongTypeError, match=rf"^{name} of a batch are not .* \(expected: an array of whole numbers\)$"
        ):
            TraceBatch(*arrays)
    assert len(TraceBatch(SYMBOLS, np.array([0, 4], np.uint64))) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(("ids", "wrong"), [([0, 1], None), ([], None), ([0, 2], 2), ([-1, 0], -1), ([-2, 5], -2)])
def test_ids_are_those_of_the_alphabet(ids: list[int], wrong: int | None) -> None:
    batch, alphabet = TraceBatch(np.array(ids, np.int32), np.array([0, len(ids)])), Alphabet("ab")
    if wrong is None:
        batch.check(alphabet)
        return
    told = f"a batch with the symbol id {wrong} for an alphabet of 2 symbols (expected: a batch encoded with that "
    told += "alphabet)"
    with pytest.raises(UsageError, match=f"^{re.escape(told)}$"):
        batch.check(alphabet)
