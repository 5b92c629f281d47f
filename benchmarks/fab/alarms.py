"""Claim: ``flexstream alarm`` notices each fault of the fab as soon as one who watches scores, and keeps its rate.

    python benchmarks/fab/alarms.py [--rate 0.01] [--years 20] [--learned 10] [--seeds 5] [--first 10]
                                    [--json OUT] [--markdown OUT]

Of each view a model is learned from the healthy fab, of 52 weeks or, where a trace is a day or a life, of 208.  Then
years of the healthy fab with other seeds are judged: how many traces alarm, in how many years the command says that so
many are no chance, in how many they are more than 97.5 % of years of independent traces would have, and how often it
says that traces are strange together.  Lots come late together: so of these ten of the years are learned, too, and with
each model all others judged.  Last come faults after six weeks, in runs
with further seeds: counted are the traces that begin from the fault on, up to the first one with which an alarm comes,
or that is the last of those that are strange together.  Beside them stand the most traces that it took in
``fab_faults.json``, where the mean of scores was watched from outside; a slower machine is to show within ten.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

from flexstream.automata.model_file import load_model
from flexstream.fab.faults import parse_fault
from flexstream.fab.log.output import line
from flexstream.fab.log.views import View, ViewOptions, whole_cases
from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.monitoring.alarm import Judge
from flexstream.monitoring.rate_test import chance_of_as_many

BEFORE, AFTER = 6, 8
"""Weeks without the fault, and with it."""
SURE = 0.025
WARNING = "the stream is not what was learned"
RESULTS = Path(__file__).resolve().parents[1] / "results" / "fab" / "fab_faults.json"


class Watched(NamedTuple):
    """A view, how it is asked for, and the weeks from which it is learned."""

    options: ViewOptions
    asked: str
    weeks: int


VIEWS = {
    "lot": Watched(ViewOptions(), "--by lot", 52),
    "implant": Watched(ViewOptions("machine", "implant"), "--by machine --only implant", 52),
    "day": Watched(
        ViewOptions("machine", "litho", "day", timed=True), "--by machine --only litho --per day --timed", 208
    ),
    "life": Watched(ViewOptions("machine", "implant", "life"), "--by machine --only implant --per life", 208),
}
FAULTS = {
    "slow:Mc:1.3": "implant",
    "skip:S4:0.25": "lot",
    "route:S3+S4:0.25": "lot",
    "dispatch:litho:fifo": "day",
    "breakdowns:all:3": "life",
    "breakdowns:all:2": "life",
}
WITHIN = {"slow:Mc:1.3": 10}


class Found(NamedTuple):
    """What the command said of a stream."""

    traces: int
    alarmed: list[str]
    together: list[str]
    warned: bool


def simulate(folder: Path, views: Sequence[str], weeks: float, seed: int, fault: str | None = None) -> dict[str, Path]:
    """Run the fab once, and write each view to a file."""
    parameters = Parameters()
    faults = [parse_fault(f"{fault}@{BEFORE}w", parameters)] if fault else []
    shown = {name: View(VIEWS[name].options, parameters) for name in views}
    events: dict[str, list[Any]] = {name: [] for name in views}
    for event in Plant(parameters, seed, faults=faults).events(weeks * WEEK):
        for name, view in shown.items():
            if (found := view.show(event)) is not None:
                events[name].append(found)
    paths = {name: folder / f"{name}.jsonl" for name in views}
    for name, path in paths.items():
        rows = (line(one.event, one.case, one.activity) for one in whole_cases(events[name]))
        path.write_text("".join(rows))
    return paths


def judged(model: Path, stream: Path, rate: float) -> Found:
    """Let the command judge a stream."""
    told = run([FLEXSTREAM, "alarm", str(model), str(stream), "--rate", str(rate), "--ungrouped"])
    rows = [json.loads(row) for row in told.stdout.splitlines()]
    names: list[list[str]] = [[], []]
    for row in rows:
        names[row["alarm"] == "together"].append(row["trace"])
    return Found(len(began(stream)), names[0], names[1], WARNING in told.stderr)


def began(stream: Path) -> dict[str, float]:
    """Return when each trace began, in weeks."""
    found: dict[str, float] = {}
    with stream.open() as rows:
        for row in rows:
            event = json.loads(row)
            found.setdefault(event["case"], event["time"] / 60 / WEEK)
    return found


def learned(folder: Path, seed: int) -> dict[str, Path]:
    """Learn each view from the healthy fab."""
    models = {}
    for weeks in sorted({view.weeks for view in VIEWS.values()}):
        names = [name for name, view in VIEWS.items() if view.weeks == weeks]
        for name, path in simulate(folder, names, weeks, seed).items():
            models[name] = folder / f"{name}.json"
            run([FLEXSTREAM, "learn", str(path), "-o", str(models[name])])
    return models


def quiet(models: dict[str, Path], folder: Path, rate: float, seeds: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Judge healthy years; the lots are left in the folder, a file a year."""
    found: dict[str, list[Found]] = {name: [] for name in VIEWS}
    for seed in seeds:
        for name, path in simulate(folder, list(VIEWS), 52, seed).items():
            found[name].append(judged(models[name], path, rate))
            if name == "lot":
                path.rename(folder / f"{seed}.jsonl")
        print(seed, {name: (len(one[-1].alarmed), len(one[-1].together)) for name, one in found.items()}, flush=True)
    return {
        name: {
            "calibrated": Judge(load_model(models[name]), rate).calibration.traces,
            "traces": [one.traces for one in years],
            "alarms": [len(one.alarmed) for one in years],
            "warned": sum(one.warned for one in years),
            "together": sum(len(one.together) for one in years),
        }
        for name, years in found.items()
    }


