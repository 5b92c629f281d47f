"""Dates of which no day is above 12: how they follow one another tells the day from the month, and that is told."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flexstream.readers.parsing.times import Clock

STEPS = ["load", "run", "check", "unload"]
FORMS = ["%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%m/%d/%y %H:%M", "%d.%m.%y %H:%M:%S"]


def moments(days: int, start: datetime = datetime(2026, 3, 2, 6, tzinfo=UTC), months: bool = False) -> list[datetime]:
    """Return sixteen moments on each of some days, or on the second of each of some months, an hour apart."""
    firsts = [start.replace(month=start.month + n) if months else start + timedelta(days=n) for n in range(days)]
    return [first + timedelta(hours=hour) for first in firsts for hour in range(16)]


def table(form: str, days: int, glue: str = " ") -> list[list[str]]:
    """Return cases of four steps that follow one another."""
    return [
        [f"c{place // 4}", STEPS[place % 4], *moment.strftime(form.replace(" ", glue, 1)).split(";")]
        for place, moment in enumerate(moments(days))
    ]


def as_csv(rows: list[list[str]], names: list[str]) -> bytes:
    return "".join(",".join(row) + "\n" for row in [names, *rows]).encode()


def as_jsonl(rows: list[list[str]], names: list[str]) -> bytes:
    return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows).encode()


def as_logfmt(rows: list[list[str]], names: list[str]) -> bytes:
    return "".join(" ".join(f'{n}="{v}"' for n, v in zip(names, row, strict=True)) + "\n" for row in rows).encode()


@pytest.mark.parametrize("write", [as_csv, as_jsonl, as_logfmt])
@pytest.mark.parametrize("time", ["time", "wann"])
@pytest.mark.parametrize("form", FORMS)
def test_days_that_follow_one_another_tell_which_is_which(
    read: Callable[..., Any], write: Callable[..., bytes], time: str, form: str
) -> None:
    rows = table(form, 5)
    for order in (rows, rows[::-1]):
        found = read(io.BytesIO(write(order, ["case", "event", time])))
        assert found.traces == [STEPS] * 20
        assert found.told.columns["time"] == time
        notes = "\n".join(found.told.notes)
        assert f"are read as {form}, as only so their days follow one another" in notes
        assert "keep their place" not in notes


def test_of_one_day_that_stands_backwards_the_order_is_told_either_way(read: Callable[..., Any]) -> None:
    for form, first in (("%m/%d/%Y %I:%M:%S %p", "month"), ("%d/%m/%Y %H:%M:%S", "day")):
        rows = table(form, 1)
        found = read(io.BytesIO(as_csv(rows[::-1], ["case", "event", "time"])))
        assert found.traces == [STEPS] * 4
        assert any(f"are read as {form}, the {first} first" in note for note in found.told.notes)
        for order in (rows, rows[::2] + rows[1::2]):  # nothing would be gained
            clock = Clock()
            clock.prime([row[2] for row in order])
            assert clock.chosen is None


@pytest.mark.parametrize("form", FORMS[:4])
def test_a_day_each_month_tells_nothing(form: str) -> None:
    """What comes on the second of each month may as well be of the first days of one."""
    clock = Clock()
    clock.prime(
        [moment.strftime(form) for moment in moments(4, datetime(2026, 3, 2, 3, tzinfo=UTC), True) if moment.hour < 15]
    )
    assert clock.chosen is None
    with pytest.raises(ValueError, match="may be"):
        clock.seconds(datetime(2026, 3, 2, 3, tzinfo=UTC).strftime(form))


def test_columns_that_hold_date_and_time_are_looked_at_together(read: Callable[..., Any]) -> None:
    rows = table("%d/%m/%Y %H:%M:%S", 5, ";")
    both = {"time": "Datum+Uhrzeit"}
    for write, options in ((as_csv, {}), (as_csv, both), (as_jsonl, {}), (as_jsonl, both), (as_logfmt, {})):
        found = read(io.BytesIO(write(rows[::-1], ["case", "event", "Datum", "Uhrzeit"])), **options)
        assert found.traces == [STEPS] * 20
        assert any("as only so their days follow one another" in note for note in found.told.notes)


def test_lines_of_a_log_are_dated_likewise(read: Callable[..., Any]) -> None:
    rows = table("%d/%m/%Y %H:%M:%S", 5)
    lines = "".join(f"{time} INFO [{case}] {event}\n" for case, event, time in rows[::-1]).encode()
    found = read(io.BytesIO(lines), pattern=r"\[(?P<case>\w+)\] (?P<event>\w+)")
    assert found.traces == [STEPS] * 20
    assert any("as only so their days follow one another" in note for note in found.told.notes)


@pytest.mark.parametrize("write", [as_csv, as_jsonl, as_logfmt])
@pytest.mark.parametrize("names", [("date", "time"), ("Datum", "Uhrzeit"), ("timestamp", "um")])
def test_the_time_of_day_beside_a_date_belongs_to_it_in_every_format(
    read: Callable[..., Any], write: Callable[..., bytes], names: tuple[str, str]
) -> None:
    """Where fields had names that are known, events of a day stood as they came, the newest first."""
    rows = table("%Y-%m-%d %H:%M:%S", 5, ";")
    found = read(io.BytesIO(write(rows[::-1], ["case", "event", *names])))
    assert found.traces == [STEPS] * 20
    assert found.told.columns["time"] == "+".join(names)
