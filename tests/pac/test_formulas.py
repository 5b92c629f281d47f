"""Every formula of the theorems and statistics, worked out by hand or in another way than the code does.

Levels are powers of e where logarithms are wanted: with α = 2/e² Hoeffding's factor is 1.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from flexstream import UsageError
from flexstream.defaults import DELTA, DEPTH, EPS, FUTURES
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import THEOREMS, Plan, run_parameters, sizes_of, smallest
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.pac.sizes import amount, exact
from flexstream.pac.statistics import coverage, decisions, hoeffding
from flexstream.pac.statistics.intervals import confidence_sequence, mixture_cost
from flexstream.pac.statistics.special import incomplete_beta, likelihood_edge, log_best, log_gamma, log_mixture
from flexstream.pac.statistics.state_distances import CELLS, WORK, deepest
from flexstream.pac.statistics.state_tree import numbered, summed
from flexstream.pac.theorems import balle, baumgartner_verwer, clark_thollard, palmer_goldberg
from flexstream.pac.theorems import flexstream as theorem_four

from .tiny import tiny

LEVEL = 2 / math.e**2
SMALL = Demand(states=2, symbols=3, mu=0.5, length=4.0, eps=0.2, delta=0.1, futures=2)
log, exp, sqrt, ceil, e, pi = math.log, math.exp, math.sqrt, math.ceil, math.e, math.pi

# --- Hoeffding's test --------------------------------------------------------------------------------------------


def test_thresholds() -> None:
    assert hoeffding.deviation(25, LEVEL) == pytest.approx(1 / 5)
    assert hoeffding.deviation(0, LEVEL) == hoeffding.deviation(-1, LEVEL) == math.inf
    assert hoeffding.deviation(1, LEVEL) == pytest.approx(1)
    assert hoeffding.threshold(100, 400, LEVEL) == pytest.approx(1 / 10 + 1 / 20)
    assert hoeffding.sketched_threshold(100, 400, LEVEL, 0.25) == pytest.approx(0.4)
    assert hoeffding.detectable(100, 400, LEVEL, 2 * LEVEL) == pytest.approx(0.3)


def test_levels() -> None:
    assert hoeffding.reject_level(100, 100, LEVEL) == pytest.approx(2 * e**-4)  # (10 + 10)²/200 = 2
    assert hoeffding.reject_level(100, 400, LEVEL) == pytest.approx(2 * e ** (-2 * 9 / 5))
    assert hoeffding.overlapping_level(LEVEL, 2) == pytest.approx(4 / e)
    assert hoeffding.overlapping_level(LEVEL, 3) == pytest.approx(6 * e ** (-2 / 3))
    # The threshold of 10,000 and 40,000 visits is 0.015; half of what is left of μ is 0.05.
    assert hoeffding.accept_level(10_000, 40_000, LEVEL, 0.115, 2) == tiny(8 * e**-25)
    assert hoeffding.accept_level(40_000, 10_000, LEVEL, 0.115) == tiny(4 * e**-50)
    assert hoeffding.accept_level(10_000, 40_000, LEVEL, 0.0149) == 1.0
    assert hoeffding.accept_level(10_000, 40_000, LEVEL, 0.0151) == 1.0
    assert hoeffding.accept_level(1, 1, LEVEL, 2.0) == 1.0


def test_node_sizes() -> None:
    assert hoeffding.node_size(0.5, LEVEL, 4 / e**3 * 1.000001) == 96  # 8/μ² = 32, times the larger of 2 and 3
    assert hoeffding.node_size(0.5, LEVEL, 4 / e**1.5) == 64
    assert hoeffding.sketched_node_size(1.0, 0.25, LEVEL, 4 / e**3 * 1.000001) == 96
    with pytest.raises(ValueError, match=r"error of 0.25 cannot tell a difference of 0.5"):
        hoeffding.sketched_node_size(0.5, 0.25, LEVEL, 0.1)


# --- theorems ----------------------------------------------------------------------------------------------------


def told(theorem: str, demand: Demand = SMALL) -> dict[str, Any]:
    return asdict(sizes_of(theorem, demand))


def test_clark_thollard() -> None:
    """n = 2, |Σ| = 3, n|Σ| = 6, L + 1 = 5, |Σ| + 1 = 4; δ' = 0.1/16, ε1 = 0.04/(16·4·25), ε3 = 0.2/(6 ln 400)."""
    share, first = 0.1 / 16, 2.5e-5
    node = ceil(log(12 * 6 * 4 / share) / (2 * first**2))
    step = ceil(4 * 6 * 16 * 125 * (6 * log(400) / 0.2) ** 2 * (2 * 6 * node))
    found = told("clark-thollard")
    assert (found["node"], found["batches"]) == (node, 8)
    assert found["batch"] == pytest.approx(step, rel=1e-12)
    assert found["strings"] == pytest.approx(8 * step, rel=1e-12)
    assert found["memory"] == pytest.approx(4 * 5 * step, rel=1e-12)
    assert (found["probabilities"], found["width"], found["depth"]) == (0, 0, 0)
    near = SMALL.with_(mu=1e-9)  # so near that telling states apart takes more than their probabilities
    assert clark_thollard.node_size(near) == pytest.approx(8e18 * log(96 * 6 / (share * 1e-9)), rel=1e-12)


