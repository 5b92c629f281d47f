"""Guesses at the case and the event in files that do not call them so."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from flexstream.readers import ReadContext, Reading, ReadOptions, read_items
from flexstream.readers.parsing.guessing import EVENTS, LASTING, THINGS
from flexstream.stream.alphabet import Alphabet

from .conftest import Dripping, Found, read_all

ROUTE = ["arrive", "clamp", "run", "unclamp", "leave"]
Rows = list[list[str]]


def interleaved(cases: int, length: int = 5, width: int = 6, seed: int = 1) -> list[tuple[str, str]]:
    """Return (case, event) of cases that go through the route several at once."""
    rng = random.Random(seed)
    waiting, places = [f"K{number}" for number in range(cases)], dict[str, int]()
    found = []
    while waiting or places:
        while waiting and len(places) < width:
            places[waiting.pop(0)] = 0
        case = rng.choice(sorted(places))
        found.append((case, ROUTE[places[case] % len(ROUTE)]))
        places[case] += 1
        if places[case] == length:
            del places[case]
    return found


def as_csv(names: list[str], rows: Rows) -> bytes:
    return "".join(",".join(row) + "\n" for row in [names, *rows]).encode()


def as_jsonl(names: list[str], rows: Rows) -> bytes:
    return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows).encode()


def log(
    names: list[str], written: Callable[[list[str], Rows], bytes], seed: int = 1, hour: int = 10, **how: int
) -> bytes:
    """Return a log with columns for number, time, case, event, noise and hall."""
    rng = random.Random(seed)
    rows = [
        [str(n), f"2026-01-31 {hour}:{n // 60 % 60:02}:{n % 60:02}", case, event, rng.choice("uvw"), "hall 1"]
        for n, (case, event) in enumerate(interleaved(seed=seed, **how))
    ]
    return written(names, rows)


def told(found: Found) -> str:
    assert found.error is None
    return "\n".join(found.told.notes)


both = pytest.mark.parametrize("written", [as_csv, as_jsonl])


@both
@pytest.mark.parametrize(("case", "event"), [("Vorgang", "Was"), ("x1", "x2"), ("Order", "Status"), ("id", "message")])
def test_what_is_called_otherwise_is_found(written: Callable[[list[str], Rows], bytes], case: str, event: str) -> None:
    text = log(["n", "at", case, event, "who", "where"], written, cases=100)
    found = read_all(io.BytesIO(text))
    assert f"column {case} is taken for the case" in told(found)
    assert f"column {event} is taken for the event" in told(found)
    assert sorted(found.named) == sorted((f"K{number}", ROUTE) for number in range(100))


@both
def test_a_known_name_needs_no_guess(written: Callable[[list[str], Rows], bytes]) -> None:
    text = log(["n", "timestamp", "case_id", "activity", "order", "state"], written, cases=100)
    found = read_all(io.BytesIO(text))
    assert "taken" not in told(found)
    assert len(found.traces) == 100


@both
@pytest.mark.parametrize("name", ["Pid", "user", "client_ip", "machine"])
def test_what_lasts_is_a_case_where_it_matters(written: Callable[[list[str], Rows], bytes], name: str) -> None:
    found = read_all(io.BytesIO(log(["n", "at", name, "activity", "who", "where"], written, cases=4, length=50)))
    assert f"column {name} is taken for the case (4 values" in told(found)
    # The same name on a column that says nothing.
    found = read_all(io.BytesIO(log(["n", "at", "lane", "activity", name, "where"], written, cases=4, length=50)))
    assert f"column {name} is taken" not in told(found)


@both
@pytest.mark.parametrize("name", ["order", "serial_no", "wafer"])
def test_a_name_is_not_believed_where_each_row_has_its_own(
    written: Callable[[list[str], Rows], bytes], name: str
) -> None:
    found = read_all(io.BytesIO(log([name, "at", "x", "activity", "who", "where"], written, cases=100)))
    assert "column x is taken for the case" in told(found)


@both
def test_a_blank_case_says_that_there_is_none(written: Callable[[list[str], Rows], bytes]) -> None:
    for names in (["n", "time", "order", "activity", "w", "h"], ["n", "time", "case_id", "activity", "w", "h"]):
        found = read_all(io.BytesIO(log(names, written, cases=30)), case="", window=50)
        assert [len(trace) for trace in found.traces] == [50, 50, 50]
        assert "taken" not in told(found)


@both
def test_named_columns_are_not_guessed_beside(written: Callable[[list[str], Rows], bytes]) -> None:
    text = log(["n", "at", "vorgang", "was", "wer", "wo"], written, cases=100)
    found = read_all(io.BytesIO(text), case="wer", event="was", cut=False)
    assert "taken for the event" not in told(found) and "taken for the case" not in told(found)
    assert sorted(found.names or []) == ["u", "v", "w"]
    found = read_all(io.BytesIO(text), event="was")
    assert "column vorgang is taken for the case" in told(found)


@both
def test_the_guess_does_not_hang_on_how_the_bytes_come(written: Callable[[list[str], Rows], bytes]) -> None:
    text = log(["n", "at", "vorgang", "was", "wer", "wo"], written, cases=400)
    whole = read_all(io.BytesIO(text))
    for size in (997, 40_000):
        found = read_all(Dripping(text, size))
        assert (found.named, found.told.notes) == (whole.named, whole.told.notes)


@both
def test_one_guess_holds_for_all_sources_and_after_a_resume(written: Callable[[list[str], Rows], bytes]) -> None:
    names = ["n", "at", "vorgang", "was", "wer", "wo"]
    first, second = log(names, written, cases=100), log(names, written, hour=20, cases=2, length=2)
    found = read_all([io.BytesIO(first), io.BytesIO(second)])
    assert len(found.traces) == 100  # K0 and K1 go on
    assert dict(found.named)["K1"] == [*ROUTE, "arrive", "clamp"]

    def reading() -> Reading:
        return Reading([io.BytesIO(first), io.BytesIO(second)], Alphabet(), ReadOptions(max_open_cases=3))

    whole, part, rest = reading(), reading(), reading()
    before = next(iter(part)).names
    rest.restore(part.state())
    # Where batches end hangs on the clock.
    assert [name for batch in whole for name in batch.names or ()] == [
        *(before or ()),
        *(name for batch in rest for name in batch.names or ()),
    ]


def test_no_event_to_be_guessed_is_an_error() -> None:
    text = "a,b\n" + "".join(f"{number},{number * 7 % 101}\n" for number in range(300))
    error = read_all(io.BytesIO(text.encode())).error
    assert error is not None
    assert "no column for the event" in str(error)


def test_objects_without_the_field_that_others_have() -> None:
    """Whether a case was recognised or guessed, what lacks it belongs to none."""
    lines = [json.dumps({"vorgang": case, "activity": event}) for case, event in interleaved(60)]
    lines.insert(30, '{"activity": "tick"}')
    text = "\n".join(lines).encode()
    assert "vorgang" in str(read_all(io.BytesIO(text)).error)
    found = read_all(io.BytesIO(text), on_error="skip")
    assert (len(found.traces), found.told.stats.skipped) == (60, 1)
    assert "tick" not in {symbol for trace in found.traces for symbol in trace}


def test_the_names_are_in_one_list_each() -> None:
    names = [*THINGS, *LASTING, *EVENTS]
    assert len(names) == len(set(names))
    assert all(name == name.lower() and name.removeprefix("@").isalnum() for name in names)


@pytest.mark.parametrize(
    ("names", "options", "waits"),
    [
        ("case,event,time", {}, False),
        ("lot,task,at", {"case": "lot", "event": "task", "time": "at"}, False),
        ("lot,what,at", {"case": "lot", "time": "at"}, True),
    ],
)
@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_where_nothing_is_to_be_guessed_nobody_waits_for_more(
    format: str, names: str, options: dict[str, str], waits: bool
) -> None:
    rows = [(f"{row % 7}", f"step{row % 3}", f"2026-01-31 10:00:{row:02}") for row in range(40)]
    if format == "csv":
        text = "".join(",".join(row) + "\n" for row in [names.split(","), *rows])
    else:
        text = "".join(json.dumps(dict(zip(names.split(","), row, strict=True))) + "\n" for row in rows)
    pieces, asked = [text.encode()], []
    source = SimpleNamespace(read=lambda size: asked.append(size) or (pieces.pop() if pieces else b""))
    next(read_items(source, ReadContext(ReadOptions(**options))))
    assert (len(asked) > 1) == waits
