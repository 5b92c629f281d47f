"""Frames and rows as programs have them: ids that became floats, bytes, lists under any name, sources that fail."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import flexstream
from flexstream import DataError
from flexstream.errors import WrongTypeError

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")

STEPS = ["load", "run", "unload"]
ORDERS = [float(order) for order in range(1, 61) for _ in STEPS]
STATUS = STEPS * 60


@pytest.mark.parametrize("frame", [pandas.DataFrame, polars.DataFrame, dict])
def test_ids_that_a_frame_made_floats_are_still_cases(frame: Any) -> None:
    learned = flexstream.learn(frame({"order": ORDERS, "status": STATUS}))
    assert (learned.stats.traces, len(learned.automaton.symbols)) == (60, 3)
    text = "order,status\n" + "".join(f"{order},{step}\n" for order, step in zip(ORDERS, STATUS, strict=True))
    assert flexstream.learn(io.BytesIO(text.encode())).stats.traces == 60


def test_what_was_measured_is_no_case_for_a_point_and_no_event_for_none() -> None:
    for values in ([20.5, 21.0, 22.5], [20.0, 21.0, 22.0]):
        learned = flexstream.learn({"status": values * 60, "zustand": STATUS, "order": ORDERS})
        assert {str(symbol) for symbol in learned.automaton.symbols} == set(STEPS)


@pytest.mark.parametrize("frame", [pandas.DataFrame, polars.DataFrame, dict])
def test_bytes_are_text_in_every_frame(frame: Any) -> None:
    columns = {"case": ORDERS, "event": [step.encode() for step in STATUS]}
    learned = flexstream.learn(frame(columns))
    assert {str(symbol) for symbol in learned.automaton.symbols} == set(STEPS)


def test_lists_under_any_name_are_told_as_what_they_may_be() -> None:
    lists = pandas.DataFrame({"order": range(60), "status": [STEPS] * 60})
    with pytest.raises(DataError, match="`sequence` 'status' takes the lists there for traces"):
        flexstream.learn(lists)
    assert flexstream.learn(lists, sequence="status").stats.traces == 60


@pytest.mark.parametrize("error", [ConnectionError("gone"), ValueError("no lot 7"), TimeoutError()])
def test_what_a_generator_raises_is_told_as_its_own(error: Exception) -> None:
    def rows() -> Iterator[list[str]]:
        yield from [STEPS] * 5000
        raise error

    with pytest.raises(DataError, match="its source failed behind row 5,000") as raised:
        flexstream.learn(rows())
    assert f"{type(error).__name__}: {error}".rstrip(": ") in str(raised.value)


@pytest.mark.parametrize(
    "nothing", [pandas.DataFrame({"case": [], "status": []}), polars.DataFrame({"case": [], "status": []})]
)
def test_a_header_alone_is_told_as_that(nothing: Any) -> None:
    with pytest.raises(DataError, match="no row stands below the header"):
        flexstream.learn(nothing)
    with pytest.raises(DataError, match="no row stands below the header"):
        flexstream.learn(io.BytesIO(b"case,status\n"), format="csv")


def test_an_array_says_how_it_is_given() -> None:
    with pytest.raises(WrongTypeError, match="tolist"):
        flexstream.learn([np.array([1, 2])] * 9)
