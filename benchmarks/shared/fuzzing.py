"""Very many inputs made from a seed, tried in processes of a few hundred each: what fails, hangs or crashes is told.

Each input is made from the seed, the kind and its number alone, so that it can be made again.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from shared.tables import Table

SLOW = 1.0
"""Seconds of processor time that one input may take."""
STUCK, WAITING = 20, 600
"""Seconds of processor time, and of any, after which it is broken off: others may have the processor meanwhile."""
PART = 500
"""Inputs that one process tries."""
KEPT = 20
"""Faults of a part that are written down."""
LARGE = 64
"""MiB that one input may add to the peak of its process."""
BAD = ("faults", "slow", "large", "crashed")

Trial = Callable[[str, int, random.Random, list[str]], str]
"""Tries an input of a kind: its number, what it is made by, and a list for what was done; returns how it ended."""


class StuckError(BaseException):
    """An input takes too long; no handler of errors is to take it for one of its own."""


def _stuck(*_: object) -> None:
    raise StuckError(f"not done after {STUCK} s of processor time, or {WAITING} s")


def where(error: BaseException) -> str:
    """Return what an error is and where it was raised, in a line."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}: {str(error)[:300]} ({Path(frames[-1].filename).name}:{frames[-1].lineno})"


def peak_mib() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def part(trial: Trial, kind: str, first: int, count: int, seed: int, report: Callable[[Any], None]) -> None:
    """Try some inputs; report the number that comes next, now and then, and what came of all at the end."""
    counts: Counter[str] = Counter()
    faults: list[dict[str, Any]] = []
    slowest = 0.0
    for came in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(came, _stuck)
    for number in range(first, first + count):
        if number % 100 == 0 or count == 1:
            report(number)
        done = list[str]()
        end, what, seconds = tried(trial, kind, number, random.Random(f"{seed} {kind} {number}"), done)
        slowest = max(slowest, seconds)
        counts[end] += 1
        if what and len(faults) < KEPT:
            faults.append({"kind": kind, "number": number, "what": what, "done": done})
    report({"counts": dict(counts), "faults": faults, "slowest": slowest})


def tried(trial: Trial, kind: str, number: int, luck: random.Random, done: list[str]) -> tuple[str, str, float]:
    """Return how an input ended, what was wrong about it, if anything, and the processor time that it took."""
    began, before, what = time.process_time(), peak_mib(), ""
    signal.alarm(WAITING)
    signal.setitimer(signal.ITIMER_PROF, STUCK)
    try:
        end = trial(kind, number, luck, done)
    except (Exception, StuckError) as error:  # whatever it is, it is what is looked for
        end, what = "faults", where(error)
    finally:
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
    seconds, more = time.process_time() - began, peak_mib() - before
    if seconds > SLOW:
        end, what = "slow", what or f"{seconds:.1f} s"
    if more > LARGE:
        end, what = "large", what or f"{more:.0f} MiB"
    return end, what, seconds


def apart(trial: Trial, kind: str, first: int, count: int, seed: int) -> dict[str, Any]:
    """Try some inputs in a process of its own; one that dies is a fault of the inputs that it tried last."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=part, args=(trial, kind, first, count, seed, there.send)
    )
    process.start()
    there.close()
    last: Any = first
    while not isinstance(last, dict):
        try:
            last = here.recv()
        except EOFError:
            break
    process.join()
    if isinstance(last, dict):
        return last
    fault = {"kind": kind, "number": last, "what": f"the process ended with {process.exitcode} within 100 inputs"}
    return {"counts": {"crashed": 1}, "faults": [fault], "slowest": 0.0}


def fresh_row(ends: Iterable[str]) -> dict[str, Any]:
    """Return what is counted of a kind before anything is."""
    return {"inputs": 0, **dict.fromkeys((*ends, *BAD), 0), "slowest": 0.0, "seconds": 0.0}


def measure(
    trial: Trial, kinds: list[str], ends: tuple[str, ...], inputs: int, seed: int, first: int, seconds: float
) -> dict[str, Any]:
    """Try so many inputs, the same number of each kind; fewer if the time runs out."""
    rows = {kind: fresh_row(ends) for kind in kinds}
    each = -(-inputs // max(1, len(kinds)))
    faults, started = [], time.perf_counter()
    for start, kind in itertools.product(range(first, first + each, PART), kinds):
        began, row = time.perf_counter(), rows[kind]
        if began - started > seconds:
            break
        found = apart(trial, kind, start, min(PART, first + each - start), seed)
        for end, count in found["counts"].items():
            row[end] += count
            row["inputs"] += count
        row["slowest"] = max(row["slowest"], found["slowest"])
        row["seconds"] += time.perf_counter() - began
        faults += found["faults"]
        for fault in found["faults"]:
            print(f"fault: {json.dumps(fault)}", file=sys.stderr)
    totals = {key: sum(row[key] for row in rows.values()) for key in ("inputs", *ends, *BAD)}
    return {"kinds": rows, "total": totals, "found": faults[:100]}


def added(results: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return what several runs measured as if they were one.

    >>> row = fresh_row(["read"]) | {"inputs": 2, "read": 2, "slowest": 0.5}
    >>> one = {"kinds": {"csv": row}, "total": {"inputs": 2, "read": 2}, "found": []}
    >>> added([one, one])["total"], added([one, one])["kinds"]["csv"]["slowest"]
    ({'inputs': 4, 'read': 4}, 0.5)
    """
    kinds: dict[str, dict[str, Any]] = {}
    total: Counter[str] = Counter()
    faults: list[Any] = []
    for result in results:
        for kind, row in result["kinds"].items():
            sums = kinds.setdefault(kind, dict.fromkeys(row, 0))
            for key, value in row.items():
                before = sums.get(key, 0)  # an earlier run may not have looked for it
                sums[key] = max(before, value) if key == "slowest" else before + value
        total.update(result["total"])
        faults += result["found"]
    return {"kinds": kinds, "total": dict(total), "found": faults[:100]}


def _number(row: dict[str, Any], key: str) -> str:
    """Return a number of a row; nothing where an earlier version did not look for it."""
    return f"{row[key]:,}" if key in row else ""


def table(measured: dict[str, Any], ends: dict[str, str], name: str = "kind") -> Table:
    """Return the inputs by kind and how they ended; ``ends`` has what each end is called."""
    keys = ("inputs", *ends, *BAD)
    rows = [
        (f"`{kind}`", *(_number(row, key) for key in keys), f"{row['slowest']:.2f}")
        for kind, row in measured["kinds"].items()
    ]
    slowest = max((row["slowest"] for row in measured["kinds"].values()), default=0.0)
    rows.append(("all", *(_number(measured["total"], key) for key in keys), f"{slowest:.2f}"))
    return Table(
        (name, "inputs", *ends.values(), "faults", "over a second", "too large", "crashes", "slowest (s)"), rows
    )
