"""The compiled way from bytes to batches gives what the general path gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.readers.parsing.tokeniser import Tokeniser
from flexstream.stream.alphabet import SYMBOL_BYTES, Alphabet

Both = Callable[..., tuple[Any, ...]]

bounds = st.tuples(
    st.sampled_from([9, 40, 1 << 18]),
    st.sampled_from([None, None, 0, SYMBOL_BYTES + 1, 2 * SYMBOL_BYTES + 4, 3 * SYMBOL_BYTES + 9]),
)

words = [b"a", b"bc", "ä€😀".encode(), b"a\xc2\xa0longer\x0cword", b"<other>", b"\x00", b"\xff"]
line_bytes = st.lists(
    st.sampled_from([*words, b" ", b" ", b"  ", b"\t", b"\n", b"\n", b"\r\n", b"\r"]),
    max_size=60,
).map(b"".join)


@given(line_bytes.filter(bool), bounds, st.sampled_from(["", "ab"]), st.sampled_from(["stop", "skip"]))
def test_lines_are_split_as_the_general_way_does(
    both: Both, content: bytes, bounds: Any, known: str, on_error: str
) -> None:
    both(content, bounds, known=known, format="lines", on_error=on_error)


counted_lines = st.lists(
    st.tuples(st.integers(0, 4), st.lists(st.sampled_from(["0", "1", "2", "9", "01", "x", "-1"]), max_size=4))
    | st.lists(st.sampled_from(["0", "1", "2"]), max_size=5).map(lambda symbols: (len(symbols), symbols)),
    max_size=12,
)


@given(
    counted_lines,
    bounds,
    st.integers(-1, 1),
    st.sampled_from(["stop", "skip"]),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_pautomac_is_checked_as_the_general_way_does(
    both: Both, rows: list[tuple[int, list[str]]], bounds: Any, off: int, on_error: str, end: str
) -> None:
    text = f"{max(0, len(rows) + off)} 3{end}" + "".join(" ".join([str(n), *symbols]) + end for n, symbols in rows)
    both(text.encode(), bounds, format="pautomac", on_error=on_error)


@pytest.mark.parametrize("length", ["007", "1" * 30, "2", "-1", "+1", "1_0", "\u0661"])
def test_lengths_must_be_plain_numbers(both: Both, length: str) -> None:
    assert both(f"1 3\n{length} 1\n".encode(), format="pautomac")[3]


def test_many_new_words_in_one_block() -> None:
    words = [f"w{number}" for number in range(50_000)]
    alphabet = Alphabet(["w7"])
    tokeniser = Tokeniser(alphabet)
    batch = tokeniser.split(" ".join(words).encode())
    assert batch is not None
    assert [alphabet.text(symbol) for symbol in batch.symbols] == words
    again = tokeniser.split(" ".join(reversed(words)).encode())
    assert again is not None
    assert np.array_equal(again.symbols, batch.symbols[::-1])


def test_words_that_others_added_are_known() -> None:
    alphabet = Alphabet()
    tokeniser = Tokeniser(alphabet)
    tokeniser.split(b"a b\n")
    alphabet.id("c")
    batch = tokeniser.split(b"d c a\n")
    assert batch is not None
    assert batch.symbols.tolist() == [3, 2, 0]
    assert list(alphabet) == ["a", "b", "c", "d"]


labels = st.sampled_from(["1", "0", "0", "-1"]) | st.sampled_from(["2", "01", "-0", "x", "", "0 ", "1\x0c"])


@given(
    counted_lines,
    bounds,
    st.lists(labels, min_size=12, max_size=12),
    st.sampled_from(["stop", "skip"]),
    st.sampled_from(["\n", "\r\n", "\n\n", "\x0b\n", " \x1c1\n"]),
)
def test_abbadingo_is_checked_as_the_general_way_does(
    both: Both, rows: list[tuple[int, list[str]]], bounds: Any, marks: list[str], on_error: str, end: str
) -> None:
    lines = [" ".join([mark, str(n), *symbols]) for mark, (n, symbols) in zip(marks, rows, strict=False)]
    text = f"{len(rows)} 3\n" + "".join(line + end for line in lines)
    both(text.encode(), bounds, format="abbadingo", on_error=on_error)


def test_words_of_rejected_lines_are_no_symbols() -> None:
    batch = (tokeniser := Tokeniser(alphabet := Alphabet())).split(b"1 2 5 6\n0 2 7 8\n-1 1 9\n0 0\n1 0", 2)
    assert batch is not None
    assert [trace.tolist() for trace in batch] == [[0, 1], [2], []]
    assert (list(alphabet), tokeniser.rejected) == (["5", "6", "9"], 2)


@pytest.mark.parametrize("line", ["1", "0 1 a\x0cb", "2 0", "0 2 1"])
def test_odd_labelled_lines(line: str) -> None:
    assert Tokeniser(Alphabet()).split(line.encode(), 2) is None


def test_room_for_words_grows_with_what_they_take() -> None:
    """However large the blocks are: where one of words and bytes is used up the other does not grow with it."""
    alphabet = Alphabet()
    tokeniser = Tokeniser(alphabet)
    for first in range(0, 60_000, 20_000):
        block = b" ".join(b"s%d" % number for number in range(first, first + 20_000)).ljust(1 << 19) + b"\n"
        assert tokeniser.split(block) is not None
    columns, size = tokeniser._words.columns, tokeniser._words.size
    assert len(alphabet) == 60_000
    assert len(columns.arena) <= 2 * (size + (1 << 19) + 1)
    assert len(columns.codes) <= 2 * len(alphabet) + 2
