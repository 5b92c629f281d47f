"""Model files that somebody has tampered with: a kernel sees them whole and consistent, or not at all.

The checked kernels (FLEXSTREAM_KERNELS=checked) would tell of an index out of bounds.
"""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import PDFA, ModelError, StreamLearner, TraceBatch
from flexstream.automata.mixture import Ensemble
from flexstream.automata.model_file import loads
from flexstream.targets import Recipe, random_hmm

from .. import naive

TRACES = [["a", "b"], ["a"], ["c", "a", "b"], [], ["unheard"], ["a", "b", "unheard", "a"]] * 3


def learned(**options: Any) -> dict[str, Any]:
    """Return a small model as JSON values."""
    learner = StreamLearner(grow_at=1, every=9, **options)
    learner.learn_many([["a", "b"] * (n % 3) + ["c"] * (n % 2) for n in range(60)])
    document: dict[str, Any] = json.loads(learner.model.to_json())
    return document


def mixed(**options: Any) -> dict[str, Any]:
    """Return a small model that is mixed with an n-gram."""
    learner = StreamLearner(**options)
    source = random_hmm(Recipe(states=20, symbols=3, mean_length=6, transition_sparsity=0.2), 0)
    learner.learn_many([["abc"[int(symbol)] for symbol in trace] for trace in source.sample(400, 1)])
    document: dict[str, Any] = json.loads(learner.model.to_json())
    assert document["version"] == 2
    return document


MODELS = [learned(), learned(ensemble=2), mixed(), mixed(ensemble=2)]

WHOLE = [
    -1,
    0,
    1,
    2,
    7,
    127,
    2**31 - 1,
    2**31,
    -(2**31) - 1,
    2**32,
    2**53,
    2**63 - 1,
    2**63,
    2**64,
    -(2**63) - 1,
    10**400,
]
REAL = [0.5, -0.0, -0.5, 1.0, 1e-320, 1e-9, 1e16, 1e199, 1e300, 1.7e308, math.nan, math.inf, -math.inf]
numbers = st.sampled_from([*WHOLE, *REAL])
values = st.recursive(
    numbers | st.none() | st.booleans() | st.sampled_from(["", "a", "1", "nan", "\ud800", "<other>"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "visits"]), inner, max_size=2),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to all parts of a document but the whole."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, part in parts for found in ((*path, key), *places(part, (*path, key)))]


def tampered(data: st.DataObject, document: dict[str, Any]) -> str:
    """Return the text of a model file, some parts of it changed, left out, doubled or swapped."""
    twisted = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        *way, key = data.draw(st.sampled_from(places(twisted)))
        part: Any = twisted
        for step in way:
            part = part[step]
        _change(data, part, key)
        if not places(twisted):
            break
    return json.dumps(twisted)


def _change(data: st.DataObject, part: Any, key: Any) -> None:
    how = data.draw(st.sampled_from(["value", "number", "gone", "double", "swap"]))
    if how == "value":
        part[key] = data.draw(values)
    elif how == "number":
        part[key] = data.draw(numbers)
    elif how == "gone":
        del part[key]
    elif isinstance(part, list) and how == "double":
        part.insert(key, copy.deepcopy(part[key]))
    elif isinstance(part, list):
        other = data.draw(st.integers(0, len(part) - 1))
        part[key], part[other] = part[other], part[key]


def check_scores(model: PDFA | Ensemble) -> None:
    """Score traces; an automaton must say what a naive walk says."""
    for trace in TRACES:
        score = model.score_one(trace)
        assert score.log2_prob <= 1e-9
        assert 0 <= score.worst.position <= score.length
        if isinstance(model, PDFA):
            assert score.log2_prob == pytest.approx(naive.log2_prob(model, trace), rel=1e-9, abs=1e-9)
    chances = model.predict_proba_one(["a"])
    assert sum(chances.values()) <= 1 + 1e-9
    symbols = np.array([-1, 0, 1, 2**31 - 1, -(2**31), len(model.symbols)], np.int32)
    model.score_batch(TraceBatch(symbols, np.array([0, 2, 2, 6])))
    for member in model if isinstance(model, Ensemble) else [model]:
        member.surprises(["a", "b", "c", "unheard"])
        member.sample(3, seed=1, max_length=20)


@settings(max_examples=100)
@given(st.data(), st.sampled_from(MODELS))
def test_a_tampered_model_is_refused_or_scores_right(data: st.DataObject, document: dict[str, Any]) -> None:
    try:
        model = loads(tampered(data, document))
    except ModelError:
        return
    check_scores(model)


def test_an_untouched_model_scores() -> None:
    for document in MODELS:
        check_scores(loads(json.dumps(document)))


COLUMNS = [
    ("states", "visits"),
    ("states", "stops"),
    *(("transitions", name) for name in ("source", "symbol", "target", "weight", "guessed")),
    ("smoothing", "base"),
    ("smoothing", "fallback"),
]
HOSTILE = [-1, math.nan, math.inf, 1e308, None, "1", [0], {}]
NO_NUMBER_OF_THINGS = [0.5, 2**31, 2**63, 2**64]
"""Right as numbers of observations, wrong as ids and numbers of states."""


