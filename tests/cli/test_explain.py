"""``flexstream explain``: all states, one state, a transition, a trace; in words and as JSON."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from .conftest import LOTS


@pytest.fixture
def model(run: Any, tmp_path: Path) -> Path:
    """A model that a command has learned."""
    path = tmp_path / "model.json"
    assert run("learn", "-", "-o", path, input=LOTS.encode()).code == 0
    return path


def test_all_states_are_named(run: Any, model: Path) -> None:
    done = run("explain", model)
    assert done.code == 0
    assert "after load" in done.text and "start" in done.text and "end" in done.text


def test_a_state_and_a_transition_are_told(run: Any, model: Path) -> None:
    told = run("explain", model, "q1")
    assert told.code == 0 and told.text.startswith("state q1, after load: 120 visits")
    assert run("explain", model, "1").text == told.text
    assert "run in state q1, after load" in run("explain", model, "q1", "run").text


def test_a_trace_is_told_step_by_step(run: Any, model: Path) -> None:
    assert "leaves the beaten path at event 0: unload at the start" in run("explain", model, "--trace", "unload").text
    listed = run("explain", model, "--trace", '["load", "odd event"]')
    assert "odd event" in listed.text and "does not know" in listed.text


def test_json_holds_all_of_it(run: Any, model: Path) -> None:
    states = json.loads(run("explain", model, "--json").text)
    assert [row["state"] for row in states] == list(range(len(states)))
    one = json.loads(run("explain", model, "q1", "--json").text)
    assert one == states[1] and one["outcomes"][0]["symbol"] in ("run", "unload")
    steps = json.loads(run("explain", model, "--trace", "load unload", "--json").text)
    assert [step["symbol"] for step in steps] == ["load", "unload", None]
    edge = json.loads(run("explain", model, "q1", "run", "--json").text)
    assert edge["symbol"] == "run"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["q99"], "there is no state 99 (expected: 0 to"),
        (["start"], "'start' is no state (expected: its number, such as q3)"),
        (["q1", "repair"], "no transition 'repair' (expected: one of those it has: "),
        (["q1", "--trace", "load"], "two questions"),
        (["--trace", "[1, 2]"], "--trace holds something else than texts"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(run: Any, model: Path, arguments: list[str], message: str) -> None:
    done = run("explain", model, *arguments)
    assert done.code == 2 and len(done.errors) == 1 and message in done.err


def test_json_says_how_far_bounds_hold_as_the_words_do(run: Any, write: Any, tmp_path: Path) -> None:
    drift = "".join(f"load {'rework ' * (row > 600 and row % 3 > 0)}unload\n" for row in range(1200))
    draws = random.Random(2)
    same = "".join(draws.choice(LOTS.splitlines(keepends=True)) for _ in range(400))
    for content, proven in ((drift, False), (same, True)):
        model = tmp_path / f"{proven}.json"
        assert run("learn", write("t.txt", content), "-o", model).code == 0
        told, edge = run("explain", model, "q0").text, run("explain", model, "q0", "load").text
        assert ("not proven: see the report" in told) == ("not proven: see the report" in edge) == (not proven)
        state = json.loads(run("explain", model, "q0", "--json").text)
        assert {row["proven"] for row in state["outcomes"] if row["least"] is not None} == {proven}
        assert json.loads(run("explain", model, "q0", "load", "--json").text)["proven"] is proven
        assert (state["trust"]["proven"], state["trust"]["confidence"]) == (proven, 0.95)
        assert state["trust"]["headline"] in " ".join(run("pac", "report", model).text.split())
        assert state["trust"]["evidence"] == "bayes-factor"


def test_json_says_where_nothing_is_known_of_decisions(run: Any, write: Any, model: Path) -> None:
    document = json.loads(model.read_text())
    del document["evidence"]
    bare = write("bare.json", json.dumps(document))
    assert "what was decided is not in this model" in run("explain", bare, "q1").text
    state = json.loads(run("explain", bare, "q1", "--json").text)
    assert state["trust"] is None and {row["proven"] for row in state["outcomes"]} == {None}
