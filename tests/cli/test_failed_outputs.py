"""Outputs that cannot be written: meanwhile that is told once, at the end what was learned is saved all the same."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flexstream import load_model

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
DOT = pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
LINE = b"load run unload\n"
OUTPUTS = (
    ["-o", "m.json"],
    ["--dot", "m.dot"],
    pytest.param(["--svg", "m.svg"], marks=DOT),
    pytest.param(["--svg", "m.png"], marks=DOT),
    ["--report", "m.html"],
    ["--report", "m.txt"],
)


def wait_for(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def saved(err: str) -> Path:
    """Return where the model was saved, as the last message about it says."""
    found = re.findall(r"the model of [\d,]+ traces? is saved in (.*)", err)
    assert len(found) == 1, err
    return Path(found[0])


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of commands, where models are saved when there is no other."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("given", OUTPUTS)
def test_a_folder_that_goes_and_comes_back(start, tmp_path: Path, given: list[str]) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / given[1]
    with (tmp_path / "err").open("wb") as err:
        program = start("learn", "-", "--emit-every", 1000, given[0], path, stderr=err)
    said = (tmp_path / "err").read_text
    program.stdin.write(LINE * 5000)
    program.stdin.flush()
    wait_for(path.exists)
    folder.rename(tmp_path / "gone")
    program.stdin.write(LINE * 5000)
    program.stdin.flush()
    wait_for(lambda: "warning: " in said())
    program.stdin.write(LINE * 5000)
    program.stdin.flush()
    time.sleep(0.3)
    folder.mkdir()
    program.stdin.write(LINE * 5000)
    program.stdin.close()
    assert program.wait(60) == 0
    warnings = [line for line in said().splitlines() if "warning: " in line]
    assert len(warnings) == 1, said()
    assert f"warning: {path}: " in warnings[0]  # there is no such folder, or no such file if it went in between
    assert path.stat().st_size and "20,000 traces" in said()


@FULL
def test_a_full_disc_meanwhile_is_told_once_and_fails_at_the_end(run, lots, tmp_path, elsewhere) -> None:
    done = run("learn", lots, "--emit-every", 10, "--dot", "/dev/full", "-o", tmp_path / "m.json")
    assert done.code == 1
    full = "/dev/full: cannot be written: No space left on device (expected: a disc with free space, or another file)"
    warnings = [line for line in done.err.splitlines() if "warning: " in line]
    assert len(warnings) == 1 and full in warnings[0]
    assert done.err.splitlines()[-1] == f"flexstream: error: {full}"
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    assert len(load_model(tmp_path / "m.json")) and "is saved in" not in done.err  # the model is where it should be
    assert not list(elsewhere.iterdir())


@FULL
@pytest.mark.parametrize("given", [["-o"], ["--dot"], ["--report"], ["--frontier"]])
def test_what_was_learned_is_saved_where_there_is_room(run, lots, tmp_path, elsewhere, given) -> None:
    done = run("learn", lots, *given, "/dev/full")
    assert done.code == 1
    path = saved(done.err)
    assert path.parent == elsewhere and stat.S_IMODE(path.stat().st_mode) == 0o600
    run("learn", lots, "-o", tmp_path / "m.json", *(["--no-thin"] if given == ["--report"] else []))  # as reports want
    assert path.read_bytes() == (tmp_path / "m.json").read_bytes()
    assert "No space left on device" in done.err.splitlines()[-1]


def test_a_folder_that_is_gone_at_the_end(start, tmp_path, elsewhere) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    program = start("learn", "-", "-o", folder / "m.json", "--dot", folder / "m.dot")
    program.stdin.write(LINE * 100_000)
    program.stdin.flush()
    folder.rmdir()
    program.stdin.close()
    assert program.wait(60) == 1
    err = program.stderr.read().decode()
    path = saved(err)
    assert path.parent == elsewhere
    assert json.loads(path.read_text())["provenance"]["traces"] == 100_000
    assert err.count("there is no folder") == 2 and "Traceback" not in err


def test_nowhere_at_all_is_said(run, lots, monkeypatch) -> None:
    monkeypatch.setattr("flexstream_cli.attempts._folders", lambda outputs: [])
    if Path("/dev/full").exists():
        done = run("learn", lots, "-o", "/dev/full")
        assert done.code == 1 and "could not be saved anywhere" in done.err


def test_a_reader_of_stdout_that_leaves_ends_the_stream_and_the_rest_is_written(start, tmp_path) -> None:
    model = tmp_path / "m.json"
    program = start("learn", "-", "--emit-every", 500, "--dot", "-", "-o", model, "--refine-every", 0)
    program.stdin.write(LINE * 2000)
    program.stdin.flush()
    assert program.stdout.readline()
    program.stdout.close()
    code = None
    for _ in range(200):
        try:
            program.stdin.write(LINE * 500)
            program.stdin.flush()
        except BrokenPipeError:
            break
        if (code := program.poll()) is not None:
            break
        time.sleep(0.05)
    code = program.wait(30)
    assert code == 141
    told = json.loads(model.read_text())["provenance"]
    assert told["complete"] is False and "stdout" in told["ended"]
    assert b"Traceback" not in program.stderr.read()


@pytest.mark.parametrize("given", [["-o", "-"], [], ["--dot", "-"]])
def test_a_closed_stdout_is_found_before_anything_is_read(lots, given) -> None:
    command = ["sh", "-c", '"$0" -m flexstream_cli.main "$@" >&-', sys.executable, "learn", "-", *given]
    reader, writer = os.pipe()  # nothing ever comes
    try:
        done = subprocess.run(command, stdin=reader, capture_output=True, text=True, timeout=60, check=False)
    finally:
        os.close(reader)
        os.close(writer)
    assert (done.returncode, done.stderr.count("<stdout>: is closed")) == (1, 1)


def test_metrics_of_alarms_that_fail_meanwhile_end_nothing(start, model, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    lots = tmp_path / "lots.txt"
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text("import flexstream_cli.alarm_run as run\nrun.METRICS_SECONDS = 0.1\n")
    env = os.environ | {"PYTHONPATH": f"{site}:{os.environ.get('PYTHONPATH', '')}"}
    with (tmp_path / "err").open("wb") as err:
        program = start(
            "alarm", model, lots, "--follow", "--rate", "0.5", "--metrics", folder / "m.prom", stderr=err, env=env
        )
    wait_for((folder / "m.prom").exists)
    folder.rename(tmp_path / "gone")
    said = (tmp_path / "err").read_text
    wait_for(lambda: "warning: " in said())
    time.sleep(1.5)
    assert program.poll() is None
    folder.mkdir()
    wait_for((folder / "m.prom").exists)
    program.terminate()
    assert program.wait(20) == 143
    assert said().count("warning: ") == 1


@FULL
def test_metrics_that_fail_at_the_end_are_an_error_after_the_summary(run, model, lots) -> None:
    done = run("alarm", model, lots, "--rate", "0.5", "--metrics", "/dev/full")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("flexstream: error: /dev/full: cannot be written: No space left on")
    assert "120 traces" in done.err


def test_a_link_that_leads_away_is_told_and_followed(run, lots, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "m.json").symlink_to(tmp_path / "m.json")
    done = run("learn", lots, "-o", tmp_path / "links" / "m.json")
    assert done.code == 0 and f"links/m.json is a link: {tmp_path / 'm.json'} is written" in done.err
    assert (tmp_path / "links" / "m.json").is_symlink() and len(load_model(tmp_path / "m.json"))