def hostile_cells() -> list[Any]:
    """Return a part, a column and a value that it must not hold."""
    ids = ("source", "symbol", "target", "guessed", "fallback")
    return [
        pytest.param(part, name, value, id=f"{name}-{value}")
        for part, name in COLUMNS
        for value in (*HOSTILE, *(NO_NUMBER_OF_THINGS if name in ids else []))
    ]


@pytest.mark.parametrize(("part", "name", "value"), hostile_cells())
def test_no_column_takes_what_is_no_number_of_its_kind(part: str, name: str, value: Any) -> None:
    document = copy.deepcopy(MODELS[0])
    document[part][name][:1] = [value]
    with pytest.raises(ModelError):
        loads(json.dumps(document))


@pytest.mark.parametrize(("part", "name"), COLUMNS)
def test_no_column_has_two_dimensions(part: str, name: str) -> None:
    document = copy.deepcopy(MODELS[0])
    document[part][name] = [[value] for value in document[part][name] or [0]]
    with pytest.raises(ModelError):
        loads(json.dumps(document))


@pytest.mark.parametrize("depth", [100, 900, 100_000])
@pytest.mark.parametrize("place", ["symbols", "provenance", "states", "smoothing", "evidence"])
def test_deep_nesting_is_refused_or_harmless(depth: int, place: str) -> None:
    text = json.dumps({**MODELS[0], place: 0}).replace(f'"{place}": 0', f'"{place}": ' + "[" * depth + "]" * depth)
    with pytest.raises(ModelError):
        loads(text)


@pytest.mark.parametrize("offsets", [[0, 2, 1], [1, 1, 2], [0, -1, 1], [0, 1, 2**62], [0, 1], [0.0, 0.5, 1.0]])
def test_offsets_that_do_not_tile_the_transitions_are_refused(offsets: list[float]) -> None:
    with pytest.raises(ModelError):
        PDFA(["a"], [1, 1], [0, 1], offsets, [0], [1], [1])  # type: ignore[arg-type]


def test_a_symbol_that_stands_twice_is_refused() -> None:
    document = copy.deepcopy(MODELS[0])
    document["symbols"][1] = document["symbols"][0]
    with pytest.raises(ModelError, match="stands twice"):
        loads(json.dumps(document))


def calibrated() -> dict[str, Any]:
    """Return a small model that knows durations and is calibrated."""
    path = Path(__file__).resolve().parents[1] / "fixtures" / "0.1.0" / "lots-calibrated.json"
    document: dict[str, Any] = json.loads(path.read_text())
    return document


LIES: list[tuple[tuple[Any, ...], Any]] = [
    (("states", "visits", 0), True),
    (("states", "visits", 0), 1),
    (("states", "stops", 0), 2**53 + 2),
    (("transitions", "weight", 0), 301),
    (("transitions", "source", 1), True),
    (("transitions", "source", 1), 1e308),
    (("durations", "counts", 0), 2**53 + 1),
    (("durations", "counts", 0), True),
    (("durations", "one_in"), 2**53 + 1),
    (("durations", "one_in"), 1.0),
    (("durations", "bins", 0), -1),
    (("durations", "dependence", 0), 1e309),
    (("calibration", "traces"), 2**60),
    (("calibration", "one_in"), True),
    (("calibration", "scores", "bits", "counts", 0), 2**53),
    (("calibration", "smallest", 0, "values", 0), 2**53 + 1),
    (("calibration", "tallies", "counts", 0), 2**53 + 1),
    (("calibration", "tallies", "bins", 0), 0),
    (("version",), 9),
    (("version",), "3"),
    (("version",), True),
]


@pytest.mark.parametrize(("place", "value"), LIES)
def test_what_nobody_can_have_counted_is_refused(place: tuple[Any, ...], value: Any) -> None:
    document = part = calibrated()
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    with pytest.raises(ModelError) as caught:
        loads(json.dumps(document))
    assert len(str(caught.value)) < 300


def test_counts_whose_sum_is_none_are_refused() -> None:
    document = calibrated()
    counts = document["durations"]["counts"]
    counts[:4] = [2**53] * 4
    with pytest.raises(ModelError, match="durations"):
        loads(json.dumps(document))


def test_a_name_that_stands_twice_is_refused() -> None:
    text = json.dumps(MODELS[0])
    with pytest.raises(ModelError, match="the name 'symbols' stands twice in an object"):
        loads(text[:-1] + ', "symbols": ["x", "y", "z"]}')


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_wherever_it_stands(number: str) -> None:
    text = json.dumps({**MODELS[0], "provenance": {"traces": 0.125}}).replace("0.125", number)
    with pytest.raises(ModelError, match=f"{number} is no number"):
        loads(text)
