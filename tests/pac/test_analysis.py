"""A model made by hand, and every number of its report worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flexstream import PDFA, ModelError
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import sizes_of
from flexstream.pac.report import page
from flexstream.pac.report.analysis import Analysis
from flexstream.pac.report.conditions import LEAST_MU, Facts, conditions, demand_of
from flexstream.pac.report.decision_rows import decision_rows
from flexstream.pac.report.report import make_report
from flexstream.pac.report.schema import LARGEST, is_count
from flexstream.pac.statistics import hoeffding
from flexstream.pac.statistics.binomial import binomial_limits
from flexstream.pac.statistics.centred import centred_sequence
from flexstream.pac.statistics.decisions import merge_error, separation_error
from flexstream.pac.statistics.divergence import Outcomes, priced, state_radius, strengths, whole_divergence
from flexstream.pac.statistics.intervals import confidence_sequence
from flexstream.pac.statistics.ordered_visits import ORDERS, ordered_limits

from .tiny import tiny

DECISIONS: dict[str, list[Any]] = {
    "merge": [0, 0, 1, 1],
    "kept": [0, 1, 0, 1],
    "source": [-1, 0, 0, 1],
    "symbol": [-1, 0, 1, 0],
    "state": [0, 1, 0, 0],
    "against": [-1, 0, 0, 0],
    "score": [None, -30.0, 25.0, 40.0],
    "second": [None, None, -3.0, None],
    "visits": [1000, 500, 300, 100],
}
EVIDENCE: dict[str, Any] = {
    "version": 1,
    "looks": 3,
    "reports": 2,
    "kind": "bayes-factor",
    "heuristic": {"name": "evidence", "margin": 1.0, "light": 5, "alpha": None, "members": 1},
    "demand": None,
    "lengths": {"held": 600, "q50": 1, "q90": 3, "q99": 5, "largest": 7},
    "prefixes": 12,
    "sketch": None,
    "tails_agree": [True, True],
    "tail_events": 0,
    "entries": [3, 1],
    "homogeneity": [-2.0, -1.0],
    "first_visits": None,
    "decisions": DECISIONS,
    "forced": {"number": 2, "visits": 5, "largest": 3},
    "taken_back": 1,
}
LOST = {"given_up_nodes": 0, "given_up_edges": 0, "given_up_tails": 0, "given_up_events": 0}
# q0: 200 ends, 500 a to q1, 300 b to q0.  q1: 400 ends, 100 a to q0.
MODEL = PDFA(
    symbols=["a", "b"],
    visits=[1000.0, 500.0],
    stops=[200.0, 400.0],
    offsets=[0, 2, 3],
    edge_symbols=[0, 1, 0],
    targets=[1, 0, 0],
    weights=[500.0, 300.0, 100.0],
    provenance={"traces": 600, "events": 900, "tree": LOST},
    evidence=EVIDENCE,
)
TEST = {
    "kind": "test",
    "heuristic": {"name": "css", "margin": -1.0, "light": 5, "alpha": 1e-6, "members": 1},
    "sketch": {"futures": 2, "depth": 3, "width": 5, "beta": 0.5, "gamma": 0.25},
}


def changed(**parts: Any) -> PDFA:
    return replace(MODEL, evidence={**EVIDENCE, **parts})


def test_how_delta_is_shared_out() -> None:
    """Half to intervals, an eighth to the whole, a 16th each to pairs and the fit; 2 states, 3 outcomes, report 2."""
    found = Analysis(MODEL, 0.08)
    assert (found.states, found.outcomes, found.reports) == (2, 3, 2)
    assert found.level == found.levels.always == pytest.approx(0.04 / 6)
    assert found.pair_threshold == pytest.approx(math.log(1 / 0.005))
    assert found.order_level == pytest.approx(math.log(6 * 0.005 / (math.pi**2 * 4)))
    assert found.check_threshold == pytest.approx(math.log(2 / (6 * 0.0025 / (math.pi**2 * 4))))
    with_first = Analysis(changed(first_visits={"stops": [9, 8], "steps": [7, 6, 5]}), 0.08)
    assert with_first.levels == pytest.approx((0.02 / 6, 6 * 0.02 / (math.pi**2 * 4) / 6, 0))
    later = Analysis(changed(first_visits={"stops": [9, 8], "steps": [7, 6, 5]}, later_visits=[]), 0.08)
    assert later.levels == pytest.approx((0.02 / 6, *(part * 6 * 0.02 / (math.pi**2 * 4) / 6 for part in (0.4, 0.6))))
    level = 6 * 0.005 / (math.pi**2 * 4) / 2  # two ways to put visits apart
    for times, called in ((0.99, True), (1.01, False)):
        row = {"order": 1, "groups": 9, "excess": 4.0, "log_p": math.log(times * level), "state": 0}
        assert (Analysis(changed(fit=[row, row | {"order": 0, "log_p": 0.0}]), 0.08).misfit is not None) == called
    demand = Demand(states=4, symbols=5, mu=0.5, length=3, eps=0.5, delta=0.08)
    planned = Analysis(MODEL, 0.08, demand=demand)
    assert (planned.states, planned.outcomes) == (4, 6)
    assert planned.pair_threshold == pytest.approx(math.log(6 / 0.005))
    narrow = Analysis(MODEL, 0.08, demand=demand.with_(states=1, symbols=1))
    assert (narrow.states, narrow.outcomes) == (2, 3)
    old = Analysis(replace(MODEL, evidence={key: part for key, part in EVIDENCE.items() if key != "reports"}), 0.08)
    assert old.reports == 3
    assert Analysis(replace(MODEL, evidence={}), 0.08).reports == 1


def test_intervals_of_all_visits() -> None:
    found = Analysis(MODEL, 0.08)
    low, high = confidence_sequence([200, 400, 500, 300, 100, 0, 0], [1000, 500, 1000, 1000, 500, 1000, 500], 0.04 / 6)
    assert found.observed.tolist() == [1000, 500]
    assert found.stops.tolist() == [low[:2].tolist(), high[:2].tolist()]
    assert found.steps.tolist() == [low[2:5].tolist(), high[2:5].tolist()]
    assert found.unseen.tolist() == high[5:].tolist()


def test_intervals_of_first_visits_where_they_are_narrower() -> None:
    first = {"stops": [150, 380], "steps": [250, 200, 20]}  # of 600 and of 400
    found = Analysis(changed(first_visits=first), 0.08)
    low, high = confidence_sequence([200, 400, 500, 300, 100, 0, 0], [1000, 500, 1000, 1000, 500, 1000, 500], 0.02 / 6)
    trials = [600, 400, 600, 600, 400, 600, 400]
    least, most = binomial_limits([150, 380, 250, 200, 20, 0, 0], trials, found.levels.first)
    share = np.array([0.2, 0.8, 0.5, 0.3, 0.2, 0, 0])
    both = np.maximum(low, least) <= np.minimum(high, most)
    assert not both.all() and both.any()  # first visits that cannot be are not believed
    low = np.where(both, np.minimum(share, np.maximum(low, least)), low)
    high = np.where(both, np.maximum(share, np.minimum(high, most)), high)
    assert np.concatenate([found.stops, found.steps, [[0, 0], found.unseen]], axis=1) == pytest.approx(
        np.array([low, high])
    )


def test_intervals_of_visits_of_each_number_where_they_are_narrower() -> None:
    first = {"stops": [120, 320], "steps": [300, 180, 80]}  # of 600 and of 400
    later = [{"stops": [60, 70], "steps": [150, 90, 20]}, {"stops": [20, 10], "steps": [40, 30, 0]}]
    found = Analysis(changed(first_visits=first, later_visits=later), 0.08)
    levels = found.levels
    low, high = confidence_sequence([200, 500], [1000, 1000], levels.always)
    least, most = binomial_limits([120, 300], [600, 600], levels.first)
    trials = np.repeat([[600.0], [300.0], [90.0], [0.0], [0.0], [0.0]], 2, axis=1)
    hits = np.zeros((ORDERS, 2))
    hits[:3] = [[120, 300], [60, 150], [20, 40]]
    below, above = ordered_limits(hits, trials, levels.ordered)
    told = np.array([found.stops[:, 0], found.steps[:, 0]]).T
    expected = [np.maximum(np.maximum(low, least), below), np.minimum(np.minimum(high, most), above)]
    assert told == pytest.approx(np.array(expected))
    assert (above < np.minimum(high, most)).any()


def test_declared_looks() -> None:
    """Of one report 19 in 20 of nine tenths of the intervals' share go to first visits, the rest is centred."""
    first = {"stops": [150, 380], "steps": [250, 200, 20]}
    once = Analysis(changed(first_visits=first, reports=1, declared={"reports": 1, "traces": 2000}), 0.08)
    assert once.levels == pytest.approx((0.04 / 20 / 6, 0.04 * 0.95 * 0.9 / 6, 0)) and once.strength == 60
    assert once.order_level == pytest.approx(math.log(0.005 * 0.9))
    for times, called in ((0.99, True), (1.01, False)):
        row = {"order": 1, "groups": 9, "excess": 4.0, "log_p": math.log(times * 0.005 * 0.9), "state": 0}
        alone = Analysis(changed(fit=[row], reports=1, declared={"reports": 1, "traces": 2000}), 0.08)
        assert (alone.misfit is not None) == called
    many = [
        Analysis(changed(first_visits=first, reports=report, declared={"reports": 7, "traces": 2000}), 0.08).levels
        for report in (1, 7, 8, 9)
    ]
    assert many[0] == many[1] == pytest.approx((0.04 * 7 / 26 / 6, 0.04 * 19 / 26 * 0.9 / 7 / 6, 0))
    assert many[2].first == pytest.approx(0.04 * 19 / 26 * 0.1 * 6 / math.pi**2 / 6)
    assert many[3].first == pytest.approx(many[2].first / 4)
    low, high = centred_sequence([200, 400], [1000, 500], 0.04 / 6, 60.0)
    alone = Analysis(changed(declared={"reports": 7, "traces": 2000}), 0.08)
    assert alone.stops.tolist() == [low.tolist(), high.tolist()]
    assert alone.l1_bound < Analysis(MODEL, 0.08).l1_bound
    for damaged in ({"reports": 0, "traces": 9}, {"reports": 1}, 7):
        with pytest.raises(ModelError, match="declared"):
            make_report(changed(declared=damaged))


