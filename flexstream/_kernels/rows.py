"""Columns that lie side by side: the row of a node, an edge or a tail is one piece of memory.

A walk touches most columns of a row and then goes on to another row far away; side by side they cost one miss of the
processor's cache instead of one each.  To NumPy they are arrays like all others, but strided; to C an array of structs.
"""

from __future__ import annotations

import functools
import inspect
import sys
import typing
from typing import Any

import numpy as np

from .hints import Hint, NDArray


@functools.cache
def hints_of(declared: Any) -> dict[str, Any]:
    """Return the annotations of a NamedTuple or a function, evaluated once: that takes longer than a kernel often does.

    Modules of kernels do not postpone theirs, which would have to be compiled at every start; those that are texts all
    the same are evaluated as by `typing.get_type_hints`, which takes several times as long.
    """
    owners = reversed(declared.__mro__) if isinstance(declared, type) else [declared]
    return {
        name: _evaluated(getattr(hint, "__forward_arg__", hint), owner.__module__)
        for owner in owners
        for name, hint in inspect.get_annotations(owner).items()
    }


@functools.cache
def _evaluated(text: Any, module: str) -> Any:
    # An annotation is text of this library, not of its input.
    return eval(text, vars(sys.modules[module])) if isinstance(text, str) else text  # nosec B307


@functools.cache
def names_of(record: type, kind: str) -> tuple[str, ...]:
    """Return the columns of a NamedTuple that are annotated as one kind of row, in their order."""
    return tuple(name for name, hint in hints_of(record).items() if getattr(hint, "row", None) == kind)


@functools.cache
def layout(record: type, kind: str) -> np.dtype[np.void]:
    """Return the layout of one row: its columns one after the other, padded to a multiple of 8 bytes.

    >>> from typing import NamedTuple
    >>> from flexstream._kernels.hints import Node
    >>> Columns = NamedTuple("Columns", [("visits", Node[np.int64]), ("first", Node[np.int32])])
    >>> layout(Columns, "node").itemsize
    16
    """
    hints = hints_of(record)
    return np.dtype([(name, field_scalar(hints[name])) for name in names_of(record, kind)], align=True)


def side_by_side(record: type, kind: str, rows: int) -> dict[str, NDArray[Any]]:
    """Return zeroed columns of one kind of row, at least two of them: a single row would not count as strided."""
    block = np.zeros(max(2, rows), layout(record, kind))
    return {name: block[name] for name in block.dtype.names or ()}


def copy_rows(kind: str, into: Any, source: Any, rows: int) -> None:
    """Copy the first rows of one kind between two NamedTuples of one type, in one piece where their columns are rows.

    >>> from typing import NamedTuple
    >>> from flexstream._kernels.hints import Node
    >>> Columns = NamedTuple("Columns", [("visits", Node[np.int64]), ("first", Node[np.int32])])
    >>> one, other = (Columns(**side_by_side(Columns, "node", 3)) for _ in range(2))
    >>> other.first[:] = 7
    >>> copy_rows("node", one, other, 2)
    >>> one.first
    array([7, 7, 0], dtype=int32)
    """
    record: type = type(into)
    names = names_of(record, kind)
    fresh, old = ([getattr(columns, name) for name in names] for columns in (into, source))
    block, other = _block(fresh), _block(old)
    if block is not None and other is not None and block.dtype == other.dtype:
        size = rows * block.dtype.itemsize
        block.view(np.uint8)[:size] = other.view(np.uint8)[:size]
        return
    for column, values in zip(fresh, old, strict=True):
        column[:rows] = values[:rows]


def _block(columns: list[NDArray[Any]]) -> NDArray[np.void] | None:
    """Return the block that columns were made from by `side_by_side`, None if they were not."""
    block = columns[0].base
    if block is None or block.dtype.names is None or any(column.base is not block for column in columns):
        return None
    return block if len(block) == len(columns[0]) else None


def field_scalar(hint: Any) -> Any:
    """Return the scalar type of an annotated array; its annotation may be one of `typing` and NumPy as well."""
    if isinstance(hint, Hint):
        return hint.scalar
    # NDArray[scalar] is ndarray[shape, dtype[scalar]] up to NumPy 2.4 and an alias of its own from 2.5 on.
    *_, scalar = typing.get_args(hint.__origin__ if hasattr(hint, "__metadata__") else hint)
    return (typing.get_args(scalar) or (scalar,))[0]
