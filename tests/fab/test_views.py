"""Views over the stream: whole cases, in order, with the events they should have."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.errors import UsageError
from flexstream.fab.events import Event
from flexstream.fab.output import line, state_line
from flexstream.fab.parameters import Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.views import KINDS, PERIODS, Seen, View, ViewOptions, whole_cases

DAY = 1440.0
P = Parameters()


@pytest.fixture(scope="module")
def log() -> list[Event]:
    """Two weeks of events."""
    return list(Plant(P, seed=2).events(14 * DAY))


@pytest.mark.parametrize(("by", "per"), list(itertools.product(KINDS, PERIODS)))
def test_cases_are_whole(log: list[Event], by: str, per: str) -> None:
    """A printed case ends idle (a lot: out or lost), and nothing of it is missing."""
    everything = list(View(ViewOptions(by, per=per), P).over(log))
    seen = list(whole_cases(everything))
    assert [one.event.seq for one in seen] == sorted(one.event.seq for one in seen)
    printed, there = defaultdict(list), defaultdict(list)
    for one in seen:
        printed[one.case].append(one)
    for one in everything:
        there[one.case].append(one)
    assert printed
    for case, events in printed.items():
        assert events == there[case]
        assert events[-1].event.state in ("idle", "out", "scrap")
        assert len({one.event.entity for one in events}) == 1


@pytest.mark.parametrize("by", KINDS)
def test_a_shift_holds_the_cycles_that_began_in_it(log: list[Event], by: str) -> None:
    if by == "lot":
        return
    began: dict[str, float] = {}
    for one in View(ViewOptions(by, per="shift"), P).over(log):
        began.setdefault(one.case, one.event.time)
    for case, time in began.items():
        assert int(case.rpartition("/")[2]) == int(time // P.shift)


def test_cycles_put_together_are_shifts(log: list[Event]) -> None:
    cycles = [(one.event.entity, one.activity) for one in View(ViewOptions("machine"), P).over(log)]
    shifts = [(one.event.entity, one.activity) for one in View(ViewOptions("machine", per="shift"), P).over(log)]
    assert cycles == shifts


def test_only_shows_a_class_or_one(log: list[Event]) -> None:
    implant = {one.event.entity for one in View(ViewOptions("machine", "implant"), P).over(log)}
    single = {one.event.entity for one in View(ViewOptions("machine", "Mc"), P).over(log)}
    assert (implant, single) == ({"Mc", "Md"}, {"Mc"})
    for by, only in (("machine", "Mx"), ("machine", "PO1"), ("lot", "Mc"), ("carrier", "implant")):
        with pytest.raises(UsageError, match=f"nothing by {by} is called '{only}'"):
            View(ViewOptions(by, only), P)
    with pytest.raises(UsageError, match="no view by"):
        ViewOptions("wafer")


def test_timed_events_say_how_long(log: list[Event]) -> None:
    seen = View(ViewOptions("machine", "diffusion", timed=True), P).over(log)
    lasted = {one.activity for one in seen if one.activity.startswith("process-done")}
    assert len(lasted) == 2  # S1 takes 225 minutes, S5 255
    minutes = sorted(int(name.partition("~")[2].rstrip("m")) for name in lasted)
    assert minutes == pytest.approx([225, 255], rel=0.06)


def test_a_timed_setup_tells_what_it_was_for(log: list[Event]) -> None:
    seen = [
        one for one in View(ViewOptions("machine", "litho", timed=True), P).over(log) if "setup-done" in one.activity
    ]
    names = {cause: {one.activity for one in seen if one.event.cause == cause} for cause in ("product", "step", "both")}
    assert all(len(found) == 1 for found in names.values())
    assert len(set.union(*names.values())) == 3
    untimed = {one.activity for one in View(ViewOptions("machine", "litho"), P).over(log)}
    assert "setup" in untimed
    assert "setup-done" not in untimed


def _seen(number: int, case: str, last: bool) -> Seen:
    event = Event(number, 0.0, "lot", case, "x", "start", "", "", "", "", case, "", "x")
    return Seen(event, case, "x", last)


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.sets(st.sampled_from("abcd")))
@settings(max_examples=60)
def test_whole_cases_keeps_those_that_end(cases: list[str], ending: set[str]) -> None:
    end = {case: number for number, case in enumerate(cases) if case in ending}
    given_ = [_seen(number, case, end.get(case) == number) for number, case in enumerate(cases)]
    assert list(whole_cases(given_)) == [one for one in given_ if one.case in end]


def test_whole_cases_holds_back_no_more_than_it_must() -> None:
    source = iter([_seen(0, "a", False), _seen(1, "b", True), _seen(2, "a", True), _seen(3, "c", False)])
    stream = whole_cases(source)
    assert [next(stream).event.seq for _ in range(3)] == [0, 1, 2]
    assert next(source).case == "c"  # which had not been asked for yet


def test_lines_are_json_with_all_fields(log: list[Event]) -> None:
    for event in log[:3000]:
        document = json.loads(line(event, "case", "activity"))
        assert document.pop("case") == "case"
        assert document.pop("activity") == "activity"
        assert document.pop("time") == pytest.approx(event.time * 60, abs=0.0006)
        assert document == {name: value for name, value in event._asdict().items() if name not in ("time", "state")}
        assert json.loads(state_line(event))["state"] == event.state
