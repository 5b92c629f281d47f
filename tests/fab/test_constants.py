"""The numbers of the factory, each against the published table and not against the code."""

from __future__ import annotations

import math

import pytest

from flexstream.fab.agreement import Agreement, Compared, compare
from flexstream.fab.entities.lots import starts
from flexstream.fab.faults import parse_fault
from flexstream.fab.log.output import seconds
from flexstream.fab.log.views import View, ViewOptions
from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.profiles import PROFILES, load_parameters
from flexstream.fab.series import GRID, LOT_SIZES, columns, rows, scenarios
from flexstream.targets import from_rows

P = Parameters()

TABLE = {
    "machines": {"diffusion": ("Ma", "Mb"), "implant": ("Mc", "Md"), "litho": ("Me",)},
    "cells": {"C1": "diffusion", "C2": "litho", "C3": "implant"},
    "route": dict(
        zip(
            ("S1", "S2", "S3", "S4", "S5", "S6"),
            ("diffusion", "implant", "litho", "implant", "diffusion", "litho"),
            strict=True,
        )
    ),
    "process_time": {"S1": 225, "S2": 30, "S3": 55, "S4": 50, "S5": 255, "S6": 10},
    "load_time": {"diffusion": 20, "implant": 15, "litho": 10},
    "unload_time": {"diffusion": 40, "implant": 15, "litho": 10},
    "setup_classes": ("litho",),
    "setup_product": 5,
    "setup_step": 10,
    "setup_both": 12,
    "starts": {"Pa": 51, "Pb": 30, "TW": 3},
    "test_products": ("TW",),
    "batch_size": {"diffusion": 3, "implant": 1, "litho": 1},
    "one_product_steps": ("S5",),
    "tests_per_batch": 1,
    "maintenance_time": {"diffusion": 75, "implant": 120, "litho": 30},
    "maintenance_period": {"diffusion": 24 * 60, "implant": 12 * 60, "litho": 12 * 60},
    "maintenance_gap": {"diffusion": 12 * 60, "implant": 6 * 60, "litho": 6 * 60},
    "breakdown_classes": ("implant",),
    "breakdown_law": "time",
    "breakdown_interval": 50 * 60,
    "breakdown_spread": 26 * 60,
    "breakdown_steps": 25,
    "breakdown_steps_spread": 13,
    "repair_time": 420,
    "repair_spread": 60,
    "operators": {"PO1": ("Ma", "Mb", "Mc", "Md"), "PO2": ("Me", "Mc", "Md")},
    "operator_priority": {"litho": 0, "diffusion": 0, "implant": 1},
    "look_ahead": True,
    "technicians": ("MT1",),
    "break_time": 0,
    "shift": 12 * 60,
    "buffers": {"C1": 18, "C2": 12, "C3": 12},
    "keep_places": True,
    "step_places": {"S1": 9, "S2": 6, "S3": 9},
    "carrier": "T1",
    "hop_time": 4,
    "pick_time": 1,
    "put_time": 1,
    "carrier_rule": "fifo",
    "dispatch": {"diffusion": "fifo", "implant": "fifo", "litho": "least-setup"},
    "release": "spread",
    "lots_in_line": 0,
    "lot_size": 1,
    "wafer_classes": ("implant", "litho"),
}
"""Intel's five-machine six-step MiniFab (Kempf), and what docs/minifab.md decides where it is silent."""


def test_the_default_factory_is_the_published_one() -> None:
    assert {about.name: about.value for about in P.about()} == TABLE
    assert WEEK == 7 * 24 * 60


PROFILE_CHANGES = {
    "default": {},
    "no-failures": {"breakdown_law": "off"},
    "no-maintenance": {"breakdown_law": "off", "maintenance_period": dict.fromkeys(P.machines, 0)},
    "no-people": {"operators": {}, "technicians": ()},
    "breaks": {"break_time": 30},
    "failures-by-steps": {"breakdown_law": "steps"},
    "fifo": {"dispatch": dict.fromkeys(P.machines, "fifo")},
    "valente": {
        "load_time": {"diffusion": 15, "implant": 15, "litho": 10},
        "unload_time": {"diffusion": 15, "implant": 15, "litho": 10},
    },
    "deadlock": {"keep_places": False, "step_places": {}, "dispatch": dict.fromkeys(P.machines, "fifo")},
}


