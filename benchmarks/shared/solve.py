"""Learn one train file with one method, in a process of its own; print the outcome as JSON.

    python benchmarks/shared/solve.py METHOD TRAIN [--test TEST --solution SOLUTION] [--target MODEL] [--model OUT]

Used by the other benchmarks, which read its time and memory.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.methods import METHODS


def main() -> None:
    """Learn and score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("train", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--solution", type=Path)
    parser.add_argument("--target", type=Path)
    parser.add_argument("--model", type=Path)
    args = parser.parse_args()
    learned = METHODS[args.method]()(args.train)
    outcome = {"processor_seconds": learned.seconds, "states": learned.states}
    if args.test:
        outcome["error"] = learned.error(args.test, args.solution)
    if args.target:
        outcome["bits"] = learned.held_out(args.target)
    if args.model:
        learned.model.save(args.model)  # type: ignore[attr-defined]
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
