"""Columns that lie side by side: the row of a node, an edge or a tail is one piece of memory.

A walk touches most columns of a row and then goes on to another row far away; side by side they cost one miss of the
processor's cache instead of one each.  To NumPy and to the kernels they are arrays like all others, but strided.
"""

from __future__ import annotations

import functools
import typing
from typing import Annotated, Any, TypeVar

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from .jit import field_types

_Scalar = TypeVar("_Scalar", bound=np.generic)

NODE, EDGE, TAIL = "node", "edge", "tail"
Node = Annotated[NDArray[_Scalar], NODE]
Edge = Annotated[NDArray[_Scalar], EDGE]
Tail = Annotated[NDArray[_Scalar], TAIL]


def names_of(record: type, kind: str) -> list[str]:
    """Return the columns of a NamedTuple that are annotated as one kind of row, in their order."""
    hints = typing.get_type_hints(record, include_extras=True)
    return [name for name, hint in hints.items() if kind in getattr(hint, "__metadata__", ())]


@functools.cache
def layout(record: type, kind: str) -> np.dtype[np.void]:
    """Return the layout of one row: its columns one after the other, padded to a multiple of 8 bytes.

    >>> from typing import NamedTuple
    >>> class Columns(NamedTuple):
    ...     visits: Annotated[NDArray[np.int64], "node"]
    ...     first: Annotated[NDArray[np.int32], "node"]
    >>> layout(Columns, "node").itemsize
    16
    """
    types = field_types(record)
    return np.dtype([(name, types[name]) for name in names_of(record, kind)], align=True)


def side_by_side(record: type, kind: str, rows: int) -> dict[str, NDArray[Any]]:
    """Return zeroed columns of one kind of row, at least two of them: a single row would not count as strided."""
    block = np.zeros(max(2, rows), layout(record, kind))
    return {name: block[name] for name in block.dtype.names or ()}


@intrinsic
def fetch(typing_context, column, index):
    """Ask the memory for a row ahead of its use: what follows need not wait for it."""

    def generate(context, builder, signature, args):
        array = context.make_array(signature.args[0])(context, builder, args[0])
        byte = ir.IntType(8).as_pointer()
        (stride,) = cgutils.unpack_tuple(builder, array.strides)
        place = builder.gep(builder.bitcast(array.data, byte), [builder.mul(args[1], stride)])
        kind = ir.FunctionType(ir.VoidType(), [byte, *[ir.IntType(32)] * 3])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        to_read, keep_near, data = (ir.Constant(ir.IntType(32), number) for number in (0, 3, 1))
        builder.call(prefetch, [place, to_read, keep_near, data])
        return context.get_dummy_value()

    return types.none(column, types.int64), generate