def test_profiles_change_what_they_say_and_nothing_else() -> None:
    assert PROFILES.keys() == PROFILE_CHANGES.keys()
    for name, changes in PROFILE_CHANGES.items():
        assert {about.name: about.value for about in load_parameters(name).about()} == TABLE | changes


@pytest.mark.parametrize("size", [1.0, 1.5])
def test_wafer_by_wafer_classes_take_as_much_longer(size: float) -> None:
    larger = P.changed({"lot_size": size})
    assert [larger.run_time(step) for step in P.route] == [225, 30 * size, 55 * size, 50 * size, 255, 10 * size]


@pytest.mark.parametrize(
    ("before", "after", "minutes"),
    [
        (None, ("Pa", "S3"), 0),
        (("Pa", "S3"), ("Pa", "S3"), 0),
        (("Pa", "S3"), ("Pa", "S6"), 10),
        (("Pa", "S3"), ("Pb", "S3"), 5),
        (("Pa", "S3"), ("Pb", "S6"), 12),
    ],
)
def test_setups(before: tuple[str, str] | None, after: tuple[str, str], minutes: float) -> None:
    assert P.setup_time(before, after) == minutes


def test_handled_time_without_waiting() -> None:
    """845 minutes: the process times, and loading and unloading, twice 20 + 40, twice 15 + 15, twice 10 + 10."""
    handling = sum(P.load_time[kind] + P.unload_time[kind] for kind in P.route.values())
    assert sum(map(P.run_time, P.route)) + handling == 625 + 120 + 60 + 40 == 845


def test_a_lot_alone_takes_the_time_of_its_steps_and_hops() -> None:
    """Nobody else, no batches, no setups but for steps: a lot's way, minute by minute.

    The cells stand in line at 1, 2, 3 between START at 0 and OUT at 4; its way is START C1 C3 C2 C3 C1 C2 OUT, which
    are 1 + 2 + 1 + 1 + 2 + 1 + 2 hops of 4 minutes; the carrier is always where it put the lot down.  Seven trips pick
    and put for a minute each.  The machine of litho is set up once, from S3 to S6, which takes 10.
    """
    changes = {
        "starts": {"Pa": 1, "Pb": 0, "TW": 0},
        "batch_size": {"diffusion": 1},
        "breakdown_law": "off",
        "maintenance_period": dict.fromkeys(P.machines, 0),
    }
    plant = Plant(P.changed(changes), 0)
    plant.run(WEEK)
    assert (plant.started, plant.shipped, plant.in_process) == (1, 1, 0)
    assert plant.turnaround == 845 + 10 * 4 + 7 * 2 + 10
    assert plant.turnaround_squares == plant.turnaround**2
    assert plant.sojourn == plant.turnaround
    assert plant.mean_content == plant.turnaround / WEEK
    assert (plant.carrier.trips, plant.carrier.busy_time) == (7, 10 * 4 + 7 * 2)
    litho = plant.machines["Me"].time_in
    assert (litho["setup"], litho["loading"], litho["processing"], litho["unloading"]) == (10, 20, 65, 20)
    assert sum(litho.values()) == WEEK
    assert plant.operators.busy_time == {"PO1": 120 + 60, "PO2": 40 + 10}
    row = list(rows(scenarios(plant.parameters)[0], 1, 0))[-1]
    assert row["turnaround"] == pytest.approx(plant.turnaround / 60)
    assert (row["out"], row["wip"], row["hour"]) == (1, 0, 168)


