"""What the page tells of single traces stands where, and when, as it is to be shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from flexstream import StreamLearner, TraceBatch
from flexstream.live.samples import Samples
from flexstream.stream.origins import origins_of


def test_places_have_the_times_that_are_to_be_shown() -> None:
    learner = StreamLearner()
    learner.learn_many([["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 200)
    samples = Samples(learner)
    samples.judge_by(learner.model)
    samples.shown_time = lambda origin: 1769903940.0
    odd = TraceBatch.from_traces([["load"]], learner.alphabet)
    origins = np.tile(origins_of([0], np.array([946_684_800.0])), (2, 1))
    looked = samples.look(replace(odd, origins=origins), 0)
    assert looked.lines[0].place.endswith("2026-01-31T23:59:00Z")
