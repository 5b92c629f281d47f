"""Claim: 200 million events go through in memory that does not grow, and checkpoints every 10 s cost at most 5 %.

    python benchmarks/speed/endless.py [--events 200000000] [--memory 64MiB] [--every 10s] [--json OUT]

A random automaton of 40 states writes traces into a pipe, and
``flexstream learn`` reads them, without and with ``--checkpoint``.  What the process holds is looked at all the time;
after the first tenth of the stream it should grow by no more than 5 MiB.  What one checkpoint takes is the difference
of the processor time, shared out, and its part of ten seconds is what checkpoints every 10 s cost, however much of the
processor others take meanwhile.  Needs Linux: what a process holds, and how much it has read, stands in ``/proc``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM
from shared.tables import Table

MEAN_LENGTH = 15
TICK = 0.25
"""Seconds between two looks."""
TENTHS = 10
"""Parts of the stream; after the first memory is expected to grow no more."""
USUAL = 10.0
"""Seconds between checkpoints unless somebody says otherwise."""
Look = tuple[int, float]
"""Bytes that were read, and MiB held."""


def look(pid: int) -> Look | None:
    """Return what a process has read and what it holds; None once it has ended."""
    try:
        status, done = Path(f"/proc/{pid}/status").read_text(), Path(f"/proc/{pid}/io").read_text()
    except OSError:
        return None
    held = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")]
    return (int(done.split()[1]), held[0] / 1024) if held else None


def watched(command: list[str], source: list[str]) -> tuple[list[Look], float]:
    """Let a command read what another writes; return what it held meanwhile, and its processor time."""
    with tempfile.TemporaryFile() as said:
        writer = subprocess.Popen(source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        learner = subprocess.Popen(command, stdin=writer.stdout, stdout=subprocess.DEVNULL, stderr=said)
        assert writer.stdout is not None
        writer.stdout.close()
        found: list[Look] = []
        while not (ended := os.wait4(learner.pid, os.WNOHANG))[0]:
            seen = look(learner.pid)
            found += [] if seen is None else [seen]
            time.sleep(TICK)
        learner.returncode = os.waitstatus_to_exitcode(ended[1])
        if learner.returncode or writer.wait():
            said.seek(0)
            raise RuntimeError(f"{command[0]} ended with {learner.returncode}: {said.read()[-400:]!r}")
    return found, ended[2].ru_utime + ended[2].ru_stime


def growth(found: list[Look]) -> dict[str, Any]:
    """Return the most that was held in each tenth of the stream, and by how much that grew behind the first.

    >>> growth([(0, 30.0), (10, 60.0), (50, 61.0), (100, 62.5)])["growth_mib"]
    2.5
    """
    end = max(read for read, _ in found)
    tenths = [0.0] * TENTHS
    for read, mib in found:
        number = min(TENTHS - 1, read * TENTHS // end)
        tenths[number] = max(tenths[number], mib)
    held = [mib for mib in tenths[1:] if mib]
    return {"tenths_mib": tenths, "most_mib": max(held), "growth_mib": max(held) - held[0]}


def measure(events: int, memory: str, every: str, seed: int) -> dict[str, Any]:
    """Return memory and processor time without and with checkpoints."""
    source = [FLEXSTREAM, "simulate", "pdfa", "--states", "40", "--symbols", "20", "--seed", str(seed)]
    source += ["--traces", str(max(1, events // MEAN_LENGTH))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = folder / "kept"
        learn = [FLEXSTREAM, "learn", "-", "--memory", memory, "-o"]
        plain, seconds = watched([*learn, str(folder / "plain.json")], source)
        options = ["--checkpoint", str(kept), "--checkpoint-every", every]
        saving, longer = watched([*learn, str(folder / "saving.json"), *options], source)
        if (folder / "plain.json").read_bytes() != (folder / "saving.json").read_bytes():
            raise AssertionError("with checkpoints the model is another")
        written = max(int(path.name.rpartition("-")[2]) for path in kept.glob("checkpoint-*"))
        size = max(path.stat().st_size for path in kept.glob("checkpoint-*")) / (1 << 20)
    each = (longer - seconds) / written
    return {
        "plain": {**growth(plain), "seconds": seconds},
        "saving": {**growth(saving), "seconds": longer},
        "checkpoints": written,
        "mib": size,
        "each": each,
        "share": each / USUAL,
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``memory`` and ``checkpoints``."""
    row = result["measured"]
    names = {"plain": "without checkpoints", "saving": "with checkpoints"}
    runs = [
        [
            names[name],
            ", ".join(f"{mib:.0f}" for mib in row[name]["tenths_mib"]),
            *(f"{row[name][key]:.1f}" for key in ("most_mib", "growth_mib", "seconds")),
        ]
        for name in names
    ]
    cells = [f"{row['checkpoints']:,}", f"{row['mib']:.1f}", f"{row['each']:.2f}", f"{100 * row['share']:.1f} %"]
    return {
        "memory": Table(("run", "most MiB in each tenth", "most behind the first", "growth", "processor (s)"), runs),
        "checkpoints": Table(("checkpoints", "MiB each", "one takes (s)", "share of 10 s"), [cells], "rrrr"),
    }


def main() -> None:
    """Measure and print."""
    parser = parser_of(__doc__)
    parser.add_argument("--events", type=int, default=200_000_000)
    parser.add_argument("--memory", default="64MiB")
    parser.add_argument("--every", default="10s", help="time between checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    args: argparse.Namespace = parser.parse_args()
    if not Path("/proc/self/io").exists():
        parser.error("needs /proc")
    finish(__file__, args, measure(args.events, args.memory, args.every, args.seed), tables)


if __name__ == "__main__":
    main()
