"""What every merge heuristic must do."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings

from flexstream import StreamLearner, TraceBatch
from flexstream.errors import UsageError
from flexstream.merging.heuristic import Heuristic
from flexstream.merging.heuristics import HEURISTICS, make
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.hashing import symbol_code
from flexstream.summary.tree import PrefixTree
from flexstream.targets import from_rows, reber

from .. import naive
from ..strategies import Traces, count, traces

each = pytest.mark.parametrize("name", HEURISTICS)
WEIGHS_BY_SOURCE = {"spacesaving"}
"""Their test counts how often the source was tested before, so only nodes of equal weight are judged alike both ways;
their documentation says so."""
coin = from_rows({0: {None: (0.3, 0), "a": (0.4, 0), "b": (0.3, 0)}})
parity = from_rows({0: {None: (0.3, 0), "a": (0.7, 1)}, 1: {"b": (0.9, 0), None: (0.1, 0)}})


@each
def test_is_named_described_and_unchanging(name: str) -> None:
    heuristic = make(name)
    assert HEURISTICS[name].name == heuristic.name == name
    assert "References" in (type(heuristic).__doc__ or "")
    assert heuristic == make(name) and hash(heuristic) == hash(make(name))
    with pytest.raises(dataclasses.FrozenInstanceError):
        heuristic.margin = 1.0  # type: ignore[misc]


@each
def test_parameters_are_finite_numbers(name: str) -> None:
    """A NamedTuple of int and float, as the judge's struct in C has them."""
    parameters = make(name).parameters()
    assert all(isinstance(value, int | float) and np.isfinite(value) for value in parameters)
    assert parameters == make(name).parameters()


@each
def test_words_say_something_of_every_score(name: str) -> None:
    heuristic = make(name)
    said = [heuristic.words(score) for score in (-math.inf, -3.0, 0.0, 0.5, 1e6)]
    assert all(words and "\n" not in words and "nan" not in words for words in said)
    assert said[0] != said[3]


@each
def test_options_are_checked(name: str) -> None:
    with pytest.raises(UsageError, match="has no option 'colour'"):
        make(name, colour=1)
    for option in dataclasses.fields(HEURISTICS[name]):
        with pytest.raises(UsageError, match=f"heuristic {name}"):
            make(name, **{option.name: math.nan})
        if isinstance(option.default, int):
            with pytest.raises(UsageError, match="whole number"):
                make(name, **{option.name: 2.5})
            with pytest.raises(UsageError):
                make(name, **{option.name: -1})


@each
def test_the_first_variant_is_itself(name: str) -> None:
    heuristic = make(name)
    assert heuristic.variant(0) is heuristic
    try:
        others = [heuristic.variant(number) for number in range(1, 6)]
    except UsageError as error:
        assert f"heuristic {name} has no variants" in str(error)
        return
    assert all(type(other) is type(heuristic) for other in others)
    assert all(other.sketch_shape() == heuristic.sketch_shape() for other in others)
    assert len({heuristic, *others}) == 6


def pair(name: str, traces_of: Traces, other: Traces, **options: float) -> tuple[Heuristic, list[float]]:
    """Return the score of two nodes after which these traces follow, judged both ways."""
    heuristic = make(name, **options)
    alphabet = Alphabet("abc")
    codes = np.array([symbol_code(text, 0) for text in alphabet], np.uint64)
    trees = []
    for some in (traces_of, other):
        tree = PrefixTree(heuristic.sketch_shape(), grow_at=10**6)
        tree.count(TraceBatch.from_traces(some, alphabet), codes)
        trees.append(tree)
    outcomes = [[int(tree.columns.ends[0]), *(tree.counts_of(0).get(s, 0) for s in range(3))] for tree in trees]
    futures = np.empty((0, 1), np.int32)
    if heuristic.by_name():
        whole = PrefixTree(heuristic.sketch_shape(), grow_at=10**6)
        whole.count(TraceBatch.from_traces([*traces_of, *other], alphabet), codes)
        futures = heuristic.futures_of(whole, codes)
    shares = np.array([0.25, 0.0, 0.25, 0.25, 0.25])
    scores = []
    for one, two in ((0, 1), (1, 0)):
        # The end, nothing for symbols that only the target has seen, then every symbol.
        counts = np.array([(a, b) for a, b in zip(outcomes[one], outcomes[two], strict=True)], np.int64)
        counts = np.ascontiguousarray(np.insert(counts, 1, 0, axis=0))
        sketches = trees[one].columns.sketch[0], trees[two].columns.sketch[0]
        scores.append(float(heuristic.judge(counts, shares, *sketches, futures, heuristic.parameters())))
    return heuristic, scores


