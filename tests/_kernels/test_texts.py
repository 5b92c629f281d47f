"""Loops over bytes: lines, rows of CSV, JSON objects, and words against regular expressions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flexstream._kernels.events import EVENT, LINE, SPAN_COLUMNS, find_likely, split_objects, split_rows
from flexstream._kernels.tokens import (
    DONE,
    FULL,
    ODD,
    STATUS,
    SYMBOLS,
    TRACES,
    add_words,
    look_up_all,
    rehash,
    split_lines,
)
from flexstream.readers.parsing.headers_again import shapes_of
from flexstream.readers.parsing.word_table import WordTable

from .. import naive

pieces = st.sampled_from(
    [b"a", b"bc", b" ", b"\t", b"\n", b"\r\n", b"\r", "ü".encode(), b"longer-than-seven", b"0", b"17"]
)
LONGER_PIECES = (
    *(b"a", b"bc", b" ", b" ", b"\n", b"\n", b"\t", b"\r\n", b"\r", b"\x0b", b"\x0c", b"\x00", b"\x1f", b"\x7f", b"!"),
    *("ü".encode(), "\u0085".encode(), "\u2028".encode(), b"seven77", b"eight888", b"longer-than-seven", b"y" * 90),
)
texts = st.lists(pieces, min_size=1, max_size=40).map(b"".join)  # never called without a byte


def words_with_room() -> WordTable:
    """Return a table with room for a few hundred words."""
    words = WordTable()
    words.limit(1 << 30, None)
    return words


def split(text: bytes, leads: int = 0) -> tuple[list[list[bytes]], int]:
    """Split a text by the kernel; return the words of each trace and the status."""
    words = words_with_room()
    symbols, offsets = np.empty(len(text) + 1, np.int32), np.empty(len(text) + 2, np.int64)
    state = np.array([0, 0, 0, -leads, 0, 0])
    split_lines(words.columns, np.frombuffer(text, np.uint8), leads, symbols, offsets, state)
    ends = [0, *offsets[: state[TRACES]].tolist()]
    names = [name.encode() for name in words.texts()]
    traces = [[names[s] for s in symbols[a:b].tolist()] for a, b in pairwise(ends)]
    return traces, int(state[STATUS])


@pytest.mark.twin("tokens.split_lines")
@given(texts)
def test_lines_are_split_at_blanks(text: bytes) -> None:
    assert split(text) == (naive.split_lines(text), DONE)


@pytest.mark.twin("tokens.split_lines")
@given(st.lists(st.sampled_from([*LONGER_PIECES]), min_size=60, max_size=200).map(b"".join), st.integers(0, 70))
def test_long_texts_are_split_at_blanks(text: bytes, before: int) -> None:
    """What is looked at together begins and ends anywhere in a word, between return and line feed, in a character."""
    assert split(b"x" * before + text) == (naive.split_lines(b"x" * before + text), DONE)


def test_words_that_do_not_fit_are_read_again() -> None:
    words = [b"%d" % number for number in range(300, 900)]
    text, table = b" ".join(words) + b"\n", WordTable()
    symbols, offsets = np.empty(len(text), np.int32), np.empty(len(text) + 2, np.int64)
    state, times = np.array([0, 0, 0, 0, FULL, 0]), 0
    table.limit(1 << 30, None)
    while state[STATUS] == FULL:
        split_lines(table.columns, np.frombuffer(text, np.uint8), 0, symbols, offsets, state)
        table.grow_or_close(8)
        times += 1
    assert times > 2 and symbols[: state[SYMBOLS]].tolist() == list(range(600))
    assert table.texts() == [word.decode() for word in words] and offsets[: state[TRACES]].tolist() == [600]


@pytest.mark.twin("tokens.split_lines")
@given(st.lists(st.tuples(st.sampled_from([b"0", b"1", b"-1"]), st.lists(st.sampled_from([b"7", b"12"]), max_size=4))))
def test_leading_words_count_and_label(lines: list[tuple[bytes, list[bytes]]]) -> None:
    counted = b"".join(b" ".join([b"%d" % len(words), *words]) + b"\n\n" for _, words in lines)
    assert split(counted, 1) == (naive.split_lines(counted, 1), DONE)
    labelled = b"".join(b" ".join([label, b"%d" % len(words), *words]) + b"\n" for label, words in lines)
    assert split(labelled, 2) == (naive.split_lines(labelled, 2), DONE)


@pytest.mark.parametrize(("text", "leads"), [(b"2 a\n", 1), (b"x a\n", 1), (b"2 0\n", 2), (b"1 2 a\n", 2)])
def test_odd_lines_are_told(text: bytes, leads: int) -> None:
    assert split(text, leads)[1] == ODD


csv_pieces = st.sampled_from(
    [
        *(b"a", b"bc", b"seventeen letters", b",", b",", b'"x y"', b'"a,b"', b'""', b'"a "', b'"'),
        *(b"\n", b"\r\n", b"\r", b" ", b"\t"),
    ]
)


NAMES = (b"bc", b"a")


@pytest.mark.twin("events.split_rows")
@example(b"y" * 4096 + b",a\n" + b"y" * 4097 + b",a\n", 2)
@given(st.lists(csv_pieces, max_size=60).map(b"".join), st.integers(1, 3))
def test_plain_rows_of_csv(text: bytes, width: int) -> None:
    spans = np.full((text.count(b"\n") + 2, SPAN_COLUMNS), -1, np.int64)
    state, columns = np.zeros(4, np.int64), np.array([0, width - 1, 1 if width > 1 else -1])
    split_rows(np.frombuffer(text, np.uint8), ord(","), width, columns, shapes_of(NAMES), spans, state)
    columns_wanted = [column for column in columns.tolist() if column >= 0]
    rows, end, trimmed = naive.split_rows(text, width, [0, width - 1], columns_wanted)
    likely = naive.likely([text[slice(*cells[width - 1])] for _, cells in rows], NAMES)
    assert state.tolist() == [end, len(rows), trimmed, min(likely, default=len(rows))]
    for found, (line, cells) in zip(spans.tolist(), rows, strict=False):
        wanted = [cells[column] if column >= 0 else (-1, -1) for column in columns.tolist()]
        assert found == [line, *(place for span in wanted for place in span)]


some_bytes = st.binary(min_size=1, max_size=3).map(lambda text: bytes(byte % 4 for byte in text))


@pytest.mark.twin("events.find_likely")
@given(st.lists(some_bytes, min_size=1, max_size=30), st.lists(some_bytes, max_size=3))
def test_rows_that_may_hold_one_of_a_few_texts(words: list[bytes], few: list[bytes]) -> None:
    stops = np.cumsum([len(word) for word in words])
    spans = np.zeros((len(words), SPAN_COLUMNS), np.int64)
    spans[1:, EVENT], spans[:, EVENT + 1] = stops[:-1], stops
    found, row, buffer, shapes = list[int](), -1, np.frombuffer(b"".join(words), np.uint8), shapes_of(few)
    while (row := find_likely(buffer, spans, shapes, row + 1)) < len(words):
        found.append(row)
    assert found == naive.likely(words, few)


@given(st.lists(csv_pieces, max_size=60).map(b"".join), st.integers(1, 5))
def test_rows_of_csv_a_few_at_once(text: bytes, room: int) -> None:
    """Where there is room for a few they are found in pieces, and the same."""
    buffer, columns = np.frombuffer(text, np.uint8), np.array([0, 1, -1])
    whole, state = np.full((len(text) + 2, SPAN_COLUMNS), -1, np.int64), np.zeros(4, np.int64)
    split_rows(buffer, ord(","), 2, columns, shapes_of([]), whole, state)
    found, position, rows = list[list[int]](), 0, room
    while rows == room:
        few, now = np.full((room, SPAN_COLUMNS), -1, np.int64), np.array([position, 0, 0, 0])
        split_rows(buffer, ord(","), 2, columns, shapes_of([]), few, now)
        position, rows = now[:2].tolist()
        found += few[:rows].tolist()
    assert found == whole[: state[1]].tolist() and position == state[0]


LITERALS = [b'{"case": ', b', "event": ', b', "n": ', b"}"]
values = st.sampled_from(
    [
        b"1",
        b"-2.5",
        b"0",
        b"01",
        b"1.",
        b"1e5",
        b"-",
        b"true",
        b"false",
        b"null",
        b"nul",
        b'"a"',
        b'"\xc3\xa9"',
        b'"a\\n"',
        b'""',
        b'" "',
        b'"x',
    ]
)
ends_of_line = st.sampled_from([b"\n", b"\r\n", b"", b" \n"])


@pytest.mark.twin("events.split_objects")
@given(st.lists(st.tuples(values, values, values, ends_of_line), max_size=6))
@example([(b"null", b"1", b"1", b"\n")])
@example([(b"1", b"1", b"null", b"\n")])
@example([(b'"%s"' % (b"y" * size), b"1", b"1", b"\n") for size in (4096, 4097)])
def test_objects_that_look_like_the_pattern(lines: list[tuple[bytes, bytes, bytes, bytes]]) -> None:
    text = b"".join(
        b"".join(part for pair in zip(LITERALS, (*row[:3], b""), strict=True) for part in pair) + row[3]
        for row in lines
    )
    spans = np.full((len(lines) + 1, SPAN_COLUMNS), -1, np.int64)
    state, columns = np.zeros(2, np.int64), np.array([0, 1, -1])
    literals, ends = np.frombuffer(b"".join(LITERALS), np.uint8), np.cumsum([len(part) for part in LITERALS])
    split_objects(np.frombuffer(text, np.uint8), literals, ends, columns, spans, state)
    rows, end = naive.split_objects(text, LITERALS, wanted=[0, 1])
    assert state.tolist() == [end, len(rows)]
    for found, (line, (case, event, _)) in zip(spans.tolist(), rows, strict=False):
        assert found == [line, *case, *event, -1, -1]


some_words = st.lists(
    st.sampled_from(
        [
            "a",
            "b",
            "ab",
            "",
            "sevenlt",
            "eightlet",
            "eightleT",
            "eightle\x00",
            "é",
            "\x00",
            "x" * 15,
            "x" * 16,
            "x" * 40,
        ]
    )
)


@pytest.mark.twin("tokens.look_up_all")
@given(some_words)
@example(["eightlet", "eightlet", "a", "a"])
def test_words_are_numbered_as_they_come(given_words: list[str]) -> None:
    encoded = [word.encode() for word in given_words]
    spans = np.zeros((len(encoded), SPAN_COLUMNS), np.int64)
    stops = np.cumsum([len(word) + 1 for word in encoded])
    spans[:, EVENT], spans[:, EVENT + 1] = stops - [len(word) + 1 for word in encoded], stops - 1
    words, ids = words_with_room(), np.empty(len(encoded), np.int32)
    apart = [b",\n"[place % 2 : place % 2 + 1] for place in range(len(encoded))]  # what follows a word is no part of it
    buffer = np.frombuffer(b"".join(word + end for word, end in zip(encoded, apart, strict=True)) or b",", np.uint8)
    assert look_up_all(words.columns, buffer, spans, EVENT, ids, 0) == len(encoded)
    known: dict[bytes, int] = {}
    assert ids.tolist() == naive.numbered(encoded, known)
    assert words.texts() == [word.decode() for word in known]
    assert LINE == 0


@pytest.mark.twin("tokens.add_words", "tokens.rehash")
@given(st.lists(st.binary(max_size=26), max_size=40, unique=True), st.integers(0, 40))
def test_codes_and_table_of_words(given_words: list[bytes], without: int) -> None:
    words, count = words_with_room(), len(given_words)
    stops = np.cumsum([len(word) for word in given_words], dtype=np.int64)
    add_words(words.columns, np.frombuffer(b"".join(given_words) + b"\n", np.uint8), stops)
    assert words.columns.codes[:count].tolist() == [list(naive.word_code(word)) for word in given_words]
    assert words.columns.starts[: count + 1].tolist() == [0, *stops.tolist()]
    other = without if without < count else None
    words.limit(1 << 30, other)
    rehash(words.columns)
    assert words.columns.slots.tolist() == naive.word_table(given_words, len(words.columns.slots), other)
