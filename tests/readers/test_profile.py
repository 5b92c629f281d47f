"""Profiles of columns: what they hold, and which of them look like the case and the event."""

from __future__ import annotations

import random
import re
import time
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.readers.parsing.code_length import code_length
from flexstream.readers.parsing.profile import MOST_ROWS, Profile, profile

ROUTE = ["arrive", "clamp", "run", "unclamp", "leave"]
Rows = list[tuple[str, ...]]


def column_of(cells: list[str]) -> Profile:
    return profile(["one"], [(cell,) for cell in cells])


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["", " "], "empty"),
        (["2026-01-31 23:59:00", "2026-01-31T23:59:01Z"], "time"),
        (["2026-01-31", "2026-02-01"], "time"),
        (["23:59:00.125", "23:59:01.250"], "time"),
        (["31.01.2026 23:59", "01.02.2026 00:01"], "time"),
        (["1769903940", "1769903941"], "time"),
        (["1", "2"], "integer"),
        (["-7", "+12"], "integer"),
        (["1.5", "2"], "decimal"),
        (["1,5", "2e-3"], "decimal"),
        (["10.0.0.1", "10.0.0.2"], "word"),
        (["load", "run"], "word"),
        (["lot 7 is loaded", "lot 8 is being run"], "text"),
    ],
)
def test_kinds(cells: list[str], kind: str) -> None:
    assert column_of(cells).columns[0].kind == kind


def test_counts_of_a_column() -> None:
    (column,) = column_of(["a", "b", "", "b", "c", "a", "d"]).columns
    assert (column.filled, column.distinct, column.single, column.late, column.runs) == (6, 4, 2, 2, 5)
    assert column.examples == ("a", "b", "c")
    assert not column.unique
    assert not column.constant
    assert column_of(list("abcdefghij")).columns[0].unique
    assert column_of(["a", "a"]).columns[0].constant
    assert not column_of(["a"]).columns[0].unique


def test_no_more_rows_are_taken_than_it_says() -> None:
    rows = iter([(str(number),) for number in range(MOST_ROWS + 10)])
    assert profile(["n"], rows).rows == MOST_ROWS


def test_the_code_learns_a_cycle() -> None:
    """Worked out by hand."""
    assert code_length(["a"], None, by="") == 0.0  # all there is
    assert code_length(["a", "b"], None, by="") == pytest.approx(-log2(0.5 / 2))
    assert code_length(["a", "a"], ["x", "y"]) == pytest.approx(-log2((1 + (1 + 1 / 2) / 2) / 2))
    assert code_length(ROUTE * 40, None) < code_length(ROUTE * 40, None, by="") / 5
    # Only the first b costs anything: after nine others, as one of two.
    assert code_length(["a"] * 9 + ["b"] * 9, None, by="", repeats=False) == pytest.approx(-log2(0.5 / 10))


def interleaved(cases: int, width: int, rng: random.Random, length: int = 5) -> list[tuple[str, str]]:
    """Return (case, event) of cases that go through the route, at most so many at once."""
    waiting = [f"K{number}" for number in range(cases)]
    places: dict[str, int] = {}
    found = []
    while waiting or places:
        while waiting and len(places) < width:
            places[waiting.pop(0)] = 0
        case = rng.choice(sorted(places))
        found.append((case, ROUTE[places[case] % 5]))
        places[case] += 1
        if places[case] == length:
            del places[case]
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("width", [1, 3, 8, 20])
def test_the_case_is_found_whatever_its_name(seed: int, width: int) -> None:
    rng = random.Random(seed)
    rows: Rows = [
        (str(number), f"2026-01-31 10:{number // 60:02}:{number % 60:02}", case, event, rng.choice("uvw"), "hall 1")
        for number, (case, event) in enumerate(interleaved(120, width, rng))
    ]
    found = profile(["n", "at", "vorgang", "was", "wer", "wo"], rows)
    best = found.case_by_shape(["was"])
    assert best is not None
    assert (best.name, best.values) == ("vorgang", 120)
    assert found.events("vorgang")[0].name == "was"


