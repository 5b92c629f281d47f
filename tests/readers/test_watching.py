"""Who watches a live source is told of events as they come, and waits for nothing."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from flexstream import Alphabet
from flexstream.readers import Reading, ReadOptions
from flexstream.stream.origins import LINE_BITS


class Told:
    """A watcher that keeps what it was told."""

    def __init__(self, alphabet: Alphabet) -> None:
        self.alphabet, self.ticks = alphabet, 0
        self.events: list[tuple[str | None, str, float | None, int | None]] = []
        self.order: list[Any] = []
        self.came = threading.Condition()

    def event(self, case: str | None, symbol: int, moment: float | None, place: int | None) -> None:
        with self.came:
            line = None if place is None else place & ((1 << LINE_BITS) - 1)
            self.events.append((case, self.alphabet.text(symbol), moment, line))
            self.order.append((case, self.alphabet.text(symbol)))
            self.came.notify_all()

    def ended(self, cases: Iterable[str | None]) -> None:
        self.order += [("ended", case) for case in cases]

    def waited(self) -> None:
        with self.came:
            self.ticks += 1
            self.came.notify_all()

    def until(self, truth: Any, seconds: float = 20.0) -> float:
        """Wait until something is true; return how long that took."""
        start = time.monotonic()
        with self.came:
            assert self.came.wait_for(truth, seconds)
        return time.monotonic() - start


class Live:
    """A reading of a pipe, in a thread of its own."""

    def __init__(self, writes: BinaryIO, told: Told, reading: Reading) -> None:
        self.writes, self.told, self.reading = writes, told, reading
        self.traces: list[tuple[str | None, list[str]]] = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        for batch in self.reading:
            names = batch.names or [None] * len(batch)
            with self.told.came:
                self.traces += [
                    (name, [self.told.alphabet.text(symbol) for symbol in trace])
                    for name, trace in zip(names, batch, strict=True)
                ]
                self.told.came.notify_all()

    def write(self, text: str) -> None:
        self.writes.write(text.encode())

    def close(self) -> None:
        self.writes.close()
        self.thread.join(20)
        assert not self.thread.is_alive()


@contextmanager
def live(**options: Any) -> Iterator[Live]:
    """Open a pipe and read it."""
    reads, writes = os.pipe()
    alphabet = Alphabet()
    told = Told(alphabet)
    with os.fdopen(writes, "wb", buffering=0) as to, os.fdopen(reads, "rb", buffering=0) as source:
        reading = Reading(source, alphabet, ReadOptions(**options), origins=True, watcher=told)
        found = Live(to, told, reading)
        yield found
        if not to.closed:
            found.close()


@pytest.mark.parametrize("time_column", ["", ",time"])
def test_an_event_is_told_as_soon_as_it_comes(time_column: str) -> None:
    with live() as pipe:
        pipe.write(f"case,event{time_column}\n")
        for number in range(5):
            time_cell = f",{1700000000 + number}" if time_column else ""
            pipe.write(f"lot {number},load{time_cell}\n")
            took = pipe.told.until(lambda number=number: len(pipe.told.events) > number)
            assert took < 0.8
        times = [1700000000.0 + number if time_column else None for number in range(5)]
        assert pipe.told.events == [(f"lot {number}", "load", times[number], number + 2) for number in range(5)]
        assert not pipe.traces
        pipe.close()
        assert sorted(pipe.traces) == [(f"lot {number}", ["load"]) for number in range(5)]


def test_a_trace_is_handed_on_as_soon_as_its_line_is_there() -> None:
    with live(format="lines") as pipe:
        for number in range(4):
            pipe.write("load run\n")
            assert pipe.told.until(lambda number=number: len(pipe.traces) > number) < 0.8
        assert pipe.told.events == []


def test_a_case_ends_before_the_event_with_which_it_does() -> None:
    with live(idle=60.0, cut=False) as pipe:
        pipe.write("case,event,time\na,x,1700000000\nb,y,1700000010\na,z,1700000500\n")
        pipe.told.until(lambda: len(pipe.told.events) == 3)
        assert pipe.told.order == [("a", "x"), ("b", "y"), ("ended", "a"), ("ended", "b"), ("a", "z")]
        pipe.told.until(lambda: len(pipe.traces) == 2)


def test_windows_end_with_an_event() -> None:
    with live(pattern=r"(?P<event>\w+)", window=2) as pipe:
        pipe.write("x\ny\nz\n")
        pipe.told.until(lambda: len(pipe.told.events) == 3)
        assert pipe.told.order == [(None, "x"), (None, "y"), ("ended", None), (None, "z")]
        pipe.told.until(lambda: pipe.traces == [(None, ["x", "y"])])


def test_parts_that_an_event_begins_end_before_it() -> None:
    with live(pattern=r"(?P<event>\w+)", start="x", cut=False) as pipe:
        pipe.write("x\ny\nx\n")
        pipe.told.until(lambda: len(pipe.told.events) == 3)
        assert pipe.told.order == [(None, "x"), (None, "y"), ("ended", None), (None, "x")]


def test_many_at_once_are_told_one_by_one_and_in_order() -> None:
    with live() as pipe:
        pipe.write("case,event,time\n")
        rows = [f"c{number % 7},e{number},{1700000000 + number}\n" for number in range(5000)]
        pipe.write("".join(rows))
        pipe.told.until(lambda: len(pipe.told.events) == 5000)
        assert [event[1] for event in pipe.told.events] == [f"e{number}" for number in range(5000)]
        assert [event[3] for event in pipe.told.events] == list(range(2, 5002))


def test_the_clock_is_looked_at_while_nothing_comes() -> None:
    with live() as pipe:
        pipe.write("case,event\na,x\n")
        pipe.told.until(lambda: pipe.told.ticks >= 2)


def test_a_file_that_is_followed_ticks_as_well(tmp_path: Path) -> None:
    path, alphabet = tmp_path / "log.csv", Alphabet()
    path.write_text("case,event\na,x\n")
    told = Told(alphabet)
    reading = Reading(str(path), alphabet, ReadOptions(follow=True), watcher=told)
    thread = threading.Thread(target=lambda: list(reading), daemon=True)
    thread.start()
    told.until(lambda: told.ticks >= 2 and len(told.events) == 1)
    with path.open("a") as more:
        more.write("b,y\n")
    told.until(lambda: len(told.events) == 2)
    reading.stop()
    thread.join(20)
    assert not thread.is_alive()


def test_of_a_file_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("case,event\na,x\n")
    alphabet = Alphabet()
    told = Told(alphabet)
    assert len(list(Reading(str(tmp_path / "log.csv"), alphabet, watcher=told))) == 1
    assert told.events == []


def test_a_stop_from_another_thread_breaks_nothing_off(tmp_path: Path) -> None:
    from flexstream.readers.source.stopping import StopSwitch

    switch, began, ends = StopSwitch(), threading.Event(), threading.Event()
    found: list[object] = []

    def wait() -> bool:
        began.set()
        return ends.wait(20)

    thread = threading.Thread(target=lambda: found.append(switch.waiting(wait)), daemon=True)
    thread.start()
    assert began.wait(20)
    switch.request()
    ends.set()
    thread.join(20)
    assert found == [True]
    assert switch.waiting(lambda: "more") is None
