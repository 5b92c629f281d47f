"""What the README shows works: every command is run, literally, in a folder with the files that it names."""

from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from html import unescape
from pathlib import Path

import pytest

from flexstream import PDFA

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
IN_SENTENCES = [command for command in re.findall(r"`(flexstream [^`]+)`", README) if "." in command]
LINES = [line for block in BLOCKS for line in block.replace("\\\n", "").splitlines()]
PREPARING = ("$ pip install", "make ")
"""What begins so prepares a machine; it is tried in an empty environment, not here."""
OUTPUT = ("flexstream: ", "{")
COMMANDS = [line for line in LINES + IN_SENTENCES if not line.startswith(PREPARING + OUTPUT)]
ENDLESS = [line for line in COMMANDS if line.startswith("tail ")]
SHOWN_PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that the README speaks of, and the command `flexstream`."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "datasets", folder / "datasets")
    shutil.copy(ROOT / "datasets" / "lots.txt", folder / "traces.txt")
    events = (ROOT / "datasets" / "events.csv").read_text()
    (folder / "orders.csv").write_text(events.replace("timestamp,case_id,activity", "at,order,status"))
    log = (ROOT / "datasets" / "events.log").read_text().replace("[lot ", "[")
    (folder / "app.log").write_text(log)
    (folder / "old.log.gz").write_bytes(gzip.compress(log.encode()))
    for name in ("january", "february"):
        shutil.copy(ROOT / "datasets" / "line.json", folder / f"{name}.json")
    (folder / "bin").mkdir()
    program = folder / "bin" / "flexstream"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m flexstream_cli.main "$@"\n')
    program.chmod(0o755)
    for wanted in ("-o model.json --svg line.svg", "-o app.json"):  # each command may be tried alone
        learn = next(line for line in COMMANDS if line.endswith(wanted))
        run(learn.removesuffix(" --svg line.svg"), folder)
    return folder


def started(line: str, folder: Path) -> subprocess.Popen[str]:
    """Start a line of the README in a shell, in a process group of its own."""
    return subprocess.Popen(
        ["bash", "-o", "pipefail", "-c", line.removeprefix("$ ")],
        cwd=folder,
        env=os.environ | {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(line: str, folder: Path) -> tuple[str, str]:
    """Return what a line of the README prints; fail if it fails or only complains."""
    process = started(line, folder)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out, err


@pytest.mark.parametrize("line", [line for line in COMMANDS if line not in ENDLESS])
def test_command_runs(line: str, folder: Path) -> None:
    if ("svg" in line or "png" in line) and shutil.which("dot") is None:
        pytest.skip("pictures need Graphviz")
    words = shlex.split(line, comments=True)
    written = [folder / words[n + 1] for n, word in enumerate(words) if word in {"-o", "--svg", "--report"}]
    before = {path: path.stat().st_mtime_ns for path in written if path.exists()}
    out, err = run(line, folder)
    assert out or written
    assert all(path.stat().st_mtime_ns != before.get(path) for path in written)
    assert "error" not in err


@pytest.mark.parametrize("line", ENDLESS)
def test_endless_command_learns_until_it_is_stopped(line: str, folder: Path) -> None:
    """A log that goes on: what came at once waits for the next lines, so that late ones find their place."""
    log, model = (folder / re.findall(pattern, line)[0] for pattern in (r" -F (\S+)", r" -o (\S+)"))
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:-20]))
    process = started(line, folder)
    for late in lines[-20:]:
        time.sleep(0.2)
        with log.open("ab") as file:
            file.write(late)
    until = time.monotonic() + 30
    while not model.exists() and time.monotonic() < until and process.poll() is None:
        time.sleep(0.2)
    assert model.exists()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    learned = PDFA.load(model)
    assert learned.provenance["traces"] >= 100, err
    assert len(learned.visits) == 9, err


def test_nothing_shown_is_forgotten() -> None:
    assert len(COMMANDS) >= 13
    assert len(ENDLESS) == 1
    assert len(IN_SENTENCES) == 1
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {line.split()[1] for line in LINES if line.startswith("make ")} <= set(targets)


def test_first_screen_says_what_is_so(folder: Path) -> None:
    learn, score = (line for line in COMMANDS if line.startswith("$ "))
    automaton_line = next(line for line in LINES if " -> " in line and line.startswith("flexstream: "))
    shown = json.loads(next(line for line in LINES if line.startswith("{")))
    _, err = run(learn.replace("model.json", "first.json").replace(" --svg line.svg", ""), folder)
    assert automaton_line.partition(" (")[0] in err
    assert next(line for line in LINES if "guessed" in line) in err
    out, _ = run(score.replace("model.json", "first.json"), folder)
    told = json.loads(out)
    assert told.pop("log2_prob") == pytest.approx(shown.pop("log2_prob"), abs=1e-9)
    assert told == shown
    learned = PDFA.load(folder / "first.json")
    assert learned.equivalent(PDFA.load(ROOT / "datasets" / "line.json"), tolerance=0.1)
    lots = [line.split() for line in (ROOT / "datasets" / "lots.txt").read_text().splitlines()]
    average = -sum(learned.log2_prob(lot) for lot in lots) / len(lots)
    assert f"learned from take {average:.1f} on average" in README


def test_the_picture_is_that_of_the_first_command(folder: Path) -> None:
    """The labels of the picture, in whatever order and place Graphviz put them, are those of the automaton."""
    learn = next(line for line in COMMANDS if line.startswith("$ flexstream learn"))
    run(learn.replace("model.json", "drawn.json").replace("--svg line.svg", "--dot drawn.dot"), folder)
    labels = re.findall(r'-> q\d+ \[label="([^"]+)\\l"', (folder / "drawn.dot").read_text())
    picture = (ROOT / re.findall(r"!\[.*?\]\((.*?)\)", README)[0]).read_text()
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    assert len(labels) == 13
    shown = [text for text in map(unescape, drawn) if re.search("[a-z] >?[0-9]", text) and "end" not in text]
    assert sorted(shown) == sorted(label.replace("\u00a0", "") for label in labels)


def test_python_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = SHOWN_PYTHON
    names: dict[str, object] = {}
    exec(code, names)
    automaton = names["automaton"]
    assert isinstance(automaton, PDFA)
    assert automaton.log2_prob(["load", "run", "unload"]) == pytest.approx(-1, abs=0.05)
    assert automaton.predict_proba_one(["load"])["run"] == pytest.approx(0.5, abs=0.01)
    assert PDFA.load("model.json").equivalent(automaton)


def test_its_default_is_that_of_the_library() -> None:
    from flexstream.defaults import MEMORY

    (told,) = re.findall(r"`--memory` \((\d+ MiB) unless", README)
    assert told.replace(" ", "") == MEMORY


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 170
