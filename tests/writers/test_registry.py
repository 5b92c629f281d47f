"""The registry of formats, and what every one of them must do."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings

from flexstream.automata.pdfa import PDFA
from flexstream.errors import UsageError
from flexstream.writers import WRITERS, ViewOptions, format_of, write

from .strategies import pdfas, view_options

TEXTS = [name for name in WRITERS if name not in {"svg", "png", "pdf", "json"}]
needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's program 'dot' is not installed")


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=25)
@given(automaton=pdfas(), options=view_options)
def test_text_formats_take_everything(name: str, automaton: PDFA, options: ViewOptions) -> None:
    text = write(automaton, name, options)
    assert isinstance(text, str)
    assert text.endswith("\n") and "\x00" not in text
    text.encode()
    assert text == write(automaton, name, options)


def test_json_is_the_model_file(automaton: PDFA) -> None:
    text = write(automaton, "json")
    assert isinstance(text, str) and PDFA.from_json(text).equivalent(automaton)
    assert text == automaton.to_json()


def test_json_holds_all_or_nothing(automaton: PDFA) -> None:
    with pytest.raises(UsageError, match="whole automaton"):
        write(automaton, "json", ViewOptions(min_prob=0.1))


@pytest.mark.parametrize("name", WRITERS)
def test_every_ending_names_its_format(name: str) -> None:
    for ending in WRITERS[name].endings:
        assert format_of(f"out.d/model{ending}") == name
        assert format_of(f"MODEL{ending.upper()}") == name


@pytest.mark.parametrize("path", ["model", "model.txt", "model.svg.gz", ".d/x"])
def test_unknown_endings(path: str) -> None:
    with pytest.raises(UsageError, match=r"no output format .*\.graphml"):
        format_of(path)


def test_unknown_format(automaton: PDFA) -> None:
    with pytest.raises(UsageError, match=r"no output format 'tikz'.*mermaid"):
        write(automaton, "tikz")


def test_nothing_heavy_is_imported_with_the_registry() -> None:
    code = "import flexstream.writers, sys; print(sorted({'networkx', 'graphviz', 'numba'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@needs_dot
@pytest.mark.parametrize("name", ["svg", "png", "pdf"])
def test_binary_says_what_comes(name: str, automaton: PDFA) -> None:
    assert isinstance(write(automaton, name), bytes) is WRITERS[name].binary
