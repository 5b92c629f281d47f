"""Names of long symbols: what tells them from others is not cut away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.targets import from_rows
from flexstream.writers.figure import figure
from flexstream.writers.telling import LONGEST, telling_labels, wide

from .strategies import symbols

GERMAN = "Bestellung im Onlineportal wurde vollständig und fristgerecht "
RUSSIAN = "Заказ в интернет-магазине был полностью "
JAPANESE = "注文がオンラインポータルで受け付けられ、"
LONG = (
    (GERMAN + "geprüft", "geprüft"),
    (GERMAN + "freigegeben", "freigegeben"),
    ("Bestellung im Onlineportal der Filiale München endgültig fehlgeschlagen", "fehlgeschlagen"),
    (RUSSIAN + "оплачен покупателем", "оплачен"),
    (RUSSIAN + "отменён покупателем", "отменён"),
    (JAPANESE + "支払いの確認を待っています", "待っています"),
    (JAPANESE + "支払いの確認に失敗しました", "失敗しました"),
    ("run", "run"),
)


def test_the_words_that_tell_are_kept() -> None:
    labels = telling_labels([symbol for symbol, _ in LONG])
    for symbol, word in LONG:
        assert word in labels[symbol] and wide(labels[symbol]) <= LONGEST
    assert labels["run"] == "run" and labels[LONG[2][0]].startswith("Bestellung … ")


def test_boxes_show_them() -> None:
    rows = {0: {symbol: (1, at + 1) for at, (symbol, _) in enumerate(LONG)}}
    rows |= {at + 1: {"over": (1, len(LONG) + 1)} for at in range(len(LONG))}
    boxes = figure(from_rows({**rows, len(LONG) + 1: {None: (8, 0)}})).boxes
    for box, (_, word) in zip(boxes[1:], LONG, strict=False):
        assert word in "".join(box.name)


@given(st.lists(symbols, unique=True, max_size=8), st.sampled_from(["", GERMAN, RUSSIAN, JAPANESE]))
def test_no_two_symbols_are_called_alike(some: list[str], before: str) -> None:
    found = telling_labels([before + one for one in some])
    assert len(set(found.values())) == len(some)


@pytest.mark.parametrize("number", [2, 300])
def test_numbers_tell(number: int) -> None:
    found = telling_labels([f"the connection of the remote host {at} was closed by the server" for at in range(number)])
    assert len(set(found.values())) == number and all(str(at) in one for at, one in enumerate(found.values()))


def test_names_leave_out_what_all_symbols_begin_with_as_arrows_do() -> None:
    start = "Inspection of the delivered assembly by drawing 4711-b, second sample "
    rows = {
        0: {f"{start}1 with minutes": (9, 1)},
        1: {f"{start}2 with minutes": (5, 2), f"{start}3 with minutes": (4, 2)},
        2: {None: (9, 0), f"{start}4 with minutes": (9, 1)},
    }
    drawing = figure(from_rows(rows))
    names = {box.id: " ".join(box.name) for box in drawing.boxes}
    assert names["q1"] == "after …1 with minutes or …4 with minutes"
    assert names["q2"] == "after …2 with minutes or …3 with minutes"
    assert start.strip() in " ".join(drawing.legend)
