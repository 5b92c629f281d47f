"""Which tests can catch a fault: those that run its line, whether they know it or not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("coverage", reason="coverage is not installed: pip install 'flexstream[mutants]'")
SHARED = Path(__file__).resolve().parents[2] / "benchmarks" / "shared"

LIBRARY = """\
from functools import cache

LIMIT = 3
LESS = LIMIT - 1
TABLE = {}
TABLE |= {1: 2}


@cache
def kept(x):
    return min(
        x,
        LIMIT,
    )


def sign(x):
    if x < 0:
        return 1 - LESS
    return 1


def lent(x):
    return x


def alone(x):
    return x
"""
TESTS = """\
import os
import sys

import pytest

from flexstream.library import alone, kept, lent, sign


@pytest.fixture(scope="module")
def number():
    return lent(7)


def test_slow_and_negative():
    assert sign(-2) == -1
    sum(range(2_000_000))


def test_positive():
    assert sign(2) == 1


def test_kept():
    assert kept(5) == 3


def test_kept_as_well():
    assert kept(5) == 3


def test_lent(number):
    assert number == 7


def test_elsewhere():
    if os.fork() == 0:
        os._exit(alone(0))
    assert os.wait()[1] == 0


def test_that_fails():
    assert sign(2) == 2


@pytest.mark.skipif("coverage" in sys.modules and sys.gettrace() is not None, reason="is not traced")
def test_without_end():
    while True:
        pass
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a package of the same name."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("flexstream", "tests"):
        (folder / name).mkdir()
    (folder / "flexstream" / "__init__.py").touch()
    (folder / "flexstream" / "library.py").write_text(LIBRARY)
    (folder / "flexstream" / "other.py").write_text("from .library import (\n    LIMIT,\n)\n# and LIMIT again\n")
    (folder / "tests" / "test_library.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


@pytest.fixture(scope="module")
def codes(project: Path) -> list[int | None]:
    """How runs ended: of all tests, of two that pass, of one that fails as well, and of one that does not end."""
    names = ["positive", "kept", "that_fails", "without_end"]
    limits = [(f"tests/test_library.py::test_{name}", 0.2 if name == "without_end" else 30.0) for name in names]
    asked = [{"trace": str(project / "out.json")}, *({"only": dict(limits[:end])} for end in (2, 3, 4))]
    common = {"arguments": ["-q", "-p", "no:cacheprovider", "tests/test_library.py"], "seconds": 60}
    done = subprocess.run(
        [sys.executable, str(SHARED / "forked_tests.py")],
        input="".join(json.dumps(common | one) + "\n" for one in asked),
        capture_output=True,
        text=True,
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def traces(project: Path, codes: list[int | None]):
    assert codes[0] == 1  # one test fails
    sys.path.insert(0, str(SHARED.parent))
    try:
        from shared.traces import Traces, split
    finally:
        sys.path.remove(str(SHARED.parent))
    part = split(project / "out.json", ["tests/test_library.py"])["tests/test_library.py"]
    (project / "part.json").write_text(json.dumps(part))
    return Traces([project / "part.json"], project)


def line_of(text: str) -> int:
    return LIBRARY.splitlines().index(text) + 1


EVERY = {"slow_and_negative", "positive", "kept", "kept_as_well", "lent", "elsewhere", "without_end"}


@pytest.mark.parametrize(
    ("line", "tests"),
    [
        ("    if x < 0:", {"slow_and_negative", "positive", "elsewhere"}),
        ("        return 1 - LESS", {"slow_and_negative", "elsewhere"}),
        ("        LIMIT,", {"kept", "kept_as_well", "elsewhere"}),  # whichever comes first
        ("LIMIT = 3", {"slow_and_negative", "kept", "kept_as_well", "elsewhere"}),  # and by LESS
        ("LESS = LIMIT - 1", {"slow_and_negative", "elsewhere"}),
        ("TABLE |= {1: 2}", EVERY),
        ("@cache", EVERY),
        ("def sign(x):", EVERY),
        ("    return x", EVERY),  # in a fixture that tests share
    ],
)
def test_those_that_run_the_line(traces, line: str, tests: set[str]) -> None:
    found = traces.tests_for("flexstream/library.py", LIBRARY, line_of(line))
    assert set(found) == {f"tests/test_library.py::test_{name}" for name in tests}


def test_the_quickest_comes_first_and_what_runs_elsewhere_last(traces) -> None:
    found = traces.tests_for("flexstream/library.py", LIBRARY, line_of("    if x < 0:"))
    assert [test.removeprefix("tests/test_library.py::test_") for test in found] == [
        "positive",
        "slow_and_negative",
        "elsewhere",
    ]


def test_nobody_runs_the_line_but_perhaps_those_that_start_processes(traces) -> None:
    last = len(LIBRARY.splitlines())
    assert traces.tests_for("flexstream/library.py", LIBRARY, last) == ["tests/test_library.py::test_elsewhere"]


def test_some_only_in_their_order(codes: list[int | None]) -> None:
    assert codes[1:] == [0, 1, None]
