"""Plans, their pictures, and learners that run under them."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from flexstream import UsageError
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import THEOREMS, Plan, load_plan
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.pac.planning.plot import svg
from flexstream.pac.planning.tables import plan_text, support_text
from flexstream.targets import from_rows

from .tiny import tiny

DEMAND = Demand(states=2, symbols=2, mu=0.65, length=5, eps=0.9, delta=0.2, futures=1)
TARGET = from_rows(
    {0: {"a": (0.7, 1), "b": (0.1, 0), None: (0.2, 0)}, 1: {"a": (0.05, 0), "b": (0.75, 1), None: (0.2, 0)}}
)


@pytest.mark.parametrize("theorem", THEOREMS)
def test_a_plan_comes_back_from_its_file(tmp_path: Path, theorem: str) -> None:
    plan = Plan.make(DEMAND, theorem)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan.to_document()))
    assert load_plan(path) == plan


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "x"}, "not a plan"),
        ({"version": 3}, "version 3.*made anew"),
        ({"demand": {"states": 2}}, "not a demand"),
        ({"demand": DEMAND.to_document() | {"mu": "x"}}, "numbers only"),
        ({"demand": DEMAND.to_document() | {"eps": 0.5}}, "do not follow"),
        ({"theorem": "nope"}, "no theorem"),
        ({"run": None}, "do not follow"),
    ],
)
def test_files_that_are_no_plans(tmp_path: Path, change: dict[str, object], message: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(Plan.make(DEMAND).to_document() | change))
    with pytest.raises(UsageError, match=message) as caught:
        load_plan(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_files_that_are_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="not a plan"):
        load_plan(path)


def test_the_table_names_every_theorem() -> None:
    plan = Plan.make(replace(DEMAND, states=500, mu=0.001), "clark-thollard")
    text = plan_text(plan)
    assert all(name in text for name in THEOREMS)
    assert "run: none" in text
    assert "10^" in text
    assert plan.run is None
    with pytest.raises(UsageError, match="than any run can count"):
        PlannedLearner(plan)


def test_support_is_what_a_plan_with_it_asks_for() -> None:
    plan = Plan.make(DEMAND)
    row = next(line for line in support_text(plan, 10**6).splitlines() if line.startswith("flexstream"))
    eps = float(row.split()[1])
    assert Plan.make(replace(DEMAND, eps=1.01 * eps)).sizes["flexstream"].strings <= 10**6
    assert Plan.make(replace(DEMAND, eps=0.98 * eps)).sizes["flexstream"].strings > 10**6


def test_the_picture_has_a_line_for_every_theorem() -> None:
    root = ElementTree.fromstring(svg(DEMAND))
    lines = root.findall(".//{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 2 * len(THEOREMS)
    width, height = (float(root.get(name, "")) for name in ("width", "height"))
    for line in lines:
        points = [tuple(map(float, point.split(","))) for point in line.get("points", "").split()]
        assert len(points) > 10
        assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
        assert all(low[1] <= high[1] for low, high in pairwise(points))  # fewer strings for larger errors, y is down


@pytest.mark.parametrize("theorem", ["flexstream", "baumgartner-verwer"])
def test_a_planned_run_finds_the_target(theorem: str) -> None:
    plan = Plan.make(DEMAND, theorem)
    learner = PlannedLearner(plan, seed=1)
    assert plan.run is not None
    strings = plan.run["every"]
    assert strings < 40_000
    learner.learn_many(TARGET.sample(strings, seed=3))
    assert learner.refinements == 1
    assert learner.automaton.equivalent(TARGET, tolerance=0.05)


def test_every_look_has_its_own_level() -> None:
    learner = PlannedLearner(Plan.make(DEMAND, "baumgartner-verwer"))
    first = learner.level(1)
    batches = int(learner.plan.sizes["baumgartner-verwer"].batches)
    assert learner.level(batches) == first
    assert learner.level(2 * batches) == tiny(first / 4)
    learner = PlannedLearner(Plan.make(DEMAND))
    learner.learn_many(TARGET.sample(500, seed=1))
    levels = []
    for _ in range(3):
        learner.learn_many(TARGET.sample(50, seed=1))
        learner.refine()
        levels.append(learner.heuristic.alpha)  # type: ignore[attr-defined]
    assert levels[0] > levels[1] > levels[2] > 0


def test_what_a_plan_fixes_cannot_be_changed() -> None:
    with pytest.raises(UsageError, match="grow_at: fixed by the plan"):
        PlannedLearner(Plan.make(DEMAND), grow_at=3)
    assert PlannedLearner(Plan.make(DEMAND), seed=4).clone().seed == 4
