"""What a trace is, and what is refused in its place wherever traces are taken."""

from __future__ import annotations

import array
import collections
import enum
import fractions
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, Alphabet, Ensemble, FlexStreamError, StreamLearner, TraceBatch
from flexstream.errors import WrongTypeError
from flexstream.stream.traces import as_symbols, as_text, as_trace, as_traces
from flexstream.targets import PFA, reber

GRAMMAR = reber()
MIXED = Ensemble([GRAMMAR, GRAMMAR], np.ones(2))
TAKERS: dict[str, Callable[[Any], object]] = {
    "Alphabet.encode": lambda trace: Alphabet().encode(trace),
    "Alphabet.find": lambda trace: Alphabet(["a"]).find(trace),
    "Alphabet.find_in": lambda trace: Alphabet.find_in({}, trace),
    "TraceBatch.from_traces": lambda trace: TraceBatch.from_traces([["a"], trace], Alphabet()),
    "StreamLearner.learn_one": lambda trace: StreamLearner().learn_one(trace),
    "StreamLearner.learn_many": lambda trace: StreamLearner().learn_many([["a"], trace]),
    "PDFA.encode": GRAMMAR.encode,
    "PDFA.log2_prob": GRAMMAR.log2_prob,
    "PDFA.score_one": GRAMMAR.score_one,
    "PDFA.surprises": GRAMMAR.surprises,
    "PDFA.state_after": GRAMMAR.state_after,
    "PDFA.predict_proba_one": GRAMMAR.predict_proba_one,
    "Ensemble.log2_prob": MIXED.log2_prob,
    "Ensemble.score_one": MIXED.score_one,
    "Ensemble.predict_proba_one": MIXED.predict_proba_one,
    "PFA.log2_prob": PFA.from_pdfa(GRAMMAR).log2_prob,
}
"""All that takes a trace; a new one belongs here."""
NO_TRACES: dict[str, Callable[[], object]] = {
    "text": lambda: "load run",
    "no text": lambda: "",
    "text of numpy": lambda: np.str_("load run"),
    "bytes": lambda: b"load run",
    "bytearray": lambda: bytearray(b"load run"),
    "memoryview": lambda: memoryview(b"load run"),
    "dict": lambda: {"load": 1},
    "counter": lambda: collections.Counter("aab"),
    "set": lambda: {"load", "run"},
    "frozenset": lambda: frozenset(["load"]),
    "dict's keys": {"load": 1}.keys,
    "generator": lambda: (symbol for symbol in ["load", "run"]),
    "map": lambda: map(str, [1, 2]),
    "None": lambda: None,
    "int": lambda: 7,
    "float": lambda: 1.5,
    "array of two dimensions": lambda: np.zeros((2, 2), np.int64),
    "array of none": lambda: np.array(3),
    "a type": lambda: list,
}
NO_SYMBOLS = [None, 1.5, True, np.bool_(True), np.float64(2), b"a", ("a",), ["a"], float("nan"), fractions.Fraction(2)]


class Colour(str, enum.Enum):  # noqa: UP042 - not StrEnum, whose str() would be right by itself
    RED = "red"


class Number(enum.IntEnum):
    TWO = 2


@pytest.mark.parametrize("kind", NO_TRACES)
@pytest.mark.parametrize("taker", TAKERS)
def test_what_is_no_trace_is_refused_everywhere_in_one_line(taker: str, kind: str) -> None:
    with pytest.raises(TypeError, match=r"a trace is a sequence of symbols, not .*; \w+") as caught:
        TAKERS[taker](NO_TRACES[kind]())
    assert isinstance(caught.value, FlexStreamError)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("symbol", NO_SYMBOLS)
@pytest.mark.parametrize("taker", TAKERS)
def test_what_is_no_symbol_is_refused_everywhere(taker: str, symbol: object) -> None:
    with pytest.raises(TypeError, match=r"a symbol is a str or an int, not .*str\(\)"):
        TAKERS[taker](["B", symbol])