def test_bounds_of_whole_strings() -> None:
    """q0 is visited v0 = 1 + 0.3 v0 + 0.2 v1 times, q1 v1 = 0.5 v0 times: 5/3 and 5/6."""
    found = Analysis(MODEL, 0.08)
    assert found.expected_visits == pytest.approx([5 / 3, 5 / 6])
    rows = [np.array([200.0, 500.0, 300.0]), np.array([400.0, 100.0])]
    least = [[found.stops[0, 0], *found.steps[0, :2]], [found.stops[0, 1], found.steps[0, 2]]]
    most = [[found.stops[1, 0], *found.steps[1, :2]], [found.stops[1, 1], found.steps[1, 2]]]
    known = [
        Outcomes(row, np.array(low), np.array(high), others, float(unseen))
        for row, low, high, others, unseen in zip(rows, least, most, (0, 1), found.unseen, strict=True)
    ]
    costs = [priced(row, strengths(None)) for row in known]
    whole = whole_divergence(np.stack(costs, axis=-1), np.array([5 / 3, 5 / 6]), 0.01)
    assert found.divergence_bound == pytest.approx(whole)
    radii = [
        min(2 * (row / row.sum() - low).sum(), state_radius(cost, 0.0025 / 2), 2.0)
        for row, low, cost in zip(rows, least, costs, strict=True)
    ]
    assert found.radii == pytest.approx(radii)
    whole = min(math.sqrt(2 * found.divergence_bound), 5 / 3 * radii[0] + 5 / 6 * radii[1])
    assert found.l1_bound == pytest.approx(whole) and whole < 2
    guarantee = make_report(MODEL, delta=0.08)["guarantee"]
    assert guarantee == {"l1": found.l1_bound, "kl": found.divergence_bound, "contradicted": []}


