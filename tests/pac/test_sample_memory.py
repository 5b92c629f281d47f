"""What the sample of a plan takes: an upper end that random strings stay below, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from flexstream import Alphabet, TraceBatch
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.pac.planning.sample_memory import fits, sample_bytes
from flexstream.pac.planning.tables import plan_text
from flexstream.summary.columns import tree_bytes

SMALL = Demand(states=2, symbols=3, mu=0.9, length=4, eps=0.9, delta=0.5)


@pytest.mark.parametrize("theorem", ["flexstream", "balle-castro-gavalda"])
def test_random_strings_take_less(theorem: str) -> None:
    plan = Plan.make(SMALL, theorem, "1 GB")
    strings, random = int(min(plan.sizes[theorem].strings, 20_000)), np.random.default_rng(1)
    offsets = np.concatenate([[0], np.cumsum(random.geometric(1 / (1 + SMALL.length), strings) - 1)])
    learner = PlannedLearner(plan)
    learner.learn_many(TraceBatch(random.integers(0, 3, offsets[-1]), offsets), Alphabet("abc"))
    tree = learner.tree
    tails = strings * 24 + 4 * offsets[-1]
    least = 0.2 * sample_bytes(plan) if theorem == "flexstream" else 0
    assert least < tree_bytes(len(tree), tree.edges, tree.sketch) + tails < sample_bytes(plan)


def test_it_is_told_whether_the_sample_fits() -> None:
    large, small = (Plan.make(SMALL, memory=memory) for memory in ("1 GB", "1 MB"))
    assert fits(large) and not fits(small)
    assert "within the 1 GB of the run" in plan_text(large)
    assert "of 1 MB; where strings seldom repeat give it more --memory" in plan_text(small)
    assert sample_bytes(replace(large, run=None)) == float("inf") and not fits(replace(large, run=None))
    more = Plan.make(replace(SMALL, length=8), memory="1 GB")
    assert sample_bytes(more) > sample_bytes(large)