def test_busy_and_down_are_shares_of_the_hour() -> None:
    """One technician begins with Ma, for 75 minutes, goes on to Mc, for 120, and to Md.

    The carrier brings the third lot at 26, after three trips of 1 + 4 + 1 minutes with 4 back between them; Mb, which
    is free, is loaded from then on for 20 minutes, runs for 225 and is unloaded for 40.
    """
    changes = {"starts": {"Pa": 3, "Pb": 0, "TW": 0}, "release": "weekly", "breakdown_law": "off"}
    made = list(rows(scenarios(P.changed(changes))[0], 0.05, 0))
    assert len(made) == 8  # hours of 0.05 weeks
    assert [row["down_Ma"] for row in made[:3]] == pytest.approx([1, 15 / 60, 0])
    assert [row["down_Mc"] for row in made[:5]] == pytest.approx([0, 45 / 60, 1, 15 / 60, 0])
    assert [row["busy_Mb"] for row in made[:6]] == pytest.approx([34 / 60, 1, 1, 1, 1, 11 / 60])
    assert [row["queue_START"] for row in made] == [0] * 8


def test_starts_are_spread_or_weekly() -> None:
    one = P.changed({"starts": {"Pa": 1.5, "Pb": 0, "TW": 0.5}})
    made = starts(one, 1)
    begun = [next(made) for _ in range(8)]  # 1 + 0, 2 + 1, 1 + 0, 2 + 1 lots in four weeks
    assert [minute for minute, _ in begun] == [
        *(0, WEEK, WEEK + WEEK / 3, WEEK + 2 * WEEK / 3),
        *(2 * WEEK, 3 * WEEK, 3 * WEEK + WEEK / 3, 3 * WEEK + 2 * WEEK / 3),
    ]
    assert sorted(product for _, product in begun) == ["Pa"] * 6 + ["TW"] * 2
    weekly = starts(one.changed({"release": "weekly"}), 1)
    assert [next(weekly)[0] for _ in range(5)] == [0, WEEK, WEEK, WEEK, 2 * WEEK]


def test_tenths_of_a_lot_add_up() -> None:
    """0.1 ten times is less than 1 in binary; the tenth week starts a lot all the same."""
    made = starts(P.changed({"starts": {"Pa": 0.1, "Pb": 0, "TW": 0}}), 1)
    assert [next(made)[0] for _ in range(2)] == [9 * WEEK, 19 * WEEK]


@pytest.mark.parametrize(
    ("text", "minute"), [("slow:Ma:2@2w", 20_160), ("slow:Ma:2@1.5d", 2160), ("slow:Ma:2@3h", 180), ("slow:Ma:2@7m", 7)]
)
def test_units_of_time(text: str, minute: float) -> None:
    assert parse_fault(text, P).minute == minute


@pytest.mark.parametrize(
    ("text", "target", "value"),
    [
        ("slow:Ma@1w", "Ma", 2.0),
        ("skip:S4@1w", "S4", 0.25),
        ("skip:S4:1@1w", "S4", 1.0),
        ("route:S3+S4@1w", "S3+S4", 0.25),
        ("dispatch@1w", "litho", "fifo"),
        ("dispatch:implant:least-setup@1w", "implant", "least-setup"),
        ("breakdowns@1w", "all", 2.0),
        ("breakdowns:all:0.5@1w", "all", 0.5),
        ("breakdowns:Md:3@1w", "Md", 3.0),
    ],
)
def test_what_a_fault_leaves_out(text: str, target: str, value: float | str) -> None:
    assert parse_fault(text, P)[1:3] == (target, value)


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0"), (2, "120"), (0.5, "30"), (1 / 3, "20"), (0.12345, "7.407"), (0.00001, "0.001")]
)
def test_minutes_become_seconds(minutes: float, text: str) -> None:
    assert seconds(minutes) == text


