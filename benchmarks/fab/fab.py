"""Is the simulated fab the fab that its parameters describe, and is it fast?

    python benchmarks/fab.py [--seeds 20] [--weeks 26] [--profile default] [--json OUT]

Runs the MiniFab with many seeds and compares what comes out with what follows from the parameters alone: loads,
losses, lots that reach each step, flow balance, Little's law, cycle time.  Then one year of events is written to
nowhere and timed.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev

from common import write_json

from flexstream.fab.events import Event
from flexstream.fab.parameters import OUT, WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.profiles import load_parameters

WORK = ("loading", "loaded", "processing", "unloading")
GONE = ("maintenance", "down", "repair")


def held(step: str, p: Parameters) -> float:
    """Return the minutes that a run of a step is on a machine, if nobody lets it wait."""
    kind = p.route[step]
    return p.load_time[kind] + p.run_time(step) + p.unload_time[kind]


def risk(step: str, p: Parameters) -> float:
    """Return the chance that a lot is lost in a step: its minutes on the machine over those between breakdowns."""
    breaks = p.breakdown_law == "time" and p.route[step] in p.breakdown_classes
    return held(step, p) / p.breakdown_interval if breaks else 0.0


def arrivals(p: Parameters) -> dict[str, float]:
    """Return the lots a week that reach each step, and OUT, when those lost in earlier steps are missing."""
    lots, found = sum(p.starts.values()), {}
    for step in p.route:
        found[step] = lots
        lots *= 1 - risk(step, p)
    return found | {OUT: lots}


def expected_gone(kind: str, p: Parameters) -> float:
    """Return the share of the time that maintenance and repairs take."""
    share = p.maintenance_time[kind] / p.maintenance_period[kind] if p.maintenance_period[kind] else 0.0
    if kind in p.breakdown_classes and p.breakdown_law == "time":
        share += p.repair_time / (p.breakdown_interval + p.repair_time)
    return share


def expected_load(kind: str, p: Parameters, losses: bool) -> float:
    """Return the load of a class: its work over the time that is left; a lot is lost in the middle of its step."""
    lots = arrivals(p)
    work = 0.0
    for step in [step for step, where in p.route.items() if where == kind]:
        minutes = held(step, p) / p.batch_size[kind]
        work += minutes * (lots[step] * (1 - risk(step, p) / 2) if losses else sum(p.starts.values()))
    return work / (len(p.machines[kind]) * WEEK * (1 - expected_gone(kind, p)))


def run(p: Parameters, weeks: float, seed: int) -> dict[str, float]:
    """Run the fab once and return what is compared."""
    begun: Counter[str] = Counter()

    def watch(event: Event) -> None:
        if event.entity_kind == "lot" and event.event == "load" and event.lifecycle == "start":
            begun[event.step] += 1

    plant = Plant(p, seed, [watch])
    plant.run(weeks * WEEK)
    facts = {f"begin {step}": begun[step] / weeks for step in p.route}
    for kind, names in p.machines.items():
        machines = [plant.machines[name] for name in names]
        there = sum(plant.env.now - sum(machine.time_in[state] for state in GONE) for machine in machines)
        facts[f"load {kind}"] = sum(machine.time_in[state] for machine in machines for state in WORK) / there
        facts[f"gone {kind}"] = 1 - there / (len(names) * plant.env.now)
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
        loads = [100 * expected_load(kind, p, losses) for losses in (False, True)]
        line(f"load {kind}", "%", 100, f"from the parameters: {loads[0]:.1f} without losses, {loads[1]:.1f} with them")
        line(
            f"gone {kind}",
            "%",
            100,
            f"maintenance and repairs, from the parameters: {100 * expected_gone(kind, p):.1f}",
        )
    for kind in p.setup_classes:
        line(f"setup {kind}", "%", 100)
    lots = arrivals(p)
    for step in p.route:
        line(f"begin {step}", "a week", wanted=f"from the parameters: {lots[step]:.1f}")
    if p.breakdown_law == "time":
        lost = sum(p.starts.values()) - lots[OUT]
        for kind in p.breakdown_classes:
            breaks = len(p.machines[kind]) * WEEK / (p.breakdown_interval + p.repair_time)
            line(f"breakdowns {kind}", "a week", wanted=f"from the parameters: {breaks:.2f}")
        line("lost a week", "lots", wanted=f"from the parameters: {lost:.2f}; from the specification: about 4")
    line("out", "lots")
    line("out a week", "lots", wanted=f"from the parameters: {lots[OUT]:.1f}")
    line("days", "d", wanted="a lot in the line; 1.27 reported elsewhere")
    line("content", "lots")
    line("Little", "%", 100, f"largest {100 * max(abs(one['Little']) for one in runs):.2f}")
    for name in ("carrier", *p.operators, *p.technicians):
        line(name, "% busy", 100)
    print(f"flow balance broken in {sum(one['balance'] != 0 for one in runs)} of {len(runs)} runs")


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
    write_json(args.json, {"runs": runs, "year": timed})


if __name__ == "__main__":
    main()
