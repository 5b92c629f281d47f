"""What every learner must do that answers to the names of scikit-learn and river."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import END, UNKNOWN, StreamLearner, TraceBatch, UsageError
from flexstream.calls import Learned
from flexstream.errors import NotFittedError, WrongTypeError
from flexstream.learning.asking import Asked
from flexstream.learning.estimator import Estimator
from flexstream.learning.keeping import Kept
from flexstream.learning.observers import Observer
from flexstream.learning.stoppable import Stoppable
from flexstream.merging.heuristics import HEURISTICS
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.targets import Recipe, random_pfa, reber

TRACES = [["load", "run", "unload"], ["load", "setup", "run", "unload"], [], ["load", "break"]] * 60
OTHERS = [["open", "read", "close"], ["open", "close"], ["load"]] * 50


@cache
def plan() -> Plan:
    return Plan.make(Demand(states=2, symbols=6, mu=0.5, length=3, eps=0.5, delta=0.1))


MAKERS: dict[str, Callable[[], StreamLearner]] = {
    "plain": StreamLearner,
    **{name: lambda name=name: StreamLearner(heuristic=name) for name in HEURISTICS},  # type: ignore[misc]
    "options": lambda: StreamLearner(heuristic="alergia", options={"alpha": 0.01}),
    "ensemble": lambda: StreamLearner(ensemble=3, every=50),
    "small": lambda: StreamLearner(memory="1MiB", every=40, seed=3, grow_at=2),
    "sized": lambda: StreamLearner(states=3),
    "one call": Learned,
    "planned": lambda: PlannedLearner(plan(), seed=4),
}
"""To add a kind of learner, add it here; `set_params` changes its seed."""
every_learner = pytest.mark.parametrize("name", MAKERS)


def told(learner: StreamLearner) -> tuple[Any, ...]:
    """Return all that two learners that have seen the same must have in common."""
    counts = (learner.traces, learner.events, list(learner.alphabet), learner.get_params())
    return (*counts, learner.model.to_json(), list(learner.explain()), learner.provenance())


def test_every_learner_is_here() -> None:
    def kinds(kind: type) -> set[type]:
        return {kind}.union(*map(kinds, kind.__subclasses__()))

    named = {kind for kind in kinds(Estimator) if kind.__module__.startswith("flexstream")}
    named -= {Estimator, Asked, Stoppable, Kept}
    assert {type(make()) for make in MAKERS.values()} == named


# --- parameters ----------------------------------------------------------------------------------------------------


@every_learner
def test_parameters_are_those_of_the_class_and_copies(name: str) -> None:
    learner = MAKERS[name]()
    params = learner.get_params()
    assert set(params) == set(inspect.signature(StreamLearner).parameters)
    assert learner.get_params(deep=False) == params
    params["options"]["more"] = 1
    assert "more" not in learner.get_params()["options"]
    assert learner.clone().get_params() == learner.get_params()


@every_learner
def test_parameters_that_are_set_are_those_that_it_was_made_with(name: str) -> None:
    learner = MAKERS[name]()
    assert learner.set_params() is learner
    assert learner.set_params(seed=11) is learner
    assert (learner.seed, learner.get_params()["seed"], learner.clone().seed) == (11, 11, 11)
    twin = MAKERS[name]().set_params(**learner.get_params())
    assert told(learner.fit(TRACES)) == told(twin.fit(TRACES))


@every_learner
def test_set_parameters_hold_from_the_next_fit_on(name: str) -> None:
    learner = MAKERS[name]().fit(TRACES)
    scored, before = learner.score(OTHERS), learner.model.to_json()
    learner.set_params(seed=11)
    assert learner.get_params()["seed"] == learner.clone().seed == 11
    assert (learner.score(OTHERS), learner.model.to_json()) == (scored, before)  # what was learned is still there
    for learn in (learner.learn_many, learner.partial_fit):
        with pytest.raises(UsageError, match=r"parameters were set .*expected: `fit`"):
            learn(OTHERS)
    with pytest.raises(UsageError, match="parameters were set"):
        learner.learn_one(["load"])
    with pytest.raises(UsageError, match="parameters were set"):
        learner.merge(learner.clone())
    assert learner.traces == len(TRACES)
    fresh = MAKERS[name]().set_params(seed=11).fit(OTHERS)
    assert told(learner.fit(OTHERS)) == told(fresh)
    learner.learn_one(["load"])
    assert learner.traces == len(OTHERS) + 1


@every_learner
@pytest.mark.parametrize("wrong", [{"sed": 1}, {"smoothing": -1.0}, {"smoothing": "1"}, {"options__nothing": 1.0}])
def test_wrong_parameters_change_nothing(name: str, wrong: dict[str, Any]) -> None:
    learner = MAKERS[name]().fit(TRACES)
    before = told(learner)
    with pytest.raises(UsageError):
        learner.set_params(seed=9, **wrong)
    learner.learn_one(["load"])
    assert told(learner)[3] == before[3]


def test_wrong_names_are_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no parameter `smothing` .*one of smoothing"):
        StreamLearner().set_params(smothing=1)


def test_options_of_the_heuristic_are_set_one_by_one() -> None:
    learner = StreamLearner(heuristic="css", options={"alpha": 0.1, "width": 32})
    learner.set_params(options__alpha=0.05)
    assert learner.get_params()["options"] == {"alpha": 0.05, "width": 32}


def test_what_a_plan_has_fixed_stays() -> None:
    learner = PlannedLearner(plan())
    with pytest.raises(UsageError, match="every: fixed by the plan"):
        learner.set_params(every=3)
    assert learner.set_params(smoothing=2.0).clone().plan is learner.plan
    assert learner.clone().smoothing == 2.0


# --- learning ------------------------------------------------------------------------------------------------------


@every_learner
def test_partial_fit_learn_many_and_learn_one_are_one(name: str) -> None:
    whole, parts, many, single = (MAKERS[name]() for _ in range(4))
    assert whole.partial_fit(TRACES) is whole
    many.learn_many(TRACES)
    for start in range(0, len(TRACES), 7):
        parts.partial_fit(TRACES[start : start + 7])
    for trace in TRACES:
        single.learn_one(trace)
    assert told(whole) == told(parts) == told(many) == told(single)


@every_learner
def test_fit_forgets_what_was_before(name: str) -> None:
    learner, fresh = MAKERS[name](), MAKERS[name]()
    budget = learner.fit(OTHERS).budget
    assert learner.fit(TRACES, None) is learner
    assert told(learner) == told(fresh.fit(TRACES))
    assert "open" not in learner.alphabet
    assert learner.budget == budget and learner.budget.usage()["tree"].used == learner.tree.nbytes


@every_learner
@settings(max_examples=5)
@given(traces=st.lists(st.lists(st.sampled_from(["a", "b", "c"]), max_size=6), min_size=1, max_size=40))
def test_fit_is_learning_from_nothing(name: str, traces: list[list[str]]) -> None:
    blank = MAKERS[name]()
    blank.learn_many(traces)
    assert told(MAKERS[name]().fit(TRACES).fit(iter(traces))) == told(blank)


@every_learner
def test_a_batch_is_fitted_like_its_traces(name: str) -> None:
    learner = MAKERS[name]().fit(OTHERS)
    batch = TraceBatch.from_traces(OTHERS[::2], learner.alphabet)
    fresh = MAKERS[name]().fit(OTHERS[::2])
    assert told(learner.fit(batch))[4] == told(fresh)[4]


@every_learner
@pytest.mark.parametrize("wrong", ["load run", [["load"], "run"], [["load", 2.5]], 7])
def test_what_is_no_traces_is_refused_and_nothing_forgotten(name: str, wrong: Any) -> None:
    learner = MAKERS[name]().fit(TRACES)
    before = told(learner)
    for ask in (learner.fit, learner.partial_fit, learner.score, learner.score_samples):
        with pytest.raises(WrongTypeError):
            ask(wrong)
    assert told(learner) == before


def test_a_batch_of_other_symbols_is_refused_and_nothing_forgotten() -> None:
    learner = StreamLearner().fit(TRACES)
    with pytest.raises(UsageError):
        learner.fit(TraceBatch(np.array([99], np.int32), np.array([0, 1])))
    assert learner.traces == len(TRACES)


def test_observers_stay_where_it_is_fitted_and_do_not_pass_to_clones() -> None:
    class Counter(Observer):
        traces = 0

        def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
            self.traces += len(batch)

    learner, counter = StreamLearner(ensemble=2, every=50), Counter()
    learner.observe(counter)
    learner.fit(TRACES).fit(OTHERS)
    assert counter.traces == len(TRACES) + len(OTHERS)
    learner.clone().fit(TRACES)
    assert counter.traces == len(TRACES) + len(OTHERS)


# --- asking --------------------------------------------------------------------------------------------------------


@every_learner
def test_scoring_is_pure(name: str) -> None:
    learner, silent = MAKERS[name](), MAKERS[name]()
    for start in range(0, len(TRACES), 60):
        learner.partial_fit(TRACES[start : start + 60])
        silent.partial_fit(TRACES[start : start + 60])
        before = pickle.dumps(learner.model)
        first = learner.score(OTHERS), learner.score_one(OTHERS[0]), learner.predict_proba_one(["load"])
        again = learner.score(OTHERS), learner.score_one(OTHERS[0]), learner.predict_proba_one(["load"])
        assert first == again
        assert pickle.dumps(learner.model) == before
    # A plan's test gets stricter with every look.
    assert learner.model.to_json() == silent.model.to_json() or name == "planned"
    assert "open" not in learner.alphabet


@every_learner
def test_scores_are_those_of_the_model(name: str) -> None:
    learner = MAKERS[name]().fit(TRACES)
    held_out = [*TRACES[:5], *OTHERS[:5], ["nothing", "like", "it"]]
    scores = learner.score_samples(held_out)
    assert scores.tolist() == [learner.model.log2_prob(trace) for trace in held_out]
    assert learner.score(held_out, None) == pytest.approx(scores.mean())
    assert learner.score_samples(TraceBatch.from_traces(TRACES[:9], learner.alphabet)).tolist() == [
        learner.score_one(trace).log2_prob for trace in TRACES[:9]
    ]
    assert learner.score(TRACES) > learner.score(OTHERS)
    with pytest.raises(UsageError, match="`traces` holds none"):
        learner.score([])
    assert learner.score_samples([]).shape == (0,)


@every_learner
def test_outcomes_after_a_prefix_sum_to_one(name: str) -> None:
    learner = MAKERS[name]()
    assert set(learner.predict_proba_one([])) == {END, UNKNOWN}
    assert learner.predict_one([]) is END and learner.remaining([]).ends == 1
    learner.fit(TRACES)
    for prefix in ([], ["load"], ["load", "run"], ["never"], [7]):
        chances = learner.predict_proba_one(prefix)
        assert chances == learner.model.predict_proba_one(prefix)
        assert learner.predict_one(prefix) == learner.model.predict_one(prefix)
        coming, asked = learner.remaining(prefix), learner.model.remaining(prefix)
        assert (coming.mean, coming.quantile(0.9), coming.ends_with()) == (
            asked.mean,
            asked.quantile(0.9),
            asked.ends_with(),
        )
        assert list(chances) == [*learner.alphabet, END, UNKNOWN]
        assert sum(chances.values()) == pytest.approx(1)
    assert learner.predict_proba_one(["load"])["run"] == pytest.approx(1 / 3, abs=0.05)


@every_learner
def test_what_has_learned_nothing_says_so(name: str) -> None:
    learner = MAKERS[name]()
    for ask in (learner.score, learner.score_samples):
        with pytest.raises(NotFittedError, match=r"nothing was learned yet \(expected: `fit`"):
            ask(TRACES)
    # Who asks about each trace first and learns it then needs no exception for the first.
    assert learner.score_one(["load"]).unseen == 1
    assert learner.predict_proba_one([]) == {END: 0.5, UNKNOWN: 0.5} and learner.predict_one(["load"]) is END
    assert learner.remaining(["load"]).ends == 1
    assert len(learner.automaton) == 1 and not len(learner.automaton.symbols)
    with pytest.raises(NotFittedError):
        learner.fit(TRACES).clone().score(TRACES)


# --- copies --------------------------------------------------------------------------------------------------------


@every_learner
@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda learner: pickle.loads(pickle.dumps(learner))])
def test_copies_go_on_where_it_is(name: str, way: Callable[[StreamLearner], StreamLearner]) -> None:
    learner = MAKERS[name]().fit(TRACES)
    twin = way(learner)
    assert type(twin) is type(learner) and told(twin) == told(learner)
    twin.partial_fit(OTHERS)
    assert learner.traces == len(TRACES)
    assert told(learner.partial_fit(OTHERS)) == told(twin)
    waiting = way(learner.set_params(seed=11))
    assert waiting.get_params()["seed"] == 11
    assert told(waiting.fit(TRACES)) == told(learner.fit(TRACES))


@every_learner
def test_clones_have_the_parameters_and_nothing_else(name: str) -> None:
    learner = MAKERS[name]().fit(TRACES)
    twin = learner.clone()
    assert type(twin) is type(learner)
    assert (twin.traces, twin.events, list(twin.alphabet), twin.get_params()) == (0, 0, [], learner.get_params())
    assert told(twin.fit(OTHERS)) == told(learner.fit(OTHERS))
    assert repr(learner) == repr(twin) or name == "one call"


# --- scikit-learn itself -------------------------------------------------------------------------------------------


@every_learner
def test_scikit_learn_clones_it(name: str) -> None:
    base = pytest.importorskip("sklearn.base", reason="scikit-learn is not installed")
    learner = MAKERS[name]().fit(TRACES)
    twin = base.clone(learner)
    assert type(twin) is type(learner)
    assert (twin.traces, twin.get_params()) == (0, learner.get_params())
    assert told(base.clone(twin).fit(OTHERS)) == told(learner.fit(OTHERS))


def test_scikit_learn_selects_among_parameters() -> None:
    selection = pytest.importorskip("sklearn.model_selection", reason="scikit-learn is not installed")
    traces = random_pfa(Recipe(states=5, symbols=3, mean_length=6), seed=3).sample(400, seed=1)
    scores = selection.cross_val_score(StreamLearner(), traces, cv=4)
    parts = [traces[start : start + 100] for start in range(0, 400, 100)]
    rests = [[trace for part in parts if part is not held for trace in part] for held in parts]
    assert scores.tolist() == [StreamLearner().fit(rest).score(held) for rest, held in zip(rests, parts, strict=True)]
    grid = {"heuristic": ["alergia"], "options__alpha": [1e-9, 0.05], "smoothing": [1.0, 50.0]}
    search = selection.GridSearchCV(StreamLearner(), grid, cv=3).fit(traces)
    assert search.best_estimator_.traces == 400
    assert search.best_params_["smoothing"] == 1.0
    assert search.best_score_ == max(search.cv_results_["mean_test_score"])


def test_scikit_learn_knows_whether_it_is_fitted() -> None:
    validation = pytest.importorskip("sklearn.utils.validation", reason="scikit-learn is not installed")
    exceptions = pytest.importorskip("sklearn.exceptions", reason="scikit-learn is not installed")
    pipeline = pytest.importorskip("sklearn.pipeline", reason="scikit-learn is not installed")
    with pytest.raises(exceptions.NotFittedError):
        validation.check_is_fitted(StreamLearner())
    validation.check_is_fitted(StreamLearner().fit(TRACES))
    line = pipeline.make_pipeline(StreamLearner()).fit(reber().sample(300, seed=1))
    assert line.score(reber().sample(50, seed=2)) > -8
