"""Claim: what is learned from the fab's traces is the state machine that the fab follows.

    python benchmarks/fab/fab_truth.py [--weeks 52] [--seed 1] [--per cycle] [--length 40] [--json OUT] [--markdown OUT]

Learns an automaton for the lots, each class of machines and everybody else from one run, with default options, and
compares it with the state machine written down from the model: first the languages (of transitions taken at least
once, up to a length), then the probabilities against the counts of an independent run with the next seed.  Last, both
predict a third run: the bits an event (the end is one) that its traces cost, learned and true.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, StreamLearner
from flexstream.fab.agreement import compare
from flexstream.fab.log.views import View, ViewOptions, whole_cases
from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.truth import Truth


def traces_of(name: str, per: str, weeks: float, seed: int) -> list[list[str]]:
    """Return the traces of a class in one run."""
    parameters = Parameters()
    machine = name in parameters.machines
    options = ViewOptions("machine", name, per) if machine else ViewOptions(name, per="cycle" if name == "lot" else per)
    view = View(options, parameters)
    traces: dict[str, list[str]] = {}
    for seen in whole_cases(view.over(Plant(parameters, seed).events(weeks * WEEK))):
        traces.setdefault(seen.case, []).append(seen.activity)
    return list(traces.values())


def bits(automata: Sequence[PDFA], traces: list[list[str]]) -> list[float]:
    """Return the mean bits an event by each automaton, over the traces that all of them find possible."""
    found = [[-automaton.log2_prob(trace) for automaton in automata] for trace in traces]
    rows = [(len(trace) + 1, row) for trace, row in zip(traces, found, strict=True) if max(row) < math.inf]
    events = sum(length for length, _ in rows)
    return [sum(row[i] for _, row in rows) / events for i in range(len(automata))]


def judged(name: str, truth: PDFA, per: str, weeks: float, seed: int, length: int) -> dict[str, Any]:
    """Learn a class and compare it with the truth, whose counts are those of another run."""
    traces = traces_of(name, per, weeks, seed)
    learner = StreamLearner()
    learner.learn_many(traces)
    automaton = learner.automaton
    mine, ideal = bits([automaton, truth], traces_of(name, per, weeks, seed + 2))
    result = compare(automaton, truth, length)
    return {
        "class": name,
        "traces": len(traces),
        "states": len(automaton),
        "true": len(truth),
        "difference": result.difference,
        "z": result.largest_z,
        "critical": result.critical_z(),
        "bits": mine,
        "true_bits": ideal,
    }


def cells(row: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    words = " ".join(f"`{symbol or '(end)'}`" for symbol in row["difference"]) if row["difference"] else "none"
    states, z = f"{row['states']} ({row['true']})", f"{row['z']:.2f} ({row['critical']:.2f})"
    return [row["class"], f"{row['traces']:,}", states, words, z, f"{row['bits']:.4f} ({row['true_bits']:.4f})"]


def tables(result: Result) -> dict[str, Table]:
    """Return ``classes`` and, for views that are no cycles, ``views``."""
    found = result["measured"]["classes"]
    length, per = result["arguments"]["length"], result["arguments"]["per"]
    head = ("class", "traces", "states learned (true)", f"first trace of up to {length} events that tells them apart")
    last = "bits an event on a third run (true machine)"
    several = {"shift": "shifts", "day": "days", "life": "lives"}.get(per, "cycles")
    rows = [[cells(row)[at] for at in (0, 1, 2, 5)] for row in found]
    return {
        "classes": Table((*head, "largest z (99 % of tables below)", last), [cells(row) for row in found], "lrrlrr"),
        "views": Table(("class", several, "states learned (designed)", last.replace("true", "designed")), rows),
    }


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--weeks", type=float, default=52)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per", default="cycle")
    parser.add_argument("--length", type=int, default=40)
    args = parser.parse_args()
    counted = Truth(Parameters(), args.per)
    Plant(Parameters(), args.seed + 1, [counted.watch]).run(args.weeks * WEEK)
    found: list[dict[str, Any]] = []
    for name, truth in counted.automata().items():
        found.append(judged(name, truth, args.per, args.weeks, args.seed, args.length))
        print("  ".join(cells(found[-1])), flush=True)
    finish(__file__, args, {"classes": found}, tables)


if __name__ == "__main__":
    main()
