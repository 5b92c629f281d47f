"""``flexstream watch`` and ``learn --watch``: they learn and write what learn does; the page lives meanwhile."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from flexstream import PDFA

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/[\w-]+/")


def address(program: subprocess.Popen[bytes]) -> str:
    """Return where the page is, once the program has told it."""
    assert program.stderr is not None
    found = ADDRESS.search(program.stderr.readline().decode())
    assert found
    return found[0]


def news(page: str) -> dict[str, Any]:
    """Return all that the page tells."""
    with urlopen(f"{page}news", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def until(page: str, holds: Any) -> dict[str, Any]:
    """Return the news once something holds of them."""
    end = time.monotonic() + 30
    while not holds(found := news(page)):
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return found


def test_the_page_stays_after_the_end_until_a_signal_comes(start, run, lots, tmp_path: Path) -> None:
    assert run("learn", lots, "-o", tmp_path / "plain.json").code == 0
    program = start("watch", lots, "-o", tmp_path / "m.json")
    page = address(program)
    found = until(page, lambda found: found["numbers"].get("ended"))
    assert found["numbers"]["traces"] == 120 and "has ended" in found["numbers"]["ended"]
    states = len(PDFA.load(tmp_path / "m.json"))
    until(page, lambda found: found.get("scene", {}).get("states") == states)
    assert (tmp_path / "m.json").read_bytes() == (tmp_path / "plain.json").read_bytes()
    assert program.poll() is None
    program.send_signal(signal.SIGINT)
    assert program.wait(timeout=20) == 0


def test_learn_with_a_page_ends_with_its_input(run, lots, tmp_path: Path) -> None:
    ran = run("learn", lots, "--watch", "-o", tmp_path / "m.json")
    assert ran.code == 0 and ADDRESS.search(ran.err)
    plain = run("learn", lots, "-o", tmp_path / "plain.json")
    assert (tmp_path / "m.json").read_bytes() == (tmp_path / "plain.json").read_bytes()
    assert ran.err.splitlines()[1:][0] == plain.err.splitlines()[0]


def test_a_slow_stream_is_shown_before_it_ends(start, tmp_path: Path) -> None:
    program = start("watch", "-", "-o", tmp_path / "m.json")
    page = address(program)
    program.stdin.write(b"load run unload\n" * 20)
    program.stdin.flush()
    found = until(page, lambda found: "scene" in found and found["numbers"].get("traces", 0) >= 1)
    assert found["numbers"]["ended"] is None
    program.stdin.write(b"load setup run unload\n" * 20)
    program.stdin.flush()
    until(page, lambda found: any("setup" in " ".join(arrow["lines"]) for arrow in found["scene"]["arrows"]))
    program.send_signal(signal.SIGTERM)
    assert program.wait(timeout=20) == 128 + signal.SIGTERM
    assert (tmp_path / "m.json").exists()


def test_a_stream_that_breaks_off_fails_as_it_does_without_a_page(run, write, tmp_path: Path) -> None:
    path = write("bad.jsonl", '{"case": "a", "event": "x"}\n' * 50 + "{\n" + '{"case": "a", "event": "x"}\n' * 50)
    results = [run(command, path, "-o", tmp_path / "m.json") for command in ("learn", "watch")]
    assert results[0].code == results[1].code == 1
    assert results[0].errors == results[1].errors


@pytest.mark.parametrize("arguments", [("--port", "80"), ("--port", "0")])
def test_a_port_without_a_page_is_an_error(run, lots, arguments) -> None:
    ran = run("learn", lots, *arguments)
    assert ran.code == 2 and ran.errors == ["flexstream: error: --port needs --watch"]


def test_a_port_that_is_taken_is_told_in_one_line(start, run, lots) -> None:
    program = start("watch", lots)
    port = address(program).split(":")[2].split("/")[0]
    ran = run("watch", lots, "--port", port)
    assert ran.code == 2 and len(ran.errors) == 1 and f"--port {port} cannot be had" in ran.errors[0]
    program.send_signal(signal.SIGTERM)
    program.wait(timeout=20)


def test_changes_that_are_followed_are_told(start, write) -> None:
    path = write("two.txt", "load run unload\n" * 3000 + "load pause resume run unload\n" * 3000)
    program = start("watch", path, "--on-drift", "restart")
    page = address(program)
    found = until(page, lambda found: found["numbers"].get("ended"))
    lines = [line[2] for line in found["lines"] if line[1] == "drift"]
    assert any(line.startswith("the source changed after trace 3,000") for line in lines)
    program.send_signal(signal.SIGINT)
    program.wait(timeout=20)


def test_all_options_of_learn_are_options_of_watch(run) -> None:
    options = [set(re.findall(r"--[a-z-]+", run(command, "--help").text)) for command in ("learn", "watch")]
    assert options[0] - options[1] == {"--watch"} and options[1] <= options[0]


def test_nobody_looks_at_a_learner_that_is_used_otherwise(start, run, write, tmp_path: Path) -> None:
    """Looks while the stream waits, checkpoints and the last refinement take turns."""
    lines = [f"load {'run ' * (number % 7)}unload {number % 5}\n" for number in range(3000)]
    path = write("long.txt", "".join(lines))
    assert run("learn", path, "-o", tmp_path / "plain.json").code == 0
    options = ("--checkpoint", tmp_path / "kept", "--checkpoint-every", 50, "-o", tmp_path / "m.json")
    program = start("learn", "-", "--watch", "--format", "lines", *options)
    for begin in range(0, len(lines), 60):
        program.stdin.write("".join(lines[begin : begin + 60]).encode())
        program.stdin.flush()
        time.sleep(0.03)
    program.stdin.close()
    assert program.wait(timeout=60) == 0
    assert b"Traceback" not in program.stderr.read()
    one, other = (json.loads((tmp_path / name).read_text()) for name in ("plain.json", "m.json"))
    for document in (one, other):
        document["provenance"].pop("reading", None)
        del document["seal"]
    assert one == other