@pytest.mark.parametrize(
    ("minutes", "name"), [(1.1, "1m"), (10, "10m"), (53, "53m"), (225, "226m"), (255, "249m"), (1.0, "1m")]
)
def test_durations_are_powers_of_eleven_tenths(minutes: float, name: str) -> None:
    """The nearest power of 1.1, by its logarithm: 1.1^24 = 9.85, 1.1^42 = 54.8, 1.1^57 = 228.8, 1.1^58 = 251.6."""
    power = min(range(100), key=lambda n: abs(math.log(1.1**n / minutes)))
    view = View(ViewOptions("machine", timed=True), P)
    for at, lifecycle in ((5.0, "start"), (5.0 + minutes, "complete")):
        shown = view.show(_event(at, lifecycle))
    assert shown is not None
    assert shown.activity == f"process-done~{1.1**power:.0f}m"


def _event(time: float, lifecycle: str):
    from flexstream.fab.log.events import Event

    return Event(0, time, "machine", "Ma", "process", lifecycle, "S1", "", "Ma", "", "", "", "processing")


def test_a_day_has_1440_minutes_and_a_shift_those_of_the_parameters() -> None:
    for per, parameters, minute, case in (
        ("day", P, 1439.9, "Ma/00000"),
        ("day", P, 1440, "Ma/00001"),
        ("shift", P, 719.9, "Ma/00000"),
        ("shift", P, 720, "Ma/00001"),
        ("shift", P.changed({"shift": 480}), 480, "Ma/00001"),
    ):
        shown = View(ViewOptions("machine", per=per), parameters).show(_event(minute, "start"))
        assert shown is not None
        assert shown.case == case


def test_the_data_set() -> None:
    assert (GRID, LOT_SIZES) == (60, (1, 1.25, 1.5))
    made = scenarios(P)
    assert [(one.repair, one.parameters.breakdown_law) for one in made[::3]] == [
        ("off", "off"),
        ("on", "time"),
        ("by-steps", "steps"),
    ]
    assert [one.parameters.lot_size for one in made] == [1, 1.25, 1.5] * 3
    assert made[1].parameters.starts == {"Pa": 40.8, "Pb": 24, "TW": 2.4}
    assert len(columns(P)) == 11 + 3 + 2 * 5


# --- agreement -----------------------------------------------------------------------------------------------------


def test_two_shares_are_compared_as_in_the_textbook() -> None:
    """80 of 100 against 150 of 250: pooled 230/350, standard error sqrt(p q (1/100 + 1/250)), z = 0.2 / error."""
    learned = from_rows({0: {"a": (80, 0), None: (20, 0)}})
    truth = from_rows({0: {"a": (150, 0), None: (100, 0)}})
    found = compare(learned, truth, 3)
    assert found.difference is None
    assert {(one.symbol, one.learned, one.true, round(one.z, 9)) for one in found.outcomes} == {
        ("a", 0.8, 0.6, 3.561061558),
        (None, 0.2, 0.4, -3.561061558),
    }
    assert found.largest_z == pytest.approx(0.2 / math.sqrt(23 / 35 * 12 / 35 * (0.01 + 0.004)))


def test_of_differences_as_short_the_end_is_named_first() -> None:
    one = from_rows({0: {"b": (5, 0), "a": (5, 0)}})
    two = from_rows({0: {None: (5, 0), "c": (5, 0)}})
    assert compare(one, two, 3).difference == (None,)
    assert compare(one, from_rows({0: {"d": (5, 0), "c": (5, 0)}}), 3).difference == ("a",)


@pytest.mark.parametrize(
    ("outcomes", "level", "z"), [(1, 0.99, 2.575829), (1, 0.95, 1.959964), (10, 0.95, 2.807034), (0, 0.95, 1.959964)]
)
def test_bonferroni(outcomes: int, level: float, z: float) -> None:
    """Two-sided normal quantiles from printed tables: 0.995, 0.975, 0.9975."""
    table = [Compared((), "a", 0.5, 0.5, 0.0)] * outcomes
    assert Agreement(None, table).critical_z(level) == pytest.approx(z, abs=1e-6)


def test_the_usual_level_is_99_percent() -> None:
    assert Agreement(None, []).critical_z() == pytest.approx(2.575829, abs=1e-6)
    assert Agreement(None, []).largest_z == 0
