"""``alergia`` against its formula, and its k-tails."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.learning.learner import StreamLearner
from flexstream.merging.heuristics import make
from flexstream.merging.heuristics.alergia import judge
from flexstream.merging.search import refine
from flexstream.targets import reentrant_line

from ... import naive
from ...strategies import count

NO_SKETCH = np.zeros((0, 1, 1), np.int32)
NO_FUTURES = np.empty((0, 1), np.int32)
rows = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=6)


@pytest.mark.twin("judges.alergia")
@given(rows, st.floats(0.001, 0.999))
def test_judge_is_hoeffding_and_cosine(given_rows: list[tuple[int, int]], alpha: float) -> None:
    counts = np.array(given_rows, np.int64)
    parameters = make("alergia", alpha=alpha).parameters()
    found = judge(counts, np.ones(len(counts)), NO_SKETCH, NO_SKETCH, NO_FUTURES, parameters)
    assert found == pytest.approx(naive.alergia(given_rows, alpha))


def test_symbols_that_only_one_side_has_seen_are_tested_one_by_one() -> None:
    # After x come a hundred symbols, each rare: as one outcome they would forbid a merge with y, after which none came.
    words = [["x", f"a{i}"] for i in range(100)] + [["y", f"b{i}"] for i in range(100)]
    tree, alphabet = count(words, grow_at=1)
    apart = refine(tree, len(alphabet), make("alergia"))
    assert len(apart.reds) < 4
    many = [["x", "a"]] * 100 + [["y", "b"]] * 100
    tree, alphabet = count(many, grow_at=1)
    assert len(refine(tree, len(alphabet), make("alergia")).reds) == 4


def states(k: int) -> int:
    """Return how many states k-tails find where two histories differ in what comes two symbols later."""
    words = [["a", "x", "x", "c"], ["b", "x", "x", "d"]] * 400
    tree, alphabet = count(words, grow_at=1)
    return len(refine(tree, len(alphabet), make("alergia", k=k)).reds)


def test_k_tails_look_k_symbols_ahead() -> None:
    # After a and after b: x, x, then what tells them apart.
    found = {k: states(k) for k in (0, 1, 2, 3, 4)}
    assert found[3] == found[4] == found[0]
    assert found[1] < found[2] < found[3]


def test_it_finds_the_line() -> None:
    learner = StreamLearner(heuristic="alergia")
    learner.learn_many(reentrant_line().sample(3000, seed=4))
    assert learner.automaton.equivalent(reentrant_line(), tolerance=0.05)