@each
@settings(max_examples=40)
@given(traces.filter(bool), traces.filter(bool))
def test_the_judge_looks_both_ways_alike_and_does_not_change_its_mind(name: str, one: Traces, other: Traces) -> None:
    if name in WEIGHS_BY_SOURCE:
        size = min(len(one), len(other))
        one, other = one[:size], other[:size]
    _, scores = pair(name, one, other)
    assert not any(math.isnan(score) for score in scores)
    assert scores[0] == pytest.approx(scores[1], rel=1e-9, abs=1e-9)
    assert pair(name, one, other)[1] == scores


@each
def test_what_is_alike_scores_above_what_is_not(name: str) -> None:
    many = 4000
    alike = [["a"], ["b"], [], ["a", "b"]] * many
    heuristic, (same, _) = pair(name, alike, alike, **options_of(name))
    _, (different, _) = pair(name, alike, [["c", "c"], ["c"]] * (2 * many), **options_of(name))
    assert same > heuristic.margin
    assert not different > heuristic.margin


@each
def test_a_coin_has_one_state_and_parity_two(name: str) -> None:
    for target, states in ((coin, 1), (parity, 2)):
        learner = StreamLearner(heuristic=name, options=options_of(name), every=0)
        learner.learn_many(target.sample(60_000, seed=3))
        assert len(learner.automaton) == states


def options_of(name: str) -> dict[str, float]:
    """Return options that suit targets of two states, which no test may split by chance."""
    if name == "spacesaving":
        return {"states": 2, "symbols": 2, "mu": 0.3}
    return {"alpha": 1e-6} if name in {"alergia", "css", "css-published"} else {}


@each
def test_batches_do_not_matter(name: str) -> None:
    strings = reber().sample(2500, seed=5)
    whole, pieces = (StreamLearner(heuristic=name, every=700) for _ in range(2))
    whole.learn_many(strings)
    for start in range(0, len(strings), 83):
        pieces.learn_many(strings[start : start + 83])
    assert whole.automaton.to_json() == pieces.automaton.to_json()


@each
def test_a_clone_learns_the_same_and_asking_changes_nothing(name: str) -> None:
    strings = reber().sample(1500, seed=6)
    learner = StreamLearner(heuristic=name, every=0)
    twin = learner.clone()
    assert twin.get_params() == learner.get_params()
    assert twin.traces == 0
    learner.learn_many(strings)
    twin.learn_many(strings)
    first = learner.automaton.to_json()
    assert first == learner.automaton.to_json() == twin.automaton.to_json()


@each
def test_a_tree_with_its_sketches_keeps_within_its_budget(name: str) -> None:
    shape, capacity = make(name).sketch_shape(), 400_000
    alphabet = Alphabet("abcdefgh")
    codes = np.array([symbol_code(text, 0) for text in alphabet], np.uint64)
    tree, random = PrefixTree(shape, capacity=capacity), np.random.default_rng(4)
    for _ in range(20):
        offsets = np.concatenate([[0], np.cumsum(random.geometric(0.1, 400))])
        tree.count(TraceBatch(random.integers(0, 8, offsets[-1]).astype(np.int32), offsets), codes)
        assert tree.nbytes <= capacity
    assert tree.evicted_nodes > 0
    assert tree.traces == 8000


@each
@settings(max_examples=20)
@given(traces, traces)
def test_trees_with_its_sketches_add_up(name: str, one: Traces, other: Traces) -> None:
    shape = make(name).sketch_shape()
    whole, names = count(one + other, shape, grow_at=1)
    first, mine = count(one, shape, grow_at=1)
    second, others = count(other, shape, grow_at=1)
    symbol_map = mine.adopt(others)
    first.add(second, symbol_map, np.array([symbol_code(text, 0) for text in mine], np.uint64))
    assert naive.facts_of(first, mine) == naive.facts_of(whole, names)
    # Every trace that came by a node was counted by its sketch, whichever kind that is.
    totals = first.columns.sketch[: len(first)]
    if shape.bytes_per_node and shape.additive:
        assert (totals.sum(axis=3) == first.columns.visits[: len(first), None, None]).all()
    elif shape.bytes_per_node:
        assert (totals[:, 0, 1, 0] == first.columns.visits[: len(first)]).all()
