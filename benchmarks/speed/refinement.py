"""Claim: the states are found in a small part of the time that AALpy's Alergia takes, and of its memory.

    python benchmarks/speed/refinement.py [FOLDER] [--traces 64000] [--states 40] [--symbols 20] [--runs 3] [--json OUT]
                                          [--markdown OUT] [--plot OUT.svg]

Traces of a random automaton: FlexStream reads a text file and learns from it; AALpy's ``run_Alergia`` gets the traces
as lists that are there already, so that only its learning is measured.  Each in a process of its own, in turns:
seconds, and by how much the process grew.  Then the time of a snapshot, the automaton of all that was seen, with every
doubling of the stream.  With a FOLDER all its problems (``NAME.pautomac.train``) are learned in one process, kernels
warm.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import problems, run
from shared.tables import Table, pyplot

from flexstream import Alphabet, StreamLearner, read_batches
from flexstream.targets import Recipe, random_pdfa

LEARNERS = {"flexstream": "text file to automaton", "aalpy-mc": "run_Alergia, mc", "aalpy-smm": "run_Alergia, smm"}
MEAN_LENGTH = 16


def write_traces(path: Path, traces: int, states: int, symbols: int) -> int:
    """Write traces of a random automaton as text; return how many states it has."""
    target = random_pdfa(Recipe(states, symbols, mean_length=MEAN_LENGTH), 1)
    batch = target.sampler(1).batch(traces)
    texts = target.symbols
    path.write_text("".join(" ".join(texts[symbol] for symbol in trace.tolist()) + "\n" for trace in batch))
    return states


def memory(field: str) -> float:
    """Return what this process occupies (VmRSS) or has occupied at most (VmHWM), in MiB."""
    status = Path("/proc/self/status").read_text()
    return float(status.split(field + ":")[1].split()[0]) / 1024


def learn(path: Path) -> int:
    """Learn a file as the command line does; return the number of states."""
    learner = StreamLearner()
    for batch in read_batches(path, learner.alphabet):
        learner.learn_many(batch)
    return len(learner.automaton)


def alergia(kind: str, traces: list[list[int]]) -> int:
    """Learn with AALpy; return the number of states."""
    from aalpy.learning_algs import run_Alergia

    sys.setrecursionlimit(100_000)
    if kind == "mc":
        return len(run_Alergia([[-1, *trace, -2] for trace in traces], "mc").states)
    return len(run_Alergia([[(0, symbol) for symbol in (*trace, -2)] for trace in traces], "smm").states)


def child(learner: str, path: Path) -> dict[str, float]:
    """Learn once in this process, after something small, and return seconds, growth in MiB and states."""
    if learner == "flexstream":
        warm = StreamLearner()
        warm.learn_many([["a", "b"], ["b"]] * 50)
        warm.automaton  # noqa: B018 (it is made when it is asked for)
    traces = [trace.tolist() for batch in read_batches(path, Alphabet()) for trace in batch]
    if learner == "flexstream":
        traces.clear()
    else:
        alergia(learner.split("-")[1], traces[:10])
    before, started = memory("VmRSS"), time.process_time()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    states = learn(path) if learner == "flexstream" else alergia(learner.split("-")[1], traces)
    seconds = time.process_time() - started
    return {"seconds": seconds, "growth_mib": memory("VmHWM") - before, "states": states}


def compare(path: Path, runs: int) -> dict[str, list[dict[str, float]]]:
    """Return what each learner took, in turns."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in LEARNERS}
    for _ in range(runs):
        for name in LEARNERS:
            found[name].append(json.loads(run([sys.executable, __file__, "--child", name, str(path)]).stdout))
    return found


def snapshots(path: Path) -> list[dict[str, float]]:
    """Return how long an automaton takes, of all that was seen so far, whenever the number of traces has doubled."""
    learner, rows = StreamLearner(every=0), []
    batches = [trace for batch in read_batches(path, learner.alphabet) for trace in batch]
    size = 1000
    while size <= len(batches):
        learner.learn_many([trace.tolist() for trace in batches[learner.traces : size]])
        started = time.process_time()
        states = len(learner.automaton)
        rows.append({"traces": size, "seconds": time.process_time() - started, "states": states})
        size *= 2
    return rows


