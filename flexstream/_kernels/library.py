"""The library of compiled kernels: found, checked against what Python says of it, and called.

A kernel is declared as a Python function without a body, its arguments annotated, and defined in C under the same name.
All of them are listed in `KERNELS`.  The environment variable ``FLEXSTREAM_KERNELS`` chooses another library than that
of every day: ``checked`` looks at every index, ``sanitized`` is watched by the compiler's sanitisers.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from ..errors import FlexStreamError
from .columns import Slot, declaration, packing, row_declaration, row_name, rows_of, slot_of, slots_of
from .rows import hints_of
from .sources import is_newest, library_path, sources_digest

CHOICE = "FLEXSTREAM_KERNELS"
_REMEDY = "build them: `make`, or `pip install -e .` in the folder of the project"
_LONGEST_MESSAGE = 512

Function = TypeVar("Function", bound=Callable[..., Any])

KERNELS: dict[str, Kernel] = {}
"""All kernels that were declared so far, by name."""


class KernelError(FlexStreamError):
    """The compiled kernels are missing, do not belong to these sources, or reached beyond an array."""


class Kernel:
    """A compiled function; looked up in the library when it is called first.

    Parameters
    ----------
    function : callable
        Its declaration: name, annotated arguments, docstring.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.name = function.__name__
        self._declared = function
        self._lays: list[Callable[..., None]] = []
        self._pack: Callable[..., bytes] = packing(())
        self._call: Callable[[bytes], int] | None = None
        self._failure: Callable[[Any, int], int] | None = None
        self._answer: Callable[[int], Any] = int

    def __repr__(self) -> str:
        return f"Kernel({self.name})"

    def __call__(self, *given: Any) -> Any:
        """Run it; raises KernelError where a checked library finds an index out of bounds."""
        call = self._call or self._bind()
        flat: list[Any] = []
        kept: list[object] = []
        for lay, value in zip(self._lays, given, strict=True):
            lay(value, flat, kept)
        answer = call(self._pack(*flat))
        if self._failure is not None:
            self._raise_failure(self._failure)
        return self._answer(answer)

    def check(self) -> None:
        """Raise KernelError if C declares it otherwise than Python does."""
        hints = dict(hints_of(self._declared))
        del hints["return"]
        for hint in hints.values():
            if isinstance(hint, type) and issubclass(hint, tuple):
                check_record(hint)
        slots = tuple(slot_of(name, hint) for name, hint in hints.items())
        _compare(f"kernel {self.name}", _text(f"fs_takes_{self.name}"), slots)

    def _bind(self) -> Callable[[bytes], int]:
        found = library()
        if not _known_to_fit():
            self.check()
        hints = dict(hints_of(self._declared))
        answer = hints.pop("return")
        slots = tuple(slot_of(name, hint) for name, hint in hints.items())
        self._lays = [slot.lay for slot in slots]
        self._pack = packing(slots)
        self._answer = {int: int, bool: bool}.get(answer, lambda _: None)
        self._failure = getattr(found, "fs_failure", None)
        call: Any = getattr(found, f"fs_{self.name}")
        call.argtypes, call.restype = [ctypes.c_char_p], ctypes.c_int64
        self._call = call
        return cast("Callable[[bytes], int]", call)

    @staticmethod
    def _raise_failure(failure: Callable[[Any, int], int]) -> None:
        text = ctypes.create_string_buffer(_LONGEST_MESSAGE)
        if failure(text, ctypes.c_int64(_LONGEST_MESSAGE)):  # type: ignore[arg-type]
            raise KernelError(text.value.decode("utf-8", "replace"))


def kernel(function: Function) -> Function:
    """Declare a compiled kernel; see `Kernel`."""
    KERNELS[function.__name__] = Kernel(function)
    return cast("Function", KERNELS[function.__name__])


def all_kernels() -> dict[str, Kernel]:
    """Return all kernels by name, every module that declares some imported."""
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        importlib.import_module(f".{path.stem}", __package__)
    return dict(KERNELS)


@functools.cache
def library() -> ctypes.CDLL:
    """Return the library of compiled kernels; raises KernelError if there is none that belongs to the sources."""
    choice = os.environ.get(CHOICE, "")
    path = library_path(choice)
    try:
        found = ctypes.CDLL(str(path))
    except OSError as error:
        problem = f"cannot be loaded: {error}" if path.exists() else "are missing"
        remedy = f"{_REMEDY}; or unset {CHOICE}" if choice else _REMEDY
        raise KernelError(f"{path}: the compiled kernels {problem} (expected: {remedy})") from None
    digest = None if _known_to_fit() else sources_digest()
    if digest is not None and _text("fs_digest", found) != digest:
        raise KernelError(
            f"{path}: the compiled kernels are not those of the sources beside them (expected: {_REMEDY})"
        )
    return found


@functools.cache
def _known_to_fit() -> bool:
    """Tell whether the library was made after all that it is compared with: looking at each takes milliseconds."""
    return is_newest(library_path(os.environ.get(CHOICE, "")))


@functools.cache
def check_record(kind: type) -> None:
    """Raise KernelError if C has another idea of a record than its NamedTuple."""
    for row in rows_of(kind):
        name = row_name(kind, row)
        _compare_texts(name, _text(f"fs_layout_{name}"), row_declaration(kind, row))
    _compare(kind.__name__, _text(f"fs_layout_{kind.__name__}"), slots_of(kind))
    for hint in hints_of(kind).values():
        if isinstance(hint, type) and issubclass(hint, tuple):
            check_record(hint)


def _compare(what: str, found: str, slots: tuple[Slot, ...]) -> None:
    _compare_texts(what, found, declaration(slots))


def _compare_texts(what: str, found: str, expected: str) -> None:
    if " ".join(found.split()) != expected:
        raise KernelError(f"{what}: C takes {found!r}, Python hands over {expected!r} (expected: the same)")


def _text(name: str, source: ctypes.CDLL | None = None) -> str:
    """Return a text that the library exports; empty where there is none of that name."""
    found = source or library()
    try:
        first = ctypes.c_char.in_dll(found, name)
    except ValueError:
        return ""
    return ctypes.string_at(ctypes.addressof(first)).decode()
