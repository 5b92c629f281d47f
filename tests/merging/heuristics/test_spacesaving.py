"""``spacesaving``: its sketches in the tree, its tests, and what it learns."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.spacesaving import CODES, COUNTS, distance
from flexstream.errors import UsageError
from flexstream.learning.learner import StreamLearner
from flexstream.merging.heuristics import make
from flexstream.merging.heuristics.spacesaving import SpaceSavingParameters, judge
from flexstream.merging.journal import Stage
from flexstream.stream.hashing import symbol_code
from flexstream.summary.sketch import PrefixSketchShape
from flexstream.targets import reber

from ... import naive
from ...strategies import Traces, count, traces

COUNTS_OF_NONE = np.zeros((2, 2), np.int64)
NO_FUTURES = np.empty((0, 1), np.int32)
REBER = {"mu": 0.2, "states": 6, "symbols": 5}


def item(prefix: list[str], ended: bool = False) -> int:
    """Return the item as which a prefix is counted."""
    codes = [symbol_code(symbol, 0) for symbol in prefix] + [0xFFFFFFFF] * ended
    return naive.chain(codes) >> 33


def prefixes(futures: Traces) -> Counter[int]:
    """Count all prefixes of some futures, the futures themselves with their end among them."""
    found: Counter[int] = Counter()
    for future in futures:
        found.update(item(future[:stop]) for stop in range(1, len(future) + 1))
        found[item(future, ended=True)] += 1
    return found


def futures_at(given_traces: Traces, path: list[str]) -> Traces:
    """Return what follows a path."""
    return [trace[len(path) :] for trace in given_traces if trace[: len(path)] == path]


@given(traces, st.integers(1, 3))
def test_nodes_count_the_prefixes_of_their_futures(given_traces: Traces, grow_at: int) -> None:
    tree, alphabet = count(given_traces, PrefixSketchShape(counters=500), grow_at=grow_at)
    for node in range(len(tree)):
        codes, counts = tree.columns.sketch[node, 0]
        futures = futures_at(given_traces, [alphabet.text(symbol) for symbol in tree.path(node)])
        found = dict(zip(codes[1 : codes[0] + 1].tolist(), counts[1 : codes[0] + 1].tolist(), strict=True))
        assert counts[0] == len(futures) == tree.columns.visits[node]
        assert found == dict(prefixes(futures))


@given(traces, traces)
def test_trees_add_up(one: Traces, other: Traces) -> None:
    shape = PrefixSketchShape(counters=500)
    whole, _ = count(one + other, shape, grow_at=1)
    tree, alphabet = count(one, shape, grow_at=1)
    more, names = count(other, shape, grow_at=1)
    symbol_map = alphabet.adopt(names)
    tree.add(more, symbol_map, np.array([symbol_code(text, 0) for text in alphabet], np.uint64))
    assert len(tree) == len(whole)
    for sketch, wanted in ((tree.columns.sketch[0, 0], whole.columns.sketch[0, 0]),):
        assert sorted(zip(*sketch[:, 1 : 1 + sketch[CODES, 0]].tolist(), strict=True)) == sorted(
            zip(*wanted[:, 1 : 1 + wanted[CODES, 0]].tolist(), strict=True)
        )


def sketches(one: float, other: float, size: int, copies: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the sketches of two nodes after which ``a`` follows with these probabilities, else ``b``."""
    rng, pair = np.random.default_rng(1), []
    for share in (one, other):
        sketch = np.zeros(PrefixSketchShape(8, copies).dimensions, np.int32)
        for copy in range(1 + copies):
            strings = size if copy == 0 else rng.poisson(size)
            some = round(share * size) if copy == 0 else rng.binomial(strings, share)
            heavy = sorted([(some, 1), (strings - some, 2)], reverse=True)
            sketch[copy, COUNTS, :3] = strings, heavy[0][0], heavy[1][0]
            sketch[copy, CODES, :3] = 2, heavy[0][1], heavy[1][1]
        pair.append(sketch)
    return pair[0], pair[1]


def verdict(heuristic: str, one: float, other: float, size: int, **options: float) -> float:
    """Return the score of two such nodes."""
    made = make(heuristic, **options)
    pair = sketches(one, other, size, int(options.get("copies", 0)))
    return float(made.judge(COUNTS_OF_NONE, np.ones(2), *pair, NO_FUTURES, made.parameters()))


