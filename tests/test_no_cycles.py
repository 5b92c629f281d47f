"""What is made of a stream while it goes on is freed when it is done with, not when Python next looks for cycles.

Python looks seldom where much is held that stays, and what waits may hold arrays of megabytes.
"""

from __future__ import annotations

import copy
import gc
import pickle
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flexstream import StreamLearner
from flexstream.automata.mixture import Ensemble
from flexstream.automata.model_file import loads
from flexstream.monitoring.alarm import Judge
from flexstream.monitoring.drift import Drift
from flexstream.pac.report.evidence import model_with_evidence
from flexstream.pac.report.report import make_report
from flexstream.readers import FORMATS, Reading, ReadOptions
from flexstream.readers.diagnostics import Diagnostics
from flexstream.readers.source.text import Source
from flexstream.stream.alphabet import Alphabet
from flexstream.verdict.judge import judge_model
from flexstream.writers import write

from .contracts.test_readers import SAMPLE, WRITTEN

LEARNERS: dict[str, dict[str, Any]] = {
    "one": {},
    "ensemble": {"ensemble": 3},
    "css": {"heuristic": "css"},
    "alergia": {"heuristic": "alergia"},
    "sized": {"states": 2},
}


def left_by(work: Callable[[], object]) -> list[str]:
    """Return the kinds of flexstream's objects, and of ctypes' types, that wait for the collector after some work."""
    work()  # what is made once and kept is made by now
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        work()
        gc.collect()
        kinds = {type(one) for one in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    return sorted(kind.__name__ for kind in kinds if kind.__module__.startswith(("flexstream", "_ctypes")))


def learned(**options: Any) -> StreamLearner:
    """Return a learner of a stream in which there is something to find."""
    luck, learner = random.Random(1), StreamLearner(memory="8MiB", **options)
    middles = [luck.choices(["run", "fix", "hold"], k=luck.randrange(9)) for _ in range(500)]
    learner.learn_many([["load", *middle, "ship"] for middle in middles * 6])  # which repeats itself
    assert learner.repeats.traces
    return learner


def test_what_waits_is_seen() -> None:
    def work() -> None:
        holder: list[Any] = [Alphabet()]
        holder.append(holder)

    assert left_by(work) == ["Alphabet"]


@pytest.mark.parametrize("name", LEARNERS)
def test_models_that_are_written_meanwhile(name: str) -> None:
    learner = learned(**LEARNERS[name])

    def emit() -> None:
        learner.learn_many([["load", "run", "ship"]] * 20)
        model, _ = judge_model(model_with_evidence(learner, 1), learner, None, False)
        model.to_json()
        make_report(model)
        alone = model.best if isinstance(model, Ensemble) else model
        for kind in ("dot", "svg", "mermaid"):
            write(alone, kind)

    assert left_by(emit) == []


@pytest.mark.parametrize("name", LEARNERS)
def test_learners_that_are_done_with(name: str) -> None:
    """Each trial of what a model foretells learns in one of its own."""

    def work() -> None:
        learner = learned(**LEARNERS[name])
        assert learner.budget.usage()["tree"].used
        for other in (copy.deepcopy(learner), pickle.loads(pickle.dumps(learner)), learner.clone()):
            other.learn_many([["load", "run", "ship"]] * 20)
            assert other.automaton.symbols

    assert left_by(work) == []


def test_learners_whose_drift_is_watched() -> None:
    def work() -> None:
        learner = StreamLearner(memory="8MiB")
        learner.observe(Drift("report"))
        learner.learn_many([["load", "run", "ship"]] * 200)
        assert learner.budget.usage()["drift"].used

    assert left_by(work) == []


@pytest.mark.parametrize("name", ["one", "ensemble", "css"])
def test_models_that_are_used(name: str) -> None:
    model = learned(**LEARNERS[name]).model
    text = model.to_json()
    trace = ["load", "hold", "hold", "run", "ship"]

    def use() -> None:
        fresh = loads(text)
        fresh.score_one(trace)
        fresh.predict_proba_one(["load"])
        assert fresh.alone is fresh.alone
        alone = fresh.best if isinstance(fresh, Ensemble) else fresh
        if alone.calibration is not None:
            Judge(fresh, 0.5)

    assert left_by(use) == []


@pytest.mark.parametrize("name", FORMATS)
def test_sources_one_after_the_other(name: str, tmp_path: Path) -> None:
    """A log that is followed for months is opened anew at each rotation."""
    written, paths = WRITTEN[name], [tmp_path / f"{number}" for number in range(8)]
    for path in paths:
        path.write_bytes(written.write(SAMPLE))
    gc.collect()
    gc.disable()
    try:
        reading = Reading(list(map(str, paths)), Alphabet(), ReadOptions(format=name, **written.options))
        assert sum(len(batch) for batch in reading)
        held = [one for one in gc.get_objects() if type(one) is Source]
    finally:
        gc.enable()
    assert len(held) <= 1


@pytest.mark.parametrize("taken", [1, sys.maxsize])
def test_sources_that_are_left(taken: int, tmp_path: Path) -> None:
    """They hold what they have read ahead."""
    path = tmp_path / "app.log"
    path.write_text("load run ship\n" * 100_000)

    def read() -> None:
        with Source(str(path)) as source:
            source.head()
            for _ in zip(range(taken), source.blocks(Diagnostics()), strict=False):
                pass

    assert left_by(read) == []
