"""JSON that every program reads and every terminal bears."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flexstream.json_text import DEEPEST, json_text, read_json
from flexstream.visible import in_cell, visible

STEERING = (
    "\0\x07\x1b\x7f\x80\x9b\x9d\u200b\u200e\u200f\u202a\u202e\u2028\u2029\u2060\u2066\u2069\ufeff\ud800\U0001fffe"
)
texts = st.text(st.characters() | st.sampled_from(STEERING))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8)


@given(values, st.sampled_from([None, 1]))
@example([STEERING, {STEERING: "é🦊"}], 1)
def test_what_is_written_means_the_same_and_steers_nothing(value: Any, indent: int | None) -> None:
    text = json_text(value, indent)
    assert json.loads(text) == value
    assert visible(text.replace("\n", "")) == text.replace("\n", "")
    assert read_json(text) == value
    if indent is None:
        assert len(text.splitlines()) == 1


def test_numbers_that_are_none_are_null() -> None:
    assert json_text({"a": [math.nan, (math.inf, 1.5)]}) == '{"a": [null, [null, 1.5]]}'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": NaN}', "NaN is no number"),
        ("[-Infinity]", "-Infinity is no number"),
        ('[{"b": {"a": 1, "c": 2, "a": 1}}]', "the name 'a' stands twice in an object"),
        ("[" * 100_000, "nested more than 64 deep"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "nested more than 64 deep"),
        ('{"a":' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1), "nested more than 64 deep"),
        ("[1, [[]," + "[" * DEEPEST + "]" * DEEPEST + "]]", "nested more than 64 deep"),
        ("[" + "9" * 5000 + "]", "digits"),
        ("\ufeff[]", "BOM"),
        ("[1,]", "Expecting value"),
    ],
)
def test_what_programs_do_not_agree_on_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_json(text)


def test_what_is_just_not_too_deep_is_read() -> None:
    assert read_json("[" * DEEPEST + "]" * DEEPEST)


@given(texts)
@example("=1+1")
@example("\t=1+1")
@example(" -1+1")
@example("-1e5")
def test_no_spreadsheet_takes_a_text_for_a_formula(text: str) -> None:
    cell = in_cell(text)
    first = cell.lstrip()[:1]
    assert first not in ("=", "@", "＝", "＠")
    if first in ("+", "-"):
        assert math.isfinite(float(cell)) or abs(float(cell)) == math.inf
    assert visible(cell) == cell
    assert cell.removeprefix("'") in (visible(text), visible(text).removeprefix("'"))
