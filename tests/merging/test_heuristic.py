"""What all heuristics share: the defaults, the points of ensembles, Hoeffding's bound said once."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from flexstream.errors import UsageError
from flexstream.merging.evidence_kind import EvidenceKind
from flexstream.merging.heuristic import LEVEL, check_level, hoeffding_factor, spread
from flexstream.merging.heuristics import HEURISTICS, make
from flexstream.pac.statistics import hoeffding
from flexstream.pac.theorems import balle
from flexstream.summary.sketch import NO_SKETCH, SketchShape

NO_FUTURES = np.empty((0, 1), np.int32)


def test_every_heuristic_says_what_its_scores_are_worth() -> None:
    kinds = {name: kind.evidence_kind for name, kind in HEURISTICS.items()}
    assert kinds == {
        "alergia": EvidenceKind.TEST,
        "css": EvidenceKind.TEST,
        "css-published": EvidenceKind.TEST,
        "evidence": EvidenceKind.BAYES_FACTOR,
        "spacesaving": EvidenceKind.UNJUDGED,
    }
    for name, kind in kinds.items():
        assert hasattr(make(name), "alpha") == (kind is EvidenceKind.TEST)


def test_defaults() -> None:
    """Documented in docs/heuristics.md; a change moves every model."""
    common = {name: (h.margin, h.slack, h.light, h.lead) for name, h in ((name, make(name)) for name in HEURISTICS)}
    assert common == {
        "alergia": (-1.0, math.inf, 5, 0.0),
        "css": (-1.0, math.inf, 5, 0.0),
        "css-published": (-1.0, math.inf, 5, 0.0),
        "evidence": (0.0, 2.0, 5, 2.0),
        "spacesaving": (0.0, math.inf, 5, 0.0),
    }
    flags = {
        name: (h.mean, h.strategy, h.undoable, h.apart, h.patient, h.narrow, h.near, h.reach)
        for name, h in ((name, make(name)) for name in HEURISTICS)
    }
    assert flags == {
        "alergia": (True, "replay", True, True, False, False, 6, None),
        "css": (True, "replay", True, False, False, False, 6, None),
        "css-published": (True, "replay", True, False, False, False, 6, None),
        "evidence": (False, "fresh", True, False, False, True, 5, None),
        "spacesaving": (False, "final", False, False, True, False, 6, 1),
    }
    assert LEVEL == make("css").alpha == make("alergia").alpha == 0.05  # type: ignore[attr-defined]
    shapes = {name: make(name).sketch_shape() for name in HEURISTICS}
    assert (shapes["alergia"], shapes["evidence"]) == (NO_SKETCH, NO_SKETCH)
    assert shapes["css"] == SketchShape(2, 2, 64)
    assert make("evidence", futures=1).sketch_shape() == SketchShape(1, 2, 128)
    assert shapes["spacesaving"].dimensions == (1, 2, 257)
    assert make("evidence").parameters() == (5.0,)
    assert make("spacesaving").parameters() == (0.1, 0.05 / 2400, 2012)  # 2 · 10 · 10 · 12


def test_rules_are_what_the_search_is_told() -> None:
    assert make("evidence").rules(trusting=False)[:5] == (0.0, 2.0, 2.0, 4.0, 5)
    assert make("evidence").rules(trusting=True)[5:-1] == (0, 1, np.iinfo(np.int64).max, 0, 0, 1, 0)
    assert make("alergia", k=3).rules(trusting=False)[3:-1] == (math.inf, 5, 1, 0, 2, 1, 0, 0, 0)
    assert make("evidence").rules(trusting=True)[-1] == np.iinfo(np.int64).max
    assert make("evidence").rules(trusting=True, most=7)[-1] == 7
    assert make("css-published").rules(trusting=False)[-2] == 1
    assert make("spacesaving").rules(trusting=True)[5:-1] == (0, 1, 0, 0, 1, 0, 0)


@pytest.mark.parametrize("alpha", [0.05, 1e-6])
def test_hoeffding_is_said_once(alpha: float) -> None:
    """2 exp(-2 n t²) = α at t = factor/√n; the heuristics test by what the plans and reports suppose of them."""
    assert 2 * math.exp(-2 * 50 * (hoeffding_factor(alpha) / math.sqrt(50)) ** 2) == pytest.approx(alpha)
    for name in ("css", "alergia"):
        assert make(name, alpha=alpha).parameters()[0] == hoeffding_factor(alpha)
    assert hoeffding.deviation(50, alpha) == pytest.approx(hoeffding_factor(alpha) / math.sqrt(50))


@pytest.mark.parametrize(("name", "cells"), [("alergia", 0), ("css", 0), ("css", 1)])
def test_the_judges_reject_where_the_threshold_is(name: str, cells: int) -> None:
    """Of 400 and 900 visits, one more of them on one side makes the difference pass the threshold."""
    heuristic = make(name, alpha=0.01, **({"cells": cells} if name == "css" else {}))
    limit = hoeffding.threshold(400, 900, 0.01)
    verdicts = []
    for least in (math.floor(900 * (0.75 - limit)) + 1, math.floor(900 * (0.75 - limit))):
        counts = np.array([[300, least], [0, 0], [100, 900 - least]], np.int64)
        sketches = [np.array([[[ends, visits - ends]]], np.int32) for ends, visits in ((300, 400), (least, 900))]
        futures = np.array([[0, 0], [0, 1]], np.int32)
        verdicts.append(heuristic.judge(counts, np.ones(3), *sketches, futures, heuristic.parameters()))
    assert verdicts[0] > 0 and verdicts[1] == -math.inf


def test_spacesaving_tests_at_the_level_of_the_theorem() -> None:
    """The bound Δ and the shares of δ are those of flexstream.pac.theorems.balle."""
    from flexstream.merging.heuristics.spacesaving import SpaceSavingParameters, judge
    from flexstream.pac.demand import Demand

    demand = Demand(states=7, symbols=3, mu=0.2, length=5, eps=0.1, delta=0.03)
    level = make("spacesaving", mu=0.2, delta=0.03, states=7, symbols=3).parameters()[1]
    assert level == pytest.approx(balle.share(demand))
    for visits, others, test in ((1000, 128, 1), (1000, 700, 2), (500, 128 * 2**5, 5), (300, 10, 1)):
        # The test of 2014 says "not yet" as long as the bound is above μ/8.
        bound = balle.vc_width(visits, others, balle.look_share(level, test))
        alike = [np.array([[[1, 7], [strings, strings]]], np.int32) for strings in (visits, others)]
        for factor, settled in ((1 - 1e-9, False), (1 + 1e-9, True)):
            parameters = SpaceSavingParameters(8 * bound * factor, level, 2014)
            score = judge(np.zeros((2, 2), np.int64), np.ones(2), *alike, np.empty((0, 1), np.int32), parameters)
            assert (score > 0) is settled


def test_points_are_spread_evenly() -> None:
    """The plastic number ρ solves ρ³ = ρ + 1; between the first n points no gap is much wider than 1/n."""
    (one, two) = spread(1)
    root = 1 / one
    assert root**3 == pytest.approx(root + 1) and two == pytest.approx(one**2)
    assert spread(5) == pytest.approx((5 * one % 1, 5 * two % 1))
    for axis in (0, 1):
        points = sorted(spread(number)[axis] for number in range(64))
        assert points[0] >= 0 and points[-1] < 1
        assert max(after - before for before, after in pairwise([*points, 1.0])) < 5 / 64


def test_variants_of_evidence() -> None:
    """Strength from half to four times, margin up to 12 nats more, light up to 8 times, by hand for number 1."""
    base = make("evidence", strength=2.0, margin=1.0, light=10)
    assert base.variant(0) is base
    one, two = spread(1)
    made = base.variant(1)
    assert made.strength == pytest.approx(2.0 * 0.5 * 8.0**one)  # type: ignore[attr-defined]
    assert made.margin == pytest.approx(1.0 + 12.0 * two)
    assert made.light == round(10 * 8.0**two)
    for name in ("css", "alergia", "spacesaving"):
        assert make(name).variant(0) == make(name)
        with pytest.raises(UsageError, match=f"heuristic {name} has no variants"):
            make(name).variant(1)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -1.0, 2.0, math.nan])
def test_levels_out_of_range(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha must lie between 0 and 1"):
        check_level(alpha)


@pytest.mark.parametrize(
    ("name", "score", "words"),
    [
        ("evidence", math.log(100.0), "one state 10^2.0 times likelier"),
        ("evidence", -math.log(1000.0), "two states 10^3.0 times likelier"),
        ("evidence", 0.0, "two states 10^0.0 times likelier"),
        ("evidence", -math.inf, "no state to compare with"),
        ("css", 0.9876, "mean cosine of the futures 0.988"),
        ("css", -math.inf, "futures differ"),
        ("alergia", 0.9876, "mean cosine of the frequencies 0.988"),
        ("alergia", -math.inf, "frequencies differ"),
        ("spacesaving", 0.75, "futures equal, 0.250 μ apart"),
        ("spacesaving", -0.25, "not sure yet, 0.250 apart"),
        ("spacesaving", -math.inf, "futures differ"),
    ],
)
def test_scores_in_words(name: str, score: float, words: str) -> None:
    assert make(name).words(score) == words


@pytest.mark.parametrize(
    ("name", "options", "fits"),
    [
        ("evidence", {"margin": math.inf}, False),
        ("evidence", {"margin": -1e9}, True),
        ("evidence", {"light": -1}, False),
        ("evidence", {"light": 0}, True),
        ("spacesaving", {"mu": 1.0}, True),
        ("spacesaving", {"mu": 1.01}, False),
        ("spacesaving", {"delta": 0.0}, False),
        ("spacesaving", {"states": 1, "symbols": 1}, True),
        ("spacesaving", {"symbols": 0}, False),
        ("spacesaving", {"edition": 2014, "copies": 1}, False),
        ("spacesaving", {"edition": 2012, "copies": 1}, True),
        ("css", {"futures": 1}, True),
        ("css", {"futures": 3, "minhash": 1, "shingle": 2}, True),
        ("css", {"futures": 3, "minhash": 1, "shingle": 3}, False),
        ("css", {"minhash": 0, "shingle": 9}, True),
        ("alergia", {"k": 0}, True),
    ],
)
def test_the_edges_of_the_options(name: str, options: dict[str, float], fits: bool) -> None:
    try:
        made = make(name, **options)
    except UsageError:
        assert not fits
    else:
        assert fits and all(getattr(made, key) == value for key, value in options.items())
