"""Claim: what comes next in a process is foretold as well as by the best of n-grams and PPM, each tuned for the log.

    python benchmarks/quality/foretell.py FILE... [--json OUT] [--markdown OUT]

The first 70 % of a log's cases, by their start, are learned, the others foretold: each event and the end, in bits an
outcome, and how often the outcome that is held likeliest comes.  FlexStream learns with its defaults, and an
ensemble of 16.  The order of each baseline is chosen by the last fifth of the cases that are learned; then it learns
all of them.  What baselines foretell in any order is measured too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
import numpy as np
from shared.baselines.backoff import KINDS, Context, Shares, padded_of
from shared.logs import Traces, by_start
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, Alphabet, Ensemble, StreamLearner
from flexstream.automata.pdfa import END, UNKNOWN

LEARNED = 0.7
TUNED = 0.8
"""Share of the cases that are learned with, by which the rest judges the order of a baseline."""
MOST = 1.01
"""Times the bits of the best baseline that the automaton may take."""

Foreteller = Callable[[Context], Shares]


def judged(model: Foreteller, traces: list[Sequence[int]], alphabet: int) -> dict[str, float]:
    """Return bits an outcome, and the share of the outcomes that were held likeliest."""
    bits = hits = outcomes = 0.0
    for trace in traces:
        padded = padded_of(trace, alphabet)
        for at in range(1, len(padded)):
            shares = model(padded[:at])
            bits -= float(np.log2(shares[padded[at]]))
            hits += int(shares.argmax()) == padded[at]
        outcomes += len(padded) - 1
    return {"bits": bits / outcomes, "accuracy": hits / outcomes}


def automaton_of(model: PDFA | Ensemble) -> Foreteller:
    """Let an automaton or an ensemble foretell; its symbols have the ids that contexts have."""
    rows: dict[Context, Shares] = {}

    def shares(context: Context) -> Shares:
        if context not in rows:
            prefix = [model.symbols[symbol - 2] if symbol >= 2 else "\0unknown" for symbol in context[1:]]
            found = model.predict_proba_one(prefix)
            rows[context] = np.array([found[END], found[UNKNOWN], *(found[symbol] for symbol in model.symbols)])
        return rows[context]

    return shares


def baselines(known: list[Sequence[int]], held: list[Sequence[int]], alphabet: int) -> dict[str, Any]:
    """Return for each kind its bits and accuracy in every order, and which order the cases learned speak for."""
    cut = round(TUNED * len(known))
    found = {}
    for kind, (make, orders) in KINDS.items():
        tuning = {order: judged(make(known[:cut], alphabet, order).shares, known[cut:], alphabet) for order in orders}
        chosen = min(orders, key=lambda order: tuning[order]["bits"])
        rows = {order: judged(make(known, alphabet, order).shares, held, alphabet) for order in orders}
        found[kind] = {"order": chosen, **rows[chosen], "orders": {str(order): row for order, row in rows.items()}}
    return found


def measured(traces: Traces) -> dict[str, Any]:
    """Return what is foretold of the last cases of a log."""
    cut = round(LEARNED * len(traces))
    learner = StreamLearner()
    learner.learn_many(traces[:cut])
    model, alphabet = learner.automaton, Alphabet(learner.automaton.symbols)
    ids = [alphabet.encode(trace).tolist() for trace in traces]
    size = len(model.symbols)
    theirs = baselines(ids[:cut], ids[cut:], size)
    ours = judged(automaton_of(model), ids[cut:], size)
    best = min(row["bits"] for row in theirs.values())
    several = StreamLearner(ensemble=16)
    several.learn_many(traces[:cut])
    ensemble = judged(automaton_of(several.model), ids[cut:], size)
    return {
        "traces": len(traces),
        "symbols": size,
        "states": len(model),
        "automaton": ours,
        "baselines": theirs,
        "ratio": ours["bits"] / best,
        "ensemble": ensemble,
        "ensemble_ratio": ensemble["bits"] / best,
        "best_accuracy": max(row["accuracy"] for row in theirs.values()),
        "unseen": int(np.count_nonzero([model.score_one(trace).unseen for trace in traces[:cut]])),
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``logs``: bits an outcome, and accuracy, of the automaton and of each kind of baseline."""
    head = (
        "log",
        "states",
        "bits an outcome",
        *KINDS,
        "of the best",
        "ensemble",
        "of the best",
        "accuracy",
        "best of theirs",
    )
    return {"logs": Table(head, [cells(name, one) for name, one in result["measured"]["logs"].items()])}


def cells(name: str, one: dict[str, Any]) -> list[str]:
    """Return a row of the table; the order of a baseline stands behind its bits."""
    theirs = [f"{row['bits']:.3f} ({row['order']})" for row in one["baselines"].values()]
    accuracy = [f"{value:.3f}" for value in (one["automaton"]["accuracy"], one["best_accuracy"])]
    return [
        f"`{name}`",
        str(one["states"]),
        f"{one['automaton']['bits']:.3f}",
        *theirs,
        f"{one['ratio']:.3f}",
        f"{one['ensemble']['bits']:.3f}",
        f"{one['ensemble_ratio']:.3f}",
        *accuracy,
    ]


def main() -> None:
    """Measure and print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    args = parser.parse_args()
    logs = {}
    for path in args.files:
        logs[path.name] = measured(by_start(path))
        print("  ".join(cells(path.name, logs[path.name])), flush=True)
    met = sum(one["ratio"] <= MOST for one in logs.values())
    finish(__file__, args, {"logs": logs, "met": met, "taken": len(logs)}, tables)


if __name__ == "__main__":
    main()
