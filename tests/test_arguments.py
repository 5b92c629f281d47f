"""Parameters are of the type that is written beside them, or are refused in one line before anything is done."""

from __future__ import annotations

import copy
import fractions
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_type_hints

import numpy as np
import pytest

from flexstream import (
    Alphabet,
    Ensemble,
    FlexStreamError,
    Judge,
    PrefixTree,
    ReadOptions,
    StreamLearner,
    TraceBatch,
    diff,
    load_model,
)
from flexstream.arguments import check_fields, check_types, fitting
from flexstream.budget import Budget
from flexstream.errors import WrongTypeError
from flexstream.explanation.explanation import Explainer
from flexstream.fab.log.views import ViewOptions as FabView
from flexstream.learning.settings import LARGEST, SEEDS, Settings
from flexstream.merging.heuristics import HEURISTICS, make
from flexstream.monitoring.chances import chances
from flexstream.monitoring.predict import Forecaster
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
from flexstream.readers import Reading, read_batches
from flexstream.targets import PFA, Recipe, random_pdfa, reber
from flexstream.writers.view import ViewOptions

DEMAND = Demand(states=2, symbols=2, mu=0.5, length=3, eps=0.5, delta=0.1)
CHECKED: dict[str, Any] = {
    "ReadOptions": ReadOptions(),
    "Settings": Settings(),
    "ViewOptions": ViewOptions(),
    "FabView": FabView(),
    "Recipe": Recipe(),
    "Demand": DEMAND,
}
"""An instance of each class whose fields are all checked; a new class of options belongs here."""
WRONG: tuple[Any, ...] = ("7", b"7", 7, 2.5, True, None, [7], (7,), {"a": 1}, object(), fractions.Fraction(1, 2), int)
FITS: dict[Any, tuple[Any, ...]] = {
    int: (7,),
    float: (7, 2.5, fractions.Fraction(1, 2)),
    bool: (True,),
    str: ("7",),
    type(None): (None,),
}


def wrong_for(hint: Any) -> list[Any]:
    """Return the values above that a field must refuse."""
    kinds = getattr(hint, "__args__", (hint,))
    good = {(type(value), str(value)) for kind in kinds for value in FITS.get(kind, ())}
    return [value for value in WRONG if (type(value), str(value)) not in good]


CASES = [
    (name, field.name, value)
    for name, instance in CHECKED.items()
    for field in fields(instance)
    for value in wrong_for(get_type_hints(type(instance))[field.name])
    if not (field.name in ("options", "memory") and isinstance(value, dict))
]


@pytest.mark.parametrize(("owner", "name", "value"), CASES)
def test_every_field_refuses_what_cannot_be_meant(owner: str, name: str, value: object) -> None:
    kind = type(CHECKED[owner])
    given = {field.name: getattr(CHECKED[owner], field.name) for field in fields(kind)} | {name: value}
    with pytest.raises(TypeError, match=rf"^`{name}` is .*\(expected: ") as caught:
        kind(**given)
    assert isinstance(caught.value, FlexStreamError) and "\n" not in str(caught.value)


def test_all_of_them_are_tried() -> None:
    assert len(CASES) > 300


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("options", {"strength": "5"}, "`strength` is '5' .expected: a number"),
        ("options", {"strength": True}, "`strength` is True"),
        ("options", {"futures": 1.5}, "whole number is expected"),
        ("options", {1: 2}, "`options` has a key 1"),
        ("options", {"name": 1}, "no option 'name'"),
        ("options", [("strength", 5)], "`options` is"),
        ("seed", SEEDS, "511 bits"),
        ("seed", -SEEDS, "511 bits"),
        ("grow_at", LARGEST + 1, "at most"),
        ("grow_at", 0, "at least 1"),
        ("reach", 2**70, "at most"),
        ("nodes", 2**70, "at most"),
        ("ensemble", 1001, "at most 1,000 members"),
        ("ensemble", 0, "at least one member"),
        ("smoothing", float("inf"), "finite"),
        ("smoothing", float("nan"), "finite"),
        ("memory", "much", "no|not an amount"),
    ],
)
def test_a_learner_refuses_what_makes_no_sense(name: str, value: object, message: str) -> None:
    with pytest.raises(FlexStreamError, match=message):
        StreamLearner(**{name: value})  # type: ignore[arg-type]


