"""Layouts in which other arrows lead back, and the one that is taken."""

from __future__ import annotations

import re
import shutil

import pytest

from flexstream.targets import Recipe, from_rows, random_pdfa
from flexstream.writers import View
from flexstream.writers.dot import text
from flexstream.writers.figure import WIDEST, figure, figure_of
from flexstream.writers.graphviz_layout import Drawn, best, render
from flexstream.writers.orientation import turned

with_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
MACHINE = random_pdfa(Recipe(states=40, symbols=8, mean_length=20), seed=6).to_pdfa()


def test_what_leads_to_a_box_that_is_come_to_earlier_leads_back() -> None:
    rows = {0: {"a": (98, 1), "skip": (2, 2)}, 1: {"b": (9, 2)}, 2: {"again": (5, 0), None: (4, 0)}}
    drawing = figure(from_rows(rows))
    assert turned(drawing, likely=True) == {("q2", "q0")}
    assert turned(drawing, likely=False) == {("q2", "q0")}
    chain = figure(
        from_rows({0: {"a": (98, 1), "quit": (2, 3)}, 1: {"b": (9, 2)}, 2: {"c": (9, 3)}, 3: {None: (9, 0)}})
    )
    assert turned(chain, likely=True) == frozenset()  # the end is at the end, though a trace may give up at once
    assert turned(chain, likely=False) == frozenset()


@with_dot
def test_arrows_are_shorter_and_keep_their_ends() -> None:
    drawing = figure_of(View.picture(MACHINE))
    assert len(drawing.boxes) > 16
    found, plain = best(drawing), render(text(drawing), "svg").decode()
    assert found.turned and found.width <= WIDEST
    assert found.length < 0.85 * Drawn(plain, drawing.direction, frozenset()).length
    ends = re.findall(r'class="edge">\n<title>(\w+)&#45;&gt;(\w+)</title>', found.svg)
    assert sorted(ends) == sorted((arrow.source, arrow.target) for arrow in drawing.arrows)


@with_dot
def test_small_pictures_are_laid_out_once() -> None:
    drawing = figure(from_rows({0: {"a": (9, 1)}, 1: {"b": (5, 0), None: (4, 0)}}))
    assert best(drawing) == Drawn(render(text(drawing), "svg").decode(), "LR", frozenset())
