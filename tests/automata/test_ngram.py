"""n-grams by hand: probabilities, contexts, what is refused, and their place in model files."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import END, PDFA, UNKNOWN, Ensemble, ModelError, load_model
from flexstream.automata.model_file import loads
from flexstream.automata.ngram import NGram

from .. import naive

# Of the symbols a and b; 2 is the end.  Contexts: nothing, the start, after a, after the start and a.
GIVEN: dict[str, Any] = {
    "alphabet": 2,
    "start": 1,
    "parents": [0, 0, 0, 2],
    "discounts": [0.5, 0.5, 0.25, 0.5],
    "sources": [0, 0, 0, 1, 2, 2, 3],
    "outcomes": [0, 1, 2, 0, 0, 2, 1],
    "targets": [2, 0, 0, 3, 2, 0, 0],
    "counts": [2.0, 1.0, 1.0, 5.0, 3.0, 1.0, 4.0],
}


def bigram(**changes: Any) -> NGram:
    return NGram(**{**GIVEN, **changes})


def mixed(share: float = 0.25) -> PDFA:
    """Return a coin, heads a, that ends half of the time, mixed with the n-gram."""
    return PDFA(
        ["a", "b"], [4.0], [2.0], [0, 2], [0, 1], [0, 0], [1.0, 1.0], ngram=bigram(), ngram_shares=np.array([share])
    )


def test_probabilities_by_hand() -> None:
    """Below the empty context are four outcomes: the end, unknown symbols, a and b."""
    empty = np.array([0.5 / 4, 0, 1.5 / 4, 0.5 / 4]) + (1.5 / 4) / 4
    after_a = np.array([0.75 / 4, 0, 2.75 / 4, 0]) + (0.5 / 4) * empty
    ngram = bigram()
    assert ngram.shares(0) == pytest.approx(empty)
    assert ngram.shares(1) == pytest.approx(np.array([0, 0, 4.5 / 5, 0]) + 0.1 * empty)
    assert ngram.shares(2) == pytest.approx(after_a)
    assert ngram.shares(3) == pytest.approx(np.array([0, 0, 0, 3.5 / 4]) + 0.125 * after_a)
    assert (len(ngram), ngram.order) == (4, 3)
    rows = [ngram.shares(source)[(outcome + 2) % 4] for source, outcome in zip(ngram.sources, ngram.outcomes)]  # noqa: B905
    assert ngram.probabilities == pytest.approx(rows)
    assert ngram.escapes == pytest.approx([1.5 / 4, 0.1, 0.125, 0.125])


def test_contexts_by_hand() -> None:
    ngram = bigram()
    assert [ngram.after_all(trace) for trace in ([], [0], [0, 0], [0, 1], [1], [0, 7], [0, -1], [1, 0])] == [
        1, 3, 2, 0, 0, 0, 0, 2,
    ]  # fmt: skip


def test_a_context_that_was_never_met_says_what_its_parent_says() -> None:
    ngram = bigram(parents=[0, 0, 0, 2, 2], discounts=[0.5, 0.5, 0.25, 0.5, 0.5])
    assert ngram.shares(4).tolist() == ngram.shares(2).tolist()


def test_an_n_gram_of_nothing_is_uniform() -> None:
    nothing = NGram(3, 0, [0], [0.5], [], [], [], [])
    assert nothing.shares(0).tolist() == [0.2] * 5
    assert (nothing.order, nothing.after_all([0, 1])) == (1, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"alphabet": -1},
        {"start": 4},
        {"start": -1},
        {"parents": [1, 0, 0, 2]},
        {"parents": [0, 0, 2, 2]},
        {"parents": [0, 0, -1, 2]},
        {"parents": []},
        {"discounts": [0.5, 0.5, 0.25]},
        {"discounts": [0.5, 0.5, 0.25, 1.5]},
        {"discounts": [0.5, 0.5, 0.25, float("nan")]},
        {"sources": [0, 0, 0, 1, 2, 2, 4]},
        {"sources": [0, 0, 0, 1, 3, 2, 2]},
        {"outcomes": [0, 1, 2, 0, 0, 2, 3]},
        {"outcomes": [0, 0, 2, 0, 0, 2, 1]},
        {"targets": [2, 0, 0, 3, 2, 0, 4]},
        {"counts": [2.0, 1.0, 1.0, 5.0, 3.0, 0.5, 4.0]},
        {"counts": [2.0, 1.0, 1.0, 5.0, 3.0, float("inf"), 4.0]},
        {"counts": [2.0, 1.0]},
    ],
)
def test_what_is_no_n_gram_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="n-gram of the model is not valid"):
        bigram(**changes)


@pytest.mark.parametrize("shares", [[0.5, 0.5], [], [-0.1], [1.1], [float("nan")]])
def test_shares_that_are_none_are_refused(shares: list[float]) -> None:
    with pytest.raises(ModelError, match="share in a state that is none"):
        replace(mixed(), ngram_shares=np.array(shares))


def test_an_n_gram_of_other_symbols_is_refused() -> None:
    with pytest.raises(ModelError, match="other symbols"):
        replace(mixed(), ngram=NGram(3, 0, [0], [0.5], [], [], [], []))


def test_the_n_gram_has_its_share_of_every_outcome() -> None:
    model = mixed(0.25)
    start, after_a = bigram().shares(1), bigram().shares(3)
    expected = {"a": 0.75 * 0.25 + 0.25 * start[2], "b": 0.75 * 0.25 + 0.25 * start[3]}
    expected |= {END: 0.75 * 0.5 + 0.25 * start[0], UNKNOWN: 0.25 * start[1]}  # type: ignore[dict-item]
    assert model.predict_proba_one([]) == pytest.approx(expected)
    chances = [expected["a"], 0.75 * 0.5 + 0.25 * after_a[0]]
    assert model.log2_prob(["a"]) == pytest.approx(np.log2(chances).sum())
    assert model.end_surprises(["a"]) == pytest.approx(-np.log2([expected[END], chances[1]]))  # type: ignore[index]


def test_alone_it_is_the_automaton_that_it_was() -> None:
    model = mixed(0.5)
    assert model.alone.ngram is None
    assert model.alone.log2_prob(["a"]) == -3
    assert model.alone.alone is model.alone
    assert (model.ngram_share, model.alone.ngram_share) == (0.5, 0.0)
    assert "mixed with a 3-gram" in repr(model)
    assert "mixed" not in repr(model.alone)
    assert model.probabilities.tolist() == model.alone.probabilities.tolist()


@given(st.lists(st.sampled_from(["a", "b", "?"]), max_size=6), st.floats(0, 1))
def test_what_may_come_next_sums_to_one(prefix: list[str], share: float) -> None:
    model = mixed(share)
    assert sum(model.predict_proba_one(prefix).values()) == pytest.approx(1)
    assert model.log2_prob(prefix) == pytest.approx(naive.log2_prob(model, prefix))


def test_the_probabilities_of_all_traces_of_a_length_sum_to_what_goes_on() -> None:
    model = mixed(0.4)
    ended, going = 0.0, [[]]  # type: ignore[var-annotated]
    for _ in range(7):
        ended += sum(2 ** model.log2_prob(trace) for trace in going)
        going = [[*trace, symbol] for trace in going for symbol in ("a", "b", "?")]
    rest = sum(2 ** -model.surprises(trace)[0][:-1].sum() for trace in going)
    assert ended + rest == pytest.approx(1)


def test_a_model_file_holds_it_and_calls_itself_a_mixture(tmp_path: Any) -> None:
    mixed(0.3).save(tmp_path / "model.json")
    document = json.loads((tmp_path / "model.json").read_text())
    assert (document["format"], document["version"]) == ("flexstream-pdfa", 2)
    assert document["kind"] == "automata mixed with n-grams"
    assert document["mixed"] == {"ngram": 0, "shares": [0.3]}
    back = load_model(tmp_path / "model.json")
    assert back.to_json() == mixed(0.3).to_json()
    assert back.log2_prob(["a", "b", "?"]) == mixed(0.3).log2_prob(["a", "b", "?"])
    assert json.loads(mixed().alone.to_json())["version"] == 1


def test_the_members_of_an_ensemble_share_an_n_gram_in_its_file() -> None:
    first = mixed(0.3)
    second = replace(first, ngram_shares=np.array([0.9]))
    ensemble = Ensemble([first, second, first.alone], np.array([1, 1, 1]))
    document = json.loads(ensemble.to_json())
    assert (document["version"], len(document["ngrams"])) == (2, 1)
    assert ["mixed" in member for member in document["members"]] == [True, True, False]
    back = loads(ensemble.to_json())
    assert back.log2_prob(["a"]) == ensemble.log2_prob(["a"])
    assert isinstance(back, Ensemble)
    assert all(member.ngram is None for member in back.alone)
    assert back.alone.alone is back.alone


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mixed": {"ngram": 1, "shares": [0.3]}}, "an n-gram does not exist"),
        ({"mixed": {"ngram": -1, "shares": [0.3]}}, "an n-gram does not exist"),
        ({"mixed": {"ngram": True, "shares": [0.3]}}, "an n-gram does not exist"),
        ({"mixed": {"ngram": 0}}, "'shares' is missing"),
        ({"mixed": []}, "is not an object"),
        ({"ngrams": {}}, "is not a list"),
        ({"ngrams": [7]}, "is not an object"),
        ({"ngrams": [{}]}, "'contexts' is missing"),
    ],
)
def test_files_that_are_damaged_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        loads(json.dumps(json.loads(mixed().to_json()) | change))


@pytest.mark.parametrize("start", [0.5, "0", None, True])
def test_a_start_that_is_no_number_is_refused(start: Any) -> None:
    document = json.loads(mixed().to_json())
    document["ngrams"][0]["start"] = start
    with pytest.raises(ModelError, match="start of the n-gram"):
        loads(json.dumps(document))
