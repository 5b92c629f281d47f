"""Raw log lines: many at once are read as one by one, and masking takes time linear in the length of a line."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flexstream.readers.parsing.matched import MatchedLines
from flexstream.readers.parsing.templates import message, template

Both = Callable[..., tuple[Any, ...]]

PATTERNS = [
    r"^(?P<time>\S+) (?P<case>\w+) (?P<event>.*)",
    r"^(?P<time>[^|]*)\|(?P<event>\w*)",
    r"(?P<case>c\d+)? (?P<message>.*)",
    r"(?P<event>\w+)",
    r"(\S+) .*(?P<message>x.*)?",
    r"^\S",
    r"(?P<event>)(?P<case>ü*)",
    r"(?P<case>c\d)? ?(?P<event>\w+)$",
    r"(?P<message>.*)",
]
LINES = [
    *("2026-01-31T23:59:00Z c1 load", "1700000000 c2 run 17", "2026-01-31T23:59:00,5 ü long-long-name\x0cx", "no c3 a"),
    *(
        "Dec 31 23:59:59|a",
        "Jan  1 00:00:00|b",
        "29/Nov/2026:22:31:00 +0000|c",
        "x|y",
        " c9 took 3.5 s",
        "ü",
        "c1 \x00",
    ),
    *("2026-01-31 23:59:01,250 INFO [c2] load", "[2026-01-31 23:59:02] c1 run", "01/02/2026 03:04:05 c2 load"),
    *("Jan 31 23:59:03 host run[7]: c1 load", "ERROR c1 lost at 23:59:04", "23:59:05 c1 12:00:00"),
    *("", " ", "\t\x1f", "\xa0", "a\rb", "load\r", "2026-01-31 INFO [main] x"),
]
contents = st.lists(st.sampled_from(LINES), min_size=1, max_size=30).map("\n".join)


@example(
    "2026-01-31T23:59:00Z c1 load\nü\n01/02/2026 03:04:05 c2 load",
    r"(?P<event>\w+)",
    (60, None, None),
    "stop",
    None,
    False,
    "\n",
)
@given(
    contents,
    st.sampled_from(PATTERNS),
    st.tuples(st.sampled_from([9, 60, 1 << 18]), st.sampled_from([None, 30, 300]), st.sampled_from([None, 900])),
    st.sampled_from(["stop", "skip"]),
    st.sampled_from([None, 60.0]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", ""]),
)
def test_many_lines_at_once_are_read_as_one_by_one(
    both: Both, text: str, pattern: str, bounds: Any, on_error: str, idle: float | None, broken: bool, end: str
) -> None:
    content = (text + end).encode().replace(b"long", b"\xff" if broken else b"long") or b"\n"
    both(content, bounds, pattern=pattern, on_error=on_error, idle=idle if "<time>" in pattern else None)


TIMED = [
    *("2026-01-05 00:00:00,000 gate [r1] asked", "2026-01-05 00:00:05,000 gate [r1] answered"),
    *("2026-01-05 00:00:01,000 till [r1] began", "2026-01-05 00:00:03,500 till [r1] ended"),
]


PATTERN = r"\[(?P<case>\w+)\] (?P<message>.*)"
WAYS: list[dict[str, Any]] = [
    {"pattern": PATTERN},
    {"pattern": PATTERN, "idle": 60.0},
    {"pattern": r"\[(?P<case>(?P<at>\w)\w)\] (?P<message>.*)", "per": "at"},
    {"pattern": r"\[(?P<case>\w+)\] (?P<message>\w+(?P<lifecycle>))", "lifecycle": "all"},
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("prefix", ["", "node-7 "])
def test_lines_have_their_times_without_a_group_for_them(read: Any, way: dict[str, Any], prefix: str) -> None:
    found = read(io.BytesIO("".join(f"{prefix}{line}\n" for line in TIMED).encode()), **way)
    assert found.error is None
    assert found.traces == [["asked", "began", "ended", "answered"]]


def test_a_time_that_a_group_names_is_not_that_of_the_event(both: Both) -> None:
    times = "2026-01-05 00:00:05", "2026-01-05 00:00:01"
    lines = [f"{time} {event} of c" for time, event in zip(times, ["load", "run"], strict=True)]
    content = "\n".join(lines).encode()
    assert both(content, pattern="(?P<event>.*) of (?P<case>c)")[0] == [[line[:-5] for line in lines]]
    assert both(content, pattern="(?P<message>[a-z]+) of (?P<case>c)")[0] == [["run", "load"]]


def test_windows_are_cut_from_many_lines(both: Both) -> None:
    content = "".join(f"task {number % 7}\n" for number in range(20_000)).encode()
    assert len(both(content, pattern=r"(?P<event>\d)", window=100)[0]) == 200


def test_one_odd_line_does_not_send_others_the_general_way(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    take = MatchedLines._taken

    def noted(self: MatchedLines, *given: Any) -> Any:
        taken.append(take(self, *given))
        return taken[-1]

    monkeypatch.setattr(MatchedLines, "_taken", noted)
    lines = [f"2026-01-31T10:00:00Z c{number % 9} load" for number in range(9_000)]
    lines[5_000] = "2026-01-31T10:00:00Z odd"
    with_one = "\n".join(lines).encode()
    found = read(io.BytesIO(with_one), pattern=PATTERNS[0], on_error="skip")
    assert (found.told.stats.events, found.told.stats.skipped) == (8_999, 1)
    assert len(taken) >= 4
    assert taken.count(None) == 1


LONG = {
    "dashes": "-",
    "dots": ".",
    "letters": "a",
    "capitals": "A",
    "hexadecimal": "f",
    "digits": "7",
    "words with a digit": "a7-",
    "at signs": "@x",
    "colons": ":",
    "hardware": "aa:",
    "slashes": "/",
    "paths": "/a",
    "tildes": "~",
    "backslashes": "C:\\",
    "quotes": '"',
    "apostrophes": "'a",
    "requests": '"GET ',
    "equals": "a=",
    "pluses": "+",
    "blanks": " ",
    "words": "ab ",
    "commas": "1,",
    "addresses": "1.1.1.1",
    "schemes": "a+b.",
    "masks": "<*>",
    "masks far apart": "<*>--",
    "dollars": "a$",
    "users": "for user ",
    "names": "User a ",
    "grants": "Failed x for ",
    "keys without a value": "a= ",
    "keys apart": "a = ",
    "empty brackets": "() ",
    "months": "Sun Jul ",
    "units": "1 ms ",
    "queries": "/a?a=",
    "groups": "a={",
    "hosts": "a.com.",
    "relative paths": "a/b",
    "jobs": "(a) CMD ",
}
BEFORE = {
    "nothing": "",
    "a level": "INFO ",
    "a time": "2026-01-31 23:59:00 ",
    "time and level": "2026-01-31 23:59:00 INFO ",
    "a component": "2026-01-31 23:59:00 INFO a$b",
    "ids": "2026-01-31 23:59:00 INFO a.b [",
    "syslog": "Jan 31 23:59:00 host ",
    "a mask": "<*>",
}
SHORTER, LONGER = 1 << 12, 1 << 13


def seconds(text: str) -> float:
    """Return how long masking takes, at its best."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        template(message(text))
        best = min(best, time.process_time() - started)
    return best


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize("run", LONG.values(), ids=LONG)
def test_masking_is_linear(run: str, before: str) -> None:
    for end in ("", "!"):
        texts = [before + run * (size // len(run)) + end for size in (SHORTER, LONGER)]
        ratios = []
        for _ in range(3):  # others may use the processor meanwhile
            ratios.append((seconds(texts[1]) + 1e-4) / (seconds(texts[0]) + 1e-4))
            if ratios[-1] < 3:
                break
        assert min(ratios) < 3
