"""Durations come with traces from every reader that knows times, and from none if they are not wanted."""

from __future__ import annotations

import io

import numpy as np
import pytest

from flexstream import Alphabet
from flexstream.readers import ReadOptions, read_batches
from flexstream.stream.durations import seconds_of

CSV = b"""case,activity,time
a,x,2020-01-01T00:00:00
b,x,2020-01-01T00:00:30
a,y,2020-01-01T00:01:00
b,y,2020-01-01T01:00:30
"""
JSONL = "".join(
    f'{{"case": "{case}", "activity": "{event}", "time": "{time}"}}\n'
    for case, event, time in (line.split(",") for line in CSV.decode().splitlines()[1:])
).encode()
XES = (
    b'<log xes.version="1.0">'
    + b"".join(
        b'<trace><string key="concept:name" value="%s"/>' % case
        + b"".join(
            b'<event><string key="concept:name" value="%s"/><date key="time:timestamp" value="%s.000+00:00"/></event>'
            % (event, time)
            for own, event, time in (line.split(b",") for line in CSV.splitlines()[1:])
            if own == case
        )
        + b"</trace>"
        for case in (b"a", b"b")
    )
    + b"</log>"
)


def durations(data: bytes, **options: object) -> list[list[float | None]] | None:
    """Return the seconds of each event of each trace, None where they are not known."""
    found: list[list[float | None]] = []
    for batch in read_batches(io.BytesIO(data), Alphabet(), ReadOptions(**options)):  # type: ignore[arg-type]
        if batch.durations is None:
            return None
        for start, stop in zip(batch.offsets[:-1], batch.offsets[1:], strict=True):
            bins = batch.durations[start:stop]
            found.append([None if bin < 0 else round(float(seconds_of(np.array([bin]))[0])) for bin in bins.tolist()])
    return found


@pytest.mark.parametrize("data", [CSV, JSONL, XES], ids=["csv", "jsonl", "xes"])
def test_each_event_has_the_time_since_the_one_before(data: bytes) -> None:
    found = durations(data)
    assert found is not None
    assert [trace[0] for trace in found] == [None, None]
    assert [trace[1] for trace in found] == [pytest.approx(60, rel=0.01), pytest.approx(3600, rel=0.01)]
    assert durations(data, durations=False) is None


def test_without_cases_the_stream_is_one_trace() -> None:
    found = durations(CSV, case="")
    assert found is not None
    assert [seconds is None for seconds in found[0]] == [True, False, False, False]


def test_a_part_of_a_case_begins_without_one() -> None:
    assert durations(CSV, window=1) == [[None]] * 4
    assert durations(CSV, gap=600.0) == [[None], [None, pytest.approx(60, rel=0.01)], [None]]  # b is cut first


def test_times_that_are_not_there_are_no_durations() -> None:
    assert durations(b"case,activity\na,x\na,y\n") is None
    assert durations(b"x y\nx\n") is None
