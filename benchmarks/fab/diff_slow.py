"""Claim: a machine that does as before, but slower, stands out first in ``diff``, and ``score`` names its slow step.

    python benchmarks/fab/diff_slow.py [--weeks 12] [--struck 6] [--seeds 20] [--error 0.05]
                                       [--json OUT] [--markdown OUT]

In each run of the fab one implanter, Mc, takes 1.3 times as long from week ``--struck`` on (``slow:Mc:1.3``); no event
says how long anything took.  Each view is learned twice, from the traces that end before that week and from those that
begin after it.  Counted is in how many runs ``diff`` names first that ``process-done`` takes longer, what it names
beside that, and, scored by the model of the weeks before, which share of the slow machine's traces has a step as rare
as one in twenty, before (the second half of what was learned from) and after, and how often it is that step.  Where
all machines are one view, what they do in the same order is one transition, whose durations are told apart by what was
loaded; the last row is that view learned as a fleet (``--per entity``), of which Mc's model is taken.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, FleetLearner, StreamLearner
from flexstream.automata.slow import slowest
from flexstream.difference import diff
from flexstream.fab.faults import parse_fault
from flexstream.fab.log.events import Event
from flexstream.fab.log.views import View, ViewOptions, whole_cases
from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch
from flexstream.stream.durations import spans_of_each

FAULT, STEP, RARE = "slow:Mc:1.3", "process-done", 0.05
MACHINE, FLEET = "Mc", "all machines, `--per entity`"
VIEWS = {
    "the machine": ViewOptions("machine", MACHINE),
    "its class": ViewOptions("machine", "implant"),
    "all machines": ViewOptions("machine"),
}


class Timed(NamedTuple):
    """A trace of a view, its machine, and when its events came, in minutes."""

    machine: str
    symbols: list[str]
    moments: list[float]


def events_of(args: argparse.Namespace, seed: int) -> list[Event]:
    """Return all events of a run."""
    parameters = Parameters()
    plant = Plant(parameters, seed, faults=[parse_fault(f"{FAULT}@{args.struck:g}w", parameters)])
    return list(plant.events(args.weeks * WEEK))


def traces_of(options: ViewOptions, events: list[Event]) -> list[Timed]:
    """Return the whole traces of a view of a run."""
    found: dict[str, Timed] = {}
    for seen in whole_cases(View(options, Parameters()).over(events)):
        trace = found.setdefault(seen.case, Timed(seen.event.entity, [], []))
        trace.symbols.append(seen.activity)
        trace.moments.append(seen.event.time)
    return list(found.values())


def batch_of(traces: list[Timed], alphabet: Alphabet) -> TraceBatch:
    """Return traces with their durations."""
    batch = TraceBatch.from_traces([trace.symbols for trace in traces], alphabet)
    bins: list[NDArray[np.int16]] = spans_of_each([[60 * moment for moment in trace.moments] for trace in traces])
    return TraceBatch(batch.symbols, batch.offsets, durations=np.concatenate(bins))


def learned(traces: list[Timed]) -> PDFA:
    """Return what is learned with default options."""
    learner = StreamLearner()
    batch = batch_of(traces, ahead := Alphabet())
    learner.learn_many(batch, ahead)
    return learner.automaton


def learned_apart(traces: list[Timed]) -> PDFA:
    """Return the machine's model in a fleet of all machines, learned with default options."""
    learner = FleetLearner(by="entity")
    batch = batch_of(traces, ahead := Alphabet())
    learner.learn_many(batch, [trace.machine for trace in traces], ahead)
    model = learner.fleet().model(MACHINE)
    assert isinstance(model, PDFA)
    return model


def rare_steps(model: PDFA, traces: list[Timed]) -> list[str | None]:
    """Return for each trace the step that took so long as is rare, None if there is none."""
    batch = batch_of(traces, model.alphabet())
    found = zip(traces, slowest(model, batch), strict=True)
    return [trace.symbols[slow.position] if slow and slow.p_value <= RARE else None for trace, slow in found]


def compared(
    options: ViewOptions, args: argparse.Namespace, events: list[Event], learn: Callable[[list[Timed]], PDFA] = learned
) -> dict[str, Any]:
    """Return what ``diff`` and ``score`` say of one run."""
    traces = traces_of(options, events)
    before = [trace for trace in traces if trace.moments[-1] < args.struck * WEEK]
    after = [trace for trace in traces if trace.moments[0] >= args.struck * WEEK]
    model = learn(before)
    found = diff(model, learn(after), args.error)
    named = [(pace.symbol, pace.slower) for pace in found.paces]
    own = [[trace for trace in some if trace.machine == MACHINE] for some in (before[len(before) // 2 :], after)]
    rare = [rare_steps(model, some) for some in own]
    return {
        "first": named[:1] == [(STEP, True)],
        "others": [symbol for symbol, _ in named if symbol != STEP],
        "outcomes": len(found.changes),
        "traces": [len(some) for some in own],
        "rare": [sum(symbol is not None for symbol in some) for some in rare],
        "step": sum(symbol == STEP for symbol in rare[1]),
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``views``."""
    head = (
        "view",
        "`process-done` first",
        "runs where other times are named",
        "runs where outcomes are",
        "rarely slow before",
        "after",
        "of these `process-done`",
    )
    return {"views": Table(head, [cells(view, runs) for view, runs in result["measured"].items()], "lrrrrrr")}


def cells(view: str, runs: list[dict[str, Any]]) -> list[str]:
    """Return a row of the table."""
    sums = {key: np.sum([run[key] for run in runs], axis=0) for key in ("traces", "rare")}
    shares = [f"{100 * rare / traces:.1f} %" for rare, traces in zip(sums["rare"], sums["traces"], strict=True)]
    number = len(runs)
    return [
        view,
        f"{sum(run['first'] for run in runs)} of {number}",
        f"{sum(bool(run['others']) for run in runs)} of {number}",
        f"{sum(bool(run['outcomes']) for run in runs)} of {number}",
        *shares,
        f"{100 * sum(run['step'] for run in runs) / max(1, int(sums['rare'][1])):.1f} %",
    ]


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--weeks", type=float, default=12, help="of each run")
    parser.add_argument("--struck", type=float, default=6, help="the week from which on the machine is slower")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--error", type=float, default=0.05, help="risk of any change where there is none")
    args = parser.parse_args()
    measured: dict[str, list[dict[str, Any]]] = {view: [] for view in (*VIEWS, FLEET)}
    for seed in range(1, args.seeds + 1):
        events = events_of(args, seed)
        for view, options in VIEWS.items():
            measured[view].append(compared(options, args, events))
        measured[FLEET].append(compared(VIEWS["all machines"], args, events, learned_apart))
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
