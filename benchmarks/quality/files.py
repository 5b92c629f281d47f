"""Claim: the plain command, without any option, makes a model of any of these files, in seconds.

    python benchmarks/quality/files.py FOLDER... [--json OUT] [--markdown OUT]

Taken are files that end in .txt, .csv, .log, .xes, .train or .jsonl, plain or .gz; the models and solutions of PAutomaC
hold no traces and are left out.  Perplexity is per symbol (the end counts as one) on the file itself.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.folders import files_below
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

ENDINGS = re.compile(r"\.(txt|csv|log|xes|train|jsonl)(\.gz)?$")
NO_TRACES = re.compile(r"_(model|solution)\.txt$")
LEARNED = re.compile(r"([\d,]+) traces?, ([\d,]+) events?, ([\d,]+) symbols? -> ([\d,]+) states?.*\(([\d.]+) s")
FIELDS = ("traces", "events", "symbols", "states", "seconds")


def learn(path: Path, model: Path) -> dict[str, float | str]:
    """Learn one file, score it with its own model, and return what the command says."""
    learned = run([FLEXSTREAM, "learn", str(path), "-o", str(model)]).stderr
    facts = LEARNED.search(learned)
    scored = re.search(r"perplexity per symbol ([\d.e+]+)", run([FLEXSTREAM, "score", str(model), str(path)]).stderr)
    if facts is None or scored is None:
        raise RuntimeError(f"cannot read what flexstream says of {path}: {learned}")
    numbers = [float(word.replace(",", "")) for word in facts.groups()]
    return {"file": path.name, **dict(zip(FIELDS, numbers, strict=True)), "perplexity": float(scored[1])}


def cells(row: dict[str, float | str]) -> list[str]:
    """Return a row of the table."""
    counts = [format(row[name], ",.0f") for name in FIELDS[:4]]
    return [f"`{row['file']}`", *counts, format(row["seconds"], ".2f"), format(row["perplexity"], ".4g")]


def tables(result: Result) -> dict[str, Table]:
    """Return ``files``."""
    return {"files": Table(("file", *FIELDS, "perplexity"), [cells(row) for row in result["measured"]["files"]])}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for path in files_below(args.folders):
            if ENDINGS.search(path.name) and not NO_TRACES.search(path.name):
                rows.append(learn(path, Path(scratch) / "model.json"))
                print("  ".join(cells(rows[-1])), flush=True)
    finish(__file__, args, {"files": rows}, tables)


if __name__ == "__main__":
    main()
