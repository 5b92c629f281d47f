"""The notebook runs as it stands, is kept without outputs, and shows what its words say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "tutorial.ipynb"


def outputs(cell: Any) -> str:
    """Return all that a cell has shown, as text."""
    shown = [output.get("text", "") + "".join(map(str, output.get("data", {}).values())) for output in cell["outputs"]]
    return "\n".join(shown)


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    """Run the notebook in a kernel of its own; return what came of each cell by the cell's text."""
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    client = pytest.importorskip("nbclient", reason="nbclient is not installed")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()  # raises where a cell does
    return {cell["source"]: outputs(cell) for cell in notebook["cells"] if cell["cell_type"] == "code"}


def of(shown: dict[str, str], words: str) -> str:
    (found,) = [text for source, text in shown.items() if words in source]
    return found


def test_it_is_kept_without_outputs() -> None:
    cells = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 8
    assert [cell for cell in cells if cell["outputs"] or cell["execution_count"] is not None] == []


@pytest.mark.filterwarnings("ignore")  # those of the libraries that run it
def test_it_shows_what_it_says(shown: dict[str, str]) -> None:
    assert "<svg" in of(shown, "learned = flexstream.learn") and "9 states" in of(shown, "learned = flexstream.learn")
    assert of(shown, "learned.verdicts") == "()"
    assert "after load-S2 or load-S4" in of(shown, "learned.automaton\nstates")
    assert "leaves the beaten path at event 2: unload after process" in of(shown, "trace_text(")
    assert of(shown, "healthy.automaton") == "True"
    assert "The traces are no independent draws from one source" in of(shown, "report = make_report")
    assert "Learned from the first" in of(shown, "report = make_report")
    assert "tells them apart: None" in of(shown, "truth = Truth")


@pytest.mark.filterwarnings("ignore")
def test_what_has_changed_are_breakdowns_and_what_they_displace(shown: dict[str, str]) -> None:
    text = of(shown, "breakdowns:all:3")
    assert "beyond chance" in text and "<svg" in text
    changes = re.findall(r"^  (\S+) +[\d.]+ % -&gt; ([\d.]+) %$", text, re.MULTILINE)
    assert {name for name, _ in changes} <= {"break", "process", "process-done", "unload", "unload-done"}
    assert "break" in dict(changes)
