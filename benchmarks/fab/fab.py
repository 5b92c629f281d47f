"""Claim: the simulated fab is the fab that its parameters describe: loads, losses, flow and time in the line agree.

    python benchmarks/fab/fab.py [--seeds 20] [--weeks 26] [--profile default] [--json OUT] [--markdown OUT]

Runs the MiniFab with many seeds and compares what comes out with what follows from the parameters alone: loads,
losses, lots that reach each step, flow balance, Little's law, cycle time.  Then one year of events is written to
nowhere and timed.
"""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream.fab.log.events import Event
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


def expected(p: Parameters) -> dict[str, str]:
    """Return in words what follows from the parameters alone, by the names of the facts."""
    lots, found = arrivals(p), {}
    for kind in p.machines:
        loads = [100 * expected_load(kind, p, losses) for losses in (False, True)]
        found[f"load {kind}"] = f"{loads[0]:.1f} % if no lot were lost, {loads[1]:.1f} % with losses"
        found[f"gone {kind}"] = f"{100 * expected_gone(kind, p):.1f} %"
    found |= {f"begin {step}": f"{lots[step]:.1f}" for step in p.route} | {"out a week": f"{lots[OUT]:.1f}"}
    if p.breakdown_law == "time":
        for kind in p.breakdown_classes:
            breaks = len(p.machines[kind]) * WEEK / (p.breakdown_interval + p.repair_time)
            found[f"breakdowns {kind}"] = f"{breaks:.2f}"
        found["lost a week"] = f"{sum(p.starts.values()) - lots[OUT]:.2f}; the specification says about 4"
    return found | {"Little": "0", "days": "1.27 in a five-day run elsewhere"}


def summary(runs: Sequence[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Return mean, standard deviation over the seeds, and the largest distance from 0, of each fact."""
    found = {}
    for name in runs[0]:
        values = [one[name] for one in runs]
        spread = stdev(values) if len(values) > 1 else 0.0
        found[name] = {"mean": mean(values), "stdev": spread, "largest": max(map(abs, values))}
    return found


def names(p: Parameters) -> dict[str, tuple[str, float, str]]:
    """Return the facts of the table: what each is called, what it is multiplied by, and its unit."""
    named = {f"load {kind}": (f"load of {kind}", 100.0, "%") for kind in p.machines}
    named |= {f"setup {kind}": (f"setups of {kind}", 100.0, "%") for kind in p.setup_classes}
    named |= {f"gone {kind}": (f"{kind} away: maintenance and repairs", 100.0, "%") for kind in p.machines}
    named |= {f"begin {step}": (f"lots that begin {step}", 1.0, "a week") for step in p.route}
    if p.breakdown_law == "time":
        named |= {f"breakdowns {kind}": (f"breakdowns of {kind}", 1.0, "a week") for kind in p.breakdown_classes}
        named["lost a week"] = ("lots lost", 1.0, "a week")
    named |= {"out a week": ("lots that come out", 1.0, "a week"), "out": ("lots that come out in all", 1.0, "")}
    named |= {"days": ("time in the line", 1.0, "days"), "content": ("lots in the line", 1.0, "")}
    people = (*p.operators, *p.technicians)
    return named | {name: (f"{name} busy", 100.0, "%") for name in ("carrier", *people)}


def tables(result: Result) -> dict[str, Table]:
    """Return ``facts``."""
    measured, p = result["measured"], load_parameters(result["arguments"]["profile"])
    wanted, rows = expected(p), []
    for name, (words, scale, unit) in names(p).items():
        found = measured["summary"][name]
        digits = 2 if name.startswith(("breakdowns", "lost", "days")) else 1
        value = f"{scale * found['mean']:.{digits}f} ± {scale * found['stdev']:.{digits}f} {unit}".strip()
        rows.append([words, value, wanted.get(name, "")])
    little = measured["summary"]["Little"]
    rows.append(["Little's law", f"{100 * little['mean']:.2f} % off, at most {100 * little['largest']:.2f} %", "0"])
    broken = sum(one["balance"] != 0 for one in measured["runs"])
    rows.append(["flow balance", f"broken in {broken} of {len(measured['runs'])} runs", "exact"])
    return {"facts": Table(("", "measured", "from the parameters"), rows, "lrl")}


def year(p: Parameters) -> dict[str, float]:
    """Time a year of events, all of them made lines, and how memory grows from week 8 to week 52."""
    from flexstream.fab.log.output import line

    plant = Plant(p, 1)
    started, peak, size = time.process_time(), 0, 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for event in plant.events(52 * WEEK):
        size += len(line(event, event.entity, event.event))
        if not peak and event.time > 8 * WEEK:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = time.process_time() - started
    print(f"a year: {plant.log.seq:,} events, {size / 1e6:.0f} MB of JSON, {seconds:.1f} s of processor time,")
    print(f"peak memory before {before / 1024:.0f}, after 8 weeks {peak / 1024:.0f}, after 52 {used / 1024:.0f} MiB")
    mib = {"mib_before": before / 1024, "mib_8": peak / 1024, "mib_52": used / 1024}
    return {"events": plant.log.seq, "megabytes": size / 1e6, "seconds": seconds, **mib}


def main() -> None:
    """Print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--weeks", type=float, default=26)
    parser.add_argument("--profile", default="default")
    args = parser.parse_args()
    p = load_parameters(args.profile)
    timed = year(p)
    runs = []
    for seed in range(1, args.seeds + 1):
        runs.append(run(p, args.weeks, seed))
        print(f"seed {seed}", end="\r", file=sys.stderr)
    found: dict[str, Any] = {"summary": summary(runs), "expected": expected(p), "year": timed, "runs": runs}
    finish(__file__, args, found, tables)


if __name__ == "__main__":
    main()