def test_palmer_goldberg() -> None:
    node = ceil(32**2 * (math.log2(16 / (0.05 * 0.5)) + math.log2(6) + 6))
    assert palmer_goldberg.node_size(SMALL) == node
    covering = 8 * 36 / 0.04 * log(2**6 * 6 / 0.05)
    assert palmer_goldberg.structure_size(SMALL) == max(ceil(4 * node * 6 / 0.2), ceil(covering))
    assert palmer_goldberg.structure_size(SMALL) > covering
    rough = SMALL.with_(mu=1.0, eps=0.001)
    assert palmer_goldberg.structure_size(rough) == pytest.approx(8 * 36 / 1e-6 * log(2**6 * 6 / 0.05), abs=1.1)
    found = told("palmer-goldberg")
    visits = (64 * 6 / (0.2 * 0.05)) ** 2
    wanted = 2 * 6 / 0.05 * visits * (32 * 6 / 0.2) * log(2 * 6 / 0.05)
    assert found["probabilities"] == pytest.approx(wanted, rel=1e-12)
    assert (found["batches"], found["width"], found["depth"]) == (1, 0, 0)
    assert found["strings"] == found["batch"] == palmer_goldberg.structure_size(SMALL)
    assert found["memory"] == 4 * 5 * found["strings"]


def test_balle_castro_gavalda() -> None:
    share = 0.1 / (2 * 3 * 2 * 4)
    assert balle.share(SMALL) == pytest.approx(share)
    assert balle.look_share(0.3, 2) == pytest.approx(6 * 0.3 / (pi**2 * 4))
    assert balle.vc_width(100, 400, 0.01) == pytest.approx(math.sqrt(8 * 9 / 400 * log(16 * 500 / 0.01)))

    def width(test: int) -> float:
        size = 128 * 2**test  # M' of two of this size is a quarter of it
        return math.sqrt(32 / size * log(32 * size * pi**2 * test**2 / (6 * share)))

    test = next(number for number in range(1, 60) if width(number) <= 0.5 / 8)
    assert balle.deciding_test(SMALL) == test > 2
    assert balle.deciding_test(SMALL.with_(mu=1.0)) >= 1
    found = told("balle-castro-gavalda")
    assert found["node"] == 128 * 2**test
    assert balle.significance_size(SMALL) == pytest.approx(64 * 6 / 0.2 * log(2 / share))
    assert found["batch"] == ceil(128 * 2**test * 8 * 6 / (3 * 0.2))
    assert (found["batches"], found["strings"]) == (2, ceil(2 * 128 * 2**test * 80))
    rare = SMALL.with_(mu=1.0, eps=0.5)
    assert told("balle-castro-gavalda", rare)["batch"] >= balle.significance_size(rare)
    assert (found["width"], found["depth"], found["probabilities"]) == (5 * 16, 1, 0)
    assert found["memory"] == 16 * 8 * 5 * 16
    assert found["options"] == {"mu": 0.5, "delta": 0.1, "states": 2, "symbols": 3, "counters": 80}
    assert balle.expected_term(SMALL) == pytest.approx(36 / (0.2 * 0.25))


