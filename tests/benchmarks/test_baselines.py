"""The baselines say what they should."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flexstream import PDFA, Alphabet, TraceBatch
from flexstream.targets import reber, reentrant_line

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
TRACES = [["a", "b"], ["a"], [], ["b", "b", "a"], ["a", "b"]]


@pytest.fixture(autouse=True)
def _benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def ngram(n: int, traces: list[list[str]] = TRACES) -> tuple[Any, Alphabet]:
    from shared.baselines.ngram import learned

    alphabet = Alphabet()
    return learned([TraceBatch.from_traces(traces, alphabet)], alphabet, n), alphabet


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_outcomes_of_every_context_sum_to_one(n: int) -> None:
    from shared.baselines.ngram import END, START, UNKNOWN

    model, alphabet = ngram(n)
    for context in itertools.product((START, UNKNOWN, *alphabet.ids.values()), repeat=n - 1):
        outcomes = (*alphabet.ids.values(), END, UNKNOWN)
        assert sum(model.probability(context, outcome) for outcome in outcomes) == pytest.approx(1)


def test_witten_bell_by_hand() -> None:
    model, alphabet = ngram(2)
    # 13 outcomes of 3 kinds in all: 4 a, 4 b, 5 ends; under the uniform distribution each has 1/4.
    low = (4 + 3 / 4) / (13 + 3)
    # The start was seen 5 times: 3 a, 1 b, 1 end.
    first = (3 + 3 * low) / (5 + 3)
    a = alphabet.id("a")
    assert model.probability((), a) == pytest.approx(low)
    assert model.probability((-1,), a) == pytest.approx(first)


def test_scores_are_those_of_the_outcomes() -> None:
    from shared.baselines.ngram import END, UNKNOWN

    model, alphabet = ngram(3)
    a, b = alphabet.id("a"), alphabet.id("b")
    steps = [((-1, -1), a), ((-1, a), b), ((a, b), UNKNOWN), ((b, UNKNOWN), END)]
    expected = sum(math.log2(model.probability(*step)) for step in steps)
    batch = TraceBatch(np.array([a, b, 9], np.int32), np.array([0, 3]))
    assert model.score_batch(batch)[0].tolist() == pytest.approx([expected])


def test_longer_contexts_come_closer_to_a_chain_that_needs_them() -> None:
    line = reentrant_line()
    fresh = line.sample(300, seed=2)
    errors = []
    for n in (1, 2, 3):
        model, alphabet = ngram(n, line.sample(2000, seed=1))
        errors.append(-model.score_batch(TraceBatch.from_traces(fresh, alphabet))[0].mean())
    assert errors == sorted(errors, reverse=True)
    assert errors[2] > -np.mean([line.log2_prob(trace) for trace in fresh])


def alergia(traces: list[list[str]], kind: str) -> PDFA:
    pytest.importorskip("aalpy", reason="aalpy is not installed: pip install 'flexstream[benchmarks]'")
    from shared.baselines.aalpy_alergia import learned

    alphabet = Alphabet()
    found: PDFA = learned([TraceBatch.from_traces(traces, alphabet)], alphabet, kind)
    return found


def test_alergia_finds_the_reber_grammar() -> None:
    truth = reber()
    found = alergia(truth.sample(3000, seed=1), "smm")
    assert found.equivalent(truth, tolerance=0.1)
    chain = alergia(truth.sample(3000, seed=1), "mc")
    pairs = {(edge.symbol, edge.target) for edge in truth.transitions()}
    assert len(chain) == 1 + len(pairs)  # a state shows one symbol
    for trace in truth.sample(50, seed=2):
        assert chain.log2_prob(trace) == pytest.approx(truth.log2_prob(trace), abs=1.5)


@pytest.mark.parametrize("kind", ["mc", "smm"])
def test_unseen_traces_have_a_finite_score(kind: str) -> None:
    found = alergia(TRACES * 20, kind)
    assert math.isfinite(found.log2_prob(["b", "a", "b", "zzz"]))
    assert found.stops.sum() == 100
    assert found.weights.sum() == 160


@pytest.mark.parametrize("kind", ["mc", "smm"])
def test_counts_are_those_of_the_library(kind: str) -> None:
    """What is counted along its states gives its own probabilities."""
    pytest.importorskip("aalpy", reason="aalpy is not installed: pip install 'flexstream[benchmarks]'")
    from aalpy.learning_algs import run_Alergia
    from shared.baselines.aalpy_alergia import END, INPUT, START

    traces = [["abc".index(symbol) for symbol in trace] for trace in TRACES * 20]
    data = [[START, *trace, END] for trace in traces]
    if kind == "smm":
        data = [[(INPUT, symbol) for symbol in row[1:]] for row in data]
    first = run_Alergia(data, kind).initial_state
    steps = first.transitions if kind == "mc" else first.transitions[INPUT]
    theirs = {step[0].output if kind == "mc" else step[1]: step[2] if kind == "smm" else step[1] for step in steps}
    found = alergia(TRACES * 20, kind)
    row = {"abc".index(edge.symbol): edge.weight for edge in found.transitions() if edge.source == 0}
    ours = {**row, END: found.stops[0]}
    assert theirs == pytest.approx({symbol: weight / found.visits[0] for symbol, weight in ours.items()})


def test_counting_along_given_states() -> None:
    from shared.baselines.aalpy_alergia import END
    from shared.baselines.counting import counted

    steps = [{0: 1, END: 2}, {1: 0, 0: 1}, {}, {0: 3}]
    found = counted(steps, [[0, 1], [0, 0, 1], []], Alphabet("ab"))
    assert len(found) == 2
    rows = [(edge.source, edge.symbol, edge.target, edge.weight) for edge in found.transitions()]
    assert rows == [(0, "a", 1, 2), (1, "a", 1, 1), (1, "b", 0, 2)]
    assert found.stops.tolist() == [3, 0]
