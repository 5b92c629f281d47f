"""Cases that were closed for want of room and come again are counted, about so where there are many."""

from __future__ import annotations

import io

import numpy as np
import pytest

from flexstream.readers import Reading, ReadOptions
from flexstream.readers.diagnostics import Diagnostics
from flexstream.readers.sessions import closed_names
from flexstream.readers.sessions.closed_names import ClosedNames
from flexstream.readers.sessions.ended import Ended
from flexstream.readers.sessions.packing import Packer
from flexstream.stream.alphabet import Alphabet


def test_each_trace_that_goes_on_with_a_closed_case_counts() -> None:
    closed = ClosedNames()
    assert closed.came_again(["a", "b", None, "a"], [1, 0, 1, 1]) == 1
    again = ClosedNames()
    again.restore(closed.state())
    for one in (closed, again):
        assert one.came_again(["a", "b", None], [0, 0, 0]) == 1


def test_many_names_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closed_names, "MOST", 500)
    closed, names = ClosedNames(), [str(number) for number in range(20_000)]
    assert closed.came_again(names, [1] * len(names)) == 0
    assert len(closed.state()) <= 501
    assert 0.8 < closed.came_again(names, [0] * len(names)) / len(names) < 1.2


def test_a_reading_that_goes_on_knows_what_was_closed_before() -> None:
    rows = "".join(f"{case},{step}\n" for step in "ab" for case in range(10))
    options = ReadOptions(format="csv", max_open_cases=2)
    whole = Reading(io.BytesIO(b"case,event\n" + rows.encode()), Alphabet(), options)
    list(whole)
    assert (whole.stats.closed_early, whole.stats.cut_short) == (18, 10)
    packer = Packer(Alphabet(["a"]), Diagnostics())
    one = Ended(["7"], np.array([1]), np.array([1]), np.zeros(1, np.int32))
    assert list(packer.add_ended(one)) == []
    told = Diagnostics()
    other = Packer(Alphabet(["a"]), told)
    other.restore(packer.state())
    list(other.add_ended(one))
    assert told.stats.cut_short == 1