def test_what_contradicts() -> None:
    limit = Analysis(MODEL, 0.05).check_threshold
    found = make_report(changed(homogeneity=[limit, limit * 1.001]))
    assert [row["contradicted"] for row in found["states"]] == [False, True]
    torn = make_report(changed(tails_agree=[True, False]))
    assert [row["visits_left_out"] for row in torn["states"]] == [False, True]
    assert torn["headline"].startswith("Do not rely on q1: rare ways in")


def test_pairs() -> None:
    found = make_report(MODEL)["pairs"]
    (pair,) = found["closest"]
    assert (found["number"], found["proven"], found["compared"], pair["states"]) == (1, 1, True, [0, 1])
    assert pair["estimate"] == pytest.approx(0.6)  # of the end: 0.2 and 0.8
    assert (pair["strings_to_settle"], pair["proven"]) == (0, True)
    assert pair["error"] == math.exp(-pair["log_evidence"]) < 1e-9
    few = replace(MODEL, visits=[10.0, 5.0], stops=[2.0, 4.0], weights=[5.0, 3.0, 1.0])
    (near,) = make_report(few)["pairs"]["closest"]
    assert (near["error"], near["strings_to_settle"], near["proven"]) == (1.0, None, False)
    analysis = Analysis(replace(MODEL, visits=[40.0, 20.0], stops=[8.0, 16.0], weights=[20.0, 12.0, 4.0]), 0.05)
    evidence = analysis.pair_evidence[0, 1]
    (told,) = make_report(analysis.automaton)["pairs"]["closest"]
    assert 0 < evidence < analysis.pair_threshold
    assert not analysis.separated[0, 1]
    assert told["strings_to_settle"] == math.ceil(600 * (analysis.pair_threshold / evidence - 1))
    assert told["error"] == tiny(min(1, math.exp(-evidence)))


