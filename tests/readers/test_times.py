"""Times as logs write them: what each means, what a source tells about the others, and what is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import UsageError
from flexstream.readers import ReadOptions
from flexstream.readers.parsing.readings import Readings
from flexstream.readers.parsing.times import Clock
from flexstream.readers.parsing.word_table import joined
from flexstream.readers.time_shapes import DIGITS, EPOCH, Shape

Read = Callable[..., Any]


def moment(text: str) -> float:
    """Return the seconds of a time of a known year."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("20240131", "2024-01-31"),
        ("202401312359", "2024-01-31T23:59"),
        ("240131235958", "2024-01-31T23:59:58"),
        ("20240131235958", "2024-01-31T23:59:58"),
        ("2024013123595875", "2024-01-31T23:59:58.75"),
        ("20240131235958125", "2024-01-31T23:59:58.125"),
        ("20240131235958000125", "2024-01-31T23:59:58.000125"),
        ("20240131T235958Z", "2024-01-31T23:59:58"),
        ("20240131 235958.5", "2024-01-31T23:59:58.5"),
        ("081109 203615", "2008-11-09T20:36:15"),
        ("31.01.2024", "2024-01-31"),
        ("5.5.2024 2:10", "2024-05-05T02:10"),
        ("31.01.2024 23:59:58,5", "2024-01-31T23:59:58.5"),
        ("31/01/2024 23:59", "2024-01-31T23:59"),
        ("1/31/2024 11:59:58 PM", "2024-01-31T23:59:58"),
        ("1/31/2024 12:00 AM", "2024-01-31T00:00"),
        ("31-01-2024", "2024-01-31"),
        ("31.01.69", "1969-01-31"),
        ("17/06/32", "2032-06-17"),
        ("31-JAN-24 11.59.58.5 PM", "2024-01-31T23:59:58.5"),
        ("2024.01.31 23:59:58", "2024-01-31T23:59:58"),
        ("2024-01-31-23.59.58.5", "2024-01-31T23:59:58.5"),
        ("2024-01-31T23", "2024-01-31T23:00"),
        ("Wed Jan 31 23:59:58 2024", "2024-01-31T23:59:58"),
        ("Wed Jan 31 23:59:58 2024 +0100", "2024-01-31T22:59:58"),
        ("Wed Jan 31 23:59:58 CET 2024", "2024-01-31T22:59:58"),
        ("Wed, 31 Jan 2024 23:59:58 GMT", "2024-01-31T23:59:58"),
        ("Wed Jan 31 2024 23:59:58 GMT+0100 (Central European Time)", "2024-01-31T22:59:58"),
        ("January 31, 2024 11:59:58 pm", "2024-01-31T23:59:58"),
        ("31/Jan/2024:23:59:58 +0100", "2024-01-31T22:59:58"),
        ("2024-01-31T23:59:58+01:00[Europe/Berlin]", "2024-01-31T22:59:58"),
        ("2024-W05-3", "2024-01-31"),
        ("1706745598", "2024-01-31T23:59:58"),
        ("1706745598.5", "2024-01-31T23:59:58.5"),
        ("1706745598500", "2024-01-31T23:59:58.5"),
        ("1706745598500000", "2024-01-31T23:59:58.5"),
        ("1706745598500000000", "2024-01-31T23:59:58.5"),
        ("/Date(1706745598500)/", "2024-01-31T23:59:58.5"),
        ("/Date(1706745598500+0100)/", "2024-01-31T23:59:58.5"),
        ("23:59:58", "2000-01-01T23:59:58"),
        ("Jan 31 23:59:58", "2000-01-31T23:59:58"),
    ],
)
def test_times_as_logs_write_them(text: str, meaning: str) -> None:
    assert Clock().seconds(text) == moment(meaning)
    assert Clock().seconds(f" {text}\t") == moment(meaning)


@pytest.mark.parametrize("minute", ["2026-01-31 23:59:", "31.01.2026 23:59:", "Sat, 31 Jan 2026 23:59:"])
def test_times_of_one_minute_are_looked_at_once(monkeypatch: pytest.MonkeyPatch, minute: str) -> None:
    clock, looked = Clock(), list[str]()
    meant = clock._meant
    monkeypatch.setattr(clock, "_meant", lambda text: looked.append(text) or meant(text))
    texts = [f"{minute}{second:02}" for second in (7, 8, 59, 0, 7)]
    begin = moment("2026-01-31T23:59")
    assert [clock.seconds(text) - begin for text in texts] == [7.0, 8.0, 59.0, 0.0, 7.0]
    assert looked == texts[:1]
    for other in (f"{minute}61", f"{minute}7", f"{minute}٣٣"):  # no seconds of that minute
        with pytest.raises(ValueError, match="is no time"):
            clock.seconds(other)


