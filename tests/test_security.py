"""What SECURITY.md promises of the code itself: nothing that is read is run, and nothing leaves the machine."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([*(ROOT / "flexstream").rglob("*.py"), *(ROOT / "cli").rglob("*.py")])
RUNNING = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "code", "codeop"}
CONNECTING = {
    "socket",
    "ssl",
    "http",
    "urllib",
    "ftplib",
    "smtplib",
    "xmlrpc",
    "requests",
    "httpx",
    "aiohttp",
    "webbrowser",
}
ANNOTATIONS = {"flexstream/arguments.py", "flexstream/_kernels/rows.py"}
"""Where annotations of the library itself are evaluated."""


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the packages that a module imports, those of its own left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def dangerous_calls(tree: ast.AST) -> Iterator[str]:
    """Yield the calls that run a text, or a command by a shell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            shell = any(word.arg == "shell" for word in node.keywords)
            if name in {"eval", "exec", "compile", "__import__", "os.system", "os.popen"} or shell:
                yield name


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_that_is_read_is_run_or_sent(path: Path) -> None:
    tree, name = ast.parse(path.read_text()), str(path.relative_to(ROOT))
    assert set(imported(tree)) & (RUNNING | CONNECTING) == set()
    assert list(dangerous_calls(tree)) == (["eval"] if name in ANNOTATIONS else [])


def test_what_is_looked_for_would_be_found() -> None:
    tree = ast.parse("import pickle.x\nfrom urllib.request import urlopen\neval(a)\nrun(a, shell=True)\nos.system(a)")
    assert set(imported(tree)) == {"pickle", "urllib"}
    assert list(dangerous_calls(tree)) == ["eval", "run", "os.system"]


def test_a_policy_leads_to_what_proves_it() -> None:
    assert "(docs/promises.md)" in (ROOT / "SECURITY.md").read_text()