@pytest.mark.parametrize(
    "trace",
    [
        ["a", 7],
        ("a", "7"),
        collections.deque(["a", "7"]),
        np.array(["a", "7"]),
        np.array(["a", "7"], object),
        [np.str_("a"), np.int8(7)],
        collections.UserList(["a", 7]),
    ],
)
def test_sequences_of_all_kinds_are_traces(trace: Any) -> None:
    assert as_trace(trace) == ["a", "7"]
    assert {type(symbol) for symbol in as_trace(trace)} == {str}


def test_ranges_and_arrays_of_numbers_are_traces() -> None:
    assert as_trace(range(3)) == as_trace(np.arange(3)) == as_trace(array.array("b", [0, 1, 2])) == ["0", "1", "2"]


def test_kinds_of_text_become_plain_text() -> None:
    assert [as_text(Colour.RED), as_text(Number.TWO), as_text(np.str_("a"))] == ["red", "2", "a"]
    alphabet = Alphabet([Colour.RED])
    assert (type(alphabet.texts[0]), alphabet.find(["red"]).tolist()) == (str, [0])
    coin = PDFA([Colour.RED], [1.0], [0.5], [0, 1], [0], [0], [0.5])
    assert coin.score_one([Colour.RED, Colour.RED]).worst.symbol == "red"
    assert type(coin.symbols[0]) is str


@pytest.mark.parametrize("given", ["ab", b"ab", {"a": 1}, None, 3])
def test_what_is_no_collection_of_traces_is_refused(given: Any) -> None:
    for take in (as_traces, StreamLearner().learn_many, lambda traces: TraceBatch.from_traces(traces, Alphabet())):
        with pytest.raises(TypeError, match="traces are sequences of symbols"):
            take(given)


class _Frame:
    """What a frame of any library has: columns to go through, and the protocol by which others take it over."""

    def __iter__(self) -> Iterator[list[str]]:
        return iter([["c1", "c2"], ["load", "run"]])

    def __dataframe__(self) -> object:
        return self


def test_a_table_is_no_collection_of_traces_and_the_message_says_what_makes_some() -> None:
    for take in (as_traces, StreamLearner().learn_many, StreamLearner().fit):
        with pytest.raises(TypeError, match=r"not a _Frame; `flexstream.read` makes traces of the rows of a table"):
            take(_Frame())  # type: ignore[arg-type]


def test_the_message_says_which_trace_it_is() -> None:
    with pytest.raises(WrongTypeError, match=r"^traces\[2\]: a trace is a sequence of symbols, not the text 'run'"):
        as_traces([["a"], [], "run"])
    with pytest.raises(WrongTypeError, match=r"^traces\[1\]: a symbol is a str or an int, not None"):
        as_traces([["a"], ["b", None]])  # type: ignore[list-item]


def test_an_error_of_the_callers_own_is_not_taken_for_ours() -> None:
    def broken() -> Any:
        yield ["a"]
        raise TypeError("a bug of mine")

    with pytest.raises(TypeError, match=r"^a bug of mine"):
        as_traces(broken())


@pytest.mark.parametrize("given", [b"ab", {"a": 1}, 3, [None], [b"a"]])
def test_what_is_no_alphabet_is_refused(given: Any) -> None:
    for take in (as_symbols, Alphabet, lambda symbols: PDFA(symbols, [1.0], [0.5], [0, 1], [0], [0], [0.5])):
        with pytest.raises(TypeError, match=r"an alphabet is a sequence|a symbol is a str or an int"):
            take(given)


@given(trace=st.lists(st.text() | st.integers()))
def test_the_texts_of_a_trace_are_a_trace(trace: list[str | int]) -> None:
    texts = as_trace(trace)
    assert texts == [str(symbol) for symbol in trace] == as_trace(texts) == as_trace(tuple(trace))


@given(good=st.lists(st.lists(st.text()), max_size=4), bad=st.sampled_from(["a", ["b", None], None]))
def test_nothing_is_added_by_traces_of_which_one_is_none(good: list[list[str]], bad: Any) -> None:
    alphabet = Alphabet(["x"])
    for traces in ([*good, bad], [bad, *good]):
        with pytest.raises(TypeError):
            TraceBatch.from_traces(traces, alphabet)
    with pytest.raises(TypeError):
        alphabet.encode(["new", None])  # type: ignore[list-item]
    assert (list(alphabet), alphabet.ids) == (["x"], {"x": 0})
