"""Which states stand for each other: where the same traces lead to, but for rare ways that may lead anywhere."""

from __future__ import annotations

import dataclasses

import pytest

from flexstream import PDFA
from flexstream.difference import align, diff
from flexstream.difference.alignment import EXACT, visits, was_counted
from flexstream.targets import from_rows

from .lines import AFTER, BEFORE, counted


def states(one: PDFA, other: PDFA) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(group.one.states, group.other.states) for group in align(one, other).groups]


def forked(rare: int, target: int) -> PDFA:
    """Traces go by a to state 1 or by b to state 2, but a few by c, to either."""
    start = {"a": (1000, 1), "b": (1000, 2), "c": (rare, target)}
    return counted({0: start, 1: {"x": (1000, 3)}, 2: {"y": (1000, 3)}, 3: {None: (2000, 0)}})


def test_states_are_matched_by_the_ways_that_lead_to_them() -> None:
    found = align(counted(BEFORE), counted(AFTER))
    assert [(group.path, group.one.states, group.other.states) for group in found.groups] == [
        ((), (0,), (0,)),
        (("load",), (1,), (1,)),
        (("load", "run"), (2,), (2,)),
    ]
    assert (found.only_one, found.only_other) == ({3, 4}, {3, 4})
    assert [group.one.counts for group in found.groups][1] == {"run": 800, "scrap": 100}
    assert [group.other.visits for group in found.groups] == [1200, 900, 600]


def test_rare_ways_are_not_believed_to_lead_where_they_do() -> None:
    """Of the visits of a state they are fewer than one in a hundred: they may have been merged by guess."""
    apart = [((0,), (0,)), ((1,), (1,)), ((2,), (2,)), ((3,), (3,))]
    assert states(forked(100, 1), forked(5, 2)) == apart
    assert states(forked(5, 1), forked(100, 2)) == apart
    assert states(forked(100, 1), forked(100, 2)) == [((0,), (0,)), ((1, 2), (1, 2)), ((3,), (3,))]
    group = align(forked(5, 1), forked(100, 2)).groups[1]
    assert (group.one.strays, group.other.strays) == ({(0, "c"): 5}, {})


def test_a_way_is_as_rare_as_the_state_is_often_visited_by_others() -> None:
    """Fifty of 3,050 visits are believed where fifty of 8,050 are not."""

    def looped(often: int, target: int) -> PDFA:
        start = {"a": (1000, 1), "b": (1000, 2), "c": (50, target)}
        loops = {1: {"x": (often, 1), "z": (1000, 3)}, 2: {"y": (1000, 3)}}
        return counted({0: start, **loops, 3: {None: (2050, 0)}})

    assert ((1, 2), (1, 2)) in states(looped(2000, 1), looped(2000, 2))
    assert ((1, 2), (1, 2)) not in states(looped(7000, 1), looped(2000, 2))


def test_a_group_is_called_by_the_likeliest_way_that_both_have() -> None:
    rows = {0: {"a": (500, 1), "b": (500, 2)}, 1: {"c": (500, 2)}, 2: {None: (1000, 0)}}
    found = align(counted(rows), counted({**rows, 0: {"a": (900, 1), "b": (100, 2)}}))
    assert [group.path for group in found.groups] == [(), ("a",), ("a", "c")]
    assert [group.shortest for group in found.groups] == [(), ("a",), ("b",)]
    rare = align(counted(rows), counted({**rows, 0: {"a": (10, 1), "b": (990, 2)}}))
    assert [group.path for group in rare.groups] == [(), ("a",), ("b",)]  # by both together
    only = align(counted(rows), counted({0: {"a": (500, 1)}, 1: {"c": (500, 2)}, 2: {None: (500, 0)}}))
    assert [group.path for group in only.groups] == [(), ("a",), ("a", "c")]
    assert only.groups[2].one.strays == {(0, "b"): 500}


def test_visits_by_ways_that_nobody_can_place_are_no_evidence_of_what_is_new() -> None:
    """All but twelve of the visits come by a transition that was guessed: none of the twelve took c."""
    tail = {2: {None: (1000, 0)}}
    other = counted({0: {"a": (1000, 1)}, 1: {"b": (700, 2), "c": (300, 2)}, **tail})
    rows = {0: {"a": (12, 1), "x": (1000, 1)}, 1: {"b": (1012, 2)}, **tail}
    seen, guess = counted(rows), counted(rows, guessed=frozenset({(0, "x")}))
    assert [change.kind for change in diff(seen, other).changes if change.symbol == "c"] == ["appeared"]
    assert "c" not in {change.symbol for change in diff(guess, other).changes}
    assert "c" not in {change.symbol for change in diff(other, guess).changes}


def test_what_was_not_counted_weighs_as_if_it_were_certain() -> None:
    exact = from_rows({0: {"a": (0.5, 1), None: (0.5, 0)}, 1: {None: (1.0, 0)}})
    assert not was_counted(exact) and was_counted(counted(BEFORE))
    groups = align(exact, exact).groups
    assert groups[0].one.counts == {None: EXACT / 2, "a": EXACT / 2}
    assert groups[1].one.counts == {None: EXACT / 2}
    assert visits(exact).tolist() == [1.0, 0.5]
    assert visits(counted(BEFORE)).tolist() == [1000, 900, 800, 100, 100]


def test_traces_that_never_end_visit_all_states_alike() -> None:
    assert visits(from_rows({0: {"a": (1.0, 1)}, 1: {"b": (1.0, 0)}})).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("swapped", [False, True])
def test_states_that_one_side_has_merged_are_one_group(swapped: bool) -> None:
    loop = counted({0: {"a": (500, 0), None: (500, 0)}})
    pair = counted({0: {"a": (300, 1), None: (300, 0)}, 1: {"a": (200, 0), None: (200, 0)}})
    one, other = (pair, loop) if swapped else (loop, pair)
    (group,) = align(one, other).groups
    assert {group.one.states, group.other.states} == {(0,), (0, 1)}
    assert group.one.counts == group.other.counts == {None: 500, "a": 500}
    assert diff(one, other).same


def test_more_traces_than_anybody_counts_are_none() -> None:
    """A damaged model may say that it was learned from any number of traces."""
    one, other = counted(BEFORE), counted(AFTER)
    hostile = dataclasses.replace(one, provenance={**one.provenance, "traces": 10**400})
    without = dataclasses.replace(one, provenance={**one.provenance, "traces": 0})
    assert len(diff(hostile, other).changes) == len(diff(without, other).changes)
