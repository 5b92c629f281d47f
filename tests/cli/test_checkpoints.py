"""Runs that are killed, stopped or have grown go on from their checkpoints."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from flexstream.targets import reber

TRACES = reber().sample(40_000, seed=3)
LINES = "".join(" ".join(trace) + "\n" for trace in TRACES).encode()
ROWS = "".join(
    f"c{number // 50 * 50 + row},{symbol}\n"
    for number in range(0, 20_000, 50)
    for step in range(30)
    for row, trace in enumerate(TRACES[number : number + 50])
    for symbol in trace[step : step + 1]
).encode()
HOSTED = "".join(f"h{number % 3},{line}\n" for number, line in enumerate(ROWS.decode().splitlines())).encode()
SOURCES: dict[str, tuple[bytes, list[str]]] = {
    "lines.txt": (LINES, []),
    "lines.txt.gz": (gzip.compress(LINES), ["--ensemble", "2"]),
    "rows.csv": (b"case,event\n" + ROWS, ["--max-open-cases", "60"]),
    "hosts.csv": (b"host,case,event\n" + HOSTED, ["--per", "host", "--memory", "1MiB", "--max-open-cases", "60"]),
}


@pytest.mark.parametrize("name", list(SOURCES))
def test_a_killed_run_goes_on(name: str, run: Any, start: Any, write: Any, tmp_path: Path) -> None:
    data, options = SOURCES[name]
    source, kept = write(name, data), tmp_path / "kept"
    assert run("learn", source, *options, "-o", tmp_path / "whole.json").code == 0
    arguments = ("learn", source, *options, "-o", tmp_path / "again.json", "--checkpoint", kept, "--resume")
    program = start(*arguments, "--checkpoint-every", "3000")
    until = time.monotonic() + 60
    while not (kept / "checkpoint-4").exists() and program.poll() is None and time.monotonic() < until:
        time.sleep(random.Random(name).uniform(0.001, 0.01))
    program.kill()
    assert program.wait() == -signal.SIGKILL
    ended = run(*arguments)
    assert ended.code == 0
    assert "goes on behind trace" in ended.err
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "whole.json").read_bytes()


def test_a_stopped_pipe_goes_on_when_it_is_given_again(
    run: Any, start: Any, until_it_listens: Any, tmp_path: Path
) -> None:
    """What the cases that were open at the stop had is not lost, and they are not cut by it."""
    kept, data = tmp_path / "kept", b"case,event\n" + ROWS
    whole = run("learn", "-", "--format", "csv", "-o", tmp_path / "whole.json", input=data)
    assert whole.code == 0
    arguments = ("learn", "-", "--format", "csv", "--checkpoint", kept, "--resume", "-o", tmp_path / "again.json")
    program = start(*arguments)
    until_it_listens(program)
    program.stdin.write(data[: len(data) // 2])
    program.stdin.flush()
    program.send_signal(signal.SIGTERM)
    assert program.wait(60) == 128 + signal.SIGTERM
    again = run(*arguments, input=data)
    assert again.code == 0
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
    other = run(*arguments, input=data.replace(b"c1,", b"x1,", 1))
    assert other.code == 1
    assert "is not what was read before" in other.err


def test_what_is_refused_leaves_the_model_as_it_was(run: Any, write: Any, tmp_path: Path) -> None:
    source, kept, model = write("lines.txt", LINES[:5000]), tmp_path / "kept", tmp_path / "model.json"
    given = ("learn", source, "-o", model, "--checkpoint", kept)
    assert run(*given).code == 0
    before = model.read_bytes()
    assert "--resume" in run(*given).errors[0]
    seeded = run(*given, "--resume", "--seed", 3)
    assert seeded.code == 2
    assert "another --seed: the default, not 3" in seeded.errors[0]
    source.write_bytes(LINES[100:6000])
    changed = run(*given, "--resume")
    assert changed.code == 1
    assert len(changed.errors) == 1
    assert model.read_bytes() == before


def test_looks_at_the_stream_are_counted_on(run: Any, write: Any, tmp_path: Path) -> None:
    source, kept = write("lines.txt", LINES[:60_000]), tmp_path / "kept"
    given = ("learn", source, "--emit-every", 500, "-o")
    assert run(*given, tmp_path / "whole.json").code == 0
    write("lines.txt", LINES[:30_000][: LINES[:30_000].rindex(b"\n") + 1])
    more = ("--checkpoint", kept, "--resume")
    assert run(*given, tmp_path / "again.json", *more).code == 0
    write("lines.txt", LINES[:60_000])
    assert run(*given, tmp_path / "again.json", *more).code == 0
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
    other = run("learn", source, "-o", tmp_path / "again.json", *more)
    assert "another --emit-every: 500, not the default" in other.errors[0]


@pytest.mark.parametrize("options", [["--resume"], ["--checkpoint-every", "10s"]])
def test_options_without_a_folder_are_refused(options: list[str], run: Any, lots: Path) -> None:
    ended = run("learn", lots, *options)
    assert ended.code == 2
    assert "needs --checkpoint" in ended.errors[0]


def test_a_folder_belongs_to_one_run(run: Any, lots: Path, tmp_path: Path) -> None:
    from flexstream.generations import Generations

    with Generations(tmp_path / "kept"):
        ended = run("learn", lots, "--checkpoint", tmp_path / "kept")
    assert ended.code == 1
    assert "is in use by process" in ended.errors[0]


def test_a_fleet_is_no_more_gone_on_with_as_none(run: Any, write: Any, tmp_path: Path) -> None:
    source, kept = write("hosts.csv", b"host,case,event\n" + HOSTED[: HOSTED.index(b"\n", 3000) + 1]), tmp_path / "kept"
    assert run("learn", source, "--per", "host", "--checkpoint", kept, "-o", tmp_path / "m.json").code == 0
    ended = run("learn", source, "--checkpoint", kept, "--resume", "-o", tmp_path / "m.json")
    assert ended.code == 2 and "another --per: host, not the default" in ended.errors[0]
    checked = run("verify", kept)
    assert checked.code == 0 and "every link and every sum fits" in checked.text


def test_a_named_pipe_is_learned_with_checkpoints(start: Any, write: Any, tmp_path: Path) -> None:
    pipe, part = tmp_path / "pipe", b"".join(LINES.splitlines(True)[:1000])
    os.mkfifo(pipe)
    for sources, traces in (([pipe], 1000), ([write("other.txt", part), pipe], 2000)):
        model = tmp_path / f"{traces}.json"
        program = start("learn", *sources, "-o", model, "--checkpoint", tmp_path / f"kept-{traces}")
        pipe.write_bytes(part)
        assert program.wait() == 0, program.stderr.read()
        assert json.loads(model.read_text())["provenance"]["traces"] == traces


def test_a_run_of_which_no_trace_had_ended_is_not_written_over(run: Any, write: Any, tmp_path: Path) -> None:
    """Of cases without a sign of their end, all end with the input, behind the last checkpoint."""
    days = [write(f"{day}.csv", "case,event\n" + "".join(f"{day}{n},{e}\n" for n in range(60) for e in "abc"))
            for day in ("monday", "tuesday")]  # fmt: skip
    kept, model = tmp_path / "kept", tmp_path / "m.json"
    assert run("learn", days[0], "-o", model, "--checkpoint", kept).code == 0
    before = {path.name: path.read_bytes() for path in kept.iterdir() if path.name != "lock"}
    told = run("learn", days[1], "-o", model, "--checkpoint", kept)
    assert told.code == 2 and "holds the checkpoint of a run (expected: --resume to go on with it" in told.err
    assert {path.name: path.read_bytes() for path in kept.iterdir() if path.name != "lock"} == before
    looked = run("verify", kept)
    assert looked.code == 0 and "no trace had ended by then" in looked.text and "unknown" not in looked.text
    assert run("learn", days[0], "-o", model, "--checkpoint", kept, "--resume").code == 0


def test_a_run_that_has_read_nothing_is_begun_anew(run: Any, write: Any, tmp_path: Path) -> None:
    log, kept = write("log.csv", "case,event\n1,a\n1,b\n2,a\n"), tmp_path / "kept"
    assert run("learn", log, "--event", "none", "--checkpoint", kept, "-o", tmp_path / "m.json").code == 1
    assert run("learn", log, "--event", "event", "--checkpoint", kept, "-o", tmp_path / "m.json").code == 0
