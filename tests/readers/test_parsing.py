"""Parsing, pinned by hand: epoch numbers, years without a name, names of columns, shapes of JSON, words and numbers."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from flexstream._kernels.tokens import OPEN
from flexstream.readers import Head, ReadOptions
from flexstream.readers.parsing import numbered
from flexstream.readers.parsing.fields import Layout, layout, parts, recognise
from flexstream.readers.parsing.json_shape import pattern
from flexstream.readers.parsing.times import Clock, epoch
from flexstream.readers.parsing.word_table import WordTable
from flexstream.stream.alphabet import SYMBOL_BYTES, UNLIMITED


@pytest.mark.parametrize(
    ("number", "seconds"),
    [
        (0, 0),
        (99_999_999_999, 99_999_999_999),
        (100_000_000_000, 100_000_000),
        (-100_000_000_000, -100_000_000),
        (1_500_000_000_123, 1_500_000_000.123),
        (1_500_000_000_123_456, 1_500_000_000.123456),
        (1_500_000_000_000_000_000, 1_500_000_000),
    ],
)
def test_epoch_numbers_count_powers_of_a_thousand(number: float, seconds: float) -> None:
    assert epoch(number) == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_what_is_not_finite_is_no_time(number: float) -> None:
    with pytest.raises(ValueError, match="no time"):
        epoch(number)


def moment(text: str) -> float:
    """Return the seconds of a time of a known year."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_a_year_without_a_name_turns_after_half_a_year() -> None:
    clock = Clock()
    assert clock.seconds("Jan  1 00:00:00") == moment("2000-01-01T00:00:00")
    # 182 days on is the same year; from there half a year back is the next one.
    assert clock.seconds("Jul  1 00:00:00") == moment("2000-07-01T00:00:00")
    assert clock.seconds("Dec 30 00:00:00") == moment("2000-12-30T00:00:00")
    assert clock.seconds("Jan  2 00:00:00") == moment("2001-01-02T00:00:00")
    assert clock.seconds("Dec 31 00:00:00") == moment("2000-12-31T00:00:00")  # a late line
    assert clock.seconds("Mar 31 12:00:00.5") == moment("2001-03-31T12:00:00") + 0.5


def test_half_a_year_is_183_days() -> None:
    """From 1 January 2000 the 182nd day is 1 July, the 183rd the 2nd, which is as near to be of the year before."""
    for day, year in (("Jul  1 23:59:59", 2000), ("Jul  3 00:00:00", 1999)):
        clock = Clock()
        clock.seconds("Jan  1 00:00:00")
        month = datetime.strptime(f"{year} {day}", "%Y %b %d %H:%M:%S").replace(tzinfo=UTC)
        assert clock.seconds(day) == month.timestamp()


def test_the_29th_of_february_in_a_year_that_has_none() -> None:
    clock = Clock()
    for text in ("Dec 31 00:00:00", "Jan  1 00:00:00"):
        clock.seconds(text)
    assert clock.seconds("Feb 29 06:00:00") == moment("2001-03-01T06:00:00")
    with pytest.raises(ValueError, match=r"\S"):
        clock.seconds("Feb 30 06:00:00")


def test_access_logs_without_a_zone_are_utc() -> None:
    assert Clock().seconds("23/Nov/2026:22:31:00") == moment("2026-11-23T22:31:00")
    assert Clock().seconds("23/Nov/2026:22:31:00 -0130") == moment("2026-11-24T00:01:00")
    with pytest.raises(ValueError, match="is no time"):
        Clock().seconds("23/Nix/2026:22:31:00")


@pytest.mark.parametrize("text", ["2026/01-31 10:00", "2026-01/31 10:00", "20260/1/31"])
def test_mixed_dates_are_no_times(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Clock().seconds(text)


def test_columns_are_recognised_by_preference_not_by_place() -> None:
    assert recognise("event", ["step", "Event.ID", "TASK", "task"]) == "TASK"
    assert recognise("event", ["costs"]) is None
    assert parts("a+b", ["a", "b"]) == ("a", "b")
    assert parts("a+b", ["a+b", "a"]) == ("a+b",)


@pytest.mark.parametrize(
    ("names", "options", "expected"),
    [
        ("case event time", {}, Layout("case", ("event",), "time")),
        ("case event time", {"case": "event"}, Layout("event", (), "time")),
        ("case event sequence", {"sequence": "sequence"}, Layout("case", (), None, "sequence")),
        ("lot task step", {"event": "task+step"}, Layout("lot", ("task", "step"), None)),
        ("lot task ts", {"time": "when"}, Layout("lot", ("task",), "when")),
        ("id symbols lot", {}, Layout("lot", (), None, "symbols")),
    ],
)
def test_layouts(names: str, options: dict[str, str], expected: Layout) -> None:
    assert layout(names.split(), ReadOptions(**options)) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"a": 1}', ("a",)),
        ('  {"a": 1, "b": "x", "c": null}  ', ("a", "b", "c")),
        ('{"a": 1, "a": 2}', None),
        ('{"a": "x\\n"}', None),
        ('{"a": {"b": 1}}', None),
        ("{}", None),
        ('{"a": 1} x', None),
        ('["a"]', None),
    ],
)
def test_patterns_of_objects(text: str, names: tuple[str, ...] | None) -> None:
    found = pattern(text)
    assert (found and found.names) == names
    if found:
        values = ["1", '"x"', "null"][: len(found.names)]
        assert "".join(part for pair in zip(found.literals, [*values, ""], strict=True) for part in pair) == text
        buffer, ends = found.arrays()
        starts = [0, *ends.tolist()[:-1]]
        pieces = [bytes(buffer[start:end]).decode() for start, end in zip(starts, ends.tolist(), strict=True)]
        assert tuple(pieces) == found.literals


