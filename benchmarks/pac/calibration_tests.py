"""Does the test of two nodes keep its levels?  With exact counts, with count-min estimates, with counters.

    python benchmarks/calibration_tests.py [--trials 10000]

Hoeffding's test is simulated at the sizes that lemmas 1 to 3 of docs/pac.md ask for, in the hardest case.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter

import numpy as np
from calibration import rate
from numpy.typing import NDArray

from flexstream.pac.hoeffding import (
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


def test_rates(trials: int, mu: float, alpha: float, failure: float) -> None:
    """Simulate the test at the sizes that the bounds ask for."""
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
    print(f"\ntest of two nodes: mu {mu}, alpha {alpha}, failure {failure}, {trials:,} trials, sketch {width}x{depth}")
    print(f"  sizes: {sizes['exact']:,} exact, {sizes['sketch']:,} with sketches")
    sharp = reject_level(sizes["exact"], sizes["exact"], alpha)
    print(f"  false rejects of a share, exact:   stated {2 * alpha:.4f}  {rate(seen['exact same first'], trials)}")
    print(f"    sharper, for equal sizes:        stated {sharp:.4f}")
    stated = 2 * alpha + 2 * gamma
    print(f"  false rejects of a share, sketch:  stated {stated:.4f}  {rate(seen['sketch same first'], trials)}")
    print(f"  false accepts of a pair, exact:    stated {failure:.4f}  {rate(trials - seen['exact apart'], trials)}")
    stated = failure + 2 * gamma
    print(f"  false accepts of a pair, sketch:   stated {stated:.4f}  {rate(trials - seen['sketch apart'], trials)}")
    print(f"  false rejects of a pair, threshold narrowed by beta instead: {rate(seen['narrowed same'], trials)}")


def cell_rates(trials: int, mu: float, failure: float, depth: int = 4, masked: float = 0.25) -> None:
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
    print(f"\ncounters row by row: mu {mu}, sketch {width}x{depth}, {size:,} visits a node, {trials:,} trials")
    print(f"  false rejects of a pair: stated {failure:.4f}  {rate(seen['same'], trials)}")
    stated = failure + math.exp(-depth)
    print(f"  false accepts of a pair: stated {stated:.4f}  {rate(trials - seen['apart'], trials)}", flush=True)


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=10_000)
    trials = parser.parse_args().trials
    test_rates(trials, mu=0.2, alpha=0.05, failure=0.05)
    cell_rates(trials, mu=0.2, failure=0.05)


if __name__ == "__main__":
    main()
