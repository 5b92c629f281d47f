"""Automata that need not be deterministic: probabilities, visits, determinism."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.automata.chain import SMALL
from flexstream.errors import ModelError
from flexstream.stream.batch import TraceBatch
from flexstream.targets import PFA, reber, reentrant_line

from .. import naive
from ..strategies import automata

SHORT = [list(word) for length in range(4) for word in itertools.product("abc", repeat=length)]


def batch_of(automaton: PFA, traces: list[list[str]]) -> TraceBatch:
    return TraceBatch.from_traces(traces, automaton.alphabet())


@pytest.mark.twin("forward.forward")
@given(automata())
def test_the_forward_algorithm_sums_over_all_paths(automaton: PFA) -> None:
    found = 2 ** automaton.log2_probs(batch_of(automaton, SHORT))
    assert found == pytest.approx([naive.path_probability(automaton, trace) for trace in SHORT], rel=1e-9)


@given(automata(), st.lists(st.sampled_from("abc"), max_size=30))
def test_a_batch_scores_as_its_traces_do(automaton: PFA, trace: list[str]) -> None:
    alone = automaton.log2_prob(trace)
    among = automaton.log2_probs(batch_of(automaton, [["c"], trace, [], trace]))
    assert [alone, alone] == [among[1], among[3]]


def test_probabilities_of_all_traces_sum_to_one() -> None:
    # Half of the traces end at each step, so strings of up to 12 symbols hold all but 2^-13.
    one = PFA.from_edges(
        ["a", "b"], [0.25, 0.75], [0.5, 0.5], [0, 0, 1, 1], [0, 1, 0, 0], [0, 1, 0, 1], [0.25, 0.25, 0.2, 0.3]
    )
    words = [list(word) for length in range(13) for word in itertools.product("ab", repeat=length)]
    assert (2 ** one.log2_probs(batch_of(one, words))).sum() == pytest.approx(1 - 2**-13, abs=1e-12)


def test_long_traces_do_not_vanish() -> None:
    coin = PFA.from_edges(["h"], [1.0], [0.5], [0], [0], [0], [0.5])
    assert coin.log2_prob(["h"] * 5000) == -5001


def test_unknown_symbols_are_impossible() -> None:
    coin = PFA.from_edges(["h"], [1.0], [0.5], [0], [0], [0], [0.5])
    assert coin.log2_prob(["x"]) == -math.inf
    ids = np.array([-1, 7, 0], np.int32)
    assert coin.log2_probs(TraceBatch(ids, np.array([0, 1, 2, 3]))).tolist() == [-math.inf, -math.inf, -2.0]


@settings(max_examples=30)
@given(automata(), st.integers(0, 99))
def test_samples_are_as_frequent_as_they_are_probable(automaton: PFA, seed: int) -> None:
    n = 4000
    counts = dict.fromkeys(map(tuple, SHORT), 0)
    for trace in automaton.sample(n, seed):
        if tuple(trace) in counts:
            counts[tuple(trace)] += 1
    for trace, count in counts.items():
        p = 2 ** automaton.log2_prob(trace)
        assert abs(count - n * p) <= 6 * math.sqrt(n * p * (1 - p)) + 1


@settings(max_examples=30)
@given(automata())
def test_visits_agree_with_samples(automaton: PFA) -> None:
    """The visits of a state are what an automaton emits that says its own states."""
    talking = PFA.from_edges(
        [str(state) for state in range(len(automaton))],
        automaton.initial,
        automaton.stops,
        automaton.sources,
        automaton.sources,  # the symbol is the state that is left
        automaton.targets,
        automaton.probabilities,
    )
    n = 3000
    traces = talking.sample(n, seed=1)
    left = automaton.expected_visits() * (1 - automaton.stops)
    for state in range(len(automaton)):
        mean = sum(trace.count(str(state)) for trace in traces) / n
        assert abs(mean - left[state]) <= 6 * math.sqrt((1 + left[state]) * (2 + 2 * automaton.mean_length()) / n)
    assert automaton.mean_length() == pytest.approx(left.sum())


def test_visit_probabilities() -> None:
    line = PFA.from_pdfa(reentrant_line())
    once, often = line.visit_probabilities(), line.expected_visits()
    assert once[[0, 1, 8]] == pytest.approx([1, 1, 1])
    assert once[2] == pytest.approx(0.95)  # all but the lots that break down first
    assert often[2] == pytest.approx(0.95 / 0.85)  # rework comes back with 0.15
    assert (once <= often + 1e-12).all()


@pytest.mark.parametrize("states", [2, SMALL + 1])
def test_endless_traces_are_reported(states: int) -> None:
    first, ends = np.eye(1, states)[0], np.eye(1, states, states - 1)[0]
    numbers = np.arange(states - 1)
    loop = PFA.from_edges(["a"], first, ends, numbers, 0 * numbers, 0 * numbers, 1.0 - 0 * numbers)
    with pytest.raises(ModelError, match="never end"):
        loop.mean_length()
    with pytest.raises(ModelError, match="never end"):
        loop.visit_probabilities()


@pytest.mark.parametrize("stop", [1e-6, 1e-2])
@pytest.mark.parametrize("states", [1, SMALL + 1])
def test_long_traces_have_the_mean_length_of_the_geometric_distribution(states: int, stop: float) -> None:
    """A ring of states in each of which the trace ends with the same probability."""
    numbers = np.arange(states)
    first, ends = np.eye(1, states)[0], np.full(states, stop)
    ring = PFA.from_edges(["a"], first, ends, numbers, 0 * numbers, (numbers + 1) % states, 1 - ends)
    assert ring.mean_length() == pytest.approx(1 / stop - 1, rel=1e-6)
    assert ring.visit_probabilities()[-1] == pytest.approx((1 - stop) ** (states - 1), rel=1e-6)


@given(automata(deterministic=True))
def test_deterministic_ones_become_pdfa_and_come_back(automaton: PFA) -> None:
    assert automaton.deterministic
    there = automaton.to_pdfa()
    back = PFA.from_pdfa(there)
    for trace in SHORT:
        expected = pytest.approx(automaton.log2_prob(trace))
        assert there.log2_prob(trace) == expected
        assert back.log2_prob(trace) == expected
    assert there.equivalent(back.to_pdfa())


def test_the_initial_state_becomes_the_first() -> None:
    back = PFA.from_edges(["a"], [0, 1, 0], [1, 0, 1], [1], [0], [0], [1.0]).to_pdfa()
    assert (len(back), back.log2_prob(["a"]), back.log2_prob([])) == (2, 0.0, -math.inf)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (dict(initial=[0.5, 0.5]), "can start in state 0 or 1"),
        (dict(edge_symbols=[0, 0, 0]), "from state 0 symbol 'a' leads to state 0 or 1"),
    ],
)
def test_a_choice_is_named(changes: dict[str, list[float]], says: str) -> None:
    given = dict(
        symbols=["a", "b"],
        initial=[1.0, 0.0],
        stops=[0.25, 0.5],
        sources=[0, 0, 1],
        edge_symbols=[0, 1, 0],
        targets=[0, 1, 1],
        probabilities=[0.25, 0.5, 0.5],
    )
    assert PFA.from_edges(**given).deterministic  # type: ignore[arg-type]
    automaton = PFA.from_edges(**{**given, **changes})  # type: ignore[arg-type]
    assert not automaton.deterministic
    with pytest.raises(ModelError, match=says):
        automaton.to_pdfa()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (dict(initial=[0.5]), "initial probabilities sum to 0.5"),
        (dict(stops=[0.25]), "state 0 sum to 0.75"),
        (dict(stops=[-0.5]), "negative"),
        (dict(initial=[1.0, 0.0]), "sizes differ"),
        (dict(targets=[1]), "out of range"),
        (dict(probabilities=[0.5, 0.5]), "lengths differ"),
    ],
)
def test_what_fits_not_together_is_refused(changes: dict[str, list[float]], says: str) -> None:
    given = dict(
        symbols=["a"], initial=[1.0], stops=[0.5], offsets=[0, 1], edge_symbols=[0], targets=[0], probabilities=[0.5]
    )
    assert len(PFA(**given)) == 1  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=says):
        PFA(**{**given, **changes})  # type: ignore[arg-type]


def test_reber_as_a_pfa() -> None:
    grammar = PFA.from_pdfa(reber())
    assert grammar.log2_prob(["T", "X", "S"]) == -3
    assert grammar.to_pdfa().equivalent(reber())
