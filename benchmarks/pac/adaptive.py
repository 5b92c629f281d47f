"""Claim: told neither n nor mu, Balle's learner claims what is right, and notices changes within two windows.

    python benchmarks/pac/adaptive.py [--streams 100] [--eps 0.1] [--delta 0.05] [--json OUT] [--markdown OUT]

A *claim* is right if its states are different states of the target, its transitions lead where the target's lead, and
what leaves it has a probability of at most epsilon; all three are computed from the target.  Claims are counted apart
by whether the target's states differ by the mu that they suppose.  Beside the search stands the same learner in one
round with the target's own n and mu.  Quiet streams go on after that; in changed ones the source is another from some
string on, when the reference is whole.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.rates import cell, rate
from shared.results import Result, finish, parser_of
from shared.streams import sample_batch
from shared.tables import Table

from flexstream import PDFA
from flexstream.pac.demand import Demand
from flexstream.pac.planning.reads import search_strings
from flexstream.pac.search.adaptive_learner import AdaptiveLearner
from flexstream.pac.search.found import Found
from flexstream.pac.sizes import amount
from flexstream.pac.theorems.guesses import Guess
from flexstream.targets import from_rows, reber

PART = 10_000
LONGEST = 60_000
"""Strings after a change, at most."""
DEEPEST = 12
"""Longest words by which states are compared here."""
SHIFTS = (0.05, 0.1, 0.2, 0.4)


def turns(apart: float) -> PDFA:
    """Return two states by turns, which differ by ``apart`` in the probability of one event."""
    rows: dict[int, dict[str | None, tuple[float, int]]] = {
        0: {"a": (0.4 + apart / 2, 1), "b": (0.4 - apart / 2, 0), None: (0.2, 0)},
        1: {"a": (0.4 - apart / 2, 0), "b": (0.4 + apart / 2, 1), None: (0.2, 0)},
    }
    return from_rows(rows)


def fork(chance: float) -> PDFA:
    """Return a source whose strings come to the second state with a probability given."""
    rows: dict[int, dict[str | None, tuple[float, int]]] = {
        0: {"a": (chance, 1), "b": (0.9 - chance, 2), None: (0.1, 0)},
        1: {"a": (0.5, 1), None: (0.5, 0)},
        2: {"b": (0.5, 2), None: (0.5, 0)},
    }
    return from_rows(rows)


TARGETS: dict[str, tuple[PDFA, int, int]] = {  # how many strings a stream has, and how many streams of 100 there are
    "Reber grammar": (reber(), 120_000, 100),
    "two states, 0.6 apart": (turns(0.6), 40_000, 100),
    "two states, 0.2 apart": (turns(0.2), 110_000, 100),
    "two states, 0.1 apart": (turns(0.1), 430_000, 20),
    "fork": (fork(0.3), 40_000, 100),
}


def distinguishability(target: PDFA) -> float:
    """Return the least over pairs of states of the largest difference of a prefix's probability, or of a word's."""
    outcomes = [{edge.symbol: (edge.probability, edge.target) for edge in rows(target, q)} for q in range(len(target))]
    ends = target.stops / target.visits

    def apart(one: int, other: int, chances: tuple[float, float], best: float, depth: int) -> float:
        best = max(best, abs(chances[0] * ends[one] - chances[1] * ends[other]))
        for symbol in {*outcomes[one], *outcomes[other]}:
            (p, q), (r, s) = outcomes[one].get(symbol, (0.0, one)), outcomes[other].get(symbol, (0.0, other))
            longer = chances[0] * p, chances[1] * r
            best = max(best, abs(longer[0] - longer[1]))
            if depth and max(longer) > best:
                best = apart(q, s, longer, best, depth - 1)
        return best

    pairs = [(one, other) for other in range(len(target)) for one in range(other)]
    return float(min((apart(*pair, (1.0, 1.0), 0.0, DEEPEST) for pair in pairs), default=1.0))


def rows(target: PDFA, state: int) -> list[Any]:
    """Return the transitions of a state."""
    return [edge for edge in target.transitions() if edge.source == state]


def right(found: Found, target: PDFA) -> bool:
    """Tell whether a claim is right; symbols have the target's ids."""
    ids = {symbol: number for number, symbol in enumerate(target.symbols)}
    leads = [
        {ids[edge.symbol]: (edge.probability, edge.target) for edge in rows(target, q)} for q in range(len(target))
    ]
    stands, waiting = {0: 0}, [0]
    while waiting:
        state = waiting.pop()
        for symbol, to in found.edges[state].items():
            if ord(symbol) - 1 not in leads[stands[state]]:
                return False
            truth = leads[stands[state]][ord(symbol) - 1][1]
            if to not in stands:
                stands[to] = truth
                waiting.append(to)
            elif stands[to] != truth:
                return False
    states = len(found.edges)
    if len(stands) < states or len(set(stands.values())) < states:
        return False
    stays = np.zeros((states, states))
    for state, edges in enumerate(found.edges):
        for symbol, to in edges.items():
            stays[state, to] += leads[stands[state]][ord(symbol) - 1][0]
    ends = np.array([(target.stops / target.visits)[stands[state]] for state in range(states)])
    return bool(1 - np.linalg.solve(np.eye(states) - stays, ends)[0] <= found.eps + 1e-9)


def learn(learner: AdaptiveLearner, target: PDFA, strings: int, random: np.random.Generator) -> None:
    """Let a learner learn so many strings more."""
    for symbol in target.symbols:
        learner.alphabet.id(symbol)
    for start in range(0, strings, PART):
        learner.learn_many(sample_batch(target, min(PART, strings - start), random))


