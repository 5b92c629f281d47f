"""The search's guesses and what a round goes by: every constant of theorems 9 and 11."""

from __future__ import annotations

import functools
import math
from itertools import pairwise

import pytest

from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
from flexstream.pac.planning.reads import reads, search_strings
from flexstream.pac.planning.tables import plan_text
from flexstream.pac.statistics.coverage import covering_size
from flexstream.pac.statistics.prefix_radius import prefix_radius
from flexstream.pac.theorems.balle import deciding_test, look_share, share, strings_read, vc_width
from flexstream.pac.theorems.guesses import Guess, Terms, divergence, next_look

REBER = Demand(states=6, symbols=5, mu=0.2, length=7.6, eps=0.1, delta=0.05)
TERMS = Terms(8, 0.125, 0.1, 0.01)


def test_guesses_as_published() -> None:
    """ρ = 2, φ = ½: n and 1/μ double; where n > 1/μ both do."""
    assert Guess.first() == (2, 0.5)
    assert Guess(2, 0.5).after(1) == (2, 0.25)
    assert Guess(2, 0.5).after(2) == Guess(2, 0.5).after(3) == (4, 0.25)
    assert Guess(2, 0.25).after(3) == (4, 0.25)
    assert Guess(4, 0.25).after(4) == (8, 0.125)


