"""How learned and true shares are compared: standard errors by hand, and what a whole table allows."""

from __future__ import annotations

import math

import pytest

from flexstream.fab.agreement import Agreement, Compared, compare
from flexstream.targets import from_rows


def test_standard_errors_by_hand() -> None:
    """900 of 1,000 and 1,600 of 2,000: pooled 2,500 of 3,000."""
    one = from_rows({0: {"a": (900, 0), None: (100, 0)}})
    two = from_rows({0: {"a": (1600, 0), None: (400, 0)}})
    found = compare(one, two, 5)
    assert found.difference is None
    z = 0.1 / math.sqrt(5 / 6 * 1 / 6 * (1 / 1000 + 1 / 2000))
    by_symbol = {row.symbol: row for row in found.outcomes}
    assert by_symbol["a"] == Compared((), "a", 0.9, 0.8, pytest.approx(z))
    assert by_symbol[None] == Compared((), None, 0.1, 0.2, pytest.approx(-z))
    assert found.largest_z == pytest.approx(z)


def test_outcomes_that_only_one_has_count_as_nothing_in_the_other() -> None:
    one = from_rows({0: {"a": (30, 0), None: (10, 0)}})
    two = from_rows({0: {"a": (30, 0), "b": (10, 0), None: (20, 0)}})
    found = compare(one, two, 1)
    assert found.difference == ("b",)
    (only,) = [row for row in found.outcomes if row.symbol == "b"]
    assert (only.learned, only.true) == (0, pytest.approx(1 / 6))
    assert only.z == pytest.approx(-1 / 6 / math.sqrt(0.1 * 0.9 * (1 / 40 + 1 / 60)))


def test_what_a_table_allows_at_each_level() -> None:
    """Quantiles of the normal distribution from its table: 0.995, 0.9975 and 0.975."""
    row = Compared((), "a", 0.5, 0.5, 0.0)
    assert Agreement(None, [row]).critical_z() == pytest.approx(2.5758, abs=1e-4)
    assert Agreement(None, [row, row]).critical_z() == pytest.approx(2.8070, abs=1e-4)
    assert Agreement(None, []).critical_z(0.95) == pytest.approx(1.9600, abs=1e-4)
    assert Agreement(None, []).largest_z == 0


def test_each_pair_of_states_is_compared_once_after_the_shortest_path() -> None:
    ways = from_rows({0: {"a": (5, 1), "b": (5, 2)}, 1: {"c": (5, 3)}, 2: {"d": (5, 1)}, 3: {None: (5, 0)}})
    found = compare(ways, ways, 9)
    assert {row.after for row in found.outcomes} == {(), ("a",), ("b",), ("a", "c")}
    assert len(found.outcomes) == 5
    assert {row.after for row in compare(ways, ways, 1).outcomes} == {(), ("a",), ("b",)}
