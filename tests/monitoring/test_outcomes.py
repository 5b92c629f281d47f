"""The test of outcomes: counted rightly, silent where nothing changes, and it sees what costs no more bits."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import PDFA, StreamLearner, TraceBatch
from flexstream.monitoring.drift import Drift
from flexstream.monitoring.outcomes import BLOCK, OutcomeTest
from flexstream.targets import from_rows, reber, reentrant_line


def learned(source: PDFA, traces: int = 1000) -> PDFA:
    learner = StreamLearner()
    learner.learn_many(source.sample(traces, seed=1))
    return learner.automaton.alone


LINE = learned(reentrant_line())


def found_in(test: OutcomeTest, batch: TraceBatch) -> tuple[int, int] | None:
    """Return after how many traces the first change is found, and how many came before it."""
    done = 0
    while done < len(batch):
        step = min(test.next_look - test.traces, len(batch) - done)
        moved = test.take(batch.part(done, done + step))
        done += step
        if moved is not None:
            return done, moved.since
    return None


@settings(max_examples=60)
@given(st.lists(st.lists(st.sampled_from([*LINE.symbols[:4], "strange"]), max_size=5), max_size=12))
def test_outcomes_of_first_visits_are_counted_trace_by_trace(traces: list[list[str]]) -> None:
    test, expected = OutcomeTest(LINE, 0.01), Counter[tuple[str, int, str]]()
    for trace in traces:
        state, met = 0, set[int]()
        for symbol in trace:
            row = next(
                (at for at in range(*LINE.offsets[state : state + 2]) if LINE.symbols[LINE.edge_symbols[at]] == symbol),
                None,
            )
            if row is None:
                expected["other", state, ""] += state not in met
                break
            expected["edge", state, symbol] += state not in met
            met.add(state)
            state = int(LINE.targets[row])
        else:
            expected["end", state, ""] += state not in met
    counts = test._outcomes(TraceBatch.from_traces(traces, LINE.alphabet()))
    edges, states = len(LINE.targets), len(LINE)
    symbols = [LINE.symbols[symbol] for symbol in LINE.edge_symbols]
    names = [("edge", int(state), symbol) for state, symbol in zip(LINE.sources, symbols, strict=True)]
    names += [("end", state, "") for state in range(states)] + [("other", state, "") for state in range(states)]
    assert len(names) == len(counts) == edges + 2 * states
    assert Counter({name: int(count) for name, count in zip(names, counts, strict=True) if count}) == +expected


def test_runs_within_a_trace_are_no_change() -> None:
    """Each trace has one symbol many times: one state for both, and its visits hang together."""
    random = np.random.default_rng(1)
    traces = [["h" if heads else "t"] * 40 for heads in random.random(4000) < 0.5]
    one_state = from_rows({0: {"h": (400, 0), "t": (400, 0), None: (20, 0)}})
    assert found_in(OutcomeTest(one_state, 0.05), TraceBatch.from_traces(traces, one_state.alphabet())) is None


@pytest.mark.parametrize("source", [reber(), reentrant_line()])
def test_it_is_silent_where_nothing_changes(source: PDFA) -> None:
    model = learned(source)
    for seed in range(10):
        batch = TraceBatch.from_traces(source.sample(6000, seed=seed + 10), model.alphabet())
        assert found_in(OutcomeTest(model, 0.05), batch) is None


def coin(heads: float) -> PDFA:
    """Return heads and tails, each of which ends or goes on alike: together they take 0.8 of a state."""
    return from_rows({0: {"h": (heads, 0), "t": (0.8 - heads, 0), None: (0.2, 0)}})


def test_a_change_that_costs_no_bits_is_found_and_dated() -> None:
    model = learned(coin(0.4), 2000)
    stream = [*coin(0.4).sample(3000, seed=2), *coin(0.2).sample(3000, seed=3)]
    found = found_in(OutcomeTest(model, 0.002), TraceBatch.from_traces(stream, model.alphabet()))
    assert found is not None
    noticed, since = found
    assert 3000 < noticed <= 4300
    assert abs(since - 3000) <= 5 * BLOCK


def test_drift_notices_it() -> None:
    drift, learner = Drift("restart", tell=lambda line: None), StreamLearner()
    learner.observe(drift)
    learner.learn_many([*coin(0.4).sample(4000, seed=2), *coin(0.25).sample(4000, seed=3)])
    change = drift.changes[0]
    assert change.by in ("bits", "outcomes", "gradual")
    assert 4000 < change.noticed <= 4800
    assert learner.automaton.predict_proba_one([])["h"] == pytest.approx(0.25, abs=0.02)


def test_memory_is_bounded() -> None:
    test = OutcomeTest(LINE, 0.002)
    batch = TraceBatch.from_traces(reentrant_line().sample(BLOCK, seed=1), LINE.alphabet())
    for _ in range(2000):
        while test.traces + len(batch) > test.next_look:
            test.take(batch.part(0, test.next_look - test.traces))
        test.take(batch)
    assert len(test._sizes) <= 48
    assert sum(test._sizes) <= test.traces == pytest.approx(2000 * BLOCK, rel=0.1)
