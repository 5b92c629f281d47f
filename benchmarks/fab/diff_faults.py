"""Claim: ``diff`` of the fab before and after a fault names what the fault has changed, and next to nothing else.

    python benchmarks/fab/diff_faults.py [--weeks 26] [--truth 200] [--seeds 20] [--only skip] [--error 0.05]
                                         [--resume FOLDER] [--json OUT] [--markdown OUT]

What a fault changes is found without learning: in two long runs, with and without the fault, the shares of what comes
after each prefix are compared (shared/laws.py).  Then, seed by seed, each view of the fab is learned before and after
the fault, and what ``diff`` names is held against that.  A change is right if its outcome, after the prefixes that lead
to where it is named, has changed by ``SHOWN`` standard errors of the long runs at least, the same way.  An outcome of
the truth has to be named if it has changed far beyond noise, and by so much that the weeks learned from can show it.
Durations are held against those of the long runs, led through the two automata (shared/paces.py).

``--resume`` keeps the simulated runs in a folder, and takes from there what it has.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.laws import Law, Prefix, change, law, shared
from shared.paces import WRONG, TimedRun, is_due, true_paces
from shared.rates import rate, told
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, StreamLearner
from flexstream.difference import Change, Difference, diff
from flexstream.difference.pace import Pace
from flexstream.fab.faults import parse_fault
from flexstream.fab.log.views import View, ViewOptions
from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch
from flexstream.stream.durations import spans_of_each

FAULTS = (
    "slow:Mc:1.3",
    "skip:S4:0.1",
    "route:S3+S4:0.1",
    "dispatch:litho:fifo",
    "breakdowns:all:2",
)
VIEWS = {
    "lot": ViewOptions(),
    "diffusion": ViewOptions("machine", "diffusion"),
    "implant": ViewOptions("machine", "implant"),
    "implant, timed": ViewOptions("machine", "implant", timed=True),
    "litho": ViewOptions("machine", "litho"),
    "operator": ViewOptions("operator"),
    "technician": ViewOptions("technician"),
    "carrier": ViewOptions("carrier"),
}
SHOWN, FAR = 4.0, 6.0
"""Standard errors from which a change is believed, and from which nobody can doubt it."""
EXPECTED = 6.0
"""Standard errors of as many weeks as are learned from, on average: one in a hundred is below 3.7."""


class Traces(NamedTuple):
    """Traces of a view: the different ones, the number of each in the order in which they begin, and its durations.

    Durations are the numbers of bins, see `flexstream.stream.durations`.
    """

    kinds: list[list[str]]
    order: list[int]
    spans: list[list[int]]

    def learned(self) -> PDFA:
        """Return what is learned from them with default options."""
        learner = StreamLearner()
        texts = TraceBatch.from_traces([self.kinds[number] for number in self.order], ahead := Alphabet())
        bins = np.array([bin for spans in self.spans for bin in spans], np.int16)
        learner.learn_many(TraceBatch(texts.symbols, texts.offsets, durations=bins), ahead)
        return learner.automaton

    def timed(self) -> TimedRun:
        """Return them as a run whose durations can be asked for."""
        return TimedRun(self.kinds, self.order, self.spans)

    def law(self) -> Law:
        """Count them."""
        return law(self.kinds, self.order)


Run = dict[str, Traces]
"""The traces of all views."""
Outcome = tuple[Prefix, str | None]


class Runs:
    """Simulated runs, kept in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._learned: dict[tuple[str, float, int], dict[str, PDFA]] = {}

    def run(self, fault: str, weeks: float, seed: int) -> Run:
        """Return the traces of all views of a run, from its start with a fault, or with none."""
        path = self._folder / f"{fault or 'healthy'}-{weeks:g}-{seed}.json".replace(":", "_")
        if not path.exists():
            fresh = path.with_suffix(".part")
            fresh.write_text(json.dumps(simulate(fault, weeks, seed)))
            fresh.rename(path)
        return {view: Traces(*found) for view, found in json.loads(path.read_text()).items()}

    def learned(self, fault: str, weeks: float, seed: int) -> dict[str, PDFA]:
        """Return what is learned from all views of a run."""
        key = fault, weeks, seed
        if key not in self._learned:
            self._learned[key] = {view: traces.learned() for view, traces in self.run(*key).items()}
        return self._learned[key]


