"""Claim: the models of a fleet's members foretell them nearly as well as the better of one model for all and one each.

    python benchmarks/quality/fleets.py [--seeds 5] [--json OUT] [--markdown OUT]

Members draw their traces from random automata of 15 states: all from one (*alike*), each from that with probabilities
of its own (*varied*), all but one from one (*odd*), or each from another (*different*).  What a trace of each member
that was not learned costs beyond what the truth says of it, in bits, is compared for the pool, for a model learned
from the member alone, and for the fleet; then the time that learning takes beside that of one model, members decided
about apart.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, FleetLearner, StreamLearner, TraceBatch
from flexstream.targets.generate import Recipe, random_pdfa

RECIPE = Recipe(states=15, symbols=8, mean_length=10)
SIZES = ((10, 30), (10, 300), (10, 2000), (50, 100))
"""Members, and traces of each."""
KINDS = {"alike": "all alike", "varied": "probabilities of their own", "odd": "one odd", "different": "all different"}
CONCENTRATION, FEWEST, HELD_OUT = 20, 0.3, 500
Traces = list[list[str]]


def varied(automaton: PDFA, random: np.random.Generator) -> PDFA:
    """Return an automaton with the same transitions and probabilities drawn around its own."""
    weights, stops = automaton.weights.copy(), automaton.stops.copy()
    for state in range(len(automaton)):
        edges = slice(automaton.offsets[state], automaton.offsets[state + 1])
        shares = np.append(weights[edges], stops[state])
        taken = shares > 0
        drawn = np.zeros(len(shares))
        drawn[taken] = random.dirichlet(np.maximum(shares[taken] / shares.sum() * CONCENTRATION, FEWEST))
        drawn = np.where(taken, np.maximum(drawn, 1e-4), 0.0)
        weights[edges], stops[state] = drawn[:-1] / drawn.sum(), drawn[-1] / drawn.sum()
    return replace(automaton, weights=weights, stops=stops, visits=np.ones(len(automaton)))


def laws(kind: str, members: int, seed: int) -> list[PDFA]:
    """Return the automaton of each member."""
    base, random = random_pdfa(RECIPE, seed).to_pdfa(), np.random.default_rng(seed)
    if kind == "varied":
        return [varied(base, random) for _ in range(members)]
    if kind == "different":
        return [random_pdfa(RECIPE, 100 * seed + member + 5000).to_pdfa() for member in range(members)]
    odd = random_pdfa(RECIPE, seed + 1000).to_pdfa()
    return [odd if kind == "odd" and not member else base for member in range(members)]


def cost(model: Any, traces: Traces) -> float:
    """Return the bits of a trace, on average."""
    return float(-model.score_batch(TraceBatch.from_traces(traces, model.alphabet()))[0].mean())


def study(kind: str, members: int, size: int, seed: int) -> dict[str, Any]:
    """Learn a fleet, and return what foretelling its members costs by each way."""
    truth = laws(kind, members, seed)
    seen = [law.sample(size, 7 * seed + member) for member, law in enumerate(truth)]
    ahead = [law.sample(HELD_OUT, 7 * seed + member + 10**6) for member, law in enumerate(truth)]
    order = np.random.default_rng(seed).permutation(members * size).tolist()
    traces, names = [seen[row // size][row % size] for row in order], [f"m{row // size}" for row in order]
    learner, plain = FleetLearner(), StreamLearner()
    seconds = {}
    for way, learn in (
        ("fleet", lambda: learner.learn_many(traces, names)),
        ("plain", lambda: plain.learn_many(traces)),
    ):
        started = time.perf_counter()
        learn()
        seconds[way] = time.perf_counter() - started
    started = time.perf_counter()
    fleet = learner.fleet()
    seconds["decided"] = time.perf_counter() - started
    found: dict[str, list[float]] = {"pool": [], "alone": [], "fleet": []}
    for member, law in enumerate(truth):
        known = [trace for trace in ahead[member] if np.isfinite(law.log2_prob(trace))]
        least = float(-np.mean([law.log2_prob(trace) for trace in known]))
        alone = StreamLearner().fit(seen[member]).model
        models = {"pool": fleet.pool, "alone": alone, "fleet": fleet.model(f"m{member}")}
        for way, model in models.items():
            found[way].append(cost(model, known) - least)
    return {
        "kind": kind,
        "members": members,
        "traces": size,
        "seed": seed,
        "bits": {way: float(np.mean(values)) for way, values in found.items()},
        "kinds": dict(Counter(member.kind for member in fleet.members)),
        "seconds": seconds,
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``bits``, the means over seeds."""
    groups: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    for row in result["measured"]:
        groups.setdefault((row["kind"], row["members"], row["traces"]), []).append(row)
    rows = [
        [
            KINDS[kind],
            f"{members}",
            f"{size:,}",
            *(f"{np.mean([row['bits'][way] for row in found]):.3f}" for way in ("pool", "alone", "fleet")),
            *(f"{np.mean([row['kinds'].get(name, 0) for row in found]):.1f}" for name in ("pooled", "partial", "own")),
            f"{np.median([row['seconds']['fleet'] / row['seconds']['plain'] for row in found]):.2f}",
            f"{1000 * np.mean([row['seconds']['decided'] / members for row in found]):.0f} ms",
        ]
        for (kind, members, size), found in groups.items()
    ]
    head = ("members", "how many", "traces of each", "one model", "one each", "fleet", "pooled", "partial", "own")
    return {"bits": Table((*head, "time of learning", "of deciding, a member"), rows)}


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    rows = []
    for kind in KINDS:
        for members, size in SIZES:
            for seed in range(1, args.seeds + 1):
                rows.append(study(kind, members, size, seed))
                print(rows[-1]["kind"], members, size, seed, rows[-1]["bits"], rows[-1]["kinds"], flush=True)
    finish(__file__, args, rows, tables)


if __name__ == "__main__":
    main()