def test_coverage() -> None:
    """η = 1/4, so 3/4 of μ = 0.4 shows: 8/0.09 visits a nat; Chernoff's size of m0 = 16, c = 18 is (5 + 3)²/p."""
    assert coverage.MASKED == 0.25
    assert coverage.visible(0.4) == pytest.approx(0.3)
    assert [coverage.row_width(mu) for mu in (1.0, 0.1)] == [ceil(8 * e), ceil(80 * e)]
    assert [coverage.rows_for(failure, 10) for failure in (50.0, 50 / e, 49 / e)] == [1, 1, 2]
    assert coverage.node_size(0.4, 9.0) == 800
    assert coverage.least_share(SMALL) == pytest.approx(0.2 / 12)
    assert coverage.covering_size(0.5, 16, 18.0) == 128
    assert coverage.covering_size(0.5, 0, 18.0) == 72  # nothing asked for: 2c/p, all the same


@pytest.mark.parametrize(("share", "node", "cost"), [(0.02, 5, 2.0), (0.1, 40, 5.0), (0.5, 10, 1.0)])
def test_coverage_against_the_binomial(share: float, node: int, cost: float) -> None:
    """The exact probability of fewer than m0 is below exp(-c), and is above it at half the size."""
    size = coverage.covering_size(share, node, cost)

    def fewer(strings: int) -> float:
        return sum(math.comb(strings, k) * share**k * (1 - share) ** (strings - k) for k in range(node))

    assert fewer(size) <= math.exp(-cost) < fewer(size // 2)


def test_a_test_with_room_for_both_errors() -> None:
    """At m0 a counter that shows 3/4 of μ is above the threshold by as much as chance may take away, not by nothing."""
    log_level = log(2 / 1e-6)
    node = coverage.node_size(0.2, log_level)
    assert hoeffding.threshold(node, node, 1e-6) <= coverage.visible(0.2) / 2
    assert hoeffding.threshold(node - 2, node - 2, 1e-6) > coverage.visible(0.2) / 2
    assert hoeffding.accept_level(node, node, 1e-6, coverage.visible(0.2)) <= 2e-6


def test_baumgartner_verwer() -> None:
    assert baumgartner_verwer.batches(SMALL) == 7
    failure = 0.1 / 3 / 7
    width, depth = ceil(16 * e), ceil(log(4 / (2 * 0.1 / 3)))
    cells = 2 * depth * width
    log_alpha = 2 * log(2 * 2 * 8 * cells / failure)  # n + n|Σ| = 8 nodes, F = 2
    node = ceil(8 / 0.375**2 * log_alpha)
    cost = log(6 / failure)
    batch = ceil(60 * (math.sqrt(node + cost / 2) + math.sqrt(cost / 2)) ** 2)
    found = told("baumgartner-verwer")
    assert (found["node"], found["batch"], found["batches"]) == (node, batch, 7)
    assert (found["strings"], found["width"], found["depth"]) == (7 * batch, width, depth)
    assert found["memory"] == 4 * 8 * cells
    assert found["probabilities"] == palmer_goldberg.probability_size(SMALL)
    assert (found["options"]["alpha"], found["options"]["cells"]) == (tiny(2 * math.exp(-log_alpha)), 1)
    assert not found["proven"]


def test_theorem_four() -> None:
    failure = 6 * 0.1 / pi**2 / 4
    width, depth = ceil(2 * e / 0.125), ceil(log(4 / (2 * failure)))
    assert theorem_four.sketch(SMALL) == (width, depth)
    cells = 2 * depth * width

    def log_alpha(share: float, doublings: int) -> float:
        events = 2**doublings * doublings * (doublings + 1)
        return 2 * (log(2 / share) + log(2**6 * 3 * cells * 2 * events))

    assert theorem_four.log_level(SMALL, failure, cells, 1000) == pytest.approx(log_alpha(failure, 10))
    assert theorem_four.log_level(SMALL, failure, cells, 1024) == pytest.approx(log_alpha(failure, 10))
    assert theorem_four.log_level(SMALL, failure, cells, 1025) == pytest.approx(log_alpha(failure, 11))
    share = 6 * 0.1 / (pi**2 * 9) / 4
    assert theorem_four.level(SMALL, 3, 1000) == tiny(2 * math.exp(-log_alpha(share, 10)))
    assert theorem_four.level(SMALL, 3, 0) == theorem_four.level(SMALL, 3, 2) > theorem_four.level(SMALL, 3, 3)
    assert theorem_four.level(SMALL.with_(states=400, futures=60), 1, 10) == theorem_four.LEAST_LEVEL == 1e-300
    found = told("flexstream")
    # A fixed point: the level is that of the events of the batch, five a string, over the chance that there are more.
    exact_log = log_alpha(failure, ceil(math.log2(5 * found["batch"] / failure)))
    assert found["node"] == ceil(8 / 0.375**2 * exact_log)
    cost = 6 * log(2) + log(6 / failure)
    batch = ceil(60 * (math.sqrt(found["node"] + cost / 2) + math.sqrt(cost / 2)) ** 2)
    assert found["batch"] == batch == found["strings"]
    assert found["options"]["alpha"] == tiny(2 * math.exp(-exact_log))
    assert (found["batches"], found["probabilities"], found["memory"]) == (1, 0, 4 * 8 * cells)
    assert found["options"]["light"] == found["node"] and found["options"]["cells"] == 1
    assert found["proven"]


# --- plans and runs ----------------------------------------------------------------------------------------------


def test_runs() -> None:
    sizes = sizes_of("palmer-goldberg", SMALL)
    found = run_parameters(sizes, SMALL, "1MiB")
    assert found is not None
    level = 2 * math.exp(-(0.375**2) * sizes.node / 8)  # at which the threshold of two such nodes is half of 3μ/4
    assert found["options"]["alpha"] == tiny(level)
    assert hoeffding.threshold(sizes.node, sizes.node, level) == pytest.approx(0.1875)
    assert found["options"] | {"alpha": 0} == {
        "alpha": 0,
        "futures": 2,
        "depth": ceil(log(4 / 0.1)),
        "width": 44,
        "cells": 1,
        "light": sizes.node,
    }
    assert (found["every"], found["memory"], found["strategy"]) == (sizes.batch, "1MiB", "replay")
    run = run_parameters(sizes_of("balle-castro-gavalda", SMALL), SMALL, "1MiB")
    assert run is not None
    assert (run["heuristic"], run["strategy"], run["every"]) == ("spacesaving", "final", 128)
    for theorem in THEOREMS:
        large = sizes_of(theorem, SMALL.with_(eps=1e-9, mu=1e-6))
        assert run_parameters(large, SMALL, "1MiB") is None


def test_levels_of_planned_looks() -> None:
    """Within the batches that the plan shares δ over the level stays, beyond them it falls with the square."""
    learner = PlannedLearner(Plan.make(SMALL, "baumgartner-verwer"))
    alpha = learner.plan.sizes["baumgartner-verwer"].options["alpha"]
    assert [learner.level(look) / alpha for look in (1, 7, 14)] == pytest.approx([1, 1, 1 / 4])
    own = PlannedLearner(Plan.make(SMALL))
    own.learn_many([["a", "b"], ["a"]])
    assert own.level(2) == theorem_four.level(SMALL, 2, 5)  # ends count as events
    own.refine()
    assert own.heuristic.alpha == theorem_four.level(SMALL, 1, 5)  # type: ignore[attr-defined]


def test_what_strings_support() -> None:
    assert smallest("flexstream", SMALL, 10, "eps") is None
    found = smallest("flexstream", SMALL, 1e15, "mu")
    assert found is not None
    assert sizes_of("flexstream", SMALL.with_(mu=found)).strings <= 1e15
    assert sizes_of("flexstream", SMALL.with_(mu=found * (1 - 2e-6))).strings > 1e15
    most = sizes_of("flexstream", SMALL.with_(eps=1 - 1e-9)).strings
    assert smallest("flexstream", SMALL, most, "eps") == pytest.approx(1, abs=1e-4)
    assert smallest("flexstream", SMALL, most - 1, "eps") is None


def test_how_sizes_are_written() -> None:
    assert (exact(2.0**53), exact(2.0**53 - 1), exact(0.5)) == (2.0**53, 2**53 - 1, 0.5)
    assert isinstance(exact(2.0**53 - 1), int) and isinstance(exact(2.0**53), float) and exact(-3.0) == -3
    assert [amount(value) for value in (0.1, 999.5, 9_999_999, 1e7, 12_345_678)] == [
        "1",
        "1,000",
        "9,999,999",
        "1.0·10^7",
        "1.2·10^7",
    ]


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({"states": 1}, True),
        ({"states": 0}, False),
        ({"states": True}, False),
        ({"symbols": 1.0}, False),
        ({"futures": 64}, True),
        ({"futures": 65}, False),
        ({"mu": 1.0}, True),
        ({"mu": 1.0000001}, False),
        ({"mu": 1e-300}, True),
        ({"length": 1e-9}, True),
        ({"length": -1.0}, False),
        ({"eps": 0.999999}, True),
        ({"eps": 1.0}, False),
        ({"delta": 1e-300}, True),
        ({"delta": 0.0}, False),
        ({"delta": 1.0}, False),
    ],
)
def test_the_edges_of_a_demand(change: dict[str, float], fits: bool) -> None:
    try:
        made = SMALL.with_(**change)
    except UsageError:
        assert not fits
    else:
        assert fits and made.edges == made.states * made.symbols
        assert Demand.from_document(made.to_document()) == made


