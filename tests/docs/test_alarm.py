"""The page on alarms shows what the command prints, and the service unit gives it options that it has."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from flexstream_cli.alarm import alarm
from flexstream_cli.main import flexstream as command

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "alarm.md").read_text()
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
UNIT = ROOT / "examples" / "flexstream-alarm.service"


def said(*arguments: str) -> Result:
    done = CliRunner().invoke(command, list(arguments))
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page's first commands have been run."""
    where = tmp_path_factory.mktemp("alarm")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(where)
        for line in BLOCKS[0].splitlines()[:3]:
            words, _, into = line.removeprefix("flexstream ").partition(" > ")
            done = said(*words.split())
            if into:
                Path(into).write_text(done.stdout)
    return where


def test_alarms_of_the_fab_are_those_of_the_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    done = said(*BLOCKS[0].splitlines()[-1].removeprefix("flexstream ").split())
    assert done.stdout == BLOCKS[1]
    assert "the stream is not what was learned" in done.stderr


def test_accepted_alarms_of_the_page_do_not_come_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    marks, reads = next(block for block in BLOCKS if "--accept " in block).splitlines()
    assert said(*marks.removeprefix("flexstream ").split()).stdout
    assert said(*reads.removeprefix("flexstream ").split()).stdout == ""


def test_fields_of_the_page_are_those_that_are_printed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    table = PAGE.split("| field | what |")[1].split("\n\n")[0]
    told = {name for row in re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    printed = {
        name
        for row in said("alarm", "lots.json", "today.jsonl", "--ungrouped").stdout.splitlines()
        for name in json.loads(row)
    }
    assert printed <= told
    assert told - printed <= {"counts", "slow"}


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNIT)
    return parser


def test_the_service_unit_gives_options_that_exist() -> None:
    program, name, *words = shlex.split(unit()["Service"]["ExecStart"])
    assert program.startswith("/")
    assert name == "alarm"
    context = alarm.make_context("alarm", words, resilient_parsing=False)
    assert isinstance(context, click.Context)
    assert context.params["follow"]
    assert context.params["ungrouped"]
    assert context.params["metrics"].startswith("/var/lib/" + unit()["Service"]["StateDirectory"])


def test_the_service_unit_restarts_and_may_do_little() -> None:
    service = unit()["Service"]
    assert service["Restart"] == "always"
    assert service["SuccessExitStatus"] == "143"
    for name in ("NoNewPrivileges", "PrivateNetwork", "DynamicUser", "MemoryDenyWriteExecute"):
        assert service[name] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert unit()["Install"]["WantedBy"]
