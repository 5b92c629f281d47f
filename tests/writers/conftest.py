"""What the tests of the writers share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flexstream.automata.pdfa import PDFA


@pytest.fixture
def automaton() -> PDFA:
    """Return a machine of five states; state 4 ends, and its step back to 0 is guessed."""
    return PDFA(
        ["load", "setup", "run", "unload", "fail"],
        visits=[20_000, 26_000, 9_000, 19_900, 18_100],
        stops=[0, 0, 0, 0, 12_098],
        offsets=[0, 1, 4, 5, 7, 9],
        edge_symbols=[0, 1, 2, 4, 2, 2, 3, 0, 4],
        targets=[1, 2, 3, 4, 3, 3, 4, 1, 0],
        weights=[20_000, 10_000, 15_900, 100, 9_000, 1_900, 18_000, 6_000, 2],
        guessed=[0, 0, 0, 0, 0, 0, 0, 0, 1],
    )


@pytest.fixture
def fake_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that replaces the program ``dot`` by a shell script."""

    def install(script: str) -> None:
        program = tmp_path / "dot"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

    return install
