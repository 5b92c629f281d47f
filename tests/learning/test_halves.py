"""When it is asked what states owe to the traces that found them."""

from __future__ import annotations

import pytest

from flexstream import StreamLearner
from flexstream.learning.halves import ENOUGH
from flexstream.targets import reber


@pytest.mark.parametrize(("traces", "asked"), [(150, True), (3000, False)])
def test_it_is_asked_where_few_traces_came_for_each_transition(traces: int, asked: bool) -> None:
    learner = StreamLearner()
    learner.learn_many(reber().sample(traces, 1))
    found = learner.automaton
    assert found.calibration is not None
    assert (found.calibration.optimism is not None) == asked
    assert (learner.tree.traces < ENOUGH * len(found.targets)) == asked
