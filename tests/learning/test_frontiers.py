"""The file of a frontier, and the automata that it may hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flexstream import StreamLearner
from flexstream.errors import ModelError
from flexstream.learning.frontiers import (
    MOST_AUTOMATA,
    MOST_STATES,
    Frontier,
    Point,
    frontier_of,
    load_frontier,
    spread,
)
from flexstream.targets import Recipe, random_pdfa

TRACES = [[str(one) for one in trace] for trace in random_pdfa(Recipe(states=25, symbols=5), seed=5).sample(4000, 1)]
FRONTIER = StreamLearner().fit(TRACES).frontier(automata=True)


def test_automata_are_those_of_the_points() -> None:
    learner = StreamLearner().fit(TRACES)
    frontier = learner.frontier(automata=True)
    heuristic: Any = learner.heuristic
    known, own = {point.states: point for point in frontier.points}, heuristic.strength
    assert len(frontier.automata) > 5
    assert frontier.elbow.states in {len(automaton) for automaton in frontier.automata}
    asked = [one for one in frontier.automata if known[len(one)].strength == own]
    assert len(asked) > 1
    for automaton in asked:
        (found,) = learner.answer().smaller([known[len(automaton)].worth])
        assert found.to_json() == automaton.to_json()


def test_after_one_state_nothing_smaller_is_searched() -> None:
    found = [len(one) for one in StreamLearner().fit(TRACES).answer().smaller([1e-3, 1.0, 2.0])]
    assert found[-1] == 1 and len(found) == 2 < found[0]


def test_learning_goes_on_as_if_nobody_had_asked() -> None:
    asked, quiet = StreamLearner().fit(TRACES[:2000]), StreamLearner().fit(TRACES[:2000])
    asked.frontier(automata=True)
    for learner in (asked, quiet):
        learner.learn_many(TRACES[2000:])
    assert asked.automaton.to_json() == quiet.automaton.to_json()


def test_a_file_holds_all(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(FRONTIER.to_json(), encoding="utf-8")
    found = load_frontier(path)
    assert found == FRONTIER and found.to_json() == FRONTIER.to_json()
    assert [one.to_json() for one in found.automata] == [one.to_json() for one in FRONTIER.automata]


@pytest.mark.parametrize("size", [1, 5, 12, 13, 40, 1000])
def test_some_points_are_chosen_from_first_to_last(size: int) -> None:
    line = Frontier(tuple(Point(n, 900.0 / n, 0.0, 1.0, 0.0) for n in range(1, size + 1)), 9)
    chosen = spread(line)
    assert len(chosen) == len(set(chosen)) <= MOST_AUTOMATA
    assert (chosen[0].states, chosen[-1].states) == (1, min(size, MOST_STATES))
    assert line.elbow in chosen


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "flexstream-pdfa"}, "not a frontier"),
        ({"version": 2}, "version 2"),
        ({"points": []}, "ever more states"),
        ({"points": [{"states": 1}]}, "damaged"),
        ({"points": [7]}, "damaged"),
        ({"traces": "many"}, "whole number"),
        ({"automata": [{}]}, "not a FlexStream model"),
        ({"automata": 3}, "damaged"),
        ({"automata": [FRONTIER.automata[1].to_json()]}, "not a FlexStream model"),
        ({"automata": [json.loads(FRONTIER.automata[1].to_json())] * 2}, "not those of points"),
    ],
)
def test_damage_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        frontier_of(json.dumps(FRONTIER.to_document() | change))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"format": "flexstream-frontier"}'])
def test_what_is_no_frontier_is_refused(text: str) -> None:
    with pytest.raises(ModelError):
        frontier_of(text)
