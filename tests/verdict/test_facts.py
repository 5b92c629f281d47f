"""Facts that verdicts rest on, worked out by hand; the functions that judge are given facts made by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from flexstream import PDFA, ReadOptions, StreamLearner, TraceBatch
from flexstream.verdict import foresight as module
from flexstream.verdict.facts import DELTA, Facts
from flexstream.verdict.foresight import Foresight, _frequencies, event_bits, foresight, recall, saves_clearly
from flexstream.verdict.symptoms import case_faults, state_faults


def learned(traces: list[list[str]], **params: Any) -> StreamLearner:
    learner = StreamLearner(**params)
    learner.learn_many(traces)
    return learner


# --- amounts -------------------------------------------------------------------------------------------------------


def test_amounts_of_a_stream() -> None:
    facts = Facts(learned([["a", "b", "a"], ["a", "c"], []]))
    assert (facts.traces, facts.events, facts.symbols) == (3, 5, ["a", "b", "c"])
    assert facts.mean_length == 5 / 3
    assert facts.occurrences.tolist() == [3, 1, 1]
    assert facts.once == 2 / 5
    assert (facts.options, facts.format, facts.last) == (None, None, True)


def test_a_stream_of_empty_traces() -> None:
    facts = Facts(learned([[], []]))
    assert (facts.once, facts.mean_length, facts.common(0.5)) == (0.0, 0.0, 0)
    assert Facts(StreamLearner()).mean_length == 0.0


@pytest.mark.parametrize(("share", "least"), [(0.99, 1), (0.9, 1), (0.89, 2), (0.6, 7), (0.1, 7)])
def test_how_often_the_most_frequent_came_at_least(share: float, least: int) -> None:
    """Of ten events seven are a, two b and one c."""
    assert Facts(learned([["a"] * 7 + ["b"] * 2 + ["c"]])).common(share) == least


def test_what_a_state_tells_of_the_next_event() -> None:
    """Eight events of two symbols, each sure in its state: all of ln 2 is saved, less ½ (2 - 2 - 2 + 1) by chance."""
    two = PDFA(["a", "b"], [4, 4], [0, 0], [0, 1, 2], [0, 1], [1, 0], [4, 4])
    found = Facts(StreamLearner(), judged=two)
    assert found.bits_by_order == pytest.approx((8 * math.log(2) + 0.5) / (8 * math.log(2)))
    one = PDFA(["a", "b"], [8], [0], [0, 2], [0, 1], [0, 0], [4, 4])
    assert Facts(StreamLearner(), judged=one).bits_by_order == 0.0  # (2 - 1 - 2 + 1)/2 transitions by chance
    assert Facts(StreamLearner(), judged=PDFA(["a"], [3], [1], [0, 1], [0], [0], [2])).bits_by_order == 1.0
    assert Facts(StreamLearner(), judged=two).automaton is two
    assert DELTA == 0.05


# --- foresight -----------------------------------------------------------------------------------------------------


def test_traces_that_a_tree_holds() -> None:
    traces = [["a", "b"], ["a", "b", "c", "d"], ["a", "b", "c", "d"], [], ["b"]]
    for grow_at in (1, 2, 9):
        learner = learned(traces, grow_at=grow_at)
        found = recall(learner.tree)
        assert found is not None
        texts = learner.alphabet.texts
        assert sorted([texts[symbol] for symbol in trace] for trace in found) == sorted(traces)


def test_a_tree_that_has_lost_traces_is_not_asked() -> None:
    learner = learned([["a", "b", "c"]] * 4, grow_at=9)
    assert recall(learner.tree) is not None
    learner.tree.columns.ends[0] += 1  # one more than the tree says that there were
    assert recall(learner.tree) is None
    learner.tree.columns.ends[0] -= 1
    learner.tree.columns.visits[0] += 1  # one less
    assert recall(learner.tree) is None


@pytest.mark.parametrize(("name", "limit"), [("MOST_TRACES", 10), ("MOST_EVENTS", 30)])
def test_so_many_traces_are_worth_the_time(monkeypatch: pytest.MonkeyPatch, name: str, limit: int) -> None:
    """Ten traces of three events, all in the nodes."""
    assert (module.MOST_EVENTS, module.MOST_TRACES, module.HELD_OUT) == (5000, 300, 5)
    learner = learned([["a", "b", "c"]] * 10, grow_at=1)
    for most, fits in ((limit, True), (limit - 1, False)):
        monkeypatch.setattr(module, name, most)
        assert (recall(learner.tree) is not None) == fits


def test_every_fifth_is_held_out() -> None:
    """Of five traces the last, of a b, is foretold from four of a: 4½ and ½ of 5 events by their frequencies."""
    learner = learned([["a"]] * 4 + [["b"]], grow_at=1)
    batch = TraceBatch(np.array([0, 0, 0, 0, 1], np.int32), np.arange(6))
    found = foresight(batch, learner)
    assert found is not None
    assert found.frequencies == pytest.approx(math.log2(5 / 0.5))
    other = learned([["a"]] * 4, grow_at=1)
    assert found.model == pytest.approx(event_bits(other.automaton, ["b"]))
    assert foresight(batch.part(0, 4), learner) is None
    assert (
        foresight(TraceBatch(np.zeros(4, np.int32), np.array([0, 1, 2, 3, 4, 4])), learner) is None
    )  # no event is held out


def test_bits_given_that_a_trace_goes_on() -> None:
    """A quarter each for a and b, a half for the end: 1 bit for each event."""
    coin = PDFA(["a", "b"], [1.0], [0.5], [0, 2], [0, 1], [0, 0], [0.25, 0.25])
    assert event_bits(coin, ["a", "b", "a"]) == 3.0
    assert event_bits(coin, []) == 0.0
    known, unknown = (TraceBatch(np.array(ids, np.int32), np.array([0, len(ids)])) for ids in ([0, 0, 1], [1, 1, 0]))
    assert _frequencies(known, unknown, 3) == pytest.approx(2 * math.log2(4.5 / 1.5) + math.log2(4.5 / 2.5))


def test_where_states_save_much_they_need_not_be_tried() -> None:
    """Two states, each with its own symbol: of 2n events each saves a bit; two probabilities take log2(2n) bits."""
    for events, clear in ((5.0, False), (10.0, True)):
        two = PDFA(["a", "b"], [events] * 2, [0.0] * 2, [0, 1, 2], [0, 1], [1, 0], [events] * 2)
        assert saves_clearly(two) == (2 * events > 4 * 2 * math.log2(2 * events) / 2) == clear
    coin = PDFA(["a", "b"], [1000.0], [0.0], [0, 2], [0, 1], [0, 0], [500.0, 500.0])
    assert not saves_clearly(coin)
    assert not saves_clearly(PDFA(["a"], [1.0], [1.0], [0, 0], [], [], []))


def test_what_saves_clearly_saves_of_traces_held_out() -> None:
    random, clear = np.random.default_rng(2), 0
    for symbols in (2, 5, 30, 300):
        for order in (0.0, 0.3, 0.7, 1.0):
            steps = np.where(random.random((120, 12)) < order, 1, random.integers(0, symbols, (120, 12)))
            learner = learned([[f"{symbol}" for symbol in row] for row in (steps.cumsum(1) % symbols).tolist()])
            traces = recall(learner.tree)
            assert traces is not None
            found = foresight(traces, learner)
            if saves_clearly(learner.automaton.alone):
                clear += 1
                assert found is not None and found.saved > 0
    assert clear >= 3


def test_what_a_model_saves() -> None:
    assert Foresight(1.0, 4.0).saved == 0.75
    assert Foresight(5.0, 4.0).saved == -0.25
    assert Foresight(0.0, 0.0).saved == 0.0


# --- what is told of it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "named"), [([1], "q1"), ([1, 2, 3], "q1, q2, q3"), ([1, 2, 3, 4], "q1, q2, q3, …"), ([], None)]
)
def test_states_that_are_several(states: list[int], named: str | None) -> None:
    found = state_faults.contradicted(SimpleNamespace(contradicted=states))  # type: ignore[arg-type]
    if named is None:
        assert found is None
    else:
        assert found is not None and str(found.text).startswith(f"do not rely on {named}: the data prove")


@pytest.mark.parametrize(("states", "found"), [(1, "one state"), (2, "2 states, and as good as one")])
def test_states_that_tell_nothing(states: int, found: str) -> None:
    facts = SimpleNamespace(symbols=["a", "b"], bits_by_state=0.02, automaton=range(states), events=7, in_vain="")
    told = state_faults.one_state(facts)  # type: ignore[arg-type]
    assert told is not None and str(told.text).startswith(f"{found}: in 7 events next to nothing")
    facts.bits_by_state = 0.021
    assert state_faults.one_state(facts) is None  # type: ignore[arg-type]
    facts.bits_by_state, facts.symbols = 0.0, ["a"]  # of one symbol there is nothing to foretell
    assert state_faults.one_state(facts) is None  # type: ignore[arg-type]


def test_ten_times_as_many_cases_are_held() -> None:
    options = ReadOptions(max_open_cases=7, max_open_events=90)
    facts = SimpleNamespace(learner=SimpleNamespace(closed_early=1), traces=100, options=options, columns={})
    facts.cut_short = None
    facts.reading = None
    found = case_faults.cases_cut_short(facts)  # type: ignore[arg-type]
    assert found is not None
    assert found.options == {"max_open_cases": 70, "max_open_events": 900}
    facts.columns = {"time": "t"}
    found = case_faults.cases_cut_short(facts)  # type: ignore[arg-type]
    assert found is not None and found.options == {"idle": 3600}
    facts.traces = 101  # less than one in a hundred
    assert case_faults.cases_cut_short(facts) is None  # type: ignore[arg-type]
    facts.traces, facts.learner.closed_early = 0, 0
    assert case_faults.cases_cut_short(facts) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("traces", "mean", "single"),
    [(20, 1.0, True), (19, 1.0, False), (20, 1.2, False), (20, 1.19, True), (20, 0.5, False)],
)
def test_cases_of_one_event(traces: int, mean: float, single: bool) -> None:
    assert case_faults._single(SimpleNamespace(traces=traces, mean_length=mean)) is single  # type: ignore[arg-type]
