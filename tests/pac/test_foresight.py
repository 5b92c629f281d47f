"""What is foretold of traces that were not learned: the trial, its limits against the truth, and its sentences."""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flexstream import PDFA, StreamLearner, TraceBatch
from flexstream.automata.smoothing import Smoothing
from flexstream.learning import answer
from flexstream.pac.demand import Demand
from flexstream.pac.foresight.checked import is_trial
from flexstream.pac.foresight.pairs import pair_bits
from flexstream.pac.foresight.statement import foreseen, measured, sentence, spread_from
from flexstream.pac.foresight.trial import FEWEST, tried
from flexstream.pac.planning.plan import Plan
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.pac.report.evidence import collect, with_evidence
from flexstream.pac.report.report import make_report
from flexstream.pac.report.spoken import spoken
from flexstream.targets import reber, reentrant_line

TRACES = reentrant_line().sample(1200, seed=4)


def learned(traces: list[Any], **given: Any) -> StreamLearner:
    learner = StreamLearner(**given)
    learner.learn_many(traces)
    return learner


@pytest.fixture(scope="module")
def trial() -> dict[str, Any]:
    found = tried(learned(TRACES))
    assert found is not None
    return found


def test_pairs_are_counted_trace_by_trace() -> None:
    known, asked = [[0, 1], [0, 0], []], [[0, 1, 1], [], [-1]]
    smoothing = Smoothing(2.0, np.array([0.2, 0.1, 0.4, 0.3]), np.zeros(2, np.int32))
    counts: Counter[tuple[int, int]] = Counter()
    for trace in known:
        path = [-2, *trace, -2]
        counts.update(itertools.pairwise(path))
    left = Counter({before: sum(n for (one, _), n in counts.items() if one == before) for before, _ in counts})

    def bits(trace: list[int]) -> float:
        path = [-2, *trace, -2]
        told = itertools.pairwise(path)
        return sum(-math.log2((counts[pair] + 2 * smoothing.base[pair[1] + 2]) / (left[pair[0]] + 2)) for pair in told)

    (found,) = pair_bits(batch(known), [batch(asked)], smoothing)
    assert found == pytest.approx([bits(trace) for trace in asked])


def batch(traces: list[list[int]]) -> TraceBatch:
    symbols = np.array([symbol for trace in traces for symbol in trace], np.int32)
    return TraceBatch(symbols, np.cumsum([0, *map(len, traces)]))


def test_the_trial_is_what_half_of_the_traces_tell_of_the_others(trial: dict[str, Any]) -> None:
    half = learned(TRACES[:600]).answer().automaton_alone
    bits = np.array([-half.log2_prob(trace) for trace in TRACES[600:]])
    assert (trial["learned"], trial["tested"], trial["states"], trial["halvings"]) == (600, 600, len(half), 0)
    spread = spread_from(trial["bits"])
    assert spread.values == pytest.approx(600)
    assert spread.mean == pytest.approx(np.minimum(bits, spread.most).mean(), abs=1e-4)
    before = np.array([-half.log2_prob(trace) for trace in TRACES[:600]])
    assert spread.most / 2 < np.quantile(before, 0.99) <= spread.most
    assert trial["bits"]["variance"] == pytest.approx(before.var(), abs=1e-5)


def test_a_learner_is_left_as_it_is() -> None:
    asked, quiet = learned(TRACES), learned(TRACES)
    assert tried(asked) == tried(asked)
    assert asked.automaton.to_json() == quiet.automaton.to_json()
    assert json.loads(json.dumps(tried(asked))) == tried(quiet)