def study(args: argparse.Namespace, name: str) -> dict[str, Any]:
    """Let the search, and the learner that knows, learn all streams of a target."""
    target, strings, share = TARGETS[name]
    streams = args.streams * share // 100
    mu, states = distinguishability(target), len(target)
    claims, wrong, beyond, beyond_wrong, alarms = 0, 0, 0, 0, 0
    needed, known, streams_wrong = [], [], 0
    for seed in range(streams):
        searching = AdaptiveLearner(args.eps, args.delta)
        learn(searching, target, strings, np.random.default_rng([seed, 1]))
        alarms += bool(searching.noticed)
        good = [right(found, target) for found in searching.finds]
        held = [found.guess.mu <= mu for found in searching.finds]
        claims, beyond = claims + sum(held), beyond + len(held) - sum(held)
        bad = sum(one and not other for one, other in zip(held, good, strict=True))
        wrong, streams_wrong = wrong + bad, streams_wrong + bool(bad)
        beyond_wrong += sum(not one and not other for one, other in zip(held, good, strict=True))
        needed += [found.since + found.strings for found, one in zip(searching.finds, held, strict=True) if one][:1]
        knowing = AdaptiveLearner(args.eps, args.delta, guess=Guess(states, mu), rounds=1)
        random = np.random.default_rng([seed, 2])
        while not knowing.finds and knowing.strings < strings:
            learn(knowing, target, PART, random)
        known += [found.strings for found in knowing.finds]
    demand = Demand(states, len(target.symbols), mu, 5.0, args.eps, args.delta)
    row = {
        **{"target": name, "states": states, "mu": mu, "strings": strings, "streams": streams},
        **{"claims": claims, "wrong": wrong, "streams_wrong": rate(streams_wrong, streams)},
        **{"beyond": beyond, "beyond_wrong": beyond_wrong, "ended": len(needed), "alarms": rate(alarms, streams)},
        **{"needed": mean(needed) if needed else None, "known": mean(known) if known else None},
        **{"known_ended": len(known), "proven": search_strings(demand)},
    }
    print(row, flush=True)
    return row


def changed(args: argparse.Namespace, shift: float) -> dict[str, Any]:
    """Let the source change by so much in all streams, at different places of a window."""
    before, after = fork(0.3), fork(0.3 + shift)
    within, noticed, anew, delays, bounds = 0, 0, 0, [], []
    for seed in range(args.streams):
        random = np.random.default_rng([seed, 3])
        learner = AdaptiveLearner(args.eps, args.delta)
        while learner.longest_delay is None:
            learn(learner, before, 2000, random)
        learn(learner, before, int(random.integers(8000)), random)
        came, bound = learner.strings, learner.longest_delay
        assert bound is not None
        while learner.strings < came + LONGEST and not (learner.noticed and learner.found):
            learn(learner, after, 2000, random)
        if learner.noticed:
            delay = learner.noticed[0].strings - came
            noticed, within = noticed + 1, within + (delay <= bound)
            delays.append(delay)
            good = [found for found in learner.finds if found.since >= learner.noticed[0].strings]
            anew += bool(good) and all(right(found, after) for found in good)
        bounds.append(bound)
    row = {
        **{"shift": shift, "streams": args.streams, "noticed": noticed, "within": rate(within, args.streams)},
        **{"delay": mean(delays) if delays else None, "longest": max(delays, default=None), "bound": max(bounds)},
        "anew": anew,
    }
    print(row, flush=True)
    return row


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _search_row(row: dict[str, Any]) -> list[str]:
    ratio = f"{row['needed'] / row['known']:.1f}" if row["needed"] and row["known"] else "-"
    return [
        row["target"],
        f"{row['mu']:.3f}",
        f"{row['streams']}",
        f"{row['claims']}",
        f"{row['wrong']}; in {cell(row['streams_wrong'])}",
        f"{row['beyond_wrong']} of {row['beyond']}",
        f"{_number(row['needed'])} ({row['ended']} streams)",
        _number(row["known"]),
        ratio,
        amount(row["proven"]),
    ]


def _changed_row(row: dict[str, Any]) -> list[str]:
    counts = [f"{row['shift']:g}", f"{row['streams']}", f"{row['noticed']}", cell(row["within"])]
    return [*counts, *(_number(row[name]) for name in ("delay", "longest", "bound")), f"{row['anew']}"]


def tables(result: Result) -> dict[str, Table]:
    """Return ``search``, ``quiet`` and ``changed``."""
    found, shifts = result["measured"]["search"], result["measured"]["changed"]
    head = ("target", "μ", "streams", "claims whose μ holds", "of these wrong", "with too large a μ: wrong")
    strings = ("strings until the first", "told n and μ", "ratio", "proven")
    quiet = [[row["target"], f"{row['strings']:,}", f"{row['streams']}", cell(row["alarms"])] for row in found]
    after = [_changed_row(row) for row in shifts]
    columns = ("shift", "streams", "noticed", "within two windows", "delay: mean", "longest", "two windows at most")
    return {
        "search": Table((*head, *strings), [_search_row(row) for row in found], "lrrrrrrrrr"),
        "quiet": Table(("target", "strings", "streams", "false alarms"), quiet, "lrrr"),
        "changed": Table((*columns, "then found anew, right"), after, "rrrrrrrr"),
    }


def main() -> None:
    """Print all three."""
    parser = parser_of(__doc__)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--eps", type=float, default=0.1)
    parser.add_argument("--delta", type=float, default=0.05)
    args = parser.parse_args()
    found = [study(args, name) for name in TARGETS]
    finish(__file__, args, {"search": found, "changed": [changed(args, shift) for shift in SHIFTS]}, tables)


if __name__ == "__main__":
    main()
