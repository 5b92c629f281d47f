"""Tables without a header, with titles above it, and with dates and times of day in columns of their own."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flexstream import Alphabet, ReadOptions
from flexstream.readers import Reading
from flexstream.readers.parsing.table_top import find_top, may_be_row
from flexstream.readers.prior import Prior

STEPS = ["load", "run", "unload", "clean"]
BEGAN = datetime(2026, 1, 31, 10, tzinfo=UTC)
MOMENTS = [BEGAN + timedelta(seconds=30 * number) for number in range(120)]
ROWS = [(moment, f"L{number // 4}", STEPS[number % 4]) for number, moment in enumerate(MOMENTS)]
EXPECTED = [STEPS] * 30
ISO, GERMAN, ENGLISH = "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %I:%M:%S %p"
FORMS = [ISO, GERMAN, ENGLISH, "%Y%m%d%H%M%S", "%d/%b/%Y %H:%M", "%s"]


def table(form: str, between: str, header: str = "", order: tuple[int, ...] = (0, 1, 2)) -> bytes:
    def written(row: tuple[datetime, str, str]) -> str:
        moment = str(int(row[0].timestamp())) if form == "%s" else row[0].strftime(form)
        cells = (moment, *row[1:])
        return between.join(cells[place] for place in order)

    return "\n".join([*filter(None, [header]), *map(written, ROWS)]).encode() + b"\n"


@pytest.mark.parametrize("between", [",", ";", "\t", "|", "^"])
@pytest.mark.parametrize("form", FORMS)
def test_rows_without_a_header(read: Any, form: str, between: str) -> None:
    found = read(io.BytesIO(table(form, between)))
    assert found.traces == EXPECTED
    assert found.told.columns == {"case": "column 2", "event": "column 3", "time": "column 1"}
    assert any("there is no header" in note for note in found.told.notes)


@pytest.mark.parametrize("order", [(1, 2, 0), (2, 0, 1)])
def test_the_time_may_stand_anywhere(read: Any, order: tuple[int, ...]) -> None:
    assert read(io.BytesIO(table(ISO, ",", order=order))).traces == EXPECTED


def test_a_column_that_is_named_by_its_number_says_that_there_is_no_header(read: Any) -> None:
    text = b"7,load\n8,load\n7,run\n8,unload\n"
    assert read(io.BytesIO(text), case="column 1", event="column 2").traces == [["load", "run"], ["load", "unload"]]


def test_a_model_knows_that_its_columns_had_no_names() -> None:
    data = table(ISO, ";")
    reading = Reading(io.BytesIO(data), Alphabet())
    assert sum(map(len, reading)) == len(EXPECTED)
    short = Reading(io.BytesIO(data[:28]), Alphabet(), prior=Prior(reading.manner, {}))
    assert [batch.names for batch in short] == [["L0"]]


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-31 10:00:{:02},250 INFO lot {} loaded",
        "2026-01-31 10:00:{:02}; INFO; the lot {} was loaded into the tool",
        "2026-01-31 10:00:{:02} [main, 7] lot {} loaded, then moved",
        "[2026-01-31 10:00:{:02}] a, b, {}",
    ],
)
def test_lines_of_a_log_stay_such(read: Any, line: str) -> None:
    text = "".join(line.format(number % 60, number) + "\n" for number in range(60))
    assert read(io.BytesIO(text.encode())).told.format == "log"


@pytest.mark.parametrize("header", ["case,event,time", "Fall,Schritt,Zeit", "2026,event,time"])
def test_a_header_is_no_row(read: Any, header: str) -> None:
    text = table(ISO, ",", header, (1, 2, 0))
    assert read(io.BytesIO(text)).traces == EXPECTED


@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "title",
    [
        "Export of May\n",
        "Made{0}2026-02-01\n",
        "# by hand\nMade{0}2026-02-01\n\n",
        "Site{0}Hall 3\nMade{0}2026-02-01\n",
    ],
)
def test_titles_above_the_header(read: Any, title: str, between: str) -> None:
    text = title.format(between).encode() + table(ISO, between, between.join(["Time", "Lot", "Step"]))
    assert read(io.BytesIO(text)).traces == EXPECTED


@pytest.mark.parametrize("names", [("Zeit", "Fall", "Aktivität"), ("Wann", "Vorgangsnummer", "Was")])
def test_names_that_nobody_knows_between_tabs(read: Any, names: tuple[str, ...]) -> None:
    found = read(io.BytesIO(table(GERMAN, "\t", "\t".join(names))))
    assert (found.traces, found.told.format) == (EXPECTED, "csv")


def test_symbols_between_tabs_are_no_table(read: Any) -> None:
    text = b"load\trun\tmove\nrun\tload\tmove\nload\tload\trun\n"
    assert read(io.BytesIO(text)).told.format == "lines"


@pytest.mark.parametrize(
    ("form", "names", "time"),
    [
        ("%d.%m.%Y;%H:%M:%S", "Datum;Uhrzeit;Fall;Schritt", "Datum+Uhrzeit"),
        ("%Y-%m-%d;%I:%M:%S %p", "Day of work;Clock;case;event", "Day of work+Clock"),
        ("%Y-%m-%d;%H:%M:%S", "date;hora;case;event", "date+hora"),
        ("%Y-%m-%d;%Y-%m-%dT%H:%M:%S", "Date;Time;case;event", "Time"),
        ("%Y-%m-%dT%H:%M:%S;%H:%M:%S", "timestamp;duration;case;event", "timestamp"),
        ("%Y-%m-%d;%H:%M:%S", "", "column 1+column 2"),
    ],
)
def test_a_date_and_a_time_of_day_belong_together(form: str, names: str, time: str) -> None:
    options: dict[str, Any] = {} if names != "Day of work;Clock;case;event" else {"time": time}
    reading = Reading(io.BytesIO(table(form, ";", names)), Alphabet(), ReadOptions(**options))
    batches = list(reading)
    assert reading.columns["time"] == time
    for batch in batches:
        assert batch.durations is not None
        assert len({*batch.durations.tolist()} - {-1}) == 1  # all in the bin of half a minute


W3C = "#Software: server\n#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\n"
ZEEK = "#separator \\x09\n#path\tconn\n#fields\tts\torder\tstatus\n#types\ttime\tstring\tstring\n"


def test_fields_are_named_in_a_comment(read: Any) -> None:
    def rows(form: str) -> str:
        return "".join(form.format(moment, case, step, moment.timestamp()) + "\n" for moment, case, step in ROWS)

    w3c = W3C + rows("{0:%Y-%m-%d %H:%M:%S} 10.0.0.{1} GET /{2} 200").replace(".L", ".")
    found = read(io.BytesIO(w3c.encode()))
    assert found.traces == [[f"GET /{step} 2xx" for step in STEPS]] * 30
    event = "cs-method+cs-uri-stem+sc-status"
    assert found.told.columns == {"case": "c-ip", "event": event, "time": "date+time"}
    assert read(io.BytesIO(w3c.encode()), event="cs-uri-stem").traces == [["/" + step for step in STEPS]] * 30
    assert read(io.BytesIO((ZEEK + rows("{3}\t{1}\t{2}") + "#close x\n").encode())).traces == EXPECTED


def test_a_header_block_may_come_again(read: Any) -> None:
    half = "".join(f"{moment:%Y-%m-%d %H:%M:%S} {case} GET /{step} 200\n" for moment, case, step in ROWS[:60])
    found = read(io.BytesIO((W3C + half + W3C + half).encode()), case="c-ip")
    assert found.error is None and sum(map(len, found.traces)) == 120


def test_rows_of_many_columns_may_hold_messages(read: Any) -> None:
    rows = [
        f'{moment:%Y-%m-%d %H:%M:%S},x,y,{case},{step},"did {step} as it was told to"' for moment, case, step in ROWS
    ]
    assert read(io.BytesIO("\n".join(rows).encode()), case="column 4", event="column 5").traces == EXPECTED
    assert read(io.BytesIO("\n".join(rows).encode())).told.format == "csv"


def test_markdown_of_names_that_nobody_knows(read: Any) -> None:
    rows = "".join(f"| {case} | {step} |\n" for _, case, step in ROWS)
    assert read(io.BytesIO(f"| Auftrag | Schritt |\n|---|---|\n{rows}".encode())).traces == EXPECTED


def test_how_long_something_took_is_no_time_of_day(read: Any) -> None:
    rows = "".join(
        f"{case},{step},{moment:%Y-%m-%d},00:0{number % 7}:00\n" for number, (moment, case, step) in enumerate(ROWS)
    )
    found = read(io.BytesIO(f"case,activity,date,duration\n{rows}".encode()))
    assert found.told.columns["time"] == "date"


def test_rows_may_be_gone_on_with_as_in_logs(read: Any) -> None:
    rows = [f"{moment:%Y-%m-%d %H:%M:%S}, {case}, {step}" for moment, case, step in ROWS]
    text = "\n".join([*rows[:30], "    at fab.Lot.run(Lot.java:7)", *rows[30:]])
    found = read(io.BytesIO(text.encode()))
    assert found.error is None and found.told.stats.continued == 1
    assert found.traces == EXPECTED


def test_what_an_odd_row_may_be(read: Any) -> None:
    rows = [f"{moment:%Y-%m-%d %H:%M:%S},{case},{step}" for moment, case, step in ROWS]
    found = read(io.BytesIO("\n".join([*rows, "lot 7, lot 8, lot 9 and all others, too"]).encode()))
    assert "4 columns, but the first row has 3" in str(found.error) and "`format` log" in str(found.error)


def test_messages_between_bars_may_hold_bars_and_vary(read: Any) -> None:
    """The messages are what happens, masked as those of logs are."""
    rows = [
        f"{moment:%Y-%m-%d %H:%M:%S}|INFO|main|lot {number} {step}" for number, (moment, _, step) in enumerate(ROWS)
    ]
    found = read(io.BytesIO("\n".join([*rows, "2026-02-01 10:00:00|INFO|main|lot 7 run|twice"]).encode()), case="")
    assert found.error is None
    assert [symbol for trace in found.traces for symbol in trace] == [
        *(f"lot <*> {step}" for _, _, step in ROWS),
        "lot <*> run|twice",
    ]
    assert any("behind the last column belongs to it" in note for note in found.told.notes)


def test_what_begins_like_a_row_and_is_no_table_is_a_log(read: Any) -> None:
    rows = [f"{moment:%Y-%m-%d %H:%M:%S},{case},{step}\n  and more" for moment, case, step in ROWS]
    found = read(io.BytesIO("\n".join(rows).encode()))
    assert found.told.format == "log" and sum(map(len, found.traces)) == len(ROWS)


def test_rows_of_very_many_columns_take_no_longer() -> None:
    for line in ("1," * 30_000, "10:00:00," * 7_000, "2026-01-31," * 6_000):
        began = time.monotonic()
        may_be_row(line)
        find_top([line] * 20)
        assert time.monotonic() - began < 1