def crossed(folder: Path, rate: float, learned: Sequence[int], seeds: Sequence[int]) -> list[dict[str, Any]]:
    """Learn lots from some years, and judge with each model all other years."""
    rows = []
    for seed in learned:
        model = folder / "one.json"
        run([FLEXSTREAM, "learn", str(folder / f"{seed}.jsonl"), "-o", str(model)])
        index = Judge(load_model(model), rate).calibration.index.tolist()
        years = [judged(model, folder / f"{other}.jsonl", rate) for other in seeds if other != seed]
        row = {"index": index, "traces": [one.traces for one in years], "alarms": [len(one.alarmed) for one in years]}
        rows.append(row | {"warned": sum(one.warned for one in years)})
        print(seed, row, flush=True)
    return rows


def delays(model: Path, folder: Path, rate: float, fault: str, seeds: Sequence[int]) -> dict[str, Any]:
    """Judge runs with a fault; count traces from it on until an alarm comes, and until some are strange together."""
    name = FAULTS[fault]
    single: list[int | None] = []
    together: list[int | None] = []
    for seed in seeds:
        path = simulate(folder, [name], BEFORE + AFTER, seed, fault)[name]
        found, starts = judged(model, path, rate), began(path)
        struck = [trace for trace in sorted(starts, key=lambda one: starts[one]) if starts[trace] >= BEFORE]
        place = {trace: number for number, trace in enumerate(struck, 1)}
        for traces, into in ((found.alarmed, single), (found.together, together)):
            into.append(min((place[trace] for trace in traces if trace in place), default=None))
    known = {row["fault"]: row for row in json.loads(RESULTS.read_text())["measured"]["faults"]}
    row: dict[str, Any] = {"fault": fault, "view": VIEWS[name].asked, "single": single, "together": together}
    row["within"] = WITHIN.get(fault) or known[fault]["most"]
    print(row, flush=True)
    return row


def told(numbers: Sequence[int | None]) -> str:
    return ", ".join("none" if one is None else str(one) for one in numbers)


def tables(result: Result) -> dict[str, Table]:
    """Return ``quiet`` years and ``faults``."""
    measured = result["measured"]
    years = []
    for name, row in measured["quiet"].items():
        shares = [alarms / traces for alarms, traces in zip(row["alarms"], row["traces"], strict=True)]
        mean = sum(row["alarms"]) / sum(row["traces"])
        asked = f"`{VIEWS[name].asked}`"
        known = row["calibrated"]
        more = [
            chance_of_as_many(alarms, traces, known, result["arguments"]["rate"]) < SURE
            for alarms, traces in zip(row["alarms"], row["traces"], strict=True)
        ]
        sizes = f"{sum(row['traces']) / len(shares):,.0f}", f"{100 * mean:.2f} %", f"{100 * max(shares):.2f} %"
        counts = (f"{number} of {len(shares)}" for number in (sum(more), row["warned"]))
        years.append([asked, *sizes, *counts, str(row["together"])])
    head = (
        "view",
        "traces a year",
        "alarm",
        "in the worst year",
        "years with more than 97.5 % would have",
        "said to be no chance",
        "times together",
    )
    faults = [
        [f"`{row['fault']}`", f"`{row['view']}`", told(row["single"]), told(row["together"]), str(row["within"])]
        for row in measured["faults"]
    ]
    heads = ("fault", "view", "traces until one alarms", "until some are strange together", "to be at most")
    return {
        "quiet": Table(head, years, "lrrrrrr"),
        "crossed": _crossed(measured["crossed"], result["arguments"]["rate"]),
        "faults": Table(heads, faults, "llrrr"),
    }


def _crossed(models: Sequence[dict[str, Any]], rate: float) -> Table:
    """Return how often years of lots alarm at more than the rate, by models of ten other years."""
    shares = [alarms / of for row in models for alarms, of in zip(row["alarms"], row["traces"], strict=True)]
    indices = [max(row["index"]) for row in models]
    mean, above = sum(shares) / len(shares), sum(share > rate for share in shares)
    head = ("models", "together in what was learned", "years judged", "alarm", "in the worst", "above the rate", "said")
    told = f"{min(indices):.1f} to {max(indices):.1f}", str(len(shares)), f"{100 * mean:.2f} %"
    ends = f"{100 * max(shares):.2f} %", f"{100 * above / len(shares):.1f} %", str(sum(row["warned"] for row in models))
    return Table((*head[:-1], "said to be no chance"), [[str(len(models)), *told, *ends]], "r" * len(head))


def main() -> None:
    """Print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--rate", type=float, default=0.01)
    parser.add_argument("--years", type=int, default=20, help="healthy, with seeds from 101 on")
    parser.add_argument("--learned", type=int, default=10, help="of these, to learn lots from")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each fault")
    parser.add_argument("--first", type=int, default=10, help="seed of the first run with a fault")
    args = parser.parse_args()
    seeds = range(args.first, args.first + args.seeds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = learned(folder, 1)
        faults = [delays(models[FAULTS[fault]], folder, args.rate, fault, seeds) for fault in FAULTS]
        years = range(101, 101 + args.years)
        healthy = quiet(models, folder, args.rate, years)
        others = crossed(folder, args.rate, years[: args.learned], years)
    finish(__file__, args, {"quiet": healthy, "crossed": others, "faults": faults}, tables)


if __name__ == "__main__":
    main()
