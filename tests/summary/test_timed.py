"""What is kept of durations: additive over any split, bounded, and right within the stated error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, Alphabet, StreamLearner, TraceBatch
from flexstream.automata.timing import durations_of
from flexstream.errors import ModelError, UsageError
from flexstream.stream.durations import ACCURACY, LONGEST, SHORTEST, UNKNOWN, bins_of, bounds, seconds_of
from flexstream.summary.timed import EVENT_BYTES, TRACE_BYTES, TimedTraces
from flexstream.targets import from_rows

SECONDS = st.floats(SHORTEST, LONGEST, exclude_max=True)
LOOP = from_rows({0: {"a": (50, 0), "b": (30, 0), None: (20, 0)}})


def batch_of(traces: list[list[tuple[int, int]]]) -> TraceBatch:
    """Return traces of symbols and bins; the first event of each has no duration."""
    symbols = np.array([symbol for trace in traces for symbol, _ in trace], np.int32)
    bins = np.array([UNKNOWN if not at else bin for trace in traces for at, (_, bin) in enumerate(trace)], np.int16)
    return TraceBatch(symbols, np.cumsum([0, *map(len, traces)]), durations=bins)


@given(st.lists(SECONDS, min_size=1))
def test_a_bin_stands_for_what_is_in_it(seconds: list[float]) -> None:
    bins = bins_of(seconds)
    low, high = bounds(bins)
    assert ((low <= seconds) & (seconds < high)).all()
    assert (np.abs(seconds_of(bins) - seconds) <= ACCURACY * np.array(seconds) * (1 + 1e-12)).all()


@given(st.lists(SECONDS, min_size=1, max_size=50), st.floats(0, 1))
def test_quantiles_are_those_of_all_durations(seconds: list[float], share: float) -> None:
    batch = TraceBatch(np.zeros(len(seconds), np.int32), np.array([0, len(seconds)]), durations=bins_of(seconds))
    found = durations_of(LOOP, batch, np.ones(1, np.int64))
    assert found is not None
    assert found.total(0) == len(seconds)
    exact = sorted(seconds)[max(1, math.ceil(share * len(seconds) * (1 - 1e-12))) - 1]
    assert abs(found.quantile(0, share) - exact) <= ACCURACY * exact * (1 + 1e-12)


TRACES = st.lists(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3000)), max_size=5), max_size=60)


@given(TRACES, st.sampled_from([300, 700, 2000, 1 << 20]), st.randoms())
def test_what_is_kept_adds_up_however_it_was_divided(
    traces: list[list[tuple[int, int]]], capacity: int, random: object
) -> None:
    whole = TimedTraces(capacity, Alphabet(["a", "b"]))
    whole.add(batch_of(traces))
    shuffled = list(traces)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    cut = len(traces) // 3
    one, other = TimedTraces(capacity, Alphabet(["a", "b"])), TimedTraces(capacity, Alphabet(["b", "a"]))
    for start in range(0, cut, 2):
        one.add(batch_of(shuffled[start : min(start + 2, cut)]))
    other.add(batch_of([[(1 - symbol, bin) for symbol, bin in trace] for trace in shuffled[cut:]]))
    one.merge(other, np.array([1, 0], np.int32))
    kept = [durations_of(LOOP, timed.held().batch(), timed.held().counts) for timed in (whole, one)]
    assert whole.one_in == one.one_in
    assert max(whole.nbytes, one.nbytes) <= capacity
    if kept[0] is None or kept[1] is None:
        assert kept[0] is kept[1]
        return
    for name in ("edges", "bins", "counts"):
        assert getattr(kept[0], name).tolist() == getattr(kept[1], name).tolist()


def test_what_comes_often_is_kept_once() -> None:
    timed = TimedTraces(1 << 12, Alphabet(["a", "b"]))
    for _ in range(100):
        timed.add(batch_of([[(0, 0), (1, 7)]] * 100))
    assert timed.one_in == 1
    assert timed.held().counts.sum() == 10_000


def test_what_is_kept_is_looked_through_when_a_quarter_of_the_room_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at each batch once the room is half full, which would cost the square of what is kept."""
    capacity, looked = 1 << 16, []
    look = TimedTraces._look_through
    monkeypatch.setattr(TimedTraces, "_look_through", lambda self: looked.append(self.nbytes) or look(self))
    timed = TimedTraces(capacity, Alphabet(["a", "b"]))
    distinct = [[(0, 0), (1, number)] for number in range(2 * capacity // (5 * (TRACE_BYTES + 2 * EVENT_BYTES)))]
    for _ in range(20):  # what is distinct takes two fifths of the room
        for start in range(0, len(distinct), 10):
            timed.add(batch_of(distinct[start : start + 10]))
    assert timed.one_in == 1
    assert 20 <= len(looked) <= 20 * 2 / 5 * 4  # a look for each quarter of the room that came
    assert min(looked) > capacity // 2


def learned(timed: bool) -> StreamLearner:
    learner = StreamLearner()
    batch = TraceBatch.from_traces([["load", "run"], ["load"]] * 100, learner.alphabet)
    bins = bins_of(np.where(batch.symbols == 1, 60.0, np.nan))
    learner.learn_many(TraceBatch(batch.symbols, batch.offsets, durations=bins if timed else None))
    return learner


def test_a_model_holds_its_durations() -> None:
    model = learned(timed=True).automaton
    again = PDFA.from_json(model.to_json())
    assert again.to_json() == model.to_json()
    assert again.durations is not None
    edge = next(place for place, row in enumerate(again.transitions()) if row.symbol == "run")
    assert again.durations.quantile(edge, 0.5) == pytest.approx(60, rel=ACCURACY)
    assert '"version": 3' in model.to_json()


def test_a_model_without_times_is_as_it_was() -> None:
    with_times, without = (learned(timed).automaton.to_json() for timed in (True, False))
    assert "durations" not in without and '"version": 3' not in without
    kept = [line for line in with_times.splitlines() if "durations" not in line and "version" not in line]
    gone = [line for line in without.splitlines() if "version" not in line]
    assert len(with_times.splitlines()) - len(kept) > 1
    assert gone[:3] == kept[:3]


@pytest.mark.parametrize("change", ['"one_in": 0', '"one_in": "x"'])
def test_damaged_durations_are_named(change: str) -> None:
    text = learned(timed=True).automaton.to_json().replace('"one_in": 1', change)
    with pytest.raises(ModelError):
        PDFA.from_json(text)


def test_no_quantile_beyond_all() -> None:
    durations = learned(timed=True).automaton.durations
    assert durations is not None
    with pytest.raises(UsageError, match="quantile"):
        durations.quantile(0, 1.5)


def test_merged_learners_know_the_durations_of_both() -> None:
    """Though their symbols have other numbers, and whichever is added to which."""

    def learner_of(order: list[str], seconds: float) -> StreamLearner:
        learner = StreamLearner()
        learner.alphabet.encode_texts(order)
        batch = TraceBatch.from_traces([["load", "run"], ["load", "test"]] * 100, learner.alphabet)
        first = np.arange(len(batch.symbols)) % 2 == 0
        took = np.where(batch.symbols == learner.alphabet.ids["run"], seconds, 2 * seconds)
        spans = bins_of(np.where(first, np.nan, took))
        learner.learn_many(TraceBatch(batch.symbols, batch.offsets, durations=spans))
        return learner

    orders = ["run", "test", "load"], ["load", "test", "run"]
    both = learner_of(orders[0], 10.0), learner_of(orders[1], 30.0)
    one, other = learner_of(orders[0], 10.0), learner_of(orders[1], 30.0)
    one.merge(both[1])
    other.merge(both[0])
    for learner in (one, other):
        automaton = learner.automaton
        state = automaton.state_after(["load"])
        spans = automaton.span(state, "run"), automaton.span(state, "test")
        assert [span.count for span in spans] == [200, 200]
        assert [span.quantile(share) for span in spans for share in (0.5, 1.0)] == pytest.approx(
            [10.0, 30.0, 20.0, 60.0], rel=1.001 * ACCURACY
        )
    without = StreamLearner()
    without.learn_many([["load", "run"]] * 100)
    without.merge(both[0])
    assert without.automaton.span(without.automaton.state_after(["load"]), "run").count == 100
