"""The page on pictures: its commands work, and its numbers are those of the code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from flexstream.explorer import stops
from flexstream.learning.frontiers import MOST_AUTOMATA, MOST_STATES
from flexstream.targets import Recipe, random_pdfa
from flexstream.writers import choice, graphviz_layout, legend
from flexstream.writers.view_options import COLOURS

from .commands import said

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "pictures.md").read_text()
COMMANDS = [line.partition("#")[0] for line in re.findall(r"^flexstream .*$", PAGE, re.MULTILINE)]


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith("flexstream export")])
def test_commands_work(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    random_pdfa(Recipe(states=20, symbols=5), 1).to_pdfa().save("model.json")
    said(*shlex.split(command)[1:])
    assert (tmp_path / "model.svg").read_text().rstrip().endswith("</svg>")


def test_a_page_with_a_slider_of_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    traces = random_pdfa(Recipe(states=8, symbols=5), 1).sample(500, seed=1)
    Path("traces.txt").write_text("".join(" ".join(map(str, trace)) + "\n" for trace in traces))
    learn, view = [one for one in COMMANDS if not one.startswith("flexstream export")]
    said(*shlex.split(learn)[1:])
    said(*shlex.split(view)[1:])
    assert '"sizes":[{' in Path("model.html").read_text()


def test_numbers_are_those_of_the_code() -> None:
    assert (choice.COVERAGE, choice.STATES, choice.ARROWS) == (0.8, 30, 60)
    assert "at most thirty states and sixty arrows, and then as long as 80 % of the traces" in PAGE
    assert (choice.EASY_STATES, choice.EASY_ARROWS) == (15, 30) and "fifteen states and thirty arrows" in PAGE
    assert legend.OPEN == 0.5 and "half or more of what follows" in PAGE
    assert graphviz_layout.TIME_LIMIT == 8 and "eight seconds" in PAGE
    assert (stops.MOST_ARROWS, stops.SECONDS) == (160, 20.0) and "160 arrows" in PAGE and "twenty seconds" in PAGE
    assert (MOST_AUTOMATA, MOST_STATES) == (12, 300) and "twelve of other sizes, of at most 300 states" in PAGE
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(COLOURS)
