"""Durations that hang on an earlier event: found where they do, counted rightly, and used wherever steps are judged."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, Alphabet, StreamLearner, TraceBatch
from flexstream.automata.lateness import lateness
from flexstream.automata.slow import slowest
from flexstream.automata.time_contexts import FEWEST, FURTHEST, TimeContexts, contexts_of
from flexstream.automata.timing import durations_of, moments_of
from flexstream.errors import ModelError
from flexstream.stream.durations import UNKNOWN, seconds_of, spans_of_each
from flexstream.targets import from_rows

TOOK = {"short": 30.0, "long": 600.0}
TRACES = [(kind, "start", "stop") for kind in TOOK] * 300


def timed(traces: list[tuple[str, ...]], took: Mapping[str, float], alphabet: Alphabet) -> TraceBatch:
    """Return traces whose last event comes as long after the one before as their first says."""
    batch = TraceBatch.from_traces(traces, alphabet)
    moments = [[0.0, 5.0, 5.0 + took[trace[0]]] for trace in traces]
    return TraceBatch(batch.symbols, batch.offsets, durations=np.concatenate(spans_of_each(moments)))


def learned(took: Mapping[str, float]) -> PDFA:
    learner = StreamLearner()
    learner.learn_many(timed(TRACES, took, learner.alphabet), learner.alphabet)
    return learner.automaton.alone


MODEL = learned(TOOK)


def contexts(model: PDFA) -> TimeContexts:
    assert model.durations is not None
    assert model.durations.contexts is not None
    return model.durations.contexts


def test_one_state_stands_for_both_and_each_has_its_times() -> None:
    found, symbols = contexts(MODEL), [edge.symbol for edge in MODEL.transitions()]
    told = [(symbols[edge], MODEL.symbols[symbol]) for edge, symbol in zip(found.edges, found.symbols, strict=True)]
    assert told == [("stop", "short"), ("stop", "long")]
    assert seconds_of(found.bins) == pytest.approx([30, 600], rel=0.0078)
    assert found.counts.tolist() == [300, 300]


def test_where_times_hang_on_nothing_there_are_none() -> None:
    model = learned({"short": 30.0, "long": 30.0})
    assert model.durations is not None
    assert model.durations.contexts is None
    assert model.durations.by_context is model.durations


def test_a_step_that_is_usual_elsewhere_is_rare_where_it_is() -> None:
    batch = timed([TRACES[0], TRACES[1]], {"short": 40.0, "long": 600.0}, MODEL.alphabet())
    slow, usual = slowest(MODEL, batch)
    assert slow is not None
    assert usual is not None
    assert (slow.position, round(slow.usual), round(slow.p_value, 4)) == (2, 30, round(1 / 601, 4))
    assert usual.p_value == 1.0
    assert lateness(MODEL, batch, beyond=False)[0] == pytest.approx(math.log2(601))
    assert lateness(MODEL, batch)[0] > math.log2(601) + 1  # a third longer than all others


def test_left_out_a_trace_is_ranked_among_all_others() -> None:
    batch = timed(TRACES, TOOK, MODEL.alphabet())
    assert batch.durations is not None
    batch.durations[2] += 1  # of 300 short ones the one that took longest
    counted = durations_of(MODEL, batch, np.ones(len(batch), np.int64))
    assert lateness(replace(MODEL, durations=counted), batch, left_out=True, beyond=False)[0] == pytest.approx(
        math.log2(600)
    )


def test_samples_take_as_long_as_what_they_are() -> None:
    for trace, moments in zip(TRACES, moments_of(MODEL, TRACES[:40], seed=1), strict=False):
        assert moments[2] - moments[1] == pytest.approx(TOOK[trace[0]], rel=0.0078)


def test_a_model_file_holds_them() -> None:
    again = PDFA.from_json(MODEL.to_json())
    assert again.to_json() == MODEL.to_json()
    for name in ("back", "edges", "symbols", "rows", "bins", "counts"):
        assert getattr(contexts(again), name).tolist() == getattr(contexts(MODEL), name).tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        {"back": [FURTHEST + 1]},
        {"back": [-1]},
        {"back": [0]},
        {"edges": [1]},
        {"edges": [-1]},
        {"symbols": [-1]},
        {"rows": [1]},
        {"bins": [-1]},
        {"counts": [0]},
        {"counts": [1.5]},
        {"counts": [1, 2]},
        {"rows": [0, 0], "bins": [3, 3], "counts": [1, 1]},
        {"edges": [0, 0], "symbols": [2, 2], "rows": [0, 1], "bins": [3, 3], "counts": [1, 1]},
        {"edges": [], "symbols": [], "rows": [], "bins": [], "counts": []},
    ],
)
def test_parts_that_do_not_fit_together_are_refused(wrong: dict[str, list[Any]]) -> None:
    right: dict[str, list[Any]] = {"back": [2], "edges": [0], "symbols": [2], "rows": [0], "bins": [3], "counts": [60]}
    assert TimeContexts.from_document(right).place(0, [7, 2]) == 1
    with pytest.raises(ModelError):
        TimeContexts.from_document({**right, **wrong})


@given(st.lists(st.lists(st.integers(0, 3), max_size=7), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_they_are_counted_and_found_event_by_event(traces: list[list[int]], random: Any) -> None:
    """The time of the last symbol hangs on the symbol two before; where that is not enough nothing is split."""
    traces = traces * 20
    symbols = np.array([symbol for trace in traces for symbol in trace], np.int32)
    offsets = np.cumsum([0, *map(len, traces)])
    bins = np.array(
        [
            UNKNOWN if not at else 100 * (trace[at - 2] if at > 1 else 9) + random.randrange(30)
            for trace in traces
            for at in range(len(trace))
        ],
        np.int16,
    )
    batch = TraceBatch(symbols, offsets, durations=bins)
    found = contexts_of(symbols.astype(np.int64), batch, np.ones(len(traces), np.int64), 4)
    if found is None:
        return
    places, expected, counts = found.places(symbols.astype(np.int64), batch).tolist(), [], Counter[tuple[int, int]]()
    keys = list(zip(found.edges.tolist(), found.symbols.tolist(), strict=True))
    for start, trace in zip(offsets.tolist(), traces, strict=False):
        for at, symbol in enumerate(trace):
            back = int(found.back[symbol])
            key = (symbol, trace[at - back] if 0 < back <= at else -1)
            expected.append(4 + keys.index(key) if key in keys else symbol)
            assert found.place(symbol, trace[:at][::-1][:FURTHEST]) == expected[-1]
            if key in keys and at:
                counts[keys.index(key), int(bins[start + at])] += 1
    assert places == expected
    told = zip(found.rows.tolist(), found.bins.tolist(), found.counts.tolist(), strict=True)
    assert {(row, number): count for row, number, count in told} == counts
    assert all(sum(count for (row, _), count in counts.items() if row == key) >= FEWEST for key in range(len(keys)))


def test_traces_that_came_often_count_so_often() -> None:
    loop = from_rows({0: {"short": (50, 0), "long": (50, 0), "start": (50, 0), "stop": (50, 0), None: (50, 0)}})
    few = timed(TRACES[:2], TOOK, loop.alphabet())
    found = durations_of(loop, few, np.array([FEWEST, FEWEST + 5]))
    assert found is not None
    assert found.contexts is not None
    assert sorted(found.contexts.counts.tolist()) == [FEWEST, FEWEST + 5]
