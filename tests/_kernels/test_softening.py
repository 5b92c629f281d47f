"""Softening: the kernels against their twins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import TraceBatch
from flexstream._kernels.softening import (
    LANES,
    SoftColumns,
    SoftCounts,
    SoftRows,
    SoftScratch,
    exp_digammas,
    expect_counts,
)
from flexstream.automata.softened import Softened, sparse

from .. import naive

ALPHABET = 3
traces_of_ids = st.lists(st.lists(st.integers(0, ALPHABET - 1), max_size=7), min_size=1, max_size=9)


def some(states: int, seed: int) -> SoftColumns:
    """Return an automaton drawn at random, with rows that no state has."""
    random = np.random.default_rng(seed)
    width = -(-states // LANES) * LANES
    chances = np.zeros((ALPHABET, width, width), np.float32)
    chances[:, :states, :states] = random.random((ALPHABET, states, states)) ** 4
    chances[random.random((ALPHABET, width)) < 0.3] = 0  # symbols that a state does not have
    chances[random.random(chances.shape) < 0.5] = 0
    chances[:, 0, 0] += 0.1  # one way is open to every trace
    stops, initial = np.zeros(width, np.float32), np.zeros(width, np.float32)
    stops[:states], initial[:states] = random.random(states) + 0.1, random.random(states)
    total = chances.sum((0, 2)) + stops
    chances /= np.where(total > 0, total, 1)[:, np.newaxis]
    return SoftColumns(chances, stops / np.where(total > 0, total, 1), initial / initial.sum())


def drawn(states: int, seed: int) -> Softened:
    """Return a softened automaton drawn at random, that knows an escape and lacks transitions."""
    columns, random = some(states, seed), np.random.default_rng(seed)
    left = 0.9
    base, landing = random.random(ALPHABET + 2), random.random(states)
    stops, initial = columns.stops[:states].astype(float) * left, columns.initial[:states].astype(float)
    chances = columns.chances[:, :states, :states] * np.float32(left)
    escapes = np.full(states, 1 - left)
    return sparse("abc", initial, stops, escapes, landing, chances, base / base.sum(), least=0.05)


@pytest.mark.twin("softening.expect_counts")
@given(traces_of_ids, st.integers(1, 11), st.integers(0, 50))
def test_expected_counts(traces: list[list[int]], states: int, seed: int) -> None:
    traces = sorted(traces)  # as in a reservoir; any order comes to the same
    columns = some(states, seed)
    found, bits = expected(columns, traces)
    wanted, wanted_bits = naive.expected_counts(*(np.asarray(part, np.float64) for part in columns), traces)
    found = SoftCounts(found.passed * columns.chances, found.ended, found.begun)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=1e-5)
    np.testing.assert_allclose(bits, wanted_bits, rtol=1e-5, atol=1e-5)


def expected(
    columns: SoftColumns, traces: list[list[int]], room: SoftRows | None = None
) -> tuple[SoftCounts, np.ndarray]:
    """Run the kernel on traces, each of which came once."""
    depth, width = 1 + max(map(len, traces)), len(columns.stops)
    counts = SoftCounts(*(np.zeros_like(part) for part in columns))
    rows = [np.zeros((depth, width), np.float32) for _ in range(2)]
    scratch = SoftScratch(rows[0], np.zeros(depth, np.float32), np.zeros(depth), rows[1])
    symbols = np.array([symbol for trace in traces for symbol in trace], np.int32)
    offsets = np.cumsum([0, *map(len, traces)])
    bits = np.empty(len(traces))
    room, times = room or SoftRows.room(ALPHABET, width), np.ones(len(traces), np.float32)
    expect_counts(columns, symbols, offsets, times, 0.0, room, scratch, counts, bits)
    assert not scratch.backward.any()
    return counts, bits


def test_what_has_no_chance_is_passed_over() -> None:
    columns, room = some(21, 3), SoftRows.room(ALPHABET, 24)
    expected(columns, [[0, 1, 2, 2], [0, 2], [1, 1, 0, 2, 1]], room)
    filled = columns.chances.reshape(ALPHABET, 24, 3, LANES).any(-1)
    symbols, states = np.nonzero(filled.any(-1))
    rows = len(states)
    assert rows < 21 * ALPHABET
    assert room.states[:rows].tolist() == states.tolist()
    assert np.diff(room.first).tolist() == np.bincount(symbols, minlength=ALPHABET).tolist()
    assert np.diff(room.lanes[: rows + 1]).tolist() == filled[symbols, states].sum(1).tolist()
    assert room.targets[: room.lanes[rows]].tolist() == (LANES * np.nonzero(filled[symbols, states])[1]).tolist()


def test_the_order_of_traces_makes_no_difference() -> None:
    columns, traces = some(5, 1), [[0, 1, 2], [2], [], [0, 1], [0, 1, 2], [1, 1]]
    one, other = expected(columns, traces)[0], expected(columns, sorted(traces))[0]
    for first, second in zip(one, other, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-6)


@pytest.mark.twin("softening.exp_digammas")
@given(st.lists(st.floats(0, 1e5, width=32), min_size=1, max_size=9), st.floats(0.01, 3))
def test_geometric_means(values: list[float], prior: float) -> None:
    found = np.empty(len(values), np.float32)
    exp_digammas(np.array(values, np.float32), prior, found)
    wanted = [naive.exp_digamma(value + prior) for value in values]
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-37)


@pytest.mark.twin("softening.softened_chances")
@given(st.lists(st.integers(-1, ALPHABET - 1), max_size=8), st.integers(1, 6), st.integers(0, 50))
def test_chances(trace: list[int], states: int, seed: int) -> None:
    automaton = drawn(states, seed)
    batch = TraceBatch(np.array(trace, np.int32), np.array([0, len(trace)]))
    wanted = []
    for place, symbol in enumerate([*trace, -2]):
        after = naive.chances_after(automaton, trace[:place])
        assert after.sum() == pytest.approx(1)
        wanted.append(after[2 + symbol if symbol >= 0 else 1 if symbol == -1 else 0])
    np.testing.assert_allclose(automaton.chances_of(batch), wanted, rtol=1e-6)
    bits, outcomes = automaton.outcomes_after(np.array(trace, np.int32))
    np.testing.assert_allclose(outcomes, naive.chances_after(automaton, trace), rtol=1e-6)
    assert bits == pytest.approx(sum(map(math.log2, wanted[:-1])), abs=1e-6)
    assert automaton.log2_probs(batch)[0] == pytest.approx(sum(map(math.log2, wanted)), abs=1e-6)
