"""Large alphabets and long traces: bounded memory, bounded time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SYMBOLS = 1_000_000
MOST_MEMORY = 1 << 30  # the texts of a million symbols and their places in the model take most of it


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_a_million_symbols(tmp_path):
    path = tmp_path / "many.txt"
    with path.open("w") as file:
        for start in range(0, SYMBOLS, 10):
            file.write(" ".join(f"s{number}" for number in range(start, start + 10)) + "\n")
    code = (  # not the peak of getrusage, which begins with that of the process that started this one
        "import re, sys; from pathlib import Path; from flexstream_cli.main import main\n"
        "main(sys.argv[1:])\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    args = ["learn", str(path), "--memory", "16MiB", "-o", str(tmp_path / "m.json")]
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) * 1024 < MOST_MEMORY
    symbols = json.loads((tmp_path / "m.json").read_text())["symbols"]
    assert "<other>" in symbols
    assert len(symbols) < SYMBOLS / 10


def test_a_trace_of_a_million_events(run, write, tmp_path):
    path = write("long.txt", b"load run " * 500_000 + b"\n")
    assert run("learn", path, "-o", tmp_path / "m.json").code == 0
    (row,) = run("score", tmp_path / "m.json", path).text.splitlines()
    assert json.loads(row)["length"] == SYMBOLS


def test_a_very_long_symbol(run, write, tmp_path):
    path = write("long.txt", b"x" * 3_000_000 + b"\n" + b"x\n" * 9)
    assert run("learn", path, "-o", tmp_path / "m.json").code == 0
    assert max(map(len, run("show", tmp_path / "m.json").text.splitlines())) < 200