def simulate(fault: str, weeks: float, seed: int) -> Run:
    """Simulate a run and return the whole traces of all views."""
    parameters = Parameters()
    plant = Plant(parameters, seed, faults=[parse_fault(f"{fault}@0w", parameters)] if fault else [])
    views = {name: View(options, parameters) for name, options in VIEWS.items()}
    begun: dict[str, dict[str, list[tuple[str, float]]]] = {name: {} for name in VIEWS}
    ended: dict[str, set[str]] = {name: set() for name in VIEWS}
    for event in plant.events(weeks * WEEK):
        for name, view in views.items():
            seen = view.show(event)
            if seen is not None:
                begun[name].setdefault(seen.case, []).append((seen.activity, 60 * event.time))
                if seen.last:
                    ended[name].add(seen.case)
    return {name: packed(trace for case, trace in begun[name].items() if case in ended[name]) for name in VIEWS}


def packed(traces: Iterator[list[tuple[str, float]]]) -> Traces:
    """Return traces of symbols and seconds as different ones, numbers and durations."""
    numbers: dict[Prefix, int] = {}
    order, moments = [], []
    for trace in traces:
        order.append(numbers.setdefault(tuple(symbol for symbol, _ in trace), len(numbers)))
        moments.append([moment for _, moment in trace])
    return Traces([list(kind) for kind in numbers], order, [spans.tolist() for spans in spans_of_each(moments)])


# --- What is named, and what is true


class Truth(NamedTuple):
    """A view without and with a fault: the two laws, and by how much each outcome of each prefix has changed."""

    one: Law
    other: Law
    changes: dict[Outcome, float]
    runs: tuple[TimedRun, TimedRun]

    @classmethod
    def of(cls, one: Traces, other: Traces) -> Truth:
        """Compare two long runs prefix by prefix."""
        laws = one.law(), other.law()
        sizes = {(prefix, symbol): change(*laws, [prefix], symbol) for prefix, symbol in shared(*laws)}
        return cls(*laws, sizes, (one.timed(), other.timed()))

    def size(self, named: Change, prefixes: list[Prefix]) -> float:
        """Return by how many standard errors an outcome has changed in the way that was named.

        What counts is the most that is seen over all prefixes that lead to it, or after one of them.
        """
        sizes = [self.changes.get((prefix, named.symbol), 0.0) for prefix in prefixes]
        return max(math.copysign(1, rise(named)) * z for z in (change(*self[:2], prefixes, named.symbol), *sizes))


def rise(named: Change) -> float:
    """Return by how much an outcome is likelier than before."""
    return named.other - named.one


def places(found: Difference, truth: Truth) -> dict[int, list[Prefix]]:
    """Return for each group, by its id, the prefixes of the truth that lead to it in both automata."""
    groups = found.alignment.groups
    ones = {state: id(group) for group in groups for state in group.one.states}
    others = {state: id(group) for group in groups for state in group.other.states}
    prefixes: dict[int, list[Prefix]] = {id(group): [] for group in groups}
    for prefix in {prefix for prefix, _ in truth.changes}:
        home = ones.get(found.one.state_after(prefix))
        if home is not None and home == others.get(found.other.state_after(prefix)):
            prefixes[home].append(prefix)
    return prefixes


def judged(found: Difference, truth: Truth, share: float) -> dict[str, Any]:
    """Return what was named, what of it is wrong, and what of the truth had to be named and was not.

    Parameters
    ----------
    found : Difference
    truth : Truth
    share : float
        Weeks that were learned from, of those of the truth.
    """
    prefixes = places(found, truth)
    sizes = [truth.size(named, prefixes[id(named.group)]) for named in found.changes]
    covered = {
        (prefix, named.symbol, rise(named) > 0) for named in found.changes for prefix in prefixes[id(named.group)]
    }
    due = [edge for edge, z in truth.changes.items() if abs(z) >= max(FAR, EXPECTED / math.sqrt(share))]
    largest = max(map(abs, truth.changes.values()), default=0.0)
    return {
        **judged_times(found, truth, share),
        "named": len(found.changes),
        "wrong": [said(one) for one, z in zip(found.changes, sizes, strict=True) if z < SHOWN],
        "due": len(due),
        "missed": [words(*edge) for edge in due if (*edge, truth.changes[edge] > 0) not in covered],
        "first": bool(sizes) and sizes[0] >= largest / 2,
    }


def judged_times(found: Difference, truth: Truth, share: float) -> dict[str, Any]:
    """Return the same of durations."""
    true = true_paces(found, *truth.runs)
    named = {(id(pace.group), pace.symbol): pace for pace in found.paces}
    due = [key for key, pace in true.items() if is_due(pace, share)]
    return {
        "times_named": len(named),
        "times_wrong": [said_time(pace) for key, pace in named.items() if key not in true or true[key].log_p > WRONG],
        "times_due": len(due),
        "times_missed": [said_time(true[key]) for key in due if key not in named],
    }


def said_time(pace: Pace) -> str:
    """Return how a duration has changed in words."""
    return f"{words(pace.group.path, pace.symbol)} {pace.one.median:.3g} s -> {pace.other.median:.3g} s"


