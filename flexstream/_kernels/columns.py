"""How arrays and records of arrays are handed to compiled kernels, and what C calls them.

A kernel's arguments, and the NamedTuples among them, are declared in Python by their annotations and once more in C.
From the annotations comes the text that the C declaration must have, which `library.py` compares, so that the two
cannot drift apart; and how to lay the values out in memory as C expects them.
"""

from __future__ import annotations

import functools
import operator
import struct
import typing
from collections.abc import Callable, Sequence
from ctypes import addressof, c_char, create_string_buffer
from typing import Any, TypeVar

import numpy as np

from ..tuples import NamedTuple
from .hints import ADDRESS, GIVEN, STRIDED, NDArray
from .rows import field_scalar, hints_of, layout, names_of, side_by_side

_Fields = TypeVar("_Fields", bound=tuple[Any, ...])

_C_SCALARS = {
    np.int8: ("I8", "int8_t"),
    np.uint8: ("U8", "uint8_t"),
    np.bool_: ("U8", "uint8_t"),
    np.int16: ("I16", "int16_t"),
    np.int32: ("I32", "int32_t"),
    np.int64: ("I64", "int64_t"),
    np.uint64: ("U64", "uint64_t"),
    np.float32: ("F32", "float"),
    np.float64: ("F64", "double"),
}
_NOTHING = create_string_buffer(8)
_NOWHERE = addressof(_NOTHING)  # where arrays without elements lie
_KEYWORDS = {"short"}  # names that C keeps to itself

Lay = Callable[[Any, list[Any], list[object]], None]
"""Appends the numbers that stand for a value to a list, and what must outlive the call to another."""


class Slot(NamedTuple):
    """A member of a C struct: its declaration, the form of its numbers (see `struct`), and how to get these."""

    declaration: str
    form: str
    lay: Lay


def record(fields: type[_Fields]) -> type[_Fields]:
    """Let a NamedTuple be handed to kernels: it keeps its layout in memory, which pickling and copying leave out."""
    names = {name: getattr(fields, name) for name in ("__doc__", "__module__", "__qualname__")}
    made: Any = type(fields.__name__, (fields,), names | {"__reduce__": lambda self: (_remade, (made, [*self]))})
    return typing.cast("type[_Fields]", made)


def _remade(kind: Any, values: list[Any]) -> Any:
    """Return a record of values that were copied one by one, the columns of its rows side by side again."""
    columns = dict(zip(kind._fields, values, strict=True))
    for row in rows_of(kind):
        names = names_of(kind, row)
        if _stray(kind, row, [columns[name] for name in names]) is None:
            continue
        for name, column in side_by_side(kind, row, len(columns[names[0]])).items():
            column[: len(columns[name])] = columns[name]
            columns[name] = column
    return kind(**columns)


def address_of(array: NDArray[Any]) -> int:
    """Return where the first element of an array lies; NumPy's own way takes several times as long."""
    if not array.size:
        return _NOWHERE
    try:
        return addressof(c_char.from_buffer(array))  # type: ignore[arg-type]
    except (TypeError, ValueError, BufferError):  # strided or read-only
        return int(array.ctypes.data)


def held(values: Any) -> int:
    """Return where a record lies in memory, laid out as C expects it; it lives as long as the NamedTuple does."""
    known = values.__dict__.get("_held")
    if known is None:
        known = values.__dict__["_held"] = laid_out(values)
    return int(known[0])


def laid_out(values: Any) -> tuple[int, object]:
    """Return where a NamedTuple lies in memory, laid out as C expects it, and what must live as long."""
    flat: list[Any] = []
    kept: list[object] = []
    pack, parts = _plan(values.__class__)
    for lay, pick in parts:
        lay(pick(values), flat, kept)
    # No array of ctypes: of that there would be a type for each length; and nothing has no address.
    buffer = bytearray(pack(*flat) or bytes(1))
    return addressof(c_char.from_buffer(buffer)), (buffer, kept)


@functools.cache
def _plan(kind: type) -> tuple[Callable[..., bytes], list[tuple[Lay, Callable[[Any], Any]]]]:
    """Return what packs the numbers of a NamedTuple, and for each member of its struct where its values are."""
    places: dict[str, list[int]] = {}
    for place, (name, hint) in enumerate(hints_of(kind).items()):
        places.setdefault(_row(hint) or name, []).append(place)
    slots = slots_of(kind)
    picks = [operator.itemgetter(*found) for found in places.values()]
    return packing(slots), [(slot.lay, pick) for slot, pick in zip(slots, picks, strict=True)]


def packing(slots: tuple[Slot, ...]) -> Callable[..., bytes]:
    """Return what packs the numbers that stand for the members of a C struct."""
    return struct.Struct("@" + "".join(slot.form for slot in slots)).pack


def declaration(slots: tuple[Slot, ...]) -> str:
    """Return the text that the declaration of a C struct must have."""
    return "{ " + " ".join(slot.declaration for slot in slots) + " }"


def row_declaration(kind: type, row: str) -> str:
    """Return the text that the declaration of one kind of row must have."""
    hints = hints_of(kind)
    members = (f"{_C_SCALARS[field_scalar(hints[name])][1]} {name};" for name in names_of(kind, row))
    return "{ " + " ".join(members) + " }"


def row_name(kind: type, row: str) -> str:
    """Return what C calls one kind of row of a record."""
    return kind.__name__.removesuffix("Columns") + row.title()