# --- decisions ---------------------------------------------------------------------------------------------------


def test_bayes_factors() -> None:
    """Delta 0.04 over four decisions; with two states there is one other besides the target."""
    found = decision_rows(Analysis(MODEL, 0.04), 600)
    assert (found["level"], found["close"], found["taken_back"]) == (0.01, 0, 1)
    rows = {(row["source"], row["symbol"]): row for row in found["rows"]}
    start, apart, first, second = (rows[key] for key in ((None, None), (0, "a"), (0, "b"), (1, "a")))
    assert (start["error"], start["margin"], start["kind"], start["against"]) == (0.0, None, "separation", None)
    assert (apart["error"], apart["margin"]) == (separation_error(-30.0, 1), 31.0)
    assert (first["error"], first["margin"]) == (merge_error(25.0, -3.0, 1), 24.0)
    assert (second["error"], second["margin"]) == (merge_error(40.0, -math.inf, 1), 39.0)
    assert [row["kept"] for row in (start, apart, first, second)] == [False, True, False, True]
    visible = [
        hoeffding.detectable(500, 1000, 0.01, 0.01),
        hoeffding.detectable(300, 700, 0.01, 0.01),  # without the node's own visits
        hoeffding.detectable(100, 900, 0.01, 0.01),
    ]
    assert [row["smallest_visible_difference"] for row in (apart, first, second)] == pytest.approx(visible)
    assert start["smallest_visible_difference"] == 1.0
    assert found["unnoticed"] == pytest.approx(visible[2])
    assert found["expected_wrong"] == tiny(sum(row["error"] for row in found["rows"]))
    errors = [row["error"] for row in found["rows"]]
    assert errors == sorted(errors, reverse=True)


def test_close_merges_do_not_say_what_is_seen() -> None:
    scores = {**DECISIONS, "score": [None, -30.0, 25.0, 2.0]}
    found = decision_rows(Analysis(changed(decisions=scores), 0.04), 600)
    assert found["close"] == 1
    assert found["unnoticed"] == pytest.approx(hoeffding.detectable(300, 700, 0.01, 0.01))
    scores["score"] = [None, -30.0, 2.0, 2.0]
    found = decision_rows(Analysis(changed(decisions=scores), 0.04), 600)
    assert (found["close"], found["unnoticed"]) == (2, pytest.approx(hoeffding.detectable(100, 900, 0.01, 0.01)))
    closest = min(found["rows"], key=lambda row: -row["error"])
    assert closest["strings_to_settle"] > 0


