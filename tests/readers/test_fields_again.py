"""Logs of W3C's form, and of Zeek's, whose fields are named anew in their middle."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Sequence
from typing import Any

import pytest

from flexstream import ReadOptions
from flexstream.readers import Reading
from flexstream.readers.sessions import packing
from flexstream.stream.alphabet import Alphabet
from flexstream.verdict.inspection import inspected

Row = dict[str, str]
STEPS = ["load", "run", "unload"]
FIRST = ("time", "case", "event", "status")
OTHERS: dict[str, Sequence[str]] = {
    "another order": ("time", "event", "status", "case"),
    "more": ("time", "host", "case", "event", "status", "took"),
    "fewer": ("time", "event", "case"),
    "the same": FIRST,
}
CASES = 60


def events(cases: range) -> list[Row]:
    return [
        {"time": f"2026-01-31T{case // 60:02}:{case % 60:02}:0{place}", "case": f"c{case}", "event": step}
        | {"status": "200", "host": "a7", "took": "15"}
        for case in cases
        for place, step in enumerate(STEPS)
    ]


def part(fields: Sequence[str], rows: list[Row], sign: str) -> str:
    """Return rows with the comment that names their fields, as servers write them."""
    named = f"#Fields: {' '.join(fields)}" if sign == " " else "\t".join(("#fields", *fields))
    above = "#Software: server\n#Version: 1.0\n" if sign == " " else "#path\tconn\n"
    return f"{above}{named}\n" + "".join(sign.join(row[name] for name in fields) + "\n" for row in rows)


def log(other: Sequence[str], sign: str, half: int = CASES // 2) -> bytes:
    first, second = events(range(half)), events(range(half, CASES))
    return (part(FIRST, first, sign) + part(other, second, sign)).encode()


@pytest.mark.parametrize("sign", [" ", "\t"], ids=["w3c", "zeek"])
@pytest.mark.parametrize("name", OTHERS)
def test_columns_are_known_by_their_names_below(read: Any, both: Any, name: str, sign: str) -> None:
    content = log(OTHERS[name], sign)
    found = read(io.BytesIO(content))
    assert found.error is None
    assert found.traces == [STEPS] * CASES
    told = [note for note in found.told.notes if "other fields are named on line" in note]
    assert len(told) == (name != "the same")
    for bounds in ((), (100, None, None)):
        both(content, bounds)


@pytest.mark.parametrize("sign", [" ", "\t"], ids=["w3c", "zeek"])
def test_the_first_fields_may_come_back(read: Any, sign: str) -> None:
    thirds = [events(range(at, at + 20)) for at in (0, 20, 40)]
    text = "".join(
        part(fields, rows, sign) for fields, rows in zip((FIRST, OTHERS["another order"], FIRST), thirds, strict=True)
    )
    assert read(io.BytesIO(text.encode())).traces == [STEPS] * CASES


@pytest.mark.parametrize("sign", [" ", "\t"], ids=["w3c", "zeek"])
@pytest.mark.parametrize("name", OTHERS)
def test_reading_goes_on_behind_the_change(name: str, sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "BATCH_TRACES", 7)
    content, alphabet = log(OTHERS[name], sign), Alphabet()
    options = ReadOptions(idle=5.0)  # so that cases end on the way
    batches = sum(1 for _ in Reading(io.BytesIO(content), Alphabet(), options))
    for cut in range(1, batches + 1):
        reading = Reading(io.BytesIO(content), alphabet, options)
        seen = [trace.tolist() for batch in itertools.islice(reading, cut) for trace in batch]
        again = Reading(io.BytesIO(content), alphabet, options)
        again.restore(json.loads(json.dumps(reading.state(), default=lambda array: array.tolist())))
        seen += [trace.tolist() for batch in again for trace in batch]
        assert [[alphabet.text(symbol) for symbol in trace] for trace in seen] == [STEPS] * CASES


@pytest.mark.parametrize("sign", [" ", "\t"], ids=["w3c", "zeek"])
def test_a_column_that_is_missed_is_told(read: Any, sign: str) -> None:
    found = read(io.BytesIO(log(("time", "event", "status"), sign)))
    line = 3 * CASES // 2 + (6 if sign == " " else 4)
    assert str(found.error).startswith(
        f"<input>:{line}: the fields change here, and none is 'case' any more (expected: "
    )


def test_rows_that_do_not_fit_the_new_fields_are_told(read: Any) -> None:
    content = log(OTHERS["more"], " ") + b"2026-01-31T23:00:00 c1 load 200\n"
    assert "4 columns, but the header has 6" in str(read(io.BytesIO(content)).error)


def test_a_comment_that_speaks_of_fields_changes_nothing(read: Any) -> None:
    content = log(FIRST, " ") + b"#Fields are told above\n#Remark: no fields: at all\n"
    assert read(io.BytesIO(content)).traces == [STEPS] * CASES


def test_the_first_rows_that_are_looked_at_are_those_of_the_first_fields() -> None:
    found = inspected(io.BytesIO(log(OTHERS["another order"], " ", 10)))
    assert found.roles == {"case": "case", "event": "event", "time": "time"}
    assert found.problem is None
    assert [column.distinct for column in found.columns if column.name == "event"] == [3]
