"""Which tests can catch a fault in a line: those that run it.

A test that never runs the line of a fault does the same with and without it.  What counts as its line is the whole
statement, of one that holds others its head; of a constant of a module all statements that name it, and all tests in
files that do.  Any other fault outside functions, or one in what runs on import or in a fixture that tests share, is
looked for by all tests, and so is every fault by tests that start other processes, which nobody traces.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SHARED = -1
"""Stands in the place of a test for lines that run on import or in a fixture that tests share."""
_PARTS = ("body", "handlers", "orelse", "finalbody", "cases")


class Traces:
    """What some tests run, how long each takes in seconds, and which of them start other processes.

    Parameters
    ----------
    parts : iterable of paths
        What `split` returned, file by file.
    root : path
        The project, with its package and its tests.
    """

    def __init__(self, parts: Iterable[Path], root: Path) -> None:
        self.root = root
        self.seconds: dict[str, float] = {}
        self.elsewhere: set[str] = set()
        self.lines: dict[str, dict[int, set[str | None]]] = {}  # None for any test
        for part in parts:
            self._add(json.loads(part.read_text()))

    def _add(self, part: dict[str, Any]) -> None:
        self.seconds |= part["seconds"]
        self.elsewhere |= set(part["elsewhere"])
        for path, lines in part["lines"].items():
            known = self.lines.setdefault(path, {})
            for line, tests in lines.items():
                names = (None if test == SHARED else part["tests"][test] for test in tests)
                known.setdefault(int(line), set()).update(names)

    def tests_for(self, path: str, source: str, line: int) -> list[str]:
        """Return the tests that can catch a fault in a line: those that know the module first, the quickest first."""
        near = self._running(path, self.lines.get(path, {}))
        return sorted(self._catching(path, source, line), key=lambda test: (test not in near, self.seconds[test], test))

    def _catching(self, path: str, source: str, line: int) -> set[str]:
        lines = around(source, line)
        found = self._running(path, lines) if lines else self._using(constants_at(source, line), set())
        return set(self.seconds) if None in found else self.elsewhere | {test for test in found if test}

    def _using(self, constants: set[str], known: set[str]) -> set[str | None]:
        """Return the tests that run a statement that names one of some constants, or another that is made of it."""
        if not constants:
            return {None}
        known |= constants
        found: set[str | None] = set()
        word = re.compile(rf"\b({'|'.join(constants)})\b")
        for path in sorted([*(self.root / "flexstream").rglob("*.py"), *(self.root / "tests").rglob("*.py")]):
            source, name = path.read_text(encoding="utf-8"), str(path.relative_to(self.root))
            naming = [number for number, text in enumerate(source.split("\n"), 1) if word.search(text)]
            if not naming:
                continue
            found |= {test for test in self.seconds if test.startswith(f"{name}::")}
            if name.startswith("flexstream/"):
                found = found.union(*(self._through(name, source, line, known) for line in naming))
            elif not path.name.startswith("test_"):  # what tests share
                found.add(None)
        return found

    def _through(self, path: str, source: str, line: int, known: set[str]) -> set[str | None]:
        """Return the tests that run a line which names a constant, or use the constant that is defined there."""
        if lines := around(source, line):
            return self._running(path, lines)
        if isinstance(_holding(source, line)[0], ast.Import | ast.ImportFrom | ast.Expr | None):
            return set()  # a docstring, or a comment
        others = constants_at(source, line)
        return set() if others and others <= known else self._using(others, known)

    def _running(self, path: str, lines: Iterable[int]) -> set[str | None]:
        known = self.lines.get(path, {})
        return set[str | None]().union(*(known.get(line, ()) for line in lines))


def around(source: str, line: int) -> range:
    """Return the lines of the innermost statement that holds a line, of one with a body its head.

    Outside functions it returns none.

    >>> source = "LIMIT = 3\\ndef f(x):\\n    if x > LIMIT:\\n        x = min(\\n            x, 4)\\n    return x"
    >>> [around(source, line) for line in (1, 2, 3, 5)]
    [range(0, 0), range(0, 0), range(3, 4), range(4, 6)]
    """
    _, lines, inside = _holding(source, line)
    return lines if inside else range(0)


def constants_at(source: str, line: int) -> set[str]:
    """Return the names of the constants that a module defines on a line.

    >>> [sorted(constants_at("import re\\nLIMIT = 3\\nA, B = 1, 2\\n", line)) for line in (1, 2, 3)]
    [[], ['LIMIT'], ['A', 'B']]
    """
    found = next((one for one in ast.parse(source).body if _first(one) <= line <= _last(one)), None)
    if not isinstance(found, ast.Assign | ast.AnnAssign):
        return set()
    targets = found.targets if isinstance(found, ast.Assign) else [found.target]
    names = [name for target in targets for name in getattr(target, "elts", [target])]
    return {name.id for name in names} if all(isinstance(name, ast.Name) for name in names) else set()


def _holding(source: str, line: int) -> tuple[Any, range, bool]:
    """Return the innermost statement that holds a line, its lines or those of its head, and whether a function does."""
    found, lines, inside = None, range(0), False
    body: list[Any] = ast.parse(source).body
    while holding := [node for node in body if _first(node) <= line <= _last(node)]:
        found = holding[0]
        body = [part for name in _PARTS for part in getattr(found, name, [])]
        end = min((_first(part) for part in body), default=_last(found) + 1)
        lines = range(_first(found), end) if line < end else range(_first(found), _last(found) + 1)
        inside = inside or (isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef) and line >= end > found.lineno)
    return found, lines, inside


def split(written: Path, units: list[str]) -> dict[str, dict[str, Any]]:
    """Return what ``traced_tests.Tracer`` wrote, file of tests by file of tests; tests that failed are left out."""
    whole = json.loads(written.read_text())
    parts: dict[str, dict[str, Any]] = {
        unit: {"tests": [], "seconds": {}, "elsewhere": [], "lines": {}} for unit in units
    }
    place: dict[int, tuple[str, int]] = {}  # of a test: its file, and its number there
    for number, (test, seconds) in enumerate(whole["seconds"].items()):
        unit = test.split("::")[0]
        if unit in parts and test not in whole["failed"]:
            place[number] = unit, len(parts[unit]["tests"])
            parts[unit]["tests"].append(test)
            parts[unit]["seconds"][test] = seconds
            parts[unit]["elsewhere"] += [test] if test in whole["elsewhere"] else []
    for path, lines in whole["lines"].items():
        for line, found in lines.items():
            known = [place[number] for number in found if number in place]
            known += [(unit, SHARED) for unit in parts] if SHARED in found else []
            for unit, number in known:
                parts[unit]["lines"].setdefault(path, {}).setdefault(line, []).append(number)
    return parts


def _first(node: Any) -> int:
    """Return the first line of a statement, decorators included, of a handler, or of a case."""
    lines = [one.lineno for one in [*getattr(node, "decorator_list", []), getattr(node, "pattern", node)]]
    return int(min(lines))


def _last(node: Any) -> int:
    return int(node.body[-1].end_lineno if isinstance(node, ast.match_case) else node.end_lineno)