def test_the_limits_themselves_will_do() -> None:
    for seed in (SEEDS - 1, 1 - SEEDS):
        learner = StreamLearner(seed=seed, heuristic="css", grow_at=2, reach=LARGEST, every=2**70, nodes=LARGEST)
        learner.learn_many([["a", "b"], ["b"]] * 20)
        assert len(learner.automaton) >= 1


def test_numbers_of_numpy_become_pythons_so_that_a_model_holds_them() -> None:
    learner = StreamLearner(
        grow_at=np.int64(3),  # type: ignore[arg-type]
        smoothing=np.float32(2.5),  # type: ignore[arg-type]
        tails=np.bool_(False),  # type: ignore[arg-type]
        heuristic=np.str_("evidence"),
        options={"strength": np.int16(4)},  # type: ignore[dict-item]
        seed=np.uint8(9),  # type: ignore[arg-type]
    )
    learner.learn_one(["a"])
    told = json.loads(learner.automaton.to_json())["provenance"]["parameters"]
    assert (told["grow_at"], told["smoothing"], told["tails"], told["seed"]) == (3, 2.5, False, 9)
    assert told["options"] == {"strength": 4}
    assert {type(value) for value in learner.get_params().values()} <= {int, float, bool, str, dict, type(None)}


@pytest.mark.parametrize("heuristic", HEURISTICS)
def test_every_heuristic_takes_numbers_only(heuristic: str) -> None:
    for value in ("1", None, [1], True):
        with pytest.raises(TypeError, match="`light` is"):
            make(heuristic, light=value)  # type: ignore[arg-type]


