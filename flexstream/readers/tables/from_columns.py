"""Columns in memory as a table: a mapping of names to columns, and NumPy's arrays with named fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...errors import UsageError, WrongTypeError
from .cell_text import csv_lines, is_missing, is_nested, json_lines
from .tabular import Table

ROWS = 1 << 13
"""Rows that are written out at once."""


def of_columns(columns: Mapping[Any, Any], name: str) -> Table:
    """Return columns of one length as a table.

    Raises
    ------
    WrongTypeError
        If something else than a sequence stands for a column.
    UsageError
        If they differ in length.

    Examples
    --------
    >>> table = of_columns({"case": [7, 8], "event": ["load", "run"]}, "<columns>")
    >>> table.form, table.opened().read()
    ('csv', b'case,event\\r\\n')
    """
    for title, column in columns.items():
        if isinstance(column, str | bytes) or not (hasattr(column, "__len__") and hasattr(column, "__getitem__")):
            expected = "a sequence of its cells; rows are given as a list of mappings"
            raise WrongTypeError(f"{name}: column {title!r} is no column but a {type(column).__name__} ({expected})")
    lengths = {str(title): len(column) for title, column in columns.items()}
    if len(set(lengths.values())) > 1:
        shortest, longest = min(lengths, key=lengths.__getitem__), max(lengths, key=lengths.__getitem__)
        told = f"{shortest!r} has {lengths[shortest]:,}, {longest!r} has {lengths[longest]:,}"
        raise UsageError(f"{name}: columns differ in length: {told} (expected: a cell for each row)")
    form = "jsonl" if any(map(_nested, columns.values())) else "csv"
    return Table(name, "table", form, lambda: _pieces(list(lengths), list(columns.values()), form))


def of_structured(array: np.ndarray[Any, Any], name: str) -> Table:
    """Return an array with named fields as a table."""
    return of_columns({field: array[field] for field in array.dtype.names or ()}, name)


def _pieces(names: list[str], columns: list[Any], form: str) -> Iterator[bytes]:
    if form == "csv":
        yield csv_lines([names])
    for start in range(0, len(columns[0]) if columns else 0, ROWS):
        rows = zip(*(_cells(_part(column, start)) for column in columns), strict=True)
        yield csv_lines(rows) if form == "csv" else json_lines(names, rows)


def _part(column: Any, start: int) -> Any:
    """Return some of the cells of a column by their places; a series of pandas would take them by its index."""
    return getattr(column, "iloc", column)[start : start + ROWS]


def _cells(part: Any) -> Sequence[Any]:
    """Return the cells of a part of a column as values of Python."""
    if isinstance(part, np.ma.MaskedArray):
        return list(part.tolist())
    if isinstance(part, np.ndarray):
        return list(np.datetime_as_string(part)) if part.dtype.kind == "M" else list(part)
    for method in ("to_pylist", "to_list", "tolist"):  # Arrow's arrays, series, arrays of others
        if hasattr(part, method):
            cells: list[Any] = getattr(part, method)()
            return cells
    return list(part)


def _nested(column: Any) -> bool:
    """Tell whether the first cell that is filled is a list or an object."""
    for start in range(0, len(column), ROWS):
        for cell in _cells(_part(column, start)):
            if is_nested(cell):
                return True
            if not is_missing(cell):
                return False
    return False