@functools.cache
def rows_of(kind: type) -> tuple[str, ...]:
    """Return the kinds of rows of a record, in their order."""
    return tuple(dict.fromkeys(mark for mark in map(_row, hints_of(kind).values()) if mark))


@functools.cache
def slots_of(kind: type) -> tuple[Slot, ...]:
    """Return the members of the C struct that stands for a NamedTuple; all columns of a row are one."""
    slots: dict[str, Slot] = {}
    for name, hint in hints_of(kind).items():
        row = _row(hint)
        if row is None:
            slots[name] = slot_of(name, hint)
        elif row not in slots:
            slots[row] = Slot(f"{row_name(kind, row)}s {row};", "Pq", _lay_rows(kind, row))
    return tuple(slots.values())


@functools.cache
def slot_of(name: str, hint: Any) -> Slot:
    """Return the member of a C struct that stands for a value with an annotation."""
    name, marks = name + "_" * (name in _KEYWORDS), getattr(hint, "__metadata__", ())
    if ADDRESS in marks:
        return Slot(f"void *{name};", "P", _lay_number)
    if hint in (int, bool):
        return Slot(f"int64_t {name};", "q", _lay_number)
    if hint is float:
        return Slot(f"double {name};", "d", _lay_number)
    if isinstance(hint, type) and issubclass(hint, tuple):
        return Slot(f"{hint.__name__} *{name};", "P", _lay_record)
    scalar = field_scalar(hint)
    if STRIDED in marks:
        return Slot(f"Keys {name};", "Pqq", _lay_strided(name, np.dtype(scalar)))
    dimensions = next((mark for mark in marks if isinstance(mark, int)), 1)
    view = _C_SCALARS[scalar][0] + (f"x{dimensions}" if dimensions > 1 else "")
    lay = _lay_array(name, np.dtype(scalar), dimensions, GIVEN in marks)
    return Slot(f"{view} {name};", "P" + "q" * dimensions, lay)


def _row(hint: Any) -> str | None:
    """Return which kind of row a column is part of."""
    return getattr(hint, "row", None)


def _lay_number(value: Any, flat: list[Any], _: list[object]) -> None:
    flat.append(value)


def _lay_record(value: Any, flat: list[Any], _: list[object]) -> None:
    flat.append(held(value))


def _lay_array(name: str, dtype: np.dtype[Any], dimensions: int, given: bool) -> Lay:
    place_of = c_char.from_buffer

    def lay(array: NDArray[Any], flat: list[Any], kept: list[object]) -> None:
        shape = array.shape
        if array.dtype == dtype and len(shape) == dimensions and 0 not in shape:
            try:  # that it lies in one piece and may be written to is looked at here, too
                flat += (addressof(place_of(array)), *shape)  # type: ignore[arg-type]
                return
            except (TypeError, ValueError, BufferError):
                pass
        array = _fit(name, array, dtype, dimensions, given)
        kept.append(array)
        flat.append(address_of(array))
        flat.extend(array.shape)

    return lay


def _fit(name: str, array: NDArray[Any], dtype: np.dtype[Any], dimensions: int, given: bool) -> NDArray[Any]:
    """Return an array as a kernel takes it; raises TypeError where it cannot be."""
    if given and array.ndim == dimensions:
        return np.ascontiguousarray(array.astype(dtype, casting="same_kind", copy=False))
    if array.dtype != dtype or array.ndim != dimensions or not array.flags.c_contiguous:
        raise _unfit(name, array, f"{dimensions}-dimensional {dtype}, in one piece")
    if array.size and not array.flags.writeable:
        raise _unfit(name, array, "an array that may be written to")
    return array


def _lay_strided(name: str, dtype: np.dtype[Any]) -> Lay:
    def lay(array: NDArray[Any], flat: list[Any], _: list[object]) -> None:
        step, rest = divmod(array.strides[0] if array.ndim == 1 else 0, dtype.itemsize)
        if array.dtype != dtype or array.ndim != 1 or rest:
            raise _unfit(name, array, f"1-dimensional {dtype}")
        flat += (array.ctypes.data, len(array), step)

    return lay


def _lay_rows(kind: type, row: str) -> Lay:
    size = layout(kind, row).itemsize

    def lay(columns: tuple[NDArray[Any], ...], flat: list[Any], _: list[object]) -> None:
        stray = _stray(kind, row, columns)
        if stray is not None:
            raise _unfit(*stray, f"a column of rows of {size} bytes, side by side")
        flat += (_begin(columns[0]), len(columns[0]))

    return lay


def _stray(kind: type, row: str, columns: Sequence[NDArray[Any]]) -> tuple[str, NDArray[Any]] | None:
    """Return the first of the columns of a row, and its name, that does not lie beside the others; None if all do."""
    form, first = layout(kind, row), _begin(columns[0])
    fields = typing.cast("dict[str, Any]", form.fields)
    for name, column in zip(names_of(kind, row), columns, strict=True):
        dtype, offset, *_ = fields[name]
        place = _begin(column) - first, column.strides, column.dtype, len(column)
        if place != (offset, (form.itemsize,), dtype, len(columns[0])):
            return name, column
    return None


def _begin(column: NDArray[Any]) -> int:
    """Return where a column begins that does not lie in one piece, as its first element alone does."""
    return address_of(column[:1]) if len(column) else int(column.ctypes.data)


def _unfit(name: str, array: NDArray[Any], expected: str) -> TypeError:
    return TypeError(f"{name}: an array of shape {array.shape} and type {array.dtype} (expected: {expected})")
