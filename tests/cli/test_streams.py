"""Streams that do not end by themselves: pipes, signals, terminals, files that grow."""

from __future__ import annotations

import gzip
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LINUX = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks into /proc")
LINE = b"load run unload\n"


def traces(path):
    return json.loads(path.read_text())["provenance"]["traces"]


def wait_for(condition, seconds=20.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def listens(program):
    """Tell whether the program has set up its signals."""
    status = Path(f"/proc/{program.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


@LINUX
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_silent_pipe_and_all_lines_sent_count(start, tmp_path, sign):
    program = start("learn", "-", "-o", tmp_path / "m.json")
    program.stdin.write(LINE * 10)
    program.stdin.flush()
    wait_for(lambda: listens(program))
    program.stdin.write(LINE * 10)
    program.stdin.flush()
    program.send_signal(sign)
    assert program.wait(20) == 128 + sign
    assert traces(tmp_path / "m.json") == 20
    evidence = json.loads((tmp_path / "m.json").read_text())["evidence"]
    assert evidence["first_visits"] is None  # who ended it may have seen why: only what holds at all times is stated
    assert b"Traceback" not in program.stderr.read()


@LINUX
def test_a_signal_before_anything_came(start, tmp_path):
    program = start("learn", "-", "-o", tmp_path / "m.json")
    wait_for(lambda: listens(program))
    program.send_signal(signal.SIGINT)
    assert program.wait(20) == 130
    assert not (tmp_path / "m.json").exists()


@LINUX
def test_a_signal_in_the_middle_of_gzip(start, tmp_path):
    packed = gzip.compress(LINE * 5)
    program = start("learn", "-", "-o", tmp_path / "m.json")
    program.stdin.write(packed + packed[:12])
    program.stdin.flush()
    wait_for(lambda: listens(program))
    time.sleep(0.1)
    program.send_signal(signal.SIGINT)
    assert program.wait(20) == 130
    assert traces(tmp_path / "m.json") == 5


@LINUX
def test_a_second_signal_ends_at_once(start, tmp_path):
    os.mkfifo(tmp_path / "m.json")  # nobody reads it: writing the model waits for ever
    program = start("learn", "-", "-o", tmp_path / "m.json")
    program.stdin.write(LINE)
    program.stdin.flush()
    wait_for(lambda: listens(program))
    program.send_signal(signal.SIGINT)
    wait_for(lambda: not listens(program))
    time.sleep(0.1)
    assert program.poll() is None
    program.send_signal(signal.SIGINT)
    assert program.wait(5) in {-signal.SIGINT, 130}


def test_following_a_file_that_grows(start, tmp_path):
    path, model = tmp_path / "lots.txt", tmp_path / "m.json"
    path.write_bytes(LINE * 5)
    program = start("learn", path, "--follow", "--emit-every", 5, "-o", model)
    with path.open("ab") as file:
        for number in (70, 140):
            file.write(LINE * 65 if number == 70 else LINE * 70)
            file.flush()
            wait_for(lambda number=number: model.exists() and traces(model) >= number - 69)
    wait_for(lambda: traces(model) >= 128)
    time.sleep(0.3)
    program.send_signal(signal.SIGTERM)
    assert program.wait(20) == 143
    assert traces(model) == 140


def test_scoring_a_file_that_grows_ends_with_a_summary(start, model, tmp_path):
    path = tmp_path / "more.txt"
    path.write_bytes(LINE * 64)
    program = start("score", model, path, "--follow")
    scores = [json.loads(program.stdout.readline())["trace"] for _ in range(64)]
    with path.open("ab") as file:
        file.write(LINE * 3)
    time.sleep(0.5)
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=20)
    assert program.returncode == 130
    assert scores == list(range(1, 65))
    assert len(out.splitlines()) == 3
    assert b"67 traces, 201 events; perplexity" in err


def test_models_are_emitted_whole(start, tmp_path):
    model = tmp_path / "m.json"
    program = start("learn", "-", "--emit-every", 4096, "--refine-every", 0, "-o", model)
    seen = set()
    for _ in range(6):
        program.stdin.write(LINE * 4096)
        program.stdin.flush()
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            if model.exists():
                seen.add(traces(model))
    program.stdin.close()
    while program.poll() is None:
        if model.exists():
            seen.add(traces(model))
    assert program.returncode == 0
    assert len(seen) > 1
    assert all(number % 4096 == 0 for number in seen)
    assert traces(model) == 6 * 4096
    assert [path.name for path in tmp_path.iterdir()] == ["m.json"]


@pytest.mark.parametrize(("command", "unbuffered"), [("sample", ""), ("sample", "1"), ("score", "1")])
def test_a_reader_that_leaves_is_no_error(start, model, tmp_path, command, unbuffered):
    (tmp_path / "many.txt").write_bytes(LINE * 60_000)
    args = ["-n", 10_000] if command == "sample" else [tmp_path / "many.txt"]
    program = start(command, model, *args, env=os.environ | {"PYTHONUNBUFFERED": unbuffered})
    assert program.stdout.readline()
    program.stdout.close()
    assert program.wait(30) == 141
    assert b"rror" not in program.stderr.read()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_one_line(start, model):
    with Path("/dev/full").open("wb") as full:
        program = start("sample", model, stdout=full)
        _, err = program.communicate(timeout=20)
    assert program.returncode == 1
    assert err.splitlines() == [err.strip()]
    assert b"<stdout>: cannot be written: No space left on device" in err


@pytest.mark.parametrize(
    ("args", "code"), [("learn - <&-", 1), ("show model.json >&-", 1), ("show model.json 2>&-", 0)]
)
def test_closed_streams(model, args, code):
    script = f'"$0" -m flexstream_cli.main {args}'
    command = ["sh", "-c", script, sys.executable]
    done = subprocess.run(command, cwd=model.parent, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert done.stderr.count("is closed") == code
    assert len(done.stderr.splitlines()) == code


def test_nobody_reads_stderr(start, lots, tmp_path):
    program = start("learn", lots, "-o", tmp_path / "m.json")
    program.stderr.close()
    assert program.wait(20) == 0
    assert traces(tmp_path / "m.json") == 120


def terminal(*args, input):
    """Run a command whose stderr is a terminal; return what appears there."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "flexstream_cli.main", *map(str, args)], stdin=subprocess.PIPE, stderr=slave
    ) as program:
        os.close(slave)
        for part in input:
            program.stdin.write(part)
            program.stdin.flush()
            time.sleep(0.3)
        program.stdin.close()
        shown = b""
        while True:
            try:
                shown += os.read(master, 4096)
            except OSError:  # how Linux says that the other side has closed it
                break
    os.close(master)
    return shown


def test_progress_appears_on_a_terminal_only(run, tmp_path):
    shown = terminal("learn", "-", "-o", tmp_path / "m.json", input=[LINE * 5000] * 4)
    assert b"events/s" in shown
    assert b"\r\x1b[K" in shown
    assert "events/s" not in run("learn", "-", "-o", tmp_path / "m.json", input=LINE * 20_000).err
