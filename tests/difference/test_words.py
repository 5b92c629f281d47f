"""A difference in words: one headline, then what has changed, place by place."""

from __future__ import annotations

import re

import pytest

from flexstream.difference import diff
from flexstream.difference.words import headline, text
from flexstream.targets import from_rows

from .lines import AFTER, BEFORE, counted


def test_all_that_has_changed_is_said_place_by_place() -> None:
    words = text(diff(counted(BEFORE, traces=900), counted(AFTER, traces=1)), ("january", "february"))
    assert words == (
        "- january: 5 states, 5 transitions, learned from 900 traces\n"
        "+ february: 5 states, 5 transitions, learned from 1 trace\n"
        "5 changes beyond chance (6 outcomes compared, at a risk of 5 % for any)\n"
        "\n"
        "after load (q1; 900 -> 900 visits):\n"
        "  polish   0 % -> 33.3 %   new\n"
        "  scrap    11.1 % -> 0 %   gone\n"
        "  run      88.9 % -> 66.7 %\n"
        "\n"
        "at the start (q0; 1,000 -> 1,200 visits):\n"
        "  load    90 % -> 75 %\n"
        "  setup   10 % -> 25 %\n"
        "\n"
        "states that are gone: q3, q4\n"
        "states that are new: q3, q4\n"
        "tells them apart: load polish rinse (impossible -> 0.25)\n"
        "divergence in bits a symbol: infinite from january's traces, infinite from february's "
        "(2,000 drawn from each)\n"
    )


def test_an_end_is_called_the_end() -> None:
    rare, often = (counted({0: {"a": (1000, 0), None: (ends, 0)}}) for ends in (100, 400))
    lines = text(diff(rare, often)).splitlines()
    assert lines[4:7] == ["at the start (q0; 1,100 -> 1,400 visits):", *lines[5:7]]
    assert sorted(lines[5:7]) == ["  a         90.9 % -> 71.4 %", "  the end   9.1 % -> 28.6 %"]
    assert any(line.startswith("tells them apart: (the empty trace) (0.091 -> 0.29)") for line in lines)


def test_states_are_named_on_both_sides_where_their_numbers_differ() -> None:
    one = counted({0: {"a": (500, 1), "b": (500, 2)}, 1: {None: (500, 0)}, 2: {"c": (400, 1), "d": (100, 1)}})
    other = counted({0: {"a": (500, 2), "b": (500, 1)}, 2: {None: (500, 0)}, 1: {"c": (500, 2)}})
    assert "after b (q2 -> q1; 500 -> 500 visits):" in text(diff(one, other))


def test_visits_are_left_out_where_one_was_not_counted() -> None:
    exact = from_rows({0: {"a": (0.5, 0), None: (0.5, 0)}})
    words = text(diff(exact, counted({0: {"a": (900, 0), None: (100, 0)}})))
    assert "at the start (q0):" in words
    assert words.startswith("- the first: 1 state, 1 transition\n+ the second: 1 state, 1 transition, learned from ")


def test_the_headline_says_what_would_have_shown() -> None:
    many = counted({0: {"a": (20_000, 0), None: (20_000, 0)}})
    found = diff(many, many, error=0.01)
    assert headline(found) == (
        f"the same, as far as can be told: a change by {100 * found.visible:.2g} percentage points in the state seen "
        "most would have shown in 19 of 20 cases (2 outcomes compared, at a risk of 1 % for any)"
    )
    assert 0.01 < found.visible < 0.05
    few = counted({0: {"a": (2, 0), None: (1, 0)}})
    assert headline(diff(few, few)) == (
        "the same, as far as can be told: too few traces to see any change "
        "(2 outcomes compared, at a risk of 5 % for any)"
    )
    assert headline(diff(counted({0: {"a": (900, 0), None: (100, 0)}}), many)).startswith("2 changes beyond chance (")


def test_models_that_are_alike_diverge_by_nothing_and_no_trace_tells_them_apart() -> None:
    same = counted({0: {"a": (900, 0), None: (100, 0)}})
    words = text(diff(same, same))
    assert "tells them apart" not in words and "states that are" not in words
    assert "0.0000 ± 0.0000 from the first's traces, 0.0000 ± 0.0000 from the second's" in words


def test_a_divergence_comes_with_twice_its_standard_error() -> None:
    one, other = (counted({0: {"a": (hits, 0), None: (1000 - hits, 0)}}) for hits in (900, 700))
    found = diff(one, other)
    there, back = found.divergence
    bits = re.findall(r"([\d.]+) ± ([\d.]+)", text(found))
    assert [(float(a), float(b)) for a, b in bits] == [
        pytest.approx((told.bits, 2 * told.error), abs=6e-5) for told in (there, back)
    ]