def said(named: Change) -> str:
    """Return a change in words."""
    return f"{words(named.group.path, named.symbol)} {named.one:.3g} -> {named.other:.3g}"


def words(prefix: Prefix, symbol: str | None) -> str:
    """Return an outcome in words."""
    return f"{' '.join(prefix)} | {symbol or '(end)'}"


def study(runs: Runs, fault: str, args: argparse.Namespace, healthy: Run) -> list[dict[str, Any]]:
    """Return a row for each view: what was found in all seeds together."""
    struck = runs.run(fault, args.truth, 2)
    truths = {view: Truth.of(healthy[view], struck[view]) for view in VIEWS}
    found: dict[str, list[dict[str, Any]]] = {view: [] for view in VIEWS}
    for seed in range(args.first, args.first + args.seeds):
        before, after = runs.learned("", args.weeks, 2 * seed), runs.learned(fault, args.weeks, 2 * seed + 1)
        for view, truth in truths.items():
            difference = diff(before[view], after[view], args.error)
            found[view].append(judged(difference, truth, args.weeks / args.truth))
    return [{"fault": fault, "view": view, **summary(found[view], truth)} for view, truth in truths.items()]


SHORT = "wrong", "times_wrong"
"""What of a row is named and wrong."""


def summary(found: list[dict[str, Any]], truth: Truth) -> dict[str, Any]:
    """Put the seeds together."""
    total = {key: sum(one[key] for one in found) for key in ("named", "due", "first", "times_named", "times_due")}
    lists = {key: [words for one in found for words in one[key]] for key in (*SHORT, "missed", "times_missed")}
    return {
        "compared": len(truth.changes),
        "changed": sum(abs(z) >= FAR for z in truth.changes.values()),
        "runs": len(found),
        "with_wrong": sum(any(one[key] for key in SHORT) for one in found),
        "with_any": sum(bool(one["named"]) for one in found),
        **total,
        **lists,
    }


def totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Put all faults and views together; what is compared in one run is one family."""
    counted = ("named", "due", "times_named", "times_due", "runs", "with_wrong")
    number = {key: sum(row[key] for row in rows) for key in counted}
    short = {key: sum(len(row[key]) for row in rows) for key in (*SHORT, "missed", "times_missed")}
    return {**number, **short, "rate": rate(number["with_wrong"], number["runs"])}


HEAD = {
    "fault": "l",
    "view": "l",
    "outcomes changed": "r",
    "of those that had to be named, were": "r",
    "the first is a main one": "r",
    "of durations that had to be named, were": "r",
    "wrong": "r",
}


def cells(row: dict[str, Any]) -> dict[str, str]:
    """Return a row of the table by its columns; results from before durations were compared have none of them."""
    due, times_due = (
        f"{row[of] - len(row[missed])} of {row[of]}" if row.get(of) else "-"
        for of, missed in (("due", "missed"), ("times_due", "times_missed"))
    )
    first = f"{row['first']} of {row['with_any']}" if row["changed"] and row["with_any"] else "-"
    number = sum(len(row.get(key, ())) for key in SHORT)
    wrong = f"{number} in {row['with_wrong']} of {row['runs']}" if number else "none"
    changed = f"{row['changed']} of {row['compared']}"
    found = dict(zip(HEAD, [f"`{row['fault']}`", row["view"], changed, due, first, times_due, wrong], strict=True))
    return found if "times_due" in row else {name: cell for name, cell in found.items() if "durations" not in name}


def tables(result: Result) -> dict[str, Table]:
    """Return ``faults``, and ``rate`` in words."""
    found = result["measured"]
    rows = [cells(row) for row in found["faults"]]
    head = tuple(rows[0])
    return {
        "faults": Table(head, [list(row.values()) for row in rows], "".join(HEAD[name] for name in head)),
        "rate": Table(("comparisons with anything wrong",), [[told(found["totals"]["rate"])]], "l"),
    }


def main() -> None:
    """Print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--weeks", type=float, default=26, help="of each run that is learned from")
    parser.add_argument("--truth", type=float, default=200, help="weeks of the long runs")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=10, help="the first of them")
    parser.add_argument("--only", default="", help="only faults whose name holds this")
    parser.add_argument("--error", type=float, default=0.05, help="risk of any change where there is none")
    parser.add_argument("--resume", type=Path, metavar="FOLDER", help="keep the runs there")
    args = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(args.resume or Path(folder))
        healthy = runs.run("", args.truth, 1)
        for fault in [fault for fault in FAULTS if args.only in fault]:
            rows += study(runs, fault, args, healthy)
            for row in rows[-len(VIEWS) :]:
                print("  ".join(cells(row).values()), flush=True)
    finish(__file__, args, {"faults": rows, "totals": totals(rows)}, tables)


if __name__ == "__main__":
    main()
