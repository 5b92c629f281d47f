"""Decisions of a learned automaton: what a test supposes about states that it cannot tell apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flexstream import PDFA, StreamLearner
from flexstream.pac.demand import Demand
from flexstream.pac.report import page
from flexstream.pac.report.analysis import Analysis
from flexstream.pac.report.decision_rows import decision_rows
from flexstream.pac.report.evidence import with_evidence
from flexstream.pac.report.report import make_report
from flexstream.pac.statistics.hoeffding import accept_level
from flexstream.targets import from_rows

STRICT = {"alpha": 1e-12}
NEAR = 0.03
# q1 and q2 differ by 0.03 in everything; q0 is far from both.
TARGET = from_rows(
    {
        0: {"a": (0.45, 1), "b": (0.45, 2), None: (0.1, 0)},
        1: {"a": (0.1, 1), "b": (0.3, 0), None: (0.6, 0)},
        2: {"a": (0.1 + NEAR, 1), "b": (0.3, 0), None: (0.6 - NEAR, 0)},
    }
)


def learned(heuristic: str, strings: int = 8000, **params: Any) -> PDFA:
    learner = StreamLearner(heuristic=heuristic, **params)
    learner.learn_many(TARGET.sample(strings, seed=4))
    return with_evidence(learner)


@pytest.fixture(scope="module", params=["css", "alergia"])
def model(request: pytest.FixtureRequest) -> PDFA:
    """What a strict test makes of the target: the two near states are one."""
    found = learned(request.param, options=STRICT)
    assert len(found) == 2
    return found


def test_a_test_that_merged_near_states_does_not_call_them_settled(model: PDFA) -> None:
    """No decision is close only as far as states are not nearer than those found: the report must say so."""
    told = make_report(model, delta=0.1)
    assert told["decisions"]["close"] == 0
    assert told["decisions"]["supposed"]["mu"] > 10 * NEAR
    mu = f"{told['decisions']['supposed']['mu']:.2g}"
    expected = f"No decision is close, provided that no two states differ by less than {mu}, which would go unnoticed,"
    assert told["headline"].startswith(expected)
    assert "what differs by less would go unnoticed" in page.text(told)


def test_what_is_supposed_is_the_lower_end_within_what_the_test_sees(model: PDFA) -> None:
    analysis = Analysis(model, 0.1)
    found = decision_rows(analysis, 8000)["supposed"]
    assert found["futures"] == (model.evidence["sketch"] or {"futures": 1})["futures"]
    assert found["mu"] == analysis.least_distance(found["futures"])
    least, deeper = analysis.least_distance(1), analysis.least_distance(3)
    assert least is not None and deeper is not None
    assert least <= deeper <= analysis.distances.estimate[0, 1]


def test_merges_are_judged_without_the_visits_that_they_brought(model: PDFA) -> None:
    analysis = Analysis(model, 0.1)
    found = decision_rows(analysis, 8000)
    mu, futures = found["supposed"].values()
    merges = [row for row in found["rows"] if row["kind"] == "merge"]
    assert merges
    for row in merges:
        before = analysis.observed[row["state"]] - row["visits"]
        assert row["error"] == accept_level(row["visits"], before, STRICT["alpha"], mu, futures)


def test_a_plan_supposes_its_own_mu(model: PDFA) -> None:
    demand = Demand(states=3, symbols=2, mu=NEAR, length=3, eps=0.5, delta=0.1, futures=1)
    planned = replace(model, evidence={**model.evidence, "demand": demand.to_document()})
    told = make_report(planned)
    assert told["decisions"]["supposed"]["mu"] == NEAR
    assert told["decisions"]["close"] > 0


def test_a_single_state_supposes_nothing_that_could_settle_it() -> None:
    told = make_report(learned("css", strings=300, options={"alpha": 1e-300}))
    assert len(told["states"]) == 1
    assert told["decisions"]["supposed"]["mu"] == 0
    assert {row["error"] for row in told["decisions"]["rows"] if row["kind"] == "merge"} == {1.0}


def test_close_decisions_of_a_test_rest_on_the_same() -> None:
    told = make_report(learned("css", strings=1000, options={"alpha": 1e-3}))
    assert told["decisions"]["close"] > 0
    mu = f"{told['decisions']['supposed']['mu']:.2g}"
    assert (
        f"expected, provided that no two states differ by less than {mu}, which would go unnoticed; if the"
        in (told["headline"])
    )


def test_without_a_merge_nothing_is_supposed() -> None:
    learner = StreamLearner(heuristic="css", options=STRICT)
    learner.learn_many([["a", "b"]] * 4000)
    told = make_report(with_evidence(learner))
    assert {row["kind"] for row in told["decisions"]["rows"]} == {"separation"}
    assert "provided" not in told["headline"]


def test_bayes_factors_suppose_nothing_but_do_not_see_all() -> None:
    """What the counts of a merge could not have shown stands in the sentence, whatever decides."""
    model = learned("evidence")
    told = make_report(model)
    found = told["decisions"]
    assert found["supposed"] is None
    assert len(model) == 2 and found["unnoticed"] > NEAR  # q1 and q2 are one, and the report says that it may be so
    merges = [row for row in found["rows"] if row["kind"] == "merge" and row["error"] <= found["level"]]
    assert found["unnoticed"] == max(row["smallest_visible_difference"] for row in merges)
    assert f"visits would hide differences below {found['unnoticed']:.2g}" in told["headline"]
    assert f"less than {found['unnoticed']:.3g} in what comes next would go unnoticed" in page.text(told)
