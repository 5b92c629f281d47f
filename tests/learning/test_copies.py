"""Copies and pickles of learners: they go on as the learner would have, and neither knows of the other."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import Alphabet, PrefixTree, StreamLearner, TraceBatch, UsageError
from flexstream.budget import Budget
from flexstream.learning.observers import Observer
from flexstream.merging.heuristics import HEURISTICS
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.pac.report.evidence import model_with_evidence
from flexstream.readers import ReadOptions, read_batches
from flexstream.targets import Recipe, random_pfa, reentrant_line

from .. import naive
from ..strategies import Traces, traces

LOTS = reentrant_line().sample(1200, seed=8)
MANY = random_pfa(Recipe(states=8, symbols=40, mean_length=9), seed=3).sample(1200, seed=1)
PLAN = Plan.make(Demand(states=2, symbols=2, mu=0.5, length=3, eps=0.5, delta=0.1))
Way = Callable[[Any], Any]
WAYS: dict[str, Way] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {n}": lambda thing, n=n: pickle.loads(pickle.dumps(thing, n))
        for n in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}
MAKERS: dict[str, Callable[[], StreamLearner]] = {
    **{
        f"{name}, {strategy}": lambda name=name, strategy=strategy: StreamLearner(  # type: ignore[misc]
            heuristic=name, strategy=strategy, every=300
        )
        for name in HEURISTICS
        for strategy in ("replay", "fresh", "final")
        if HEURISTICS[name].undoable or strategy == "final"
    },
    "default": StreamLearner,
    "ensemble": lambda: StreamLearner(ensemble=3, every=250),
    "little memory": lambda: StreamLearner(memory="700kB"),
    "few nodes": lambda: StreamLearner(nodes=50, every=200),
    "no tails": lambda: StreamLearner(tails=False, reach=3),
    "a budget": lambda: StreamLearner(memory=Budget("4MiB")),
    "planned": lambda: PlannedLearner(PLAN, seed=5),
}
every_way = pytest.mark.parametrize("way", WAYS)
every_maker = pytest.mark.parametrize("maker", MAKERS)


def said(learner: StreamLearner) -> tuple[object, ...]:
    """Return what a learner says of itself."""
    counts = learner.traces, learner.events, learner.other_events, learner.refinements, learner.states
    return (*counts, list(learner.alphabet), learner.get_params(), repr(learner), learner.budget.usage())


@every_maker
@pytest.mark.parametrize("asked", [False, True])
def test_a_copy_goes_on_as_the_learner_does(maker: str, asked: bool) -> None:
    """Whether the learner had refined last, or was asked for an automaton, or neither."""
    source = MANY if "memory" in maker else LOTS
    alone, learner = MAKERS[maker](), MAKERS[maker]()
    for one in (alone, learner):
        one.learn_many(source[:700])
        if asked:
            _ = one.automaton
    twins = [way(learner) for way in (copy.deepcopy, WAYS["pickle 5"])]
    for twin in twins:
        assert type(twin) is type(alone)
        assert said(twin) == said(alone)
        twin.learn_many(source[700:])
        twin.refine()
    alone.learn_many(source[700:])
    alone.refine()
    for twin in twins:
        assert said(twin) == said(alone)
        assert twin.model.to_json() == alone.model.to_json()
        assert list(twin.explain()) == list(alone.explain())
    assert learner.traces == 700


@every_way
def test_neither_knows_of_the_other(way: str) -> None:
    learner = StreamLearner(heuristic="css")
    learner.learn_many(LOTS[:600])
    before = learner.automaton.to_json()
    twin = WAYS[way](learner)
    twin.learn_many([["something", "new"]] * 500)
    assert learner.automaton.to_json() == before
    assert "new" not in learner.alphabet and "new" in twin.alphabet
    facts = naive.facts_of(twin.tree, twin.alphabet)
    learner.learn_many(LOTS[600:])
    assert naive.facts_of(twin.tree, twin.alphabet) == facts
    assert learner.budget.usage()["symbols"] != twin.budget.usage()["symbols"]


@every_way
def test_a_copy_has_no_observers_but_its_own_credit(way: str) -> None:
    class Told(Observer):
        def __init__(self) -> None:
            self.file, self.times = sys.stdout, 0  # what no pickle holds

        def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
            self.times += 1

    told, learner = Told(), StreamLearner(ensemble=2, every=100)
    learner.observe(told)
    learner.learn_many(LOTS[:100])
    times, twin = told.times, WAYS[way](learner)
    twin.learn_many(LOTS[100:400])
    assert told.times == times > 0
    learner.learn_many(LOTS[100:400])
    assert told.times > times
    assert twin.model.to_json() == learner.model.to_json()


@every_way
def test_parts_of_a_learner_are_copied_alike(way: str) -> None:
    alphabet, tree = Alphabet(capacity=1000), PrefixTree(grow_at=1)
    tree.count(TraceBatch.from_traces([["a", "b"], ["a"]], alphabet))
    facts = naive.facts_of(tree, alphabet)
    twin_alphabet, twin_tree = WAYS[way](alphabet), WAYS[way](tree)
    tree.count(TraceBatch.from_traces([["a", "c"]], alphabet))
    assert (list(twin_alphabet), twin_alphabet.left > alphabet.left) == (["a", "b"], True)
    assert naive.facts_of(twin_tree, twin_alphabet) == facts
    assert WAYS[way](Budget("4MiB")) == Budget("4MiB")


@pytest.mark.parametrize("way", ["deepcopy", "pickle 5"])
def test_a_copy_merges_and_reports_like_its_original(way: str) -> None:
    learner = StreamLearner()
    learner.learn_many(LOTS)
    twin = WAYS[way](learner)
    assert model_with_evidence(twin).to_json() == model_with_evidence(learner).to_json()
    sums = learner.clone(), learner.clone()
    for total, one in zip(sums, (twin, learner), strict=True):
        total.merge(one)
        total.merge(one)
    assert sums[0].automaton.to_json() == sums[1].automaton.to_json()


@settings(max_examples=30)
@given(traces, traces, st.sampled_from(sorted(WAYS)), st.sampled_from(["evidence", "css", "spacesaving"]))
def test_copies_at_any_moment(first: Traces, second: Traces, way: str, heuristic: str) -> None:
    learner = StreamLearner(heuristic=heuristic, every=7)
    learner.learn_many(first)
    twin = WAYS[way](learner)
    for one in (twin, learner):
        one.learn_many(second)
    assert twin.automaton.to_json() == learner.automaton.to_json()


def test_a_pickle_is_read_in_another_process() -> None:
    learner = StreamLearner(heuristic="css")
    learner.learn_many(LOTS)
    code = "import pickle, sys; sys.stdout.write(pickle.load(sys.stdin.buffer).automaton.to_json())"
    run = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(learner), capture_output=True, check=True)
    assert run.stdout.decode() == learner.automaton.to_json()


def test_the_pickle_of_another_version_is_refused_in_one_line() -> None:
    state = StreamLearner().__getstate__()
    for version in ("0.0.1", None):
        with pytest.raises(UsageError, match=f"pickled by FlexStream {version} .expected: by this version"):
            StreamLearner().__setstate__({**state, "flexstream": version})


@pytest.mark.parametrize("way", WAYS)
def test_a_reading_is_not_copied(way: str) -> None:
    reading = read_batches("-", Alphabet(), ReadOptions())
    with pytest.raises(TypeError, match="a reading cannot be copied or pickled"):
        WAYS[way](reading)