def learn_all(folder: Path, runs: int) -> dict[str, float]:
    """Return the seconds that each problem of a folder takes, all in this process; the least of some runs."""
    paths = {name: folder / f"{name}.pautomac.train" for name in problems(folder)}
    seconds = dict.fromkeys(paths, float("inf"))
    for _ in range(1 + runs):
        for name, path in paths.items():
            started = time.process_time()
            learn(path)
            seconds[name] = min(seconds[name], time.process_time() - started)
    return seconds


def ratios(result: dict[str, Any]) -> dict[str, float]:
    """Return what does not hang on the speed of the machine; smaller is better."""
    found = {}
    for name in list(LEARNERS)[1:]:
        for field in ("seconds", "growth_mib"):
            pairs = zip(result["learners"]["flexstream"], result["learners"][name], strict=True)
            found[f"{field}, flexstream / {name}"] = statistics.median(one[field] / two[field] for one, two in pairs)
    return found


def medians(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each field over the turns."""
    return {field: statistics.median(row[field] for row in rows) for field in rows[0]}


def tables(result: Result) -> dict[str, Table]:
    """Return ``learners``, ``ratios`` and ``snapshots``."""
    measured = result["measured"]
    learners = [
        [LEARNERS[name], f"{row['seconds']:.2f}", f"{row['growth_mib']:.0f}", f"{row['states']:.0f}"]
        for name, row in measured["summary"].items()
    ]
    snapshots = [
        [f"{row['traces']:,}", f"{1e3 * row['seconds']:.1f}", str(row["states"])] for row in measured["snapshots"]
    ]
    return {
        "learners": Table(("", "s", "MiB more", "states"), learners),
        "ratios": Table(("ratio", ""), [[name, f"{value:.4f}"] for name, value in measured["ratios"].items()]),
        "snapshots": Table(("snapshot after traces", "ms", "states"), snapshots, "rrr"),
    }


def plot(result: dict[str, Any], path: Path) -> None:
    """Draw seconds and memory of each learner, and the time of a snapshot by traces."""
    figure, axes = pyplot().subplots(1, 3, figsize=(11, 3), layout="constrained")
    for axis, field, label in zip(axes, ("seconds", "growth_mib"), ("seconds", "MiB more"), strict=False):
        axis.barh(list(LEARNERS), [statistics.median(row[field] for row in result["learners"][n]) for n in LEARNERS])
        axis.set(xscale="log", xlabel=label)
    rows = result["snapshots"]
    axes[2].plot([row["traces"] for row in rows], [1e3 * row["seconds"] for row in rows], "o-")
    axes[2].set(xscale="log", xlabel="traces", ylabel="ms for a snapshot", ylim=(0, None))
    figure.savefig(path)


def measure(folder: Path | None, traces: int, states: int, symbols: int, runs: int) -> dict[str, Any]:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "traces.txt"
        write_traces(path, traces, states, symbols)
        found: dict[str, Any] = {"learners": compare(path, runs), "snapshots": snapshots(path)}
    found["summary"] = {name: medians(rows) for name, rows in found["learners"].items()}
    found["ratios"] = ratios(found)
    seconds = learn_all(folder, runs) if folder else {}
    total = {"number": len(seconds), "seconds": sum(seconds.values()), "longest": max(seconds.values(), default=0.0)}
    return {**found, "problems": seconds, "all_problems": total}


def main() -> None:
    """Run the comparison."""
    parser = parser_of(__doc__, plot=True)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--traces", type=int, default=64_000)
    parser.add_argument("--states", type=int, default=40)
    parser.add_argument("--symbols", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", choices=LEARNERS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(child(args.child, args.folder)))
        return
    found = measure(args.folder, args.traces, args.states, args.symbols, args.runs)
    del args.child
    finish(__file__, args, found, tables)
    if args.plot:
        plot(found, args.plot)


if __name__ == "__main__":
    main()
