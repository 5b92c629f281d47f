"""Claim: intervals hold that are watched, whether somebody looks once, seven times or 400 times.

    python benchmarks/pac/calibration_watched.py [--streams 1000] [--delta 0.1] [--looks 1,7,400] [--json OUT]
                                                 [--markdown OUT]

The structure of random targets is taken for known, so that every look counts; theorems 1, 5, 2 and 7 of docs/pac.md.
*Declared* are the number of looks and of strings, as with learn --looks.
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
from flexstream.pac.statistics.binomial import binomial_limits
from flexstream.pac.statistics.centred import STRENGTH, centred_sequence
from flexstream.pac.statistics.divergence import priced, strengths, whole_divergence
from flexstream.pac.statistics.intervals import confidence_sequence, mixture_cost
from flexstream.pac.theorems.balle import look_share
from flexstream.stream.batch import TraceBatch

WHOLE_LOOKS = 20
"""Looks at which the bound of the whole is held against the truth, at most."""


def visits_of(target: PDFA, batch: TraceBatch) -> NDArray[np.float64]:
    """Return how often each string took each outcome of each state, in all and at its first visit.

    Returns
    -------
    float64 array, shape (2, strings, states, outcomes)
    """
    outcomes, goal = table(target)
    found = np.zeros((2, len(batch), *outcomes.shape))
    lengths = np.diff(batch.offsets)
    state, met = np.zeros(len(batch), np.int64), np.zeros((len(batch), len(target)), np.bool_)
    for position in range(int(lengths.max()) + 1):
        alive = np.flatnonzero(lengths >= position)
        ended = lengths[alive] == position
        symbols = np.where(ended, 0, batch.symbols[np.minimum(batch.offsets[alive] + position, batch.events - 1)] + 1)
        found[0, alive, state[alive], symbols] += 1
        found[1, alive, state[alive], symbols] += ~met[alive, state[alive]]
        met[alive, state[alive]] = True
        state[alive] = goal[state[alive], symbols]
    return found


def watched(seed: int, delta: float, looks: int, strings: int = 3000) -> Counter[str]:
    """Watch one stream through its true structure; return what was false at any look, and the mean widths."""
    random = np.random.default_rng(seed)
    target = random_target(random, int(random.integers(2, 6)), int(random.integers(2, 4)))
    truth = table(target)[0]
    times = np.unique(np.geomspace(strings / 2 ** (looks - 1) if looks < 10 else 1, strings, looks).astype(int)) - 1
    counts, firsts = visits_of(target, sample_batch(target, strings, random)).cumsum(1)[:, times]
    share = shares.INTERVALS * delta / truth.size
    visits, trials = counts.sum(2, keepdims=True), firsts.sum(2, keepdims=True)

    def always(level: float) -> NDArray[np.float64]:
        return np.array(confidence_sequence(counts, visits, level))

    def planned(level: float) -> NDArray[np.float64]:
        levels = look_share(level, np.arange(1, len(times) + 1))  # type: ignore[arg-type]
        return np.array(binomial_limits(firsts, trials, np.reshape(levels, (-1, 1, 1))))

    half = always((1 - shares.PLANNED) * share), planned(shares.PLANNED * share)
    both = np.array([np.maximum(half[0][0], half[1][0]), np.minimum(half[0][1], half[1][1])])
    told = shares.Declared(len(times), strings)
    first = shares.PLANNED_ONCE if looks == 1 else shares.PLANNED
    centred = centred_sequence(counts, visits, (1 - first) * share, STRENGTH * strings)
    once = binomial_limits(firsts, trials, shares.of_declared(first * share, 1, told))
    declared = np.array([np.maximum(centred[0], once[0]), np.minimum(centred[1], once[1])])
    seen: Counter[str] = Counter()
    found = {"always": always(share), "planned": planned(share), "both": both, "declared": declared}
    for name, (low, high) in found.items():
        seen[name] = int(((truth < low) | (truth > high)).any())
        seen[f"{name}, width"] = float((high - low)[-1].mean())  # type: ignore[assignment]
    some = np.unique(np.linspace(0, len(times) - 1, WHOLE_LOOKS).astype(int))
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(counts > 0, counts * np.log(counts / visits / truth), 0).sum((1, 2)) / (times + 1)
    for name, low, strength in (("whole", both[0], None), ("whole declared", declared[0], STRENGTH * strings)):
        given = strengths(strength)
        seen_then = zip(counts[some], low[some], times[some] + 1, strict=True)
        bounds = [_bound(rows, least, at, given, shares.WHOLE * delta) for rows, least, at in seen_then]
        seen[name] = int((lost[some] > bounds).any())
        seen[f"{name}, width"] = math.sqrt(2 * bounds[-1])  # type: ignore[assignment]
    cost = sum(mixture_cost(row, truth.shape[1]) for row in counts[-1])
    once_known = math.sqrt(2 * (math.log(1 / (shares.WHOLE * delta)) + cost) / strings)
    seen["one mixture, width"] = once_known  # type: ignore[assignment]
    return seen


def _bound(
    counts: NDArray[np.float64],
    least: NDArray[np.float64],
    strings: int,
    given: list[tuple[float, float]],
    alpha: float,
) -> float:
    """Return the bound of the divergence of whole strings at one look."""
    used = np.flatnonzero(counts.sum(1) > 0)
    costs = [priced(counts[state], least[state], counts.shape[1], given) for state in used.tolist()]
    return whole_divergence(np.stack(costs, axis=-1), counts[used].sum(1) / strings, alpha)


METHODS = {
    "always": "theorem 1 alone",
    "planned": "theorem 5 alone",
    "both": "both, as in reports",
    "declared": "looks declared",
}
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
    whole = [f"{words}: {what}" for words in WHOLE.values() for what in ("misses", "L1", "of one mixture's")]
    return {
        "looks": Table(("looks", *head, "declared, of both"), [_cells(row) for row in rows], "r" * 10),
        "whole": Table(("looks", "stated", *whole), [_whole(row) for row in rows], "r" * 8),
    }


def _cells(row: dict[str, Any]) -> list[str]:
    found = [str(row["looks"])]
    for name in METHODS:
        found += [cell(row[name]["missed"]), f"{row[name]['width']:.4f}"]
    return [*found, f"{row['declared']['width'] / row['both']['width']:.3f}"]


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
