"""The page on changes of the source shows what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import flexstream
from flexstream_cli.main import flexstream as command

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "drift.md").read_text()
BLOCKS = re.findall(r"^```\w*\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def said(*arguments: str) -> tuple[str, str]:
    done = CliRunner().invoke(command, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


def test_the_first_stream_changes_where_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = re.findall(r"flexstream (simulate pdfa [^;)]*)", BLOCKS[0])
    assert len(made) == 2
    Path("stream.txt").write_text("".join(said(*line.split())[0] for line in made))
    (learn,) = re.findall(r"^flexstream (learn .*)$", BLOCKS[0], re.MULTILINE)
    lines = [line.removeprefix("flexstream: ") for line in said(*learn.split())[1].splitlines()]
    assert BLOCKS[1].splitlines() == lines[1:4]


def test_the_python_example_does_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = (block for block in BLOCKS if block.startswith("from flexstream"))
    names: dict[str, object] = {}
    exec(code, names)
    learned = names["learned"]
    assert isinstance(learned, flexstream.StreamLearner)
    assert (learned.forgotten, learned.traces) == (3000, 1500)
    assert capsys.readouterr().out.startswith("the source changed after trace 3,000 (noticed at 3,0")


def test_the_log_of_the_page_changes_where_it_says(data: Path, tmp_path: Path) -> None:
    told = said("learn", str(data / "logs" / "helpdesk.xes.gz"), "--on-drift", "restart", "-o", str(tmp_path / "m"))[1]
    (shown,) = (block for block in BLOCKS if block.startswith("$ flexstream learn helpdesk"))
    for line in shown.splitlines()[1:]:
        assert line.removesuffix("...") in told
