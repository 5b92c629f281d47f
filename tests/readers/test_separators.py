"""Signs between symbols, in lines and in columns of whole traces: told from those that belong to a symbol."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.readers.parsing.separators import ARROWS, SIGNS, parted, separator_of

TRACES = [["load", "run", "unload"], ["load", "unload"], ["load", "run", "run", "unload"], ["load"], ["load", "unload"]]
NAMES = {"load": "Lot loaded", "run": "Lot run", "unload": "Lot unloaded"}
SPACED = [[NAMES[symbol] for symbol in trace] for trace in TRACES]
TIGHT, WIDE = (*ARROWS, *SIGNS), [*(f" {arrow} " for arrow in ARROWS), *(f"{sign} " for sign in SIGNS)]


def lines(traces: list[list[str]], between: str) -> str:
    return "".join(between.join(trace) + "\n" for trace in traces)


@pytest.mark.parametrize("between", [*TIGHT, *WIDE])
def test_symbols_apart_by_a_sign(read: Any, between: str) -> None:
    found = read(io.BytesIO(lines(TRACES * 4, between).encode()))
    assert found.traces == TRACES * 4
    assert any(f"symbols are apart by {between.strip()!r}" in note for note in found.told.notes)


@pytest.mark.parametrize("between", WIDE)
def test_symbols_of_two_words(read: Any, between: str) -> None:
    """The traces of one symbol are left out: nothing tells two words from two symbols there."""
    written = [trace for trace in SPACED if len(trace) > 1] * 3
    assert read(io.BytesIO(lines(written, between).encode())).traces == written


@pytest.mark.parametrize("between", [sign for sign in (*TIGHT, *WIDE) if sign.strip() != ","])
def test_columns_of_whole_traces(read: Any, between: str) -> None:
    rows = "".join(f"{number},{between.join(trace)}\n" for number, trace in enumerate(TRACES))
    assert read(io.BytesIO(("id,trace\n" + rows).encode())).traces == TRACES


@pytest.mark.parametrize("between", TIGHT)
@given(st.lists(st.lists(st.sampled_from(["a", "b", "c-d", "7"]), min_size=2, max_size=5), min_size=4, max_size=12))
def test_what_was_joined_comes_apart(between: str, traces: list[list[str]]) -> None:
    """Wherever a separator is told at all, parting at it gives the symbols back."""
    texts = [between.join(trace) for trace in traces]
    separator = separator_of(texts)
    if separator is not None:
        assert [parted(text, separator) for text in texts] == traces


@pytest.mark.parametrize(
    "text",
    [
        "f(a,b) g(a,b)\nf(a,b)\n",
        "f(a,b)\nf(b,a)\n",
        "a->b c\nb->a c\n",
        "Then, at last, it rained.\nThen, at noon, it stopped.\n",
        "a,b\n",
        "load run\nload unload\n",
        '"a,b" x\n"b,a" y\n',
    ],
)
def test_signs_that_belong_to_symbols_stay(read: Any, text: str) -> None:
    assert read(io.BytesIO(text.encode())).traces == [line.split() for line in text.splitlines()]


def test_what_the_user_says_holds(read: Any) -> None:
    text = lines(TRACES, ",").encode()
    assert read(io.BytesIO(text), delimiter=" ").traces == [[",".join(trace)] for trace in TRACES]
    assert read(io.BytesIO(text), format="lines").traces == [[",".join(trace)] for trace in TRACES]
    assert read(io.BytesIO(lines(TRACES, "+").encode()), delimiter="+").traces == TRACES
