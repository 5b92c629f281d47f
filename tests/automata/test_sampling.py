"""Drawing traces: the kernel against its twin, batches against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.automata.pdfa import PDFA
from flexstream.automata.sampling import BLOCK, Sampler, texts
from flexstream.targets import PFA, reentrant_line

from .. import naive
from ..strategies import automata


@pytest.mark.twin("drawing.draw_traces")
@given(automata(deterministic=True), st.integers(0, 2**40), st.integers(0, 6))
def test_kernel_equals_its_twin(automaton: PFA, seed: int, max_length: int) -> None:
    exact = automaton.to_pdfa()
    assert exact.sample(20, seed, max_length) == naive.draw(exact, 20, seed, max_length)


def test_more_than_one_block_of_random_numbers() -> None:
    line = reentrant_line()
    drawn = line.sample(9000, seed=3)
    assert sum(map(len, drawn)) > BLOCK
    assert drawn == naive.draw(line, 9000, 3, 10_000)


@given(automata(), st.lists(st.integers(0, 50), max_size=5))
def test_batches_do_not_matter(automaton: PFA, sizes: list[int]) -> None:
    source = automaton.sampler(seed=5)
    parts = [trace for size in sizes for trace in texts(source.batch(size), automaton.symbols)]
    assert parts == automaton.sample(sum(sizes), seed=5)


def test_traces_are_cut_and_the_next_starts_anew() -> None:
    loop = Sampler([0.0, 0.0], [0, 1, 2], [0, 1], [1, 0], [1.0, 1.0], [1.0, 0.0], seed=0, max_length=3)
    assert [trace.tolist() for trace in loop.batch(2)] == [[0, 1, 0], [0, 1, 0]]


def test_a_first_state_is_drawn_without_a_symbol() -> None:
    either = PFA.from_edges(["a", "b"], [0.25, 0.75, 0], [0, 0, 1], [0, 1], [0, 1], [2, 2], [1, 1])
    drawn = either.sample(4000, seed=2)
    assert {tuple(trace) for trace in drawn} == {("a",), ("b",)}
    assert 850 < sum(trace == ["a"] for trace in drawn) < 1150


def test_a_state_that_shows_nothing_ends_the_trace() -> None:
    blind = PDFA(["a"], [1.0, 0.0], [0.0, 0.0], [0, 1, 1], [0], [1], [1.0])
    assert blind.sample(2, seed=0) == [["a"], ["a"]]


def test_seeds_are_those_of_numpy() -> None:
    coin = Sampler([0.5], [0, 1], [0], [0], [0.5], [1.0], seed=11)
    ends = np.random.default_rng(11).random(BLOCK) < 0.5
    lengths = np.diff(np.flatnonzero(ends), prepend=-1) - 1
    assert np.diff(coin.batch(100).offsets).tolist() == lengths[:100].tolist()