@pytest.mark.parametrize("seed", range(5))
def test_machines_are_found_though_no_new_ones_begin(seed: int) -> None:
    rows: Rows = [(f"M{case}", event) for case, event in interleaved(3, 3, random.Random(seed), length=150)]
    best = profile(["tool", "what"], rows).case_by_shape(["what"])
    assert best is not None
    assert best.name == "tool"


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_found_where_nothing_is(seed: int) -> None:
    """Columns that hang on the event, on the time, or on nothing are no cases."""
    rng = random.Random(seed)
    rows: Rows = []
    state = 0
    for number in range(600):
        state = (state + 1) % 5 if rng.random() < 0.7 else rng.randrange(5)
        event = ROUTE[state]
        noise, room = str(rng.randrange(40)), "abc"[state % 3]
        rows.append((event, event.upper(), room, noise, f"day {number // 60}", str(number // 50), "x"))
    names = ["what", "as capitals", "room", "noise", "day", "block of 50", "constant"]
    assert profile(names, rows).case_by_shape(["what"]) is None


def test_joined_events_are_one_symbol() -> None:
    rows: Rows = [(f"K{number // 4}", "ab"[number % 2], "cd"[number // 2 % 2]) for number in range(400)]
    found = profile(["k", "one", "two"], rows)
    assert [candidate.name for candidate in found.cases(["one", "two"])] == ["k"]


@pytest.mark.parametrize(("filled", "found"), [(20, ["one"]), (19, [])])
def test_an_event_stands_in_every_other_row_at_least(filled: int, found: list[str]) -> None:
    cells = ["ab"[row % 2] if row < filled else "" for row in range(40)]
    assert [one.name for one in column_of(cells).events()] == found


@pytest.mark.parametrize(("late", "found"), [(3, ["one"]), (4, [])])
def test_what_goes_on_to_have_new_values_is_no_event(late: int, found: list[str]) -> None:
    """Of eight values three, not four, may come in the second half of the rows only."""
    early = [f"e{row % (8 - late)}" for row in range(40)]
    cells = [*early, *(f"l{row // 2 % late}" if row % 2 else cell for row, cell in enumerate(early))]
    assert (column_of(cells).columns[0].distinct, column_of(cells).columns[0].late) == (8, late)
    assert [one.name for one in column_of(cells).events()] == found


@given(st.text("12.,eE+-", max_size=9))
def test_decimals_are_those_of_a_pattern_that_tries_all_ways(text: str) -> None:
    from flexstream.readers.parsing.profile import _DECIMAL

    slow = re.compile(r"[+-]?(?:\d+[.,]\d+|\d*[.,]?\d+[eE][+-]?\d+)\Z")
    assert (_DECIMAL.match(text) is None) == (slow.match(text) is None)


@pytest.mark.parametrize(
    "unit", ["1", "1.", "1,", "-", "1e", ":", "/", " ", "a", "a1", "2026-01-", "10:", "+1", "_", "é"]
)
def test_a_long_cell_takes_time_linear_in_its_length(unit: str) -> None:
    cell = unit * (100_000 // len(unit))
    began = time.process_time()
    profile(["a", "b"], [[cell, cell + "!"], ["x", cell[:-1]]] * 3)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("name", ["Keywords", "Level", "severity", "Task Category"])
def test_what_says_of_what_kind_rows_are_is_no_case(name: str) -> None:
    """Though each kind has its own order of events."""
    luck, next_of, rows = random.Random(3), {"Success": 0, "Failure": 0}, []
    for _ in range(400):
        kind = luck.choice(["Success", "Failure"])
        next_of[kind] += 1
        rows.append((kind, ROUTE[next_of[kind] % 5]))
    assert profile(["valve", "event"], rows).case_by_shape(["event"]) is not None
    assert profile([name, "event"], rows).case_by_shape(["event"]) is None