MIXED = Ensemble([reber()], np.ones(1))
BATCH = TraceBatch.from_traces([["B"]], Alphabet())
CALLS: dict[str, Callable[[], object]] = {
    "Budget": lambda: Budget(None),  # type: ignore[arg-type]
    "Budget of a float": lambda: Budget(5e8),  # type: ignore[arg-type]
    "Alphabet": lambda: Alphabet(capacity="64"),  # type: ignore[arg-type]
    "PrefixTree": lambda: PrefixTree(grow_at="2"),  # type: ignore[arg-type]
    "PrefixTree's nodes": lambda: PrefixTree(nodes=2.5),  # type: ignore[arg-type]
    "Plan": lambda: Plan.make(3),  # type: ignore[arg-type]
    "Plan's memory": lambda: Plan.make(DEMAND, memory=3),  # type: ignore[arg-type]
    "Reading's alphabet": lambda: Reading("x", ["a"]),  # type: ignore[arg-type]
    "Reading's options": lambda: read_batches("x", Alphabet(), {"case": "lot"}),  # type: ignore[arg-type]
    "no source": lambda: read_batches(None, Alphabet()),  # type: ignore[arg-type]
    "bytes as source": lambda: read_batches(b"load run", Alphabet()),  # type: ignore[arg-type]
    "bytes among sources": lambda: read_batches([io.BytesIO(), b"x"], Alphabet()),  # type: ignore[list-item]
    "a number as source": lambda: read_batches(0, Alphabet()),  # type: ignore[arg-type]
    "merge": lambda: StreamLearner().merge(reber()),  # type: ignore[arg-type]
    "equivalent": lambda: reber().equivalent("x"),  # type: ignore[arg-type]
    "tolerance": lambda: reber().equivalent(reber(), "x"),  # type: ignore[arg-type]
    "Ensemble": lambda: Ensemble([3], np.ones(1)),  # type: ignore[list-item]
    "Ensemble's heaviest": lambda: Ensemble([reber()], np.ones(1)).heaviest("1"),  # type: ignore[arg-type]
    "sample": lambda: reber().sample("3", 1),  # type: ignore[arg-type]
    "sample's seed": lambda: reber().sample(3, None),  # type: ignore[arg-type]
    "sample's length": lambda: reber().sample(3, 1, "9"),  # type: ignore[arg-type]
    "sample of a PFA": lambda: PFA.from_pdfa(reber()).sample(2.5, 1),  # type: ignore[arg-type]
    "sample of an ensemble": lambda: Ensemble([reber()], np.ones(1)).sample("3", 1),  # type: ignore[arg-type]
    "random_pdfa": lambda: random_pdfa(Recipe(), "1"),  # type: ignore[arg-type]
    "sample of very many": lambda: reber().sample(1e3, 1),  # type: ignore[arg-type]
    "observe": lambda: StreamLearner().observe(3),  # type: ignore[arg-type]
    "alphabet of a batch": lambda: StreamLearner().learn_many(BATCH, ["B"]),  # type: ignore[arg-type]
    "score_batch": lambda: reber().score_batch([["B"]]),  # type: ignore[arg-type]
    "score_batch of an ensemble": lambda: MIXED.score_batch([["B"]]),  # type: ignore[arg-type]
    "log2_probs": lambda: PFA.from_pdfa(reber()).log2_probs([["B"]]),  # type: ignore[arg-type]
    "bits_of": lambda: reber().bits_of([["B"]], np.empty(2), np.zeros(2, np.bool_)),  # type: ignore[arg-type]
    "Alphabet.id": lambda: Alphabet().id(3),  # type: ignore[arg-type]
    "Alphabet.id of None": lambda: Alphabet().id(None),  # type: ignore[arg-type]
    "Alphabet.adopt": lambda: Alphabet().adopt(["a"]),  # type: ignore[arg-type]
    "Alphabet.follow": lambda: Alphabet().follow(["a"], 1),  # type: ignore[arg-type]
    "provenance": lambda: replace(reber(), provenance=3),
    "evidence": lambda: replace(reber(), evidence=[1]),
    "smoothing": lambda: replace(reber(), smoothing=2.0),
    "provenance of an ensemble": lambda: Ensemble([reber()], np.ones(1), 3),  # type: ignore[arg-type]
    "a PDFA as members": lambda: Ensemble(reber(), np.ones(1)),  # type: ignore[arg-type]
    "budget": lambda: read_batches("x", Alphabet(), budget=3),  # type: ignore[arg-type]
    "symbols of a batch": lambda: TraceBatch([0, 1], BATCH.offsets),  # type: ignore[arg-type]
    "offsets of a batch": lambda: TraceBatch(BATCH.symbols, np.array([0.0, 1.0])),  # type: ignore[arg-type]
    "shape of a batch": lambda: TraceBatch(np.zeros((1, 1), np.int32), BATCH.offsets),
}


def test_a_learner_in_the_place_of_a_model_is_told_where_its_model_is() -> None:
    learner = StreamLearner()
    for call in (Judge, Explainer, Forecaster, lambda model: chances(model, ["a"]), lambda model: diff(model, model)):
        with pytest.raises(WrongTypeError, match=r"expected: a PDFA or an Ensemble; its `model` is one\)"):
            call(learner)  # type: ignore[operator]


@pytest.mark.parametrize("name", CALLS)
def test_calls_refuse_what_cannot_be_meant(name: str) -> None:
    with pytest.raises(TypeError, match=r"expected|a source is a path") as caught:
        CALLS[name]()
    assert isinstance(caught.value, FlexStreamError) and "\n" not in str(caught.value)


@pytest.mark.parametrize("offsets", [[], [0, 2], [-1, 1], [0, 1, 0], [1, 0]])
def test_a_batch_whose_offsets_cut_nothing_is_refused(offsets: list[int]) -> None:
    with pytest.raises(FlexStreamError, match="offsets of a batch"):
        TraceBatch(BATCH.symbols, np.array(offsets, np.int64))


