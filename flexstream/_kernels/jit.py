"""How kernels are compiled: once, cached on disk, without the GIL."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import types

kernel: Callable[..., Any] = numba.njit(cache=True, nogil=True)
"""Compile a function called from Python."""

_HELPER: dict[str, Any] = {"nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_BARE: dict[str, Any] = {"nogil": True, "_nrt": False}
"""Without numba's counting of references, which would cost more than the loops themselves; nothing may be allocated."""
inline: Callable[..., Any] = numba.njit(**_HELPER)
"""Compile a helper that only kernels call, without the code by which Python could."""
hot: Callable[..., Any] = numba.njit(forceinline=True, **_HELPER)
"""Compile a helper into each place that calls it: passing a table of columns takes some hundred words on the stack."""

_SCALARS = {int: types.int64, float: types.float64}


def kernel_of(signature: Any) -> Callable[..., Any]:
    """Compile for one explicit signature, which a kernel needs that takes another as an argument."""
    decorate: Callable[..., Any] = numba.njit(signature, cache=True, nogil=True)
    return decorate


def bare_kernel_of(signature: Any) -> Callable[..., Any]:
    """Compile as :func:`kernel_of` does, for a kernel that allocates nothing, several times faster."""
    decorate: Callable[..., Any] = numba.njit(signature, cache=True, **_BARE)
    return decorate


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
