"""How far shares of prefixes may be off: lemma 6, its constants, and that the published width is never below it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.pac.statistics.binomial import clopper_pearson
from flexstream.pac.statistics.prefix_radius import exponent, prefix_radius, visits_for
from flexstream.pac.theorems.balle import look_share, vc_width


def test_the_exponent_has_its_level() -> None:
    for level in (0.2, 1e-3, 1e-30, 1e-300):
        u = exponent(level)
        assert u > 1
        assert math.log(2) + 1 + math.log(u) - u == pytest.approx(math.log(level), rel=1e-9)


def test_the_bound_of_the_supremum() -> None:
    """E exp(θD²) with P(D² > y) <= min(1, 2 exp(-2My)), over exp(θs²), is at most 2e·u·exp(-u) for θ = 2M(1 - 1/u)."""
    for u in (1.5, 4.0, 20.0):
        size, kappa = 1000.0, 1 / u
        theta, square = 2 * size * (1 - kappa), u / (2 * size)
        ys = np.linspace(0, 40 / (2 * size * kappa), 400_001)
        log_tail = np.minimum(0.0, math.log(2) - 2 * size * ys)
        moment = 1 + np.trapezoid(theta * np.exp(theta * ys + log_tail), ys)
        assert moment == pytest.approx(2 ** (1 - kappa) / kappa, rel=1e-3)
        assert moment * math.exp(-theta * square) <= 2 * math.e * u * math.exp(-u)


@given(st.integers(0, 30), st.floats(1e-12, 0.5))
def test_a_radius_has_the_level_of_its_doubling(doubling: int, level: float) -> None:
    size = 128 * 2.0**doubling
    u = exponent(level / ((doubling + 1) * (doubling + 2)))
    for visits in (size, 2 * size - 1):
        assert prefix_radius(visits, level) == pytest.approx(2 * math.sqrt(u / (2 * size)))


def test_nothing_is_said_of_few() -> None:
    assert prefix_radius(127, 0.5) == math.inf


@given(st.floats(1e-3, 0.3), st.floats(1e-12, 0.5))
def test_sizes_are_the_least_for_their_radius(radius: float, level: float) -> None:
    visits = visits_for(radius, level)
    assert prefix_radius(visits, level) <= radius
    assert visits == 128 or prefix_radius(visits / 2, level) > radius


def test_no_share_is_off_by_more_at_any_size() -> None:
    """The worst difference of the distribution function at two places, over all sizes, of uniform draws."""
    random, level, missed, halved = np.random.default_rng(1), 0.5, 0, 0
    sizes = np.unique(np.geomspace(128, 8000, 16).astype(int))
    for _ in range(100):
        draws = random.random(8000)
        worst = 0.0
        for size in sizes:
            rising = np.sort(draws[:size])
            over = np.max(np.arange(1, size + 1) / size - rising)
            under = np.max(rising - np.arange(size) / size)
            worst = max(worst, (over + under) / prefix_radius(size, level))
        missed += worst > 1
        halved += worst > 0.4
    assert clopper_pearson(missed, 100, 0.05)[0] <= level
    assert halved > 20  # four tenths of it would not do


@pytest.mark.parametrize("test", range(1, 25))
def test_the_published_width_holds_at_every_look(test: int) -> None:
    """Δ is never below the two radii, each at half of δ', at any sizes between a test and the next (docs/pac.md)."""
    for share in (0.05, 1e-4, 1e-12):
        for visits in (128 * 2.0**test, 256 * 2.0**test - 1):
            for others in (128.0, visits / 3, visits, 100 * visits, 2.0**60):
                if others >= 128:
                    radii = prefix_radius(visits, share / 2) + prefix_radius(others, share / 2)
                    assert vc_width(visits, others, look_share(share, test)) >= radii
