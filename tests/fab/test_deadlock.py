"""Deadlocks are found, and only when they are real."""

from __future__ import annotations

import pytest

from flexstream.fab.deadlock import DeadlockError
from flexstream.fab.parameters import Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.profiles import load_parameters

WEEK = 10_080.0


def test_a_jam_is_named() -> None:
    plant = Plant(load_parameters("deadlock"), seed=3)
    with pytest.raises(DeadlockError, match=r"deadlock at day \d+, .*C2 holds 12 of 12.*C3 holds 12 of 12"):
        plant.run(20 * WEEK)


def test_a_jam_is_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the alarm taken away nothing moves any more, so the alarm was not too early.

    Without breakdowns: one that scraps a lot under a blocked machine would make room again.
    """
    parameters = load_parameters("deadlock").changed({"breakdown_law": "off", "starts": {"Pa": 66}})
    plant = Plant(parameters, seed=3)
    with pytest.raises(DeadlockError):
        plant.run(20 * WEEK)
    when = plant.env.now
    monkeypatch.setattr("flexstream.fab.plant.check_deadlock", lambda plant: None)
    ignorant = Plant(parameters, seed=3)
    ignorant.run(when + 1e-6)
    trips, shipped = ignorant.carrier.trips, ignorant.shipped
    full = {name for name, cell in ignorant.cells.items() if cell.free <= 0}
    ignorant.run(when + 4 * WEEK)
    assert {"C2", "C3"} <= full
    assert {name for name, cell in ignorant.cells.items() if cell.free <= 0} >= full
    # C1 may still fill up; from C2 and C3 no lot ever leaves.
    assert ignorant.shipped == shipped
    assert ignorant.carrier.trips <= trips + plant.parameters.buffers["C1"]


def test_too_few_lots_for_a_batch_are_a_jam_too() -> None:
    plant = Plant(Parameters().changed({"lots_in_line": 2}), seed=1)
    with pytest.raises(DeadlockError, match="lots_in_line"):
        plant.run(WEEK)


def test_a_jam_ends_the_stream_after_its_last_event() -> None:
    plant = Plant(load_parameters("deadlock"), seed=3)
    seen = []
    with pytest.raises(DeadlockError):
        for event in plant.events(20 * WEEK):
            seen.append(event)
    assert [event.seq for event in seen] == list(range(plant.log.seq))
