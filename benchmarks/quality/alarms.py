"""Claim: sessions that went wrong are told from others at a rate of false alarms that is chosen, without their labels.

    python benchmarks/quality/alarms.py NORMAL.txt LABELLED.csv [--splits 5] [--json OUT] [--markdown OUT]

Of the sessions in which nothing went wrong, 70 % drawn at random are learned, with defaults.  Then sessions with
labels, in columns ``Sequence`` and ``label`` (1: wrong), are judged at a rate of 0.01: by all that `flexstream.Judge`
asks of a trace, and by some of its statistics, so that it is seen what the automaton does and what the counts of
the symbols do, which need none.  The same is done by a 2-gram (Witten-Bell) in place of the automaton, calibrated on
the 30 % held out, since it cannot leave a trace out.  AUC is the chance that of two sessions the wrong one has
the smaller p-value.
"""

from __future__ import annotations

import csv
import math
import sys
from collections import Counter
from pathlib import Path
from statistics import fmean
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
import numpy as np
from numpy.typing import NDArray
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import Alphabet, Calibration, Judge, StreamLearner, TraceBatch
from flexstream.automata.calibration import BITS, COUNTS, WORST
from flexstream.automata.strangeness import rounded, strangeness, strangeness_left_out
from flexstream.automata.tallies import Tallies

LEARNED, RATE = 0.7, 0.01
STATISTICS = (WORST, BITS, COUNTS)
SUBSETS = (STATISTICS, (WORST, BITS), (WORST,), (BITS,), (COUNTS,))
PUBLISHED = (
    ("DeepLog", 0.945),
    ("LogAnomaly", 0.976),
    ("RobustLog", 0.940),
    ("PCA", 0.769),
    ("invariants (IM)", 0.915),
    ("counts of events", 0.960),
    ("events, length and counts", 0.988),
    ("2-gram", 0.852),
)
"""F1 on HDFS as given in the READMEs of public implementations; theirs are other samples of the same log, and some of
them set their level by the labels."""
Sessions = list[list[str]]
Scores = NDArray[np.int32]


def area(p_values: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve; ties count half.

    >>> area(np.array([0.4, 0.3, 0.3, 0.1]), np.array([False, False, True, True]))
    0.875
    """
    one, other = p_values[wrong][:, None], p_values[~wrong]
    return float(np.mean((one < other) + 0.5 * (one == other)))


def figures(p_values: NDArray[np.float64], wrong: NDArray[np.bool_]) -> dict[str, float]:
    """Return AUC, F1 and the rate of false alarms."""
    alarm = p_values <= RATE
    right = float(np.count_nonzero(alarm & wrong))
    f1 = 2 * right / float(alarm.sum() + wrong.sum())
    return {"auc": area(p_values, wrong), "f1": f1, "false": float(alarm[~wrong].mean())}


class Bigram:
    """A 2-gram with Witten-Bell smoothing over all symbols and one for the unknown; None is start and end."""

    def __init__(self, sessions: Sessions) -> None:
        self.pairs = Counter(pair for session in sessions for pair in _pairs(session))
        self.single = Counter(after for session in sessions for _, after in _pairs(session))
        self.total = Counter(before for session in sessions for before, _ in _pairs(session))
        self.kinds = Counter(before for before, _ in self.pairs)
        self.events = self.single.total()

    def scores(self, sessions: Sessions) -> Scores:
        """Return worst outcome and bits per outcome of sessions, rounded as the judge's are."""
        bits = [[-math.log2(self._chance(*pair)) for pair in _pairs(session)] for session in sessions]
        rows = [np.array([max(row) for row in bits]), np.array([fmean(row) for row in bits])]
        return np.stack([rounded(row) for row in rows], axis=1)

    def _chance(self, before: str | None, after: str | None) -> float:
        below = (self.single[after] + 1 / (len(self.single) + 1)) / (self.events + 1)
        total, kinds = self.total[before], self.kinds[before]
        return (self.pairs[before, after] + kinds * below) / (total + kinds) if total else below


def _pairs(session: list[str]) -> list[tuple[str | None, str | None]]:
    return list(zip([None, *session], [*session, None], strict=True))


def by_automaton(learned: Sessions, labelled: Sessions, wrong: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    """Return the figures of a learner's model, by all statistics and by some."""
    learner = StreamLearner()
    learner.learn_many(learned)
    model, drawn = learner.automaton, learner.drawn.held()
    batch = TraceBatch.from_traces(labelled, model.alphabet())
    found = {"all": figures(Judge(model, RATE).p_values(batch), wrong)}  # as "worst + bits + counts", by another way
    tallies = Tallies.of(drawn, len(model.symbols))
    for names in SUBSETS:
        optimism = known.optimism if (known := model.calibration) is not None and names == STATISTICS else None
        usual = Calibration.of(strangeness_left_out(model, tallies, drawn, names), names, tallies, optimism=optimism)
        scores = strangeness(model, tallies, batch, names)
        found[" + ".join(names)] = figures(usual.judged(scores).p_values, wrong)
    return found


def by_bigram(
    learned: Sessions, held_out: Sessions, labelled: Sessions, wrong: NDArray[np.bool_]
) -> dict[str, dict[str, float]]:
    """Return the figures of a 2-gram, by all statistics and by its own."""
    bigram, alphabet = Bigram(learned), Alphabet()
    tallies = Tallies.of(TraceBatch.from_traces(learned, alphabet), len(alphabet))
    scores = []
    for sessions in (held_out, labelled):
        counts = rounded(tallies.surprise(TraceBatch.from_traces(sessions, alphabet)))
        scores.append(np.column_stack([bigram.scores(sessions), counts]))
    usual = Tallies.of(TraceBatch.from_traces(held_out, alphabet), len(alphabet))
    found = {}
    for names in SUBSETS[:4]:
        columns = [STATISTICS.index(name) for name in names]
        known = Calibration.of(scores[0][:, columns], names, usual)
        found[" + ".join(names)] = figures(known.judged(scores[1][:, columns]).p_values, wrong)
    return found


def split(normal: Sessions, labelled: Sessions, wrong: NDArray[np.bool_], seed: int) -> dict[str, Any]:
    """Return what one split of the healthy sessions finds, by model and statistics."""
    order = np.random.default_rng(seed).permutation(len(normal)).tolist()
    cut = round(LEARNED * len(normal))
    learned, held_out = ([normal[number] for number in part] for part in (order[:cut], order[cut:]))
    return {
        "automaton": by_automaton(learned, labelled, wrong),
        "2-gram": by_bigram(learned, held_out, labelled, wrong),
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``alarms``: means over the splits, by model and statistics; ``published``: what others have published."""
    splits = result["measured"]["splits"]
    rows = []
    for model, told in ((one, told) for one, figures in splits[0].items() for told in figures if told != "all"):
        means = (fmean(split[model][told][figure] for split in splits) for figure in ("auc", "f1", "false"))
        rows.append([model, told, *(f"{mean:.3f}" for mean in means)])
    columns = ("model", "told by", "AUC", "F1", "false alarms")
    published = [[name, f"{f1:.3f}"] for name, f1 in PUBLISHED]
    return {"alarms": Table(columns, rows, "llrrr"), "published": Table(("published for HDFS", "F1"), published, "lr")}


def main() -> None:
    """Measure and print the tables."""
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
