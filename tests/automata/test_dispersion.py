"""Dispersion: against a slow twin, none of independent traces, and rates kept where strange ones come together."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from flexstream import Judge, ModelError, StreamLearner, TraceBatch
from flexstream.automata.calibration import Calibration
from flexstream.automata.dispersion import FEWEST, SHARES, SHORTEST, dispersion, held_in_most
from flexstream.automata.pdfa import PDFA
from flexstream.automata.tallies import Tallies
from flexstream.learning.additive import Summary
from flexstream.stream.durations import bins_of


def queue(traces: int, seed: int, busy: float = 2.0) -> NDArray[np.int64]:
    """Return how long traces of one line waited: what delays one holds up all that come until it is over."""
    random = np.random.default_rng(seed)
    delays = np.where(random.random(traces) < 1 / 12, random.exponential(busy, traces), 0.0)
    waits, now = np.zeros(traces), 0.0
    for place, delay in enumerate(delays.tolist()):
        now = max(0.0, now - 1) + delay
        waits[place] = now
    return (100 * (waits + random.random(traces))).astype(np.int64)


def slow_index(values: list[int]) -> float:
    """Count block by block, whatever chance would make of it."""
    found = [1.0]
    for share in SHARES:
        limit = sorted(values, reverse=True)[int(share * len(values))]
        strange = [value > limit for value in values]
        rate, length = sum(strange) / len(values), SHORTEST
        while len(values) // length >= FEWEST:
            blocks = [sum(strange[at : at + length]) for at in range(0, len(values) - length + 1, length)]
            index = float(np.var(blocks, ddof=1)) / (length * rate * (1 - rate))
            found.append(index * (1 + (2 / (len(blocks) - 1)) ** 0.5))
            length *= 2
    return max(found)


def usual(scores: NDArray[np.int64], index: float | None) -> Calibration:
    known = None if index is None else np.array([index])
    return Calibration.of(scores[:, None], ("late",), Tallies([], [], [], len(scores), 0), dispersion=known)


# --- How far strange traces come together


def test_it_is_what_blocks_say() -> None:
    values = queue(4096, 1, busy=6.0)
    (found,) = dispersion(values[:, None], np.arange(4096))
    assert 5 < found == pytest.approx(slow_index(values.tolist()))


def test_independent_traces_have_none() -> None:
    random = np.random.default_rng(3)
    for _ in range(50):
        scores = np.column_stack([random.integers(0, top, 3000) for top in (3, 40, 1 << 20)])
        assert dispersion(scores, np.arange(3000)).tolist() == [1, 1, 1]


def test_of_runs_of_neighbours_it_is_about_that_of_all() -> None:
    indices = []
    for seed in range(8):
        values = queue(1 << 15, seed)
        places = np.arange(len(values))
        kept = np.random.default_rng(seed).permutation(len(values) // 16)[: len(values) // 64]
        some = np.isin(places >> 4, kept)
        both = (values, places, 1), (values[some], places[some], 4)
        indices.append([dispersion(part[:, None], at, one_in)[0] for part, at, one_in in both])
    every, thinned = np.mean(indices, axis=0)
    assert 0.5 < thinned / every < 2


def test_nothing_is_known_without_neighbours_or_of_few_traces() -> None:
    values = queue(4096, 1)[:, None]
    assert dispersion(values, np.arange(4096) * 16).tolist() == [1]
    assert dispersion(values[:200], np.arange(200)).tolist() == [1]
    assert dispersion(np.zeros((4096, 1), np.int64), np.arange(4096)).tolist() == [1]


# --- The rate


def test_the_rate_is_kept_in_most_stretches() -> None:
    plain, held = [], []
    days = [queue(4000, 1000 + seed)[:, None] for seed in range(10)]
    for seed in range(20, 40):
        values = queue(4000, seed)
        (index,) = dispersion(values[:, None], np.arange(4000))
        for into, known in ((plain, usual(values, None)), (held, usual(values, index))):
            into += [float((known.judged(day).p_values <= 0.05).mean()) for day in days]
    assert np.mean(np.array(plain) > 0.05) > 0.2
    assert np.mean(np.array(held) > 0.05) < 0.5 * np.mean(np.array(plain) > 0.05)
    assert np.mean(held) > 0.015


@given(st.lists(st.tuples(*[st.integers(-1, 30)] * 3), min_size=1, max_size=20), st.integers(0, 7))
def test_a_trace_of_which_more_is_known_is_not_less_strange(rows: list[tuple[int, int, int]], which: int) -> None:
    random = np.random.default_rng(6)
    index = np.array([1.0, 4.0, 9.0])
    names, tallies = ("worst", "bits", "late"), Tallies([], [], [], 300, 0)
    known = Calibration.of(random.integers(-1, 30, (300, 3)), names, tallies, dispersion=index)
    scores = np.array(rows)
    fewer = np.where([which >> place & 1 for place in range(3)], -1, scores)
    whole, part = known.judged(scores), known.judged(fewer)
    assert (whole.p_values <= part.p_values).all()
    assert ((whole.stranger <= whole.p_values) & (whole.p_values <= 1)).all()
    alone = replace(known, dispersion=None).judged(scores)
    assert (whole.p_values >= alone.p_values).all()


def test_what_does_not_come_together_is_judged_as_ever() -> None:
    scores = np.column_stack([np.arange(500), np.arange(500)[::-1]])
    tallies = Tallies([], [], [], 500, 0)
    known = Calibration.of(scores, ("worst", "late"), tallies, dispersion=np.array([1.0, 10.0]))
    judged = known.judged(np.array([[600, 0], [0, 600]]))
    assert judged.p_values[0] < 0.01 < judged.p_values[1]
    assert judged.speaks.tolist() == [0, 1]
    each = known.each(np.array([[600, 600]]))[0]
    assert each.tolist() == pytest.approx([1 / 501, held_in_most(np.array([1.0]), 10.0)[0] / 501])


# --- In models


def timed(waits: NDArray[np.int64], learner: StreamLearner) -> TraceBatch:
    batch = TraceBatch.from_traces([["load", "run"]] * len(waits), learner.alphabet)
    took = np.column_stack([np.full(len(waits), np.nan), 60.0 + waits])
    return replace(batch, durations=bins_of(took.ravel()))


@pytest.fixture(scope="module")
def line() -> StreamLearner:
    learner = StreamLearner()
    learner.learn_many(timed(queue(3000, 2), learner))
    return learner


def test_a_model_knows_that_late_traces_come_together(line: StreamLearner) -> None:
    known = Judge(line.model).calibration
    assert known.index[:3].tolist() == [1, 1, 1]
    assert known.index[3] > 3
    again, same = PDFA.from_json(line.automaton.to_json()), timed(queue(3000, 7), line)
    assert Judge(again).p_values(same).tolist() == Judge(line.model).p_values(same).tolist()
    assert Judge(again).calibration.index.tolist() == known.index.tolist()


def test_where_the_order_is_not_known_nothing_is_said(line: StreamLearner) -> None:
    told = Summary.of(line).close().learner().automaton.calibration
    assert told is not None
    assert told.traces == 3000
    assert told.dispersion is None


@pytest.mark.parametrize("wrong", [[1.0], [1.0, 1.0, 1.0, 0.5], [1.0, 1.0, 1.0, float("inf")], "much"])
def test_a_damaged_index_is_named(line: StreamLearner, wrong: object) -> None:
    document = json.loads(line.automaton.to_json())
    document["calibration"]["dispersion"] = wrong
    with pytest.raises(ModelError):
        PDFA.from_json(json.dumps(document))
