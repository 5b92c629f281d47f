"""Digests of simulated streams, which a seed gives today and must give for ever: figures made from them are kept.

``python -m tests.fab.streams`` prints what tests/fab/streams.json holds.  Where a mend changes a stream, write it anew
and say so in the change log.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator

from flexstream.fab.deadlock import DeadlockError
from flexstream.fab.faults import parse_fault
from flexstream.fab.log.events import Event
from flexstream.fab.log.output import line, state_line, stream
from flexstream.fab.log.views import KINDS, PERIODS
from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.profiles import PROFILES, load_parameters, to_toml
from flexstream.fab.series import card, series
from flexstream.fab.truth import Truth
from flexstream.version import __version__

FAULTS = (
    *("route:S3+S4:0.1@1d", "slow:Mc:1.3@2d", "skip:S4:0.3@3d", "dispatch:litho:fifo@4d", "breakdowns:all:3@5d"),
    "breakdowns:Md:2@6d",
)
UNUSUAL = {
    "weekly-nearest": {"release": "weekly", "carrier_rule": "nearest", "lot_size": 1.25, "lots_in_line": 30},
    "many-hands": {"technicians": ["MT1", "MT2"], "break_time": 45.0, "look_ahead": False, "tests_per_batch": 2},
    "setups-everywhere": {"setup_classes": ["litho", "implant"], "dispatch": {"implant": "least-setup"}},
    "no-hands-jammed": {"operators": {}, "technicians": [], "keep_places": False},
    "steps": {"breakdown_law": "steps", "one_product_steps": ["S1", "S5"], "starts": {"TW": 9}},
}
"""Factories that no profile names."""


def digests() -> Iterator[tuple[str, str]]:
    """Yield what each stream is called, and its digest."""
    yield from _factories()
    yield from _views()
    data = series(Parameters(), 0.1, 3)
    yield "time series", _digest([data, card(Parameters(), 0.1, 3, data).replace(__version__, "VERSION")])


def _factories() -> Iterator[tuple[str, str]]:
    for profile in PROFILES:
        parameters = load_parameters(profile)
        yield f"parameters {profile}", _digest([to_toml(parameters)])
        yield f"profile {profile}", _digest(_told(parameters, 0.6))
    for name, changes in UNUSUAL.items():
        yield f"factory {name}", _digest(_told(Parameters().changed(changes), 1))
    for law in ("time", "steps"):
        parameters = Parameters().changed({"breakdown_law": law})
        yield f"faults, law {law}", _digest(_told(parameters, 2, FAULTS))
    yield "a jam", _digest(_told(load_parameters("deadlock"), 20))
    yield "too few lots", _digest(_told(Parameters().changed({"lots_in_line": 2}), 1))


def _told(parameters: Parameters, weeks: float, faults: Iterable[str] = ()) -> Iterator[str]:
    """Yield all events with the states after them, and how it ended."""
    plant = Plant(parameters, 3, faults=[parse_fault(text, parameters) for text in faults])
    mortal = any(map(parameters.breaks, parameters.machines))
    truths = [Truth(parameters, per, plant.faults) for per in PERIODS if per != "life" or mortal]
    for truth in truths:
        plant.log.watch(truth.watch)
    try:
        for event in plant.events(weeks * WEEK):
            yield line(event, "", "") + state_line(event)
    except DeadlockError as error:
        yield str(error)
    yield repr((plant.turnaround, plant.turnaround_squares, plant.sojourn, plant.mean_content, plant.in_process))
    yield repr([(machine.time_in, machine.breakdowns) for machine in plant.machines.values()])
    yield repr((plant.operators.busy_time, plant.technicians.busy_time, plant.carrier.busy_time, plant.carrier.trips))
    yield repr(plant.faults.to_document())
    yield from (repr((truth.designs, truth.counts)) for truth in truths)


def _views() -> Iterator[tuple[str, str]]:
    events: list[Event] = list(Plant(Parameters(), 3).events(1.5 * WEEK))
    for by, per in itertools.product(KINDS, PERIODS):
        if by == "machine" or per != "life":
            for timed, cut in ((False, False), (True, True)):
                lines = stream(events, Parameters(), by=by, per=per, timed=timed, cut=cut)
                yield f"{by} per {per}{' timed, cut' * timed}", _digest(text for _, text in lines)


def _digest(lines: Iterable[str]) -> str:
    made = hashlib.sha256()
    for text in lines:
        made.update(text.encode())
    return made.hexdigest()


if __name__ == "__main__":
    print(json.dumps(dict(digests()), indent=1))
