"""Claim: of sessions like those of a file system's blocks `css` makes a model that can be read and that tells failures.

    python benchmarks/quality/block_sessions.py [FOLDER] [--sessions 4855] [--json OUT] [--markdown OUT]

A session is what a store of files on several machines logs of one block: it is allocated, three machines receive it,
what they tell is interleaved, it is read, copied and deleted.  Sessions without a failure are learned in one pass; the
bits of fresh ones, and the chance that of a failed and a healthy session the failed one has more, say how good the
model is.  A failed one has no event that a healthy one cannot have.  The sessions are generated; where FOLDER holds
``sessions_normal.txt`` and ``sessions_labelled.csv``, the log of HDFS whose model the paper shows (Baumgartner &
Verwer, arXiv 2604.02244), that is learned as well.
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from alarms import area
from published import BATCH, STREAM, setting
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import Alphabet, StreamLearner, TraceBatch

SETTINGS: dict[str, dict[str, Any]] = {
    "css-published, streaming": setting("css-published", STREAM),
    "css-published, batch": setting("css-published", BATCH),
    "css-published, streaming, stops at 20 states": setting("css-published", STREAM, stop=20),
    "css, streaming": setting("css", STREAM),
    "alergia, streaming": setting("alergia", STREAM),
    "evidence, streaming": setting("evidence", {}),
}
HEALTHY, FAILED = 2000, 500
Sessions = list[list[str]]


def interleaved(parts: Sessions, rng: np.random.Generator) -> list[str]:
    """Return several sequences as one, each in its order, all orders of them together as likely."""
    turns = rng.permutation(np.repeat(np.arange(len(parts)), [len(part) for part in parts]))
    rest = [iter(part) for part in parts]
    return [next(rest[turn]) for turn in turns]


def replica(failed: bool) -> list[str]:
    """Return what one machine tells of a block that comes to it."""
    return ["receiving", "responder ends"] if failed else ["receiving", "responder ends", "received"]


def session(rng: np.random.Generator, failed: bool) -> list[str]:
    """Return a session; of one that failed a machine has no copy, one too many is stored, or one is not deleted."""
    way = ("lost", "doubled", "left")[int(rng.integers(3))] if failed else ""
    told = interleaved([replica(way == "lost" and number == 2) for number in range(3)], rng)
    told += ["stored"] * (3 - (way == "lost") + (way == "doubled"))
    if rng.random() < 0.3:
        told += ["served"] * int(rng.geometric(0.4))
    if rng.random() < 0.05:
        told += ["copy asked", "copied", "received", "stored"]
    if way == "left" or rng.random() < 0.7:
        told += ["delete asked"] * 3 + ["deleted"] * (3 - (way == "left"))
    return ["allocate", *told]


def generated(number: int, seed: int, failed: bool = False) -> Sessions:
    """Return sessions, healthy or failed."""
    rng = np.random.default_rng(seed)
    return [session(rng, failed) for _ in range(number)]


def of_log(folder: Path) -> tuple[Sessions, Sessions, Sessions]:
    """Return the sessions of a folder: those to learn, healthy and failed ones to judge by."""
    learned = [line.split() for line in (folder / "sessions_normal.txt").read_text().splitlines()]
    with (folder / "sessions_labelled.csv").open(newline="") as file:
        rows = [(row["Sequence"].split(), row["label"] == "1") for row in csv.DictReader(file)]
    return learned, [trace for trace, failed in rows if not failed], [trace for trace, failed in rows if failed]


def judged(told: dict[str, Any], learned: Sessions, healthy: Sessions, failed: Sessions) -> dict[str, float]:
    """Return what a setting makes of sessions."""
    learner = StreamLearner(**told)
    started = time.process_time()
    learner.learn_many(learned)
    automaton = learner.automaton
    seconds = time.process_time() - started
    known = Alphabet(learner.alphabet)
    both = automaton.score_batch(TraceBatch.from_traces([*healthy, *failed], known))[0]
    wrong = np.arange(len(both)) >= len(healthy)
    return {
        "states": len(automaton),
        "transitions": len(automaton.weights),
        "bits": -float(both[~wrong].mean()),
        "auc": area(both, wrong),
        "seconds": seconds,
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``sources``: a row for each source and setting."""
    forms = {"states": "d", "transitions": "d", "bits": ".2f", "auc": ".3f", "seconds": ".2f"}
    rows = [
        [source, name, *(format(found[key], form) for key, form in forms.items())]
        for source, settings in result["measured"].items()
        for name, found in settings.items()
    ]
    head = ("sessions", "setting", "states", "transitions", "bits a session", "AUC", "seconds")
    return {"sources": Table(head, rows, "llrrrrr")}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--sessions", type=int, default=4855, help="generated ones that are learned")
    args = parser.parse_args()
    sources = {"generated": (generated(args.sessions, 1), generated(HEALTHY, 2), generated(FAILED, 3, failed=True))}
    if args.folder:
        sources["HDFS"] = of_log(args.folder)
    measured = {
        source: {name: judged(told, *sessions) for name, told in SETTINGS.items()}
        for source, sessions in sources.items()
    }
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
