"""Loops over JSON that may be nested, against regular expressions and the standard library."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flexstream._kernels.events import CASE, EVENT, SPAN_COLUMNS, TIME
from flexstream._kernels.nesting import (
    BROKEN,
    CLOSED,
    FIELD_STATE,
    FREE,
    FULL,
    LIMIT,
    LINES,
    MORE,
    POSITION,
    ROWS,
    START,
    STATUS,
    VALUE_COLUMNS,
    VALUE_STATE,
    split_fields,
    split_values,
)
from flexstream.readers.parsing.object_shapes import Keys, shape_of

from .. import naive
from ..naive import nesting

parts = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"a"',
    b'"\\""',
    b'"}"',
    b'"',
    b"\\",
    b"7",
    b"null",
    b",",
    b":",
    b" ",
    b"\n",
    b"\r\n",
    b"x",
]
wholes = [b'{"a": [1, {"b": "]"}]}', b"[\n {}\n]", b'"\xc3\xa9"', b"{}", b"[[]]"]
pieces = st.sampled_from([*parts, *wholes, *wholes])


def fresh() -> np.ndarray:
    """Return the state before any byte."""
    state = np.zeros(VALUE_STATE, np.int64)
    state[START] = -1
    return state


@pytest.mark.twin("nesting.split_values")
@given(st.lists(pieces, max_size=12).map(b"".join))
@example(b'{"a": 1}{"b": 2} [3]\n"x" 7 ]')
@example(b'{"a": "\n"}')
def test_values_one_behind_the_other(text: bytes) -> None:
    found, following = naive.split_values(text)
    state, spans = fresh(), np.full((len(text) + 1, VALUE_COLUMNS), -1, np.int64)
    split_values(np.frombuffer(text, np.uint8), spans, state)
    assert [tuple(row) for row in spans[: state[ROWS]].tolist()] == found
    rest = text[following:]
    if state[STATUS] == CLOSED:
        assert rest[:1] in {b"}", b"]"}
    elif state[STATUS] == BROKEN:
        assert b"\n" in text[int(state[POSITION]) :]
    else:
        assert state[STATUS] == MORE
        assert state[POSITION] == len(text)
        assert (state[START] == -1) == (not rest)
        assert state[LINES] <= text.count(b"\n")


@given(st.lists(pieces, max_size=12).map(b"".join), st.integers(0, 40), st.integers(1, 3))
def test_values_are_the_same_wherever_the_bytes_are_cut(text: bytes, at: int, room: int) -> None:
    whole, _ = naive.split_values(text)
    state, spans, found = fresh(), np.empty((room, VALUE_COLUMNS), np.int64), list[tuple[int, ...]]()
    for stop in (min(at, len(text)), len(text)):
        while True:
            split_values(np.frombuffer(text[:stop], np.uint8), spans, state)
            found += map(tuple, spans[: state[ROWS]].tolist())
            if state[STATUS] != FULL:
                break
    assert found == whole


PATHS = [((), ("e",), ()), (("u", "id"), ("e",), ("t",)), (("c",), ("u", "e"), ("u", "t")), (("c",), ("c",), ())]
texts = ['"a"', '"b c"', '""', '" "', '"\\n"', '"x\\n"', '"x\\r\\n\\n"', '"q\\"q"', '"\\u00e4\\t"', '"\\ud83d\\ude00z"']
odd_texts = ['"\\ud800"', '"ä"', '"\\x"', '"\t"', '"\\u12"']
scalars = st.sampled_from([*texts, *odd_texts, *["7", "-0.5", "1e3", "2E-7", "1e", "01", "-", "true", "null", "NaN"]])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
        | st.lists(st.tuples(st.sampled_from("etcu"), inner), max_size=3).map(
            lambda members: "{" + ",".join(f'"{key}":{value}' for key, value in members) + "}"
        )
    ),
    max_leaves=6,
)
members = st.tuples(st.sampled_from(['"e"', '"c"', '"t"', '"u"', '"id"', '"k\\n"', '"long key of a field"']), values)
usual = st.sampled_from(
    [
        '{"c": "1", "u": {"id": "u1", "e": "run", "t": 5}, "e": "load", "t": "now"}',
        '{"c": 2, "u": {"id": "u\\u0031", "e": "go\\n", "t": 6}, "e": "\\"load\\"", "t": 1e3}',
        '{"e": "load", "tags": ["x", {"e": 1}], "u": {"e": "run", "t": 5}, "c": "x"}',
        ' { "e" : "load" } ',
    ]
)
odd = st.lists(members, max_size=5).map(lambda found: "{" + ", ".join(f"{key}: {value}" for key, value in found) + "}")
lines = st.lists(
    usual | usual | odd | st.sampled_from(["", "[1]", '{"e": 1', '{"e": "a"} x', '{"e" "a"}', "{}"]), max_size=6
)


def read_fields(text: bytes, keys: Keys, shapes: list[int]) -> tuple[list[Any], int]:
    """Return the texts of the wanted fields, line by line, and where it stopped."""
    buffer = np.zeros(2 * len(text) + 8, np.uint8)
    buffer[: len(text)] = np.frombuffer(text, np.uint8)
    spans, state = np.full((text.count(b"\n") + 2, SPAN_COLUMNS), -1, np.int64), np.zeros(FIELD_STATE, np.int64)
    state[FREE] = state[LIMIT] = len(text)
    split_fields(buffer, *keys.arrays(), np.array(shapes, np.uint64), spans, state)

    def text_at(row: int, column: int) -> str | None:
        start, stop = spans[row, column : column + 2].tolist()
        return None if start < 0 else buffer[start:stop].tobytes().decode()

    rows = [tuple(text_at(row, column) for column in (CASE, EVENT, TIME)) for row in range(state[ROWS])]
    assert text[: state[POSITION]].endswith(b"\n") or state[POSITION] in {0, len(text)}
    return rows, int(state[POSITION])


@pytest.mark.twin("nesting.split_fields")
@given(lines, st.sampled_from(PATHS), st.sampled_from(["\n", "\r\n"]), st.booleans())
@example(['{"e": "load", "u": {"e": 1}}', '{"e": "load", "u": {"e": 1}, "e": 2}'], PATHS[0], "\n", True)
@example([f'{{"c": "{"y" * size}", "u": {{"e": 1, "t": 2}}}}' for size in (4096, 4097)], PATHS[2], "\n", True)
def test_fields_wherever_they_stand(given_lines: list[str], paths: Any, end: str, all_known: bool) -> None:
    known = given_lines if all_known else given_lines[:1]
    plain = [value for line in known if (value := nesting.plain_object(line)) is not None]
    shapes = [found for line in known if (found := shape_of(line)) is not None]
    assert len(shapes) == len(plain)
    wanted = naive.split_fields(given_lines, paths, {nesting.shape(value) for value in plain})
    text = "".join(line + end for line in given_lines).encode()
    rows, stop = read_fields(text, Keys(*paths), shapes)
    assert rows == wanted
    assert stop == len("".join(line + end for line in given_lines[: len(wanted)]).encode())
    assert read_fields(text.removesuffix(b"\n"), Keys(*paths), shapes)[0] == rows


@given(odd, odd)
def test_shapes_are_equal_where_keys_and_what_they_hold_are(one: str, other: str) -> None:
    plain = [nesting.plain_object(line) for line in (one, other)]
    shapes = [shape_of(line) for line in (one, other)]
    assert [found is None for found in plain] == [found is None for found in shapes]
    if plain[0] is not None and plain[1] is not None:
        assert (nesting.shape(plain[0]) == nesting.shape(plain[1])) == (shapes[0] == shapes[1])


@pytest.mark.parametrize(("depth", "plain"), [(62, True), (63, True), (64, False), (10_000, False)])
def test_so_many_levels_are_open_at_once(depth: int, plain: bool) -> None:
    for opening, closing in (('{"a":', "}"), ("[", "]")):
        line = '{"e": 1, "x": ' + opening * depth + "1" + closing * depth + "}"
        assert (shape_of(line) is not None) == plain


def test_every_escape_is_what_the_standard_library_takes_it_for() -> None:
    texts = [chr(code) for code in (*range(0x300), 0x7FF, 0x800, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF)]
    texts = [f"x{text}x" for text in texts]
    lines = [json.dumps({"e": text}) for text in texts]
    content = "".join(line + "\n" for line in lines).encode()
    rows, _ = read_fields(content, Keys((), ("e",), ()), [shape_of(lines[0]) or 0])
    assert [row[1] for row in rows] == texts
