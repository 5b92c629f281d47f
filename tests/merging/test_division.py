"""How visits divide: states that have the same outcomes and the same followers, in other proportions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import PDFA, StreamLearner
from flexstream.merging import search
from flexstream.merging.heuristics import make
from flexstream.merging.journal import Journal, Kind
from flexstream.merging.search import refine
from flexstream.saved import Saved
from flexstream.targets import from_rows

from .. import naive
from ..naive.evidence import division
from ..strategies import count

BRANCHES = from_rows(
    {
        0: {"a": (0.4, 1), "b": (0.35, 2), "c": (0.25, 3)},
        1: {"x": (0.5, 4), "y": (0.5, 5)},
        2: {"x": (0.2, 4), "y": (0.8, 5)},
        3: {"x": (0.5, 5), "y": (0.5, 4)},
        4: {"p": (0.7, 6), "q": (0.3, 6)},
        5: {"p": (0.1, 6), "q": (0.9, 6)},
        6: {None: (1.0, 0)},
    }
)
"""The states after a and b have the same outcomes, that lead to the same states."""


def learned(seed: int, traces: int = 500, **options: float) -> PDFA:
    learner = StreamLearner(options=options)
    learner.learn_many(BRANCHES.sample(traces, seed=seed))
    return learner.automaton


def test_what_follows_does_not_outvote_how_visits_divide() -> None:
    """Without it half of the samples make one of the two states, as all that follows is the same."""
    assert [learned(seed).state_after(["a"]) == learned(seed).state_after(["b"]) for seed in range(10)] == [False] * 10
    assert sum(len(learned(seed)) == 7 for seed in range(10)) == 10
    assert sum(len(learned(seed, division=math.inf)) < 7 for seed in range(10)) >= 3


def test_proportions_that_are_the_same_are_one_state() -> None:
    rows = {0: {"a": (0.5, 1), "b": (0.5, 2)}, 3: {"p": (1.0, 5)}, 4: {"q": (1.0, 5)}, 5: {None: (1.0, 0)}}
    alike = from_rows({**rows, 1: {"x": (0.6, 3), "y": (0.4, 4)}, 2: {"x": (0.6, 3), "y": (0.4, 4)}})
    for seed in range(20):
        learner = StreamLearner()
        learner.learn_many(alike.sample(300, seed=seed))
        assert learner.automaton.state_after(["a"]) == learner.automaton.state_after(["b"])


counts = st.lists(st.integers(0, 30), min_size=3, max_size=3)


@settings(max_examples=30)
@given(counts, counts.filter(lambda numbers: sum(numbers) > 4))
def test_the_journal_has_what_is_said_by_how_visits_divide(one: list[int], other: list[int]) -> None:
    """After a and b traces end, or go on by x or by y."""
    ways = ["", "x", "y"]
    at_a = [["a", *way] for way, number in zip(ways, one, strict=True) for _ in range(number + 40)]
    at_b = [["b", *way] for way, number in zip(ways, other, strict=True) for _ in range(number)]
    tree, alphabet = count([*at_a, *at_b], grow_at=1)
    a, b = (naive.grow([*at_a, *at_b], 1).children[symbol] for symbol in "ab")
    journal = refine(tree, len(alphabet), make("evidence", slack=math.inf)).journal
    (entry,) = [entry for entry in journal if entry.node == b.number]
    if entry.into == a.number:
        assert entry.division == pytest.approx(division(a, b), abs=1e-6)


def test_a_stream_that_repeats_its_traces_must_say_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was held back has counted in part; of 16 copies in any order 37 states were made of 24 before."""
    asked = []
    ask = search.search
    monkeypatch.setattr(search, "search", lambda *given: asked.append(given[4].division) or ask(*given))
    loop = from_rows({0: dict.fromkeys("abcdefgh", (0.1, 0)) | {None: (0.2, 0)}})
    learner = StreamLearner(every=0)
    learner.learn_many(loop.sample(2000, seed=3) * 8)
    assert len(learner.automaton) == 1
    held, counted = learner.repeats.held().traces, learner.tree.traces
    assert held + counted == 16_000 and held > counted
    assert asked[-1] == pytest.approx(4.0 * 16_000 / counted)


def test_a_checkpoint_of_the_version_before_does_not_have_it() -> None:
    tree, alphabet = count(BRANCHES.sample(300, seed=1), grow_at=2)
    journal = refine(tree, len(alphabet), make("evidence")).journal
    assert any(entry.kind is Kind.MERGE and math.isfinite(entry.division) for entry in journal)
    state = journal.state()
    again = Journal.saved(Saved(state), len(tree))
    assert list(again) == list(journal)
    del state["division"]
    before = Journal.saved(Saved(state), len(tree))
    assert [entry[:-1] for entry in before] == [entry[:-1] for entry in journal]
    assert {entry.division for entry in before} == {math.inf}
    again = Journal.saved(Saved(before.state()), len(tree))
    assert np.isposinf(again.columns.division).all()


def test_it_is_a_number_of_at_least_zero() -> None:
    with pytest.raises(Exception, match="division must be a number of at least 0, not -1"):
        make("evidence", division=-1.0)
    assert make("evidence", division=math.inf).rules(trusting=False).division == math.inf
    assert make("css").rules(trusting=False).division == math.inf
