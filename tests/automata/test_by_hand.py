"""Model files line by line, each refusal word by word, and the arrays of an automaton at their edges."""

from __future__ import annotations

import json
import math
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flexstream import END, PDFA, UNKNOWN, Ensemble, ModelError, UsageError, load_model
from flexstream.automata import document
from flexstream.automata.arrays import column, frozen, read_only
from flexstream.automata.compare import identify
from flexstream.automata.smoothing import LARGEST, Smoothing
from flexstream.automata.weights import heaviest, normalised
from flexstream.targets import from_rows

FILE = """\
{
 "format": "flexstream-pdfa",
 "version": 1,
 "provenance": {
  "traces": 9,
  "by": {"hand": [1, 2]}
 },
 "symbols": ["a", "\\u00e9"],
 "smoothing": {
  "strength": 2.0,
  "base": [0.25, 0.25, 0.125, 0.375],
  "fallback": [0, 1]
 },
 "states": {
  "visits": [9, 2.5],
  "stops": [1, 2]
 },
 "transitions": {
  "source": [0, 0, 1],
  "symbol": [0, 1, 0],
  "target": [0, 1, 1],
  "weight": [5, 2.5, 0],
  "guessed": [1]
 },
 "evidence": {
  "version": 1,
  "rows": [1, 2]
 },
 "seal": "1d56f7e2c7755bfc3ac9cdd07f5b7f51"
}
"""


def model(**changes: Any) -> PDFA:
    parts: dict[str, Any] = {
        "symbols": ["a", "é"],
        "visits": [9, 2.5],
        "stops": [1, 2],
        "offsets": [0, 2, 3],
        "edge_symbols": [0, 1, 0],
        "targets": [0, 1, 1],
        "weights": [5, 2.5, 0],
        "guessed": [0, 1, 0],
        "smoothing": Smoothing(2.0, np.array([0.25, 0.25, 0.125, 0.375]), np.array([0, 1], np.int32)),
        "provenance": {"traces": 9, "by": {"hand": [1, 2]}},
        "evidence": {"version": 1, "rows": [1, 2]},
    }
    return PDFA(**parts | changes)


def test_a_model_file_line_by_line() -> None:
    assert model().to_json() == FILE
    back = PDFA.from_json(FILE)
    assert back.to_json() == FILE
    assert (back.provenance, back.evidence) == (model().provenance, model().evidence)
    assert back.guessed.tolist() == [False, True, False]
    assert '"evidence"' not in model(evidence={}).to_json()


def test_the_seal_is_a_digest_of_all_before_it() -> None:
    before, seal = FILE.split(',\n "seal": "')
    assert blake2b(before.encode(), digest_size=16).hexdigest() == seal.split('"')[0]


def test_the_file_of_an_ensemble_line_by_line() -> None:
    coin = PDFA(["h"], [2], [1], [0, 1], [0], [0], [1])
    text = Ensemble([coin, coin], [1, 3], {}).to_json()  # type: ignore[arg-type]
    member = [
        *("  {", '   "smoothing": {', '    "strength": 0.0,'),
        *('    "base": [0.3333333333333333, 0.3333333333333333, 0.3333333333333333],', '    "fallback": [0]', "   },"),
        *('   "states": {', '    "visits": [2],', '    "stops": [1]', "   },"),
        *(
            '   "transitions": {',
            '    "source": [0],',
            '    "symbol": [0],',
            '    "target": [0],',
            '    "weight": [1],',
        ),
        *('    "guessed": []', "   }"),
    ]
    assert text.splitlines() == [
        *("{", ' "format": "flexstream-ensemble",', ' "version": 1,', ' "provenance": {},', ' "symbols": ["h"],'),
        *(' "weights": [0.25, 0.75],', ' "members": [', *member, "  },", *member, "  }", " ],"),
        *(' "seal": "fbd5107ea71c3df2fc0e56a2ff666f57"', "}"),
    ]
    made = document.build(text, lambda found: found)
    assert (made.mixed, len(made.members), made.weights.tolist()) == (True, 2, [0.25, 0.75])
    alone = document.build(FILE, lambda found: found)
    assert (alone.mixed, len(alone.members), alone.weights.tolist()) == (False, 1, [1.0])
    assert alone.provenance == {"traces": 9, "by": {"hand": [1, 2]}}
    assert PDFA.from_json(text).to_json() == coin.to_json()


