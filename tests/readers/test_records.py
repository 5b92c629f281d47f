"""Lines that belong to the line above: stack traces and the like, with and without a pattern."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

import pytest

from flexstream.readers import Head, guess
from flexstream.readers.formats.log import opens
from flexstream.readers.parsing.records import MOST, looks_like_text

from .conftest import Dripping, read_all


@pytest.fixture
def read() -> Any:
    """Read with traces as long as they are."""
    return partial(read_all, cut=False)


JAVA = """\
java.lang.IllegalStateException: lot {0} lost
\tat com.fab.Server.run(Server.java:{0})
\tat com.fab.Main.main(Main.java:7)
Caused by: java.io.IOException: 12:00:00 is over
\t... 17 more
"""
PYTHON = """\
Traceback (most recent call last):
  File "fab.py", line {0}, in run
    load(lot)

ValueError: lot {0} lost
"""
NODE = "Error: lot {0} lost\n    at run (fab.js:{0}:7)\n    at 2026-01-31T10:00:00Z\n"
SQL = "select lot\n  from lots\n where number = {0}\n"
JSON = '{{\n  "lot": {0},\n  "at": "2026-01-31 10:00:00"\n}}\n'
BELOW = {"java": JAVA, "python": PYTHON, "node": NODE, "sql": SQL, "json": JSON}

STAMPS = {
    "iso": "2026-01-31 10:00:{0:02} ERROR [r{1}] ",
    "syslog": "Jan 31 10:00:{0:02} host fab[{0}]: [r{1}] ",
    "access": "10.0.0.1 - - [31/Jan/2026:10:00:{0:02} +0000] [r{1}] ",
    "indented": "  2026-01-31 10:00:{0:02} [r{1}] ",
}
PATTERNS = [
    r"\[r(?P<case>\d)\] (?P<message>.*)",
    r"(?P<time>\S+[ T]\S+) ERROR \[r(?P<case>\d)\] (?P<event>.*)",
    r"(?P<time>\S+ \S+) \S+ .*\](?P<message> .*)",
    r"(?P<message>.*)",
    r"(?P<event>\w+)$",
]


def logged(stamp: str, below: str, records: int = 12) -> str:
    """Return a log in which each other record has lines below it."""
    said = ("lost", "sought", "found")
    return "".join(
        STAMPS[stamp].format(number, number % 2) + said[number % 3] + "\n" + BELOW[below].format(number) * (number % 2)
        for number in range(records)
    )


@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize("stamp", STAMPS)
def test_a_line_without_a_time_belongs_to_the_one_above(read: Any, stamp: str, below: str) -> None:
    text = logged(stamp, below)
    for size in (1, 50, 1 << 18):
        found = read(Dripping(text.encode(), size))
        assert found.error is None
        assert found.told.notes[0] == "<input>: format log (guessed)"
        assert len(found.traces) == 1
        assert [symbol.split()[-1] for symbol in found.traces[0]] == ["lost", "sought", "found"] * 4
        assert found.told.stats.continued == sum(map(bool, map(str.strip, text.split("\n")))) - 12
        assert any("belong to the line above" in note for note in found.told.notes)


@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_so_it_does_where_a_pattern_is_given(both: Any, read: Any, pattern: str, below: str) -> None:
    text = logged("iso", below)
    for bounds in ((9, None, None), (200, None, None), (1 << 18, None, None)):
        both(text.encode(), bounds, pattern=pattern)
    found = read(io.BytesIO(text.encode()), pattern=pattern)
    assert found.error is None
    assert sum(map(len, found.traces)) == 12
    assert {symbol.split()[-1] for trace in found.traces for symbol in trace} == {"lost", "sought", "found"}


def test_a_line_with_a_time_that_does_not_match_is_bad_all_the_same(read: Any) -> None:
    text = logged("iso", "java") + "2026-01-31 10:01:00 INFO no request\n\tat a.b(C.java:1)\n"
    error = read(io.BytesIO(text.encode()), pattern=PATTERNS[0]).error
    assert error is not None and f":{len(text.splitlines()) - 1}: no match for the pattern" in str(error)
    found = read(io.BytesIO(text.encode()), pattern=PATTERNS[0], on_error="skip")
    assert (found.told.stats.events, found.told.stats.skipped) == (12, 1)


def test_where_records_have_no_time_only_what_looks_like_it_goes_on(read: Any) -> None:
    text = "c1 load\nc2 load\n  at a.b(C.java:1)\nTraceback (most recent call last):\nc1 run\nodd\n"
    found = read(io.BytesIO(text.encode()), pattern=r"^(?P<case>c\d) (?P<event>\w+)", on_error="skip")
    assert sorted(found.named) == [("c1", ["load", "run"]), ("c2", ["load"])]
    assert (found.told.stats.continued, found.told.stats.skipped) == (2, 1)


@pytest.mark.parametrize("options", [{"format": "log"}, {"pattern": PATTERNS[0]}])
@pytest.mark.parametrize("below", [1, 2, 7])
def test_that_lines_go_on_is_told_once(read: Any, below: int, options: dict[str, Any]) -> None:
    found = read(
        io.BytesIO((STAMPS["iso"].format(1, 1) + "lost\n" + "\tat a.b(C.java:1)\n" * below).encode()), **options
    )
    assert found.told.stats.continued == below
    assert sum("belong to the line above" in str(note) for note in found.told.notes) == 1


def test_nothing_goes_on_with_nothing(read: Any) -> None:
    assert read(io.BytesIO(b"  at a.b(C.java:1)\n"), format="log").traces == [["at a.b(C.java:<*>)"]]
    assert "no match" in str(read(io.BytesIO(b"ValueError: 7\n"), pattern=PATTERNS[0]).error)


def test_one_time_at_the_top_does_not_swallow_a_log_without_times(read: Any) -> None:
    text = "2026-01-31 10:00:00 log opened\n" + "lot loaded\nlot gone\n" * MOST
    found = read(io.BytesIO(text.encode()), format="log")
    assert found.told.stats.events == 1 + MOST
    assert found.told.stats.continued == MOST


TRACES = "".join(f"load {'run ' * (number % 3)}unload\n" for number in range(40))
TEXT = "commit 3a1a14d97\nAuthor: A. Author <a@example.org>\n\n    Tidying, and less code (again)\n\nM\tsrc/fab.py\n"


def test_words_that_look_like_text_are_told(read: Any) -> None:
    found = read(io.BytesIO(TEXT.encode()))
    assert found.told.notes[0].endswith("format lines (guessed)")
    assert "look like text; if it is a log: `format` log, or `pattern`" in found.told.notes[1]
    assert found.told._context.doubtful
    assert not read(io.BytesIO(TRACES.encode())).told._context.doubtful
    assert len(read(io.BytesIO(TEXT.encode()), format="lines").told.notes) == 0
    assert not looks_like_text([" ".join(f"s{number * 7 % 97}" for number in range(50))])


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("a b c d e f g h i, j", True),  # ten words, one of them with a comma
        ("a b c d e f g h, i", False),  # nine are too few
        ("a b c d e f g h i, j k", False),  # one in eleven
        ("a a b b c c d d e, f,", True),  # more than half as many words as there are, counted once
        ("a a b b c c d, d, e e", False),
    ],
)
def test_what_text_is(line: str, text: bool) -> None:
    assert looks_like_text([line]) is text
    assert looks_like_text([line[:8], line[8:]]) is text


def test_a_time_in_seconds_in_the_same_place_makes_a_log() -> None:
    lines = [f"{7 * n} node-{n} unix.hw 10778{n:05} up (HWID={n})\n" for n in range(9)]
    assert guess(Head("".join(lines).encode())) == "log"
    lines[4] = "load run unload\n"
    assert guess(Head("".join(lines).encode())) == "lines"


def test_a_banner_above_a_log_and_a_stack_trace_at_its_start() -> None:
    record = "2026-01-31 10:00:00 INFO lot loaded\n"
    assert guess(Head(("fab server v7\n\n" + record * 3).encode())) == "log"
    assert guess(Head((record + JAVA.format(7) * 9).encode())) == "log"
    assert opens(Head((record + "load run\n").encode()))
    assert guess(Head(("Report of 2026-01-31 10:00:00\n" + TRACES).encode())) == "lines"


def test_seconds_since_the_start_of_a_system_are_times(read: Any) -> None:
    text = "".join(
        f"[{second:5}.{second * 7919 % 10**6:06}] usb 1-{second % 2}: found\n  id 7\n" for second in range(9)
    )
    found = read(io.BytesIO(text.encode()))
    assert found.told.notes[0] == "<input>: format log (guessed)"
    assert (found.told.stats.events, found.told.stats.continued) == (9, 9)
    assert len(found.told.alphabet) == 1
