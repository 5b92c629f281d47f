"""Hostile models, plans, lists and options: every command does its work or says in a line what is wrong."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.fixture
def fuzz(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.syspath_prepend(str(BENCHMARKS / "quality"))
    import fuzz_models

    return fuzz_models


@settings(max_examples=50, suppress_health_check=SLOW, deadline=None)
@given(st.data())
def test_every_command_bears_every_model(fuzz: Any, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(fuzz.TRIALS)))
    luck = random.Random(data.draw(st.integers(0, 2**32)))
    assert fuzz.attempt(kind, 0, luck, []) in fuzz.ENDS


def test_what_is_changed_is_right_unchanged(fuzz: Any) -> None:
    """Each command line does its work with some model: nothing is tried by what fails anyway."""
    luck = random.Random(1)
    for kind, lines in fuzz.LINES.items():
        for line in lines:
            ends = []
            for document in fuzz.models():
                for name in ("model.json", "other.json"):
                    (fuzz.folder() / name).write_text(json.dumps(document))
                ends.append(fuzz.judged(fuzz.run(fuzz.filled(line, document, luck)), line[1]))
            assert "right" in ends, (kind, line)


def test_both_ends_are_reached_and_runs_add_up(fuzz: Any) -> None:
    from shared import fuzzing

    one = fuzz.measure(inputs=2 * 40, seed=1, first=0, only=["show", "symbols"], seconds=1e9)
    other = fuzz.measure(inputs=2 * 10, seed=1, first=40, only=["show"], seconds=1e9)
    assert one["found"] == other["found"] == []
    both = fuzzing.added([one, other])
    assert both["total"]["inputs"] == 100 == sum(row["inputs"] for row in both["kinds"].values())
    assert both["total"]["right"] > 0 < both["total"]["told"]
    assert both["kinds"]["show"]["slowest"] == max(found["kinds"]["show"]["slowest"] for found in (one, other))


def test_changes_hang_on_the_luck_alone(fuzz: Any) -> None:
    from shared.documents import CHANGES, tampered

    document = {"a": [1, 2.5, {"b": "x"}], "c": {"d": None, "e": True}, "f": [], "g": ["u", "v"]}
    before = json.dumps(document)
    found = [tampered(document, random.Random(number)) for number in range(400)]
    assert repr(found) == repr([tampered(document, random.Random(number)) for number in range(400)])
    assert json.dumps(document) == before
    assert {step.split()[0] for _, done in found for step in done} == set(CHANGES)


def _broken(kind: str) -> Any:
    def attempt(*_: object) -> str:
        if kind == "crash":
            os._exit(3)
        if kind == "slow":
            begin = time.process_time()
            while time.process_time() - begin < 0.3:
                pass
        if kind == "fault":
            raise KeyError(kind)
        return "right"

    return attempt


@pytest.mark.parametrize(("kind", "end"), [("fault", "faults"), ("slow", "slow"), ("crash", "crashed")])
def test_faults_are_found(fuzz: Any, kind: str, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared import fuzzing

    monkeypatch.setattr(fuzzing, "SLOW", 0.2)
    found = fuzzing.apart(_broken(kind), "show", 0, 2, 0)
    assert set(found["counts"]) == {end}
    assert found["faults"][0]["kind"] == "show"


@pytest.mark.parametrize(
    ("code", "out", "err", "form"),
    [
        (0, "\x1b[2J", "", ""),
        (0, "", "\x9b", ""),
        (0, '{"a": NaN}\n', "", "jsonl"),
        (0, "[\n", "", "json"),
        (1, "", "", ""),
        (2, "", "flexstream: error: a\nflexstream: error: b\n", ""),
        (0, "", "Error: a\n", ""),
        (9, "", "Error: a\n", ""),
    ],
)
def test_what_must_not_be_said_is_noticed(fuzz: Any, code: int, out: str, err: str, form: str) -> None:
    from shared.command_line import Said

    with pytest.raises((AssertionError, ValueError)):
        fuzz.judged(Said(code, out.encode(), err), form)
