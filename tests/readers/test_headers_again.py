"""A header that comes again, as where files of CSV are written one behind the other, is no event."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

Both = Callable[..., tuple[Any, ...]]


def table(sign: str = ",", again: str = "time,case,event", every: int = 60, rows: int = 300, end: str = "\n") -> bytes:
    """Return rows with a header above and between them."""
    lines = ["time,case,event"]
    for row in range(rows):
        lines += [again] if row and row % every == 0 else []
        lines.append(f"2026-01-05 00:{row // 60:02}:{row % 60:02},j{row // 3},{('new', 'event', 'done')[row % 3]}")
    return (end.join(lines) + end).replace(",", sign).encode()


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "again", ["time,case,event", '"time","case","event"', " time, case , event", "\ufefftime,case,event"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_it_is_counted_and_passed_over(both: Both, read: Any, sign: str, again: str, end: str) -> None:
    content = table(sign, again, end=end)
    assert both(content)[0] == [["new", "event", "done"]] * 100
    told = read(io.BytesIO(content)).told
    assert "<input>: the header comes again in 4 rows, which are no events and are passed over" in map(str, told.notes)
    assert (told.stats.untimed, told.stats.events) == (0, 300)


def test_often_and_beside_names_that_are_events(both: Both) -> None:
    assert both(table(every=1))[0] == [["new", "event", "done"]] * 100


def test_whole_traces_have_none_either(read: Any) -> None:
    found = read(io.BytesIO(b"name,trace\na,load run\nname,trace\nb,load\n"))
    assert found.traces == [["load", "run"], ["load"]]


def test_another_order_is_an_error(read: Any) -> None:
    for skip in ({}, {"on_error": "skip"}):
        found = read(io.BytesIO(table(again="time,event,case", every=200)), **skip)
        message = "<input>:202: the header comes again in another order: 'time,event,case' (expected: the order of"
        assert str(found.error).startswith(message)
