"""The page on explaining models shows what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from flexstream_cli.main import flexstream as command

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "explain.md").read_text()
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def said(*arguments: str, given: bytes = b"") -> str:
    done = CliRunner().invoke(command, list(arguments), input=given)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def implant(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The model that the page's first command learns."""
    made = re.search(r"^flexstream (simulate .*) \| flexstream learn", PAGE, re.MULTILINE)
    assert made is not None
    path = str(tmp_path_factory.mktemp("explain") / "implant.json")
    said("learn", "-", "-o", path, given=said(*made[1].split()).encode())
    return path


def test_all_states_of_a_machine_of_the_fab_are_those_of_the_page(implant: str) -> None:
    assert said("explain", implant) in BLOCKS


def test_its_odd_trace_is_that_of_the_page(implant: str) -> None:
    assert said("explain", implant, "--trace", "load-S2 process unload") in BLOCKS
    for question in (["q2"], ["q2", "break"]):
        assert said("explain", implant, *question).startswith(("state q2, after process", "break in state q2"))


def test_three_logs_are_explained() -> None:
    assert re.findall(r"^## (.*)$", PAGE, re.MULTILINE)[:3] == ["A machine of the fab", "sshd", "dpkg"]
