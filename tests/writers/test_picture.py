"""Pictures: the three formats, and what happens when Graphviz is missing, slow, loud or broken."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from flexstream.automata.pdfa import PDFA
from flexstream.errors import FlexStreamError, MissingProgramError
from flexstream.writers import ViewOptions, graphviz_layout, picture, write
from flexstream.writers.dot import placed, text
from flexstream.writers.figure import figure
from flexstream.writers.graphviz_layout import render
from flexstream.writers.layered import layered

from ..hostile import HOSTILE

needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's program 'dot' is not installed")


@needs_dot
@pytest.mark.parametrize(("name", "start"), [("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-")])
def test_binary_pictures(name: str, start: bytes, automaton: PDFA) -> None:
    found = write(automaton, name)
    assert isinstance(found, bytes) and found.startswith(start)


@needs_dot
def test_svg_is_xml_and_says_what_is_hidden(automaton: PDFA) -> None:
    found = write(automaton, "svg", ViewOptions(max_states=3))
    assert isinstance(found, str)
    words = "".join(ET.fromstring(found.encode()).itertext()).replace("\u00a0", " ")
    assert "3 of 5 states" in words and "after setup" not in words and "⋯ 39 %" in words


def test_without_graphviz_there_is_an_svg(automaton: PDFA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    words = "".join(ET.fromstring(str(write(automaton, "svg"))).itertext())
    assert all(label in words for label in ("load", "setup", "after load", "end 0.67", "double outline"))


@pytest.mark.parametrize("name", ["png", "pdf"])
def test_without_graphviz_one_line_says_what_to_do(
    name: str, automaton: PDFA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgramError) as caught:
        write(automaton, name)
    message = str(caught.value)
    assert all(part in message for part in ("apt install graphviz", "brew", "conda", ".svg", ".dot"))
    assert "\n" not in message
    assert isinstance(write(automaton, "dot"), str)


def test_a_dot_that_may_not_be_run_is_missing(automaton: PDFA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dot").write_text("not a program")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgramError):
        write(automaton, "png")


@pytest.mark.parametrize("script", ["exec /bin/sleep 30", "exit 1"])
def test_a_graphviz_that_is_slow_or_fails_costs_no_picture(
    script: str, automaton: PDFA, fake_dot: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphviz_layout, "TIME_LIMIT", 0.2)
    fake_dot(script)
    words = "".join(ET.fromstring(str(write(automaton, "svg"))).itertext())
    assert "after load" in words and "A simple layout: Graphviz found none in time." in words


@needs_dot
def test_pixels_of_a_picture_without_a_layout(automaton: PDFA) -> None:
    drawing = figure(automaton)
    assert render(placed(drawing, layered(drawing)), "png", "-Kneato", "-n2").startswith(b"\x89PNG")


@needs_dot
def test_words_of_arrows_stand_on_white_in_pixels(automaton: PDFA) -> None:
    many = len(HOSTILE)
    hostile = PDFA(HOSTILE, [many, many], [0, many], [0, many, many], range(many), [1] * many, [1.0] * many)
    for one in (automaton, hostile):
        drawing = figure(one)
        every = range(len(drawing.arrows))
        said = render(text(drawing, backed=every), "svg").decode()
        assert said.count('fill="#ffffff" fill-opacity="0.85') == sum(bool(arrow.lines) for arrow in drawing.arrows) > 0


@needs_dot
def test_only_crossed_words_stand_on_white_in_pixels(automaton: PDFA, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = dict[str, list[str]]()
    monkeypatch.setattr(picture, "render", lambda text, format, *_: asked.setdefault(format, []).append(text) or b"")
    write(automaton, "png")
    monkeypatch.setattr(picture, "crossed", lambda svg: {1, 3})
    write(automaton, "pdf")
    arrows = figure(automaton).arrows
    assert "ffffffd9" not in asked["png"][0]
    backed = [line for line in asked["pdf"][0].splitlines() if "ffffffd9" in line]
    assert [line.split()[:3] for line in backed] == [[arrows[at].source, "->", arrows[at].target] for at in (1, 3)]


@needs_dot
def test_a_picture_that_is_too_wide_is_turned(automaton: PDFA, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = figure(automaton)
    assert drawing.direction == "LR"
    wide = ET.fromstring(picture.drawn(drawing))
    monkeypatch.setattr(graphviz_layout, "WIDEST", 100.0)
    narrow = ET.fromstring(picture.drawn(drawing))
    assert float(narrow.attrib["width"][:-2]) < float(wide.attrib["width"][:-2])


def test_time_limit(fake_dot: Callable[[str], None]) -> None:
    fake_dot("exec /bin/sleep 30")
    with pytest.raises(FlexStreamError, match=r"no layout in 0\.2 s.*fewer states"):
        render("digraph {}", "svg", time_limit=0.2)


def test_a_failure_is_one_line(fake_dot: Callable[[str], None], capfd: pytest.CaptureFixture[str]) -> None:
    fake_dot("echo 'Error: out of memory' >&2; echo second line >&2; exit 3")
    with pytest.raises(FlexStreamError, match=r"^Graphviz failed: Error: out of memory$"):
        render("digraph {}", "svg")
    assert capfd.readouterr() == ("", "")


def test_a_failure_without_words(fake_dot: Callable[[str], None]) -> None:
    fake_dot("exit 1")
    with pytest.raises(FlexStreamError, match="gave no reason"):
        render("digraph {}", "svg")


def test_warnings_do_not_leak(fake_dot: Callable[[str], None], capfd: pytest.CaptureFixture[str]) -> None:
    fake_dot("echo 'Warning: no font' >&2; echo picture")
    assert render("digraph {}", "svg") == b"picture\n"
    assert capfd.readouterr() == ("", "")


@needs_dot
def test_graphviz_own_complaint_is_passed_on() -> None:
    with pytest.raises(FlexStreamError, match=r"^Graphviz failed: .*syntax error"):
        render("digraph {", "svg")
