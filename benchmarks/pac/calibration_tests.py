"""Claim: the test of two nodes keeps its levels with exact counts, with count-min estimates and with counters.

    python benchmarks/pac/calibration_tests.py [--trials 10000] [--json OUT] [--markdown OUT]

Hoeffding's test is simulated at the sizes that lemmas 1 to 3 of docs/pac.md ask for, in the hardest case.
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
from shared.rates import cell, rate
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream.pac.statistics.hoeffding import (
    node_size,
    reject_level,
    sketched_node_size,
    sketched_threshold,
    threshold,
)


def futures(random: np.random.Generator, mu: float, number: int = 60) -> NDArray[np.float64]:
    """Draw two distributions of futures that differ by ``mu`` in the first, the hardest case: a share around one half.

    Returns
    -------
    float64 array, shape (2, futures)
    """
    rest = random.dirichlet(np.full(number - 1, 0.3), 2)
    first = 0.5 + np.array([[mu / 2], [-mu / 2]])
    return np.hstack([first, (1 - first) * rest])


def estimates(random: np.random.Generator, counts: NDArray[np.int64], width: int, depth: int) -> NDArray[np.float64]:
    """Return the count-min estimates of all shares of two nodes under the same hash functions."""
    least = np.full(counts.shape, np.inf)
    for _ in range(depth):
        cells = random.integers(0, width, counts.shape[1])
        rows = np.array([np.bincount(cells, row, width)[cells] for row in counts])
        least = np.minimum(least, rows)
    return least / counts.sum(1, keepdims=True)


def test_rates(trials: int, mu: float, alpha: float, failure: float) -> dict[str, dict[str, Any]]:
    """Simulate the test at the sizes that the bounds ask for; return rates and what is stated."""
    beta = mu / 4
    width, depth = int(np.ceil(np.e / beta)), 4
    gamma = float(np.exp(-depth))
    sizes = {"exact": int(node_size(mu, alpha, failure)), "sketch": int(sketched_node_size(mu, beta, alpha, failure))}
    limits = {
        "exact": threshold(sizes["exact"], sizes["exact"], alpha),
        "sketch": sketched_threshold(sizes["sketch"], sizes["sketch"], alpha, beta),
        "narrowed": threshold(sizes["sketch"], sizes["sketch"], alpha) - beta,
    }
    seen: Counter[str] = Counter()
    random = np.random.default_rng(1)
    for _ in range(trials):
        pair = futures(random, mu)
        for kind, chances in (("same", pair[[0, 0]]), ("apart", pair)):
            exact = np.array([random.multinomial(sizes["exact"], row) for row in chances])
            large = np.array([random.multinomial(sizes["sketch"], row) for row in chances])
            gaps = {"exact": np.abs(np.diff(exact / sizes["exact"], axis=0))[0]}
            gaps["sketch"] = np.abs(np.diff(estimates(random, large, width, depth), axis=0))[0]
            gaps["narrowed"] = gaps["sketch"]
            for name, gap in gaps.items():
                seen[f"{name} {kind} first"] += bool(gap[0] > limits[name])
                seen[f"{name} {kind}"] += bool((gap > limits[name]).any())
    return {
        f"exact counts, α = {alpha:g} (lemma 1)": {
            "visits": sizes["exact"],
            "rejects_stated": 2 * alpha,
            "rejects_sharper": reject_level(sizes["exact"], sizes["exact"], alpha),
            "rejects": rate(seen["exact same first"], trials),
            "accepts_stated": failure,
            "accepts": rate(trials - seen["exact apart"], trials),
        },
        f"count-min estimates, {width} x {depth} (lemma 2)": {
            "visits": sizes["sketch"],
            "rejects_stated": 2 * alpha + 2 * gamma,
            "rejects": rate(seen["sketch same first"], trials),
            "accepts_stated": failure + 2 * gamma,
            "accepts": rate(trials - seen["sketch apart"], trials),
        },
        "the same, threshold narrowed by β": {
            "visits": sizes["sketch"],
            "rejects": rate(seen["narrowed same"], trials),
        },
    }


def cell_rates(
    trials: int, mu: float, failure: float, depth: int = 4, masked: float = 0.25
) -> dict[str, dict[str, Any]]:
    """Simulate the test of counters row by row, at the size of docs/pac.md, theorem 4, for one pair of nodes."""
    width = math.ceil(2 * math.e / (masked * mu))
    alpha = failure / (2 * depth * width)  # two nodes, each in every counter
    size = math.ceil(8 / ((1 - masked) * mu) ** 2 * math.log(2 / alpha))
    limit = threshold(size, size, alpha)
    seen: Counter[str] = Counter()
    random = np.random.default_rng(2)
    for _ in range(trials):
        pair = futures(random, mu)
        cells = random.integers(0, width, (depth, pair.shape[1]))
        for kind, chances in (("same", pair[[0, 0]]), ("apart", pair)):
            counts = [random.multinomial(size, row) for row in chances]
            rows = [[np.bincount(row, node, width) for row in cells] for node in counts]
            seen[kind] += bool((np.abs(np.subtract(*rows)) / size > limit).any())
    return {
        f"counters, {width} x {depth} (lemma 3)": {
            "visits": size,
            "rejects_stated": failure,
            "rejects": rate(seen["same"], trials),
            "accepts_stated": failure + math.exp(-depth),
            "accepts": rate(trials - seen["apart"], trials),
        }
    }


def cells(name: str, row: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    stated = f"{row['rejects_stated']:.3g}" if "rejects_stated" in row else ""
    stated += f"; sharper {row['rejects_sharper']:.4f}" if "rejects_sharper" in row else ""
    accepts = [f"{row['accepts_stated']:.3g}", cell(row["accepts"])] if "accepts" in row else ["", ""]
    return [name, f"{row['visits']:,}", stated, cell(row["rejects"]), *accepts]


def tables(result: Result) -> dict[str, Table]:
    """Return ``tests``."""
    rows = [cells(name, row) for name, row in result["measured"]["tests"].items()]
    kinds = [f"false {kind}: {what}" for kind in ("rejections", "acceptances") for what in ("stated", "found")]
    return {"tests": Table(("", "visits", *kinds), rows)}


def main() -> None:
    """Print the rates."""
    parser = parser_of(__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    args = parser.parse_args()
    found = test_rates(args.trials, mu=0.2, alpha=0.05, failure=0.05) | cell_rates(args.trials, mu=0.2, failure=0.05)
    finish(__file__, args, {"tests": found}, tables)


if __name__ == "__main__":
    main()