@pytest.mark.parametrize("text", ["05/06/2024", "5-6-2024 10:00", "01/02/03", "201012101112", "03.02.01"])
def test_what_may_mean_two_times_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"may be .* or ") as error:
        Clock().seconds(text)
    assert "time_format" in error.value.args[1]


@pytest.mark.parametrize(
    ("before", "text", "meaning"),
    [
        ("25/06/2024", "05/06/2024 10:00", "2024-06-05T10:00"),
        ("06/25/2024 1:00 PM", "05/06/2024", "2024-05-06"),
        ("24/06/25", "04/06/05", None),
        ("201013101112", "201012101112", "2020-10-12T10:11:12"),
        ("202401312359", "201012101112", "2010-12-10T11:12"),
        ("240131235958", "201012101112", "2020-10-12T10:11:12"),
    ],
)
def test_times_before_and_after_tell_which(before: str, text: str, meaning: str | None) -> None:
    primed, told = Clock(), Clock()
    primed.prime([text, before])
    told.seconds(before) if meaning else told.prime([before])
    for clock in (primed, told):
        if meaning is None:
            with pytest.raises(ValueError, match=r"may be|is no"):
                clock.seconds(text)
        else:
            assert clock.seconds(text) == moment(meaning)


def test_what_is_a_number_is_in_doubt_no_more() -> None:
    dates, numbers = Readings(), Readings()
    day = Shape.of("%Y%m%d", DIGITS)
    assert dates.meant("20240131", [(day, moment("2024-01-31")), (EPOCH, 20240131.0)])[0] is day
    assert numbers.meant("7", [(EPOCH, 7.0)])[0] is EPOCH
    assert (dates.settled(day), dates.settled(EPOCH)) == (True, False)
    assert (numbers.settled(day), numbers.settled(EPOCH)) == (False, True)
    assert Clock().doubtful("201012101112")  # a day of 2010 or one of 2020
    clock = Clock()
    clock.seconds("7")
    assert not clock.doubtful("201012101112")
    assert clock.seconds("201012101112") == 201012101.112  # milliseconds


def test_a_valid_date_is_a_date_and_what_is_none_among_them_is_refused() -> None:
    clock = Clock()
    assert clock.seconds("20240131") == moment("2024-01-31")
    for text in ("20241301", "7", "1706745598"):
        with pytest.raises(ValueError, match="is no date, as those before it are"):
            clock.seconds(text)
    numbers = Clock()
    assert [numbers.seconds(text) for text in ("7", "20240131", "20241301")] == [7.0, 20240131.0, 20241301.0]
    primed = Clock()
    primed.prime(["20240131", "20241301"])
    assert primed.seconds("20240131") == 20240131.0


def test_days_turn_as_years_do() -> None:
    clock = Clock()
    found = [clock.seconds(text) for text in ("23:59:59", "00:00:01", "23:59:58", "11:59:57", "12:00:01")]
    assert np.diff(found).tolist() == [2.0, -3.0, 3600.0 * 12 - 1, 4.0 - 0.0]


@pytest.mark.parametrize(
    ("form", "text", "meaning"),
    [
        ("%d/%m/%Y", "05/06/2024", "2024-06-05"),
        ("%m/%d/%y %I:%M %p", "05/06/24 11:10 PM", "2024-05-06T23:10"),
        ("%s", "20240131", "1970-08-23T06:15:31"),
        ("%Y%m%d", "20240131", "2024-01-31"),
        ("%Y %j", "2024 060", "2024-02-29"),
        ("%e. %B %Y", " 5. June 2024", "2024-06-05"),
        ("%FT%T%z", "2024-06-05T10:00:00+0200", "2024-06-05T08:00:00"),
        ("Tag %d um %H Uhr %%", "Tag 5 um 7 Uhr %", "2000-01-05T07:00"),
    ],
)
def test_forms_that_the_user_names(form: str, text: str, meaning: str) -> None:
    assert Clock(form).seconds(text) == moment(meaning)
    with pytest.raises(ValueError, match="is no time of the form"):
        Clock(form).seconds("2024-06-05 10:00")


