"""Signs between symbols, in lines and in columns of whole traces: told from those that belong to a symbol."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import ModelError
from flexstream.readers import Reading
from flexstream.readers.items import split
from flexstream.readers.parsing.separators import ARROWS, SIGNS, separator_of
from flexstream.readers.prior import Prior
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.manner import Manner

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
        assert [split(text, separator) for text in texts] == traces


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


@pytest.mark.parametrize(
    "text", ["<a> <b> <a>\n", "<a>\n<b>\n<a>\n", "a->b,b->c\na->b,c->a\n", "0,5;1,5\n0,5;2,5\n", "a|b>c\nb|a>c\n"]
)
def test_where_one_sign_is_in_what_another_parts_nobody_can_tell(read: Any, text: str) -> None:
    assert read(io.BytesIO(text.encode())).traces == [line.split() for line in text.splitlines()]


def test_signs_within_brackets_part_nothing(read: Any) -> None:
    assert read(io.BytesIO(b"f(a,b);g(b,c);f(a,b)\ng(b,c);f(a,b)\n")).traces[1] == ["g(b,c)", "f(a,b)"]


FORMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "lines": ("", "{}\n", {}),
    "csv": ("id,trace\n", '1,"{}"\n', {}),
    "jsonl": ("", '{{"id": 1, "steps": "{}"}}\n', {"sequence": "steps"}),
}


def document(traces: list[list[str]], form: tuple[str, str, dict[str, Any]], between: str) -> bytes:
    return (form[0] + "".join(form[1].format(between.join(trace)) for trace in traces)).encode()


@pytest.mark.parametrize("between", [",", " -> ", " "])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_model_knows_what_stood_between_its_symbols(
    read: Any, form: tuple[str, str, dict[str, Any]], between: str
) -> None:
    """A few traces do not tell, or tell something else."""
    whole = read(io.BytesIO(document(TRACES * 4, form, between)), **form[2])
    assert whole.traces == TRACES * 4
    manner = whole.told.manner
    assert manner.get("separator") == (between.strip() or None)
    few = [["load", "unload"]]
    assert by_model(document(few, form, between), manner) == few
    assert by_model(document([["a,b", "c,a"]] * 4, form, between), manner) == (
        [["a", "b", "c", "a"]] * 4 if between == "," else [["a,b", "c,a"]] * 4
    )


def by_model(content: bytes, manner: Manner) -> list[list[str]]:
    alphabet = Alphabet()
    batches = Reading(io.BytesIO(content), alphabet, prior=Prior(manner, {}))
    return [[alphabet.text(symbol) for symbol in trace] for batch in batches for trace in batch]


def test_what_a_model_says_of_its_separator_is_checked() -> None:
    with pytest.raises(ModelError, match="parts its symbols"):
        Prior({"format": "lines", "separator": 7, "guessed": ["format"]}, {})


def test_a_short_source_is_parted_as_those_before_it(read: Any) -> None:
    sources = [io.BytesIO(lines(TRACES, ",").encode()), io.BytesIO(b"run,unload\n"), io.BytesIO(b"load run\n")]
    assert read(sources).traces == [*TRACES, ["run", "unload"], ["load", "run"]]


def test_json_says_how_whole_traces_are_named(read: Any) -> None:
    text = b'{"id": 1, "steps": "load > run"}\n'
    assert "`event`, or whole traces with `sequence`" in str(read(io.BytesIO(text)).error)
    assert "a list or a text" in str(read(io.BytesIO(b'{"id": true}\n'), sequence="id").error)
    assert "`sequence`" not in str(read(io.BytesIO(b"x=1 y=2\n"), format="logfmt").error)
    assert read(io.BytesIO(b'{"a": {"b": "load run"}}\n'), sequence="a.b").traces == [["load", "run"]]


def test_an_arrow_is_given_for_lines_alone(read: Any) -> None:
    assert read(io.BytesIO(b"a b->c\n"), delimiter="->").traces == [["a b", "c"]]
    assert "one character for CSV" in str(read(io.BytesIO(b"case,event\n1,a\n"), delimiter="->").error)


@pytest.mark.parametrize("between", ",;|")
def test_traces_of_one_length_are_no_table(read: Any, between: str) -> None:
    traces = [["load", f"run{number % 3}", "unload"] for number in range(30)]
    assert read(io.BytesIO(lines(traces, between).encode())).traces == traces
    table = "Los;Schritt\n" + "".join(f"L{number // 3};run{number % 3}\n" for number in range(30))
    assert read(io.BytesIO(table.encode())).told.format == "csv"
