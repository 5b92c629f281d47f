"""CONTRIBUTING.md: its files and lines, added to a copy of the package, work, and mypy holds the contracts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
BLOCKS = dict(re.findall(r"^```python\n# (\S+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
HEURISTIC, _ = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "heuristics.md").read_text(), re.DOTALL)
FILES = {place: text for place, text in BLOCKS.items() if text.startswith('"""')}
FILES["flexstream/merging/heuristics/aic.py"] = HEURISTIC
REGISTRIES = {place: text for place, text in BLOCKS.items() if place not in FILES}
FAULTS = {
    "flexstream/readers/formats/arrows.py": ("yield Trace(None, symbols)", "yield symbols"),
    "flexstream/writers/transitions.py": ('return "".join', "return len"),
    "flexstream/merging/heuristics/aic.py": ("def words(self, score: float) -> str", "def words(self) -> str"),
}


def copy(folder: Path) -> Path:
    """Copy the package to a folder and add the files of the page, and their lines."""
    for name, within in (("flexstream", "flexstream"), ("cli", "flexstream_cli")):
        shutil.copytree(ROOT / name, folder / within, ignore=shutil.ignore_patterns("_kernels", "__pycache__"))
    (folder / "flexstream" / "_kernels").symlink_to(ROOT / "flexstream" / "_kernels")  # compiled already
    for place, text in FILES.items():
        (folder / place).write_text(text)
    for place, text in REGISTRIES.items():
        add_line(folder / place, text)
    return folder


def add_line(registry: Path, text: str) -> None:
    """Enter the first line of a block above its second, which is there already."""
    new, there = text.splitlines()
    lines = registry.read_text().splitlines()
    lines.insert(lines.index(there), new)
    registry.write_text("\n".join([*lines, ""]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy(tmp_path_factory.mktemp("contributing"))


def run(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python on the copy."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def flexstream(folder: Path, *words: str, stdin: str = "") -> str:
    done = run(folder, "-m", "flexstream_cli.main", *words, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_page_shows_one_file_and_one_line_each() -> None:
    assert sorted(FILES) == sorted(FAULTS)
    assert [len(text.splitlines()) for text in REGISTRIES.values()] == [2, 2]


def test_new_formats_are_known_to_every_command(folder: Path) -> None:
    told = flexstream(folder, "learn", "-", "-o", "model.json", stdin="load -> run -> unload\n" * 40)
    assert "format arrows (guessed)" in told
    assert "40 traces, 120 events, 3 symbols -> 4 states, 3 transitions" in told
    flexstream(folder, "export", "model.json", "-o", "model.tsv")
    rows = [line.split("\t")[:3] for line in (folder / "model.tsv").read_text().splitlines()]
    assert rows == [["q0", "load", "q1"], ["q1", "run", "q2"], ["q2", "unload", "q3"]]
    bad = run(folder, "-m", "flexstream_cli.main", "learn", "--format", "arrows", "-", stdin="a -> \n")
    assert (bad.returncode, "<stdin>:1: nothing beside an arrow (expected: symbol -> symbol)" in bad.stderr) == (
        1,
        True,
    )


def test_copy_is_what_runs(folder: Path) -> None:
    assert run(folder, "-c", "import flexstream; print(flexstream.__file__)").stdout.startswith(str(folder))


def test_mypy_holds_the_contracts(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    mypy = ("-m", "mypy", "--cache-dir", str(tmp_path), *FILES)
    sound = run(folder, *mypy)
    assert sound.returncode == 0, sound.stdout
    for place, (right, wrong) in FAULTS.items():
        assert (folder / place).read_text().count(right) == 1
        (folder / place).write_text((folder / place).read_text().replace(right, wrong))
    found = run(folder, *mypy).stdout
    copy_back = {place: (folder / place).write_text(text) for place, text in FILES.items()}
    assert {place for place in copy_back if f"{place}:" in found} == set(FAULTS), found
