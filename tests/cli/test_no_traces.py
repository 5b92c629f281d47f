"""Sources that hold no trace: the same error of every command that reads them, but where none need come."""

from __future__ import annotations

import gzip
import signal
from pathlib import Path

import pytest

HEADER = b"case,event\n"
EMPTY = {
    "header.csv": HEADER,
    "blank.csv": HEADER + b"\n\n",
    "packed.csv.gz": gzip.compress(HEADER),
    "none.xes": b"<log></log>",
}
COMMANDS = (
    ["learn", "SOURCE", "-o", "m.json"],
    ["score", "MODEL", "SOURCE"],
    ["alarm", "MODEL", "SOURCE", "--rate", "0.1"],
    ["predict", "MODEL", "SOURCE"],
    ["predict", "MODEL", "--ended", "SOURCE", "--after", "a"],
    ["evaluate", "MODEL", "SOURCE", "--label", "event"],
    ["pac", "search", "SOURCE", "-o", "m.json"],
)


@pytest.fixture(scope="module")
def known(run, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("known")
    (folder / "lots.csv").write_bytes(HEADER + b"".join(b"%d,a\n%d,b\n" % (n, n) for n in range(60)))
    assert run("learn", folder / "lots.csv", "-o", folder / "model.json").code == 0
    return folder / "model.json"


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_no_trace_is_the_same_error_everywhere(run, write, known, tmp_path, monkeypatch, name, command) -> None:
    monkeypatch.chdir(tmp_path)
    source = write(name, EMPTY[name])
    done = run(*({"SOURCE": source, "MODEL": known}.get(word, word) for word in command))
    assert done.code == 1 and done.out == b""
    assert f"error: {source}: no trace came" in done.err.splitlines()[-1]
    assert done.err.splitlines()[-1].endswith("(expected: at least one trace or event)")
    assert not (tmp_path / "m.json").exists()


@pytest.mark.parametrize("command", COMMANDS[:4], ids=lambda command: command[0])
def test_stdin_is_called_as_the_readers_call_it(run, known, command) -> None:
    done = run(*({"SOURCE": "-", "MODEL": known}.get(word, word) for word in command), input=HEADER)
    assert done.code == 1 and "error: <stdin>: no trace came" in done.err


def test_a_watched_pipe_may_bring_nothing(start, known) -> None:
    program = start("alarm", known, "-", "--rate", "0.1")
    program.stdin.write(HEADER)
    program.stdin.close()
    assert program.wait(20) == 0 and b"no trace came" in program.stderr.read()


def test_a_stop_before_anything_came_is_no_error(start, known, until_it_listens) -> None:
    program = start("score", known, "-")
    program.stdin.write(HEADER)
    program.stdin.flush()
    until_it_listens(program)
    program.send_signal(signal.SIGTERM)
    assert program.wait(20) == 128 + signal.SIGTERM
    assert b"error" not in program.stderr.read()