def changed(*path: str, value: Any = None) -> str:
    """Return the file with one part replaced, or left out where there is no value."""
    values = json.loads(FILE)
    part = values
    for key in path[:-1]:
        part = part[key]
    if value is None:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return json.dumps(values)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", 'not a FlexStream model: "format" is not "flexstream-pdfa" or "flexstream-ensemble"'),
        (
            changed("format", value="x"),
            'not a FlexStream model: "format" is not "flexstream-pdfa" or "flexstream-ensemble"',
        ),
        (changed("version", value=5), "model of version 5, this FlexStream reads versions 1 to 4: update FlexStream"),
        (changed("version", value=0), "model of version 0, this FlexStream reads versions 1 to 4: update FlexStream"),
        (changed("version"), "model of version None, this FlexStream reads versions 1 to 4: update FlexStream"),
        (changed("symbols"), "the model is damaged: 'symbols' is missing"),
        (changed("states", "visits"), "the model is damaged: 'visits' is missing"),
        (changed("symbols", value=["a", 1]), "the model is damaged: a symbol is not a text"),
        (changed("symbols", value={"a": 1}), "the model is damaged: \"{'a': 1}\" is not a list"),
        (changed("provenance", value=[1]), "the model is damaged: the provenance is not an object"),
        (changed("evidence", value=[1]), "the model is damaged: the evidence is not an object"),
        (changed("states", value="x" * 50), f"the model is damaged: '{'x' * 40}' is not an object"),
        (changed("states", "visits", value="x" * 50), f"the model is damaged: '{'x' * 40}' is not a list"),
        (
            changed("transitions", "source", value=[0, 1, 0]),
            "the model is damaged: the transitions are not ordered by their source, or a source is no state",
        ),
        (
            changed("transitions", "source", value=[0, 0, 2]),
            "the model is damaged: the transitions are not ordered by their source, or a source is no state",
        ),
        (
            changed("transitions", "source", value=[-1, 0, 1]),
            "the model is damaged: the transitions are not ordered by their source, or a source is no state",
        ),
        (changed("transitions", "guessed", value=[3]), "the model is damaged: a guessed transition does not exist"),
        (changed("transitions", "guessed", value=[-1]), "the model is damaged: a guessed transition does not exist"),
        (
            changed("transitions", "target", value=[0, 0.5, 1]),
            "targets: not a list of whole numbers that fit into int32",
        ),
        (changed("states", "stops", value=["x", 1]), "stops: not a list of numbers"),
        (
            changed("smoothing", "fallback", value=[0, 2]),
            "the smoothing of the automaton is not valid: negative, not normalised, or no state",
        ),
    ],
)
def test_damage_word_by_word(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        PDFA.from_json(text)
    assert str(caught.value) == words
    path = tmp_path / "m.json"
    path.write_text(text)
    with pytest.raises(ModelError) as caught:
        load_model(path)
    assert str(caught.value) == f"{path}: {words}"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    with pytest.raises(ModelError) as caught:
        load_model(path)
    assert str(caught.value) == f"{path}: cannot be read: No such file or directory (expected: a model file)"
    path.write_bytes(b"\xff")
    with pytest.raises(ModelError) as caught:
        load_model(path)
    assert str(caught.value) == f"{path}: not a FlexStream model: the file is not UTF-8 text"
    path.write_text("{")
    with pytest.raises(ModelError, match=rf"^{path}: not a FlexStream model: Expecting property name"):
        load_model(path)


def test_whole_numbers_are_written_without_a_point() -> None:
    values = np.array([3.0, 0.5, 1e15 - 1, 1e15, 0.0])
    assert document._numbers(values) == [3, 0.5, 999999999999999, 1e15, 0]
    assert [type(value) for value in document._numbers(values)] == [int, float, int, float, int]


# --- arrays --------------------------------------------------------------------------------------------------------

SIZES = "the arrays of the automaton do not fit together: sizes differ or a symbol stands twice"
LENGTHS = "the arrays of the automaton do not fit together: their lengths differ"
INVALID = (
    "the transitions of the automaton are not valid: a state or symbol out of range, or two transitions with one symbol"
)
AMOUNTS = "visits, stops or weights are not valid: negative, no number, or more than 2^53"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"visits": []}, SIZES),
        ({"offsets": [0, 2]}, SIZES),
        ({"offsets": [1, 2, 3]}, SIZES),
        ({"offsets": [0, 2, 2]}, SIZES),
        ({"offsets": [0, 4, 3]}, SIZES),
        ({"symbols": ["a", "a"]}, SIZES),
        ({"stops": [1]}, LENGTHS),
        ({"edge_symbols": [0, 1]}, LENGTHS),
        ({"weights": [1, 1]}, LENGTHS),
        ({"guessed": [0, 0]}, LENGTHS),
        ({"smoothing": Smoothing.none(3)}, LENGTHS),
        ({"targets": [0, 1, 2]}, INVALID),
        ({"targets": [0, -1, 1]}, INVALID),
        ({"edge_symbols": [0, 2, 0]}, INVALID),
        ({"edge_symbols": [-1, 1, 0]}, INVALID),
        ({"edge_symbols": [1, 1, 0]}, INVALID),
        ({"edge_symbols": [1, 0, 0]}, INVALID),
        ({"weights": [-1e-9, 1, 1]}, AMOUNTS),
        ({"visits": [math.nan, 1]}, AMOUNTS),
        ({"visits": [2.0**53 + 2, 1]}, AMOUNTS),
        ({"stops": [math.inf, 1]}, AMOUNTS),
        (
            {"visits": [1.9, 2], "stops": [0, 0], "weights": [1, 1, 1]},
            "state 0 has 1.9 visits, and 2 leave it or end there (expected: no more than came)",
        ),
        (
            {"visits": [2, 1], "stops": [0, 0.5], "weights": [1, 1, 1]},
            "state 1 has 1 visits, and 1.5 leave it or end there (expected: no more than came)",
        ),
    ],
)
def test_arrays_that_do_not_fit(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelError) as caught:
        model(**changes)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    "changes",
    [
        {"visits": [LARGEST, 2]},
        {"weights": [0, 0, 0]},
        {"targets": [1, 0, 1]},
        {"offsets": [0, 0, 2, 3], "visits": [1, 7.5, 0], "stops": [1, 0, 0]},
        {"edge_symbols": [0, 1, 1]},
    ],
)
def test_arrays_that_just_fit(changes: dict[str, Any]) -> None:
    assert LARGEST == 2**53
    assert len(model(**changes)) == len(changes.get("visits", [1, 1]))


