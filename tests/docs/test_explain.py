"""The page on explaining models shows what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

from .commands import said

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "explain.md").read_text()
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_all_states_of_a_machine_of_the_fab_are_those_of_the_page(implant: str) -> None:
    assert said("explain", implant) in BLOCKS


def test_its_odd_trace_is_that_of_the_page(implant: str) -> None:
    assert said("explain", implant, "--trace", "load-S2 process unload") in BLOCKS
    for question in (["q2"], ["q2", "break"]):
        assert said("explain", implant, *question).startswith(("state q2, after process", "break in state q2"))


def test_three_logs_are_explained() -> None:
    assert re.findall(r"^## (.*)$", PAGE, re.MULTILINE)[:3] == ["A machine of the fab", "sshd", "dpkg"]
