"""Claim: of traces like those learned from a share of the rate alarms at most, whatever the source and the size.

    python benchmarks/quality/rates.py [--most 120] [--json OUT] [--markdown OUT]

Traces of several kinds of sources are learned, and as many as 2,000 others of each are judged: random automata, small
ones and such as few traces tell little of, hidden Markov models, names that are ever new, steps that take as long as
their symbol says, and a fleet whose members have probabilities of their own, each judged as the fleet judges it.  What
alarms is put in relation to the rate; beside it stands the same of models that take their states for known, as though
the traces they are calibrated by had had no part in finding them.  A rate that a model refuses is not judged.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
import numpy as np
from fleets import laws
from numpy.typing import NDArray
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, Alphabet, FleetLearner, Judge, ModelError, StreamLearner, TraceBatch
from flexstream.automata.fleet import Fleet
from flexstream.monitoring.fleet_alarm import FleetJudge
from flexstream.stream.durations import bins_of
from flexstream.targets import Recipe, random_hmm, random_pdfa

RATES = (0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
SHOWN = (0.2, 0.1, 0.02, 0.01, 0.002)
SIZES, JUDGED, MEMBERS = (60, 200, 1000, 4000), 2000, 6
Traces = list[list[str]]


def _automaton(states: int, symbols: int) -> Callable[[int, int], Traces]:
    recipe = Recipe(states=states, symbols=symbols, mean_length=10.0)
    return lambda seed, traces: random_pdfa(recipe, seed).sample(traces, seed + 1)


def _hidden(seed: int, traces: int) -> Traces:
    return random_hmm(Recipe(states=8, symbols=8, mean_length=10.0), seed).sample(traces, seed + 1)


def _new_names(seed: int, traces: int) -> Traces:
    """Return traces of independent symbols of which ever new ones come."""
    random = np.random.default_rng(seed)
    lengths = 1 + random.poisson(7, traces)
    names = np.split(np.minimum(random.zipf(1.6, lengths.sum()), 10**6), np.cumsum(lengths)[:-1])
    return [[str(name) for name in trace] for trace in names]


KINDS: dict[str, Callable[[int, int], Traces]] = {
    "automata, 4 states": _automaton(4, 3),
    "automata, 20 states": _automaton(20, 10),
    "automata, 80 states": _automaton(80, 30),
    "hidden Markov models": _hidden,
    "names ever new": _new_names,
    "times": _automaton(10, 8),
}


def timed(traces: Traces, alphabet: Alphabet, seed: int) -> TraceBatch:
    """Return traces whose steps take as long as their symbol says, give or take a few times as long."""
    batch = TraceBatch.from_traces(traces, alphabet)
    middle, spread = np.random.default_rng(1).normal(3, 2, len(alphabet)), np.linspace(0.1, 1.2, len(alphabet))
    noise = np.random.default_rng(seed).normal(size=batch.events)
    seconds = np.exp(middle[batch.symbols] + spread[batch.symbols] * noise)
    seconds[batch.offsets[:-1][np.diff(batch.offsets) > 0]] = np.nan
    return TraceBatch(batch.symbols, batch.offsets, durations=bins_of(seconds))


def as_known(model: PDFA) -> PDFA:
    """Return a model that takes its states for known."""
    return replace(model, calibration=replace(model.calibration, optimism=None))


def shares(found: dict[str, list[float]], model: Any, judged: Callable[[Any, float], NDArray[np.float64]]) -> None:
    """Add the shares of the traces that alarm at each rate, as far as a model supports it."""
    for rate in RATES:
        try:
            found.setdefault(f"{rate:g}", []).append(float((judged(model, rate) <= rate).mean()))
        except ModelError:
            continue


def source(kind: str, traces: int, seed: int) -> dict[str, list[float]]:
    """Return the shares of traces that alarm, of a model as it is and of one that takes its states for known."""
    drawn = KINDS[kind](seed, traces + JUDGED)
    learner = StreamLearner()
    for name in sorted({name for trace in drawn for name in trace} if kind == "times" else ()):
        learner.alphabet.id(name)
    encoded = timed if kind == "times" else lambda part, alphabet, _: TraceBatch.from_traces(part, alphabet)
    learner.learn_many(encoded(drawn[:traces], learner.alphabet, seed))
    model = learner.automaton.alone
    batch = encoded(drawn[traces:], model.alphabet(), seed + 10**6)
    found: dict[str, dict[str, list[float]]] = {"kept": {}, "known": {}}
    for way, one in (("kept", model), ("known", as_known(model))):
        shares(found[way], one, lambda judge, rate: Judge(judge, rate).p_values(batch))
    return found


def fleet(traces: int, seed: int) -> dict[str, dict[str, list[float]]]:
    """Return the same of a fleet with probabilities of its members' own."""
    members = laws("varied", MEMBERS, seed)
    drawn = [law.sample(traces + JUDGED // MEMBERS, 7 * seed + place) for place, law in enumerate(members)]
    order = np.random.default_rng(seed).permutation(MEMBERS * traces).tolist()
    learner = FleetLearner()
    learner.learn_many([drawn[at % MEMBERS][at // MEMBERS] for at in order], [f"m{at % MEMBERS}" for at in order])
    made = learner.fleet()
    names = [f"m{place}" for place in range(MEMBERS) for _ in range(JUDGED // MEMBERS)]
    batch = TraceBatch.from_traces([trace for part in drawn for trace in part[traces:]], made.alphabet())
    batch = TraceBatch(batch.symbols, batch.offsets, members=names)
    found: dict[str, dict[str, list[float]]] = {"kept": {}, "known": {}}
    for way, one in (("kept", made), ("known", _fleet_as_known(made))):
        shares(found[way], one, lambda judge, rate: FleetJudge(judge, rate).p_values(batch))
    return found


def _fleet_as_known(made: Fleet) -> Fleet:
    members = [
        one if one.calibration is None else replace(one, calibration=replace(one.calibration, optimism=None))
        for one in made.members
    ]
    return replace(made, pool=as_known(made.base), members=members)


def study(kind: str, traces: int, sources: int) -> dict[str, Any]:
    """Return the shares that alarm of many sources of a kind, by the way they are judged and the rate."""
    total: dict[str, dict[str, list[float]]] = {"kept": {}, "known": {}}
    for seed in range(sources):
        found = fleet(traces, seed) if kind == "fleets of 6" else source(kind, traces, seed)
        for way, rates in found.items():
            for rate, values in rates.items():
                total[way].setdefault(rate, []).extend(round(value, 5) for value in values)
    return {"kind": kind, "traces": traces, "sources": sources, "shares": total}


def _cell(values: list[float], rate: float, sources: int) -> str:
    """Return a mean share over the rate, with its standard error; of how many sources where some refuse the rate."""
    if len(values) < sources / 2:
        return ""
    error = float(np.std(values)) / len(values) ** 0.5 / rate
    return f"{np.mean(values) / rate:.2f} ± {error:.2f}" + ("" if len(values) == sources else f" ({len(values)})")


def tables(result: Result) -> dict[str, Table]:
    """Return ``rates``: what alarms over the rate, by kind and size; ``known``, where states count as known.

    Of the latter the rows are left out that are the same.
    """
    rows: dict[str, list[list[str]]] = {"kept": [], "known": []}
    for part in result["measured"]:
        for way, told in rows.items():
            found = part["shares"][way]
            cells = [_cell(found.get(f"{rate:g}", []), rate, part["sources"]) for rate in SHOWN]
            told.append([part["kind"], f"{part['traces']:,}", str(part["sources"]), *cells])
    rows["known"] = [row for row in rows["known"] if row not in rows["kept"]]
    head, align = ("traces", "sources", *(f"at {rate:g}" for rate in SHOWN)), "lrr" + "r" * len(SHOWN)
    return {
        "rates": Table(("source", *head), rows["kept"], align),
        "known": Table(("source, its states known", *head), rows["known"], align),
    }


def main() -> None:
    """Measure and print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--most", type=int, default=120, help="sources of a kind and size at most")
    args = parser.parse_args()
    measured = []
    for kind in (*KINDS, "fleets of 6"):
        for traces in SIZES:
            sources = max(args.most // 4, min(args.most, args.most * 250 // traces))
            measured.append(study(kind, traces, sources))
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
