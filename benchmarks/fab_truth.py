"""Is what is learned from the fab's traces the state machine that the fab follows?

    python benchmarks/fab_truth.py [--weeks 52] [--seed 1] [--per cycle] [--length 40] [--json OUT]

Learns an automaton for the lots, each class of machines and everybody else from one run, with default options, and
compares it with the state machine written down from the model: first the languages (of transitions taken at least
once, up to a length), then the probabilities against the counts of an independent run with the next seed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from flexstream import PDFA, StreamLearner
from flexstream.fab.agreement import compare
from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.truth import Truth
from flexstream.fab.views import View, ViewOptions, whole_cases


def learn(name: str, per: str, weeks: float, seed: int) -> tuple[PDFA, int]:
    """Return the automaton of a class and the number of its traces."""
    parameters = Parameters()
    machine = name in parameters.machines
    view = View(ViewOptions("machine" if machine else name, name if machine else "", per), parameters)
    traces: dict[str, list[str]] = {}
    for seen in whole_cases(view.over(Plant(parameters, seed).events(weeks * WEEK))):
        traces.setdefault(seen.case, []).append(seen.activity)
    learner = StreamLearner()
    learner.learn_many(list(traces.values()))
    return learner.automaton, len(traces)


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
    print(f"{'class':11s} traces  states (true)  first difference                 largest z (99 % of tables below)")
    for name, truth in counted.automata().items():
        automaton, traces = learn(name, args.per, args.weeks, args.seed)
        result = compare(automaton, truth, args.length)
        words = " ".join(symbol or "(end)" for symbol in result.difference) if result.difference else "none"
        states = f"{len(automaton)} ({len(truth)})"
        z, critical = result.largest_z, result.critical_z()
        print(f"{name:11s} {traces:6,d}  {states:13s}  {words:32s} {z:6.2f} ({critical:.2f})", flush=True)
        found.append({"class": name, "traces": traces, "states": len(automaton), "true": len(truth)})
        found[-1] |= {"difference": result.difference, "z": z, "critical": critical}
    if args.json:
        args.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
