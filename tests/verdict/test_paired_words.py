"""Lines of two words that are a case and an event."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import pytest

from flexstream import StreamLearner, judge
from flexstream.readers import ReadOptions
from flexstream.readers.reading import Reading

STEPS = ["idle", "load", "run", "unload"]


def interleaved(tools: int = 5, count: int = 400) -> Iterator[tuple[str, str]]:
    luck, at = random.Random(1), [0] * tools
    for _ in range(count):
        tool = luck.randrange(tools)
        yield f"line1/tool{tool}/state", STEPS[at[tool] % 4]
        at[tool] += 1


def judged(text: str, **options: str) -> tuple[Reading, list[str], dict[str, object]]:
    learner = StreamLearner()
    reading = Reading(io.BytesIO(text.encode()), learner.alphabet.copy(), ReadOptions(**options))
    for batch in reading:
        learner.learn_many(batch, reading.alphabet)
    found = [verdict for verdict in judge(learner, reading) if verdict.code == "one_event_a_line"]
    return reading, [verdict.code for verdict in found], dict(found[0].options) if found else {}


@pytest.mark.parametrize("turned", [False, True])
def test_they_are_told_with_the_pattern_that_takes_them(turned: bool) -> None:
    text = "\n".join(" ".join((event, case) if turned else (case, event)) for case, event in interleaved())
    _, codes, options = judged(text)
    assert codes == ["one_event_a_line"]
    again, codes, _ = judged(text, pattern=str(options["pattern"]))
    assert codes == []
    assert {again.alphabet.text(symbol) for symbol in range(len(again.alphabet))} == set(STEPS)


@pytest.mark.parametrize(
    "line",
    [lambda n: "load run", lambda n: f"load run{' load' * (n % 3)}", lambda n: f"a{n * 7919 % 5} b{n * 104729 % 7}"],
)
def test_traces_stay_traces(line) -> None:
    assert judged("\n".join(map(line, range(300))))[1] == []
