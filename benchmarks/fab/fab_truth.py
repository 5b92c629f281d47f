"""Is what is learned from the fab's traces the state machine that the fab follows?

    python benchmarks/fab_truth.py [--weeks 52] [--seed 1] [--per cycle] [--length 40] [--json OUT]

Learns an automaton for the lots, each class of machines and everybody else from one run, with default options, and
compares it with the state machine written down from the model: first the languages (of transitions taken at least
once, up to a length), then the probabilities against the counts of an independent run with the next seed.  Last, both
predict a third run: the bits an event (the end is one) that its traces cost, learned and true.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import write_json

from flexstream import PDFA, StreamLearner
from flexstream.fab.agreement import compare
from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.truth import Truth
from flexstream.fab.views import View, ViewOptions, whole_cases


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


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weeks", type=float, default=52)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per", default="cycle")
    parser.add_argument("--length", type=int, default=40)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    counted = Truth(Parameters(), args.per)
    Plant(Parameters(), args.seed + 1, [counted.watch]).run(args.weeks * WEEK)
    found: list[dict[str, Any]] = []
    print("class       traces  states (true)  first difference         largest z (99 % below)  bits an event (true)")
    for name, truth in counted.automata().items():
        traces = traces_of(name, args.per, args.weeks, args.seed)
        learner = StreamLearner()
        learner.learn_many(traces)
        automaton = learner.automaton
        mine, ideal = bits([automaton, truth], traces_of(name, args.per, args.weeks, args.seed + 2))
        result = compare(automaton, truth, args.length)
        words = " ".join(symbol or "(end)" for symbol in result.difference) if result.difference else "none"
        states = f"{len(automaton)} ({len(truth)})"
        z, critical = result.largest_z, result.critical_z()
        against = f"{z:5.2f} ({critical:.2f})  {mine:.4f} ({ideal:.4f})"
        print(f"{name:11s} {len(traces):6,d}  {states:13s}  {words:32s} {against}", flush=True)
        found.append({"class": name, "traces": len(traces), "states": len(automaton), "true": len(truth)})
        found[-1] |= {"difference": result.difference, "z": z, "critical": critical, "bits": mine, "true bits": ideal}
    write_json(args.json, found)


if __name__ == "__main__":
    main()
