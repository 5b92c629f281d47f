"""Modules are loaded as Python itself loads them, only faster."""

from __future__ import annotations

import importlib.util
import os
import py_compile
import subprocess
import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from flexstream_cli.importing import OwnFinder

OWN = "some_package"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with a module and a package in it, their byte code beside them."""
    folder = tmp_path / OWN
    (folder / "inner").mkdir(parents=True)
    for name in ("module.py", "inner/__init__.py", "inner/deep.py"):
        written(folder / name, "WHAT = 1\n")
    return folder


def written(path: Path, text: str) -> None:
    """Write a source and its byte code."""
    path.write_text(text)
    py_compile.compile(str(path), doraise=True)


def found(package: Path, name: str) -> ModuleSpec | None:
    """Return what the finder finds of a module of the package."""
    inside = package.joinpath(*name.split(".")[:-1])
    return OwnFinder(OWN).find_spec(f"{OWN}.{name}", [str(inside)])


def loaded(spec: ModuleSpec | None) -> ModuleType:
    """Return the module of a spec, run."""
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["module", "inner", "inner.deep"])
def test_a_module_is_described_as_python_describes_it(package: Path, name: str) -> None:
    inside = package.joinpath(*name.split(".")[:-1])
    own, python = found(package, name), PathFinder.find_spec(f"{OWN}.{name}", [str(inside)])
    assert own is not None
    assert python is not None
    for what in ("name", "origin", "cached", "has_location", "parent", "submodule_search_locations"):
        assert getattr(own, what) == getattr(python, what), what
    assert isinstance(own.loader, SourceFileLoader)
    module = loaded(own)
    assert (module.WHAT, module.__file__, module.__cached__) == (1, python.origin, python.cached)
    assert own.loader.get_source(own.name) == "WHAT = 1\n"


def test_a_source_that_has_changed_is_left_to_python(package: Path) -> None:
    path = package / "module.py"
    before = path.stat()
    path.write_text("WHAT = 22\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # of another size
    assert found(package, "module") is None
    path.write_text("WHAT = 3\n")
    os.utime(path, (before.st_atime, before.st_mtime + 2))  # of another time
    assert found(package, "module") is None


def test_code_is_read_again_by_whoever_asks_again(package: Path) -> None:
    spec = found(package, "module")
    module = loaded(spec)
    written(package / "module.py", "WHAT = 2000\n")
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(module)
    assert module.WHAT == 2000


def test_byte_code_that_is_checked_otherwise_is_left_to_python(package: Path) -> None:
    path = package / "module.py"
    by_hash = py_compile.PycInvalidationMode.CHECKED_HASH
    py_compile.compile(str(path), doraise=True, invalidation_mode=by_hash)
    assert found(package, "module") is None


def test_what_is_no_module_of_the_packages_is_left_to_python(package: Path) -> None:
    Path(importlib.util.cache_from_source(str(package / "inner/deep.py"))).unlink()
    assert found(package, "inner.deep") is None
    assert found(package, "missing") is None
    assert OwnFinder(OWN).find_spec(OWN, None) is None
    assert OwnFinder(OWN).find_spec(f"{OWN}_too.module", [str(package)]) is None


@pytest.mark.parametrize(("options", "ours"), [([], True), (["-O"], False), (["-X", "pycache_prefix=/nowhere"], False)])
def test_the_command_asks_it_first_where_python_keeps_byte_code_as_usual(options: list[str], ours: bool) -> None:
    asked = "import sys, flexstream_cli as cli; print(type(sys.meta_path[0]) is cli.importing.OwnFinder)"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONOPTIMIZE"}
    command = [sys.executable, *options, "-B", "-c", asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == str(ours)
