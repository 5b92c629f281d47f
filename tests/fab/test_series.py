"""The time-series data set."""

from __future__ import annotations

import csv
import io
import itertools

import pytest

from flexstream.fab.parameters import Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.series import card, columns, rows, scenarios, series

P = Parameters()


@pytest.fixture(scope="module")
def text() -> str:
    return series(P, weeks=1, seed=3)


def test_rows_are_on_the_grid(text: str) -> None:
    table = list(csv.DictReader(io.StringIO(text)))
    assert list(table[0]) == list(columns(P))
    assert len(table) == 9 * 168
    for number, row in enumerate(table):
        assert float(row["hour"]) == number % 168 + 1
        balance = int(row["started"]) - int(row["out"]) - int(row["scrapped"]) - int(row["wip"])
        assert balance == 0
        for name in row:
            if name.startswith(("busy_", "down_")):
                assert -1e-6 <= float(row[name]) <= 1 + 1e-5
    for before, after in itertools.pairwise(table):
        if before["scenario"] == after["scenario"]:
            assert int(before["out"]) <= int(after["out"])


def test_the_same_seed_gives_the_same_rows() -> None:
    scenario = scenarios(P)[0]
    assert list(rows(scenario, 0.5, 4)) == list(rows(scenario, 0.5, 4))
    assert list(rows(scenario, 0.5, 4)) != list(rows(scenario, 0.5, 5))


def test_settings_differ_as_their_names_say() -> None:
    for scenario in scenarios(P):
        assert sum(scenario.parameters.starts.values()) * scenario.lot_size == pytest.approx(84)
        assert (scenario.parameters.breakdown_law == "off") == (scenario.repair == "off")


def test_a_row_is_what_the_plant_is_then() -> None:
    scenario = scenarios(P)[3]
    row = list(rows(scenario, 1, seed=5))[99]
    plant = Plant(scenario.parameters, 5)
    plant.run(6000)
    assert (row["out"], row["wip"], row["queue_C2"]) == (plant.shipped, plant.in_process, len(plant.cells["C2"]))


def test_the_card_knows_the_file(text: str) -> None:
    import hashlib

    told = card(P, 1, 3, text)
    assert hashlib.sha256(text.encode()).hexdigest() in told
    assert "1,512 rows" in told
    assert all(f"`{name}`" in told for name in columns(P))
    assert "Other than by default" not in told
    assert "Other than by default: shift;" in card(P.changed({"shift": 480}), 1, 3, text)