@pytest.mark.parametrize("change", [{"states": 2.0}, {"mu": "1"}, {"more": 1}, {"delta": None}])
def test_documents_that_are_no_demand(change: dict[str, Any]) -> None:
    for document in (SMALL.to_document() | change, [], None, {}):
        with pytest.raises(UsageError, match="demand"):
            Demand.from_document(document)


def test_defaults() -> None:
    assert (EPS, DELTA, DEPTH, FUTURES) == (0.1, 0.05, 3, 2)


# --- decisions ---------------------------------------------------------------------------------------------------


def test_errors_of_decisions() -> None:
    """Odds of 1 to 1/4 and of 1 to 1/4 + 2·1/2: log Bayes factors are logarithms of odds."""
    assert decisions.merge_error(log(4), -math.inf, 0) == pytest.approx(1 / 5)
    assert decisions.merge_error(log(4), log(2), 2) == pytest.approx(Fraction(5, 4) / Fraction(9, 4))
    assert decisions.separation_error(-log(4), 3) == pytest.approx(Fraction(3, 4) / Fraction(7, 4))
    assert decisions.merge_error(log(4), -math.inf, 0, log(4) - 2) == pytest.approx(Fraction(1, 2) / Fraction(3, 2))
    assert decisions.merge_error(-1e4, 0.0, 1) == decisions.separation_error(1e4, 1) == 1.0
    assert decisions.separation_error(-1e4, 5) == 0.0


