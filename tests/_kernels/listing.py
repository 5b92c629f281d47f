"""Which kernels there are, under the names by which Python calls them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import flexstream
from flexstream._kernels.judges import CompiledJudge
from flexstream._kernels.library import all_kernels
from flexstream.merging.heuristics import HEURISTICS

KERNELS = Path(flexstream.__file__).parent / "_kernels"
NO_LOOPS = {"columns", "judges", "library", "rows", "sources"}
"""Modules about how kernels are found, checked and called, and how columns lie in memory."""


def every_kernel(folder: Path = KERNELS) -> list[str]:
    """Return ``module.function`` for each function of the kernels' modules, and ``judges.name`` for each judge in C.

    Left out is a function that another one of its module calls: that one has the twin, and so it reaches both.
    """
    found = [f"{path.stem}.{name}" for path in loops(folder) for name in offered(functions_of(path))]
    return sorted([*found, *compiled_judges()])


def loops(folder: Path) -> list[Path]:
    """Return the modules with kernels."""
    return [path for path in sorted(folder.glob("[!_]*.py")) if path.stem not in NO_LOOPS]


def compiled_judges() -> list[str]:
    """Return the judges of the heuristics that come with the package."""
    found = {kind.judge.name for kind in HEURISTICS.values() if isinstance(kind.judge, CompiledJudge)}
    return sorted(f"judges.{name}" for name in found)


def compiled_by(name: str) -> set[str]:
    """Return what runs in C when a listed kernel is called: itself, what it calls beside it, or nothing."""
    module, _, function = name.partition(".")
    if module == "judges":
        return {name}
    body = functions_of(KERNELS / f"{module}.py")[function]
    return {function, *called_in(body)} & set(all_kernels())


def offered(functions: dict[str, ast.FunctionDef]) -> Iterator[str]:
    """Yield the functions that are not private and that no other one of them calls."""
    called = {name for function in functions.values() for name in called_in(function)}
    yield from (name for name in functions if not name.startswith("_") and name not in called)


def functions_of(path: Path) -> dict[str, ast.FunctionDef]:
    """Return the functions of a module."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}


def called_in(function: ast.FunctionDef) -> set[str]:
    """Return what a function calls by a plain name."""
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {call.id for call in calls if isinstance(call, ast.Name)}
