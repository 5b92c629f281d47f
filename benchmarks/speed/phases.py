"""Claim: of a long stream most of the time goes into starting and counting; searching for states is a small part.

    python benchmarks/speed/phases.py [FILE] [--events 50000000] [--json OUT] [--markdown OUT]

Learns a text file in this process, by default one as throughput.py makes it, and prints the processor seconds of each
phase.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

import flexstream.merging.freeze
import flexstream.merging.search
import flexstream.readers.parsing.tokeniser
import flexstream.summary.tree
from flexstream import StreamLearner

LOADED = time.process_time()
"""What starting has taken."""

PHASES: dict[str, tuple[Any, str]] = {
    "splitting lines, looking words up": (flexstream.readers.parsing.tokeniser, "split_lines"),
    "counting traces": (flexstream.summary.tree, "count_traces"),
    "room for nodes and tails": (flexstream.summary.tree.PrefixTree, "_enlarge"),
    "thinning the tree": (flexstream.summary.tree.PrefixTree, "thin"),
    "growing tails near states": (flexstream.summary.tree.PrefixTree, "grow_near"),
    "searching for states": (flexstream.merging.search, "search"),
    "routing tails": (flexstream.merging.freeze, "route_tails"),
}


def timed(function: Callable[..., Any], name: str, seconds: Counter[str]) -> Callable[..., Any]:
    """Return a function that adds the time it takes to a phase."""

    def call(*given: Any) -> Any:
        started = time.process_time()
        try:
            return function(*given)
        finally:
            seconds[name] += time.process_time() - started  # type: ignore[assignment]

    return call


def learn(path: Path) -> dict[str, Any]:
    """Learn a file; return the seconds of each phase, the longest first."""
    from flexstream.readers import read_batches

    started = time.process_time() - LOADED
    seconds: Counter[str] = Counter({"starting Python and what it imports": LOADED})  # type: ignore[dict-item]
    for name, (owner, attribute) in PHASES.items():
        setattr(owner, attribute, timed(getattr(owner, attribute), name, seconds))
    learner = StreamLearner()
    for batch in read_batches(path, learner.alphabet):
        learner.learn_many(batch)
    automaton = learner.automaton
    seconds["all the rest"] = time.process_time() - started - seconds.total()
    return {"events": learner.events, "states": len(automaton), "seconds": dict(seconds.most_common())}


def tables(result: Result) -> dict[str, Table]:
    """Return ``phases``."""
    measured = result["measured"]
    rows = [
        [name, f"{taken:.2f}", f"{1e9 * taken / measured['events']:.1f}"] for name, taken in measured["seconds"].items()
    ]
    return {"phases": Table(("phase", "s", "ns/event"), rows)}


def main() -> None:
    """Learn and print."""
    parser = parser_of(__doc__)
    parser.add_argument("file", type=Path, nargs="?", help="a trace a line")
    parser.add_argument("--events", type=int, default=50_000_000, help="of the file that is made where none is given")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = args.file or Path(folder) / "traces.txt"
        if args.file is None:
            from throughput import write_traces

            write_traces(path, args.events, 20)
        found = learn(path)
    finish(__file__, args, found, tables)


if __name__ == "__main__":
    main()
