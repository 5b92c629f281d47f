"""Claim: intervals hold that are watched, whether somebody looks once, seven times or 400 times.

    python benchmarks/pac/calibration_watched.py [--streams 1000] [--delta 0.1] [--looks 1,7,400] [--json OUT]
                                                 [--markdown OUT]

The structure of random targets is taken for known, so that every look counts; theorems 1, 5, 8, 2 and 7 of docs/pac.md.
*Half and half* are theorems 1 and 5, as in the first version of reports.  *Declared* are the number of looks and of
strings, as with learn --looks.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.rates import Rate, cell, rate
from shared.results import Result, finish, parser_of
from shared.streams import random_target, sample_batch, table
from shared.tables import Table

from flexstream import PDFA
from flexstream.pac.report import shares
from flexstream.pac.report.limits import Levels, Visits, levels, narrowest
from flexstream.pac.statistics.binomial import binomial_limits
from flexstream.pac.statistics.centred import STRENGTH
from flexstream.pac.statistics.divergence import Outcomes, priced, strengths, whole_divergence
from flexstream.pac.statistics.intervals import confidence_sequence, mixture_cost
from flexstream.pac.statistics.ordered_visits import ORDERS
from flexstream.pac.theorems.balle import look_share
from flexstream.stream.batch import TraceBatch

WHOLE_LOOKS = 20
"""Looks at which the bound of the whole is held against the truth, at most."""


def visits_of(target: PDFA, batch: TraceBatch) -> NDArray[np.float64]:
    """Return how often each string took each outcome of each state, in all and at its first visit, its second one, …

    Returns
    -------
    float64 array, shape (1 + ORDERS, strings, states, outcomes)
    """
    outcomes, goal = table(target)
    found = np.zeros((1 + ORDERS, len(batch), *outcomes.shape))
    lengths = np.diff(batch.offsets)
    state, met = np.zeros(len(batch), np.int64), np.zeros((len(batch), len(target)), np.int64)
    for position in range(int(lengths.max()) + 1):
        alive = np.flatnonzero(lengths >= position)
        ended = lengths[alive] == position
        symbols = np.where(ended, 0, batch.symbols[np.minimum(batch.offsets[alive] + position, batch.events - 1)] + 1)
        met[alive, state[alive]] += 1
        order = met[alive, state[alive]]
        found[0, alive, state[alive], symbols] += 1
        known = order <= ORDERS
        found[order[known], alive[known], state[alive][known], symbols[known]] += 1
        state[alive] = goal[state[alive], symbols]
    return found


def watched(seed: int, delta: float, looks: int, strings: int = 3000) -> Counter[str]:
    """Watch one stream through its true structure; return what was false at any look, and the mean widths."""
    random = np.random.default_rng(seed)
    target = random_target(random, int(random.integers(2, 6)), int(random.integers(2, 4)))
    truth = table(target)[0]
    times = np.unique(np.geomspace(strings / 2 ** (looks - 1) if looks < 10 else 1, strings, looks).astype(int)) - 1
    counts, *ordered = visits_of(target, sample_batch(target, strings, random)).cumsum(1)[:, times]
    visits = counts.sum(2, keepdims=True)
    share = shares.INTERVALS * delta / truth.size
    told, strength = shares.Declared(len(times), strings), STRENGTH * strings
    each = np.repeat(np.arange(1, len(times) + 1), truth.size)

    def always(level: float) -> NDArray[np.float64]:
        return np.array(confidence_sequence(counts, visits, level))

    def planned(level: float) -> NDArray[np.float64]:
        levels = look_share(level, each).reshape(counts.shape)  # type: ignore[arg-type, attr-defined]
        return np.array(binomial_limits(ordered[0], ordered[0].sum(2, keepdims=True), levels))

    def reported(level: Levels, strength: float | None) -> NDArray[np.float64]:
        trials = [np.broadcast_to(one.sum(2, keepdims=True), one.shape).ravel() for one in ordered]
        hits = [one.ravel() for one in ordered]
        every = np.broadcast_to(visits, counts.shape).ravel()
        seen = Visits(counts.ravel(), every, np.zeros(counts.size), np.array([hits, trials]))
        return narrowest(seen, level, strength).reshape(2, *counts.shape)

    half = always(share / 2), planned(share / 2)
    found = {
        "always": always(share),
        "planned": planned(share),
        "half": np.array([np.maximum(half[0][0], half[1][0]), np.minimum(half[0][1], half[1][1])]),
        "reported": reported(levels(share, ORDERS, each, None), None),  # type: ignore[arg-type]
        "declared": reported(levels(share, ORDERS, 1, told), strength),
    }
    seen: Counter[str] = Counter()
    for name, (low, high) in found.items():
        seen[name] = int(((truth < low) | (truth > high)).any())
        seen[f"{name}, width"] = float((high - low)[-1].mean())  # type: ignore[assignment]
    some = np.unique(np.linspace(0, len(times) - 1, WHOLE_LOOKS).astype(int))
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(counts > 0, counts * np.log(counts / visits / truth), 0).sum((1, 2)) / (times + 1)
    for name, limits, worth in (("whole", found["reported"], None), ("whole declared", found["declared"], strength)):
        given = strengths(worth)
        seen_then = zip(counts[some], limits.swapaxes(0, 1)[some], times[some] + 1, strict=True)
        bounds = [_bound(rows, ends, at, given, shares.WHOLE * delta) for rows, ends, at in seen_then]
        seen[name] = int((lost[some] > bounds).any())
        seen[f"{name}, width"] = math.sqrt(2 * bounds[-1])  # type: ignore[assignment]
    cost = sum(mixture_cost(row, truth.shape[1]) for row in counts[-1])
    once_known = math.sqrt(2 * (math.log(1 / (shares.WHOLE * delta)) + cost) / strings)
    seen["one mixture, width"] = once_known  # type: ignore[assignment]
    return seen


def _bound(
    counts: NDArray[np.float64],
    ends: NDArray[np.float64],
    strings: int,
    given: list[tuple[float, float]],
    alpha: float,
) -> float:
    """Return the bound of the divergence of whole strings at one look."""
    used = np.flatnonzero(counts.sum(1) > 0)
    costs = [priced(Outcomes(counts[state], *ends[:, state]), given) for state in used.tolist()]
    return whole_divergence(np.stack(costs, axis=-1), counts[used].sum(1) / strings, alpha)


METHODS = {
    "always": "theorem 1 alone",
    "planned": "theorem 5 alone",
    "half": "half and half",
    "reported": "reports",
    "declared": "looks declared",
}
AGAINST = "half"
"""What widths are held against: the first version of reports."""
WHOLE = {"whole": "not declared", "whole declared": "declared"}
STATED = dict.fromkeys(METHODS, shares.INTERVALS) | dict.fromkeys(WHOLE, shares.WHOLE)


def watching(number: int, delta: float, looks: int) -> dict[str, Any]:
    """Simulate; return the rates at which anything is ever false, and mean widths at the last look."""
    total: Counter[str] = Counter()
    for seed in range(number):
        total.update(watched(10**6 + seed, delta, looks))
    found: dict[str, Any] = {"looks": looks}
    for name, share in STATED.items():
        missed: Rate = rate(total[name], number)
        found[name] = {"stated": share * delta, "missed": missed, "ratio": total[name] / number / (share * delta)}
        found[name]["width"] = total[f"{name}, width"] / number
    found["one_mixture_width"] = total["one mixture, width"] / number
    return found


def tables(result: Result) -> dict[str, Table]:
    """Return ``looks`` and ``whole``."""
    rows = result["measured"]["looks"]
    head = [f"{words}: {what}" for words in METHODS.values() for what in ("misses", "width")]
    ratios = [f"{METHODS[name]}: of {METHODS[AGAINST]}'s width" for name in ("reported", "declared")]
    whole = [f"{words}: {what}" for words in WHOLE.values() for what in ("misses", "L1", "of one mixture's")]
    return {
        "looks": Table(("looks", *head, *ratios), [_cells(row) for row in rows], "r" * (3 + len(head))),
        "whole": Table(("looks", "stated", *whole), [_whole(row) for row in rows], "r" * 8),
    }


def _cells(row: dict[str, Any]) -> list[str]:
    found = [str(row["looks"])]
    for name in METHODS:
        found += [cell(row[name]["missed"]), f"{row[name]['width']:.4f}"]
    return [*found, *(f"{row[name]['width'] / row[AGAINST]['width']:.3f}" for name in ("reported", "declared"))]


def _whole(row: dict[str, Any]) -> list[str]:
    found = [str(row["looks"]), f"{row['whole']['stated']:g}"]
    for name in WHOLE:
        facts = row[name]
        found += [cell(facts["missed"]), f"{facts['width']:.4f}", f"{facts['width'] / row['one_mixture_width']:.3f}"]
    return found


def main() -> None:
    """Print the rates."""
    parser = parser_of(__doc__)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--delta", type=float, default=0.1)
    parser.add_argument("--looks", default="1,7,400")
    args = parser.parse_args()
    rows = [watching(args.streams, args.delta, int(looks)) for looks in args.looks.split(",")]
    finish(__file__, args, {"looks": rows}, tables)


if __name__ == "__main__":
    main()