def test_what_settles_decisions() -> None:
    """At level 2/e¹⁰ a merge without a runner-up needs 10 nats, with n others ln n more; a separation 10 - ln 2."""
    level = 2 / e**10
    settle = decisions.strings_to_settle_merge
    normal = statistics.NormalDist().inv_cdf(0.9)
    assert pytest.approx(normal, abs=1e-4) == decisions.SURE

    def of_merge(short: float, free: int) -> float:
        """Return the factor of strings, with what half the difference of two chi-squares adds in one of ten cases."""
        return exp(2 * (short + decisions.SURE * sqrt(free) - 0.25) / free)

    def in_proportion(evidence: float, need: float) -> float:
        """Return the factor as the one whose slack is nine tenths of a normal number, found by halving."""
        low, high = 0.0, 1e9
        for _ in range(200):
            more = (low + high) / 2
            left = evidence * (1 + more) - need - decisions.SURE * sqrt(2 * evidence * more * (1 + more))
            low, high = (low, more) if left > 0 else (more, high)
        return 1 + high

    assert settle(1000, 8.0, -math.inf, 1, 3, level) == ceil(1000 * (of_merge(2, 2) - 1))
    assert settle(1000, 8.0, -math.inf, 0, 3, level) == ceil(1000 * (of_merge(2, 2) - 1))
    assert settle(1000, 8.0, -math.inf, 1, 5, level) == ceil(1000 * (of_merge(2, 4) - 1))
    assert settle(1000, 8.0, -math.inf, 1, 1, level) == settle(1000, 8.0, -math.inf, 1, 2, level)
    ahead = 1000 * (in_proportion(5.0, 10.0) - 1)
    assert settle(1000, 20.0, 15.0, 1, 3, level) == pytest.approx(ahead, abs=2)  # 5 of 10 nats ahead
    assert settle(1000, 8.0, 3.0, 1, 5, level) == pytest.approx(max(ahead, 1000 * (of_merge(2, 4) - 1)), abs=2)
    assert settle(1000, 20.0, 18.0, 1, 3, level) is None  # that it is ahead at all may be chance
    assert settle(1000, 20.0, 20.0, 1, 3, level) is None
    assert settle(1000, 12.0, -math.inf, 1, 3, level) == 0.0
    assert settle(1000, -15.0, -math.inf, 1, 2, level) is None  # exp(50): never
    assert settle(1000, 40.0, -math.inf, 1, 2, level, 2.0) == pytest.approx(
        1000 * (of_merge(log(1 / level) - 4.0, 1) - 1), rel=1e-4
    )
    separation = decisions.strings_to_settle_separation
    need = log(3 / level)
    for part in (1.1, 2, 3):
        assert separation(1000, -need / part, 3, level) == pytest.approx(
            1000 * (in_proportion(need / part, need) - 1), abs=2
        )
    assert separation(1000, -5.0, 0, level) == 0.0
    assert separation(1000, -3.0, 1, level) is None
    assert separation(1000, 0.0, 1, level) is None
    assert separation(1000, 1.0, 1, level) is None
    assert separation(0.001, -need / 1.5, 3, level) == 1  # a part of a string is one
    assert decisions.LONGEST == 1e15
    assert separation(1e15, -need / 1.02, 3, level) is not None and separation(1e15, -need / 2, 3, level) is None


