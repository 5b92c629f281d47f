"""Claim: sessions that went wrong stand out by their least expected event, mixed with an n-gram as well as without.

    python benchmarks/quality/alarms.py NORMAL.txt LABELLED.csv [--splits 5] [--json OUT] [--markdown OUT]

Of the sessions in which nothing went wrong, 70 % drawn at random are learned, with defaults; the others set the level
that one in a hundred of them passes.  Then sessions with labels, in columns ``Sequence`` and ``label`` (1: wrong), are
scored: by the surprise of the least expected event, by that of the whole session and by that of an outcome on average.
F1 is that of an alarm above the level; AUC is the chance that of two sessions the wrong one is the more surprising.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from statistics import fmean
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
import numpy as np
from numpy.typing import NDArray
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, Alphabet, StreamLearner, TraceBatch

LEARNED, LEVEL = 0.7, 0.99
Sessions = list[list[str]]
Scores = dict[str, NDArray[np.float64]]


def scores(model: PDFA, sessions: Sessions) -> Scores:
    """Return the surprise of each session in bits, told in three ways."""
    batch = TraceBatch.from_traces(sessions, Alphabet(model.symbols))
    log2_prob, _, worst, _ = model.score_batch(batch)
    return {"least expected event": worst, "session": -log2_prob, "outcome": -log2_prob / (1 + np.diff(batch.offsets))}


def area(surprise: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve; ties count half.

    >>> area(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True]))
    0.875
    """
    one, other = surprise[wrong][:, None], surprise[~wrong]
    return float(np.mean((one > other) + 0.5 * (one == other)))


def judged(surprise: NDArray[np.float64], healthy: NDArray[np.float64], wrong: NDArray[np.bool_]) -> dict[str, float]:
    """Return AUC, and F1 of an alarm above the level of the healthy ones."""
    alarm = surprise > np.quantile(healthy, LEVEL, method="inverted_cdf")
    right = float(np.count_nonzero(alarm & wrong))
    return {"auc": area(surprise, wrong), "f1": 2 * right / float(alarm.sum() + wrong.sum())}


def split(normal: Sessions, labelled: Sessions, wrong: NDArray[np.bool_], seed: int) -> dict[str, Any]:
    """Return what one split of the healthy sessions finds, by law and score."""
    order = np.random.default_rng(seed).permutation(len(normal)).tolist()
    cut = round(LEARNED * len(normal))
    learner = StreamLearner()
    learner.learn_many([normal[number] for number in order[:cut]])
    found = {}
    for law, model in {"mixed": learner.automaton, "alone": learner.automaton.alone}.items():
        healthy, others = scores(model, [normal[number] for number in order[cut:]]), scores(model, labelled)
        found[law] = {name: judged(others[name], healthy[name], wrong) for name in others}
    return found


def tables(result: Result) -> dict[str, Table]:
    """Return ``alarms``: means over the splits, by law and score."""
    splits = result["measured"]["splits"]
    rows = [
        [law, name, *(f"{fmean(one[law][name][figure] for one in splits):.3f}" for figure in ("auc", "f1"))]
        for law in splits[0]
        for name in splits[0][law]
    ]
    return {"alarms": Table(("law", "surprise of", "AUC", "F1"), rows, "llrr")}


def main() -> None:
    """Measure and print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("normal", type=Path)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--splits", type=int, default=5)
    args = parser.parse_args()
    normal = [line.split() for line in args.normal.read_text().splitlines()]
    with args.labelled.open() as file:
        rows = list(csv.DictReader(file))
    labelled, wrong = [row["Sequence"].split() for row in rows], np.array([row["label"] == "1" for row in rows])
    found = [split(normal, labelled, wrong, seed) for seed in range(args.splits)]
    finish(__file__, args, {"sessions": len(normal), "labelled": len(labelled), "splits": found}, tables)


if __name__ == "__main__":
    main()