@pytest.mark.parametrize(
    "sizes", [[4096, 3 * 4096, 64 * 4096], [5000, 5000, 20_000, 20_000], [1, 3 * 4096 - 1, 3 * 4096]]
)
def test_words_have_room_however_many_come(sizes: list[int]) -> None:
    words, texts = WordTable(), list[str]()
    for size in sizes:
        fresh = [f"{number:08}" for number in range(len(texts), len(texts) + size // 8)] + [
            "x" * (size % 8) + str(size)
        ]
        words.add(fresh)
        texts += fresh
        assert words.texts() == texts
        assert len(words.columns.arena) >= words.size == sum(map(len, texts))


def test_words_start_empty_and_without_a_limit() -> None:
    words = WordTable()
    columns = words.columns
    assert columns.size.tolist() == [0, 0, UNLIMITED, OPEN, SYMBOL_BYTES]
    assert (len(columns.codes), len(columns.starts), len(columns.arena)) == (256, 257, 4096)
    assert len(columns.slots) == 512
    assert (columns.slots == -1).all()
    assert (len(words), words.size, words.other, words.texts()) == (0, 0, None, [])


def test_a_table_of_words_doubles_and_keeps_what_it_has() -> None:
    words = WordTable()
    texts = [f"word-{number}" for number in range(300)]
    for text in texts:
        words.add([text])
    assert words.texts() == texts
    assert words.texts(7, 9) == texts[7:9]
    assert words.size == sum(map(len, texts))
    assert (len(words.columns.codes), len(words.columns.arena)) == (512, 4096)  # there was room for their bytes
    assert len(words.columns.slots) >= 2 * 512
    texts.append("x" * 4096)
    words.add(texts[-1:])
    assert words.texts() == texts
    assert (len(words.columns.codes), len(words.columns.arena)) == (512, 8192)  # and now for their number
    spans = np.array([[0, 0, 0, 0, 6, 0, 0], [0, 0, 0, 7, 15, 0, 0]])
    assert words.find(np.frombuffer(b"word-0,word-299", np.uint8), spans, 3).tolist() == [0, 299]
    words.keep(2)
    assert words.texts() == texts[:2]
    assert words.find(np.frombuffer(b"word-0,word-299", np.uint8), spans, 3).tolist() == [0, 2]


def test_a_closed_table_gives_the_catch_all() -> None:
    words = WordTable()
    words.add(["a"])
    words.limit(SYMBOL_BYTES + 1, None)
    buffer = np.frombuffer(b"abcd", np.uint8)
    spans = np.array([[0, 0, 0, start, start + 1, 0, 0] for start in range(4)])
    assert words.find(buffer, spans, 3).tolist() == [0, 1, 2, 2]  # b fits, c and d do not
    assert (words.other, words.texts()) == (2, ["a", "b", ""])


@pytest.mark.parametrize(
    ("text", "ended", "prefix", "share"),
    [
        (b"3 2\n1 0\n2 0 1\n0\n", True, 0, 1.0),
        (b"2 2\n1 0\n3 0 1\n", True, 0, 0.5),
        (b"2 2\n1 1 0\n0 2 0 1\n", True, 1, 1.0),
        (b"2 2\n2 1 0\n-1 1 0\n", True, 1, 0.5),
        (b"0 2\n", True, 0, 1.0),
        (b"1 2\n", True, 0, 0.0),
        (b"0 2\n", False, 0, 0.0),
        (b"a b\n1 0\n", True, 0, 0.0),
        (b"", True, 0, 0.0),
    ],
)
def test_how_many_lines_state_their_length(text: bytes, ended: bool, prefix: int, share: float) -> None:
    assert numbered.fit(Head(text, ended=ended), prefix) == share


@pytest.mark.parametrize(
    ("text", "is_counted"),
    [(b"2 9\n1 3\n9 9\n", True), (b"3 9\n1 3\n9 9\n", False), (b"1 9\nx\n", False), (b"0 9\n", False), (b"", False)],
)
def test_headers_that_count_their_lines(text: bytes, is_counted: bool) -> None:
    assert numbered.counted(Head(text, ended=True)) is is_counted
    assert numbered.counted(Head(text, ended=False)) is False


def test_the_largest_number_fits_64_bits() -> None:
    assert numbered.LARGEST == 9_223_372_036_854_775_807
    assert numbered.number(str(numbered.LARGEST)) == numbered.LARGEST
    with pytest.raises(ValueError, match="does not fit 64 bits"):
        numbered.number(str(numbered.LARGEST + 1))


@pytest.mark.parametrize(
    "options",
    [
        {"window": 1},
        {"window": 2, "stride": 1},
        {"idle": 0.5},
        {"max_open_cases": 1},
        {"max_open_events": 1},
        {"delimiter": "x"},
    ],
)
def test_the_least_that_makes_sense_is_allowed(options: dict[str, object]) -> None:
    assert ReadOptions(**options)  # type: ignore[arg-type]


def test_fields_are_those_that_were_named() -> None:
    assert ReadOptions(event="e", time="t").fields == ("e", "t")
    assert ReadOptions(case="c", sequence="s").fields == ("c", "s")
    assert ReadOptions().fields == ()