@pytest.mark.parametrize(
    ("form", "problem"), [("%Q", "%Q"), ("%Y%", "%"), ("%Y%_", "%_"), ("time", "no part"), ("", "no")]
)
def test_forms_that_are_none(form: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        ReadOptions(time_format=form)


mixed = st.lists(
    st.one_of(
        st.integers(0, 99).map("2026-01-31T23:59:{:02}".format),
        st.integers(0, 99).map("2026-01-31 23:59:{:02}.5".format),
        st.integers(1, 13).map("Jan {} 10:00:00".format),
        st.sampled_from(["Dec 31 23:59:59", "Feb 29 00:00:00", "Jul  2 00:00:00", "23:59:59", "00:00:01"]),
        st.sampled_from(["25/06/2024", "05/06/2024", "06/25/2024", "20240131", "240131235958", "never", "", "1e3"]),
        st.integers(1, 1 << 40).map(str),
    ),
    max_size=40,
)


@given(
    mixed | st.integers(0, 3).flatmap(lambda kind: mixed.map(lambda texts: sorted(texts * (kind + 1)))), st.booleans()
)
def test_many_times_are_those_of_one_after_the_other(texts: list[str], lenient: bool) -> None:
    one, many, expected = Clock(), Clock(), list[float]()
    for text in texts:
        try:
            expected.append(one.seconds_or_nan(text) if lenient else one.seconds(text))
        except ValueError:
            if not lenient:
                break
            expected.append(np.nan)
    np.testing.assert_array_equal(many.many(*joined(texts), 0, lenient), expected)
    assert many.state() == one.state()
    again = Clock()
    again.restore(json.loads(json.dumps(one.state())))
    assert again.state() == one.state()


def written(way: str, form: str) -> tuple[dict[str, Any], bytes]:
    """Return options, and two cases of which one is silent for two hours, with times of a form."""
    moments = (
        datetime(2024, 1, 31, hour, minute, tzinfo=UTC).strftime(form) for hour, minute in ((8, 0), (8, 1), (10, 0))
    )
    rows = list(zip(("a", "b", "a"), ("load", "load", "run"), moments, strict=True))
    if way == "csv":
        return {}, ("case;event;time\n" + "".join(";".join(row) + "\n" for row in rows)).encode()
    if way == "jsonl":
        keys = ("case", "event", "time")
        return {}, "".join(json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in rows).encode()
    pattern = r"(?P<time>.*) \[(?P<case>.*)\] (?P<event>.*)"
    return {"pattern": pattern}, "".join(f"{time} [{case}] {event}\n" for case, event, time in rows).encode()


FORMS = ["%d.%m.%Y %H:%M", "%Y%m%d%H%M%S", "%y%m%d %H%M%S", "%b %d %H:%M:%S", "%m/%d/%Y %I:%M %p", "%Y%m%d%H%M", "%s"]


@pytest.mark.parametrize("way", ["csv", "jsonl", "log"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("told", [False, True])
def test_every_reader_understands_them(read: Read, way: str, form: str, told: bool) -> None:
    options, text = written(way, form)
    found = read(io.BytesIO(text), idle=3600.0, **options, time_format=form if told else None)
    assert found.error is None
    assert sorted(found.named) == [("a", ["load"]), ("a", ["run"]), ("b", ["load"])]
    other = read(io.BytesIO(text), idle=3600.0, **options, time_format="%d. %B")
    assert "is no time of the form %d. %B (expected: times that `time_format` fits)" in str(other.error)


SPLIT = [("Jun", "14", "15:16:01", "b"), ("Jun", "14", "03:16:02", "a"), ("Jun", "15", "01:00:00", "c")]


@pytest.mark.parametrize("way", ["csv", "jsonl"])
def test_date_and_time_in_columns_of_their_own(read: Read, way: str) -> None:
    keys = ("Month", "Date", "Time", "event")
    if way == "csv":
        text = ",".join(keys) + "\n" + "".join(",".join(row) + "\n" for row in SPLIT)
    else:
        text = "".join(json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in SPLIT)
    for options in ({}, {"time": "Month+Date+Time"}):
        found = read(io.BytesIO(text.encode()), window=3, **options)
        assert (found.error, found.traces, found.told.stats.untimed) == (None, [["a", "b", "c"]], 0)
    wrong = read(io.BytesIO(text.encode()), window=3, time="Date+Time")
    assert "'14 15:16:01'" in str(wrong.error)


@pytest.mark.parametrize("way", ["csv", "jsonl"])
def test_the_time_of_day_alone_puts_nothing_in_order(read: Read, way: str) -> None:
    """Days may pass between two lines; who names the column has it taken as it is."""
    if way == "csv":
        text = "time,event\n" + "".join(f"{row[2]},{row[3]}\n" for row in SPLIT)
    else:
        text = "".join(json.dumps({"time": row[2], "event": row[3]}) + "\n" for row in SPLIT)
    found = read(io.BytesIO(text.encode()), window=3)
    assert (found.traces, found.told.stats.untimed) == ([["b", "a", "c"]], 3)
    assert any("has no date" in note for note in found.told.notes)
    named = read(io.BytesIO(text.encode()), window=3, time="time")
    assert (named.error, named.told.stats.untimed) == (None, 0)
