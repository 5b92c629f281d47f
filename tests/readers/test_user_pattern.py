"""Patterns of the user that would take for ever are broken off, and a stop is heeded while they run."""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from flexstream import DataError, ReadOptions
from flexstream.readers import read_batches, user_pattern
from flexstream.readers.source.cursor import Cursor
from flexstream.readers.source.stopping import StopSwitch
from flexstream.readers.user_pattern import Searches, SlowPatternError, StoppedError, limited
from flexstream.stream.alphabet import Alphabet
from flexstream.verdict.inspection import inspected

SLOW = [
    r"(?P<event>(?:a+)+)$",
    r"^(?P<event>(?:a|aa)+)$",
    r"(?P<event>(?:a|\w\w?)+)$",
    r"(?P<event>.*.*.*.*.*=.*.*.*.*;)",
]
HOSTILE = b"a" * 300 + b"-\n"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_pattern, "LIMIT", 0.05)


def traces(data: bytes, **options: object) -> tuple[list[list[str]], int]:
    alphabet = Alphabet()
    reading = read_batches(io.BytesIO(data), alphabet, ReadOptions(**options))  # type: ignore[arg-type]
    found = [[alphabet.text(symbol) for symbol in trace] for batch in reading for trace in batch]
    return found, reading.stats.skipped


@pytest.mark.parametrize("pattern", SLOW)
def test_a_pattern_that_takes_for_ever_is_one_line(pattern: str) -> None:
    with pytest.raises(DataError, match=r"<input>:1: `pattern` takes more than 0.05 s on 'aaa.* \(expected: one with"):
        traces(HOSTILE, pattern=pattern)


@pytest.mark.parametrize("redact", [False, True])
def test_bad_lines_are_skipped_and_the_others_read(redact: bool) -> None:
    data = b"aa\n" + HOSTILE + b"aaa\naaaa\n"
    found, skipped = traces(data, pattern=SLOW[0], on_error="skip", window=3, redact=redact)
    assert found == [["aa", "aaa", "aaaa"]]
    assert skipped == 1


def test_what_only_looks_at_lines_is_broken_off_too() -> None:
    began = time.process_time()
    found = inspected(io.BytesIO(b"# " + HOSTILE + HOSTILE * 100), ReadOptions(pattern=SLOW[0]))
    assert "takes more than" in str(found.problem)
    assert time.process_time() - began < 5


def test_times_are_looked_for_under_the_limit() -> None:
    with pytest.raises(DataError, match="takes more than"):
        traces(HOSTILE * 3, pattern=r"(?P<time>(?:a+)+)$")


def test_the_limit_is_one_for_each_line() -> None:
    found, skipped = traces(b"lot 7\nlot 8\n" * 300, pattern=r"(?P<event>\d+)", window=600)
    assert (len(found[0]), skipped) == (600, 0)


def test_no_timer_is_left() -> None:
    assert limited(re.compile("a").search, "b") is None
    with pytest.raises(SlowPatternError):
        limited(re.compile(SLOW[0]).search, "a" * 60 + "b")
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_what_fails_by_itself_is_told_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        limited(lambda number: 1 // number, 0)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_a_timer_of_the_program_is_left_alone() -> None:
    before = signal.signal(signal.SIGVTALRM, lambda *_: None)
    try:
        assert limited(re.compile("a+").search, "aab") is not None
        assert signal.getsignal(signal.SIGVTALRM) is not before
    finally:
        signal.signal(signal.SIGVTALRM, before)


def test_in_other_threads_patterns_run_without_a_limit() -> None:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(limited(re.compile("b").search, "ab")))
    thread.start()
    thread.join()
    assert found[0] is not None


def test_behind_a_stop_there_is_a_little_time() -> None:
    switch = StopSwitch()
    searches = Searches(switch)
    assert searches(re.compile("b").search, "ab") is not None
    switch.request()
    assert searches(re.compile("b").search, "ab") is not None
    searches._last = time.monotonic() - 1  # as if it were long ago
    with pytest.raises(StoppedError):
        searches(re.compile("b").search, "ab")


def test_a_line_given_back_was_not_taken() -> None:
    cursor = Cursor()
    cursor.block(12, 1, b"load\nrun\nab\n")
    lines = cursor.lines(b"load\nrun\nab\n", ["load", "run", "ab"], 1)
    next(lines)
    place = cursor.place()
    next(lines)
    cursor.give_back()
    assert cursor.place() == place


@pytest.mark.parametrize("lines", [1, 400])
def test_a_stop_is_heeded_while_a_pattern_runs(tmp_path: Path, lines: int) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(HOSTILE * lines)
    command = [sys.executable, "-c", STOPPED, str(log), SLOW[0]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        time.sleep(0.2)
        process.terminate()
        began = time.monotonic()
        assert process.wait(20) == 0
        assert time.monotonic() - began < 10  # on a machine that has other things to do
        assert process.stdout.read() == "True\n"


STOPPED = """
import signal, sys
from flexstream import ReadOptions
from flexstream.readers import read_batches
from flexstream.readers import user_pattern
from flexstream.stream.alphabet import Alphabet

reading = read_batches(sys.argv[1], Alphabet(), ReadOptions(pattern=sys.argv[2], on_error="skip"))
signal.signal(signal.SIGTERM, lambda *_: reading.stop())
print("begins", flush=True)
for _ in reading:
    pass
print(reading.stopped)
"""


def test_the_limit_leaves_room_for_what_is_only_long() -> None:
    found, _ = traces(b"x" * 1_000_000 + b" load\n", pattern=r" (?P<event>\w+)$", window=1)
    assert found == [["load"]]
