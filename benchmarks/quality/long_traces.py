"""Claim: long traces that went wrong are told from others no worse than by the best n-gram of up to six symbols.

    python benchmarks/quality/long_traces.py [--sources 1,2,unsure] [--json OUT] [--markdown OUT]

For each source 200 traces of `flexstream.targets.LongSource` are learned, and 100 others are set against 50 that are
altered in each of its ways.  A trace is as strange as its bits an event, for every model.  AUC is the chance that of
two traces the altered one is stranger.  N-grams are interpolated (Witten & Bell 1991), of 2 to 6 symbols with the
one that they foretell; the best is chosen by its AUC afterwards.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.baselines.ngram import learned
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import StreamLearner, TraceBatch
from flexstream.targets import LongSource
from flexstream.targets.long_traces import ALTERATIONS

LEARNED, NORMAL, ALTERED = 200, 100, 50
ORDERS = (2, 3, 4, 5, 6)
SOURCES = {
    "1": LongSource(1),
    "2": LongSource(2),
    "unsure": LongSource(3, concentration=1.0),
    "branching": LongSource(4, branches=6),
    "rarely rare": LongSource(5, rare=0.002, rare_branches=20),
}


def strangeness(model: Any, batch: TraceBatch) -> NDArray[np.float64]:
    """Return the bits an event of each trace."""
    return np.asarray(-model.score_batch(batch)[0] / (1 + np.diff(batch.offsets)))


def auc(normal: NDArray[np.float64], altered: NDArray[np.float64]) -> float:
    """Return the chance that an altered trace is stranger."""
    above = altered[:, np.newaxis] - normal
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def judged(model: Any, batches: dict[str, TraceBatch]) -> dict[str, float]:
    """Return AUC by alteration, of all together, and the bits an event of normal traces."""
    found = {kind: strangeness(model, batch) for kind, batch in batches.items()}
    normal = found.pop("normal")
    rows = {kind: auc(normal, values) for kind, values in found.items()}
    return {**rows, "all": auc(normal, np.concatenate([*found.values()])), "bits": float(normal.mean())}


def measured(source: LongSource) -> dict[str, Any]:
    """Return what the models of one source say."""
    seed, learner = source.seed, StreamLearner()
    learner.learn_many(source.sample(LEARNED, seed=100 + seed))
    alphabet = learner.alphabet
    traces = {"normal": source.sample(NORMAL, seed=200 + seed)}
    traces |= {kind: source.altered(kind, ALTERED, seed=300 + seed) for kind in ALTERATIONS}
    train = TraceBatch.from_traces(source.sample(LEARNED, seed=100 + seed), alphabet)
    batches = {kind: TraceBatch.from_traces(rows, alphabet) for kind, rows in traces.items()}
    found: dict[str, Any] = {"states": len(learner.automaton), "automaton": judged(learner.automaton, batches)}
    for n in ORDERS:
        found[f"{n}-gram"] = judged(learned([train], alphabet, n=n), batches)
    return found


def tables(result: Result) -> dict[str, Table]:
    """Return ``models``: AUC of each model on each source, by alteration."""
    rows = []
    for name_of_source, found in result["measured"]["sources"].items():
        best = max((found[f"{n}-gram"]["all"], f"{n}-gram") for n in ORDERS)[1]
        for name in ("automaton", best):
            values = found[name]
            cells = [f"{values[kind]:.3f}" for kind in (*ALTERATIONS, "all")]
            rows.append([name_of_source, f"{name}, {found['states']} states" if name == "automaton" else name, *cells])
            rows[-1].append(f"{values['bits']:.3f}")
    return {"models": Table(("source", "model", *ALTERATIONS, "all", "bits an event"), rows)}


def main() -> None:
    """Measure and print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--sources", default=",".join(SOURCES))
    args = parser.parse_args()
    found = {name: measured(SOURCES[name]) for name in args.sources.split(",")}
    finish(__file__, args, {"sources": found}, tables)


if __name__ == "__main__":
    main()
