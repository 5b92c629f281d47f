"""Do intervals hold that are watched, and how much of their level is used up by one look, by seven, by 400?

    python benchmarks/calibration_watched.py [--streams 1000] [--delta 0.1] [--looks 1,7,400]

The structure of random targets is taken for known, so that every look counts; theorems 1, 5 and 2 of docs/pac.md.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter

import numpy as np
from calibration import SHARE, rate
from numpy.typing import NDArray
from shared.streams import random_target, sample_batch, table

from flexstream import PDFA
from flexstream.batch import TraceBatch
from flexstream.pac import analysis as shares
from flexstream.pac.balle import look_share
from flexstream.pac.binomial import binomial_limits
from flexstream.pac.intervals import confidence_sequence
from flexstream.pac.special import log_best, log_mixture


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
    seen: Counter[str] = Counter()
    for name, (low, high) in (("always", always(share)), ("planned", planned(share)), ("both", both)):
        seen[name] = int(((truth < low) | (truth > high)).any())
        seen[f"{name}, width"] = float((high - low)[-1].mean())  # type: ignore[assignment]
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(counts > 0, counts * np.log(counts / visits / truth), 0).sum((1, 2))
    cost = (log_best(counts) - log_mixture(counts, truth.shape[1])).sum(1)
    seen["whole"] = int((lost > math.log(1 / (shares.WHOLE * delta)) + cost).any())
    return seen


METHODS = {
    "always": "all visits, at all times",
    "planned": "first visits, at times fixed beforehand",
    "both": "both, half of the level each, as in reports",
    "whole": "bound of the whole",
}


def watching(number: int, delta: float, looks: int) -> None:
    """Simulate and print the rates at which anything is ever false."""
    total: Counter[str] = Counter()
    for seed in range(number):
        total.update(watched(10**6 + seed, delta, looks))
    print(f"\n{looks} looks up to the 3,000th string, structure known: {number:,} streams")
    for name, words in METHODS.items():
        stated = SHARE["whole" if name == "whole" else "interval"] * delta
        width = f"  mean width at the end {total[f'{name}, width'] / number:.4f}" if name != "whole" else ""
        print(
            f"  {words:<44} stated {stated:.4f}  missed {rate(total[name], number)}  "
            f"ratio {total[name] / number / stated:.2f}{width}",
            flush=True,
        )


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--delta", type=float, default=0.1)
    parser.add_argument("--looks", default="1,7,400")
    args = parser.parse_args()
    for looks in args.looks.split(","):
        watching(args.streams, args.delta, int(looks))


if __name__ == "__main__":
    main()
