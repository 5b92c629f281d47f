"""Commands with sources that are not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

COMMANDS = (
    ("learn", "-o", "m.json"),
    ("score", "MODEL"),
    ("predict", "MODEL"),
    ("alarm", "MODEL", "--rate", "0.5"),
)


def given(command: tuple[str, ...], model: Path) -> list[str]:
    return [
        str(model if word == "MODEL" else model.parent / word if word.endswith(".json") else word) for word in command
    ]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_one_of_several_is_told_before_anything_is_read(run, lots, model, command) -> None:
    gone = lots.with_name("gone.txt")
    done = run(*given(command, model), lots, gone)
    assert (done.code, done.out) == (1, b"")
    assert done.err == f"flexstream: error: {gone}: no such file (expected: the path of a file, or - for stdin)\n"
    assert not (model.parent / "m.json").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_one_of_several_is_left_out(run, lots, model, command) -> None:
    gone = lots.with_name("gone.txt")
    done = run(*given(command, model), gone, lots, "--on-error", "skip")
    assert done.code == 0
    assert f"{gone}: no such file; it is left out, the others are read" in done.err
    assert "120 traces" in done.err or command[0] == "predict"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_none_of_them_is_there(run, lots, model, command) -> None:
    gone = [lots.with_name("gone.txt"), lots.with_name("away.txt")]
    done = run(*given(command, model), *gone, "--on-error", "skip")
    assert done.code == 1
    assert "away.txt: no such file, and so for all 2 sources: none can be read" in done.err.splitlines()[-1]


def test_the_model_of_the_others_is_the_same(run, lots, tmp_path) -> None:
    run("learn", lots, "-o", tmp_path / "a.json")
    run("learn", tmp_path / "no", lots, "-o", tmp_path / "b.json", "--on-error", "skip")
    one, other = (json.loads((tmp_path / name).read_text()) for name in ("a.json", "b.json"))
    for document in (one, other):
        document["provenance"].pop("reading")
        del document["seal"]
    assert one == other
