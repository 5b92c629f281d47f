"""The judge of ``spacesaving`` against its twin, on sketches of all sizes and shares."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from flexstream._kernels.spacesaving import CODES, COUNTS
from flexstream.merging.heuristics import make
from flexstream.summary.sketch import PrefixSketchShape

from ... import naive

COUNTERS = 5
NO_COUNTS = np.zeros((2, 2), np.int64)
NO_FUTURES = np.empty((0, 1), np.int32)
Sketch = list[tuple[dict[int, int], int]]


def sketch_of(rng: np.random.Generator, shares: np.ndarray, total: int, copies: int) -> Sketch:
    """Draw counters and totals of a node and of its resamples; some resamples of a few futures draw none."""
    found = [(dict(enumerate((shares * total).astype(int).tolist(), 1)), total)]
    for _ in range(copies):
        drawn = int(rng.poisson(total))
        counts = rng.multinomial(drawn, [*shares, 1 - shares.sum()])[: len(shares)]
        found.append(({item: int(count) for item, count in enumerate(counts, 1) if count}, drawn))
    return found


def laid_out(sketch: Sketch) -> np.ndarray:
    """Return a sketch as the kernels keep it, heaviest first."""
    array = np.zeros(PrefixSketchShape(COUNTERS, len(sketch) - 1).dimensions, np.int32)
    for copy, (counts, total) in enumerate(sketch):
        heavy = sorted(counts.items(), key=lambda pair: -pair[1])
        array[copy, CODES, : len(heavy) + 1] = [len(heavy), *(item for item, _ in heavy)]
        array[copy, COUNTS, : len(heavy) + 1] = [total, *(count for _, count in heavy)]
    return array


def pair_of(rng: np.random.Generator, copies: int) -> tuple[Sketch, Sketch]:
    """Draw two nodes: alike or apart, of few futures or many millions, the last counter heavy or light."""
    items = int(rng.integers(1, COUNTERS + 1))
    shares = rng.dirichlet(np.ones(items)) * rng.choice([1.0, 0.9]) * (1 - 1e-9)
    shares[-1] *= rng.choice([1.0, 1e-2, 1e-4])
    other = shares + rng.choice([0.0, 0.01, 0.1, 0.5]) * (rng.dirichlet(np.ones(items)) * shares.sum() - shares)
    totals = np.maximum(0, 10 ** rng.uniform(-0.3, 9, 2)).astype(int)
    if rng.random() < 0.5:
        totals[1] = min(2 * 10**9, totals[0] * int(rng.integers(1, 4)))
    return tuple(sketch_of(rng, part, int(n), copies) for part, n in zip((shares, other), totals, strict=True))  # type: ignore[return-value]


def options_of(rng: np.random.Generator, edition: int) -> dict[str, Any]:
    """Draw what the heuristic goes by."""
    states, symbols = (int(number) for number in rng.integers(1, 12, 2))
    mu, delta = float(rng.choice([0.01, 0.1, 0.5, 1.0])), float(rng.uniform(0.01, 0.9))
    return {"mu": mu, "delta": delta, "states": states, "symbols": symbols, "edition": edition}


def ask(one: Sketch, other: Sketch, **options: Any) -> tuple[float, float]:
    """Return what the judge says, and its twin."""
    made = make("spacesaving", counters=COUNTERS, copies=len(one) - 1, **options)
    sketches = laid_out(one), laid_out(other)
    found = float(made.judge(NO_COUNTS, np.ones(2), *sketches, NO_FUTURES, made.parameters()))
    share = options["delta"] / (2 * options["symbols"] * options["states"] * (options["states"] + 2))
    return found, naive.spacesaving(one, other, COUNTERS, options["mu"], share, options["edition"])


@pytest.mark.twin("judges.spacesaving")
@pytest.mark.parametrize(("edition", "copies"), [(2012, 0), (2012, 1), (2012, 3), (2014, 0)])
def test_judge_is_its_twin(edition: int, copies: int) -> None:
    rng, verdicts = np.random.default_rng(edition + copies), Counter[str]()
    for _ in range(1500):
        found, wanted = ask(*pair_of(rng, copies), **options_of(rng, edition))
        assert found == pytest.approx(wanted, rel=1e-9)
        verdicts["different" if wanted == -math.inf else "equal" if wanted > 0 else "not sure"] += 1
    assert min(verdicts[name] for name in ("different", "equal", "not sure")) > 9


@pytest.mark.twin("judges.spacesaving")
@pytest.mark.parametrize("strings", [300, 511, 512, 513, 1023, 1024, 2047, 2048, 2**20 - 1, 2**20])
def test_the_level_is_that_of_the_number_of_the_test(strings: int) -> None:
    """The least μ at which two nodes are equal is the same to a billionth: all of the level is in it."""
    one, other = ([({1: total}, total)] for total in (10**9, strings))
    options = {"delta": 0.5, "states": 1, "symbols": 1, "edition": 2012}
    level = 6 * (0.5 / 6) / (math.pi * max(1, math.floor(math.log2(strings / 128)))) ** 2
    size = 10**9 * strings / (math.sqrt(10**9) + math.sqrt(strings)) ** 2
    bound = math.sqrt(8 / size * math.log(16 * (10**9 + strings) / level))
    for factor in (1 - 1e-9, 1 + 1e-9):
        found, wanted = ask(one, other, mu=bound * factor, **options)
        assert found == pytest.approx(wanted)
        assert (found > 0) is (factor > 1)


@pytest.mark.twin("judges.spacesaving")
def test_half_of_mu_apart_is_equal_by_the_test_of_2014() -> None:
    one, other = ([({1: count, 2: 2**30 - count}, 2**30)] for count in (2**29, 2**28))
    options = {"delta": 0.5, "states": 1, "symbols": 1, "edition": 2014}
    assert ask(one, other, mu=0.5, **options) == (0.5, 0.5)
    assert ask(one, other, mu=0.499, **options) == (-math.inf, -math.inf)
