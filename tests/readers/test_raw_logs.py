"""Raw log lines without a pattern: many at once are read as one by one, and a reading goes on from any line."""

from __future__ import annotations

import io
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.readers import Reading, ReadOptions
from flexstream.stream.alphabet import Alphabet

from .conftest import Dripping

LINES = st.sampled_from(
    [
        *("2026-01-31 10:00:00 lot 7 loaded", "2026-01-31 10:00:01 ERROR lot 8 lost", "Jan 31 10:00:02 host fab[7]: ü"),
        *("", "  ", "\tat a.b(C.java:1)", "ValueError: 7", "[INFO] idle", "odd \xa0 line", "12:00:00", "x" * 3000),
    ]
)


@given(
    st.lists(LINES, min_size=1, max_size=30).map("\n".join),
    st.tuples(st.sampled_from([9, 60, 1 << 18]), st.sampled_from([None, 30, 300]), st.sampled_from([None, 900])),
    st.sampled_from(["stop", "skip"]),
    st.booleans(),
    st.sampled_from([None, 3]),
    st.sampled_from([None, False]),
)
def test_many_lines_at_once_are_read_as_one_by_one(
    both: Any, text: str, bounds: Any, on_error: str, broken: bool, window: int | None, mask: bool | None
) -> None:
    content = text.encode().replace(b"idle", b"\xff" if broken else b"idle") or b"\n"
    both(content, bounds, format="log", on_error=on_error, window=window, mask=mask)


@pytest.mark.parametrize("piece", [40, 100, 1 << 18])
def test_a_reading_goes_on_inside_a_record(piece: int) -> None:
    record = "2026-01-31 10:00:00 lot {0} loaded\n\tat a.b(C.java:1)\nValueError: {0}\n2026-01-31 10:00:01 idle\n"
    content, options = "".join(map(record.format, range(60))).encode(), ReadOptions(window=3)
    alphabet = Alphabet()
    whole = [trace.tolist() for batch in Reading(io.BytesIO(content), alphabet, options) for trace in batch]
    assert sum(map(len, whole)) == 120
    for taken in (1, 2, 5):
        first = Reading(Dripping(content, piece), Alphabet(), options)
        begin = [trace.tolist() for batch in islice(first, taken) for trace in batch]
        second = Reading(Dripping(content, piece), alphabet, options)
        second.restore(first.state())
        assert begin + [trace.tolist() for batch in second for trace in batch] == whole
