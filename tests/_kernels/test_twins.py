"""Every kernel that Python calls has a slow twin in tests/naive, and a test that compares the two.

Such a test is marked ``@pytest.mark.twin("growth.count_traces")`` and calls the twin, itself or by a helper beside it.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import flexstream
from flexstream._kernels.judges import CompiledJudge
from flexstream._kernels.library import all_kernels
from flexstream.merging.heuristics import HEURISTICS

from .. import naive

PACKAGE = Path(flexstream.__file__).parent
TESTS = Path(__file__).resolve().parents[1]
NO_KERNELS = {"columns", "judges", "library", "rows"}
"""Modules about how kernels are compiled or called and how columns lie in memory: what Python calls there, no loop."""


def imported_kernels(package: Path) -> dict[str, str]:
    """Return every function that a library outside its ``_kernels`` takes from there, and a module that does."""
    found: dict[str, str] = {}
    for path in sorted(package.rglob("*.py")):
        if "_kernels" in path.relative_to(package).parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name in names_from_kernels(tree):
            found.setdefault(name, str(path.relative_to(package)))
    return {name: where for name, where in found.items() if is_kernel(name)}


def declared_kernels() -> dict[str, str]:
    """Return every compiled kernel, by its module and name, but those that a function beside it calls for Python."""
    found: dict[str, str] = {}
    for name, kernel in all_kernels().items():
        module = kernel.__module__.rpartition(".")[2]
        if name not in called_beside(PACKAGE / "_kernels" / f"{module}.py") and module not in NO_KERNELS:
            found[f"{module}.{name}"] = f"_kernels/{module}.py"
    return found


def called_beside(path: Path) -> set[str]:
    """Return what the functions of a module call."""
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


def compiled_judges() -> dict[str, str]:
    """Return the judges of the heuristics that come with the package."""
    compiled = [name for name, kind in HEURISTICS.items() if isinstance(kind.judge, CompiledJudge)]
    return {f"judges.{name}": "_kernels/judges.py" for name in compiled}


def every_kernel() -> dict[str, str]:
    """Return all that is compiled and can be called from Python."""
    return imported_kernels(PACKAGE) | declared_kernels() | compiled_judges()


def names_from_kernels(tree: ast.AST) -> Iterator[str]:
    """Yield ``module.name`` for every name that a module imports from a kernel module, or asks one for."""
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and "_kernels" in (node.module or "").split("."):
            *_, module = (node.module or "").split(".")
            for alias in node.names:
                if module == "_kernels":
                    modules[alias.asname or alias.name] = alias.name
                else:
                    yield f"{module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield f"{modules[node.value.id]}.{node.attr}"


def is_kernel(name: str) -> bool:
    """Tell whether a name of a kernel module is a kernel: not a class, not a constant, not there to make kernels."""
    module, attribute = name.split(".")
    found = getattr(importlib.import_module(f"flexstream._kernels.{module}"), attribute, lambda: None)
    return module not in NO_KERNELS and callable(found) and not isinstance(found, type)


def compared_twins() -> dict[str, set[str]]:
    """Return for each kernel the functions of ``naive`` that a test marked with it calls."""
    found: dict[str, set[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        functions = {
            f.name: f for f in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(f, ast.FunctionDef)
        }
        for function in functions.values():
            for kernel in marks_of(function):
                found.setdefault(kernel, set()).update(naive_names(function, functions, set()))
    return found


def marks_of(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the kernels that a test is marked with."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.twin":
            yield from (str(ast.literal_eval(argument)) for argument in decorator.args)


def naive_names(function: ast.FunctionDef, beside: dict[str, ast.FunctionDef], met: set[str]) -> set[str]:
    """Return what a function, or one beside it that it calls, takes from ``naive``."""
    met.add(function.name)
    names: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "naive":
            names.add(node.attr)
        elif isinstance(node, ast.Name) and node.id in beside and node.id not in met:
            names |= naive_names(beside[node.id], beside, met)
    return names


def lacking(kernels: dict[str, str]) -> list[str]:
    """Say of which kernels there is no twin, and of which no test compares the two."""
    compared = compared_twins()
    without = [name for name in kernels if name not in naive.TWINS]
    untested = [name for name in kernels if naive.TWINS.get(name) and not naive.TWINS[name] & compared.get(name, set())]
    return [
        *(
            f"{name} (called by {kernels[name]}) has no twin in tests/naive: write one, marked @twin"
            for name in without
        ),
        *(f"no test marked twin({name!r}) calls {' or '.join(naive.TWINS[name])} of tests/naive" for name in untested),
    ]


def test_every_kernel_has_a_twin_and_a_test_that_compares_them() -> None:
    kernels = every_kernel()
    assert len(kernels) > 40, "the kernels are not found any more"
    assert lacking(kernels) == []


def test_no_twin_is_left_of_a_kernel_that_is_gone() -> None:
    kernels = every_kernel()
    assert sorted(set(naive.TWINS) - set(kernels)) == []
    assert sorted(set(compared_twins()) - set(kernels)) == []


def test_a_kernel_without_a_twin_is_found(tmp_path: Path) -> None:
    for folder in ("summary", "_kernels"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_kernels" / "growth.py").write_text("from .table import helper\n")
    (tmp_path / "summary" / "tree.py").write_text(
        "from .._kernels.growth import NODES, GrowthRules, count_traces, uncount_traces\n"
        "from .._kernels import table\n"
        "def clear(slots): return table.clear(slots, table.FREE)\n"
    )
    kernels = imported_kernels(tmp_path)
    assert sorted(kernels) == ["growth.count_traces", "growth.uncount_traces", "table.clear"]
    found = lacking(kernels)
    assert [text.split()[0] for text in found] == ["growth.uncount_traces", "table.clear"]
    assert "has no twin in tests/naive" in found[0]


def test_a_twin_that_no_test_calls_is_found() -> None:
    naive.twin("growth.forget")(naive.grow)
    try:
        assert lacking({"growth.forget": "x.py"}) == ["no test marked twin('growth.forget') calls grow of tests/naive"]
    finally:
        del naive.TWINS["growth.forget"]


def test_only_kernels_know_where_a_key_keeps_its_parts() -> None:
    """Outside of kernels, keys are made and split by two functions; nothing shifts by 32 bits or masks the low ones."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if "_kernels" in path.relative_to(PACKAGE).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.BinOp) and is_of_keys(node):
                found.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {ast.unparse(node)}")
    assert found == [], "use make_keys or split_keys of flexstream/_kernels/keys.py"


def is_of_keys(node: ast.BinOp) -> bool:
    """Tell whether an expression takes a key apart or puts one together."""
    numbers = {side.value for side in (node.left, node.right) if isinstance(side, ast.Constant)}
    shifts = isinstance(node.op, ast.LShift | ast.RShift) and 32 in numbers
    return shifts or (isinstance(node.op, ast.BitAnd) and 0xFFFFFFFF in numbers)
