"""Which batch and which lot come next, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from flexstream.errors import UsageError
from flexstream.fab.checks import CHOICES
from flexstream.fab.dispatch import CARRIER_RULES, RULES, feasible_batches
from flexstream.fab.entities.cells import Cell
from flexstream.fab.entities.lots import Lot
from flexstream.fab.parameters import Parameters
from flexstream.fab.plant import Plant

P = Parameters()


def lot(number: int, product: str, step: str = "S1", since: float | None = None, visited: str = "") -> Lot:
    made = Lot(number, product, list(P.route)[list(P.route).index(step) :], product == "TW", 0.0)
    made.since = number if since is None else since
    made.visited = set(visited.split())
    return made


def batches(lots: list[Lot], parameters: Parameters = P, machine: str = "Ma", kind: str = "diffusion") -> list[list]:
    return [[one.number for one in batch] for batch in feasible_batches(lots, machine, kind, parameters)]


def test_a_batch_is_full_and_of_one_step() -> None:
    assert batches([lot(1, "Pa"), lot(2, "Pb")]) == []
    assert batches([lot(1, "Pa"), lot(2, "Pb"), lot(3, "Pa", "S5")]) == []
    assert batches([lot(1, "Pa"), lot(2, "Pb"), lot(3, "Pa", "S5"), lot(4, "Pa")]) == [[1, 2, 4]]


def test_products_may_mix_in_s1_and_not_in_s5() -> None:
    mixed = ["Pa", "Pb", "Pb", "Pa", "Pb"]
    assert batches([lot(at, product, "S5") for at, product in enumerate(mixed)]) == [[1, 2, 4]]
    assert batches([lot(at, product, "S1") for at, product in enumerate(mixed)]) == [[0, 1, 2]]


def test_one_test_lot_may_join() -> None:
    lots = [lot(1, "TW"), lot(2, "TW"), lot(3, "Pa"), lot(4, "Pa")]
    assert batches(lots) == [[1, 3, 4]]
    assert batches(lots, P.changed({"tests_per_batch": 2})) == [[1, 2, 3]]
    assert batches(lots, P.changed({"tests_per_batch": 0})) == []
    assert batches([lot(1, "TW", "S5"), lot(2, "Pb", "S5"), lot(3, "Pa", "S5"), lot(4, "Pa", "S5")]) == [[1, 3, 4]]


def test_a_test_lot_does_not_come_twice_where_there_is_a_twin() -> None:
    again = [lot(1, "TW", visited="Ma"), lot(2, "Pa", visited="Ma"), lot(3, "Pa"), lot(4, "Pa")]
    assert batches(again) == [[2, 3, 4]]
    assert batches(again, machine="Mb") == [[1, 2, 3]]
    assert batches([lot(1, "TW", "S6", visited="Me")], machine="Me", kind="litho") == [[1]]
    assert batches([lot(1, "TW", "S4", visited="Mc")], machine="Mc", kind="implant") == []


def test_claimed_lots_are_not_there() -> None:
    lots = [lot(number, "Pa") for number in range(4)]
    lots[1].claimed = True
    assert batches(lots) == [[0, 2, 3]]


def test_the_batch_with_the_oldest_lot_comes_first() -> None:
    lots = [lot(at, "Pa", "S1", since=50 + at) for at in range(3)] + [lot(9 + at, "Pb", "S5", 70 - at) for at in (0, 1)]
    lots.append(lot(12, "Pb", "S5", since=20))
    assert batches(lots) == [[9, 10, 12], [0, 1, 2]]


def test_rules_of_machines() -> None:
    waiting = [[lot(1, "Pb", "S6")], [lot(2, "Pa", "S6")], [lot(3, "Pb", "S3")], [lot(4, "Pb", "S3")]]
    machine = SimpleNamespace(setup=("Pa", "S3"))
    assert RULES["fifo"](waiting, machine, P) is waiting[0]
    assert RULES["least-setup"](waiting, machine, P) is waiting[2]  # 12, 10, 5, 5 minutes
    assert RULES["least-setup"](waiting, SimpleNamespace(setup=None), P) is waiting[0]


def test_rules_of_the_carrier() -> None:
    wanted = [(4, lot(1, "Pa")), (1, lot(2, "Pa")), (3, lot(3, "Pa")), (2, lot(4, "Pa"))]
    assert CARRIER_RULES["fifo"](2, wanted).number == 1
    assert CARRIER_RULES["nearest"](2, wanted).number == 4
    assert CARRIER_RULES["nearest"](0, wanted).number == 2
    assert CARRIER_RULES["nearest"](2, wanted[:3]).number == 2  # of two that are as near the one that waits longer


def test_places_of_a_cell() -> None:
    """Six places, two of them for S3 at most."""
    cell = Cell("C2", "litho", 2, 6, {"S3": 2})
    lots = [lot(number, "Pa", "S3") for number in range(2)]
    assert (len(cell), cell.free, cell.takes("S3")) == (0, 6, True)
    for one in lots:
        cell.admit(one)
    assert (cell.free, cell.reserved, cell.takes("S3"), cell.takes("S6")) == (4, 2, False, True)
    cell.reserved -= 1
    cell.waiting.append(lots[0])
    cell.finished.append(lot(8, "Pa", "S4"))
    cell.kept = 2
    assert (len(cell), cell.free, cell.takes("S6")) == (2, 1, True)
    cell.let_go(lots[0])
    assert cell.takes("S3")
    cell.kept = 3
    assert (cell.free, cell.takes("S3"), cell.takes("S6")) == (0, False, False)


# --- what fits together --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": {"diffusion": 18}},
        {"batch_size": {"diffusion": 1}},
        {"breakdown_spread": 3000},
        {"repair_spread": 420},
        {"shift": 0.001},
        {"load_time": {"litho": 0}},
        {"starts": {"Pa": 0, "Pb": 0, "TW": 0.1}},
        {"operators": {}},
        {"operators": {"PO1": ["Ma", "Mb", "Mc", "Md", "Me"]}},
        {"breakdown_law": "off", "breakdown_classes": ["etch"]},
        {"carrier": "T-1.a_b"},
        *({"carrier_rule": name} for name in ("fifo", "nearest")),
        *({"breakdown_law": name} for name in ("time", "steps", "off")),
        *({"release": name} for name in ("spread", "weekly")),
        *({"dispatch": {"litho": name}} for name in ("fifo", "least-setup")),
    ],
)
def test_what_just_fits(changes: dict) -> None:
    P.changed(changes)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"batch_size": {"implant": 13}}, r"batch_size\.implant is 13 "),
        ({"repair_spread": 421}, r"repair_spread is larger than repair_time "),
        ({"lot_size": 0}, r"lot_size is 0\.0 \(expected: more than 0\)"),
        ({"breakdown_interval": 0, "breakdown_spread": 0}, r"breakdown_interval is 0\.0 "),
        ({"breakdown_steps": 0}, r"breakdown_steps is 0\.0 "),
        ({"shift": float("inf")}, r"shift is inf \(expected: a number, not negative\)"),
        ({"starts": {"Pa": float("inf")}}, r"starts\.Pa is inf "),
        ({"starts": {"Pa": 1e308, "Pb": 1e308}}, r"starts has no lot "),
        ({"hop_time": -0.1}, r"hop_time is -0\.1 "),
        ({"carrier_rule": "far"}, r"carrier_rule is 'far' \(expected: fifo, nearest\)"),
        ({"breakdown_law": "luck"}, r"breakdown_law is 'luck' \(expected: time, steps, off\)"),
        ({"cells": {"C4": "litho"}}, r"cells holds .*each class in one cell"),
        ({"machines": {"etch": ["Mx"]}}, r"cells holds .*each class in one cell"),
        ({"breakdown_classes": ["etch"]}, r"machines lacks 'etch'"),
        ({"carrier": "T 1"}, r"holds the name 'T 1'"),
        ({"technicians": [""]}, r"holds the name ''"),
    ],
)
def test_what_just_does_not(changes: dict, says: str) -> None:
    with pytest.raises(UsageError, match=f"^parameter {says}"):
        P.changed(changes)


def test_choices_are_those_there_are() -> None:
    assert CHOICES["carrier_rule"] == tuple(CARRIER_RULES) == ("fifo", "nearest")
    assert tuple(RULES) == ("fifo", "least-setup")


@pytest.mark.parametrize("table", ["load_time", "unload_time", "batch_size", "dispatch", "operator_priority"])
def test_every_class_has_its_row(table: str) -> None:
    _lacks(table, "litho")


@pytest.mark.parametrize("table", ["maintenance_time", "maintenance_period", "maintenance_gap"])
def test_every_class_has_its_maintenance(table: str) -> None:
    _lacks(table, "implant")


@pytest.mark.parametrize(("table", "key"), [("process_time", "S4"), ("buffers", "C2")])
def test_every_step_and_cell_has_its_row(table: str, key: str) -> None:
    _lacks(table, key)


def _lacks(table: str, key: str) -> None:
    rows = {name: value for name, value in getattr(P, table).items() if name != key}
    with pytest.raises(UsageError, match=rf"^parameter {table} lacks '{key}' \(expected: all of "):
        Parameters(**{table: rows})


def test_a_plant_begins_empty_and_at_rest() -> None:
    plant = Plant(P, 3)
    assert (plant.started, plant.shipped, plant.scrapped, plant.in_line) == (0, 0, 0, 0)
    assert (plant.in_process, plant.content, plant.mean_content) == (0, 0, 0)
    assert (plant.turnaround, plant.turnaround_squares, plant.sojourn) == (0, 0, 0)
    assert (plant.carrier.position, plant.carrier.holds, plant.carrier.busy, plant.carrier.trips) == (0, 0, False, 0)
    for machine in plant.machines.values():
        assert (machine.state, machine.since, machine.pace, machine.runs, machine.breakdowns) == ("idle", 0, 1, 0, 0)
        assert not any(machine.time_in.values())
        assert not machine.holds_lots
    assert [plant.cells[name].position for name in ("C1", "C2", "C3")] == [1, 2, 3]