def bound(size: int, options: dict[str, float]) -> float:
    """Return Δ for two nodes of one size."""
    level = 0.05 / (2 * options["symbols"] * options["states"] * (options["states"] + 2))
    test = max(1, math.floor(math.log2(size / 128)))
    together = size * size / (4 * size)
    return math.sqrt(8 / together * math.log(16 * 2 * size / (6 * level / (math.pi * test) ** 2)))


@pytest.mark.parametrize("size", [500, 3000, 10_000, 30_000, 200_000])
@pytest.mark.parametrize("apart", [0.0, 0.05, 0.15, 0.3])
def test_the_test_of_2012(size: int, apart: float) -> None:
    found = verdict("spacesaving", 0.6, 0.6 - apart, size, **REBER)
    delta = bound(size, REBER)
    if apart > delta:
        assert found == -math.inf
    elif apart + delta < 0.2:
        assert found == pytest.approx(1 - apart / 0.2)
    else:
        assert found == pytest.approx(-apart)


def test_the_test_of_2014_waits_longer() -> None:
    options = {**REBER, "edition": 2014}
    assert bound(3_000_000, REBER) < 0.2 / 8 < bound(500_000, REBER)
    assert verdict("spacesaving", 0.6, 0.3, 500_000, **options) == pytest.approx(-0.3)
    assert verdict("spacesaving", 0.6, 0.3, 3_000_000, **options) == -math.inf
    assert verdict("spacesaving", 0.6, 0.55, 3_000_000, **options) == pytest.approx(0.75)


def test_resamples_decide_as_the_formula_says() -> None:
    size, r, options = 60_000, 5, {**REBER, "copies": 5}
    c1 = 2 / (1 + math.sqrt(384))
    for apart, scale in ((0.0, 1), (0.0, 4), (0.03, 4), (0.12, 4)):
        pair = sketches(0.6, 0.6 - apart, scale * size, r)
        distances = sorted(distance(pair[0][1 + i], pair[1][1 + j]) for i in range(r) for j in range(r))
        level = 0.05 / (2 * 5 * 6 * 8) * 6 / (math.pi * math.floor(math.log2(scale * size / 128))) ** 2
        logs = [math.log((4 * r**2 + 400 * (2 * scale * size) ** 2 * r**5 / k**2) / level) for k in range(1, r * r + 1)]
        equal = any(
            d + math.sqrt(tests / (2 * c1 * scale * size / 4)) < 0.2 for d, tests in zip(distances, logs, strict=True)
        )
        found = verdict("spacesaving", 0.6, 0.6 - apart, scale * size, **options)
        assert (found > 0) == (equal and apart <= bound(scale * size, REBER))


def test_a_merge_cannot_be_taken_back() -> None:
    for strategy in ("replay", "fresh"):
        with pytest.raises(UsageError, match=r"cannot take a merge back.*expected: `strategy` final"):
            StreamLearner(heuristic="spacesaving", strategy=strategy)


@pytest.mark.parametrize("copies", [0, 5])
def test_it_finds_the_reber_grammar(copies: int) -> None:
    learner = StreamLearner(heuristic="spacesaving", strategy="final", options={**REBER, "copies": copies}, every=4000)
    learner.learn_many(reber().sample(20_000, seed=1))
    assert learner.automaton.equivalent(reber(), tolerance=0.05)
    assert learner.journal.count(Stage.DROPPED) == 0
    assert max(len(learner.tree.path(node)) for node in range(len(learner.tree))) <= 4  # no deeper than candidates


def test_undecided_nodes_wait_and_are_explained() -> None:
    learner = StreamLearner(heuristic="spacesaving", strategy="final", options=REBER)
    learner.learn_many(reber().sample(500, seed=1))
    assert len(learner.automaton) == 1
    assert all(entry.stage is Stage.FORCED for entry in list(learner.journal)[1:])
    assert any("not sure yet" in line and "for the time being" in line for line in learner.explain())
    learner.learn_many(reber().sample(20_000, seed=2))
    assert len(learner.automaton) > 1


def test_batches_do_not_matter() -> None:
    words, models = reber().sample(6000, seed=3), []
    for size in (6000, 700):
        learner = StreamLearner(heuristic="spacesaving", strategy="final", options={**REBER, "copies": 3}, every=1000)
        for start in range(0, len(words), size):
            learner.learn_many(words[start : start + size])
        models.append(learner.automaton.to_json())
    assert models[0] == models[1]


