"""Claim: adding up many summaries takes time in proportion to their number, and memory that is bounded.

    python benchmarks/speed/merging.py [--numbers 125,250,500,1000] [--traces 12000] [--different 8] [--json OUT]
                                       [--markdown OUT]

A few summaries of parts of a stream are made once, and stand under as many names as are added up: as ``flexstream
merge`` does before it decides, each is read, checked and added, and the sum is closed.  Times are of the processor, the
whole process's, beside those of the smallest number.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import run
from shared.tables import Table

from flexstream import StreamLearner
from flexstream.files import write_atomically
from flexstream.learning.additive import Summary
from flexstream.targets.generate import Recipe, random_pdfa

ADD = "import sys; from flexstream.distributed.gather import gather; gather(sys.argv[1:])"


def write_summaries(folder: Path, different: int, traces: int) -> dict[str, Any]:
    """Write summaries of parts of one stream; return how large they are."""
    lots = random_pdfa(Recipe(states=40, symbols=20), seed=3).sample(different * traces, seed=1)
    nodes = []
    for number in range(different):
        learner = StreamLearner(repeats=False)
        learner.learn_many(lots[number::different])
        summary = Summary.of(learner).close()
        nodes.append(len(summary.tree))
        write_atomically(folder / f"part{number}", summary.to_bytes())
    size = sum((folder / f"part{number}").stat().st_size for number in range(different))
    return {"nodes": sum(nodes) / different, "bytes": size / different, "events": sum(map(len, lots)) / different}


def merged(folder: Path, number: int, different: int) -> dict[str, float]:
    """Merge so many; return what it took."""
    names = [folder / f"{number}-{at}" for at in range(number)]
    for at, name in enumerate(names):
        name.symlink_to(folder / f"part{at % different}")
    done = run([sys.executable, "-c", ADD, *map(str, names)])
    return {"number": number, "seconds": done.processor_seconds, "peak_mib": done.peak_mib}


def measure(numbers: list[int], traces: int, different: int) -> dict[str, Any]:
    """Return sizes, and what each number took."""
    with tempfile.TemporaryDirectory() as name:
        sizes = write_summaries(Path(name), different, traces)
        return {**sizes, "merged": [merged(Path(name), number, different) for number in numbers]}


def tables(result: Result) -> dict[str, Table]:
    """Return what is printed, and stands in the documentation."""
    found, nodes = result["measured"]["merged"], result["measured"]["nodes"]
    rows = [
        (f"{one['number']:,}", f"{one['seconds'] / found[0]['seconds']:.1f}", f"{one['peak_mib']:.0f} MiB")
        for one in found
    ]
    return {"merged": Table([f"summaries of {nodes:,.0f} nodes", "time, of that of the first row", "memory"], rows)}


def main() -> None:
    """Run the benchmark."""
    parser = parser_of(__doc__)
    parser.add_argument("--numbers", default="125,250,500,1000")
    parser.add_argument("--traces", type=int, default=12000, help="in each summary")
    parser.add_argument("--different", type=int, default=8, help="summaries that are made")
    args = parser.parse_args()
    numbers = [int(number) for number in args.numbers.split(",")]
    finish(__file__, args, measure(numbers, args.traces, args.different), tables)


if __name__ == "__main__":
    main()
