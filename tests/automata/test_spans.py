"""How long a transition takes, by its state and its symbol."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, StreamLearner, TraceBatch
from flexstream.automata.timing import Durations
from flexstream.errors import FlexStreamError, UsageError
from flexstream.stream.durations import ACCURACY, bins_of
from flexstream.targets import from_rows

LINE = from_rows({0: {"load": (90, 1), "7": (10, 0)}, 1: {"run": (90, 0), None: (10, 0)}})


def timed(seconds: list[float]) -> PDFA:
    """Return the line with durations of its last transition."""
    bins, counts = np.unique(bins_of(seconds), return_counts=True)
    edges = np.full(len(bins), 2)
    return replace(LINE, durations=Durations(edges, bins, counts, [1.0] * 3))


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=40), st.floats(0, 1))
def test_a_span_is_what_was_counted(seconds: list[float], share: float) -> None:
    model = timed(seconds)
    span = model.span(1, "run")
    assert model.durations is not None
    assert span.count == len(seconds) == span.counts.sum()
    assert span.quantile(share) == model.durations.quantile(2, share)
    assert span.median == span.quantile(0.5)
    assert span.quantile(1) == pytest.approx(max(seconds), rel=1.001 * ACCURACY)
    assert span.share_within(max(seconds)) == 1
    assert span.share_within(min(seconds) / 2) == 0
    assert (np.diff(span.seconds) > 0).all()


def test_of_what_is_not_known_there_is_no_quantile() -> None:
    span = timed([1.0]).span(0, 7)  # symbols are texts or ints, as in traces
    assert span.count == 0
    assert np.isnan([span.median, span.share_within(1.0)]).all()


@pytest.mark.parametrize(
    ("state", "symbol", "message"),
    [
        (2, "run", "no state 2 .expected: 0 to 1"),
        (-1, "run", "no state -1"),
        (0, "run", "state 0 has no transition by 'run'"),
    ],
)
def test_there_has_to_be_such_a_transition(state: int, symbol: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        timed([1.0]).span(state, symbol)
    with pytest.raises(UsageError, match="no durations"):
        LINE.span(0, "load")
    with pytest.raises(FlexStreamError):
        timed([1.0]).span("0", "load")  # type: ignore[arg-type]


def test_frames_have_the_median() -> None:
    pytest.importorskip("pandas")
    found = timed([60.0, 60.0, 600.0]).to_pandas().transitions
    assert found["median_seconds"].round().tolist()[-1] == 60
    assert found["median_seconds"].isna().tolist() == [True, True, False]
    assert "median_seconds" not in LINE.to_pandas().transitions


def test_of_what_was_learned() -> None:
    learner = StreamLearner()
    batch = TraceBatch.from_traces([["load", "run"]] * 200, learner.alphabet)
    bins = bins_of(np.where(batch.symbols == 1, 60.0, np.nan))
    learner.learn_many(TraceBatch(batch.symbols, batch.offsets, durations=bins))
    automaton = learner.automaton
    assert automaton.span(automaton.state_after(["load"]), "run").median == pytest.approx(60, rel=1.001 * ACCURACY)