def test_a_trial_asks_for_no_times(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("a trial has worked out durations")

    plain, timed = StreamLearner(), StreamLearner()
    plain.learn_many(batch := TraceBatch.from_traces([["a", "b"], ["c", "c"]] * 50, plain.alphabet))
    bins = np.full(len(batch.symbols), 1300, np.int16)
    timed.learn_many(TraceBatch(batch.symbols, batch.offsets, durations=bins), plain.alphabet)
    monkeypatch.setattr(answer, "durations_of", asked)
    assert tried(timed) == tried(plain)


def test_limits_hold_for_traces_to_come() -> None:
    """Of each of 30 streams the clipped mean over many more traces lies within the limits, pairs and others as well."""
    more, missed = reber().sample(4000, seed=10_000), 0
    for seed in range(30):
        traces = reber().sample(200, seed=seed)
        trial = tried(learned(traces))
        assert trial is not None
        half = learned(traces[:100]).answer().automaton_alone
        bits = np.array([-half.log2_prob(trace) for trace in more])
        limits = foreseen(trial, 0.1)["bits"]
        mean, error = np.minimum(bits, limits["clipped_at"]).mean(), 3 * bits.std() / math.sqrt(len(bits))
        missed += not limits["least"] - error <= mean <= limits["most"] + error
    assert missed <= 2


def test_what_states_save_is_said(trial: dict[str, Any]) -> None:
    found = foreseen(trial, 0.05 / 8)
    assert found["saved"]["least"] > 0 and "fewer than counting pairs takes" in found["sentence"]
    assert found["saved"]["factor"] == pytest.approx(2 ** found["saved"]["estimate"])
    assert found["best_of"]["automata"] == 1 + len(trial["others"]) >= 2
    assert measured(found).startswith("Learned from the first 600 of the traces, it took ")
    little = found | {"saved": found["saved"] | {"estimate": 0.001, "factor": 2**0.001}}
    assert "times as likely" in found["sentence"] and "times as likely" not in sentence(little)
    wide = foreseen({**trial, "halvings": 3}, 0.05 / 8)["bits"]
    assert wide["least"] < found["bits"]["least"] and wide["most"] > found["bits"]["most"]


def test_lengths_are_foretold_by_states_and_random_symbols_are_not() -> None:
    random = np.random.default_rng(5)
    traces = [[str(symbol) for symbol in random.integers(0, 3, 5)] for _ in range(400)]
    trial = tried(learned(traces))
    assert trial is not None
    found = foreseen(trial, 0.05)
    assert found["bits"]["least"] < 5 * math.log2(3) < found["bits"]["most"]
    assert found["saved"]["least"] > 3  # pairs do not know that each has five events


@pytest.mark.parametrize("heuristic", ["evidence", "css", "alergia"])
def test_every_heuristic_and_ensembles_are_tried(heuristic: str) -> None:
    assert is_trial(tried(learned(TRACES[:300], heuristic=heuristic)))


def test_the_members_of_an_ensemble_compete() -> None:
    members = tried(learned(TRACES[:300], ensemble=3))
    assert members is not None and len(members["others"]) <= 2


def test_symbols_that_only_come_later_are_unknown() -> None:
    found = tried(learned([["a"]] * 50 + [["b", "c"]] * 50))
    assert found is not None
    assert spread_from(found["bits"]).mean == pytest.approx(found["bits"]["most"])


def test_of_few_traces_or_under_a_plan_nothing_is_tried() -> None:
    assert tried(learned(TRACES[: FEWEST - 1])) is None and spoken(with_evidence(learned(TRACES[:9]))) is None
    plan = Plan.make(Demand(states=2, symbols=2, mu=0.5, length=3, eps=0.9, delta=0.1))
    learner = PlannedLearner(plan)
    learner.learn_many([["a"], ["a", "b"]] * 100)
    assert tried(learner) is None and collect(learner)["order"] is None


def test_it_stands_on_top_of_every_form_of_the_report() -> None:
    model = with_evidence(learned(TRACES), 1)
    report = make_report(model)
    assert report["summary"]["rely"][0].startswith(report["foresight"]["sentence"])
    assert report["order"]["fails"] is False
    assert spoken(model) == f"{report['foresight']['sentence']} (95 % confidence)"
    declared = replace(model, evidence={**model.evidence, "declared": {"reports": 1, "traces": len(TRACES)}})
    once, several = make_report(declared)["foresight"], report["foresight"]
    assert spoken(declared) == f"{once['sentence']} (95 % confidence)"
    assert several["bits"]["least"] < once["bits"]["least"] < once["bits"]["most"] < several["bits"]["most"]
    assert make_report(PDFA.from_json(model.to_json())) == report
    turned = with_evidence(learned(TRACES[:600] + reber().sample(600, seed=1)), 1)
    told = make_report(turned)
    assert told["order"]["fails"] and told["headline"].startswith("The traces are no independent draws")
    assert told["guarantee"]["l1"] == 2.0 and not any(row["met"] for row in told["theorems"])
    assert "it is no promise" in told["summary"]["rely"][0] and "no promise, as" in (spoken(turned) or "")
    assert "restart" in told["summary"]["next"][0]


@pytest.mark.parametrize(
    "damage",
    [
        {"learned": 0},
        {"tested": True},
        {"halvings": 65},
        {"bits": None},
        {"saved": {"least": 1.0, "most": 1.0, "variance": 1.0, "masses": []}},
        {"others": [{"states": 1}]},
        {"others": {}},
        {"more": 1},
    ],
)
def test_a_damaged_trial_is_none(trial: dict[str, Any], damage: dict[str, Any]) -> None:
    assert is_trial(trial)
    assert not is_trial({**trial, **damage})
