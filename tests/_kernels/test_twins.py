"""Every kernel has a slow twin in tests/naive, and a test that compares the two.

The rule, in three sentences.  A kernel is a function of a module of ``flexstream/_kernels`` that no other function of
the module calls, or a judge in C; `listing.every_kernel` lists them.  Each has a twin, a function of tests/naive with
``@twin("growth.count_traces")`` above it.  Each has a test with ``@pytest.mark.twin("growth.count_traces")`` above it,
which calls that twin, itself or by a helper beside it, and fails if the kernel was not run meanwhile (conftest.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from flexstream._kernels.library import all_kernels

from .. import naive
from .listing import KERNELS, compiled_by, every_kernel, functions_of

PACKAGE = KERNELS.parent
TESTS = Path(__file__).resolve().parents[1]
JUDGE = re.compile(r"^JUDGE\((\w+)\)", re.MULTILINE)


def compared_twins() -> dict[str, set[str]]:
    """Return for each kernel the functions of ``naive`` that a test marked with it calls."""
    found: dict[str, set[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        functions = functions_of(path)
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


def lacking(kernels: Iterable[str]) -> list[str]:
    """Say of which kernels there is no twin, and of which no test compares the two."""
    compared, found = compared_twins(), []
    for name in kernels:
        twins = naive.TWINS.get(name, set())
        if not twins:
            found.append(f"{name} has no twin in tests/naive: write one, marked @twin({name!r})")
        elif not twins & compared.get(name, set()):
            found.append(f"no test marked twin({name!r}) calls {' or '.join(sorted(twins))} of tests/naive")
    return found


def test_every_kernel_has_a_twin_and_a_test_that_compares_them() -> None:
    assert lacking(every_kernel()) == []


def test_no_twin_is_left_of_a_kernel_that_is_gone() -> None:
    kernels = set(every_kernel())
    assert sorted(set(naive.TWINS) - kernels) == []
    assert sorted(set(compared_twins()) - kernels) == []


def test_all_that_is_compiled_is_listed() -> None:
    """Nothing in C is missed: what the listed names run is every kernel, but the one that asks the listed judges."""
    run = {kernel for name in every_kernel() for kernel in compiled_by(name)}
    judges = {name for name in run if name.startswith("judges.")}
    exported = {f"judges.{name}" for name in JUDGE.findall((KERNELS / "c" / "judges.c").read_text(encoding="utf-8"))}
    assert judges == exported
    assert run - judges == set(all_kernels()) - {"ask_judge"}


def test_a_kernel_without_a_twin_is_found(tmp_path: Path) -> None:
    (tmp_path / "growth.py").write_text(
        "def count_batch(tree): ...\ndef count_traces(tree): count_batch(tree)\ndef uncount(tree): ...\n"
        "def _check(tree): ...\n"
    )
    (tmp_path / "library.py").write_text("def kernel(function): ...\n")
    kernels = [name for name in every_kernel(tmp_path) if not name.startswith("judges.")]
    assert kernels == ["growth.count_traces", "growth.uncount"]
    assert lacking(kernels) == [
        "growth.uncount has no twin in tests/naive: write one, marked @twin('growth.uncount')",
    ]


def test_a_twin_that_no_test_calls_is_found() -> None:
    naive.twin("growth.forget")(naive.grow)
    try:
        assert lacking(["growth.forget"]) == ["no test marked twin('growth.forget') calls grow of tests/naive"]
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
