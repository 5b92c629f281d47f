"""White behind the words of arrows, and the order in which arrows are drawn."""

from __future__ import annotations

import random
import re
import shutil
from xml.etree import ElementTree

import pytest

from flexstream.targets import Recipe, from_rows, random_pdfa
from flexstream.writers import ViewOptions, write
from flexstream.writers.backing import MOST, backed, box_of, crossed, crossing_first, on_white
from flexstream.writers.dot import text
from flexstream.writers.figure import figure
from flexstream.writers.geometry import printed_width
from flexstream.writers.graphviz_layout import render
from flexstream.writers.layered import layered
from flexstream.writers.plain_svg import plain_svg

MACHINE = random_pdfa(Recipe(states=24, symbols=8, mean_length=20), seed=4).to_pdfa()
SVG = "{http://www.w3.org/2000/svg}"
with_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def test_what_crosses_words_is_drawn_before_them() -> None:
    words = (40.0, 40.0, 60.0, 60.0)
    across, beside = "M50,0L50,100", "M0,0L100,0"
    assert crossing_first(["M0,50L100,50", across], [[words], []]) == [1, 0]
    assert crossing_first(["M0,50L100,50", beside], [[words], []]) == [0, 1]
    assert crossing_first(["M0,50C30,50 60,50 100,50", "M50,0C50,30 50,60 50,100"], [[words], []]) == [1, 0]
    assert crossing_first(["", across, beside], [[words], [], []]) == [1, 0, 2]


def test_nothing_is_lost_where_arrows_cross_the_words_of_each_other() -> None:
    luck = random.Random(5)
    spot = lambda: (luck.uniform(0, 99), luck.uniform(0, 99))  # noqa: E731
    paths = ["M{:.1f},{:.1f}L{:.1f},{:.1f}".format(*spot(), *spot()) for _ in range(40)]
    words = [[(x, y, x + 20, y + 8)] for x, y in (spot() for _ in paths)]
    assert sorted(crossing_first(paths, words)) == list(range(40))
    assert crossing_first([], []) == []


@with_dot
def test_graphviz_pictures_keep_all_they_have() -> None:
    plain = render(text(figure(MACHINE, ViewOptions())), "svg").decode()
    found = backed(plain)
    without = re.sub(r'<rect [^>]*fill="white" fill-opacity="0.85"/>', "", found)
    assert sorted(without.splitlines()) == sorted(plain.splitlines())
    root = ElementTree.fromstring(found.encode())
    edges = [one for one in root.iter(f"{SVG}g") if one.get("class") == "edge"]
    words = [text for edge in edges for text in edge.iter(f"{SVG}text")]
    whites = [one for edge in edges for one in edge.iter(f"{SVG}rect")]
    assert 1 < len(whites) < len(words) / 2
    with_white = {int(one.attrib["id"][4:]) - 1 for one in edges if one.find(f".//{SVG}rect") is not None}
    assert crossed(plain) == with_white
    kinds = re.compile(r'class="(node|edge)">')
    assert kinds.findall(found) == kinds.findall(plain)


@with_dot
def test_white_erases_no_other_words_and_lies_only_where_an_arrow_runs() -> None:
    words = [[(0, 0, 50, 10)], [(45, 2, 90, 12)], [(200, 0, 250, 10)], [(0, 40, 50, 50)]]
    paths = ["M48,0L48,20", "M20,30L20,60", "", ""]
    assert on_white(paths, words) == [[(0, 0, 45, 10)], [(50, 2, 90, 12)], [None], [(0, 40, 50, 50)]]
    picture = backed(render(text(figure(MACHINE, ViewOptions())), "svg").decode())
    boxes, whites = [], []
    for edge in (one for one in ElementTree.fromstring(picture.encode()).iter(f"{SVG}g") if one.get("class") == "edge"):
        for one in edge.iter():
            if one.tag == f"{SVG}text":
                boxes.append(box_of(one.text or "", *(float(one.attrib[name]) for name in ("x", "y", "font-size"))))
            elif one.tag == f"{SVG}rect":
                x, y, wide, high = (float(one.attrib[name]) for name in ("x", "y", "width", "height"))
                whites.append((x, y, x + wide, y + high))
    reached = [
        sum(
            min(white[2], box[2]) - max(white[0], box[0]) > 0.2 and white[1] < box[3] - 0.2 and box[1] < white[3] - 0.2
            for box in boxes
        )
        for white in whites
    ]
    assert reached and set(reached) == {1}  # its own


def test_letters_are_as_wide_as_in_helvetica() -> None:
    """By the widths of Adobe's metrics of it, in thousandths."""
    assert printed_width("Rechnung erfassen 0.26 ", 1000) == pytest.approx(11173, rel=0.02)
    assert printed_width("GET /item/<*> 2xx", 1000) == pytest.approx(8170, rel=0.02)


@pytest.mark.parametrize("way", [pytest.param("dot", marks=with_dot), "own"])
def test_no_arrow_runs_over_words_unless_they_cross_each_other(way: str) -> None:
    picture = str(write(MACHINE, "svg")) if way == "dot" else plain_svg(layered(figure(MACHINE, ViewOptions())), [])
    root = ElementTree.fromstring(picture.encode())
    paths, words = [], []
    for edge in (one for one in root.iter(f"{SVG}g") if one.get("class") == "edge"):
        path = edge.find(f".//{SVG}path")
        paths.append("" if path is None else path.attrib["d"])
        words.append(
            [
                box_of(one.text or "", float(one.attrib["x"]), float(one.attrib["y"]), float(one.attrib["font-size"]))
                for one in edge.iter(f"{SVG}text")
            ]
        )
    assert len(paths) > 20
    assert crossing_first(paths, words)[0] == 0  # what is drawn first waits for nobody
    over = 0
    for at, boxes in enumerate(words):
        over += sum(crossing_first([paths[at], path], [boxes, []]) == [1, 0] for path in paths[at + 1 :])
    under = sum(
        crossing_first([paths[at], path], [boxes, []]) == [1, 0]
        for at, boxes in enumerate(words)
        for path in paths[:at]
    )
    assert over <= under / 4


def test_other_pictures_stay_as_they_are() -> None:
    for picture in ("", "<svg></svg>", "<!-- q0 -->", plain_svg(layered(figure(MACHINE, ViewOptions())), [])):
        assert backed(picture) == picture


@with_dot
def test_hostile_words_and_many_arrows() -> None:
    hostile = ["</g>\n</svg>", '<!-- q0 -->\n<g id="edge1" class="edge">', '"><script>', "x\u00a0y", "]]>", 'd="M0,0"']
    rows = {0: {word: (1, at + 1) for at, word in enumerate(hostile)}, **{n: {None: (1, 0)} for n in range(1, 7)}}
    root = ElementTree.fromstring(str(write(from_rows(rows), "svg")).encode())
    assert sum(one.get("class") == "edge" for one in root.iter(f"{SVG}g")) >= len(hostile)
    dense = from_rows({n: {f"{m}": (1, m) for m in range(16)} | {None: (1, 0)} for n in range(16)})
    many = ElementTree.fromstring(str(write(dense, "svg", ViewOptions(whole=True))).encode())
    assert sum(one.get("class") == "edge" for one in many.iter(f"{SVG}g")) > MOST