# --- statistics --------------------------------------------------------------------------------------------------


def test_log_gamma_to_its_last_term() -> None:
    """Where Stirling's series begins each of its terms counts: the fourth, 1/(1680 x⁷), is 6e-11 at 10."""
    values = [10.0, 10.5, 11.0, 12.0, 9.999, 1.0, 0.5, 0.01]
    assert log_gamma(values) == pytest.approx([math.lgamma(value) for value in values], rel=1e-15, abs=3e-12)
    assert log_gamma(np.array([[4.0], [11.0]])).shape == (2, 1)
    assert log_gamma(0.5).item() == pytest.approx(log(pi) / 2, abs=1e-12)


def test_mixtures_by_exact_fractions() -> None:
    """Three of one outcome and one of another, the prior ½ each: ½·3/4·5/6·1/8."""
    chance = Fraction(1, 2) * Fraction(3, 4) * Fraction(5, 6) * Fraction(1, 8)
    assert log_mixture([3, 1], 2).item() == pytest.approx(log(chance), abs=1e-11)
    best = Fraction(3, 4) ** 3 * Fraction(1, 4)
    assert log_best([3, 1, 0]).item() == pytest.approx(log(best))
    assert mixture_cost(np.array([3.0, 1.0]), 2) == pytest.approx(log(best / chance))