def test_any_member_may_be_wrong() -> None:
    scores = {**DECISIONS, "score": [None, -30.0, 6.0, 0.5]}
    one = decision_rows(Analysis(changed(decisions=scores), 0.04), 600)["rows"]
    several = {**EVIDENCE["heuristic"], "members": 3}
    more = decision_rows(Analysis(changed(decisions=scores, heuristic=several), 0.04), 600)["rows"]
    assert [row["error"] for row in more] == [min(1.0, 3 * row["error"]) for row in one]
    assert more[0]["error"] == 1.0


def test_merges_taken_over_have_no_error() -> None:
    scores = {**DECISIONS, "score": [None, -30.0, 25.0, None]}
    found = decision_rows(Analysis(changed(decisions=scores), 0.04), 600)
    assert [row["error"] for row in found["rows"]].count(None) == 1
    (row,) = (row for row in found["rows"] if row["error"] is None)
    assert (row["margin"], row["strings_to_settle"], row["source"]) == (None, None, 1)


def test_a_test_and_its_errors() -> None:
    """30 cells; q0 and q1 differ by the lower end of their distance, two events deep."""
    analysis = Analysis(changed(**TEST), 0.04)
    found = decision_rows(analysis, 600)
    mu = analysis.least_distance(2)
    assert mu is not None and found["supposed"] == {"mu": mu, "futures": 2} and found["unnoticed"] == mu
    rows = {(row["source"], row["symbol"]): row for row in found["rows"]}
    rejected = 2 * (4 * math.sqrt(1e-6 / 2)) * 30 * 1
    assert rows[0, "a"]["error"] == tiny(rejected) and rejected > 0.01
    assert rows[0, "a"]["strings_to_settle"] is None
    accepted = hoeffding.accept_level(300, 700, 1e-6, mu, 2)
    assert rows[0, "b"]["error"] == tiny(accepted)
    assert (rows[0, "b"]["margin"], rows[1, "a"]["margin"]) == (28.0, None)
    needed = 2 * hoeffding.node_size(mu, 1e-6, 0.01 / 2) / 100
    assert rows[1, "a"]["error"] > 0.01
    assert rows[1, "a"]["strings_to_settle"] == math.ceil(600 * (needed - 1))
    visible = hoeffding.detectable(300, 700, 1e-6, 0.01)
    assert rows[0, "b"]["smallest_visible_difference"] == pytest.approx(visible)
    by_symbol = changed(**{**TEST, "sketch": None})
    found = decision_rows(Analysis(by_symbol, 0.04), 600)
    (row,) = (row for row in found["rows"] if row["symbol"] == "a" and row["source"] == 0)
    assert row["error"] == pytest.approx(2 * 1e-6 * 2 / 2 * 2 / 1 * 3 / 1, rel=1)
    assert row["error"] == tiny(2 * hoeffding.overlapping_level(1e-6, 1) * 3)
    assert row["strings_to_settle"] == 0.0


def test_a_test_that_supposes_nothing_knows_nothing() -> None:
    same = replace(
        changed(**{**TEST, "sketch": None}), visits=[10.0, 3.0], stops=[2.0, 1.0], weights=[5.0, 3.0, 2.0]
    )  # nothing tells q0 and q1 apart for sure
    found = decision_rows(Analysis(same, 0.04), 600)
    assert found["supposed"]["mu"] == 0.0
    assert {row["error"] for row in found["rows"] if row["kind"] == "merge"} == {1.0}
    assert found["unnoticed"] == max(
        row["smallest_visible_difference"] for row in found["rows"] if row["kind"] == "merge"
    )


# --- theorems ----------------------------------------------------------------------------------------------------


DEMAND = Demand(states=2, symbols=2, mu=0.5, length=3.0, eps=0.5, delta=0.1)
NEEDED = sizes_of("palmer-goldberg", DEMAND)
ENOUGH = Facts(int(NEEDED.strings), 3.0, 2, 2, 0.5, NEEDED.node, True)


