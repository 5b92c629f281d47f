"""Times under names that nobody knows: told by what stands there, in CSV and JSON lines alike."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

STEPS = ["load", "run", "check", "unload"]
Row = tuple[str, str, str, str]
"""Case, event, when, and something else."""


def rows(form: str = "%Y-%m-%d %H:%M:%S", others: str = "x") -> list[Row]:
    """Return sixty cases side by side, three at a time."""
    found = [(start + case, step) for start in range(0, 60, 3) for step in range(4) for case in range(3)]
    moments = [datetime.fromtimestamp(1_769_900_000 + 50_000 * place, UTC) for place in range(len(found))]
    return [
        (f"c{case}", STEPS[step], moment.strftime(form), others)
        for (case, step), moment in zip(found, moments, strict=True)
    ]


def as_csv(written: list[Row], names: tuple[str, str, str, str]) -> bytes:
    return "".join(";".join(row) + "\n" for row in [names, *written]).encode()


def as_jsonl(written: list[Row], names: tuple[str, str, str, str]) -> bytes:
    return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in written).encode()


both_ways = pytest.mark.parametrize("write", [as_csv, as_jsonl])
NAMES = ("case", "activity", "wann", "zone")


@both_ways
@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%Y%m%d%H%M%S", "%s", "%d/%m/%Y %H:%M"])
@pytest.mark.parametrize(
    "names", [NAMES, ("Auftrag", "Schritt", "日時", "zone"), ("order", "status", "horodatage", "z")]
)
def test_an_export_that_is_newest_first_is_turned_round(
    read: Callable[..., Any], write: Callable[..., bytes], form: str, names: tuple[str, str, str, str]
) -> None:
    written = rows(form)
    told = f"<input>: column {names[2]} is taken for the time (240 values in the first 240 rows); `time` names another"
    for order in (written, written[::-1]):
        found = read(io.BytesIO(write(order, names)))
        assert found.traces == [STEPS] * 60
        assert told in found.told.notes
    assert found.told.columns["time"] == names[2]


@both_ways
@pytest.mark.parametrize("other", ["x", "2026-01-31", "2026-01-31 10:00:00"])
def test_a_day_that_all_rows_share_hides_no_time(
    read: Callable[..., Any], write: Callable[..., bytes], other: str
) -> None:
    found = read(io.BytesIO(write(rows(others=other)[::-1], NAMES)))
    assert (found.traces, found.told.columns["time"]) == ([STEPS] * 60, "wann")


def with_ends(seconds: Callable[[int], int], form: str = "%Y-%m-%d %H:%M:%S") -> list[Row]:
    """Return cases with the time when each step ends before that when it starts, so many seconds earlier."""
    found = []
    for place, (case, event, when, _) in enumerate(rows()):
        end = datetime.fromisoformat(when + "+00:00").timestamp() + 86400
        start = end - seconds(place)
        found.append((case, event, *(datetime.fromtimestamp(one, UTC).strftime(form) for one in (end, start))))
    return found


ENDS = ("case", "activity", "bis", "von")


@both_ways
def test_of_start_and_end_the_start_is_taken_and_told(read: Callable[..., Any], write: Callable[..., bytes]) -> None:
    written = with_ends(lambda place: 60 + 40 * place)
    random.Random(5).shuffle(written)
    found = read(io.BytesIO(write(written, ENDS)))
    assert (found.traces, found.told.columns["time"]) == ([STEPS] * 60, "von")
    note = next(note for note in found.told.notes if "column von is taken" in note)
    assert note.endswith("as it comes before bis; `time` names another, as `time` bis")
    assert read(io.BytesIO(write(written, ENDS)), time="bis").told.columns["time"] == "bis"


@both_ways
def test_of_times_that_cross_none_is_taken_and_that_is_told(
    read: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    written = with_ends(lambda place: 60 if place % 2 else -60)
    found = read(io.BytesIO(write(written, ENDS)))
    assert "time" not in found.told.columns
    assert any(
        "columns bis and von look like the time, and none comes before the others" in note for note in found.told.notes
    )


@both_ways
def test_halves_of_days_are_times_though_the_day_is_doubtful(
    read: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    form = "%m/%d/%Y %I:%M:%S %p"
    found = read(io.BytesIO(write(few_days(form)[::-1], NAMES)))
    assert any("column wann looks like the time, but" in note and "time_format" in note for note in found.told.notes)
    named = read(io.BytesIO(write(few_days(form)[::-1], NAMES)), time_format=form)
    assert named.traces == [STEPS] * 60


@both_ways
def test_days_on_which_something_is_due_are_no_times(read: Callable[..., Any], write: Callable[..., bytes]) -> None:
    due = [(case, event, f"2026-0{1 + int(case[1:]) % 7}-01", "x") for case, event, _, _ in rows()]
    found = read(io.BytesIO(write(due, NAMES)))
    assert (found.traces, found.told.notes[1:]) == ([STEPS] * 60, [])
    assert "time" not in found.told.columns


@both_ways
@pytest.mark.parametrize("cell", ["10:00:00", "", "12", "1.5", "here"])
def test_what_has_no_date_is_no_time(read: Callable[..., Any], write: Callable[..., bytes], cell: str) -> None:
    found = read(io.BytesIO(write([(*row[:2], cell, row[3]) for row in rows()], NAMES)))
    assert found.traces == [STEPS] * 60
    assert "time" not in found.told.columns


@both_ways
def test_silence_ends_cases_by_guessed_times(read: Callable[..., Any], write: Callable[..., bytes]) -> None:
    found = read(io.BytesIO(write([("c", *row[1:]) for row in rows()], NAMES)), idle=60_000.0, cut=False)
    assert len(found.traces) == 1
    found = read(io.BytesIO(write([("c", *row[1:]) for row in rows()], NAMES)), idle=40_000.0, cut=False)
    assert len(found.traces) == 240


AMBIGUOUS = [("%d.%m.%y %H:%M", " 2007-02-26"), ("%d/%m/%Y %H:%M", " 2026-07-02")]


def few_days(form: str) -> list[Row]:
    """Return cases within the first days of a month, by day only, so that nothing tells that a day is no month."""
    first = datetime(2026, 2, 3, 8, tzinfo=UTC).timestamp()
    moments = [datetime.fromtimestamp(first + 86400 * (n // 48) + 600 * (n % 48), UTC) for n in range(240)]
    return [(*row[:2], moment.strftime(form), row[3]) for row, moment in zip(rows(), moments, strict=True)]


@both_ways
@pytest.mark.parametrize(("form", "other"), AMBIGUOUS)
def test_times_that_may_mean_several_are_told_unasked(
    read: Callable[..., Any], write: Callable[..., bytes], form: str, other: str
) -> None:
    backwards = few_days(form)[::-1]
    found = read(io.BytesIO(write(backwards, NAMES)))
    assert found.traces == [STEPS[::-1]] * 60
    told = [note for note in found.told.notes if "column wann looks like the time, but" in note]
    assert len(told) == 1
    assert f"(the form of all times with `time_format`, such as {form})" in told[0]
    assert " 2026-02-07" in told[0]
    assert other in told[0]
    named = read(io.BytesIO(write(backwards, NAMES)), time_format=form)
    assert (named.error, named.traces, named.told.columns["time"]) == (None, [STEPS] * 60, "wann")


@both_ways
def test_a_form_of_times_finds_the_column_that_has_it(read: Callable[..., Any], write: Callable[..., bytes]) -> None:
    form = "on day %d of %m in %Y at %H.%M"
    found = read(io.BytesIO(write(few_days(form)[::-1], NAMES)), time_format=form)
    assert (found.error, found.traces, found.told.columns["time"]) == (None, [STEPS] * 60, "wann")
    several = [(*row[:3], row[2]) for row in few_days(form)]
    found = read(io.BytesIO(write(several, NAMES)), time_format=form)
    assert any("column wann is taken for the time" in note and "`time` zone" in note for note in found.told.notes)


@both_ways
def test_days_on_which_something_is_due_are_told_nothing_of(
    read: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    due = [(*row[:2], f"0{1 + int(row[0][1:]) % 7}/02/2026", "x") for row in rows()]
    assert not [note for note in read(io.BytesIO(write(due, NAMES))).told.notes if "looks like the time" in note]


def test_lines_whose_times_may_mean_several_say_so(read: Callable[..., Any]) -> None:
    lines = [f"{when}:00 INFO {event} at 7\n" for _, event, when, _ in few_days("%d/%m/%Y %H:%M")]
    found = read(io.BytesIO("".join(lines).encode()), format="log", window=4)
    assert [note for note in found.told.notes if " may be 2026-02-03 " in note and "`time_format`" in note]
    found = read(io.BytesIO("".join(lines).encode()), format="log", window=4, time_format="%d/%m/%Y %H:%M:%S")
    assert not [note for note in found.told.notes if " may be " in note]


PATHS = [
    ["Eingang", "Zahlung", "Packen", "Versand", "Zustellung"],
    ["Eingang", "Mahnung", "Zahlung", "Packen", "Versand", "Zustellung"],
    ["Eingang", "Zahlung", "Packen", "Versand", "Zustellung", "Retoure", "Gutschrift"],
]


def scattered(form: str, seed: int) -> list[Row]:
    """Return four hundred cases, fifty at a time, whose rows stand in no order; who did it says nothing of them."""
    chance = random.Random(seed)
    steps = [
        (1_769_900_000 + 3_000 * case + chance.randint(1, 40_000) + 30_000 * place, f"A-{case + 100}", step)
        for case in range(400)
        for place, step in enumerate(chance.choice(PATHS))
    ]
    written = [
        (case, step, datetime.fromtimestamp(second, UTC).strftime(form), chance.choice(["Meier", "Schulz", "Nowak"]))
        for second, case, step in steps
    ]
    chance.shuffle(written)
    return written


@both_ways
@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%d.%m.%y %H:%M"])
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_rows_hides_no_column(
    read: Callable[..., Any], write: Callable[..., bytes], form: str, seed: int
) -> None:
    names = ("Auftragsnr.", "Vorgang", "wann", "Sachbearb.")
    found = read(io.BytesIO(write(scattered(form, seed), names)))
    assert found.error is None
    assert (found.told.columns["case"], found.told.columns["event"]) == ("Auftragsnr.", "Vorgang")
    assert found.told.columns["time"] == "wann"


@both_ways
@pytest.mark.parametrize("name", ["when it was", "datetime"])
@pytest.mark.parametrize("nothing", ["", "NULL", "-"])
def test_a_time_by_its_name_that_holds_nothing_is_none(
    read: Callable[..., Any], write: Callable[..., bytes], name: str, nothing: str
) -> None:
    backwards = [(*row[:3], nothing) for row in rows()][::-1]
    found = read(io.BytesIO(write(backwards, ("case", "activity", name, "timestamp"))))
    assert (found.error, found.traces, found.told.columns["time"]) == (None, [STEPS] * 60, name)
    now_and_then = [(*row[:3], "" if place % 7 else row[2]) for place, row in enumerate(rows())]
    found = read(io.BytesIO(write(now_and_then, ("case", "activity", "x", "timestamp"))))
    assert found.told.columns["time"] == "timestamp"


@both_ways
def test_a_row_that_ends_before_it_starts_hides_no_time(read: Callable[..., Any], write: Callable[..., bytes]) -> None:
    written = with_ends(lambda place: -60 if place == 7 else 60)[::-1]
    found = read(io.BytesIO(write(written, ENDS)))
    assert (found.told.columns["time"], found.traces[0]) == ("von", STEPS)


@both_ways
@pytest.mark.parametrize("several", [True, False])
def test_a_day_and_a_time_of_day_under_names_that_nobody_knows(
    read: Callable[..., Any], write: Callable[..., bytes], several: bool
) -> None:
    """Of start and end on one day the start is taken, though the end may be past midnight."""
    written, luck = [], random.Random(2)
    for place, (case, event, *_) in enumerate(rows()):
        start = datetime.fromtimestamp(1_769_900_000 + 5000 * place, UTC)
        end = datetime.fromtimestamp(start.timestamp() + 3000, UTC)
        both = [f"{end:%H:%M:%S}" if several else "x", f"{start:%H:%M:%S}"]
        written.append((case, event, f"{start:%d.%m.%Y}", *both))
    luck.shuffle(written)
    found = read(io.BytesIO(write(written, ("case", "activity", "tag", "bis", "von"))))
    assert (found.error, found.told.columns["time"], found.traces) == (None, "tag+von", [STEPS] * 60)


@pytest.mark.parametrize("form", ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y, %I:%M:%S %p", "%d.%m.%Y, %H:%M:%S"])
def test_logs_begin_with_times_as_people_write_them(read: Callable[..., Any], form: str) -> None:
    moments = [datetime.fromtimestamp(1_769_900_000 + 7000 * place, UTC) for place in range(160)]
    times = [moment.strftime(form).replace("0", "", 1) for moment in moments]
    lines = [f"{time} INFO {step} is done" for time, step in zip(times, STEPS * 40, strict=True)]
    found = read(io.BytesIO("\n".join(lines).encode()), format="log")
    assert {symbol for trace in found.traces for symbol in trace} == {f"{step} is done" for step in STEPS}
    assert found.told.stats.untimed == 0
