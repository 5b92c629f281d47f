"""The theorems give the published sizes, to their digits, and behave as sizes must."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import UsageError
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import THEOREMS, sizes_of, smallest
from flexstream.pac.sizes import amount
from flexstream.pac.statistics import hoeffding
from flexstream.pac.theorems import balle, clark_thollard, palmer_goldberg
from flexstream.pac.theorems import flexstream as own

REBER = Demand(states=6, symbols=5, mu=0.2, length=7.6, eps=0.1, delta=0.05)
SMALL = Demand(states=6, symbols=5, mu=0.424, length=6.2, eps=0.1, delta=0.05)
LARGE = Demand(states=73, symbols=6, mu=0.145, length=11.1, eps=0.1, delta=0.05)
every_theorem = pytest.mark.parametrize("theorem", THEOREMS)


@pytest.mark.parametrize(
    ("demand", "thollard_node", "thollard", "palmer_node", "palmer", "leading"),
    [
        (REBER, "4e+12", "1e+27", "3e+05", "3.6e+08", "2.2e+05"),  # 2.25e5 is rounded to even
        (SMALL, "2e+12", "2e+26", "6.5e+04", "7.8e+07", "5e+04"),
        (LARGE, "3e+13", "1e+33", "5.6e+06", "9.8e+10", "9.1e+07"),
    ],
)
def test_published_sizes(
    demand: Demand, thollard_node: str, thollard: str, palmer_node: str, palmer: str, leading: str
) -> None:
    for value, text in (
        (clark_thollard.node_size(demand), thollard_node),
        (clark_thollard.step_size(demand), thollard),
        (palmer_goldberg.node_size(demand), palmer_node),
        (palmer_goldberg.structure_size(demand), palmer),
        (balle.expected_term(demand), leading),
    ):
        digits = len(text.split("e")[0].replace(".", "")) - 1
        assert f"{value:.{digits}e}" == text


def test_the_test_errs_as_its_size_promises() -> None:
    """m0 = (8/μ²) max(ln(2/α), ln(8n²|Σ|²/δ')) gives a false acceptance of δ'/(2n²|Σ|²)."""
    n, k, delta, alpha, mu = 6, 5, 0.05, 1e-4, 0.2
    size = hoeffding.node_size(mu, alpha, delta / (2 * n**2 * k**2))
    exact = 8 / mu**2 * max(math.log(2 / alpha), math.log(8 * n**2 * k**2 / delta))
    assert size == math.ceil(exact)
    slack = mu - hoeffding.threshold(size, size, alpha)
    assert slack >= mu / 2
    assert 4 * math.exp(-2 * size * (slack / 2) ** 2) <= delta / (2 * n**2 * k**2)


@given(st.floats(0.01, 1), st.floats(1e-12, 0.5), st.floats(1e-12, 0.5))
def test_what_a_size_can_reveal(mu: float, alpha: float, failure: float) -> None:
    size = hoeffding.node_size(mu, alpha, failure)
    assert hoeffding.detectable(size, size, alpha, failure) <= mu * (1 + 1e-9)


def test_a_narrowed_threshold_would_reject_everything() -> None:
    alpha, beta = 0.05, 0.01
    visits = 2 * math.log(2 / alpha) / beta**2
    assert hoeffding.threshold(visits, visits, alpha) - beta == pytest.approx(0)
    assert hoeffding.sketched_threshold(10 * visits, 10 * visits, alpha, beta) > beta


def test_too_narrow_a_sketch_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot tell"):
        hoeffding.sketched_node_size(0.2, 0.1, 0.05, 0.05)


def test_shares_of_the_looks_add_up() -> None:
    assert sum(balle.look_share(0.1, look) for look in range(1, 10**5)) == pytest.approx(0.1, rel=1e-4)


@every_theorem
@given(st.data())
def test_more_is_asked_for_less_error(theorem: str, data: st.DataObject) -> None:
    eps, mu, delta = (data.draw(st.floats(0.01, 0.5)) for _ in range(3))
    demand = Demand(states=4, symbols=3, mu=mu, length=5, eps=eps, delta=delta)
    asked = sizes_of(theorem, demand).strings
    for change in ({"eps": 1.9 * eps}, {"mu": 2 * mu}, {"delta": 1.9 * delta}):
        assert sizes_of(theorem, demand.with_(**change)).strings <= asked
    for change in ({"states": 5}, {"symbols": 4}):
        assert sizes_of(theorem, demand.with_(**change)).strings >= asked


@every_theorem
@pytest.mark.parametrize("what", ["eps", "mu"])
def test_strings_and_errors_are_two_ways_of_one_road(theorem: str, what: str) -> None:
    demand = REBER.with_(eps=0.3, mu=0.5)
    strings = sizes_of(theorem, demand).strings
    found = smallest(theorem, demand, strings, what)
    assert found is not None
    # Sizes are rounded, some to powers of two, so a smaller value may do as well; no larger one is needed.
    assert found <= getattr(demand, what) * (1 + 2e-6)
    assert sizes_of(theorem, demand.with_(**{what: found})).strings <= strings


@every_theorem
def test_sizes_beyond_all_numbers_are_an_error(theorem: str) -> None:
    for change in ({"eps": 1e-307}, {"states": 10**200, "symbols": 10**200}):
        with pytest.raises(UsageError, match=r"pass 10\^308"):
            sizes_of(theorem, REBER.with_(**change))


@every_theorem
def test_no_size_wraps(theorem: str) -> None:
    sizes = sizes_of(theorem, Demand(states=10**6, symbols=10**4, mu=1e-6, length=1e6, eps=1e-6, delta=1e-9))
    for value in (sizes.node, sizes.batch, sizes.strings, sizes.memory):
        assert 0 < value < math.inf


@pytest.mark.parametrize(
    "change",
    [
        {"eps": 1.0},
        {"eps": 0.0},
        {"eps": math.nan},
        {"mu": 0.0},
        {"mu": 1.1},
        {"delta": 1.0},
        {"length": 0.0},
        {"length": math.inf},
        {"states": 0},
        {"symbols": -1},
        {"futures": 0},
        {"futures": 65},
    ],
)
def test_demands_that_make_no_sense(change: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=next(iter(change))):
        REBER.with_(**change)


def test_levels_of_all_looks_add_up_to_delta() -> None:
    """So many comparisons at each look, however many events: all levels together stay below a quarter of δ."""
    width, depth = own.sketch(REBER)
    total = 0.0
    for look in range(1, 200):
        events = 10**6 * look
        doublings = math.ceil(math.log2(events))
        compared = 2**REBER.edges * (REBER.states + 1) * 2**doublings * REBER.futures * width * depth
        for more in range(0, 30):  # streams of 2^more times as many events: how many come is not known beforehand
            found = hoeffding.overlapping_level(own.level(REBER, look, events * 2**more), REBER.futures)
            total += found * compared * 2**more
    assert total <= REBER.delta / 4


@pytest.mark.parametrize(("value", "text"), [(1.2, "2"), (1e7, "1.0·10^7"), (9.99e99, "1.0·10^100"), (0, "0")])
def test_amounts(value: float, text: str) -> None:
    assert amount(value) == text
