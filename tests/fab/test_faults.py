"""Faults happen when they should, to whom they should, and are remembered."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from flexstream.errors import UsageError
from flexstream.fab.faults import parse_fault
from flexstream.fab.log.events import Event
from flexstream.fab.log.views import View, ViewOptions, whole_cases
from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant

P = Parameters()


def run(text: str, weeks: float = 3, seed: int = 1) -> tuple[Plant, list[Event]]:
    plant = Plant(P, seed, faults=[parse_fault(text, P)])
    return plant, list(plant.events(weeks * WEEK))


@pytest.mark.parametrize(
    "text", ["slow:Mc:1.3@1w", "skip:S4:0.3@1w", "route:S3+S4@1w", "dispatch:litho:fifo@1w", "breakdowns:all:3@1w"]
)
def test_nothing_happens_before_its_time(text: str) -> None:
    _, events = run(text, weeks=1.5)
    healthy = list(Plant(P, 1).events(1.5 * WEEK))
    assert [event for event in events if event.time < WEEK] == [event for event in healthy if event.time < WEEK]
    assert events != healthy


def test_a_slow_machine_is_slow() -> None:
    _, events = run("slow:Mc:1.5@1w")
    began: dict[str, float] = {}
    for event in events:
        if event.entity_kind == "machine" and event.event == "process" and event.lifecycle == "start":
            began[event.entity] = event.time
        elif event.entity_kind == "machine" and event.event == "process":
            slow = event.entity == "Mc" and began[event.entity] >= WEEK
            assert event.time - began[event.entity] == pytest.approx(P.run_time(event.step) * (1.5 if slow else 1))


@pytest.mark.parametrize(
    ("text", "way"),
    [("skip:S4:0.3@1w", ["S1", "S2", "S3", "S5", "S6"]), ("route:S3+S4:0.3@1w", ["S1", "S2", "S4", "S3", "S5", "S6"])],
)
def test_struck_lots_go_another_way(text: str, way: list[str]) -> None:
    plant, events = run(text)
    (struck,) = plant.faults.struck.values()
    ways: dict[str, list[str]] = {}
    for event in events:
        if event.entity_kind == "lot" and event.event == "load" and event.lifecycle == "start":
            ways.setdefault(event.lot, []).append(event.step)
    assert 20 < len(struck) < 80
    for lot, steps in ways.items():
        assert steps == (way if lot in struck else list(P.route))[: len(steps)]
        assert (lot in plant.faults) == (lot in struck)


def test_more_breakdowns() -> None:
    plant, _ = run("breakdowns:Mc:3@0w", weeks=4)
    assert plant.machines["Mc"].breakdowns > 1.7 * plant.machines["Md"].breakdowns


def times(events: list[Event], machine: str) -> list[tuple[float, float]]:
    """Return the minutes at which a machine was repaired, each with that of the next breakdown."""
    mine = [event for event in events if event.entity == machine and event.event in ("break", "repair")]
    ends = [event for event in mine if event.lifecycle == "complete" or event.event == "break"]
    return [(one.time, other.time) for one, other in itertools.pairwise(ends) if other.event == "break"]


def test_breakdowns_come_a_drawn_time_after_the_repair() -> None:
    events = list(Plant(P, 4).events(8 * WEEK))
    gaps = [then - since for name in ("Mc", "Md") for since, then in times(events, name)]
    late = P.maintenance_time["implant"]  # it shows when the maintenance is over
    low, high = P.breakdown_interval - P.breakdown_spread, P.breakdown_interval + P.breakdown_spread
    assert len(gaps) > 40
    assert low <= min(gaps)
    assert max(gaps) <= high + late
    assert sum(gaps) / len(gaps) == pytest.approx(P.breakdown_interval, rel=0.1)


def test_twice_as_many_breakdowns_halve_lives() -> None:
    def lives(factor: float) -> list[float]:
        _, events = run(f"breakdowns:all:{factor}@0w", weeks=6)
        view = View(ViewOptions("machine", "implant", per="life"), P)
        return list(Counter(one.case for one in whole_cases(view.over(events))).values())

    one, two = lives(1), lives(2)
    assert len(two) > 1.5 * len(one)
    assert 0.4 < (sum(two) / len(two)) / (sum(one) / len(one)) < 0.65


@pytest.mark.parametrize("into_the_repair", [-1.0, 1.0])
def test_more_breakdowns_from_a_repair_on(into_the_repair: float) -> None:
    """The fault falls just before the end of a repair or just after it: there is one next breakdown, and it is soon."""
    since, _ = times(list(Plant(P, 4).events(2 * WEEK)), "Mc")[0]
    _, events = run(f"breakdowns:Mc:4@{since + into_the_repair:.3f}m", seed=4)
    gaps = [then - start for start, then in times(events, "Mc")]
    low, high = P.breakdown_interval - P.breakdown_spread, P.breakdown_interval + P.breakdown_spread
    assert low / 4 <= min(gaps)
    assert max(gaps) <= high / 4 + P.maintenance_time["implant"] + 1


def test_another_rule_means_more_setups() -> None:
    def setups(events: list[Event]) -> int:
        return sum(event.event == "setup" and event.entity_kind == "machine" for event in events)

    _, events = run("dispatch:litho:fifo@0w")
    assert setups(events) > 1.2 * setups(list(Plant(P, 1).events(3 * WEEK)))


@pytest.mark.parametrize(
    "text",
    [
        *("nonsense", "slow:Mc:2", "slow:Mc:2@x", "slow:Mx:2@1w", "slow:Mc:0@1w", "slow:Mc:fast@1w", "skip:S9:1@1w"),
        *("skip:S1:2@1w", "route:S1:1@1w", "route:S1+S1:1@1w", "dispatch:litho:random@1w", "dispatch:etch:fifo@1w"),
        *(
            "slow:Mc:inf@1w",
            "slow:Mc:nan@1w",
            "breakdowns:Ma:2@1w",
            "explode:Ma@1w",
            "slow@1w",
            "skip:S1:0@1w",
            "slow:Mc:2@1.2.3w",
        ),
    ],
)
def test_what_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected"):
        parse_fault(text, P)


def test_what_never_breaks_down_cannot_more_often() -> None:
    with pytest.raises(UsageError, match=r"no machine breaks down.*\(expected: "):
        parse_fault("breakdowns:all:2@1w", P.changed({"breakdown_law": "off"}))


def test_the_truth_tells_the_faults() -> None:
    plant, _ = run("skip:S4:0.3@1w")
    (told,) = plant.faults.to_document()
    assert (told["kind"], told["target"], told["time"]) == ("skip", "S4", 7 * 86_400)
    assert told["lots"]