def test_columns() -> None:
    """Whole numbers are numbers; what would be rounded, or has two dimensions, is no column; true is not 1."""
    assert column("x", [True, False], np.bool_).tolist() == [True, False]
    assert column("x", [2**53], np.int64).tolist() == [2**53]
    assert column("x", [1.0, 2.0], np.int32).tolist() == [1, 2]
    assert column("x", [], np.int32).shape == (0,)
    for values, kind, words in (
        ([[1.0]], np.float64, "x: not a list of numbers"),
        (1.0, np.float64, "x: not a list of numbers"),
        (["1"], np.float64, "x: not a list of numbers"),
        ([10**400], np.int64, "x: not a list of whole numbers that fit into int64"),
        ([True, 2], np.float64, "x: not a list of numbers"),
        ([0, False], np.int32, "x: not a list of whole numbers that fit into int32"),
        ([2**53 + 1], np.int64, "x: not a list of whole numbers that fit into int64"),
        ([2**31], np.int32, "x: not a list of whole numbers that fit into int32"),
        ([[1], [1, 2]], np.int64, "x: not a list of whole numbers that fit into int64"),
        (None, np.int64, "x: not a list of whole numbers that fit into int64"),
    ):
        with pytest.raises(ModelError) as caught:
            column("x", values, kind)  # type: ignore[arg-type]
        assert str(caught.value) == words
    given = np.array([1.0, 2.0])
    copied = frozen(given, np.float64)
    given[0] = 5
    assert copied.tolist() == [1.0, 2.0] and not copied.flags.writeable
    assert read_only(given) is given and not given.flags.writeable


def test_weights_that_were_scaled_are_not_scaled_again() -> None:
    """Else a model that is loaded would not be that which was saved, to the last digit."""
    random = np.random.default_rng(2)
    for members in range(1, 60):
        once = normalised(random.random(members), members)
        assert normalised(once.tolist(), members).tolist() == once.tolist()


def test_weights_of_mixtures() -> None:
    assert normalised([3, 1, 0], 3).tolist() == [0.75, 0.25, 0.0]
    assert not normalised([1], 1).flags.writeable
    for weights, members in (([], 0), ([1], 2), ([1, 1], 1), ([[1]], 1)):
        with pytest.raises(ModelError, match=r"^an ensemble needs members, and a weight for each$"):
            normalised(weights, members)  # type: ignore[arg-type]
    for values in ([0.0, 0.0], [-1.0, 2.0], [math.nan, 1.0], [math.inf, 1.0], [1.7e308, 1.7e308]):
        words = "the weights of an ensemble must be numbers from 0 on with a finite sum, not all 0"
        with pytest.raises(ModelError, match=f"^{words}$"):
            normalised(values, 2)
    assert heaviest(np.array([0.5, 0.5])) == 0


