"""Outliers: members that do otherwise are named first, with what they do; where all are alike nobody is."""

from __future__ import annotations

import json

import numpy as np
import pytest

from flexstream import Fleet, FleetLearner, UsageError
from flexstream.difference.outliers import outliers, text, to_document

Traces = list[list[str]]


def drawn(fix: float, count: int, seed: int) -> Traces:
    random = np.random.default_rng(seed)
    return [["load", *(["fix"] if random.random() < fix else []), "run"] for _ in range(count)]


def fleet_of(fixes: list[float], count: int, seed: int) -> Fleet:
    learner = FleetLearner(by="host")
    for number, fix in enumerate(fixes):
        learner.learn_many(drawn(fix, count, 100 * seed + number), [f"h{number}"] * count)
    return learner.fleet()


def test_the_odd_one_comes_first_with_what_it_does() -> None:
    found = outliers(fleet_of([0.1, 0.1, 0.5, 0.1, 0.2, 0.1], 400, 1))
    assert found[0].name == "h2" and found[0].gain > 0.1
    first = found[0].departures[0]
    assert (first.path, first.symbol) == (("load",), "fix") and first.visits == 400
    assert first.share == pytest.approx(0.5, abs=0.08) and first.usual == pytest.approx(0.12, abs=0.04)
    assert [one.gain for one in found] == sorted((one.gain for one in found), reverse=True)
    assert all(part.p_value <= 0.05 for one in found for part in one.departures)


def test_where_all_are_alike_nobody_is_named_but_in_a_share_of_the_error() -> None:
    named = sum(bool(outliers(fleet_of([0.3] * 5, 100, seed), error=0.1)) for seed in range(40))
    assert named <= 10  # 4 are expected at most; that 11 come has a probability of 0.002


def test_outliers_in_words_and_as_json() -> None:
    fleet = fleet_of([0.1, 0.1, 0.5, 0.1], 400, 2)
    found = outliers(fleet)
    said = text(fleet, found)
    assert said.splitlines()[0].endswith(
        "of 4 by host do otherwise than the rest, beyond chance; the oddest first"
    ) or (said.splitlines()[0] == "1 member of 4 by host does otherwise than the rest, beyond chance")
    assert "\nh2: 400 traces, " in said and "after load (q" in said and ": fix   " in said
    document = json.loads(json.dumps(to_document(found)))
    assert document[0]["name"] == "h2" and document[0]["departures"][0]["path"] == ["load"]


def test_an_error_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="must lie between 0 and 1"):
        outliers(fleet_of([0.1, 0.2], 30, 3), error=0)


@pytest.mark.parametrize(("fixes", "odd"), [([0.9], ["h0"]), ([0.9, 0.9], ["h0", "h1"]), ([0.9, 0.02], ["h0", "h1"])])
def test_beside_those_that_are_odd_the_others_are_not(fixes: list[float], odd: list[str]) -> None:
    for members in (6, 10):
        fleet = fleet_of([*fixes, *[0.3] * (members - len(fixes))], 2000, members)
        assert sorted(one.name for one in outliers(fleet, error=0.01)) == odd


def test_the_oddest_are_held_against_those_that_are_left() -> None:
    (first, other) = outliers(fleet_of([0.9, 0.7, *[0.3] * 4], 2000, 3), error=0.01)
    usual = [next(part.usual for part in one.departures if part.symbol == "fix") for one in (first, other)]
    assert usual == pytest.approx([0.3, 0.3], abs=0.02)


def test_of_two_that_differ_both_are_named_as_nobody_knows_which_is_odd() -> None:
    assert [one.name for one in outliers(fleet_of([0.1, 0.6], 500, 4))] in (["h0", "h1"], ["h1", "h0"])


def test_where_most_differ_all_are_named() -> None:
    assert len(outliers(fleet_of([0.05, 0.2, 0.4, 0.6, 0.8, 0.95], 2000, 5))) == 6


def test_what_members_did_is_compared_with_what_others_did_counted_alike() -> None:
    """An automaton may believe only part of what came to a state; of members all is counted."""
    from dataclasses import replace

    fleet = fleet_of([0.3] * 4, 500, 6)
    half = replace(fleet.base, weights=fleet.base.weights / 2, visits=fleet.base.visits)
    assert outliers(replace(fleet, pool=half)) == outliers(fleet) == []
