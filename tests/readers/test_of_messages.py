"""Lines without a time that are messages, and lines that are all indented."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flexstream.readers import Head, guess

from .conftest import Dripping, read_all

STEPS = ["open", "read", "write", "close"]
SHAPES: dict[str, Callable[[int, int, str], str]] = {
    "of a phone": lambda number, case, step: f"I/Lots( {case}): {step} of file {number % 37}",
    "of system calls": lambda number, case, step: f'[pid {case}] {step}({number % 37}, "a{number}") = 0',
    "of a kernel": lambda number, case, step: f"     worker-{case}  [00{number % 4}] {number}.5: {step}: pid={case}",
}


def lines(shape: Callable[[int, int, str], str], count: int = 240) -> Iterator[str]:
    for number in range(count):
        yield shape(number, 1000 + number // 4, STEPS[number % 4])


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("above", ["", "# written by a tracer\n#\n"])
def test_they_are_read_as_a_log(shape: Callable[[int, int, str], str], above: str) -> None:
    content = (above + "\n".join(lines(shape)) + "\n").encode()
    for file in (io.BytesIO(content), Dripping(content, 700)):
        found = read_all(file)
        assert found.told.format == "log"
        symbols = {symbol for trace in found.traces for symbol in trace}
        assert len(symbols) == len(STEPS)
        assert sum(map(len, found.traces)) == 240


TRACES = {
    "of words": "load run unload",
    "of numbers": "1 2 3 {0}",
    "with values": "load({0}) run({1}) unload({0})",
    "with many forms": "load({0}) " + "run " * 3 + "{1}=x",
}


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_traces_stay_traces(trace: str) -> None:
    content = "\n".join(trace.format(number, number % 7) + " run" * (number % 60) for number in range(240))
    assert read_all(io.BytesIO(content.encode())).told.format == "lines"


def test_seconds_since_1970_may_have_a_colon_behind_them_or_brackets_around() -> None:
    for shape in ("{0}: client c{1} connected", "({0}.125) can0 {1}#00FF", "[{0}] lot {1} moved"):
        text = "\n".join(shape.format(1772438446 + number, number) for number in range(20))
        assert guess(Head(text.encode() + b"\n")) == "log"


def test_a_number_that_goes_on_with_letters_is_no_process(tmp_path: Any) -> None:
    text = "\n".join(f"2026-03-02 08:00:{number:02}+0000 0x{number:x} Default lot moved" for number in range(40))
    found = read_all(io.BytesIO(text.encode()))
    assert {symbol for trace in found.traces for symbol in trace} == {"<*> Default lot moved"}
