"""States of the fab's automata are named as well as by the simulator, and the judge of names sees what is wrong."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flexstream import StreamLearner
from flexstream.explanation import state_names
from flexstream.fab.parameters import Parameters
from flexstream.fab.truth import designs
from flexstream.targets.generate import Recipe, random_pdfa
from flexstream.writers.naming import MOSTLY

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        return runpy.run_path(str(BENCHMARKS / "fab" / "fab_names.py"))


@pytest.mark.parametrize("name", ["lot", "diffusion", "implant", "litho", "technician"])
def test_every_state_is_named_as_well_as_the_simulator_does(script: dict[str, Any], name: str) -> None:
    named = script["of_class"](name, "cycle", 6, 5)
    assert [state.name for state in named if not state.well] == []
    assert {true for state in named for true in state.true} == set(designs(Parameters())[name])


@pytest.mark.parametrize("name", ["diffusion", "implant", "litho"])
def test_states_of_whole_shifts_are_named_as_well(script: dict[str, Any], name: str) -> None:
    assert [state for state in script["of_class"](name, "shift", 8, 5) if not state.well] == []


@pytest.mark.parametrize(
    ("name", "before", "following", "true"),
    [
        ("start", [], "a", True),
        ("start", ["a"], "a", False),
        ("start or after b or c", ["a", "c"], "a", True),
        ("start or after b or c", ["a", "d"], "a", False),
        ("end", ["a"], None, True),
        ("after b", ["a", "b"], "c", True),
        ("after b", ["b", "a"], "c", False),
        ("after a b", ["x", "a", "b"], "c", True),
        ("after a b", ["b"], "c", False),
        ("after a … b", ["a", "x", "b"], "c", True),
        ("after a … b", ["x", "b"], "c", False),
        ("after a or b … c", ["b", "x", "c"], "d", True),
        ("after a or b … c", ["a", "b"], "d", False),
        ("after a or b, then c", ["b", "c"], "d", True),
        ("after a or b, then c", ["b", "x", "c"], "d", False),
        ("between b and c or d", ["b"], "d", True),
        ("between b and c", ["b"], "d", False),
        ("before c", [], "c", True),
        ("before c or the end", [], None, True),
        ("before c", ["c"], None, False),
        ("after the first 2 events", ["a", "b"], None, True),
        ("after the first 2 events", ["a", "b", "c"], None, False),
        ("after a or b and 1 more event", ["b", "x"], None, True),
        ("after a or b and 2 more events", ["b", "x"], None, False),
        ("end after b", ["b"], None, True),
    ],
)
def test_names_are_taken_at_their_word(
    script: dict[str, Any], name: str, before: list[str], following: str | None, true: bool
) -> None:
    assert script["says"](name, before, following) is true


def test_a_wrong_name_is_found_out(script: dict[str, Any]) -> None:
    design = {"idle": {"load": "busy"}, "busy": {"done": "over"}, "over": {}}
    traces = [["load", "done"]] * 50
    automaton = StreamLearner().fit(traces).automaton
    met = script["moments"](automaton, design, traces)
    assert all(state.well for state in script["judged"](automaton, met))
    swapped = {"idle": {"load": "over"}, "busy": {}, "over": {"done": "busy"}}
    found = script["judged"](automaton, script["moments"](automaton, swapped, traces))
    assert [state.true for state in found] == [("idle",), ("over",), ("busy",)]
    script["judged"].__globals__["state_names"] = lambda automaton: ("start", "after done", "end")
    assert [state.well for state in script["judged"](automaton, met)] == [True, False, True]


@pytest.mark.parametrize("seed", range(4))
def test_names_of_random_machines_are_true_of_what_they_make(script: dict[str, Any], seed: int) -> None:
    """Of all kinds of names; what smoothing adds, transitions that nobody has seen, is left out."""
    target = random_pdfa(Recipe(15, 6), seed)
    automaton = StreamLearner().fit(target.sample(1500, seed)).automaton.alone
    names = state_names(automaton)
    visits, true = np.zeros((2, len(names)))
    for trace in automaton.sample(1500, seed + 1):
        if automaton.score_one(trace).unseen:
            continue
        for place, state in enumerate(automaton.surprises(trace)[1].tolist()):
            visits[state] += 1
            following = trace[place] if place < len(trace) else None
            true[state] += script["says"](names[state], trace[:place], following)
    checked = 0
    for name, count, held in zip(names, visits, true, strict=True):
        if count >= 200 and not name.startswith(("start", "as after")):
            assert held / count >= MOSTLY - 4 * math.sqrt(MOSTLY * (1 - MOSTLY) / count), name
            checked += 1
    assert checked