def test_conditions_at_their_edges() -> None:
    met = conditions("palmer-goldberg", DEMAND, ENOUGH)
    assert (met["met"], met["fails"], met["strings_missing"]) == (True, None, 0)
    for change, words in (
        ({"states": 3}, "3 states (supposed: at most 2)"),
        ({"symbols": 3}, "3 symbols (supposed: at most 2)"),
        ({"length": 3.0001}, "length 3 (supposed: 3)"),
        ({"complete": False}, "counts were evicted, cases closed early, or strings repeated (supposed: none)"),
        ({"judged": False}, "the decisions cannot be judged (supposed: a test or a Bayes factor)"),
        ({"mu_most": 0.499}, "two states differ by at most 0.499 (supposed: 0.5)"),
        ({"smallest_state": NEEDED.node - 1}, f"a state has {NEEDED.node - 1:,} visits (needed: {NEEDED.node:,})"),
        ({"strings": int(NEEDED.strings) - 5}, f"{int(NEEDED.strings) - 5:,} strings (needed: {NEEDED.strings:,.4g})"),
    ):
        found = conditions("palmer-goldberg", DEMAND, replace(ENOUGH, **change))
        assert (found["met"], found["fails"]) == (False, words)
        assert bool(found["supports"]) == (next(iter(change)) in ("smallest_state", "strings"))
    assert conditions("palmer-goldberg", DEMAND, replace(ENOUGH, length=3.0 * (1 + 5e-10)))["met"]
    assert conditions("palmer-goldberg", DEMAND, replace(ENOUGH, strings=10))["strings_missing"] == NEEDED.strings - 10
    large = conditions("palmer-goldberg", DEMAND.with_(mu=0.001), replace(ENOUGH, mu_most=1.0, strings=1))
    assert "e+" in large["fails"]


def test_the_demand_is_the_plans_or_read_off() -> None:
    analysis = Analysis(MODEL, 0.08)
    facts = replace(ENOUGH, symbols=0, length=0.0)
    found = demand_of(analysis, facts, 0.0, 0.3)
    assert (found.states, found.symbols, found.mu, found.length) == (2, 1, LEAST_MU, 1e-3)
    assert (found.eps, found.delta, found.futures) == (0.3, 0.08, 3)
    assert demand_of(analysis, ENOUGH, 1.5, 0.3).mu == 1.0
    assert demand_of(Analysis(MODEL, 0.08, wanted=2), ENOUGH, 0.5, 0.3).futures == 2
    assert demand_of(Analysis(MODEL, 0.08, wanted=9), ENOUGH, 0.5, 0.3).futures == 3
    assert demand_of(Analysis(MODEL, 0.08, demand=DEMAND), ENOUGH, 0.5, 0.3) is DEMAND
    assert (LEAST_MU, LARGEST) == (1e-6, 2**53)


# --- the page ----------------------------------------------------------------------------------------------------


def test_the_page_by_hand() -> None:
    told = make_report(MODEL)
    text = page.text(told)
    for line in (
        "600 strings, 900 events, 2 symbols; mean length 1.5, median 1, 99 % at most 5, largest 7.",
        "12 distinct prefixes in the tree; 3 refinements, report 2 of this stream.",
        "Nothing was evicted: all counts are complete.",
        "No sketch was used: all compared counts are exact.",
        "4 decisions, 0 of them close (probability of error above 0.013); wrong ones expected:",
        "Too light to be decided about: 2 nodes of at most 3 visits (5 in all); taken back: 1 decision.",
        "1 of 1 pairs of states are proven to differ.",
        "Distinguishability (prefix-L∞, words of up to 3 events): 0.6000",
        "of q0 and q1.",
    ):
        assert line in text
    lost = replace(MODEL, provenance={**MODEL.provenance, "tree": {**LOST, "given_up_nodes": 1200}})
    assert "Evicted for lack of memory, or for speed: 1,200 nodes (all" in page.text(make_report(lost))
    light = make_report(changed(forced={"number": 0, "visits": 0, "largest": 0}))
    assert "Too light to be decided about: no node;" in page.text(light)
    sketched = page.text(make_report(changed(**TEST)))
    assert "Sketches: 5 x 3 counters for each of 2 lengths; a count is off by more than beta = 0.5" in sketched
    assert "gamma = 0.25; of 2 merges at most 0.5 rest on a collision, expected." in sketched
    assert "within 2 events; what differs by less would go unnoticed." in sketched
    counters = {"counters": 256, "beta": 1 / 256, "gamma": 0.0}
    unjudged = page.text(make_report(changed(kind="unjudged", sketch=counters)))
    assert "Sketches: 256 prefixes a node;" in unjudged and "of evidence, which cannot be judged" in unjudged


