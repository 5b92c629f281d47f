"""What a report says of a heuristic hangs on the kind of its evidence; what is not known is not called settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from flexstream import PDFA, ModelError, StreamLearner
from flexstream.merging.evidence_kind import EvidenceKind
from flexstream.merging.heuristics import HEURISTICS
from flexstream.merging.heuristics.evidence import Evidence
from flexstream.pac.demand import Demand
from flexstream.pac.report import page
from flexstream.pac.report.analysis import Analysis
from flexstream.pac.report.evidence import collect, with_evidence
from flexstream.pac.report.report import make_report
from flexstream.targets import reber

OPTIONS: dict[str, dict[str, float]] = {
    "css": {"alpha": 1e-6},
    "css-published": {"alpha": 1e-6},
    "alergia": {"alpha": 1e-6},
    "spacesaving": {"mu": 0.2, "states": 6, "symbols": 5},
}
OWN = "own"


@dataclass(frozen=True)
class Own(Evidence):
    """A user's: it scores as evidence does, but says nothing of what its scores are worth."""

    name: ClassVar[str] = OWN
    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.UNJUDGED


@pytest.fixture(scope="module", autouse=True)
def own_heuristic() -> Iterator[None]:
    """Enter a heuristic of one's own, as a user would, for this file."""
    import sys

    HEURISTICS.places[OWN] = "own.Own"
    sys.modules["flexstream.merging.heuristics.own"] = sys.modules[__name__]
    yield
    del HEURISTICS.places[OWN], sys.modules["flexstream.merging.heuristics.own"]


def learned(heuristic: str, strings: int = 20_000) -> PDFA:
    learner = StreamLearner(heuristic=heuristic, options=OPTIONS.get(heuristic, {}), every=4000)
    learner.learn_many(reber().sample(strings, seed=1))
    return with_evidence(learner)


@pytest.mark.parametrize("name", [*HEURISTICS, OWN])
def test_the_headline_says_what_is_known(name: str) -> None:
    model = learned(name)
    told = make_report(PDFA.from_json(model.to_json()))
    found, kind = told["decisions"], model.evidence["kind"]
    assert kind == HEURISTICS[name].evidence_kind
    assert len(model) == 6 and found["evidence"] == kind
    text, beginning = page.text(told), told["headline"].split(";")[0]
    if kind == EvidenceKind.UNJUDGED:
        unsettled = f"The decisions of {name} cannot be judged, so how many states there are is not settled (6 found)"
        assert beginning == unsettled
        assert (found["close"], found["expected_wrong"], found["unnoticed"]) == (None, None, None)
        assert f"decisions of {name}, which cannot be judged" in text
        assert {row["error"] for row in found["rows"]} == {None}
        assert "No decision is close" not in text and "of them close" not in text
        for row in told["theorems"]:
            assert not row["met"] and row["supports"] == {}
    else:
        assert "cannot be judged" not in text
        least = f"{found['unnoticed']:.2g}"
        condition = f"provided that no two states differ by less than {least}, which would go unnoticed"
        assert (condition if kind == EvidenceKind.TEST else f"would hide differences below {least}") in beginning
        assert 0 < found["unnoticed"] < 1
        assert "would go unnoticed" in text
    assert ("it is not known how often such decisions are wrong" in text) == (kind == EvidenceKind.UNJUDGED)


def test_a_heuristic_that_says_nothing_cannot_be_judged() -> None:
    from flexstream.merging.heuristic import Heuristic

    assert Heuristic.evidence_kind is EvidenceKind.UNJUDGED


@pytest.mark.parametrize(("name", "kind"), [("evidence", "bayes-factor"), ("css", "test"), ("spacesaving", "unjudged")])
def test_models_of_yesterday_are_judged_by_name(name: str, kind: str) -> None:
    model = learned(name, 3000)
    old = {key: value for key, value in model.evidence.items() if key != "kind"}
    before = replace(model, evidence=old)
    assert Analysis(before, 0.05).evidence_kind == kind
    assert make_report(before) == make_report(model)
    strange = {**old, "heuristic": {**old["heuristic"], "name": "aic"}}
    assert Analysis(replace(model, evidence=strange), 0.05).evidence_kind is EvidenceKind.UNJUDGED


def test_without_evidence_there_is_no_kind() -> None:
    bare = replace(learned("evidence", 100), evidence={})
    assert Analysis(bare, 0.05).evidence_kind is None
    told = make_report(bare)
    assert told["decisions"]["evidence"] is None
    assert not any(line.startswith("decisions:") for line in told["method"])


