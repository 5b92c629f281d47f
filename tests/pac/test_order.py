"""Whether the order of traces tells something: moments over all permutations, level, and power by kind."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from flexstream import Alphabet, TraceBatch
from flexstream.pac.statistics.binomial import clopper_pearson
from flexstream.pac.statistics.features import features, identities
from flexstream.pac.statistics.lately import winnings
from flexstream.pac.statistics.order import BLOCKS, FEWEST, PERIODS, Dependence, dependence
from flexstream.pac.statistics.permuted import _Classes, moments, paired_tails, permuted_tails
from flexstream.targets import from_rows, reber

ONE = from_rows({0: {"a": (0.6, 1), "b": (0.3, 0), None: (0.1, 0)}, 1: {"a": (0.2, 0), "b": (0.5, 1), None: (0.3, 0)}})
TWO = from_rows({0: {"a": (0.3, 1), "b": (0.5, 0), None: (0.2, 0)}, 1: {"a": (0.5, 0), "b": (0.3, 1), None: (0.2, 0)}})
Traces = list[list[str]]


def found(traces: Traces, step: int = 1) -> Dependence:
    told = dependence(TraceBatch.from_traces(traces, Alphabet()), step * np.arange(len(traces)))
    assert told is not None
    return told


def drawn(size: int, seed: int) -> tuple[Traces, Traces]:
    return ONE.sample(size, seed=seed), TWO.sample(size, seed=seed + 1000)


def drifting(size: int, seed: int) -> Traces:
    random = np.random.default_rng(seed).random(size)
    return [
        two if random[row] < row / size else one for row, (one, two) in enumerate(zip(*drawn(size, seed), strict=True))
    ]


def in_turn(size: int, seed: int) -> Traces:
    return [pair[row % 2] for row, pair in enumerate(zip(*drawn(size, seed), strict=True))]


def regimes(size: int, seed: int) -> Traces:
    return [pair[4 * row // size % 2] for row, pair in enumerate(zip(*drawn(size, seed), strict=True))]


def first_hangs(size: int, seed: int) -> Traces:
    """Return traces whose first event is, two times in five, the last one of the trace before."""
    random, traces = np.random.default_rng(seed), ONE.sample(size, seed=seed)
    for before, trace in itertools.pairwise(traces):
        if before and trace and random.random() < 0.4:
            trace[0] = before[-1]
    return traces


def to_and_fro(size: int, seed: int) -> Traces:
    """Return traces of two sources, which change about every fifty traces."""
    which = (np.random.default_rng(seed).random(size) < 1 / 50).cumsum() % 2
    return [pair[way] for way, pair in zip(which.tolist(), zip(*drawn(size, seed), strict=True), strict=True)]


def blocks_twice(size: int, seed: int) -> Traces:
    block = size // 20
    parts = [ONE.sample(block, seed=100 * seed + part) for part in range(10)]
    return [trace for part in parts for trace in part * 2]


def copies(size: int, seed: int) -> Traces:
    return ONE.sample(10, seed=seed) * (size // 10)


def neighbours(size: int, seed: int) -> Traces:
    return [trace for trace in ONE.sample(size // 2, seed=seed) for _ in range(2)]


def test_moments_are_those_of_all_permutations() -> None:
    one, other = np.array([0, 0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 1, 1, 1, 2])

    class Small(_Classes):
        def __init__(self, classes: np.ndarray) -> None:
            self.sums = np.bincount(classes).astype(np.float64)
            self.starts, self.sizes = np.array([0]), np.array([len(self.sums)])

    statistics = []
    for shuffled in set(itertools.permutations(other.tolist())):
        table = np.zeros((3, 3))
        np.add.at(table, (one, np.array(shuffled)), 1)
        expected = np.outer(table.sum(1), table.sum(0)) / 7
        statistics.append(float(((table - expected) ** 2 / expected).sum()))
    mean, variance = moments(Small(one), Small(other), 7)
    assert mean[0, 0] == pytest.approx(np.mean(statistics))
    assert variance[0, 0] == pytest.approx(np.var(statistics))


def test_tails_are_those_of_each_pair_of_classifications() -> None:
    random = np.random.default_rng(1)
    ones, others = random.integers(0, 3, (2, 400)), random.integers(0, 4, (3, 400))
    together = permuted_tails(list(ones), [*others, ones[0]])
    for row, column in itertools.product(range(2), range(3)):
        assert together[row, column] == permuted_tails([ones[row]], [others[column]])[0, 0]
    assert together[0, 3] < -100 and together[:, :3].min() > -8


@pytest.mark.parametrize("things", [0, 3, 4, 7, 40, 500])
def test_pairs_are_told_as_if_each_were_alone(things: int) -> None:
    random = np.random.default_rng(things)
    ones = [random.integers(0, most, things) for most in (1, 2, 5, 12, 30)]
    others = [ones[0], 1 - ones[1], (7 * ones[2] + random.integers(0, 2, things)) % 11, ones[1], ones[4] // 3]
    alone = [permuted_tails([one], [other])[0, 0] for one, other in zip(ones, others, strict=True)]
    assert paired_tails(ones, others).tolist() == alone
    assert paired_tails([], []).tolist() == []


def test_features() -> None:
    batch = TraceBatch.from_traces([["a", "b"], ["a", "b"], ["b"], []] * 10, Alphabet())
    told = {(one.kind, one.symbols): one.classes[:4].tolist() for one in features(batch, identities(batch))}
    assert told[("first", ())] == [1, 1, 3, 2] and told[("last", ())] == [1, 1, 1, 2]
    assert told[("symbol", (1,))] == [1, 1, 1, 0] and told[("pair", (0, 1))] == [1, 1, 0, 0]
    assert identities(batch)[:4].tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize("step", [1, 3])
def test_the_winnings_of_all_permutations_are_at_most_one_on_average(step: int) -> None:
    permuted = list(itertools.permutations([0, 0, 0, 1, 1, 2, 2]))
    won = [winnings([np.array(one)], [1.0], step * np.arange(7)).log_e for one in permuted]
    assert 0.3 < np.exp(won).mean() <= 1
    persistent = np.arange(400) // 10 % 2
    assert winnings([persistent], [1.0], np.arange(400)).log_e > 50
    assert winnings([persistent], [1.0], 1000 * np.arange(400)).log_e < 3  # no two of them are near to one another


@pytest.mark.parametrize("size", [100, 600])
def test_independent_draws_are_seldom_called_something_else(size: int) -> None:
    tails = [found((ONE if seed % 2 else reber()).sample(size, seed=seed)).log_p for seed in range(150)]
    for level in (0.2, 0.05):
        hits = sum(tail < math.log(level) for tail in tails)
        assert clopper_pearson(hits, len(tails), 0.001)[0] <= level


@pytest.mark.parametrize(
    ("make", "kinds"),
    [
        (drifting, {"blocks"}),
        (regimes, {"blocks"}),
        (in_turn, {"period"}),
        (first_hangs, {"before"}),
        (to_and_fro, {"lately", "before", "blocks"}),
        (blocks_twice, {"again"}),
        (copies, {"again", "before", "period"}),
        (neighbours, {"again", "before"}),
    ],
)
def test_what_is_no_sample_is_noticed(make: Callable[[int, int], Traces], kinds: set[str]) -> None:
    told = [found(make(1000, seed)) for seed in range(20)]
    assert sum(one.log_p < math.log(0.002) for one in told) >= 19
    assert {one.kind for one in told} <= kinds
    if make is blocks_twice:
        assert {one.number for one in told} == {50}


def test_tables_of_beginnings_have_half_of_the_level() -> None:
    """How traces begin changes with each 32nd part of the stream: a fifth begins with b in one, half in the next."""
    random = np.random.default_rng(3).random(960)
    begins = [["b" if random[row] < 0.2 + 0.3 * (row // 30 % 2) else "a", f"x{row}"] for row in range(960)]
    told = found(begins)
    assert (told.kind, told.number, told.feature) == ("blocks", 32, "first")
    parts, classes = np.arange(960) // 30, np.array([trace[0] == "b" for trace in begins], np.int64)
    tables = len(BLOCKS) + len(PERIODS) + 1
    assert told.log_p == pytest.approx(permuted_tails([parts], [classes])[0, 0] + math.log(2 * tables))


def test_a_thinned_stream_shows_what_it_holds() -> None:
    assert found(drifting(1000, 3), step=16).kind == "blocks"
    thinned = found(first_hangs(1000, 3)[::16] * 1, step=16)
    assert thinned.log_p > math.log(0.01)  # no two of them were next to one another


def test_nothing_is_said_of_few() -> None:
    assert dependence(TraceBatch.from_traces([["a"]] * (FEWEST - 1), Alphabet()), np.arange(FEWEST - 1)) is None
    assert found([["a"]] * FEWEST).log_p == 0.0
    assert found([[]] * FEWEST).log_p == 0.0