# --- damage ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "least", "most", "fits"),
    [
        (0, 0, 5, True),
        (5, 0, 5, True),
        (6, 0, 5, False),
        (-1, 0, 5, False),
        (-1, -1, 5, True),
        (True, 0, 5, False),
        (1.0, 0, 5, False),
        (2**53, 0, LARGEST, True),
        (2**53 + 1, 0, LARGEST, False),
    ],
)
def test_counts(value: Any, least: int, most: int, fits: bool) -> None:
    assert is_count(value, least, most) == fits


@pytest.mark.parametrize(
    ("part", "value", "fits"),
    [
        ("looks", 0, True),
        ("looks", -1, False),
        ("reports", 0, False),
        ("homogeneity", [1e300, -1e300], True),
        ("homogeneity", [1.1e300, 0.0], False),
        ("homogeneity", [0.0], False),
        ("homogeneity", [True, 0.0], False),
        ("tails_agree", [True, 1], False),
        ("entries", [0, 2**53], True),
        ("entries", [0, -1], False),
        ("lengths", {"held": 0}, True),
        ("lengths", {"held": 1}, False),
        ("lengths", {"held": -1, "largest": 1}, False),
        ("lengths", [], False),
        ("sketch", {"counters": 1, "beta": 1.0, "gamma": 0.0}, True),
        ("sketch", {"counters": 0, "beta": 1.0, "gamma": 0.0}, False),
        ("sketch", {"counters": 2**31 + 1, "beta": 1.0, "gamma": 0.0}, False),
        ("sketch", {"counters": 1, "beta": None, "gamma": 0.0}, False),
        ("sketch", {"counters": 1, "beta": 1.0}, False),
        ("sketch", {"futures": 1, "depth": 1, "width": 1, "beta": 1.0, "gamma": 0.0}, True),
        ("sketch", {"futures": 1, "depth": 1, "beta": 1.0, "gamma": 0.0}, False),
        ("first_visits", {"stops": [1, 1], "steps": [1, 1, 1]}, True),
        ("first_visits", {"stops": [1, 1], "steps": [1, 1]}, False),
        ("later_visits", [{"stops": [1, 1], "steps": [1, 1, 1]}], True),
        ("later_visits", [{"stops": [1, 1], "steps": [1, 1]}], False),
        ("later_visits", [{"stops": [1, 1], "steps": [1, 1, 1]}] * ORDERS, False),
        ("later_visits", None, False),
        ("first_visits", {"stops": [1], "steps": [1, 1, 1]}, False),
        ("first_visits", {"stops": [1, 1]}, False),
        ("forced", {"number": 1, "visits": 1}, False),
        ("heuristic", {"name": "evidence", "margin": None, "light": 5, "alpha": None}, True),
        ("heuristic", {"name": "evidence", "margin": None, "light": 5, "alpha": None, "members": 0}, False),
        ("heuristic", {"name": "evidence", "margin": None, "light": 5}, False),
        ("heuristic", {"name": 5, "margin": None, "light": 5, "alpha": None}, False),
        ("heuristic", {"name": "css", "margin": None, "light": 5, "alpha": None}, False),
        ("heuristic", {"name": "css", "margin": "x", "light": 5, "alpha": 0.5}, False),
        ("heuristic", {"name": "css", "margin": -1.0, "light": 5, "alpha": 0.5}, True),
        ("heuristic", {"name": "css", "margin": -1.0, "light": 5, "alpha": 1.0}, False),
        ("heuristic", {"name": "css", "margin": -1.0, "light": 5, "alpha": 0.0}, False),
        *(
            ("decisions", {**DECISIONS, name: value}, fits)
            for name, value, fits in (
                ("merge", [0, 0, 2, 1], False),
                ("kept", [0, -1, 1, 1], False),
                ("source", [-1, 0, 1, 1], True),
                ("source", [-2, 0, 1, 1], False),
                ("source", [-1, 0, 2, 1], False),
                ("symbol", [-1, 0, 2, 0], False),
                ("symbol", [-2, 0, 1, 0], False),
                ("state", [0, 1, 1, 1], True),
                ("state", [0, 1, -1, 1], False),
                ("state", [0, 1, 2, 1], False),
                ("against", [-1, 1, 1, -2], False),
                ("against", [-1, 1, 1, 2], False),
                ("score", [None, "x", 1.0, 1.0], False),
                ("visits", [1, 1, 1, -1], False),
                ("visits", [1, 1, 1], False),
                ("visits", [1, 1, 1, True], False),
                ("visits", [1, 1, 1, 2**53], True),
                ("visits", [1, 1, 1, 2**53 + 1], False),
                ("second", [None, 1, -1e300, None], True),
                ("second", [None, 1, -1e301, None], False),
                ("second", [10**400, math.nan, 1, 1], False),
                ("second", [math.nan, 10**400, 1, 1], False),
            )
        ),
        ("homogeneity", [0.5, None], False),
        ("homogeneity", [0.5, 1], True),
        ("homogeneity", [math.inf, 0.5], False),
        ("tails_agree", [True, 1], False),
        ("entries", [1, 2.0], False),
    ],
)
def test_evidence_at_its_edges(part: str, value: Any, fits: bool) -> None:
    model = changed(**{part: value})
    if fits:
        make_report(model)
    else:
        with pytest.raises(ModelError, match=f"damaged: {part}"):
            make_report(model)


