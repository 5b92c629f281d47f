"""Texts for symbols: visible, short, and different where the symbols are."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.automata.pdfa import Transition
from flexstream.visible import visible
from flexstream.writers.labels import count, label_lines, probability, short_labels, shorten

from .strategies import NASTY, symbols


@given(st.one_of(symbols, st.text()))
def test_visible_text_survives_utf8_and_xml(text: str) -> None:
    shown = visible(text)
    assert shown.encode().decode() == shown
    assert len(shown.splitlines()) <= 1
    element = ET.Element("a")
    element.text = shown
    assert (ET.fromstring(ET.tostring(element, "utf-8")).text or "") == shown


@pytest.mark.parametrize("text", ["plain text", "été → 日本語", "👩‍🔬", "back\\slash", 'quote"'])
def test_visible_leaves_ordinary_text_alone(text: str) -> None:
    assert visible(text) == text


@given(st.text(), st.integers(3, 50))
def test_shorten_keeps_both_ends(text: str, length: int) -> None:
    short = shorten(text, length)
    assert len(short) <= length
    head, mark, tail = short.partition("…")
    assert short == text or (mark and text.startswith(head) and text.endswith(tail))


@pytest.mark.parametrize("unit", ["x", "x=", "a=<*> ", "a=<*>", " "])
def test_a_symbol_of_a_megabyte_takes_linear_time(unit: str) -> None:
    began = time.process_time()
    assert len(shorten(unit * 200_000, 48)) <= 48
    assert time.process_time() - began < 5  # quadratic, it takes minutes


@given(st.lists(symbols, unique_by=visible))
def test_labels_differ_and_are_not_blank(alphabet: list[str]) -> None:
    labels = short_labels(alphabet)
    assert list(labels) == alphabet
    # Two blanks of different width may look alike; everything else is told apart.
    worded = [labels[symbol] for symbol in alphabet if symbol.strip() and '"' not in symbol]
    assert len(set(worded)) == len(worded)
    assert all(label.strip() and len(label) <= 100 for label in labels.values())


def test_templates_that_differ_in_the_middle() -> None:
    alphabet = [f"{'x' * 50}{letter}{'y' * 500}" for letter in "abc"]
    assert [label[-3:] for label in short_labels(alphabet).values()] == [" #1", " #2", " #3"]


def rows(sizes: list[float], symbol: str = "s{}") -> list[Transition]:
    return [Transition(0, symbol.format(number), 1, size, 1, False) for number, size in enumerate(sizes)]


def test_six_lines_at_most() -> None:
    many = rows([0.05] * 8)
    lines = label_lines(many, {row.symbol: row.symbol for row in many})
    assert lines == [*(f"s{number} 0.05" for number in range(5)), "+3 more 0.15"]
    assert len(label_lines(many[:6], {row.symbol: row.symbol for row in many})) == 6


def test_long_labels_are_wrapped_and_counted_by_line() -> None:
    many = rows([0.2, 0.1, 0.1, 0.1], "service {} started the machine and waits")
    lines = label_lines(many, {row.symbol: row.symbol for row in many})
    assert lines[-1] == "+2 more 0.20"
    assert len(lines) <= 6 and max(map(len, lines)) <= 32
    assert lines[0] == "service 0 started the machine" and lines[1].split() == ["and", "waits", "0.20"]


@given(st.lists(symbols, min_size=1, max_size=9, unique=True), st.floats(0, 1))
def test_no_label_is_lost(alphabet: list[str], chance: float) -> None:
    many = [Transition(0, symbol, 1, chance, 1, False) for symbol in alphabet]
    labels = short_labels(alphabet)
    lines = label_lines(many, labels, most=10_000)
    shown = "".join("".join(lines).split()).replace("\u200e", "")
    assert shown == "".join("".join(labels[s].split()) + probability(chance) for s in alphabet)


def test_numbers_behind_arabic_and_hebrew_run_from_left_to_right() -> None:
    """As the algorithm of Unicode orders them: a mark stands between letters that run to the left and numbers."""
    for symbol in ("تم إنشاء الطلب", "ההזמנה נשלחה ללקוח", "ההזמנה נשלחה ללקוח במועד שנקבע מראש"):
        (*_, line) = label_lines(
            [Transition(0, symbol, 1, 0.5, 9, False)], {symbol: symbol}, times={(0, symbol): "4 h"}
        )
        _, mark, numbers = line.partition("\u200e")
        assert mark and numbers.replace("\u00a0", " ").strip() == "0.50 · 4 h"
    assert "\u200e" not in label_lines([Transition(0, "prüfen", 1, 0.5, 9, False)], {"prüfen": "prüfen"})[0]


@given(st.floats(0, 1))
def test_probability_is_close_and_short(value: float) -> None:
    text = probability(value)
    assert len(text) <= 6
    assert abs(float(text.lstrip("<>")) - value) <= 0.0051


@given(st.floats(0, 9e14))
def test_count_is_close_and_short(value: float) -> None:
    text = count(value)
    scale = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}.get(text[-1], 1)
    if value >= 0.01:
        assert len(text) <= 6
        assert float(text.rstrip("kMGT")) * scale == pytest.approx(value, rel=0.006)


def test_nasty_symbols_stay_nasty() -> None:
    """The list the other tests draw from holds each of the things it is for."""
    together = "".join(NASTY)
    assert all(mark in together for mark in ('"', "\n", "->", "<b>", "\\", "\x00", "&", "#", "`", "\ud800"))
    assert "" in NASTY and max(map(len, NASTY)) >= 5000


def test_blanks_can_be_seen() -> None:
    labels = short_labels([" a", "a", "a b", "a  b", "a   b", "  ", "a\t"])
    assert list(labels.values()) == ['" a"', "a", "a b", "a␣␣b", "a␣␣␣b", '"␣␣"', r"a\t"]