@pytest.mark.parametrize("kind", ["bayes", "", 3, None, "test"])
def test_a_damaged_kind_is_an_error(kind: Any) -> None:
    """A test without a level is damage, too."""
    model = learned("evidence", 100)
    with pytest.raises(ModelError, match="damaged: kind"):
        make_report(replace(model, evidence={**model.evidence, "kind": kind}))


def test_lost_counts_and_unjudged_decisions_are_both_told() -> None:
    model = learned("spacesaving")
    lost = {**model.provenance, "tree": {**model.provenance["tree"], "given_up_nodes": 1}}  # type: ignore[dict-item]
    told = make_report(replace(model, provenance=lost))["headline"]
    assert told == (
        "Counts were evicted, so neither intervals nor bounds are proven, and the decisions of spacesaving cannot be "
        "judged."
    )


def test_a_plan_vouches_for_its_own_decisions() -> None:
    model = learned("spacesaving", 3000)
    model = replace(model, evidence={**model.evidence, "fit": []})  # few states at first, which do not explain them
    demand = Demand(states=6, symbols=7, mu=0.2, length=9, eps=0.1, delta=0.05)
    planned = replace(model, evidence={**model.evidence, "demand": demand.to_document()})
    fails = {row["theorem"]: row["fails"] for row in make_report(planned)["theorems"]}
    assert "cannot be judged" not in " ".join(fails.values())
    assert "cannot be judged" in " ".join(row["fails"] for row in make_report(model)["theorems"])


# --- asking changes nothing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HEURISTICS)
def test_collecting_evidence_is_pure(name: str) -> None:
    """Neither the tree nor the decisions nor what is learned later know that somebody asked, however often."""
    words = reber().sample(3000, seed=2)
    asked, quiet = (StreamLearner(heuristic=name, options=OPTIONS.get(name, {})) for _ in range(2))
    for learner in (asked, quiet):
        learner.learn_many(words[:1500])
        learner.refine()
    before = state(asked)
    assert collect(asked) == collect(asked)
    assert before == state(asked) == state(quiet)
    for learner in (asked, quiet):
        learner.learn_many(words[1500:])
    assert state(asked) == state(quiet)
    assert collect(asked) == collect(quiet)


def state(learner: StreamLearner) -> tuple[Any, ...]:
    """Return all that a learner holds: the bytes of its tree, its decisions, its automaton."""
    tree = [part.tobytes() if isinstance(part, np.ndarray) else part for part in learner.tree.columns]
    return learner.traces, learner.refinements, tree, list(map(repr, learner.journal)), learner.automaton.to_json()


@pytest.mark.parametrize("name", HEURISTICS)
def test_evidence_can_be_asked_for_at_any_time(name: str) -> None:
    """Between two refinements, too: what is learned in the end is the same as if nobody had asked."""
    words = reber().sample(3000, seed=2)
    asked, quiet = (StreamLearner(heuristic=name, options=OPTIONS.get(name, {})) for _ in range(2))
    for start in (0, 700, 1500, 2600):
        asked.learn_many(words[start : {0: 700, 700: 1500, 1500: 2600}.get(start)])
        columns = [part.tobytes() if isinstance(part, np.ndarray) else part for part in asked.tree.columns]
        make_report(with_evidence(asked))
        assert columns == [part.tobytes() if isinstance(part, np.ndarray) else part for part in asked.tree.columns]
    quiet.learn_many(words)
    assert asked.automaton.to_json() == quiet.automaton.to_json()


def test_a_refinement_routes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The automaton and all evidence are made of the same routed counts; what is counted later is routed anew."""
    from flexstream.merging import freeze

    calls: list[int] = []
    routing = freeze.route_tails
    monkeypatch.setattr(freeze, "route_tails", lambda *given: calls.append(1) or routing(*given))
    learner = StreamLearner(every=0)
    learner.learn_many(reber().sample(500, seed=2))
    assert learner.automaton.evidence == {}
    for planned in (True, False):
        assert with_evidence(learner, planned=planned, foresight=False).evidence["tail_events"] > 0
    assert len(calls) == 1
    found = learner.refine()
    tree, alphabet = learner.tree, len(learner.alphabet)
    assert found.routed(tree, alphabet) is found.routed(tree, alphabet)
    assert found.routed(tree, alphabet + 1) is not found.routed(tree, alphabet)
    before = len(calls)
    learner.learn_many([["b"]])
    collect(learner, foresight=False)
    assert len(calls) == before + 1