def test_intervals_allow_for_visits_left_out() -> None:
    """Of 40 more visits of q1 nothing is known: none may have had an outcome, or all."""
    found, plain = Analysis(changed(left_out=[0, 40], tails_agree=[True, False]), 0.08), Analysis(MODEL, 0.08)
    assert found.steps[:, :2].tolist() == plain.steps[:, :2].tolist()
    level = 0.04 / 6
    low, _ = confidence_sequence([400, 100], [540, 540], level)
    _, high = confidence_sequence([440, 140], [540, 540], level)
    assert [found.stops[0, 1], found.steps[0, 2]] == low.tolist()
    assert [found.stops[1, 1], found.steps[1, 2]] == high.tolist()
    assert found.l1_bound == 2.0 and plain.l1_bound < 2
    assert plain.separated[0, 1] and found.separated[0, 1]  # by intervals that lie apart
    many = Analysis(changed(left_out=[0, 4000], tails_agree=[True, False]), 0.08)
    assert not many.separated[0, 1]


def test_an_order_that_tells_something_voids_bounds() -> None:
    limit = Analysis(MODEL, 0.08).order_level
    found = {"kind": "period", "feature": "first", "symbols": [], "number": 2, "other": "", "tests": 9, "traces": 99}
    for log_p, bounded in ((limit - 0.1, False), (limit + 0.1, True)):
        analysis = Analysis(changed(order={**found, "log_p": log_p}), 0.08)
        assert (analysis.l1_bound < 2) == bounded == (not analysis.dependent)
        assert math.isfinite(analysis.divergence_bound) == bounded


@pytest.mark.parametrize(
    "damage",
    [
        {"kind": "else"},
        {"feature": "symbol"},
        {"symbols": [0]},
        {"number": 4},
        {"log_p": 0.1},
        {"tests": 0},
        {"traces": None},
        {"other": 3},
        {"kind": "before"},
    ],
)
def test_a_damaged_order_is_an_error(damage: dict[str, Any]) -> None:
    found = {"kind": "period", "feature": "first", "symbols": [], "number": 2, "other": "", "tests": 9, "traces": 99}
    assert make_report(changed(order={**found, "log_p": -1.0}))["order"]["fails"] is False
    with pytest.raises(ModelError, match="damaged: order"):
        make_report(changed(order={**found, "log_p": -1.0, **damage}))
