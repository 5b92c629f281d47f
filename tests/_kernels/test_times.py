"""Times by shapes against regular expressions and the calendar of the standard library."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flexstream.readers.time_shapes import Shape, Shapes, known_shapes

from .. import naive

ISO = Shapes([Shape.of("%Y-%m-%d%_%H:%M%:%?")])
KNOWN = Shapes(known_shapes())
MORE = Shapes([Shape.of(form) for form in ("%Y %j", "%d%m%y", "%I%p", "%H:%M:%S.%f", "%%%Y", "%y%j", "%S.%6%?")])

number = st.integers(0, 61)
two = number.map("{:02}".format) | number.map(str)
dates = st.one_of(
    st.builds(
        "{}{}{:02}{}{:02}".format,
        st.sampled_from(["2026", "0001", "1900", "9999", "2000", "26", "0000"]),
        st.sampled_from(["-", "/", ".", ""]),
        st.integers(0, 13),
        st.sampled_from(["-", "/", ".", ""]),
        st.integers(0, 32),
    ),
    st.builds(
        "{}{}{}{}{}".format,
        st.integers(0, 32),
        st.sampled_from(["-", "/", ".", " "]),
        st.sampled_from(["1", "02", "12", "13", "Jan", "sept", "MAY", "February", "Sep", "Octo"]),
        st.sampled_from(["-", "/", ".", " "]),
        st.sampled_from(["2026", "69", "68", "1999"]),
    ),
    st.builds(
        "{}{} {}{}".format,
        st.sampled_from(["", "Sun ", "monday ", "Satu "]),
        st.sampled_from(["Nov", "June", "Sept", "x"]),
        st.integers(0, 32).map(str) | st.just(" 3"),
        st.sampled_from(["", ", 2026", " 2026"]),
    ),
    st.sampled_from(["", "260131", "20260131"]),
)
clocks = st.one_of(
    st.just(""),
    st.builds("{}:{}:{}".format, two, two, two),
    st.builds("{}:{}".format, two, two),
    st.builds("{:02}{:02}{:02}".format, number, number, number),
    st.builds("{:02}.{:02}.{:02}".format, number, number, number),
)
fractions = st.sampled_from(["", "", ".5", ",25", ".000001", ".123456", ".1234567890", ".", "5", "123", "123456"])
tails = st.sampled_from(
    [
        *("", "", "Z", "+01:00", "-1130", " +02", "+24:00", "+01:60", " PM", " a.m.", "pm", " CET", " UTC+01", " IST"),
        *(" 2026", " GMT 2026", "+01:00[Europe/Berlin]", " GMT+0100 (CET)", "+01:00[", "+01:00:30", "utc", "zulu"),
    ]
)
times = st.builds("".join, st.tuples(dates, st.sampled_from(["", " ", "T", "  ", "-", ":"]), clocks, fractions, tails))
numbers = st.from_regex(r"[+-]?[0-9]{1,21}(\.[0-9]{0,12})?", fullmatch=True)


def same(found: float, wanted: float) -> bool:
    """Tell whether two times are the same, or both none."""
    return math.isclose(found, wanted, rel_tol=3e-16, abs_tol=1e-18) or (math.isnan(found) and math.isnan(wanted))


@pytest.mark.twin("moments.tell_times")
@given(times | numbers)
@example("2000-02-29T00:00:00Z")
@example("1900-02-29T00:00:00Z")
@example("9999-12-31 23:59:60.999999-00:01")
@example("2026-02-3 10:00:00")
@example("9223372036854775808")
@example("9999999999999999999")
@example("20260131235959999")
def test_times_are_those_of_the_calendar(text: str) -> None:
    for shapes in (KNOWN, MORE):
        for shape, found in zip(shapes.shapes, shapes.tell(text).tolist(), strict=True):
            assert same(found, naive.seconds(text, shape.text)), shape.text


def at_all_limits() -> list[str]:
    """Return times at the limits of each of their parts and one beyond."""
    days = [
        f"{year}-{month:02}-{day:02} 10:00:00"
        for year in ("0000", "0001", 1899, 1900, 2000, 2023, 2024, 2100, 9999)
        for month in range(14)
        for day in (0, 1, 28, 29, 30, 31, 32)
    ]
    clocks = [
        f"2026-01-31T{hour}:{minute}:{second}"
        for hour in ("00", "23", "24", "0/", "0:")
        for minute in ("00", "59", "60", "/0")
        for second in ("00", "59", "60", "61", ":0")
    ]
    zones = [f"{sign}{hour}:{minute}" for sign in "+-" for hour in ("00", "23", "24") for minute in ("00", "59", "60")]
    return [*days, *clocks, *(f"2026-01-31 00:00:00{zone}" for zone in zones)]


def told(shapes: Shapes, texts: list[str]) -> list[float]:
    """Return the seconds of times that stand one behind the other, by the first shape."""
    stops = np.cumsum([0, *map(len, texts)])
    spans = np.array(list(pairwise(stops.tolist())))
    return shapes.tell_all(np.frombuffer("".join(texts).encode() + b" ", np.uint8), spans, 0)[:, 0].tolist()


@pytest.mark.twin("moments.tell_times")
def test_times_at_the_limits_of_each_part() -> None:
    texts = at_all_limits()
    np.testing.assert_array_equal(told(ISO, texts), [naive.seconds(text, "%Y-%m-%d%_%H:%M%:%?") for text in texts])


seconds = st.sampled_from(["00", "07", "59", "60", "6:", "/0", "0", "a1"])
minutes = st.sampled_from(["2026-01-31T23:59:", "2026-01-31T23:58:", "2026-01-31 23:59:", "0:0:"])
behind = st.sampled_from(["", ".5", ".6", ",5", ".x", ".12", ".123456789", "Z", ".5Z", "+01:00", "+02:00", ".5+01:00"])


@pytest.mark.twin("moments.tell_times")
@given(st.lists(st.builds("".join, st.tuples(minutes, seconds, behind)), min_size=1, max_size=12))
def test_a_time_does_not_hang_on_the_one_before(texts: list[str]) -> None:
    for found, text in zip(told(ISO, texts), texts, strict=True):
        assert same(found, naive.seconds(text, ISO.shapes[0].text))


@pytest.mark.twin("moments.tell_times")
@given(st.lists(st.from_regex(r"2026013(0|1)(08|20)590[0-2][0-9a]{2,3}", fullmatch=True), min_size=1, max_size=12))
def test_digits_do_not_hang_on_those_before(texts: list[str]) -> None:
    shapes = Shapes([Shape.of("%Y%m%d%H%M%S%2")])
    for found, text in zip(told(shapes, texts), texts, strict=True):
        assert same(found, naive.seconds(text, "%Y%m%d%H%M%S%2"))


@given(times | numbers)
def test_what_is_of_no_family_has_one_meaning(text: str) -> None:
    found = dict(zip(KNOWN.shapes, KNOWN.tell(text).tolist(), strict=True))
    meanings = {value for shape, value in found.items() if not math.isnan(value) and not shape.family}
    families = {shape.family for shape, value in found.items() if not math.isnan(value)}
    assert len(meanings) <= 1
    assert len(families) <= 1