@pytest.mark.parametrize("call", [lambda: reber().sample(-1, 1), lambda: reber().sample(1, -1)])
def test_samples_are_not_negative(call: Callable[[], object]) -> None:
    with pytest.raises(FlexStreamError, match="expected: 0 "):
        call()


def test_hints_of_all_kinds() -> None:
    assert fitting("x", "a", Literal["a", "b"]) == "a"
    assert fitting("x", object, Any) is object
    assert fitting("x", (1, 2), tuple[int, ...]) == (1, 2)
    with pytest.raises(TypeError, match=r"`x` is 3 .expected: a text"):
        fitting("x", 3, Literal["a"])
    with pytest.raises(TypeError, match="expected: a text, a whole number or None"):
        fitting("x", 2.5, str | int | None)
    assert check_types(lambda x: x, {"x": 1}) == {"x": 1}


def test_what_is_shown_of_a_value_is_one_short_line() -> None:
    with pytest.raises(TypeError) as caught:
        fitting("x", ["a\n"] * 1000 + [np.zeros((9, 9))], int)
    assert len(str(caught.value)) < 120 and "\n" not in str(caught.value)


def test_fields_are_changed_only_where_they_must() -> None:
    @dataclass(frozen=True, slots=True)
    class Cut:
        window: float

        def __post_init__(self) -> None:
            check_fields(self)

    text = 2.5
    assert Cut(text).window is text
    assert type(Cut(np.float64(2.5)).window) is float


ODD: dict[str, Callable[[], object]] = {
    "an int of very many digits": lambda: StreamLearner().learn_one([10**5000]),
    "very many traces": lambda: reber().sample(2**62, 1),
    "very many traces of an ensemble": lambda: MIXED.sample(2**62, 1),
    "a path with a NUL": lambda: load_model("a\0b"),
    "a source with a NUL": lambda: list(read_batches("a\0b", Alphabet())),
    "a closed source": lambda: list(read_batches(closed(), Alphabet())),
    "weights of text": lambda: Ensemble([reber()], ["x"]),  # type: ignore[arg-type]
    "places for fewer events": lambda: reber().bits_of(BATCH, np.empty(1), np.zeros(1, np.bool_)),
    "very many light visits": lambda: StreamLearner(options={"light": 1e30}),
    "very many functions": lambda: StreamLearner(heuristic="css", options={"minhash": 1e9, "futures": 3}),
    "a state of None": lambda: read_batches("x", Alphabet()).restore(None),  # type: ignore[arg-type]
}


def closed() -> io.BytesIO:
    source = io.BytesIO(b"load")
    source.close()
    return source


@pytest.mark.parametrize("name", ODD)
def test_odd_values_end_in_one_line(name: str) -> None:
    with pytest.raises(FlexStreamError) as caught:
        ODD[name]()
    assert str(caught.value) and "\n" not in str(caught.value)


def test_numbers_that_mean_no_limit_are_none() -> None:
    traces = reber().sample(20, 1)
    assert reber().sample(20, 1, 2**70) == traces
    alphabet, options = Alphabet(), ReadOptions(window=2**70, stride=2**71, max_open_cases=2**70, case="c", event="e")
    (batch,) = read_batches(io.BytesIO(b"c,e\n1,a\n1,b\n"), alphabet, options)
    assert batch.symbols.tolist() == [0, 1]


def test_a_learner_may_be_added_to_itself() -> None:
    learner, twin = StreamLearner(), StreamLearner()
    for one in (learner, twin):
        one.learn_many([["a", "b"], ["a"], ["c", "a", "b"]] * 7)
    twin.merge(copy.copy(learner))
    learner.merge(learner)
    assert learner.automaton.to_json() == twin.automaton.to_json()
    assert (learner.traces, learner.events) == (42, 84)


def test_members_may_come_one_by_one() -> None:
    assert len(Ensemble((reber() for _ in range(2)), [1, 1])) == 2  # type: ignore[arg-type]
