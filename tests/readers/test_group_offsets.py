"""What is done of a partition survives as an offset and a text, and nothing else is taken for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.readers.source.group_offsets import MOST_BYTES, SIGN, CrowdedError, Span, read, written


@settings(max_examples=50, deadline=None)
@given(
    st.sets(st.integers(0, 3000)), st.integers(0, 10**12), st.integers(1, 9), st.dictionaries(st.just("1f"), st.just(9))
)
def test_a_span_is_read_as_it_was_written(opened: set[int], first: int, more: int, marks: dict[str, int]) -> None:
    offsets = np.array(sorted(opened), np.int64) + first
    span = Span(first + max(opened, default=0) + more, offsets, marks)
    found = read(*written(span))
    assert (found.end, found.open.tolist(), found.marks) == (span.end, offsets.tolist(), marks)
    assert [offset for offset in range(span.begin, span.end) if found.holds(offset)] == offsets.tolist()
    assert found.holds(span.end)


def test_long_runs_of_open_messages_take_little() -> None:
    offsets = np.concatenate((np.arange(100_000), np.arange(200_000, 300_000)))
    assert len(written(Span(400_000, offsets))[1]) < 100


def test_more_than_a_commit_can_name_is_refused() -> None:
    offsets = np.cumsum(np.random.default_rng(0).integers(1, 50, 5000))
    with pytest.raises(CrowdedError, match="5,000 messages of open cases"):
        written(Span(10**6, offsets))
    assert len(written(Span(10**6, offsets[:2000]))[1]) <= MOST_BYTES


@pytest.mark.parametrize(
    "text",
    [
        *(f"{SIGN} ", f"{SIGN} x ; ", f"{SIGN} 5 1=; ", f"{SIGN} 5 ; nothing", f"{SIGN} 5 ; !!!!", f"{SIGN} -5 ; "),
        written(Span(9, np.array([7])))[1].replace(" 2 ", " 0 "),
    ],
)
def test_a_damaged_text_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"no (span|offsets)|bad"):
        read(7, text)
