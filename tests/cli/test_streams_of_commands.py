"""Every command with a stdin or stdout that is closed, full or left, or an output that cannot be: one line, at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flexstream import StreamLearner
from flexstream_cli.main import COMMANDS

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
PRINTING = {
    "learn": "learn LOTS",
    "learn model": "learn LOTS -o -",
    "learn meanwhile": "learn LOTS --emit-every 10 --dot -",
    "learn with a page": "learn LOTS --watch",
    "watch": "watch LOTS",
    "watch model": "watch LOTS -o -",
    "inspect": "inspect LOTS",
    "inspect json": "inspect LOTS --json",
    "presets": "presets",
    "score": "score MODEL LOTS",
    "alarm": "alarm MODEL ODD --rate 0.5",
    "alarm ungrouped": "alarm MODEL ODD --rate 0.5 --ungrouped",
    "predict": "predict MODEL LOTS",
    "predict after": "predict MODEL --after load",
    "evaluate": "evaluate MODEL LABELLED --sequence trace --label label --rate 0.5",
    "explain": "explain MODEL",
    "diff": "diff MODEL MODEL",
    "verify": "verify MODEL LOTS",
    "merge": "merge PART",
    "show": "show MODEL",
    "export": "export MODEL --to dot",
    "sample": "sample MODEL -n 5000",
    "simulate pdfa": "simulate pdfa --states 5 --traces 2000 --seed 1",
    "simulate reber": "simulate reber --traces 2000",
    "simulate minifab": "simulate minifab --weeks 1",
    "pac plan": "pac plan --states 5 --symbols 3 --length 5 --mu 0.2 --eps 0.1",
    "pac report": "pac report MODEL",
}
"""What prints something long enough to be noticed."""
WRITING = {
    "learn": "learn - -o OUT",
    "learn dot": "learn - --dot OUT",
    "learn report": "learn - --report OUT",
    "learn frontier": "learn - --frontier OUT",
    "watch": "watch - -o OUT",
    "watch dot": "watch - --dot OUT",
    "watch report": "watch - --report OUT",
    "alarm": "alarm MODEL - --rate 0.5 --metrics OUT",
    "alarm accepted": "alarm MODEL - --rate 0.5 --accepted OUT --accept all",
    "sample": "sample MODEL -o OUT",
    "merge": "merge PART -o OUT",
    "merge summary": "merge PART --summary OUT",
    "export": "export MODEL -o OUT.dot",
    "diff": "diff MODEL MODEL --json OUT",
    "diff dot": "diff MODEL MODEL --dot OUT",
    "simulate pdfa": "simulate pdfa -o OUT",
    "simulate reber": "simulate reber -o OUT",
    "simulate minifab": "simulate minifab --weeks inf -o OUT",
    "simulate minifab truth": "simulate minifab --weeks inf -o /dev/null --truth OUT",
    "simulate minifab series": "simulate minifab --weeks 500 --series OUT",
    "pac plan": "pac plan --states 5 --symbols 3 --length 5 --mu 0.2 --eps 0.1 -o OUT",
    "pac report": "pac report MODEL -o OUT",
    "view": "view MODEL -o OUT",
}
READING = ("learn -", "watch -", "score MODEL -", "alarm MODEL - --rate 0.5", "predict MODEL -", "inspect -")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a model is saved whose output fails, if there is no room beside that."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def command(model: Path, lots: Path, write):
    """Return the words of a command line, with the names of files for what stands for them."""
    rows = "".join(f"load run unload,{kind}\n" for kind in ("ok", "ok", "bad") * 100)
    labelled = write("labelled.csv", f"trace,label\n{rows}")
    odd = write("odd.txt", "unload run load load\n" * 5000)

    part = odd.with_name("lots.learner")
    learner = StreamLearner()
    learner.learn_many([line.split() for line in lots.read_text().splitlines()])
    learner.save(part)

    def words(line: str, **more: object) -> list[str]:
        names = {"PART": part, "MODEL": model, "LOTS": lots, "ODD": odd, "LABELLED": labelled, **more}
        for name, path in names.items():
            line = line.replace(name, str(path))
        return [sys.executable, "-m", "flexstream_cli.main", *line.split()]

    return words


def told(err: bytes) -> str:
    """Return the line that tells of the error, which is the only one of its kind."""
    lines = [line for line in err.decode().splitlines() if "error" in line.lower()]
    assert len(lines) == 1 and "Traceback" not in err.decode(), err.decode()
    return lines[0]


def test_every_command_is_tried() -> None:
    tried = {line.split()[0] for line in (*PRINTING.values(), *WRITING.values(), *READING)}
    assert tried >= set(COMMANDS) - {"demo"}  # which only calls others


@pytest.mark.parametrize("name", PRINTING)
def test_a_closed_stdout(command, name: str) -> None:
    shell = ["sh", "-c", '"$@" >&-', "sh", *command(PRINTING[name])]
    done = subprocess.run(shell, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=120, check=False)
    assert done.returncode == 1
    assert "<stdout>: is closed (expected: an open stdout)" in told(done.stderr)


@FULL
@pytest.mark.parametrize("name", PRINTING)
def test_a_full_stdout(command, name: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command(PRINTING[name]), stdout=full, stderr=subprocess.PIPE, timeout=120, check=False)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


@pytest.mark.parametrize("name", PRINTING)
def test_a_reader_of_stdout_that_has_left(command, name: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(command(PRINTING[name]), stdout=writer, stderr=subprocess.PIPE, timeout=120, check=False)
    finally:
        os.close(writer)
    assert done.returncode == 141
    assert "rror" not in done.stderr.decode()


@pytest.mark.parametrize("line", READING)
def test_a_closed_stdin(command, line: str) -> None:
    shell = ["sh", "-c", '"$@" <&-', "sh", *command(line)]
    done = subprocess.run(shell, capture_output=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "<stdin>: is closed" in told(done.stderr)


@pytest.mark.parametrize("kind", ["no folder", "folder"])
@pytest.mark.parametrize("name", WRITING)
def test_an_output_that_cannot_be_is_found_before_anything_is_read(
    command, tmp_path: Path, name: str, kind: str
) -> None:
    if kind == "folder" and (
        "--truth" in WRITING[name] or name.startswith(("simulate pdfa", "simulate reber", "export"))
    ):
        pytest.skip("it makes names of its own")
    out = tmp_path / "none" / "x" if kind == "no folder" else tmp_path
    if "--truth" in WRITING[name]:
        (tmp_path / "none").touch()  # where a folder would be made
    reader, writer = os.pipe()  # nothing ever comes
    try:
        done = subprocess.run(
            command(WRITING[name], OUT=out), stdin=reader, capture_output=True, timeout=60, check=False
        )
    finally:
        os.close(reader)
        os.close(writer)
    assert done.returncode == 1
    assert str(out) in told(done.stderr) and done.stdout == b""
