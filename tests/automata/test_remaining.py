"""What remains of a trace: against closed forms, against enumeration of all traces, and against samples."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import END, PDFA, Ensemble, StreamLearner, UsageError
from flexstream.automata import absorption, steps
from flexstream.automata.absorption import Absorption
from flexstream.automata.pdfa import UNKNOWN
from flexstream.automata.remaining import MOST
from flexstream.automata.smoothing import Smoothing
from flexstream.automata.steps import Steps
from flexstream.errors import ModelError, WrongTypeError
from flexstream.targets import Recipe, from_rows, random_pdfa, reber

COIN = from_rows({0: {"a": (75, 0), None: (25, 0)}})
LEAK = from_rows({0: {"a": (50, 0), "b": (10, 1), None: (40, 0)}, 1: {"c": (1, 1)}})


@st.composite
def smoothed(draw: st.DrawFn) -> PDFA:
    """Draw an automaton of a few states: counts, visits that were evicted, smoothing or none."""
    states, alphabet = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    strength = draw(st.sampled_from([0.0, 0.5, 4.0]))
    offsets, symbols, targets, weights = [0], [], [], []
    for _ in range(states):
        for symbol in draw(st.sets(st.integers(0, alphabet - 1))):
            symbols.append(symbol)
            targets.append(draw(st.integers(0, states - 1)))
            weights.append(draw(st.integers(1, 9)))
        order = np.argsort(symbols[offsets[-1] :]) + offsets[-1]
        symbols[offsets[-1] :], targets[offsets[-1] :] = [symbols[i] for i in order], [targets[i] for i in order]
        offsets.append(len(symbols))
    stops = np.array(draw(st.lists(st.integers(1, 6), min_size=states, max_size=states)), float)
    lost = np.array(draw(st.lists(st.sampled_from([0.0, 0.0, 3.0]), min_size=states, max_size=states)))
    used = np.bincount(np.repeat(np.arange(states), np.diff(offsets)), weights, states)
    base = np.array(draw(st.lists(st.integers(0, 3), min_size=alphabet + 2, max_size=alphabet + 2)), float)
    base[0] += 1
    fallback = draw(st.lists(st.integers(0, states - 1), min_size=alphabet, max_size=alphabet))
    smoothing = Smoothing(strength, base / base.sum(), fallback)  # type: ignore[arg-type]
    visits = stops + used + lost
    return PDFA("abc"[:alphabet], visits, stops, offsets, symbols, targets, weights, None, smoothing)  # type: ignore[arg-type]


def enumerated(model: PDFA | Ensemble, prefix: list[str], length: int) -> Counter[int]:
    """Return the probability of each number of events to come, below a length: all traces are gone through."""
    found: Counter[int] = Counter()
    waiting: list[tuple[list[str], float]] = [(prefix, 1.0)]
    for number in range(length):
        following = []
        for trace, share in waiting:
            chances = model.predict_proba_one(trace)
            found[number] += share * chances.pop(END)
            named = [("?" if outcome is UNKNOWN else str(outcome), p) for outcome, p in chances.items() if p > 0]
            following += [([*trace, symbol], share * p) for symbol, p in named]
        waiting = following
    return found


@given(automaton=smoothed(), walk=st.lists(st.sampled_from("abc?"), max_size=2))
@settings(max_examples=30)
def test_numbers_of_events_are_those_of_all_traces(automaton: PDFA, walk: list[str]) -> None:
    if math.isinf(automaton.surprises(walk)[0][:-1].max(initial=0.0)):
        with pytest.raises(UsageError, match="impossible"):
            automaton.remaining(walk)
        return
    expected = enumerated(automaton, walk, 4)
    coming = automaton.remaining(walk)
    assert coming.distribution(4) == pytest.approx([expected[number] for number in range(4)], abs=1e-12)
    assert [coming.probability(number) for number in range(4)] == pytest.approx(
        [expected[number] for number in range(4)], abs=1e-12
    )


@given(automaton=smoothed())
def test_steps_are_those_of_the_matrix(automaton: PDFA) -> None:
    """The matrix from what `predict_proba_one` says and where the next event leads, state by state."""
    found, matrix = Steps(automaton), np.zeros((len(automaton), len(automaton)))
    lacking = automaton.rest / automaton.mass
    for state in range(len(automaton)):
        edges = range(automaton.offsets[state], automaton.offsets[state + 1])
        led = {
            int(automaton.edge_symbols[edge]): (automaton.targets[edge], automaton.probabilities[edge])
            for edge in edges
        }
        for symbol in range(len(automaton.symbols)):
            unseen = automaton.smoothing.fallback[symbol], lacking[state] * automaton.smoothing.base[2 + symbol]
            target, p = led.get(symbol, unseen)
            matrix[state, target] += p
            assert found.chances(symbol)[state] == pytest.approx(p)
            assert found.led_to(symbol)[state] == target
        matrix[state, state] += lacking[state] * automaton.smoothing.base[1]
    values = np.arange(1.0, len(automaton) + 1)
    assert found.matrix() == pytest.approx(matrix)
    assert found.after(values) == pytest.approx(matrix @ values)
    assert found.before(values) == pytest.approx(matrix.T @ values)
    assert matrix.sum(1) == pytest.approx(1 - found.stops)


@given(automaton=smoothed())
@settings(max_examples=40)
def test_means_and_ends_are_what_the_distribution_says(automaton: PDFA) -> None:
    coming = automaton.remaining([])
    p = coming.distribution(1000)
    if coming.surviving(len(p)) < 1e-12:
        assert coming.mean == pytest.approx(p @ np.arange(len(p)), rel=1e-6)
    rising = np.append(np.cumsum(p), 1.0)
    for share in (0.0, 0.05, 0.5, 0.9):
        assert coming.quantile(share) == int(np.searchsorted(rising, share - 1e-11)) or share > rising[-2]
    assert sum(coming.ends_with().values()) <= 1 + 1e-9


@given(automaton=smoothed(), symbol=st.integers(0, 2))
@settings(max_examples=30)
def test_what_is_reached_and_what_comes_last_are_sums_over_traces(automaton: PDFA, symbol: int) -> None:
    """Step after step by hand, until next to nothing is left."""
    found, symbol = Absorption(automaton), symbol % len(automaton.symbols)
    chances, led, stops = found.steps.chances(symbol), found.steps.led_to(symbol), found.steps.stops
    matrix = found.steps.matrix()
    without = matrix.copy()
    without[np.arange(len(led)), led] -= chances
    reached, last, now, going = 0.0, 0.0, np.eye(1, len(led))[0], np.eye(1, len(led))[0]
    for _ in range(1500):
        reached += now @ chances
        last += going @ (chances * stops[led])
        now, going = now @ without, going @ matrix
    if going.sum() < 1e-10:
        assert found.reaching(symbol)[0] == pytest.approx(reached, abs=1e-9)
        assert found.last(0)[symbol] == pytest.approx(last, abs=1e-9)


def test_the_geometric_distribution() -> None:
    coming = COIN.remaining(["a"])
    assert (coming.mean, coming.ends, coming.quantile(0.0), coming.quantile(0.25)) == (3.0, 1.0, 0, 0)
    assert [coming.probability(n) for n in range(4)] == pytest.approx([0.25 * 0.75**n for n in range(4)])
    assert coming.quantile(0.9) == math.ceil(math.log(0.1) / math.log(0.75)) - 1
    assert coming.quantile(1) == math.inf
    assert coming.surviving(-1) == 1.0
    assert coming.distribution().sum() == pytest.approx(1, abs=1e-8)
    assert coming.ends_with() == {"a": 1.0}
    assert COIN.remaining([]).ends_with() == {"a": 0.75}  # an empty trace has no last event
    assert repr(coming) == "Remaining(mean=3, ends=1)"


def test_rare_ends_are_found_far_away() -> None:
    """Squared matrices: ten million events in a few steps."""
    rare = from_rows({0: {"a": (1 - 1e-6, 0), None: (1e-6, 0)}})
    coming = rare.remaining([])
    assert coming.mean == pytest.approx(1e6 - 1)
    assert coming.quantile(0.999) == pytest.approx(math.log(0.001) / math.log1p(-1e-6), rel=1e-6)
    never = from_rows({0: {"a": (1 - 1e-15, 0), None: (1e-15, 0)}}).remaining([])
    assert never.quantile(0.5) == math.inf and MOST < never.mean < math.inf


def test_traces_without_cycles_have_a_longest() -> None:
    line = from_rows({0: {"a": (1, 1), None: (1, 0)}, 1: {"b": (1, 2)}, 2: {None: (1, 2)}})
    assert line.remaining([]).quantile(1) == 2
    assert line.remaining([]).distribution().tolist() == [0.5, 0.0, 0.5]
    assert line.remaining(["a", "b"]).distribution().tolist() == [1.0]
    assert line.remaining(["a", "b"]).mean == 0


def test_traces_that_need_not_end() -> None:
    coming = LEAK.remaining(["a"])
    assert (coming.ends, coming.mean) == (pytest.approx(0.8), math.inf)
    assert (coming.quantile(0.5), coming.quantile(0.9)) == (1, math.inf)
    assert coming.distribution().sum() == pytest.approx(0.8, abs=1e-8)
    assert (coming.reaches("c"), coming.ends_with()) == (pytest.approx(0.2), {"a": pytest.approx(0.8)})
    lost = LEAK.remaining(["b"])
    assert (lost.ends, lost.mean, lost.quantile(0.01), lost.ends_with()) == (0.0, math.inf, math.inf, {})
    assert lost.distribution().tolist() == [0.0]


def test_a_state_without_weight_ends() -> None:
    stuck = PDFA(["a"], [2, 0], [1, 0], [0, 1, 1], [0], [1], [1])  # type: ignore[arg-type]
    assert stuck.remaining(["a"]).mean == 0
    assert stuck.remaining([]).distribution().tolist() == [0.5, 0.5]


def test_reber_is_the_mean_of_its_samples() -> None:
    grammar = reber()
    coming, traces = grammar.remaining([]), grammar.sample(20_000, seed=1)
    lengths = np.array([len(trace) for trace in traces])
    assert coming.mean == pytest.approx(lengths.mean(), abs=5 * lengths.std() / math.sqrt(len(lengths)))
    last = Counter(trace[-1] for trace in traces)
    assert coming.ends_with() == {symbol: pytest.approx(times / 20_000, abs=0.02) for symbol, times in last.items()}
    reached = np.mean(["P" in trace for trace in traces])
    assert coming.reaches("P") == pytest.approx(reached, abs=0.02)
    with pytest.raises(UsageError, match=r"the model calls 'P' at position 1 impossible \(expected: "):
        grammar.remaining(["T", "P"])


def test_larger_automata_are_asked_in_other_ways_and_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    learner = StreamLearner()
    target = random_pdfa(Recipe(states=12, symbols=4, mean_length=9), seed=5)
    learner.learn_many(target.sample(3000, 1))
    model = learner.automaton
    prefixes = [[], *[trace[:3] for trace in target.sample(5, 2)]]

    def told() -> list[list[float]]:
        fresh = PDFA.from_json(model.to_json())
        found = [fresh.remaining(prefix) for prefix in prefixes]
        return [
            [one.mean, one.quantile(0.1), one.quantile(0.99), one.surviving(7), *one.distribution(30), one.reaches("2"),
             *one.ends_with().values()]
            for one in found
        ]  # fmt: skip

    expected = told()
    monkeypatch.setattr(steps, "DENSE", 0)
    monkeypatch.setattr(absorption, "SQUARED", 0)
    for held in (absorption.HELD, 3 * len(model)):
        monkeypatch.setattr(absorption, "HELD", held)
        np.testing.assert_allclose(told(), expected, rtol=1e-9)
    monkeypatch.setattr(steps, "PATIENCE", 3)
    np.testing.assert_allclose(told(), expected, rtol=1e-9)
    monkeypatch.setattr(steps, "MOST_DENSE", 3)
    with pytest.raises(ModelError, match=r"so long that what follows cannot be worked out \(expected: "):
        told()


def test_beyond_the_farthest_larger_automata_go_on_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absorption, "SQUARED", 0)
    monkeypatch.setattr(absorption, "FARTHEST", 64)
    assert Absorption(COIN).surviving(0, 200) == pytest.approx(0.75**201)
    assert Absorption(from_rows({0: {None: (1, 0)}})).surviving(0, 200) == 0


def test_an_ensemble_is_the_mixture_of_its_members() -> None:
    other = from_rows({0: {"a": (50, 0), None: (50, 0)}})
    both = Ensemble([COIN, other], np.array([0.5, 0.5]))
    for prefix in ([], ["a"], ["a"] * 4):
        expected = enumerated(both, list(prefix), 6)
        coming = both.remaining(prefix)
        assert coming.distribution(6) == pytest.approx([expected[number] for number in range(6)])
        assert coming.mean == pytest.approx(coming.distribution(400) @ np.arange(400))
        assert coming.quantile(0.7) == int(np.searchsorted(np.cumsum(coming.distribution(60)), 0.7))
    sure = from_rows({0: {"a": (1, 1), None: (1, 0)}, 1: {None: (1, 1)}})
    assert Ensemble([COIN, sure], np.array([0.5, 0.5])).remaining(["a", "a"]).mean == 3  # the other calls it impossible
    with pytest.raises(UsageError, match="the model calls 'a' at position 1 impossible"):
        Ensemble([sure], np.ones(1)).remaining(["a", "a"])


def test_wrong_questions() -> None:
    coming = COIN.remaining([])
    for share in (-0.1, 1.5):
        with pytest.raises(UsageError, match=r"a quantile of .* \(expected: from 0 to 1\)"):
            coming.quantile(share)
    with pytest.raises(UsageError, match=r"a distribution of length -1 \(expected: 0 or more\)"):
        coming.distribution(-1)
    assert coming.distribution(0).tolist() == []
    with pytest.raises(UsageError, match=r"the model knows no event 'z' \(expected: "):
        coming.reaches("z")
    with pytest.raises(WrongTypeError):
        coming.quantile("0.5")  # type: ignore[arg-type]
    with pytest.raises(WrongTypeError):
        COIN.remaining("a")
    with pytest.raises(WrongTypeError):
        COIN.predict_one("a")


def test_what_is_likeliest() -> None:
    assert COIN.predict_one(["a"]) == "a"
    assert from_rows({0: {"a": (25, 0), None: (75, 0)}}).predict_one([]) is END
    assert StreamLearner().model.predict_one([]) is END  # nothing is known, and no symbol
