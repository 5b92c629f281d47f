"""How kernels are compiled: once, cached on disk, without the GIL."""

from __future__ import annotations

import functools
import hashlib
import typing
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba import types
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.dispatcher import Dispatcher

_HELPER: dict[str, Any] = {"nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_BARE: dict[str, Any] = {"nogil": True, "_nrt": False}
"""Without numba's counting of references, which would cost more than the loops themselves; nothing may be allocated."""
inline: Callable[..., Any] = numba.njit(**_HELPER)
"""Compile a helper that only kernels call, without the code by which Python could."""
hot: Callable[..., Any] = numba.njit(forceinline=True, **_HELPER)
"""Compile a helper into each place that calls it: passing a table of columns takes some hundred words on the stack."""


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function called from Python, once and for all."""
    return _kept(function, nogil=True)


def kernel_of(signature: Any) -> Callable[..., Any]:
    """Compile for one explicit signature, which a kernel needs that takes another as an argument."""
    return functools.partial(_compiled, signature=signature, nogil=True)


def bare_kernel_of(signature: Any) -> Callable[..., Any]:
    """Compile as :func:`kernel_of` does, for a kernel that allocates nothing, several times faster."""
    return functools.partial(_compiled, signature=signature, **_BARE)


def _compiled(function: Callable[..., Any], signature: Any, **options: Any) -> Callable[..., Any]:
    dispatcher: Any = _kept(function, **options)
    if isinstance(dispatcher, Dispatcher):
        dispatcher.compile(signature)
        dispatcher.disable_compile()
    return dispatcher


def _kept(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Return a dispatcher whose machine code is kept on disk, if there is a place for it."""
    dispatcher: Any = numba.njit(**options)(function)
    if isinstance(dispatcher, Dispatcher):  # numba can be told to compile nothing
        try:
            dispatcher._cache = _KernelCache(function)  # type: ignore[attr-defined]
        except RuntimeError:
            _warn_once()
    return dispatcher


class _KernelCache(FunctionCache):
    """numba's cache, which would overlook that a helper changed that is compiled into a kernel of another file."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = IndexDataCacheFile(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=(self._impl.locator.get_source_stamp(), _digest()),
        )


@functools.cache
def _digest() -> str:
    """Return a digest of the sources of all kernels."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@functools.cache
def _warn_once() -> None:
    warnings.warn(
        "found no directory to keep the compiled kernels in, so that each run compiles them anew (expected: that the "
        "package's own or the user's cache directory can be written, or that NUMBA_CACHE_DIR names one)",
        RuntimeWarning,
        stacklevel=2,
    )


_SCALARS = {int: types.int64, float: types.float64}


def columns_type(record: type, **dimensions: int) -> types.Type:
    """Return numba's type of a NamedTuple of arrays and numbers, read off its annotations.

    Arrays have one dimension unless ``dimensions`` says more; those of rows (see rows.py) are strided.
    """
    hints = typing.get_type_hints(record, include_extras=True)
    fields = [
        _SCALARS.get(hint) or types.Array(_scalar(hint), dimensions.get(name, 1), "A" if _of_row(hint) else "C")
        for name, hint in hints.items()
    ]
    if len(set(fields)) == 1:  # numba keeps a type of its own for these
        return types.NamedUniTuple(fields[0], len(fields), record)
    return types.NamedTuple(fields, record)


def field_types(record: type) -> dict[str, Any]:
    """Return the scalar type of each array of a NamedTuple."""
    hints = typing.get_type_hints(record)
    return {name: _scalar_type(hint) for name, hint in hints.items() if hint not in _SCALARS}


def _of_row(hint: Any) -> bool:
    return hasattr(hint, "__metadata__")


def _scalar(hint: Any) -> types.Type:
    return numba.from_dtype(np.dtype(_scalar_type(hint.__origin__ if _of_row(hint) else hint)))


def _scalar_type(hint: Any) -> Any:
    # NDArray[scalar] is ndarray[shape, dtype[scalar]] up to NumPy 2.4 and an alias of its own from 2.5 on.
    *_, scalar = typing.get_args(hint)
    return (typing.get_args(scalar) or (scalar,))[0]


def on_first_compilation(tell: Callable[[], None]) -> None:
    """Call ``tell`` when, and only when, a kernel is not in the cache and has to be compiled."""
    from numba.core import event

    class Listener(event.Listener):
        def on_start(self, _: event.Event) -> None:
            event.unregister("numba:compile", self)
            tell()

        def on_end(self, _: event.Event) -> None:
            """Nothing to do."""

    event.register("numba:compile", Listener())
