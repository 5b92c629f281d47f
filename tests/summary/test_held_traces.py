"""Traces that are held whole: what a tree was given, whatever became nodes, tails and repetitions of it."""

from __future__ import annotations

import time
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import Alphabet, TraceBatch
from flexstream.summary.held_traces import HeldTraces, held_traces, ordered
from flexstream.summary.repeated import Repeated
from flexstream.summary.tree import PrefixTree

from ..strategies import Traces, count, traces

Held = dict[tuple[int, ...], int]


def found(held: HeldTraces) -> Held:
    bounds = held.offsets.tolist()
    texts = [tuple(held.symbols[low:high].tolist()) for low, high in pairwise(bounds)]
    assert texts == sorted(set(texts))  # each once, and in their order
    return dict(zip(texts, held.times.tolist(), strict=True))


@given(traces, st.integers(1, 5), st.none() | st.integers(1, 3))
def test_all_are_held_whatever_became_nodes(given_traces: Traces, grow_at: int, reach: int | None) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at, reach=reach)
    held, whole = held_traces(tree, 10**9)
    ids = {text: number for number, text in enumerate(alphabet)}
    assert found(held) == Counter(tuple(ids[text] for text in trace) for trace in given_traces)
    assert whole == held.traces == len(given_traces)
    assert held.events == len(held.symbols) == held.offsets[-1]


def test_what_was_repeated_is_held_too() -> None:
    tree, _ = count([["a", "b"], ["a"], ["b", "a", "b"]] * 3, grow_at=4)
    tree.repeated = Repeated(np.array([0, 1, 1], np.int32), np.array([0, 2, 2, 3]), np.array([5, 7, 1]), 13, 11, 0)
    held, whole = held_traces(tree, 10**9)
    assert found(held) == {(): 7, (0,): 3, (0, 1): 3 + 5, (1,): 1, (1, 0, 1): 3}
    assert whole == 9 + 13


def test_ids_of_any_size_are_in_their_order() -> None:
    big = 2**31 - 1
    held = ordered(np.array([big, 256, 255, 0], np.int32), np.array([0, 1, 2, 3, 3, 4]), np.arange(1, 6))
    assert list(found(held).items()) == [((), 4), ((0,), 5), ((255,), 3), ((256,), 2), ((big,), 1)]


@pytest.mark.parametrize("most", [2000, 500])
def test_of_many_some_are_drawn_each_as_likely(most: int) -> None:
    """A trace of one event that came often, and many that came once: each is drawn so many times in a thousand."""
    often = [["a"]] * 3000
    rare = [["b", *f"{number:03}"] for number in range(1000)]
    tree, _ = count([*often, *rare], grow_at=2)
    share = most / 4001  # events of different traces
    drawn = [held_traces(tree, most, seed) for seed in range(30)]
    assert {whole for _, whole in drawn} == {4000}
    one = np.mean([found(held).get((0,), 0) for held, _ in drawn])
    others = np.mean([held.traces - found(held).get((0,), 0) for held, _ in drawn])
    assert one == pytest.approx(3000 * share, rel=0.05)
    assert others == pytest.approx(1000 * share, rel=0.05)
    assert found(held_traces(tree, most, 1)[0]) == found(drawn[1][0]) != found(drawn[2][0])


def test_thinned_once_more() -> None:
    held = ordered(np.arange(1000, dtype=np.int32), np.arange(1001), np.full(1000, 10))
    assert held.thinned(1000) is held
    assert held.thinned(999) is not held
    less = [held.thinned(250, seed) for seed in range(20)]
    assert np.mean([one.traces for one in less]) == pytest.approx(2500, rel=0.03)
    assert all((one.times > 0).all() and found(one).keys() <= found(held).keys() for one in less)
    assert found(held.chosen(np.array([3, 5]), np.array([2, 9]))) == {(3,): 2, (5,): 9}


def test_a_tree_that_knows_nothing_holds_nothing() -> None:
    held, whole = held_traces(PrefixTree(), 10)
    assert found(held) == {} and whole == 0


def test_a_long_chain_is_held_whole() -> None:
    """Depths are counted from above; from below a chain took the square of its length."""
    alphabet, tree = Alphabet(), PrefixTree(grow_at=1)
    tree.count(TraceBatch.from_traces([["a"] * 20_000, ["a"] * 3 + ["b"] * 9_000], alphabet))
    started = time.process_time()
    held, whole = held_traces(tree, 10**6)
    assert time.process_time() - started < 0.5
    assert np.diff(held.offsets).tolist() == [20_000, 9_003] and whole == 2