def test_ensembles() -> None:
    one, two = (PDFA(["h"], [2] * n, [1] * n, range(n + 1), [0] * n, [0] * n, [1] * n) for n in (1, 3))
    with pytest.raises(ModelError, match=r"^the members of an ensemble have different symbols$"):
        Ensemble([one, PDFA(["t"], [2], [1], [0, 1], [0], [0], [1])], [1, 1])  # type: ignore[arg-type]
    three = Ensemble([one, two, one], [2, 3, 1])  # type: ignore[arg-type]
    assert repr(three) == "Ensemble(3 automata of 1 to 3 states, 1 symbols)"
    assert repr(Ensemble([two, two], [1, 1])) == "Ensemble(2 automata of 3 states, 1 symbols)"  # type: ignore[arg-type]
    assert three.best is two and list(three) == [one, two, one] and len(three) == 3
    kept = three.heaviest(2)
    assert (list(kept), kept.weights.tolist()) == ([one, two], pytest.approx([0.4, 0.6]))
    assert list(three.heaviest(3)) == list(three)
    for number in (0, 4):
        words = rf"^{number} members of an ensemble of 3 \(expected: a number from 1 to 3\)$"
        with pytest.raises(UsageError, match=words):
            three.heaviest(number)


# --- probabilities ---------------------------------------------------------------------------------------------------


def test_what_is_left_of_a_state_by_hand() -> None:
    """Of 9 visits 1 ended and 7.5 went on: half a visit and 2 of smoothing are shared out; state 1 has ½ and 2 too."""
    made = model()
    assert made.rest.tolist() == [2.5, 2.5]
    assert made.mass.tolist() == [11.0, 4.5]
    assert made.probabilities.tolist() == [(5 + 2.5 / 8) / 11, (2.5 + 2.5 * 0.375) / 11, (0 + 2.5 / 8) / 4.5]
    assert made.stop_probabilities.tolist() == [(1 + 2.5 / 4) / 11, (2 + 2.5 / 4) / 4.5]
    for name in ("rest", "mass", "probabilities", "stop_probabilities", "sources"):
        found = getattr(made, name)
        assert not found.flags.writeable and getattr(made, name) is found
    chances = made.predict_proba_one(["é"])
    assert chances == pytest.approx({"a": 0.3125 / 4.5, "é": 2.5 * 0.375 / 4.5, END: 2.625 / 4.5, UNKNOWN: 0.625 / 4.5})
    bits, states = made.surprises(["é", "é", "?"])
    assert states.tolist() == [0, 1, 1, 1]
    wanted = [(2.5 + 2.5 * 0.375) / 11, 2.5 * 0.375 / 4.5, 0.625 / 4.5, 2.625 / 4.5]
    assert bits.tolist() == pytest.approx([-math.log2(chance) for chance in wanted])
    assert repr(made) == "PDFA(2 states, 3 transitions, 2 symbols)"


# --- comparisons in words --------------------------------------------------------------------------------------------


def test_differences_at_the_start_and_later() -> None:
    loop = from_rows({0: {"a": (0.5, 0), "b": (0.25, 0), None: (0.25, 0)}})
    less = from_rows({0: {"a": (0.75, 0), None: (0.25, 0)}})
    assert identify(less, loop).difference == "at the start: symbol b, taken 1 times a trace, is not learned"
    assert identify(loop, less).difference == (
        "at the start: symbol b, taken 1 times a trace, is learned, but the true state has no such outcome"
    )
    ends = from_rows({0: {"a": (1.0, 1)}, 1: {"a": (0.5, 1), None: (0.5, 0)}})
    never = from_rows({0: {"a": (1.0, 1)}, 1: {"a": (0.5, 2), None: (0.5, 0)}, 2: {"a": (0.5, 2), None: (0.5, 0)}})
    assert identify(never, ends).difference == "after a a: true state 1 is two learned states, 1 and 2"
    found = identify(ends, never)
    assert found.difference == "after a a: true states 1 and 2 are one learned state, 1"
    assert (found.isomorphic, found.matched, found.counted, found.true, found.learned) == (False, 2, 3, 3, 2)
