"""Reports: from a learner, from a model file, at any look, for machines and for people."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import PDFA, Ensemble, ModelError, StreamLearner, UsageError
from flexstream.automata.model_file import loads
from flexstream.merging.heuristics import HEURISTICS
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.pac.report import page
from flexstream.pac.report.analysis import Analysis
from flexstream.pac.report.evidence import collect, lengths, model_with_evidence, with_evidence
from flexstream.pac.report.report import make_report
from flexstream.pac.statistics.homogeneity import entry_counts, homogeneity
from flexstream.pac.statistics.special import log_best, log_mixture
from flexstream.pac.statistics.state_tree import StateTree, depths
from flexstream.targets import from_rows, reber, reentrant_line

from ..strategies import Traces, count, traces

LOTS = reentrant_line().sample(2000, seed=8)


def learned(given_traces: Traces, **params: Any) -> PDFA:
    learner = StreamLearner(**params)
    learner.learn_many(given_traces)
    return with_evidence(learner)


@pytest.fixture(scope="module")
def model() -> PDFA:
    return learned(LOTS)


@pytest.fixture(scope="module")
def report(model: PDFA) -> dict[str, Any]:
    return make_report(model)


def test_the_truth_lies_in_the_intervals(report: dict[str, Any]) -> None:
    truth = reentrant_line()
    rows: dict[int, dict[str | None, tuple[int, float]]] = {state: {} for state in range(9)}
    for edge in truth.transitions():
        rows[edge.source][edge.symbol] = (edge.target, edge.probability)
    place = {0: 0}
    for state in report["states"]:  # states are numbered in the order of discovery
        true = place[state["state"]]
        assert state["stop"]["least"] <= truth.stops[true] <= state["stop"]["most"]
        for step in state["next"]:
            target, chance = rows[true][step["symbol"]]
            assert step["least"] <= chance <= step["most"]
            assert place.setdefault(step["state"], target) == target


def test_what_was_seen(report: dict[str, Any]) -> None:
    seen = report["seen"]
    sizes = sorted(map(len, LOTS))
    assert (seen["strings"], seen["events"], seen["symbols"]) == (2000, sum(sizes), 7)
    assert seen["lengths"]["largest"] == sizes[-1]
    assert seen["lengths"]["q50"] == sizes[999]
    assert seen["lengths"]["held"] == 2000


@settings(max_examples=30)
@given(traces, st.integers(1, 9), st.none() | st.integers(1, 3))
def test_lengths_are_those_of_the_traces(given_traces: Traces, grow_at: int, reach: int | None) -> None:
    tree, _ = count(given_traces, grow_at=grow_at, reach=reach)
    found = lengths(tree, depths(tree.columns.parent[: len(tree)].astype(np.int64)))
    assert found["held"] == len(given_traces)
    if given_traces:
        sizes = sorted(map(len, given_traces))
        assert found["largest"] == sizes[-1]
        assert found["q90"] == sizes[math.ceil(0.9 * len(sizes)) - 1]


def test_the_line_is_settled(report: dict[str, Any]) -> None:
    assert report["headline"].startswith("No decision is close, though a merge of ")
    assert ", and nothing seen contradicts the 9 states; if" in report["headline"]
    assert report["pairs"]["proven"] == report["pairs"]["number"] == 36
    assert report["decisions"]["close"] == 0
    assert report["guarantee"]["contradicted"] == []
    assert 0 < report["guarantee"]["l1"] < 0.4
    kinds = {(row["kind"], row["source"], row["symbol"]): row for row in report["decisions"]["rows"]}
    assert len(kinds) == 14  # the start, and every transition
    assert sum(kind == "merge" for kind, *_ in kinds) == 5


def test_distinguishability(report: dict[str, Any]) -> None:
    found = report["distinguishability"]
    assert found["least"] <= found["estimate"] <= found["most"]
    assert found["least"] <= 0.85 <= found["most"]  # of the two states before "implant" and "inspect", "rework"


def test_theorems_say_what_is_missing(report: dict[str, Any]) -> None:
    rows = {row["theorem"]: row for row in report["theorems"]}
    assert len(rows) == 5
    assert not any(row["met"] for row in rows.values())
    for row in rows.values():
        assert row["strings_missing"] == pytest.approx(row["strings_needed"] - 2000)
        assert row["fails"]


def test_it_goes_through_the_model_file(model: PDFA, report: dict[str, Any]) -> None:
    again = PDFA.from_json(model.to_json())
    assert again.evidence == model.evidence
    assert make_report(again) == report
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_a_model_without_evidence_says_less(model: PDFA) -> None:
    bare = make_report(replace(model, evidence={}))
    assert "does not hold its evidence" in bare["headline"]
    assert bare["states"] and not bare["decisions"]["rows"]
    assert "learn it again" in page.text(bare)
    newer = make_report(replace(model, evidence={**model.evidence, "version": 2}))
    assert newer["headline"] == bare["headline"]
    with pytest.raises(ModelError, match="damaged: entries"):
        make_report(replace(model, evidence={**model.evidence, "entries": [1]}))


def test_what_was_not_learned_has_no_report() -> None:
    with pytest.raises(ModelError, match="not learned from traces"):
        make_report(reber())


@pytest.mark.parametrize("values", [{"delta": 0.0}, {"delta": 1.0}, {"eps": 1.5}, {"depth": 0}])
def test_values_out_of_range(model: PDFA, values: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        make_report(model, **values)


def test_a_state_that_stands_for_several_is_found_out() -> None:
    """With a margin that merges everything, the report must say that it cannot be."""
    wrong = learned(reber().sample(5000, 1), options={"margin": -1e9})
    assert len(wrong) == 1
    told = make_report(wrong)
    assert told["headline"].startswith("Do not rely on q0")
    assert told["states"][0]["contradicted"]
    assert "q0 (contradicted)" in page.text(told)


def test_close_decisions_are_told() -> None:
    few = make_report(learned(reber().sample(30, 1)))
    assert few["decisions"]["close"] > 0
    assert "decisions are close" in few["headline"]
    assert any(row["strings_to_settle"] for row in few["decisions"]["rows"])


def test_lost_counts_take_the_proof_away() -> None:
    told = make_report(learned(reber().sample(4000, 1), memory="128KiB"))
    assert any(told["seen"]["pruned"].values())
    assert "evicted" in told["headline"] or "Do not rely" in told["headline"]


def test_of_few_traces_more_are_asked_for() -> None:
    learner = StreamLearner()
    learner.learn_many([["a"], ["a", "b"]] * 10)
    told = make_report(with_evidence(learner))["summary"]
    assert told["rely"] == ["Nothing was tried on traces that were not learned: that takes 40 traces at least."]
    assert told["next"][-1] == "Learn 40 traces at least."
    learner.learn_many([["a"], ["a", "b"]] * 10)
    untried = make_report(with_evidence(learner, foresight=False))["summary"]
    assert untried["rely"] == ["Nothing was tried on traces that were not learned."]
    assert not any("at least" in line for line in untried["next"])


def test_a_plan_that_is_fulfilled() -> None:
    demand = Demand(states=2, symbols=2, mu=0.65, length=5, eps=0.9, delta=0.2, futures=1)
    rows = {0: {"a": (0.7, 1), "b": (0.1, 0), None: (0.2, 0)}, 1: {"a": (0.05, 0), "b": (0.75, 1), None: (0.2, 0)}}
    learner = PlannedLearner(Plan.make(demand))
    learner.learn_many(from_rows(rows).sample(int(learner.plan.sizes["flexstream"].batch), seed=3))
    told = make_report(PDFA.from_json(with_evidence(learner).to_json()))
    assert told["demand"]["source"] == "the plan"
    assert told["summary"]["rely"][0].startswith("Under a plan nothing is tried on traces that were not learned: it")
    assert not told["summary"]["next"]  # more traces would not be tried either
    assert told["confidence"] == 0.8
    assert [row["theorem"] for row in told["theorems"] if row["met"]][:1] == ["flexstream"]
    assert "as was planned" in told["headline"]
    assert told["seen"]["sketch"]["beta"] == pytest.approx(math.e / told["seen"]["sketch"]["width"])
    assert "Sketches" in page.text(told)


def test_report_at_every_look_changes_nothing() -> None:
    asked, quiet = StreamLearner(), StreamLearner()
    for start in range(0, 2000, 500):
        asked.learn_many(LOTS[start : start + 500])
        make_report(with_evidence(asked))
    quiet.learn_many(LOTS[:2000])
    assert asked.automaton.to_json() == quiet.automaton.to_json()


@settings(max_examples=20)
@given(traces.filter(bool), st.sampled_from(list(HEURISTICS)))
def test_any_traces_can_be_reported(given_traces: Traces, heuristic: str) -> None:
    strategy = "final" if heuristic == "spacesaving" else "replay"
    told = make_report(learned(given_traces, heuristic=heuristic, strategy=strategy))
    json.dumps(told, allow_nan=False)
    for state in told["states"]:
        for row in (state["stop"], *state["next"]):
            assert 0 <= row["least"] <= row["estimate"] + 1e-9 <= row["most"] + 2e-9 <= 1 + 2e-9
    assert page.text(told).startswith("What you may rely on\n- ") and f"- {told['headline']}\n" in page.text(told)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_only_tables_of_the_page_move_sideways_and_it_follows_dark_mode(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    long = [f"{'W' * 40}{at} {'i' * 40}" for at in range(6)]
    path.write_text(page.html(make_report(learned([long, long[::-1]] * 60))), encoding="utf-8")
    opened = browser.new_page(viewport={"width": 400, "height": 800})
    opened.goto(path.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") == 400
    assert opened.locator(".scroll").count() == opened.locator("table").count() > 1
    assert opened.evaluate("document.querySelector('.scroll').scrollWidth") > 400
    back = lambda: opened.evaluate("getComputedStyle(document.body).backgroundColor")  # noqa: E731
    light = back()
    opened.emulate_media(color_scheme="dark")
    assert back() != light == "rgb(255, 255, 255)"
    opened.emulate_media(media="print")
    assert back() == light
    opened.close()


def test_the_page_is_html_whatever_the_symbols() -> None:
    odd = ["<b>", "&amp;", "\x00", "two\nlines", "", '"', "x" * 300]
    parser = Tags()
    written = page.html(make_report(learned([odd] * 30)))
    parser.feed(written)
    assert parser.open == []
    assert "b" not in parser.seen
    assert {"table", "h2", "p"} <= parser.seen
    assert "\x00" not in written


def test_many_states_are_cut_short() -> None:
    told = make_report(learned([[str(i) for i in range(60)]] * 30))
    text = page.text(told)
    assert "more are in the JSON report" in text
    assert len(told["states"]) > page.MOST_STATES


def test_many_symbols_are_cut_short() -> None:
    text = page.text(make_report(learned(random.Random(1).choices([[str(i)] for i in range(30)], k=600))))
    assert "and 22 more" in text


def test_groups_by_hand() -> None:
    """State 0 is entered at the start, state 1 after a and after b; c follows a more often than b."""
    given_traces = [["a", "c"]] * 30 + [["a"]] * 10 + [["b", "c"]] * 5 + [["b"]] * 20
    tree, alphabet = count(given_traces, grow_at=1)
    a, b = (next(n for n in range(len(tree)) if tree.path(n) == [alphabet.id(s)]) for s in "ab")
    states = np.full(len(tree), 2, np.int32)
    states[0], states[[a, b]] = 0, 1
    found = entry_counts(StateTree.of(tree, states, 3, len(alphabet)))
    assert found.entries.tolist() == [1, 2, 1]
    groups = np.array([[10, 30], [20, 5]])
    exact = log_mixture(groups[0], 4) + log_mixture(groups[1], 4) - log_best(groups.sum(0))
    assert homogeneity(found, 4)[1] == pytest.approx(exact.item())


def test_endless_and_huge_automata_have_no_bound_for_strings(model: PDFA, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = PDFA(["a"], [10.0], [0.0], [0, 1], [0], [0], [10.0], provenance={"traces": 10, "events": 10})
    assert Analysis(endless, 0.1).l1_bound == 2.0
    assert make_report(endless)["guarantee"] == {"l1": 2.0, "kl": None, "contradicted": []}
    monkeypatch.setattr("flexstream.pac.statistics.expected_visits.MOST_STATES_SOLVED", 3)
    assert Analysis(model, 0.1).l1_bound == 2.0


def test_evidence_is_plain_json() -> None:
    learner = StreamLearner(heuristic="css")
    learner.learn_many(LOTS)
    assert json.loads(json.dumps(collect(learner), allow_nan=False))["sketch"]["width"] == 64


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to all values inside JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


@settings(max_examples=150)
@given(st.data())
def test_damaged_evidence_is_an_error_or_harmless(model: PDFA, data: st.DataObject) -> None:
    """Whatever one value of the evidence is replaced by, there is a report or a ModelError."""
    evidence = json.loads(json.dumps(model.evidence))
    *way, last = data.draw(st.sampled_from([place for place in places(evidence) if place]))
    part = evidence
    for key in way:
        part = part[key]
    part[last] = data.draw(st.sampled_from([None, -1, 10**400, 1e308, "x", [], {}, True, [[]]]))
    try:
        told = make_report(replace(model, evidence=evidence))
    except ModelError:
        return
    page.text(told)


def test_homogeneity_takes_memory_for_what_was_seen_only() -> None:
    tree, _ = count([["a", "b"], ["b"]], grow_at=1)
    states = np.zeros(len(tree), np.int32)
    found = homogeneity(
        entry_counts(StateTree.of(tree, states, 1, 2)), 10**12
    )  # a table of states by outcomes would take terabytes
    assert found.shape == (1,) and np.isfinite(found).all()


# --- first visits ----------------------------------------------------------------------------------------------


def widths(report: dict[str, Any]) -> np.ndarray:
    rows = [row for state in report["states"] for row in (state["stop"], *state["next"])]
    return np.array([row["most"] - row["least"] for row in rows])


def test_a_time_fixed_beforehand_makes_intervals_narrower() -> None:
    learner = StreamLearner()
    learner.learn_many(LOTS)
    fixed, free = (make_report(with_evidence(learner, 1, planned)) for planned in (True, False))
    later = make_report(with_evidence(learner, 1000))
    assert widths(fixed).mean() < 0.95 * widths(free).mean()
    assert widths(fixed).mean() < widths(later).mean()
    assert widths(later).max() < 1.1 * widths(free).max()
    assert "first visit" in " ".join(fixed["method"])
    assert "first visit" not in " ".join(free["method"])
    assert (fixed["seen"]["reports"], later["seen"]["reports"]) == (1, 1000)


def test_a_model_of_yesterday_has_no_first_visits(model: PDFA) -> None:
    old = {key: value for key, value in model.evidence.items() if key not in ("first_visits", "reports")}
    old["heuristic"] = {key: value for key, value in old["heuristic"].items() if key != "members"}
    told = make_report(replace(model, evidence=old))
    assert told["headline"].startswith("No decision is close")
    assert widths(told).mean() > widths(make_report(model)).mean()


def test_first_visits_that_contradict_the_others_are_not_believed(model: PDFA) -> None:
    wrong = {"stops": [0] * len(model), "steps": [10**6] * len(model.targets)}
    told = make_report(replace(model, evidence={**model.evidence, "first_visits": wrong}))
    for state in told["states"]:
        for row in (state["stop"], *state["next"]):
            assert row["least"] <= row["estimate"] <= row["most"]


# --- ensembles -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    learner = StreamLearner(ensemble=4, every=500)
    learner.learn_many(LOTS)
    made = model_with_evidence(learner)
    assert isinstance(made, Ensemble)
    return made


def test_a_report_of_an_ensemble_is_about_its_best_member(ensemble: Ensemble) -> None:
    told = make_report(loads(ensemble.to_json()))
    assert told == make_report(ensemble)
    place = told["ensemble"]
    assert place["members"] == 4
    assert ensemble.members[place["member"]] is ensemble.best
    assert place["weight"] == ensemble.weights.max()
    assert f"of 4 automata of an ensemble, number {place['member'] + 1}," in page.text(told)
    assert told | {"ensemble": None} == make_report(ensemble.best)
    assert [bool(member.evidence) for member in ensemble].count(True) == 1


def test_the_best_member_is_judged_by_its_own_heuristic_and_for_all(ensemble: Ensemble) -> None:
    """Any of the members might have been chosen, and each might have been wrong."""
    evidence = dict(ensemble.best.evidence)
    assert evidence["heuristic"]["members"] == 4
    alone = {**evidence, "heuristic": {**evidence["heuristic"], "members": 1}}
    single = make_report(replace(ensemble.best, evidence=alone))["decisions"]
    chosen = make_report(ensemble)["decisions"]
    assert chosen["expected_wrong"] == pytest.approx(4 * single["expected_wrong"])
    for one, other in zip(single["rows"], chosen["rows"], strict=True):
        assert other["error"] == pytest.approx(min(1.0, 4 * one["error"]))


def test_an_ensemble_without_evidence_says_less(ensemble: Ensemble) -> None:
    bare = Ensemble([replace(part, evidence={}) for part in ensemble], ensemble.weights, ensemble.provenance)
    assert "does not hold its evidence" in make_report(bare)["headline"]


# --- what is damaged or too little -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "amounts", [{"traces": 10**400}, {"events": -1}, {"events": 10**400}, {"tree": {"nodes": "x"}}]
)
def test_damaged_provenance(model: PDFA, amounts: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="provenance"):
        make_report(replace(model, provenance={**model.provenance, **amounts}))


def test_one_trace_decides_nothing() -> None:
    told = make_report(learned([["a", "b"]]))
    assert told["headline"].startswith("Nothing could be decided")
    assert "nothing is bounded" in told["headline"]


def test_a_small_delta_is_not_certainty(model: PDFA) -> None:
    assert "99.9999999 %" in make_report(model, delta=1e-9)["headline"]


# --- what of the stream itself did not fit -----------------------------------------------------------------------


def test_symbols_beyond_the_memory_are_told() -> None:
    learner = StreamLearner(memory="128KiB")
    learner.learn_many([[f"template {number} {'x' * 200}", "end"] for number in range(300)])
    assert learner.alphabet.other is not None
    model = PDFA.from_json(with_evidence(learner).to_json())
    told = make_report(model)
    own = len(model.symbols) - 1
    assert told["seen"]["other_symbols"] == {
        "counted_as": "<other>",
        "events": learner.other_events,
        "own_symbols": own,
    }
    text = page.text(told)
    assert f"Symbols beyond the first {own} did not fit into the memory: they were counted as <other>, in" in text


def test_cases_closed_early_take_the_proof_away() -> None:
    learner = StreamLearner()
    learner.learn_many(LOTS)
    learner.closed_early = 1
    told = make_report(with_evidence(learner))
    assert told["seen"]["cases_closed_early"] == 1
    assert "Closed early because too many were open at once: 1 case." in page.text(told)
    assert told["headline"].startswith("Cases were closed early, so neither intervals nor bounds are proven")
    assert not any(row["met"] for row in told["theorems"])
    assert "closed early" in told["theorems"][0]["fails"]


def test_where_all_had_room_nothing_is_told(model: PDFA, report: dict[str, Any]) -> None:
    assert (report["seen"]["other_symbols"], report["seen"]["cases_closed_early"]) == (None, 0)
    old = {key: value for key, value in model.provenance.items() if key not in ("alphabet", "cases_closed_early")}
    assert make_report(replace(model, provenance=old))["seen"] == report["seen"]
    text = page.text(report)
    assert "did not fit" not in text and "Closed early" not in text


@pytest.mark.parametrize(
    "parts",
    [
        {"cases_closed_early": -1},
        {"cases_closed_early": None},
        {"alphabet": []},
        {"alphabet": {"symbols": 3, "other": "<other>"}},
        {"alphabet": {"symbols": 3, "other": 7, "given_up_events": 1}},
        {"alphabet": {"symbols": 0, "other": "<other>", "given_up_events": 1}},
    ],
)
def test_damaged_provenance_of_what_had_no_room(model: PDFA, parts: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="provenance"):
        make_report(replace(model, provenance={**model.provenance, **parts}))


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    text = page.text(make_report(learned([["a"]])))
    assert "1 string, 1 event, 1 symbol; mean length 1" in text
    assert "1 strings" not in text and "1 refinements" not in text and "1 visits" not in text