@pytest.mark.parametrize("copies", [1, 4])
def test_a_resample_that_drew_nothing_says_nothing(copies: int) -> None:
    """Of few futures a resample may draw none: it has no shares, and counts as being as far away as can be."""
    made = make("spacesaving", copies=copies, mu=1.0, delta=0.5, states=1, symbols=1)
    pair = sketches(0.5, 0.5, 100_000, copies)
    assert judge(COUNTS_OF_NONE, np.ones(2), *pair, NO_FUTURES, made.parameters()) == 1.0
    for sketch in pair:
        sketch[1:] = 0
    assert judge(COUNTS_OF_NONE, np.ones(2), *pair, NO_FUTURES, made.parameters()) == 0.0  # not sure yet, 0 apart
    whole = sketches(0.5, 0.5, 100_000, copies)
    for mixed in ((pair[0], whole[1]), (whole[0], pair[1])):
        assert judge(COUNTS_OF_NONE, np.ones(2), *mixed, NO_FUTURES, made.parameters()) == 0.0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("copies", [1, 2, 8])
def test_a_few_traces_can_be_learned(copies: int, seed: int) -> None:
    learner = StreamLearner(heuristic="spacesaving", options={"copies": copies, "counters": 32}, seed=seed)
    learner.learn_many([["a"], ["a", "b"], ["b"]])
    assert learner.automaton.stops.sum() == 3
    assert all(entry.stage is Stage.FORCED for entry in list(learner.journal)[1:])  # nothing is sure after three


def test_nodes_without_futures_are_not_decided_about() -> None:
    made = make("spacesaving")
    nothing, some = np.zeros((1, 2, 9), np.int32), sketches(0.5, 0.5, 100)[0]
    for pair in ((nothing, some), (some, nothing), (nothing, nothing)):
        for edition in (judge, make("spacesaving", edition=2014).judge):
            assert edition(COUNTS_OF_NONE, np.ones(2), *pair, NO_FUTURES, made.parameters()) == -1.0


def of_equal_futures(visits: int, others: int, counters: int, lightest: int, copies: int) -> tuple[np.ndarray, ...]:
    """Return the sketches of two nodes with the same shares, and the same resamples; all counters are in use."""
    pair = []
    for strings in (visits, others):
        sketch = np.zeros(PrefixSketchShape(counters, copies).dimensions, np.int32)
        sketch[:, COUNTS, 0], sketch[:, CODES, 0] = strings, counters
        sketch[:, CODES, 1:] = np.arange(1, counters + 1)
        sketch[:, COUNTS, 1:] = lightest * strings // visits
        pair.append(sketch)
    return pair[0], pair[1]


@pytest.mark.parametrize(("visits", "others"), [(4_000_000, 4_000_000), (9_000_000, 3_000_000)])
@pytest.mark.parametrize(("copies", "lightest_share", "term"), [(1, 0.0, 0), (2, 0.0, 0), (1, 0.01, 1), (3, 0.01, 1)])
def test_constants_of_the_paper(visits: int, others: int, copies: int, lightest_share: float, term: int) -> None:
    """Resamples at distance 0 make two nodes equal from the μ on that the formula of the paper gives, worked out here.

    c0 = 384, c1 = 2/(1 + √c0) = 0.0971066, and c2 = (1/√c1 - 1)² = 4.8798723, which is the paper's once 1 + √c1 is
    cancelled.  Of all k the last, r², asks least of μ.
    """
    level, lightest = 1e-3, round(lightest_share * visits)
    error = lightest / visits
    size = visits * others / (math.sqrt(visits) + math.sqrt(others)) ** 2
    test = math.floor(math.log2(others / 128))
    tests = 4 * copies**2 + 400 * (visits + others) ** 2 * copies**5 / copies**4
    logs = math.log(tests / (level * 6 / (math.pi * test) ** 2))
    terms = math.sqrt(logs / (2 * 0.097106586 * size)), ((16 * error) ** 2 * logs / (2 * 4.8798723 * size)) ** 0.25
    assert max(terms) == terms[term]
    needed = 8 * error + max(terms)
    pair = of_equal_futures(visits, others, 4, lightest, copies)
    for factor, equal in ((1 - 1e-6, False), (1 + 1e-6, True)):
        parameters = SpaceSavingParameters(needed * factor, level, 2012)
        assert (judge(COUNTS_OF_NONE, np.ones(2), *pair, NO_FUTURES, parameters) > 0) is equal


def test_a_level_that_cannot_be_shared_out_is_refused() -> None:
    with pytest.raises(UsageError, match=r"delta of 4.94066e-324 is too small to be shared out"):
        make("spacesaving", delta=5e-324)
