"""Batches: traces in two flat arrays, and parts of them."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch
from flexstream.stream.names import LateNames
from flexstream.stream.position import Position

from ..strategies import Traces, traces


def as_lists(batch: TraceBatch) -> list[list[int]]:
    """Return the traces of a batch as it yields them."""
    return [trace.tolist() for trace in batch]


@given(traces)
def test_a_batch_holds_its_traces(given_traces: Traces) -> None:
    alphabet = Alphabet()
    batch = TraceBatch.from_traces(given_traces, alphabet)
    assert [[alphabet.text(symbol) for symbol in trace] for trace in batch] == given_traces
    assert len(batch) == len(given_traces)
    assert batch.events == sum(map(len, given_traces))
    assert batch.offsets.tolist() == np.cumsum([0, *map(len, given_traces)]).tolist()
    assert (batch.symbols.dtype, batch.offsets.dtype) == (np.int32, np.int64)
    assert batch.names is None


@given(traces, st.data())
def test_a_part_begins_at_zero_and_shares_the_symbols(given_traces: Traces, draw: st.DataObject) -> None:
    names = [f"c{number}" for number in range(len(given_traces))]
    batch = dataclasses.replace(TraceBatch.from_traces(given_traces, Alphabet()), names=names)
    start, stop = sorted(draw.draw(st.tuples(*[st.integers(0, len(batch))] * 2)))
    part = batch.part(start, stop)
    assert as_lists(part) == as_lists(batch)[start:stop]
    assert part.offsets[0] == 0
    assert part.offsets[-1] == len(part.symbols) == part.events
    assert part.names == names[start:stop]
    assert np.shares_memory(part.symbols, batch.symbols) or not part.events
    assert TraceBatch(batch.symbols, batch.offsets).part(start, stop).names is None


def test_events_are_those_between_the_first_and_the_last_offset() -> None:
    assert TraceBatch(np.arange(9, dtype=np.int32), np.array([2, 5, 5, 9])).events == 7
    assert TraceBatch(np.arange(9, dtype=np.int32), np.array([4])).events == 0


def test_a_batch_is_itself_only_and_cannot_be_changed() -> None:
    one, other = (TraceBatch.from_traces([["a", "b"]], Alphabet()) for _ in range(2))
    assert one != other  # whole arrays have no single answer
    assert len({one, other}) == 2
    assert one in {one}
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.names = []  # type: ignore[misc]
    assert not hasattr(one, "__dict__")  # one is made every few thousand events


def test_what_belongs_to_the_end_goes_with_the_last_part() -> None:
    batch = dataclasses.replace(TraceBatch.from_traces([["a"], ["b"], []], Alphabet()), closed_early=2)
    early = [batch.part(*bounds).closed_early for bounds in ((0, 1), (0, 2), (1, 3), (3, 3), (0, 3))]
    assert early == [0, 0, 2, 2, 2]


def named_late() -> tuple[TraceBatch, list[str]]:
    """Return a batch whose names are looked up when asked for, and the list in which they stand."""
    listed = ["lot 7", "lot 8"]
    names: Any = LateNames(listed, np.array([1, 0, 1]))
    return TraceBatch(np.arange(3, dtype=np.int32), np.arange(4), names), listed


def test_names_are_looked_up_when_they_are_asked_for() -> None:
    batch, listed = named_late()
    listed[0] = "lot 9"  # no reader does so: it shows when they are looked up
    assert batch.names == ["lot 8", "lot 9", "lot 8"]
    listed[0] = "lot 7"
    assert batch.names == ["lot 8", "lot 9", "lot 8"]


def test_parts_and_copies_of_a_batch_have_their_names() -> None:
    position = Position(0, "log.csv", 23, 2)
    batch, listed = named_late()
    part, at, moved = batch.part(1, 3), batch.at(position, None), batch.part(0, 2).at(position, None)
    listed[0] = "lot 9"
    assert (part.names, at.names, moved.names) == (["lot 9", "lot 8"], ["lot 8", "lot 9", "lot 8"], ["lot 8", "lot 9"])
    assert at.position is moved.position is position
    for twin in (copy.deepcopy(batch), pickle.loads(pickle.dumps(batch)), dataclasses.replace(batch)):
        assert twin.names == batch.names