def test_a_sequence_without_hits() -> None:
    """None of m hits: the mixture's wealth is Π (2i - 1)/(2i), and (1 - p)^m falls to α times that."""
    wealth = math.prod(Fraction(2 * i - 1, 2 * i) for i in range(1, 9))
    low, high = confidence_sequence([0, 8], [8, 8], 0.02)
    limit = float(wealth * Fraction(2, 100)) ** (1 / 8)
    assert (low[0], high[1]) == (0, 1)
    assert (high[0], low[1]) == pytest.approx((1 - limit, limit), abs=1e-10)


def test_the_edge_of_a_likelihood() -> None:
    """p(1 - p) falls to 3/16 at 1/4 and 3/4, (1 - p)⁴ to 1/16 at 1/2."""
    half, one = np.array([0.5]), np.array([1.0])
    limit = np.log([3 / 16])
    assert likelihood_edge(one, 2 * one, limit, half, 0 * one).item() == pytest.approx(1 / 4, abs=1e-13)
    assert likelihood_edge(one, 2 * one, limit, half, one).item() == pytest.approx(3 / 4, abs=1e-13)
    assert likelihood_edge(0 * one, 4 * one, np.log([1 / 16]), 0 * one, one).item() == pytest.approx(1 / 2, abs=1e-13)
    assert likelihood_edge(4 * one, 4 * one, np.log([1 / 16]), one, 0 * one).item() == pytest.approx(1 / 2, abs=1e-13)


def test_incomplete_beta_by_polynomials() -> None:
    """I_x(1, b) = 1 - (1 - x)^b, I_x(a, 1) = x^a, I_x(2, 2) = x²(3 - 2x)."""
    for x in (0.0, 0.1, 0.5, 0.77, 1.0):
        found = incomplete_beta([1.0, 2.5, 2.0, 1.0], [3.5, 1.0, 2.0, 1.0], x)
        wanted = [1 - (1 - x) ** 3.5, x**2.5, x * x * (3 - 2 * x), x]
        assert found == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("states", [1, 2, 50])
def test_how_deep_words_are_followed(states: int) -> None:
    """As deep as the table of words has room, and the differences of all pairs are few enough."""
    for symbols in (1, 2, 9):
        for depth in (1, 2, 3, 9):
            words = [(symbols + 1) ** (at + 1) for at in range(depth)]
            fits = [states * size <= CELLS and states**2 * size <= WORK for size in words]
            assert deepest(states, symbols, depth) == (fits.index(False) if False in fits else depth)
    assert (CELLS, WORK) == (2_000_000, 1_000_000_000)
    assert deepest(250_000, 7, 1) == 0 and deepest(11_000, 7, 9) == 1 and deepest(1, 1, 99) == 20


def test_keys_are_counted_alike_whether_sorted_or_in_a_table() -> None:
    random = np.random.default_rng(4)
    for size, bound in ((0, 1), (1, 9), (50, 400), (50, 401), (50, 10**15)):
        keys, amounts = random.integers(0, min(bound, 500), size), random.integers(0, 3, size)
        found, which = numbered(keys, bound)
        assert found.tolist() == sorted(set(keys.tolist())) and found[which].tolist() == keys.tolist()
        sums = {key: int(amounts[keys == key].sum()) for key in sorted(set(keys.tolist()))}
        some, total = summed(keys, amounts, bound)
        assert dict(zip(some.tolist(), total.tolist(), strict=True)) == {k: v for k, v in sums.items() if v}
