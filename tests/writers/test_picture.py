"""Pictures: the three formats, and what happens when Graphviz is missing, slow, loud or broken."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from flexstream.automata.pdfa import PDFA
from flexstream.errors import FlexStreamError, MissingProgramError
from flexstream.writers import ViewOptions, write
from flexstream.writers.picture import render

needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's program 'dot' is not installed")


@needs_dot
@pytest.mark.parametrize(("name", "start"), [("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-")])
def test_binary_pictures(name: str, start: bytes, automaton: PDFA) -> None:
    picture = write(automaton, name)
    assert isinstance(picture, bytes) and picture.startswith(start)


@needs_dot
def test_svg_is_xml_and_says_what_is_hidden(automaton: PDFA) -> None:
    picture = write(automaton, "svg", ViewOptions(max_states=3))
    assert isinstance(picture, str)
    words = "".join(ET.fromstring(picture.encode()).itertext()).replace("\u00a0", " ")
    assert "3 of 5 states" in words and "setup" not in words


def test_without_graphviz_one_line_says_what_to_do(
    automaton: PDFA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgramError) as caught:
        write(automaton, "svg")
    message = str(caught.value)
    assert all(part in message for part in ("apt install graphviz", "brew", "conda", ".dot"))
    assert "\n" not in message
    assert isinstance(write(automaton, "dot"), str)


def test_a_dot_that_may_not_be_run_is_missing(automaton: PDFA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dot").write_text("not a program")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgramError):
        write(automaton, "png")


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
