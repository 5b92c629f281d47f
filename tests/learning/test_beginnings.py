"""Beginnings: copies that were counted before anybody could know are named, as long as few traces came."""

from __future__ import annotations

import numpy as np
import pytest

from flexstream.learning.beginnings import SYMBOLS, TRACES, Beginning
from flexstream.stream.batch import TraceBatch


def distinct(traces: int, length: int) -> TraceBatch:
    symbols = np.arange(traces * length, dtype=np.int32)
    return TraceBatch(symbols, np.arange(0, traces * length + 1, length))


def pairs(traces: int, length: int) -> TraceBatch:
    """Return traces each of which comes twice in a row."""
    symbols = distinct(traces, length).symbols.reshape(traces, length).repeat(2, axis=0).ravel()
    return TraceBatch(symbols, np.arange(0, 2 * traces * length + 1, length))


@pytest.mark.parametrize("length", [1, 100, 300])
def test_copies_are_named_however_long_the_traces(length: int) -> None:
    """Up to as many events as are remembered."""
    batch = pairs(100, length)
    assert batch.events <= SYMBOLS
    beginning = Beginning()
    beginning.add(batch.part(0, 50))
    copied = beginning.copies(batch.part(50, 200), 149)
    assert copied.tolist() == [False, True] * 99 + [False]


def test_what_is_too_long_to_be_remembered_is_no_copy() -> None:
    long = pairs(2, SYMBOLS // 4 + 1)
    assert not Beginning().copies(long, 3).any()
    assert not Beginning().copies(pairs(TRACES // 2 + 1, 1), TRACES).any()


def test_a_beginning_is_over_after_so_many_traces_or_events() -> None:
    for batch, over in ((distinct(TRACES - 1, 1), False), (distinct(TRACES, 1), True), (distinct(2, SYMBOLS), True)):
        beginning = Beginning()
        beginning.add(batch)
        assert beginning.over == over
        assert len(beginning.batch()) == (0 if over else len(batch))


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_what_is_alike_because_it_is_frequent_is_no_copy(share: float) -> None:
    """One trace is most of the stream, here and there come others; then rare ones stand side by side."""
    luck = np.random.default_rng(1)
    frequent = [0 if luck.random() < share else int(luck.integers(1, 40)) for _ in range(300)]
    rare = [number for number in range(100, 120) for _ in range(4)]
    ids = np.array(frequent + rare, np.int32)
    copied = Beginning().copies(TraceBatch(ids, np.arange(len(ids) + 1)), len(ids) - 1)
    assert copied[300:].tolist() == ([False] + [True] * 3) * 19 + [False, True, True]
    assert np.count_nonzero(copied[:300]) < 30  # at most the last of these


def test_what_no_lag_foretells_is_no_copy() -> None:
    ids = np.random.default_rng(2).integers(0, 9, 400).astype(np.int32)
    assert not Beginning().copies(TraceBatch(ids, np.arange(401)), 399).any()
