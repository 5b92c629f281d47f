"""What holds in every factory, whatever its parameters: checked on the events alone, over random configurations."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from flexstream.fab.deadlock import DeadlockError
from flexstream.fab.faults import Fault
from flexstream.fab.log.events import Event
from flexstream.fab.parameters import Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.profiles import PROFILES, load_parameters

from .rules import Rules

DAY = 1440.0


def some(strategy: st.SearchStrategy, *keys: str) -> st.SearchStrategy:
    """A value for some of the keys."""
    return st.dictionaries(st.sampled_from(keys), strategy)


@st.composite
def factories(draw: st.DrawFn) -> Parameters:
    """Random factories, some of them hopeless."""
    changes: dict = {
        "starts": draw(some(st.integers(1, 60), "Pa", "Pb", "TW")),
        "process_time": draw(some(st.integers(1, 400), "S1", "S2", "S3", "S4", "S5", "S6")),
        "batch_size": draw(some(st.integers(1, 4), "diffusion", "implant", "litho")),
        "buffers": draw(some(st.integers(4, 20), "C1", "C2", "C3")),
        "maintenance_time": draw(some(st.integers(1, 200), "diffusion", "implant", "litho")),
        "maintenance_gap": draw(some(st.integers(0, 2000), "diffusion", "implant", "litho")),
        "breakdown_interval": draw(st.integers(1700, 4000)),
        "dispatch": draw(some(st.sampled_from(["fifo", "least-setup"]), "diffusion", "implant", "litho")),
    }
    for name, choices in (
        ("release", ["spread", "weekly"]),
        ("carrier_rule", ["fifo", "nearest"]),
        ("breakdown_law", ["time", "steps", "off"]),
        ("keep_places", [True, False]),
        ("look_ahead", [True, False]),
        ("lots_in_line", [0, 10, 25]),
        ("break_time", [0.0, 45.0]),
        ("technicians", [[], ["MT1"], ["MT1", "MT2"]]),
        ("tests_per_batch", [1, 2]),
    ):
        changes[name] = draw(st.sampled_from(choices))
    changes = {name: value for name, value in changes.items() if value != {}}
    return load_parameters(draw(st.sampled_from(list(PROFILES)))).changed(changes)


def run(parameters: Parameters, seed: int, days: float, faults: list[Fault] | None = None) -> tuple[Plant, Rules]:
    rules = Rules(parameters)
    plant = Plant(parameters, seed, [rules.watch], faults or [])
    try:
        plant.run(days * DAY)
    except DeadlockError:
        rules.counts["deadlock"] = 1
    return plant, rules


@given(factories(), st.integers(0, 1000), st.integers(1, 12))
@settings(max_examples=25, phases=(Phase.reuse, Phase.generate))  # shrinking a factory takes minutes
def test_no_rule_is_ever_broken(parameters: Parameters, seed: int, days: int) -> None:
    plant, rules = run(parameters, seed, days)
    rules.check_buffers()
    rules.finish()
    assert rules.counts["start"] == plant.started
    assert rules.counts["out"] == plant.shipped
    assert rules.counts["scrap"] == plant.scrapped
    assert plant.started == plant.shipped + plant.scrapped + plant.in_process


@pytest.mark.parametrize("profile", [name for name in PROFILES if name != "deadlock"])
def test_the_line_keeps_up(profile: str) -> None:
    """In every profile but one the line takes 84 lots a week without piling them up."""
    plant, rules = run(load_parameters(profile), seed=3, days=28)
    rules.finish()
    assert not rules.counts["deadlock"]
    assert plant.in_process < 84
    lost = plant.scrapped / 4
    assert (1 < lost < 9) if plant.parameters.breakdown_law != "off" else lost == 0


def test_littles_law() -> None:
    plant, _ = run(Parameters(), seed=5, days=42)
    rate = plant.started / plant.env.now
    mean = plant.sojourn / (plant.shipped + plant.scrapped)
    assert rate * mean == pytest.approx(plant.mean_content, rel=0.04)


def test_maintenance_is_done_once_a_period() -> None:
    plant, rules = run(Parameters(), seed=5, days=35)
    for machine in plant.machines.values():
        periods = 35 * DAY / plant.parameters.maintenance_period[machine.kind]
        assert rules.counts[f"maintain {machine.name}"] == pytest.approx(periods, rel=0.08)


def test_the_same_seed_gives_the_same_events() -> None:
    def events(seed: int) -> list[Event]:
        return list(Plant(Parameters(), seed).events(10 * DAY))

    assert events(1) == events(1)
    assert events(1) != events(2)


def test_stepping_is_running() -> None:
    seen: list[Event] = []
    Plant(Parameters(), 7, [seen.append]).run(5 * DAY)
    assert list(Plant(Parameters(), 7).events(5 * DAY)) == seen


def test_looking_at_the_plant_changes_nothing() -> None:
    once, often = Plant(Parameters(), 7), Plant(Parameters(), 7)
    once.run(10 * DAY)
    for hour in range(1, 241):
        often.run(hour * 60)
    assert once.log.seq == often.log.seq
    assert once.mean_content == pytest.approx(often.mean_content)
    for name, machine in once.machines.items():
        assert machine.time_in == pytest.approx(often.machines[name].time_in)


def test_watching_changes_nothing() -> None:
    blind, watched = Plant(Parameters(), 7), Plant(Parameters(), 7, [lambda _: None])
    blind.run(20 * DAY)
    watched.run(20 * DAY)
    assert (blind.log.seq, blind.turnaround, blind.mean_content) == (
        watched.log.seq,
        watched.turnaround,
        watched.mean_content,
    )
    assert {name: machine.time_in for name, machine in blind.machines.items()} == {
        name: machine.time_in for name, machine in watched.machines.items()
    }
