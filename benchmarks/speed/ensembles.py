"""Claim: ensembles keep to the bound of any source: 1.1 times ``--memory`` and 32 MiB beyond the start of the process.

    python benchmarks/speed/ensembles.py [--events 400000] [--memory 16MiB,64MiB] [--members 1,4,16]
                                         [--json OUT] [--markdown OUT]

Sources: traces of ever new symbols, of an automaton of 2,000 states, long ones of 150 symbols, one trace without end,
and short ones of few kinds.  The command learns each with each budget and so many members, in a process of its own.
Printed are the peak of the process, the bound, which is reckoned from the peak of one that learns one trace, processor
seconds, and how many times those of one automaton they are.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, Run, run
from shared.tables import Table

from flexstream.budget import parse_memory

MIB = 1 << 20
Lines = Iterator[str]


def ever_new(events: int) -> Lines:
    """Yield traces of 20,000 symbols, each of which is new."""
    for start in range(0, events, 20_000):
        yield " ".join(f"symbol{number}" for number in range(start, start + 20_000))


def drawn(events: int, length: int, words: str) -> Lines:
    """Yield traces of a random automaton, drawn in a process of its own, so that this one stays small."""
    given = [*words.split(), "--mean-length", str(length), "--traces", str(events // length), "--seed", "7"]
    yield from run([FLEXSTREAM, "simulate", "pdfa", *given]).stdout.splitlines()


def many_states(events: int) -> Lines:
    """Yield traces of an automaton of 2,000 states, of 15 events on average."""
    return drawn(events, 15, "--states 2000 --symbols 12 --transition-sparsity 0.002")


def long_traces(events: int) -> Lines:
    """Yield traces of an automaton of 150 symbols, of 700 events on average."""
    return drawn(events, 700, "--states 100 --symbols 150 --symbol-sparsity 0.05")


def one_trace(events: int) -> Lines:
    """Yield the events of one case that never ends, in CSV."""
    yield "case,event"
    for number in np.random.default_rng(9).integers(0, 40, events).tolist():
        yield f"1,step{number}"


def short_traces(events: int) -> Lines:
    """Yield traces that differ by the order of three writes, as those of blocks of a file system do."""
    chance, writes = (
        np.random.default_rng(10),
        ["receive", "receive", "receive", "allocate", "ack", "ack", "ack", "stored"],
    )
    for _ in range(events // 10):
        order = chance.permutation(len(writes)).tolist()
        yield " ".join(["open", *(writes[at] for at in order), "delete" if chance.random() < 0.3 else "close"])


SOURCES: dict[str, tuple[str, Callable[[int], Lines]]] = {
    "ever new symbols": ("a.txt", ever_new),
    "2,000 states": ("b.txt", many_states),
    "long traces": ("c.txt", long_traces),
    "one trace": ("d.csv", one_trace),
    "short traces": ("e.txt", short_traces),
}


def learn(path: Path, memory: str, members: int) -> Run:
    """Learn a file in a process of its own."""
    words = [FLEXSTREAM, "learn", str(path), "--memory", memory, "--ensemble", str(members)]
    return run([*words, "-o", str(path) + ".model.json"], limit=900.0)


def row_of(done: Run, bound: float) -> dict[str, Any]:
    """Return what was measured of one run."""
    given_up = re.search(r"gave up (\d+) of the \d+ automata of the ensemble", done.stderr)
    left_out = int(given_up[1]) if given_up else 0
    return {"peak_mib": done.peak_mib, "bound_mib": bound, "seconds": done.processor_seconds, "left_out": left_out}


def measure(folder: Path, events: int, budgets: list[str], sizes: list[int]) -> dict[str, Any]:
    """Return peaks, bounds and seconds, by source, budget and members."""
    (folder / "one.txt").write_text("load run unload\n")
    start = learn(folder / "one.txt", budgets[0], 1).peak_mib
    rows: list[dict[str, Any]] = []
    for name, (file, lines) in SOURCES.items():
        path = folder / file
        with path.open("w") as text:
            text.writelines(f"{line}\n" for line in lines(events))
        for memory in budgets:
            bound = start + 1.1 * parse_memory(memory) / MIB + 32
            alone = 0.0
            for members in sizes:
                row = row_of(learn(path, memory, members), bound)
                alone = alone or row["seconds"]
                row = {"source": name, "memory": memory, "members": members, **row, "times": row["seconds"] / alone}
                print(*row.values(), file=sys.stderr)
                rows.append(row)
        path.unlink()
    above = sum(row["peak_mib"] > row["bound_mib"] for row in rows)
    most = max(row["peak_mib"] / row["bound_mib"] for row in rows)
    return {"start_mib": start, "runs": rows, "above": above, "most_of_bound": most}


def tables(result: Result) -> dict[str, Table]:
    """Return ``peaks``: a row for each source and budget, two columns for each number of members."""
    runs = result["measured"]["runs"]
    sizes = sorted({row["members"] for row in runs})
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in runs:
        found.setdefault((row["source"], row["memory"]), []).append(row)
    cells = [
        [
            f"{source}, {memory}",
            f"{group[0]['bound_mib']:.0f}",
            *(f"{row['peak_mib']:.0f}" for row in group),
            str(group[-1]["left_out"]),
            *(f"{row['times']:.1f}" for row in group[1:]),
        ]
        for (source, memory), group in found.items()
    ]
    peaks = [f"peak MiB, {number} member{'s' * (number > 1)}" for number in sizes]
    times = [f"times the seconds, {number}" for number in sizes[1:]]
    head = ("source, budget", "bound MiB", *peaks, "left out", *times)
    return {"peaks": Table(head, cells, "l" + "r" * (len(head) - 1))}


def main() -> None:
    """Run the benchmark; end with 1 where a bound does not hold."""
    parser = parser_of(__doc__)
    parser.add_argument("--events", type=int, default=400_000)
    parser.add_argument("--memory", default="16MiB,64MiB")
    parser.add_argument("--members", default="1,4,16")
    args = parser.parse_args()
    sizes = [int(number) for number in args.members.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), args.events, args.memory.split(","), sizes)
    finish(__file__, args, found, tables)
    sys.exit(1 if found["above"] else 0)


if __name__ == "__main__":
    main()
