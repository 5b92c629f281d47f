"""The page on what has changed shows what its own commands print."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from .commands import said

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(r"^```\n(.*?)^```$", (ROOT / "docs" / "diff.md").read_text(), re.DOTALL | re.MULTILINE)


def done(commands: str) -> str:
    """Run commands that simulate and learn, and the last, which compares; return what that prints."""
    *learned, compared = (line.removeprefix("flexstream ") for line in commands.splitlines())
    for line in learned:
        simulated, learns = line.split(" | flexstream ")
        said(*learns.split(), given=said(*simulated.split()).encode())
    return said(*compared.split())


def test_the_change_of_the_page_is_what_its_commands_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown, rest = BLOCKS[1].split("divergence in bits a symbol: ")
    found, measured = done(BLOCKS[0]).split("divergence in bits a symbol: ")
    assert (found, rest) == (shown, "...\n")
    assert re.fullmatch(
        r"0\.\d+ ± 0\.\d+ from before\.json's traces, 0\.\d+ ± 0\.\d+ from after\.json's .*\n", measured
    )
    told = json.loads(Path("changes.json").read_text())
    assert "tells them apart: " + " ".join(told["telling"]["trace"]) in shown
    assert Path("changes.svg").read_text().startswith("<?xml")


def test_a_slower_machine_is_that_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (at,) = (at for at, block in enumerate(BLOCKS) if "slow:Mc" in block)
    assert BLOCKS[at + 1] in done(BLOCKS[at])
