"""The designed state machines are those the simulator follows, and those a learner finds."""

from __future__ import annotations

from collections import defaultdict

import pytest

from flexstream import PDFA, StreamLearner
from flexstream.errors import UsageError
from flexstream.fab.agreement import compare
from flexstream.fab.log.views import View, ViewOptions, whole_cases
from flexstream.fab.parameters import WEEK, Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.profiles import PROFILES, load_parameters
from flexstream.fab.truth import Truth, designs
from flexstream.targets import from_rows

WEEKS = 8


@pytest.fixture(scope="module")
def truth() -> dict[str, PDFA]:
    """The true state machines, with the counts of a run of their own."""
    counted = Truth(Parameters())
    Plant(Parameters(), 77, [counted.watch]).run(WEEKS * WEEK)
    return counted.automata()


@pytest.fixture(scope="module")
def log() -> list:
    """The events of another run."""
    return list(Plant(Parameters(), 3).events(WEEKS * WEEK))


@pytest.mark.parametrize("name", ["lot", "diffusion", "implant", "litho", "carrier"])
def test_what_is_learned_is_true(name: str, truth: dict[str, PDFA], log: list) -> None:
    by = name if name in ("lot", "carrier") else "machine"
    view = View(ViewOptions(by, name if by == "machine" else ""), Parameters())
    traces = defaultdict(list)
    for seen in whole_cases(view.over(log)):
        traces[seen.case].append(seen.activity)
    learner = StreamLearner()
    learner.learn_many(list(traces.values()))
    found = compare(learner.automaton, truth[name], length=40)
    # Rare breakdowns (while a lot waits to be unloaded) need a longer run to be seen in both.
    assert found.difference is None or {"break", "void"} & set(found.difference)
    assert found.largest_z < found.critical_z(0.9999)
    assert len(learner.automaton) <= len(truth[name])


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("per", ["cycle", "shift"])
def test_the_simulator_follows_the_design(profile: str, per: str) -> None:
    """A transition that was not designed, or that leads elsewhere than the simulator's own state, raises."""
    parameters = load_parameters(profile)
    truth = Truth(parameters, per)
    Plant(parameters, 4, [truth.watch]).run(WEEK)
    assert all(sum(counts.values()) > 10 for counts in truth.counts.values())


@pytest.mark.parametrize("profile", ["default", "failures-by-steps"])
def test_lives_follow_the_design_and_end_where_machines_break(profile: str) -> None:
    parameters = load_parameters(profile)
    truth = Truth(parameters, "life")
    Plant(parameters, 4, [truth.watch]).run(4 * WEEK)
    assert truth.designs.keys() == {"lot", "implant"}
    ends = {state: count for (state, symbol), count in truth.counts["implant"].items() if symbol is None}
    assert sum(ends.values()) > 15
    assert (ends.keys() == {"processing"}) == (profile == "failures-by-steps")


def test_without_breakdowns_there_are_no_lives() -> None:
    with pytest.raises(UsageError, match="no machine breaks down"):
        Truth(load_parameters("no-failures"), "life")


def test_another_design_is_noticed() -> None:
    truth = Truth(Parameters())
    truth.designs["litho"]["processing"] = {"process-done": "unloading"}
    with pytest.raises(RuntimeError, match="the design leads from processing by process-done to unloading"):
        Plant(Parameters(), 4, [truth.watch]).run(WEEK)


def test_counts_are_flows(truth: dict[str, PDFA]) -> None:
    """What comes into a state goes out of it, up to what is under way at the end."""
    for automaton in truth.values():
        into = dict.fromkeys(range(len(automaton)), 0.0)
        for edge in automaton.transitions():
            into[edge.target] += edge.weight
        for state in range(1, len(automaton)):
            assert automaton.visits[state] == pytest.approx(into[state], abs=30)


def test_designs_follow_the_parameters() -> None:
    assert "down" not in designs(load_parameters("no-failures"))["implant"]
    assert "operator" not in designs(load_parameters("no-people"))
    assert "blocked" in designs(load_parameters("deadlock"))["implant"]
    assert designs(Parameters(), "shift")["litho"]["unloading"] == {"unload-done": "idle"}


def test_comparison_finds_the_shortest_difference() -> None:
    loop = from_rows({0: {"a": (5, 0), None: (5, 0)}})
    three = from_rows(
        {
            0: {"a": (5, 1), None: (5, 0)},
            1: {"a": (5, 2), None: (5, 0)},
            2: {"a": (5, 3), None: (5, 0)},
            3: {None: (5, 0)},
        }
    )
    assert compare(loop, three, 2).difference is None
    assert compare(loop, three, 3).difference == ("a", "a", "a", "a")
    one = from_rows({0: {"a": (900, 0), None: (100, 0)}})
    two = from_rows({0: {"a": (800, 0), None: (200, 0)}})
    assert compare(one, two, 5).largest_z > compare(one, two, 5).critical_z()
    assert compare(one, one, 5).largest_z == 0
