"""Is the simulated fab the fab that its parameters describe, and is it fast?

    python benchmarks/fab.py [--seeds 20] [--weeks 26] [--profile default] [--json OUT]

Runs the MiniFab with many seeds and compares what comes out with what follows from the parameters alone: loads,
losses, flow balance, Little's law, cycle time.  Then one year of events is written to nowhere and timed.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev

from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.profiles import load_parameters

WORK = ("loading", "loaded", "processing", "unloading")
GONE = ("maintenance", "down", "repair")


def expected_load(kind: str, p: Parameters) -> float:
    """Return the load of a class when no lot is lost: work over the time that is left by maintenance and repairs."""
    steps = [step for step, where in p.route.items() if where == kind]
    runs = sum(p.starts.values()) / p.batch_size[kind]
    work = runs * sum(p.run_time(step) + p.load_time[kind] + p.unload_time[kind] for step in steps)
    share = p.maintenance_time[kind] / p.maintenance_period[kind] if p.maintenance_period[kind] else 0.0
    if kind in p.breakdown_classes and p.breakdown_law == "time":
        share += p.repair_time / p.breakdown_interval
    return work / (len(p.machines[kind]) * WEEK * (1 - share))


def run(p: Parameters, weeks: float, seed: int) -> dict[str, float]:
    """Run the fab once and return what is compared."""
    plant = Plant(p, seed)
    started = time.process_time()
    plant.run(weeks * WEEK)
    facts = {"cpu": time.process_time() - started}
    for kind, names in p.machines.items():
        machines = [plant.machines[name] for name in names]
        there = sum(plant.env.now - sum(machine.time_in[state] for state in GONE) for machine in machines)
        facts[f"load {kind}"] = sum(machine.time_in[state] for machine in machines for state in WORK) / there
        facts[f"setup {kind}"] = sum(machine.time_in["setup"] for machine in machines) / there
        facts[f"breakdowns {kind}"] = sum(machine.breakdowns for machine in machines) / weeks
    gone = plant.shipped + plant.scrapped
    little = plant.started / plant.env.now * plant.sojourn / gone
    return facts | {
        "balance": plant.started - plant.shipped - plant.scrapped - plant.in_process,
        "lost a week": plant.scrapped / weeks,
        "out": plant.shipped,
        "out a week": plant.shipped / weeks,
        "Little": little / plant.mean_content - 1,
        "content": plant.mean_content,
        "days": plant.turnaround / plant.shipped / 1440,
        "carrier": plant.carrier.busy_time / plant.env.now,
        **{name: busy / plant.env.now for name, busy in plant.operators.busy_time.items()},
        **{name: busy / plant.env.now for name, busy in plant.technicians.busy_time.items()},
    }


def report(p: Parameters, runs: Sequence[dict[str, float]]) -> None:
    """Print mean and spread over the seeds beside what is expected."""

    def line(name: str, unit: str = "", scale: float = 1.0, wanted: str = "") -> None:
        values = [one[name] * scale for one in runs]
        spread = stdev(values) if len(values) > 1 else 0.0
        print(f"{name:18s} {mean(values):8.2f} ± {spread:5.2f} {unit:8s} {wanted}")

    for kind in p.machines:
        line(f"load {kind}", "%", 100, f"from the parameters, no losses: {100 * expected_load(kind, p):.1f}")
    for kind in p.setup_classes:
        line(f"setup {kind}", "%", 100)
    if p.breakdown_law != "off":
        line("breakdowns implant", "a week", wanted="from the parameters: 6.72")
        line("lost a week", "lots", wanted="from the specification: 3.9 ± 0.7")
    line("out", "lots")
    line("out a week", "lots", wanted="84 started")
    line("days", "d", wanted="a lot in the line; 1.27 reported elsewhere")
    line("content", "lots")
    line("Little", "%", 100, f"largest {100 * max(abs(one['Little']) for one in runs):.2f}")
    for name in ("carrier", *p.operators, *p.technicians):
        line(name, "% busy", 100)
    print(f"flow balance broken in {sum(one['balance'] != 0 for one in runs)} of {len(runs)} runs")
    print(f"{mean(one['cpu'] for one in runs):.2f} s of processor time a run")


def year(p: Parameters) -> dict[str, float]:
    """Time a year of events, all of them printed, and how memory grows from week 8 to week 52."""
    from flexstream.fab.output import line

    plant = Plant(p, 1)
    started, peak, size = time.process_time(), 0, 0
    for event in plant.events(52 * WEEK):
        size += len(line(event, event.entity, event.event))
        if not peak and event.time > 8 * WEEK:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = time.process_time() - started
    print(f"a year: {plant.log.seq:,} events, {size / 1e6:.0f} MB of JSON, {seconds:.1f} s of processor time,")
    print(f"peak memory after 8 weeks {peak / 1024:.0f} MiB, after 52 weeks {used / 1024:.0f} MiB")
    return {"events": plant.log.seq, "seconds": seconds, "mib_8": peak / 1024, "mib_52": used / 1024}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--weeks", type=float, default=26)
    parser.add_argument("--profile", default="default")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    p = load_parameters(args.profile)
    runs = []
    for seed in range(1, args.seeds + 1):
        runs.append(run(p, args.weeks, seed))
        print(f"seed {seed}", end="\r", file=sys.stderr)
    print(f"profile {args.profile}, {len(runs)} seeds of {args.weeks:g} weeks, mean ± standard deviation over seeds")
    report(p, runs)
    timed = year(p)
    if args.json:
        args.json.write_text(json.dumps({"runs": runs, "year": timed}, indent=1))


if __name__ == "__main__":
    main()
