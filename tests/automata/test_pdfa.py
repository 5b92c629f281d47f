"""The frozen automaton: probabilities, sampling, comparison, and the model file."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import END, PDFA, UNKNOWN, Alphabet, DataError, ModelError, StreamLearner, TraceBatch
from flexstream.targets import from_rows, reber, reentrant_line

from .. import naive
from ..writers.strategies import pdfas

LEARNED = StreamLearner()
LEARNED.learn_many(reber().sample(500, 1))


@given(pdfas())
def test_round_trip_through_json(automaton: PDFA) -> None:
    text = automaton.to_json()
    again = PDFA.from_json(text)
    assert again.to_json() == text
    assert again.equivalent(automaton, tolerance=0)
    assert again.symbols == automaton.symbols


@given(pdfas(), st.lists(st.integers(0, 5), max_size=6))
def test_outcomes_of_a_state_sum_to_one(automaton: PDFA, walk: list[int]) -> None:
    prefix = [automaton.symbols[i % len(automaton.symbols)] for i in walk] if automaton.symbols else []
    chances = automaton.predict_proba_one(prefix)
    # A state with no data and no smoothing has nothing to share out.
    total = sum(chances.values())
    assert total == pytest.approx(1) or (total == 0 and automaton.smoothing.strength == 0)


@given(st.lists(st.sampled_from("TPSXVq"), max_size=12))
def test_log2_prob_equals_the_naive_walk(trace: list[str]) -> None:
    for automaton in (reber(), LEARNED.automaton):
        assert automaton.log2_prob(trace) == pytest.approx(naive.log2_prob(automaton, trace))


def test_probabilities_of_all_short_strings_sum_to_their_share() -> None:
    automaton, total = reber(), 0.0
    strings: list[list[str]] = [[]]
    while strings and len(strings[0]) <= 14:
        total += sum(2.0 ** automaton.log2_prob(trace) for trace in strings)
        longer = [[*trace, symbol] for trace in strings for symbol in "TPSXV"]
        strings = [trace for trace in longer if np.isfinite(automaton.surprises(trace)[0][:-1]).all()]
    sampled = np.array([len(trace) for trace in automaton.sample(20_000, 1)])
    assert total == pytest.approx((sampled <= 14).mean(), abs=0.01)


def test_the_worst_event_is_the_least_expected_one() -> None:
    trace = ["T", "S", "S", "V", "X", "S"]
    score = LEARNED.automaton.score_one(trace)
    bits, states = LEARNED.automaton.surprises(trace)
    assert score.worst == (int(bits.argmax()), trace[int(bits.argmax())], pytest.approx(bits.max()))
    assert score.log2_prob == pytest.approx(-bits.sum())
    assert score.unseen >= 1
    assert len(states) == 7


def test_the_end_may_be_the_worst() -> None:
    score = LEARNED.automaton.score_one(["T"])
    assert (score.worst.position, score.worst.symbol) == (1, None)


def test_a_batch_scores_like_its_traces() -> None:
    traces = [*reber().sample(50, 2), [], ["q"], ["T", "q", "X"]]
    alphabet = LEARNED.automaton.alphabet()
    batch = TraceBatch.from_traces(traces, alphabet)
    log2_prob, where, bits, unseen = LEARNED.automaton.score_batch(batch)
    for row, trace in enumerate(traces):
        score = LEARNED.automaton.score_one(trace)
        assert log2_prob[row] == score.log2_prob
        assert (where[row], bits[row], unseen[row]) == (score.worst.position, score.worst.bits, score.unseen)


def test_unknown_symbols_are_unlikely_and_change_nothing_else() -> None:
    automaton = LEARNED.automaton
    assert 0 < automaton.predict_proba_one(["T"])[UNKNOWN] < 1e-3
    assert automaton.state_after(["T", "q"]) == automaton.state_after(["T"])


def test_unsmoothed_automata_call_the_impossible_impossible() -> None:
    assert reber().log2_prob(["V"]) == -math.inf
    assert reber().predict_proba_one([])[END] == 0


def test_samples_follow_the_probabilities() -> None:
    lots = reentrant_line().sample(20_000, seed=6)
    assert lots == reentrant_line().sample(20_000, seed=6)
    assert lots != reentrant_line().sample(20_000, seed=7)
    # An implanted lot of the first round is broken down once in twenty.
    broken = np.mean([lot[:2] == ["diffuse", "breakdown"] for lot in lots])
    assert broken == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 20_000))


def test_samples_are_cut_where_they_would_not_end() -> None:
    endless = from_rows({0: {"a": (1.0, 0)}})
    assert [len(trace) for trace in endless.sample(3, seed=0, max_length=17)] == [17] * 3


def test_a_state_without_data_ends_a_sample() -> None:
    assert StreamLearner().automaton.sample(2, seed=0) == [[], []]


@given(pdfas(), st.randoms())
def test_equivalence_ignores_names_of_states(automaton: PDFA, random) -> None:  # type: ignore[no-untyped-def]
    order = list(range(1, len(automaton)))
    random.shuffle(order)
    order = [0, *order]
    place = {old: new for new, old in enumerate(order)}
    edges = [edge for old in order for edge in automaton.transitions() if edge.source == old]
    renamed = PDFA(
        automaton.symbols,
        automaton.visits[order],
        automaton.stops[order],
        np.searchsorted([place[edge.source] for edge in edges], np.arange(len(automaton) + 1)),
        [automaton.symbols.index(edge.symbol) for edge in edges],
        [place[edge.target] for edge in edges],
        [edge.weight for edge in edges],
    )
    assert renamed.equivalent(automaton)
    assert automaton.equivalent(renamed)


def test_equivalence_sees_structure_and_probabilities() -> None:
    one = from_rows({0: {"a": (0.5, 1), None: (0.5, 0)}, 1: {None: (1.0, 0)}})
    loop = from_rows({0: {"a": (0.5, 0), None: (0.5, 0)}})
    near = from_rows({0: {"a": (0.6, 1), None: (0.4, 0)}, 1: {None: (1.0, 0)}})
    other = from_rows({0: {"b": (0.5, 1), None: (0.5, 0)}, 1: {None: (1.0, 0)}})
    assert not one.equivalent(loop, tolerance=1)
    assert not one.equivalent(other, tolerance=1)
    assert not one.equivalent(near)
    assert one.equivalent(near, tolerance=0.1 + 1e-12)


def test_arrays_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        LEARNED.automaton.weights[0] = 1


@pytest.mark.parametrize(
    "arrays",
    [
        dict(offsets=[0, 1]),
        dict(targets=[0, 2]),
        dict(targets=[0, -1]),
        dict(edge_symbols=[0, 2]),
        dict(edge_symbols=[1, 0]),
        dict(edge_symbols=[0, 0]),
        dict(weights=[1.0]),
        dict(weights=[1.0, -1.0]),
        dict(weights=[1.0, math.nan]),
        dict(stops=[1.0, 2.0]),
        dict(symbols=["a", "a"]),
        dict(visits=[], stops=[], offsets=[0]),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays: dict[str, object]) -> None:
    good = dict(symbols=["a", "b"], visits=[2.0], stops=[1.0], offsets=[0, 2], edge_symbols=[0, 1], targets=[0, 0])
    PDFA(**good, weights=[0.5, 0.5])  # type: ignore[arg-type]
    with pytest.raises(ModelError):
        PDFA(**{**good, "weights": [0.5, 0.5], **arrays})  # type: ignore[arg-type]


def damaged(**changes: object) -> str:
    """Return a model file with other values."""
    document = json.loads(reber().to_json())
    document.update(changes)
    return json.dumps({key: value for key, value in document.items() if value is not ...})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a FlexStream model"),
        ("{", "not a FlexStream model"),
        ("[]", "not a FlexStream model"),
        ("[" * 100_000, "not a FlexStream model"),
        ('{"format": "other"}', '"format" is not "flexstream-pdfa"'),
        (damaged(version=5), "this FlexStream reads versions 1 to 4: update FlexStream"),
        (damaged(symbols=...), "'symbols' is missing"),
        (damaged(symbols=[1, 2, 3, 4, 5]), "a symbol is not a text"),
        (damaged(states={"visits": ["x"], "stops": [1]}), "damaged"),
        (damaged(states={"visits": [1], "stops": [1]}), "a source is no state"),
        (damaged(smoothing={"strength": 1}), "'base' is missing"),
        (damaged(smoothing={"strength": -1, "base": [1] + [0] * 6, "fallback": [0] * 5}), "smoothing"),
        (damaged(smoothing={"strength": 1, "base": [1] + [0] * 6, "fallback": [6] * 5}), "smoothing"),
        (damaged(smoothing={"strength": 1, "base": [math.nan] * 7, "fallback": [0] * 5}), "NaN is no number"),
        (damaged(smoothing={"strength": 1, "base": [1] + [0] * 6, "fallback": [10**30] * 5}), "fallback: not a list"),
        (damaged(provenance=3), "damaged"),
        (reber().to_json().replace('"guessed": []', '"guessed": [99]'), "a guessed transition does not exist"),
    ],
)
def test_damaged_model_files_are_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=message):
        PDFA.from_json(text)
    path = tmp_path / "model.json"
    path.write_text(text)
    with pytest.raises(ModelError, match=f"^{path}: "):
        PDFA.load(path)


def test_files_that_cannot_be_read_or_written_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read: No such file"):
        PDFA.load(tmp_path / "none.json")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ModelError, match="not UTF-8"):
        PDFA.load(tmp_path / "binary")
    with pytest.raises(DataError, match="there is no folder"):
        reber().save(tmp_path / "no" / "folder.json")


def test_saving_leaves_nothing_else_behind(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    reber().save(path)
    reentrant_line().save(path)
    assert PDFA.load(path).equivalent(reentrant_line())
    assert [file.name for file in tmp_path.iterdir()] == ["model.json"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_networkx_graph_has_all_numbers() -> None:
    graph = reentrant_line().to_networkx()
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (9, 13)
    assert graph.edges[0, 1, "diffuse"]["probability"] == 1


def test_alphabet_adopts_another() -> None:
    one, other = Alphabet("ab"), Alphabet("cb")
    assert one.adopt(other).tolist() == [2, 1]
    assert list(one) == ["a", "b", "c"]
