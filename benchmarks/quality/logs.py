"""Claim: a log's plain command, or the one its verdict names, beats a unigram by 5 %, or the verdict says why none can.

    python benchmarks/quality/logs.py FOLDER... [--json OUT] [--markdown OUT]

Each file is learned by `flexstream learn FILE`; where a verdict follows, the command that it names is run as well,
word by word.  Then the traces, as that command reads them, are split in five; one fifth after the other is held out, a
model is learned from the others with the options of the command, and foretells it.  A verdict chooses its command by
the last fifth of the first rows, so that only the other four count.  Bits are per event, given that the trace goes on:
where it is cut tells nothing.  A unigram foretells them by the frequencies of the symbols in the others.

Taken are files that end in .txt, .csv, .log, .xes or .jsonl, plain or .gz.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.folders import files_below
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

from flexstream import ReadOptions, StreamLearner, TraceBatch
from flexstream.readers.reading import Reading
from flexstream.verdict.foresight import HELD_OUT, foresight

ENDINGS = re.compile(r"\.(txt|csv|log|xes|jsonl)(\.gz)?$")
VERDICT = re.compile(r"^flexstream: verdict: (?P<text>.*); next: (?P<next>flexstream .*)$", re.MULTILINE)
LEARNED = re.compile(r"([\d,]+) traces?, ([\d,]+) events?, ([\d,]+) symbols? -> ([\d,]+) states?")
WANTED = 0.05
"""Share of the bits of a unigram that a model has to save."""


def learned(words: list[str]) -> dict[str, Any]:
    """Run a command; return what it says."""
    said = run([FLEXSTREAM, *words]).stderr
    facts, verdict = LEARNED.search(said), VERDICT.search(said)
    if facts is None:
        raise RuntimeError(f"cannot read what flexstream says: {said}")
    numbers = [int(word.replace(",", "")) for word in facts.groups()]
    return {
        **dict(zip(("traces", "events", "symbols", "states"), numbers, strict=True)),
        "verdict": None if verdict is None else verdict["text"],
        "next": None if verdict is None else shlex.split(verdict["next"])[1:],
    }


def options_of(words: list[str]) -> tuple[dict[str, Any], int | None]:
    """Return the reading options of a command, and the states that it asks for."""
    import click

    from flexstream_cli.reading import reading

    found: dict[str, Any] = {}

    @click.command()
    @click.option("--states", type=int)
    @reading
    def read(sources: tuple[str, ...], **given: Any) -> None:
        found.update(given)

    read.main(words[1:], standalone_mode=False)
    return found, found.pop("states")


def held_out(path: Path, options: dict[str, Any], states: int | None) -> dict[str, float]:
    """Return the bits an event of the fifths by which nothing was chosen, by models of the others and by unigrams."""
    learner = StreamLearner(states=states)
    traces = TraceBatch.joined(Reading(str(path), learner.alphabet, ReadOptions(**options)))
    found = [one for fold in range(HELD_OUT - 1) if (one := foresight(traces, learner, fold)) is not None]
    bits, unigram = (sum(getattr(one, name) for one in found) / len(found) for name in ("model", "frequencies"))
    return {"bits": bits, "unigram": unigram, "saved": 1 - bits / unigram}


def judged(path: Path) -> dict[str, Any]:
    """Return what becomes of a file by the plain command, and by the one that its verdict names."""
    plain = ["learn", str(path)]
    rows = [{"words": plain, **learned(plain)}]
    following = rows[0]["next"]
    if following is not None and following[0] == "learn" and "--on-drift" not in following:  # folds know no time
        rows.append({"words": following, **learned(following)})
    for row in rows:
        row.update(held_out(path, *options_of(row["words"])))
        words = (path.name if word == str(path) else word for word in row.pop("words"))
        row["command"] = shlex.join(["flexstream", *words])
        row["next"] = None if row["next"] is None else row["next"][0]
    return {"file": path.name, "commands": rows}


def cells(file: str, row: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    command = f"`{row['command']}`".replace("|", "\\|")
    counts = [format(row[name], ",") for name in ("traces", "symbols", "states")]
    return [f"`{file}`" if file else "", command, *counts, *(format(row[name], ".2f") for name in ("bits", "unigram"))]


def tables(result: Result) -> dict[str, Table]:
    """Return ``logs``, two rows for a file whose verdict names a command, and ``few``: where none can."""
    files = result["measured"]["files"]
    head = ("file", "command", "traces", "symbols", "states", "bits", "unigram")
    rows = [cells(one["file"] if not place else "", row) for one in files for place, row in enumerate(one["commands"])]
    few = [[f"`{one['file']}`", one["commands"][-1]["verdict"] or ""] for one in files if not _met(one)]
    return {"logs": Table(head, rows, "llrrrrr"), "few": Table(("file", "verdict"), few, "ll")}


def _met(file: dict[str, Any]) -> bool:
    """Tell whether the best command of a file makes a model that is one."""
    return any(row["saved"] >= WANTED for row in file["commands"])


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    args = parser.parse_args()
    files = []
    for path in files_below(args.folders):
        if ENDINGS.search(path.name):
            files.append(judged(path))
            for row in files[-1]["commands"]:
                print(
                    "  ".join([*cells(path.name, row), f"saved {row['saved']:.3f}", row["verdict"] or ""]), flush=True
                )
    met = sum(map(_met, files))
    finish(__file__, args, {"files": files, "met": met, "taken": len(files)}, tables)


if __name__ == "__main__":
    main()