@pytest.mark.parametrize("found", [[0] * 20, [10**9] * 20, [0, 10**9] * 10, [10**9, 0] * 10])
def test_memory_stays_as_the_guesses_promise(found: list[int]) -> None:
    """n never passes (1/μ)^(2φ), and in two rounds 1/μ grows, so that any target's μ comes within a known number."""
    guesses = [Guess.first()]
    for states in found:
        guesses.append(guesses[-1].after(states))
    assert all(guess.states <= 1 / guess.mu for guess in guesses)
    assert all(one.states <= other.states and one.mu >= other.mu for one, other in pairwise(guesses))
    for place, guess in enumerate(guesses):
        assert guess.mu <= 2.0 ** -(place // 2)


@pytest.mark.parametrize(("states", "mu"), [(6, 0.2), (1, 0.6), (100, 0.3), (3, 0.001)])
def test_a_target_comes_within_so_many_rounds(states: int, mu: float) -> None:
    """At most 2 log_ρ'(1/μ) + log_ρ n + 2, whatever rounds with too large a μ have found."""

    @functools.cache
    def longest(guess: Guess) -> int:
        if guess.mu > mu:
            return 1 + max(longest(guess.after(0)), longest(guess.after(10**9)))
        return 1 + (longest(guess.after(10**9)) if guess.states < states else 0)

    assert longest(Guess.first()) <= 2 * math.log2(1 / mu) + math.log2(states) + 2


def test_levels_of_a_round_add_up() -> None:
    """Half of δ for decisions, a quarter for what leaves, a quarter for lengths."""
    many = 20_000
    assert sum(TERMS.node_level(node) for node in range(1, many)) == pytest.approx(TERMS.delta / 2, rel=1e-3)
    rows = [TERMS.leave_level(stage, 1) for stage in range(1, many)]
    assert sum(rows) * math.pi**2 / 6 == pytest.approx(TERMS.delta / 4, rel=1e-3)
    assert TERMS.leave_level(3, 7) == pytest.approx(look_share(TERMS.delta / 4 / 12, 7))


def test_so_few_leave_with_its_level_only() -> None:
    for strings, left, level in ((5000, 400, 1e-4), (5000, 300, 1e-12), (130, 0, 1e-6)):
        accepted = TERMS.leaves_little(left, strings, level)
        assert accepted == (math.exp(-strings * divergence(left / strings, 0.1)) <= level)
    assert not TERMS.leaves_little(501, 5000, 0.9)


def test_a_light_candidate_is_no_state() -> None:
    """Ville: of one that comes with p/2 or less, exp(X ln 1.5 - t·p/4) is a supermartingale, and the bound has room."""
    lightest = TERMS.lightest(5)
    assert lightest == pytest.approx(0.1 / (2 * 8 * 5))
    for stage, weight in ((0, 1), (3, 12)):
        least = TERMS.least_visits(2, stage)
        failure = TERMS.delta / 4 / (8 * 2 * 3 * weight)
        assert least == pytest.approx(14 * math.log(1 / failure))
        strings = least / (0.75 * lightest)
        assert math.exp(-(least * math.log(1.5) - strings * lightest / 2 * 0.5)) <= failure
        assert TERMS.heavy(2, math.ceil(least), int(strings), 5, stage)
        assert not TERMS.heavy(2, math.ceil(least) - 1, 1, 5, stage)
        assert not TERMS.heavy(2, math.ceil(least), int(1.1 * strings), 5, stage)


def test_nodes_of_the_size_are_surely_decided() -> None:
    """Not different: d <= 2r + ν; then d + 2r + ν < μ, as 2r + ν <= μ/2."""
    visits = TERMS.deciding_visits(41)
    radius = prefix_radius(visits, TERMS.node_level(41))
    lost = TERMS.mu / 16
    assert 2 * radius + lost <= TERMS.mu / 2
    assert 2 * prefix_radius(visits / 2, TERMS.node_level(41)) + lost > TERMS.mu / 2


def test_a_stage_by_hand() -> None:
    nodes, stages, failure = 41, 46, 0.01 / 32
    cost, lightest = math.log(nodes * stages / failure), 0.1 / 80
    window = covering_size(lightest / 2, TERMS.deciding_visits(nodes), cost)
    assert window > 32 * cost / lightest
    assert TERMS.stage(5) == pytest.approx(window * 9 / 8)
    assert TERMS.strings(5) == pytest.approx(stages * window * 9 / 8)
    assert TERMS.strings_to_states(5) == pytest.approx(7 * window * 9 / 8)


def test_a_short_stage_waits_for_what_leaves() -> None:
    """(32/ε) ln(1/level) and (20/ε) ln(stages/failure): at ε/2 fewer than ¾ε leave, and that is seen."""
    assert divergence(0.075, 0.1) >= 0.1 / 32
    assert math.exp(-divergence(0.075, 0.05) * 1000) <= math.exp(-0.1 * 1000 / 20)
    last = TERMS.stage(5)
    looks, strings = 0, 0
    while strings < last:
        strings, looks = next_look(strings), looks + 1
    level = TERMS.leave_level(46, looks)
    assert last >= -32 * math.log(level) / 0.1


def test_looks_come_ever_more_seldom() -> None:
    assert next_look(0) == 256
    assert next_look(2048) == 2304
    assert next_look(80_000) == 90_000


# --- strings read ---------------------------------------------------------------------------------


def test_strings_until_the_published_sizes_are_met_by_hand() -> None:
    """Windows of lemma 5 for what comes with ε/(4n|Σ|): n - 1 until all states are found, 2n until all is decided."""
    node = 128 * 2.0 ** deciding_test(REBER)
    cost = math.log(2 * (1 + 30) * 2 * 6 / 0.05)
    window = covering_size(0.1 / (4 * 30), node, cost)
    assert strings_read(REBER) == (5 * window, 12 * window)


def test_the_published_looks_at_shares_have_room() -> None:
    """A candidate rarer than ε/(4n|Σ|) is dropped at its first look with 1 - δ'/2, one of ε/(2n|Σ|) kept likewise."""
    for part in (0.05, 1e-6):
        expected = 64 * math.log(2 / part)  # in units of n|Σ|/ε: 16 of the light, 32 of the heavy, and 24 between
        light = math.exp(-(expected / 4) * 0.5**2 / 2.5)
        heavy = math.exp(-(expected / 2) * 0.25**2 / 2)
        assert light <= part / 2
        assert heavy <= part / 2 * (1 + 1e-9)


def test_more_visits_than_the_size_decide_as_well() -> None:
    """Theorem 11: with m, m' >= m0 the width is no more than with m0 each, up to 2^60 times as many."""
    for demand in (REBER, REBER.with_(mu=1.0, states=2), REBER.with_(mu=0.01, states=100)):
        test = deciding_test(demand)
        node = 128 * 2.0**test
        assert node > 512 * math.log(2 / share(demand))
        for more in (*range(20), 60):
            for others in (*range(20), 60):
                level = look_share(share(demand), test + more)
                assert vc_width(node * 2.0**more, node * 2.0**others, level) <= demand.mu / 8


def test_the_search_takes_the_longest_way() -> None:
    def strings(number: int, states: float, mu: float) -> float:
        return Terms(states, mu, 0.1, look_share(0.025, number)).strings(5)

    ways = [
        [(2, 0.5), (4, 0.25), (8, 0.125)],
        [(2, 0.5), (2, 0.25), (4, 0.25), (8, 0.125)],
        [(2, 0.5), (2, 0.25), (2, 0.125), (4, 0.125), (8, 0.125)],
        [(2, 0.5), (4, 0.25), (4, 0.125), (8, 0.125)],
        [(2, 0.5), (2, 0.25), (4, 0.25), (4, 0.125), (8, 0.125)],
    ]
    sums = [sum(strings(number, *guess) for number, guess in enumerate(way, 1)) for way in ways]
    assert search_strings(REBER) == pytest.approx(max(sums))


def test_a_plan_says_what_is_read() -> None:
    plan = Plan.make(REBER)
    found = plan.to_document()["strings_read"]
    assert found == reads(REBER)
    assert 0 < found["balle_states_found"] < found["balle_pairs_decided"]
    text = plan_text(plan)
    assert "strings read until it is sure, but with probability 0.05:" in text
    assert "balle-castro-gavalda: all states found 1.3·10^10, all pairs decided 3.0·10^10" in text


def test_numbers_beyond_all_are_none() -> None:
    found = reads(REBER.with_(states=10**40, symbols=10**4))
    assert found["search"] is None
