"""Where does the time go between bytes and an automaton?

    python benchmarks/phases.py FILE

Learns a text file in this process and prints the processor seconds of each phase, kernels compiled.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import flexstream.freeze
import flexstream.learner
import flexstream.readers.tokeniser
import flexstream.refine
import flexstream.tree

PHASES: dict[str, tuple[Any, str]] = {
    "splitting lines, looking words up": (flexstream.readers.tokeniser, "split_lines"),
    "counting traces": (flexstream.tree, "count_traces"),
    "room for nodes and tails": (flexstream.tree.PrefixTree, "_make_room"),
    "keeping the tree near its states": (flexstream.tree.PrefixTree, "keep_near"),
    "growing tails near states": (flexstream.tree.PrefixTree, "grow_near"),
    "searching for states": (flexstream.refine, "search"),
    "routing tails": (flexstream.freeze, "route_tails"),
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


def main() -> None:
    """Learn and print."""
    from flexstream.readers import read_batches

    seconds: Counter[str] = Counter({"starting Python, numba and the kernels": time.process_time()})  # type: ignore[dict-item]
    for name, (owner, attribute) in PHASES.items():
        setattr(owner, attribute, timed(getattr(owner, attribute), name, seconds))
    learner = flexstream.learner.StreamLearner()
    for batch in read_batches(sys.argv[1], learner.alphabet):
        learner.learn_many(batch)
    learner.automaton  # noqa: B018 (it is made when it is asked for)
    seconds["all the rest"] = time.process_time() - seconds.total()
    for name, taken in seconds.most_common():
        print(f"{name:40s} {taken:6.2f} s  {1e9 * taken / learner.events:6.1f} ns/event")
    print(f"{learner.events:,} events -> {learner.automaton}; {learner.tree}")


if __name__ == "__main__":
    main()
