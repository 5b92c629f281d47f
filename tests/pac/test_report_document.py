"""The document of a report: every entry from a model made by hand, and what decides between its forms."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flexstream import PDFA, Ensemble, ModelError, UsageError
from flexstream.pac.demand import Demand
from flexstream.pac.report import report as report_of
from flexstream.pac.report import schema
from flexstream.pac.report.analysis import Analysis
from flexstream.pac.report.conditions import Facts, all_conditions
from flexstream.pac.report.decision_rows import decision_rows
from flexstream.pac.report.headline import headline
from flexstream.pac.report.report import make_report
from flexstream.pac.statistics import hoeffding

from .test_analysis import EVIDENCE, LOST, MODEL, TEST, changed

PLAN = Demand(states=3, symbols=4, mu=0.25, length=5.0, eps=0.3, delta=0.2, futures=1)


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return make_report(MODEL, delta=0.08)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return Analysis(MODEL, 0.08)


def test_the_frame(told: dict[str, Any], analysis: Analysis) -> None:
    assert list(told) == [
        *(
            "format",
            "version",
            "headline",
            "summary",
            "foresight",
            "order",
            "confidence",
            "intervals_hold",
            "eps",
            "method",
            "seen",
            "states",
            "decisions",
            "pairs",
        ),
        *("distinguishability", "demand", "theorems", "guarantee", "fit", "predictor", "ensemble"),
    ]
    assert (told["format"], told["version"], told["ensemble"]) == ("flexstream-pac-report", 1, None)
    assert (told["confidence"], told["eps"]) == (0.92, 0.1)
    assert told["headline"] == headline(told, 2)
    assert told["decisions"] == decision_rows(analysis, 600)
    assert schema.VERSION == 1


def test_what_was_seen(told: dict[str, Any]) -> None:
    assert told["seen"] == {
        "strings": 600,
        "events": 900,
        "symbols": 2,
        "mean_length": 1.5,
        "lengths": EVIDENCE["lengths"],
        "prefixes_held": 12,
        "looks": 3,
        "reports": 2,
        "pruned": LOST,
        "repeats": None,
        "other_symbols": None,
        "cases_closed_early": 0,
        "sketch": None,
    }
    bare = make_report(replace(MODEL, evidence={}, provenance={"traces": 1, "events": 0, "tree": 3}))["seen"]
    assert (bare["strings"], bare["events"], bare["mean_length"]) == (1, 0, 0.0)
    assert [bare[name] for name in ("lengths", "prefixes_held", "looks", "reports", "pruned")] == [None] * 5
    tree = {"nodes": 7, "given_up_nodes": 3}
    provenance = {**MODEL.provenance, "tree": tree, "cases_closed_early": 4}
    provenance["alphabet"] = {"symbols": 9, "other": "<other>", "given_up_events": 5}
    seen = make_report(replace(MODEL, provenance=provenance))["seen"]
    assert (seen["pruned"], seen["cases_closed_early"]) == ({"given_up_nodes": 3}, 4)
    assert seen["other_symbols"] == {"counted_as": "<other>", "events": 5, "own_symbols": 8}
    provenance["alphabet"] = {"symbols": 9, "other": None, "given_up_events": 0}
    assert make_report(replace(MODEL, provenance=provenance))["seen"]["other_symbols"] is None


def test_sketches() -> None:
    """Two of the four decisions are merges; each is hidden with probability gamma."""
    assert make_report(changed(**TEST))["seen"]["sketch"] == {
        **TEST["sketch"],
        "merges": 2,
        "merges_masked_expected_at_most": 0.5,
    }


def test_states(told: dict[str, Any], analysis: Analysis) -> None:
    def interval(estimate: float, limits: np.ndarray) -> dict[str, float]:
        return {"estimate": estimate, "least": float(limits[0]), "most": float(limits[1])}

    def step(edge: int, symbol: str, state: int, visits: float, share: float) -> dict[str, Any]:
        part = {"symbol": symbol, "state": state, "visits": visits, "guessed": False}
        return part | interval(share, analysis.steps[:, edge])

    rows = [[step(0, "a", 1, 500.0, 0.5), step(1, "b", 0, 300.0, 0.3)], [step(2, "a", 0, 100.0, 0.2)]]
    visible = [hoeffding.detectable(visits, visits, analysis.level, analysis.level) for visits in (1000, 500)]
    assert told["states"] == [
        {
            "state": state,
            "visits": visits,
            "stop": interval(stop, analysis.stops[:, state]),
            "next": rows[state],
            "unseen_symbol_at_most": float(analysis.unseen[state]),
            "l1_radius": float(analysis.radii[state]),
            "smallest_visible_difference": visible[state],
            "log_evidence_of_several": several,
            "contradicted": False,
            "visits_left_out": False,
            "left_out": None,
        }
        for state, visits, stop, several in ((0, 1000.0, 0.2, -2.0), (1, 500.0, 0.8, -1.0))
    ]


def test_states_without_visits_or_evidence() -> None:
    """Nothing is known of q1: all of its intervals are everything."""
    empty = PDFA(["a"], [2.0, 0.0], [1.0, 0.0], [0, 1, 1], [0], [1], [1.0], provenance={"traces": 2, "events": 1})
    _, state = make_report(empty)["states"]
    assert state["stop"] == {"estimate": 0.0, "least": 0.0, "most": 1.0}
    assert (state["unseen_symbol_at_most"], state["l1_radius"], state["smallest_visible_difference"]) == (1.0, 2.0, 1.0)
    assert (state["log_evidence_of_several"], state["next"]) == (None, [])
    guessed = replace(MODEL, guessed=[True, False, False])
    assert [step["guessed"] for state in make_report(guessed)["states"] for step in state["next"]] == [
        True,
        False,
        False,
    ]


def test_distances(told: dict[str, Any], analysis: Analysis) -> None:
    found = analysis.distances
    distance = {name: float(getattr(found, name)[0, 1]) for name in ("estimate", "least", "most")}
    assert told["distinguishability"] == {"depth": 3, "pair": [0, 1], **distance}
    evidence = float(analysis.pair_evidence[0, 1])
    pair = {"states": [0, 1], **distance, "log_evidence": evidence, "proven": True, "strings_to_settle": 0}
    pair["error"] = math.exp(-evidence)  # one pair
    assert told["pairs"] == {
        **{"number": 1, "proven": 1, "compared": True, "threshold": analysis.pair_threshold},
        "expected": {"number": 1, "wrong": analysis.delta / 16},
        "closest": [pair],
    }


def three(weights: list[float]) -> PDFA:
    """Return a line of three states: q0 -a-> q1 -a-> q2, each ending so often."""
    return PDFA(
        symbols=["a"],
        visits=[1000.0, 500.0, 300.0],
        stops=weights,
        offsets=[0, 1, 2, 2],
        edge_symbols=[0, 0],
        targets=[1, 2],
        weights=[1000 - weights[0], 500 - weights[1]],
        provenance={"traces": 1000, "events": 800, "tree": LOST},
    )


def test_the_closest_pair_is_named_and_those_unproven_come_first() -> None:
    """q0 and q1 end in halves and two fifths, q2 always: of three pairs theirs is the closest."""
    told = make_report(three([500.0, 210.0, 300.0]))
    found = Analysis(three([500.0, 210.0, 300.0]), 0.05)
    assert told["distinguishability"]["pair"] == [0, 1]
    estimates = found.distances.estimate
    assert (
        told["distinguishability"]["estimate"]
        == estimates[0, 1]
        == min(estimates[0, 1], estimates[0, 2], estimates[1, 2])
    )
    assert told["distinguishability"]["least"] == min(found.distances.least[np.triu_indices(3, 1)])
    assert told["distinguishability"]["most"] == min(found.distances.most[np.triu_indices(3, 1)])
    order = [(pair["proven"], pair["estimate"]) for pair in told["pairs"]["closest"]]
    assert order == sorted(order) and len(order) == told["pairs"]["number"] == 3
    assert told["pairs"]["proven"] == sum(pair["proven"] for pair in told["pairs"]["closest"])
    for pair in told["pairs"]["closest"]:
        evidence = pair["log_evidence"]
        assert pair["error"] == pytest.approx(min(1.0, 3 * math.exp(-evidence)))  # any of three pairs
        assert evidence == found.pair_evidence[tuple(pair["states"])]


def test_no_more_than_so_many_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert report_of.MOST_PAIRS == 500
    monkeypatch.setattr(report_of, "MOST_PAIRS", 2)
    assert len(make_report(three([500.0, 210.0, 300.0]))["pairs"]["closest"]) == 2


def test_one_state_has_no_pairs() -> None:
    """There is nothing to compare, so nothing was left out; and two states without words are not compared."""
    one = PDFA(["a"], [2.0], [1.0], [0, 1], [0], [0], [1.0], provenance={"traces": 1, "events": 1})
    told = make_report(one)
    nothing = {"estimate": None, "least": None, "most": None, "pair": None}
    assert told["distinguishability"] == {"depth": 3, **nothing}
    assert told["pairs"] == {"number": 0, "proven": 0, "compared": True, "threshold": None, "closest": []}
    assert told["demand"]["mu"] == 1e-6


def test_too_many_states_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flexstream.pac.report.analysis.deepest", lambda states, symbols, wanted: 0)
    told = make_report(MODEL)
    nothing = {"estimate": None, "least": None, "most": None, "pair": None}
    assert told["distinguishability"] == {"depth": 0, **nothing}
    assert told["pairs"] == {"number": 1, "proven": 0, "compared": False, "threshold": None, "closest": []}


# --- by what it is judged ------------------------------------------------------------------------------------------


def test_read_off_the_automaton(told: dict[str, Any]) -> None:
    demand = Demand(
        states=2, symbols=2, mu=told["distinguishability"]["estimate"], length=1.5, eps=0.1, delta=0.08, futures=3
    )
    assert told["demand"] == {**demand.to_document(), "source": "read off the automaton itself", "theorem": None}
    facts = Facts(600, 1.5, 2, 2, told["distinguishability"]["most"], 500.0, True)
    assert told["theorems"] == all_conditions(demand, facts)
    assert [row["theorem"] for row in told["theorems"]] == [
        *("flexstream", "baumgartner-verwer", "balle-castro-gavalda", "palmer-goldberg", "clark-thollard"),
    ]


def test_the_plans_own() -> None:
    told = make_report(changed(demand=PLAN.to_document()), eps=0.5, delta=0.01)
    assert told["demand"] == {**PLAN.to_document(), "source": "the plan", "theorem": None}
    assert (told["confidence"], told["eps"]) == (0.8, 0.3)
    with pytest.raises(ModelError, match="the evidence of the model is damaged: not a demand"):
        make_report(changed(demand={"states": 1}))


@pytest.mark.parametrize(
    ("model", "complete", "judged"),
    [
        (MODEL, True, True),
        (replace(MODEL, provenance={**MODEL.provenance, "cases_closed_early": 1}), False, True),
        (replace(MODEL, provenance={**MODEL.provenance, "tree": {**LOST, "given_up_tails": 1}}), False, True),
        (changed(kind="unjudged"), True, False),
        (changed(kind="unjudged", demand=PLAN.to_document()), True, True),
    ],
)
def test_what_theorems_suppose(model: PDFA, complete: bool, judged: bool) -> None:
    fails = {row["fails"] for row in make_report(model)["theorems"]}
    assert ("counts were evicted, cases closed early, or strings repeated (supposed: none)" not in fails) == complete
    assert ("the decisions cannot be judged (supposed: a test or a Bayes factor)" not in fails) == judged


def test_how_it_was_computed(told: dict[str, Any]) -> None:
    method, always, planned, close = report_of.METHOD, report_of.ALWAYS, report_of.PLANNED, report_of.CLOSE
    assert len(method) == 8
    kinds = [("bayes-factor", "decisions: Bayes factors with even odds beforehand, e^-2 for a state of its own")]
    kinds += [("test", "decisions: how often the test rejects what is one and accepts what differs by mu" + close)]
    kinds += [("unjudged", "decisions: it is not known how often such decisions are wrong")]
    for kind, begins in kinds:
        found = make_report(changed(**{**TEST, "kind": kind}))["method"]
        assert found[:9] == [method[0], always, *method[1:]]
        assert len(found) == 10 and found[9].startswith(begins) and (close in found[9]) is (kind != "unjudged")
    first = {"stops": [150, 380], "steps": [250, 200, 20]}
    half = {"share": 0.5, "ways": report_of.FIRST}
    assert make_report(changed(first_visits=first))["method"][1] == always + planned.format(**half)
    every = changed(first_visits=first, later_visits=[])
    assert make_report(every)["method"][1] == always + planned.format(**half | {"ways": report_of.ORDERED})
    assert make_report(replace(MODEL, evidence={}))["method"] == [method[0], always, *method[1:]]
    assert [line.split(":")[0] for line in told["method"]] == [
        *(
            "condition",
            "intervals",
            "check of the condition",
            "fit",
            "order",
            "foresight",
            "fit, order and foresight",
            "whole strings",
            "pairs",
            "decisions",
        ),
    ]


def test_bounds_that_are_not_known() -> None:
    endless = PDFA(["a"], [10.0], [0.0], [0, 1], [0], [0], [10.0], provenance={"traces": 10, "events": 10})
    assert make_report(endless)["guarantee"] == {"l1": 2.0, "kl": None, "contradicted": []}
    limit = Analysis(MODEL, 0.05).check_threshold
    torn = make_report(changed(homogeneity=[limit + 1, limit + 1]))
    assert torn["guarantee"]["contradicted"] == [0, 1]


def test_the_best_of_an_ensemble() -> None:
    light, heavy = replace(MODEL, evidence={}), MODEL
    told = make_report(Ensemble([light, heavy], [1.0, 3.0], MODEL.provenance))
    assert told["ensemble"] == {"members": 2, "member": 1, "weight": 0.75}
    assert told | {"ensemble": None} == make_report(heavy)


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ({"delta": 0.0}, False),
        ({"delta": 1.0}, False),
        ({"delta": 0.999}, True),
        ({"eps": 0.0}, False),
        ({"eps": 1.0}, False),
        ({"eps": 0.999}, True),
        ({"depth": 0}, False),
        ({"depth": 1}, True),
        ({"depth": 2}, True),
    ],
)
def test_values_at_their_edges(values: dict[str, Any], fits: bool) -> None:
    if fits:
        told = make_report(MODEL, **values)
        assert told["distinguishability"]["depth"] == values.get("depth", 3)
        return
    (name,) = values
    expected = "at least 1" if name == "depth" else "a number between 0 and 1"
    with pytest.raises(UsageError, match=rf"^`{name}` is .* \(expected: {expected}\)$"):
        make_report(MODEL, **values)


@pytest.mark.parametrize(
    ("provenance", "words"),
    [
        ({}, "was not learned from traces"),
        ({"traces": 0, "events": 0}, "was not learned from traces"),
        ({"traces": 1.0, "events": 0}, "was not learned from traces"),
        ({"traces": 1, "events": None}, "was not learned from traces"),
        ({"traces": 1, "events": -1}, "the provenance of the model is damaged"),
    ],
)
def test_what_was_not_learned(provenance: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        make_report(replace(MODEL, provenance=provenance))


@pytest.mark.parametrize(
    ("parts", "fits"),
    [
        ({}, True),
        ({"traces": 0}, True),
        ({"traces": -1}, False),
        ({"events": 2.5}, False),
        ({"cases_closed_early": 0}, True),
        ({"cases_closed_early": -1}, False),
        ({"tree": {"nodes": 3, "edges": 0}}, True),
        ({"tree": {"nodes": -3}}, False),
        ({"tree": "x"}, True),
        ({"alphabet": {"symbols": 0, "given_up_events": 0}}, True),
        ({"alphabet": {"symbols": 0, "given_up_events": 0, "other": "x"}}, False),
        ({"alphabet": {"symbols": 1, "given_up_events": 0, "other": "x"}}, True),
        ({"alphabet": {"symbols": 1, "given_up_events": 0, "other": 3}}, False),
        ({"alphabet": {"symbols": 1}}, False),
        ({"alphabet": {"given_up_events": 1}}, False),
        ({"alphabet": 3}, False),
    ],
)
def test_provenance_at_its_edges(parts: dict[str, Any], fits: bool) -> None:
    assert schema.is_provenance({"traces": 3, "events": 4, **parts}) == fits


@pytest.mark.parametrize(
    ("kind", "alpha", "fits"),
    [
        ("test", 0.5, True),
        ("test", None, False),
        ("bayes-factor", None, True),
        ("unjudged", 0.5, True),
        ("sure", 0.5, False),
    ],
)
def test_kinds_and_levels(kind: str, alpha: float | None, fits: bool) -> None:
    model = changed(kind=kind, heuristic={**EVIDENCE["heuristic"], "alpha": alpha})
    if fits:
        assert Analysis(model, 0.1).evidence_kind == kind
    else:
        with pytest.raises(ModelError, match="damaged: kind"):
            make_report(model)


def test_evidence_of_other_versions_is_none() -> None:
    assert schema.checked({**EVIDENCE, "version": 2}, 2, 2, 3) == {}
    assert schema.checked(EVIDENCE, 2, 2, 3) is EVIDENCE
    for name in EVIDENCE:
        if name not in ("version", "kind", "reports", "first_visits", "demand"):
            with pytest.raises(ModelError, match=f"damaged: {name} \\(expected: what learn wrote\\)"):
                schema.checked({key: part for key, part in EVIDENCE.items() if key != name}, 2, 2, 3)
