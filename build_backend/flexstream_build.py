"""Builds the package: the compiled kernels first, the rest by setuptools.

    python build_backend/flexstream_build.py [checked | sanitized]

builds the kernels alone, where they lie in this folder's project.  As a build backend (PEP 517) it needs a C compiler:
that of the environment variable CC, or cc, gcc or clang; where there is none, it asks for `ziglang`, a package with a
compiler in it.  No headers of Python are needed, and the library serves every version of it.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shlex
import shutil
import subprocess  # the compiler is a program of its own  # nosec B404
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "flexstream" / "_kernels" / "c" / "flexstream.c"

# Models must be the same bytes whichever compiler built the kernels: no fused multiply-add, no reordered sums, and
# nothing of the processor at hand.
FLAGS = ["-std=c11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fvisibility=hidden", "-fPIC", "-shared"]
KINDS = {
    "": [],
    "checked": ["-O1", "-DCHECKED"],
    "sanitized": ["-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined"],
}
ZIG = "ziglang"
GLIBC = "2.17"
"""The oldest C library that a library built with zig runs on."""
NO_COMPILER = 3


class NoCompilerError(Exception):
    """There is no C compiler, nor zig."""


def compiler() -> list[str] | None:
    """Return the command of the C compiler, None if there is none but zig's at most."""
    chosen = os.environ.get("CC", "").strip()
    if chosen:
        return shlex.split(chosen)
    return next(([found] for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)


def zig() -> list[str]:
    """Return the command of zig's C compiler for this system, for its oldest processors.

    Raises
    ------
    NoCompilerError
        If zig is not installed.
    """
    if importlib.util.find_spec(ZIG) is None:
        raise NoCompilerError
    command = [sys.executable, "-m", ZIG, "cc", "-mcpu=baseline"]
    return [*command, "-target", f"{platform.machine()}-linux-gnu.{GLIBC}"] if sys.platform == "linux" else command


def build_kernels(kind: str = "") -> Path:
    """Compile all kernels into the library of a kind; return where it lies."""
    sources = _sources()
    path: Path = sources.library_path(kind)
    command = [*(compiler() or zig()), *FLAGS, *KINDS[kind], f'-DDIGEST="{sources.sources_digest()}"', str(SOURCE)]
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = Path(folder) / path.name
        subprocess.run([*command, "-o", str(made), "-lm"], check=True)  # nosec B603
        made.replace(path)  # whole or not at all: a process that has the old one open keeps it
    return path


def _sources() -> ModuleType:
    """Return the module of the package that knows where its sources and libraries are, without the package."""
    spec = importlib.util.spec_from_file_location("_flexstream_sources", SOURCE.parent.parent / "sources.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wheel_platform() -> str:
    """Return the platform that a wheel of kernels built here is for."""
    if compiler() is None and sys.platform == "linux":
        return f"manylinux_{GLIBC.replace('.', '_')}_{platform.machine()}"
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")


# --- the hooks of PEP 517 and PEP 660 --------------------------------------------------------------------------------


def _backend() -> Any:
    from setuptools import build_meta

    return build_meta


def _needs_zig() -> list[str]:
    return [] if compiler() else [ZIG]


def get_requires_for_build_wheel(config_settings: Mapping[str, Any] | None = None) -> list[str]:
    """Return what building a wheel needs."""
    return [*_backend().get_requires_for_build_wheel(config_settings), *_needs_zig()]


def get_requires_for_build_editable(config_settings: Mapping[str, Any] | None = None) -> list[str]:
    """Return what an editable installation needs."""
    return [*_backend().get_requires_for_build_editable(config_settings), *_needs_zig()]


def get_requires_for_build_sdist(config_settings: Mapping[str, Any] | None = None) -> list[str]:
    """Return what building a source distribution needs: no compiler."""
    found: list[str] = _backend().get_requires_for_build_sdist(config_settings)
    return found


def prepare_metadata_for_build_wheel(folder: str, config_settings: Mapping[str, Any] | None = None) -> str:
    """Write the metadata of a wheel."""
    return str(_backend().prepare_metadata_for_build_wheel(folder, config_settings))


def prepare_metadata_for_build_editable(folder: str, config_settings: Mapping[str, Any] | None = None) -> str:
    """Write the metadata of an editable installation."""
    return str(_backend().prepare_metadata_for_build_editable(folder, config_settings))


def build_wheel(folder: str, config_settings: Mapping[str, Any] | None = None, metadata: str | None = None) -> str:
    """Build a wheel with the kernels in it, for every Python of this platform."""
    build_kernels()
    return str(_backend().build_wheel(folder, config_settings, metadata))


def build_editable(folder: str, config_settings: Mapping[str, Any] | None = None, metadata: str | None = None) -> str:
    """Build the kernels in place, and what lets Python find the package here."""
    build_kernels()
    return str(_backend().build_editable(folder, config_settings, metadata))


def build_sdist(folder: str, config_settings: Mapping[str, Any] | None = None) -> str:
    """Build a source distribution."""
    return str(_backend().build_sdist(folder, config_settings))


def sanitizer() -> str:
    """Return the library that Python must load first, so that kernels can be watched."""
    command = [*(compiler() or []), "-print-file-name=libasan.so"]
    found = subprocess.run(command, check=True, capture_output=True, text=True)  # nosec B603
    return found.stdout.strip()


def main(kinds: list[str]) -> None:
    """Build the kernels of some kinds."""
    if kinds == ["--sanitizer"]:
        print(sanitizer())
        return
    try:
        for kind in kinds or [""]:
            print(build_kernels(kind).relative_to(ROOT))
    except NoCompilerError:
        print(f"no C compiler (expected: cc, gcc or clang, or `pip install {ZIG}`)", file=sys.stderr)
        sys.exit(NO_COMPILER)


if __name__ == "__main__":
    main(sys.argv[1:])
