"""What a notice says is true of the event that it names: nothing that came was expected in its stead."""

from __future__ import annotations

import random
import re

import pytest

from flexstream import StreamLearner
from flexstream.explanation import Explainer
from flexstream.explanation.prose import trace_text
from flexstream.monitoring.alarm import Judge
from flexstream.monitoring.notice import Notices
from flexstream.monitoring.sentences import sentence, took
from flexstream.stream.batch import TraceBatch


def lots(count: int, seed: int) -> list[list[str]]:
    luck = random.Random(seed)
    return [
        ["load", *["run"] * luck.choice([1, 1, 1, 1, 2, 3]), *["stop"] * (luck.random() < 0.06), "done"]
        for _ in range(count)
    ]


@pytest.mark.parametrize("rate", [0.01, 0.1])
def test_what_came_is_not_what_was_expected(rate: float) -> None:
    automaton = StreamLearner().fit(lots(1000, 1)).automaton
    alphabet = automaton.alphabet()
    judge, batch = Judge(automaton, rate), TraceBatch.from_traces([*lots(500, 2), ["load", "stop", "load"]], alphabet)
    notices = Notices(judge.model, alphabet.texts, str)
    said = [sentence(notices.of(one, batch, one.row, True)) for one in judge.alarms(batch, alphabet.texts) if one]
    assert said
    for line in said:
        if found := re.fullmatch(r"(.*?)(?: \(0\.\d+\))? (?:after|at|between|before) .*, expected (.*)", line):
            assert not re.search(rf"\b{found[1]} \(", found[2])


def test_a_surprising_event_of_a_trace_is_not_expected_in_its_stead() -> None:
    automaton = StreamLearner().fit([["a", "x"]] * 96 + [["a", "y"]] * 4).automaton
    assert trace_text(Explainer(automaton), ["a", "y"]).splitlines()[-1].endswith("where x (0.96) was to be expected.")


@pytest.mark.parametrize(("seconds", "usual"), [(167.2, 166.9), (100_000.0, 99_990.0), (0.0101, 0.01)])
def test_times_that_differ_are_told_apart(seconds: float, usual: float) -> None:
    one, other = re.fullmatch(r"(.*) \(99.9 % take at most (.*)\)", took(seconds, usual, 0.001)).groups()
    assert one != other
