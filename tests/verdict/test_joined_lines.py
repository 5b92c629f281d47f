"""Records of several lines whose first lines are all alike: the verdict names what joins them."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable

import pytest

from flexstream import StreamLearner, judge
from flexstream.readers import ReadOptions
from flexstream.readers.reading import Reading
from flexstream.verdict.verdict import Verdict

STEPS = ["SELECT * FROM lots WHERE id = {0}", "UPDATE lots SET state = {0}", "COMMIT"]
Write = Callable[[int], str]


def slow(number: int) -> str:
    at = f"2026-03-01T10:{number // 60:02}:{number % 60:02}.125000Z"
    head = f"# Time: {at}\n# User@Host: app[app] @ [10.0.0.1]  Id: {number % 7}\n"
    return f"{head}SET timestamp={number};\n{STEPS[number % 3].format(number)};\n"


def sml(number: int) -> str:
    at = f"2026-03-01 10:{number // 60:02}:{number % 60:02}.125"
    event = f"  <L[3]\n    <U4 {number}>\n    <U4 {100 + number % 3}>\n    <L[0]>\n  >.\n"
    return f"{at} RECV S6F11 W SystemBytes={number * 7}\n{event}"


def listed(number: int) -> str:
    return f"- time: 2026-03-01T10:{number // 60:02}:{number % 60:02}Z\n  event: {('in', 'out', 'by')[number % 3]}\n"


def judged(content: bytes, **options: str) -> list[Verdict]:
    learner = StreamLearner()
    reading = Reading(io.BytesIO(content), learner.alphabet.copy(), ReadOptions(**options))
    for batch in reading:
        learner.learn_many(batch, reading.alphabet)
    return judge(learner, reading)


@pytest.mark.parametrize("write", [slow, sml, listed])
def test_the_lines_of_a_record_are_joined(write: Write) -> None:
    content = "".join(map(write, range(300))).encode()
    verdict = judged(content, format="log")[0]
    assert verdict.code == "all_masked"
    assert verdict.through.startswith("awk '/^")
    joined = subprocess.run(["/bin/sh", "-c", verdict.through], input=content, capture_output=True, check=True).stdout
    assert joined.count(b"\n") == 300
    learner = StreamLearner()
    reading = Reading(io.BytesIO(joined), learner.alphabet.copy(), ReadOptions(format="log"))
    symbols = {reading.alphabet.text(symbol) for batch in reading for trace in batch for symbol in trace}
    assert len(symbols) == 3


@pytest.mark.parametrize(
    "write",
    [
        lambda number: f"10:00:{number % 60:02} lot {number} moved\n",  # nothing below
        lambda number: f"10:00:{number % 60:02} lot {number} moved\n  at x\n",  # always the same
        lambda number: f"10:00:{number % 60:02} lot {number} moved\n  it was {chr(97 + number % 26) * (number % 40)}\n",
    ],
)
def test_nothing_is_joined_where_that_says_no_more(write: Write) -> None:
    verdict = judged("".join(map(write, range(300))).encode(), format="log")[0]
    assert (verdict.code, verdict.through) == ("all_masked", "")
