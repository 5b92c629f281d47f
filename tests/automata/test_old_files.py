"""Yesterday's files: models, ensembles and plans as older versions wrote them stay readable, and say the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flexstream import PDFA, Ensemble, Judge, TraceBatch, learn, load_model
from flexstream.automata.model_file import is_as_written
from flexstream.pac.planning.plan import load_plan
from flexstream.pac.report import page
from flexstream.pac.report.evidence import with_evidence
from flexstream.pac.report.report import make_report
from flexstream.targets import from_rows

FIXTURES = Path(__file__).parents[1] / "fixtures"
DATASETS = Path(__file__).parents[2] / "datasets"
OLD = FIXTURES / "0.1.0"
NINE = [300, 300, 336, 336, 287, 338, 338, 281, 300]
LOT = "diffuse implant expose implant diffuse expose inspect ship"
LOTS = {
    LOT: -0.7393901961981068,
    "diffuse breakdown": -4.551996016712293,
    "diffuse implant expose polish ship": -30.72398703760107,
    "": -10.468918780218756,
}
LOG2_PROBS = {
    "lots.json": LOTS,
    "lots-css.json": LOTS,
    "lots-untimed.json": LOTS,
    "lots-timed.json": LOTS,
    "lots-calibrated.json": LOTS,
    "lots-planned.json": {
        "diffuse breakdown": -8.275237140654657,
        "diffuse implant expose polish ship": -36.16815026867846,
    },
    "hmm-ensemble.json": {
        "1 1 2 1": -12.234069321972765,
        "1 1 2 1 2 0 0 1": -49.15754711457605,
        "2 2 9": -41.11307622070328,
        "": -13.021275166734398,
    },
    "hmm-mixed.json": {
        "0 1 2": -13.678955780943324,
        "2 2 9": -30.581546108030977,
        "": -3.827923431213365,
        "3 1 0 2 2": -22.890702979671104,
    },
    "hmm-softened.json": {
        "0 1 2": -16.754784448191167,
        "2 2 9": -33.210173474189276,
        "": -0.6252814050072147,
        "3 1 0 2 2": -27.87964825269771,
    },
    "exact.json": {"größe": -2.0, "": -2.0},
}
REPORTED = {
    "lots.json": (9, (0.8541666666666666, 0.688305037504046), 1.0),
    "lots-css.json": (9, (0.8541666666666666, 0.688305037504046), 1.0),
    "lots-planned.json": (4, (0.486750052999788, 0.3873489916821672), 0.5163511187607573),
    "hmm-ensemble.json": (7, (0.07477111121926205, 0.049276900179382965), 0.021079258010118045),
}
"""States, distinguishability (estimate, least), and the probability of the end in the last state."""


def test_every_file_is_read() -> None:
    files = {path.name for path in FIXTURES.glob("*/*.json")}
    assert files == {*LOG2_PROBS, "plan.json"}


@pytest.mark.parametrize("name", LOG2_PROBS)
def test_models_score_as_they_did(name: str) -> None:
    model = load_model(OLD / name)
    for trace, expected in LOG2_PROBS[name].items():
        assert model.log2_prob(trace.split()) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ["lots.json", "lots-css.json"])
def test_counts_are_those_of_the_file(name: str) -> None:
    model = load_model(OLD / name)
    assert isinstance(model, PDFA)
    assert (len(model), len(model.targets), model.weights.sum()) == (9, 13, 2516)
    assert model.visits.tolist() == NINE
    assert model.stops.tolist() == [0] * 8 + [300]
    assert model.provenance["traces"] == 300
    assert model.equivalent(PDFA.load(OLD / "lots.json"), tolerance=0)


def test_a_planned_model() -> None:
    model = PDFA.load(OLD / "lots-planned.json")
    assert model.visits.tolist() == [976, 636, 623, 581]
    assert model.evidence["demand"] == load_plan(OLD / "plan.json").demand.to_document()


def test_an_ensemble_and_its_best_member() -> None:
    model = load_model(OLD / "hmm-ensemble.json")
    assert isinstance(model, Ensemble)
    assert [(len(member), len(member.targets), member.guessed.sum()) for member in model] == [
        (7, 13, 0),
        (52, 102, 32),
        (8, 15, 1),
    ]
    assert model.weights == pytest.approx([1 / 3] * 3)
    best = PDFA.load(OLD / "hmm-ensemble.json")
    assert best.equivalent(model.members[0], tolerance=0)
    assert best.log2_prob(["1", "1", "2", "1"]) == pytest.approx(-11.655247073113147, rel=1e-9)


def test_a_model_mixed_with_an_n_gram() -> None:
    """It is of version 2, the first that knows of n-grams."""
    model = load_model(OLD / "hmm-mixed.json")
    assert isinstance(model, PDFA)
    assert model.ngram is not None
    assert (len(model), len(model.ngram), model.ngram.order) == (8, 81, 4)
    assert model.ngram_share == pytest.approx(0.2970314828409888)
    alone = {
        "0 1 2": -12.788258597030406,
        "2 2 9": -32.30101750662423,
        "": -3.8230737971677256,
        "3 1 0 2 2": -21.074921283680478,
    }
    for trace, expected in alone.items():
        assert model.alone.log2_prob(trace.split()) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", LOG2_PROBS)
def test_what_is_written_again_is_the_same_bytes(name: str) -> None:
    """Whatever a version has added: what a model does not have leaves no trace in its file, nor in its version.

    But for the seal at its end, which no file of these versions has.
    """
    assert is_as_written(OLD / name) is None
    assert unsealed(load_model(OLD / name).to_json()) == (OLD / name).read_text()


def unsealed(text: str) -> str:
    """Return the text of a model file without its last part, the seal."""
    body, seal = text.split(',\n "seal": "')
    assert len(seal) == len('0123456789abcdef0123456789abcdef"\n}\n')
    return body + "\n}\n"


def test_a_model_without_times_is_that_of_the_version_before_durations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATASETS)
    before = PDFA.load(OLD / "lots-untimed.json")
    learned = with_evidence(learn("lots.txt", smoothing=2.0))
    assert isinstance(learned, PDFA)
    assert learned.durations is None
    assert learned.evidence["heuristic"].pop("division") == 4.0
    assert learned.evidence["decisions"].pop("division")
    told = {name: learned.provenance[name] for name in ("traces", "events", "tree", "parameters")}
    later = {"fit", "order", "foresight", "left_out", "later_visits"}
    evidence = {name: part for name, part in learned.evidence.items() if name not in later}
    as_told = replace(learned, calibration=None, provenance={**before.provenance, **told}, evidence=evidence)
    assert unsealed(as_told.to_json()) == (OLD / "lots-untimed.json").read_text()


def test_a_model_with_durations() -> None:
    model = PDFA.load(OLD / "lots-timed.json")
    assert model.durations is not None
    assert '"version": 3' in (OLD / "lots-timed.json").read_text()
    assert [model.durations.total(edge) for edge in range(3)] == [0, 287, 13]
    span = model.span(1, "implant")
    assert (span.count, span.median, span.quantile(0.99)) == pytest.approx((287, 3727.931, 5343.808), abs=0.001)
    assert model.durations.dependence.tolist()[3:7] == [1.759, 1.0, 1.0, 1.544]
    assert (model.durations.one_in, model.durations.medians()[12]) == (1, pytest.approx(3503.927, abs=0.001))
    assert model.alone.equivalent(PDFA.load(OLD / "lots.json"), tolerance=0)


def test_symbols_that_need_escapes() -> None:
    truth = {0: {"größe": (0.25, 1), 'a "quoted"\nsymbol': (0.5, 0), None: (0.25, 0)}, 1: {None: (1.0, 0)}}
    model = PDFA.load(OLD / "exact.json")
    assert model.equivalent(from_rows(truth), tolerance=0)
    assert not model.evidence and not model.provenance


@pytest.mark.parametrize("name", REPORTED)
def test_reports_can_still_be_made(name: str) -> None:
    states, distinguishability, stop = REPORTED[name]
    report = make_report(load_model(OLD / name))
    assert len(report["states"]) == states
    found = report["distinguishability"]
    assert (found["estimate"], found["least"]) == pytest.approx(distinguishability, rel=1e-9)
    assert report["states"][-1]["stop"]["estimate"] == pytest.approx(stop, rel=1e-9)
    assert report["headline"] in page.text(report).replace("\n", " ")
    assert "<html" in page.html(report)


def test_calibrated_models_judge_as_they_did() -> None:
    judge = Judge(load_model(OLD / "lots-calibrated.json"), 0.05)
    assert judge.calibration.shared  # how slow the slowest step is was counted times the number of steps
    assert judge.calibration.statistics == ("worst", "bits", "counts", "late")
    batch = TraceBatch.from_traces([trace.split() for trace in (LOT, "diffuse breakdown", "")], judge.model.alphabet())
    assert judge.p_values(batch).tolist() == pytest.approx([1.0, 34 / 301, 2 / 301])


def test_plans_ask_for_what_they_asked_with_sizes_that_are_large_enough() -> None:
    plan = load_plan(OLD / "plan.json")
    assert plan.renewed
    assert (plan.theorem, plan.demand.states, plan.demand.eps, plan.demand.delta) == ("flexstream", 9, 0.1, 0.05)
    assert {name: (sizes.node, sizes.batch, sizes.strings) for name, sizes in plan.sizes.items()} == {
        "flexstream": (65930, 86460061, 86460061),
        "baumgartner-verwer": (15204, 19946409, 1276570176),
        "balle-castro-gavalda": (2097152, 3523215360, 31708938240),
        "palmer-goldberg": (515976, 1300259520, 1300259520),
        "clark-thollard": (19874803343901, 2.2405452917136945e29, 1.4563544396139014e31),
    }
    assert plan.run is not None
    assert (plan.run["heuristic"], plan.run["every"], plan.run["options"]["width"]) == ("css", 86460061, 109)
