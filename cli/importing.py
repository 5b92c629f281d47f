"""Finds the modules of FlexStream when a command starts, in less time than Python does.

For each of some 280 modules Python asks several finders, which list folders, try suffixes and build the same paths
more than once: that takes as long as running what the modules define.  Here it is known where a module lies: in the
folder of its package.  The byte code that Python wrote there is used if it is of this source by Python's own rule (PEP
3147 and 552: the time and the size of the source stand in it); in every other case Python looks for itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from io import FileIO
from marshal import loads
from types import CodeType, ModuleType

_BY_TIME = MAGIC_NUMBER + bytes(4)
"""How byte code begins that is valid as long as its source has the time and the size that follow."""
_HEAD = len(_BY_TIME) + 8


class _Loader(SourceFileLoader):
    """Python's loader of a source file, to which the byte code is handed."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code: CodeType | None = code

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code; once it is run, the source may have changed for whoever asks again."""
        code, self._code = self._code, None
        return code or super().get_code(fullname)


class OwnFinder:
    """Finds the modules of packages, not these themselves, where their byte code is up to date.

    Parameters
    ----------
    packages : str
        Names of the packages.
    """

    def __init__(self, *packages: str) -> None:
        self._beginnings = tuple(f"{package}." for package in packages)
        self._ending = f".{sys.implementation.cache_tag}.pyc"

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is (see `importlib.abc.MetaPathFinder`), None where others must be asked."""
        if not path or not name.startswith(self._beginnings):
            return None
        inside = f"{path[0]}/{name[name.rindex('.') + 1 :]}"
        return self._found(name, *inside.rsplit("/", 1)) or self._found(name, inside, "__init__")

    def _found(self, name: str, folder: str, stem: str) -> ModuleSpec | None:
        cached, source = f"{folder}/__pycache__/{stem}{self._ending}", f"{folder}/{stem}.py"
        try:
            with FileIO(cached) as file:
                data = file.readall()
            found = os.stat(source)  # noqa: PTH116 - a path takes longer to make than to ask for
        except OSError:
            return None
        dated = ((int(number) & 0xFFFFFFFF).to_bytes(4, "little") for number in (found.st_mtime, found.st_size))
        if data[:_HEAD] != _BY_TIME + b"".join(dated):
            return None
        spec = ModuleSpec(name, _Loader(name, source, loads(memoryview(data)[_HEAD:])), origin=source)  # nosec B302
        spec.has_location, spec.cached = True, cached
        if stem == "__init__":
            spec.submodule_search_locations = [folder]
        return spec


def install() -> None:
    """Let Python ask here first, unless it was told to look for its byte code in another way."""
    if not sys.flags.optimize and sys.pycache_prefix is None:
        sys.meta_path.insert(0, OwnFinder("flexstream", __package__))
