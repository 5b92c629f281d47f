"""Learn every file of some folders by the plain command and print a table (Markdown).

    python benchmarks/files.py FOLDER...

Taken are files that end in .txt, .csv, .log, .xes, .train or .jsonl, plain or .gz; the models and solutions of PAutomaC
hold no traces and are left out.  Perplexity is per symbol (the end counts as one) on the file itself.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from common import run

ENDINGS = re.compile(r"\.(txt|csv|log|xes|train|jsonl)(\.gz)?$")
NO_TRACES = re.compile(r"_(model|solution)\.txt$")
LEARNED = re.compile(r"([\d,]+) traces, ([\d,]+) events, ([\d,]+) symbols -> ([\d,]+) states.*\(([\d.]+) s")


def row(path: Path, model: Path) -> str:
    """Learn one file, score it with its own model, and return a row of the table."""
    learned = run(["flexstream", "learn", str(path), "-o", str(model)]).stderr
    facts = LEARNED.search(learned)
    scored = re.search(r"perplexity per symbol ([\d.e+]+)", run(["flexstream", "score", str(model), str(path)]).stderr)
    if facts is None or scored is None:
        raise RuntimeError(f"cannot read what flexstream says of {path}: {learned}")
    return f"| `{path.name}` | {' | '.join(facts.groups())} | {scored[1]} |"


def natural(path: Path) -> list[object]:
    """Sort numbers by their value."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", str(path))]


def main(folders: list[str]) -> None:
    """Print the table."""
    found = sorted((path for folder in folders for path in Path(folder).rglob("*")), key=natural)
    print("| file | traces | events | symbols | states | seconds | perplexity |\n|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as scratch:
        for path in found:
            if ENDINGS.search(path.name) and not NO_TRACES.search(path.name):
                print(row(path, Path(scratch) / "model.json"), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
