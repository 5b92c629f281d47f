"""Views over the stream: whole cases, in order, with the events they should have."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.errors import UsageError
from flexstream.fab.log.events import Event
from flexstream.fab.log.output import line, state_line
from flexstream.fab.log.views import KINDS, PERIODS, CaseEvent, View, ViewOptions, whole_cases
from flexstream.fab.parameters import Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.profiles import load_parameters

DAY = 1440.0
P = Parameters()
SHOWN = [(by, per) for by, per in itertools.product(KINDS, PERIODS) if by == "machine" or per != "life"]


@pytest.fixture(scope="module")
def log() -> list[Event]:
    """Two weeks of events."""
    return list(Plant(P, seed=2).events(14 * DAY))


@pytest.mark.parametrize(("by", "per"), SHOWN)
def test_cases_are_whole(log: list[Event], by: str, per: str) -> None:
    """A printed case ends idle (a lot: out or lost; a life: anywhere), and nothing of it is missing."""
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
        assert per == "life" or events[-1].event.state in ("idle", "out", "scrap")
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


def lives_of(events: Iterable[Event]) -> dict[str, list[int]]:
    """Return which events, by seq, make up each life: the slow and obvious way, machine by machine."""
    mine: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.entity in ("Mc", "Md"):
            mine[event.entity].append(event)
    lives: dict[str, list[int]] = {}
    for machine, told in mine.items():
        breaks = [at for at, event in enumerate(told) if event.event == "break"]
        for number, (begin, end) in enumerate(itertools.pairwise([0, *breaks, len(told)]), start=1):
            lives[f"{machine}/{number:05d}"] = [
                one.seq for one in told[begin:end] if one.event not in ("break", "repair")
            ]
    return {case: events for case, events in lives.items() if events}


def shown(seen: Iterable[CaseEvent]) -> dict[str, list[int]]:
    """Return the events, by seq, of each case."""
    cases: dict[str, list[int]] = defaultdict(list)
    for one in seen:
        cases[one.case].append(one.event.seq)
    return cases


def _of_a_machine(seq: int, machine: str, name: str) -> Event:
    return Event(seq, float(seq), "machine", machine, name, "start", "S2", "", machine, "", "", "", "")


@given(st.lists(st.tuples(st.sampled_from(["Mc", "Md", "Ma"]), st.sampled_from(["load", "unload", "break", "repair"]))))
def test_lives_are_what_lies_between_breakdowns(told: list[tuple[str, str]]) -> None:
    """Whatever happens, and whether or not anything does, a breakdown ends a life; Ma has none."""
    events = [_of_a_machine(seq, *one) for seq, one in enumerate(told) if one != ("Ma", "break")]
    seen = list(View(ViewOptions("machine", per="life"), P).over(events))
    assert shown(seen) == lives_of(events)
    latest = {one.event.entity: one.case for one in seen}
    assert shown(whole_cases(seen)) == {
        case: there for case, there in shown(seen).items() if case not in latest.values()
    }


def test_a_life_begins_after_a_repair_and_ends_with_a_breakdown(log: list[Event]) -> None:
    """By the machine's own log; a life begins idle, and goes on through runs and maintenance."""
    seen = list(View(ViewOptions("machine", "implant", per="life"), P).over(log))
    counted = [
        event
        for event in log
        if event.entity_kind == "machine" and (event.event, event.lifecycle) != ("load", "complete")
    ]
    assert shown(seen) == lives_of(counted)
    cases = shown(whole_cases(seen))
    assert len(cases) >= 8
    names = {one.event.seq: one.activity for one in seen}
    assert {names[events[0]] for events in cases.values()} <= {"load-S2", "load-S4", "maintain"}
    downs = [event.seq for event in counted if event.event == "break"]
    for case, events in cases.items():
        later = next(event for event in counted if event.seq > events[-1] and event.entity == case[:2])
        assert later.seq in downs


def test_lives_and_repairs_put_together_are_cycles(log: list[Event]) -> None:
    cycles = [
        (one.event.seq, one.activity)
        for one in View(ViewOptions("machine", "implant"), P).over(log)
        if one.event.event not in ("break", "repair")
    ]
    lives = View(ViewOptions("machine", "implant", per="life"), P).over(log)
    assert cycles == [(one.event.seq, one.activity) for one in lives]


def test_only_machines_that_break_down_have_lives(log: list[Event]) -> None:
    everything = {one.event.entity for one in View(ViewOptions("machine", per="life"), P).over(log)}
    single = {one.event.entity for one in View(ViewOptions("machine", "Md", per="life"), P).over(log)}
    assert (everything, single) == ({"Mc", "Md"}, {"Md"})
    for only in ("Ma", "litho"):
        with pytest.raises(UsageError, match=rf"'{only}' never breaks down.*\(expected: Mc, Md\)"):
            View(ViewOptions("machine", only, per="life"), P)
    with pytest.raises(UsageError, match="by operator there are no lives"):
        View(ViewOptions("operator", per="life"), P)
    with pytest.raises(UsageError, match="no machine breaks down"):
        View(ViewOptions("machine", per="life"), load_parameters("no-failures"))


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


def _shown(number: int, case: str, last: bool) -> CaseEvent:
    event = Event(number, 0.0, "lot", case, "x", "start", "", "", "", "", case, "", "x")
    return CaseEvent(event, case, "x", last)


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.sets(st.sampled_from("abcd")))
@settings(max_examples=60)
def test_whole_cases_keeps_those_that_end(cases: list[str], ending: set[str]) -> None:
    end = {case: number for number, case in enumerate(cases) if case in ending}
    given_ = [_shown(number, case, end.get(case) == number) for number, case in enumerate(cases)]
    assert list(whole_cases(given_)) == [one for one in given_ if one.case in end]


def test_whole_cases_holds_back_no_more_than_it_must() -> None:
    source = iter([_shown(0, "a", False), _shown(1, "b", True), _shown(2, "a", True), _shown(3, "c", False)])
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
