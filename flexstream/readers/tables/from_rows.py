"""Rows as they come, as a table: mappings, named tuples, data classes, and whole traces."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...arguments import written
from ...errors import DataError, WrongTypeError
from ...stream.traces import as_trace
from .cell_text import csv_lines, encoded, is_nested, json_line
from .tabular import Table

_MOST_ROWS, _SECONDS = 1 << 12, 0.2
"""Rows that are held back at most, and for how long while others come."""
_EXPECTED = "a mapping of columns to values, or a trace, which is a list of symbols"


def is_row(value: Any) -> bool:
    """Tell whether something may be a row or a trace.

    >>> is_row({"case": 7}), is_row(["load", "run"]), is_row("load")
    (True, True, False)
    """
    return isinstance(value, Mapping | list | tuple) or (
        dataclasses.is_dataclass(value) and not isinstance(value, type)
    )


def of_rows(rows: Iterable[Any], name: str) -> Table:
    """Return rows as a table; those of a generator come once.

    A list of rows with the same plain columns is written as CSV, which is what it most likely once was.

    Examples
    --------
    >>> rows = [{"case": 7, "event": "load"}, {"case": 7, "event": "run"}]
    >>> of_rows(rows, "<rows>").form, of_rows(iter(rows), "<rows>").form
    ('csv', 'jsonl')
    """
    names = _columns(rows) if isinstance(rows, list | tuple) else None
    if names is not None:
        known = names
        return Table(name, "table", "csv", lambda: _in_columns(map(_fields, rows), known))
    return Table(name, "table", "jsonl", lambda: _as_they_come(rows, name))


def _fields(row: Any) -> Mapping[Any, Any] | None:
    """Return what a row holds by its columns; None for a trace, or what is no row."""
    if isinstance(row, Mapping):
        return row
    if hasattr(row, "_asdict"):
        named: Mapping[Any, Any] = row._asdict()
        return named
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        return {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    return None


def _columns(rows: Sequence[Any]) -> list[Any] | None:
    """Return the columns of rows that all have the same, and no list or object in one of them; None for others."""
    first = _fields(rows[0])
    if not first:
        return None
    for row in rows:
        fields = _fields(row)
        if fields is None or fields.keys() != first.keys() or any(map(is_nested, fields.values())):
            return None
    return list(first)


def _in_columns(rows: Iterable[Mapping[Any, Any] | None], names: list[Any]) -> Iterator[bytes]:
    yield csv_lines([names])
    cells = ([row[name] for name in names] for row in rows if row is not None)
    while lines := csv_lines(itertools.islice(cells, _MOST_ROWS)):
        yield lines


def _as_they_come(rows: Iterable[Any], name: str) -> Iterator[bytes]:
    """Yield lines of JSON, the first alone: what is told from it need not wait for more."""
    lines, since = list[str](), 0.0
    for number, row in enumerate(_until_they_fail(rows, name)):
        lines.append(_line(row, number, name))
        now = time.monotonic()
        if len(lines) >= _MOST_ROWS or now - since > _SECONDS:
            yield encoded("".join(lines))
            lines, since = [], now
    yield encoded("".join(lines))


def _until_they_fail(rows: Iterable[Any], name: str) -> Iterator[Any]:
    """Yield rows; what their own source raises is told as that, lest it be taken for a fault of reading them."""
    number = 0
    try:
        for row in rows:
            yield row
            number += 1
    except (OSError, ValueError) as error:
        problem = f"its source failed behind row {number:,}: {type(error).__name__}: {error}"
        raise DataError(name, None, problem.rstrip(": "), "rows until they end") from error


def _line(row: Any, number: int, name: str) -> str:
    fields = _fields(row)
    if fields is not None:
        return json_line(fields)
    if not isinstance(row, list | tuple):
        raise WrongTypeError(f"{name}[{number}] is {written(row)} (expected: {_EXPECTED})")
    try:
        return json_line(as_trace(row))
    except WrongTypeError as error:
        raise WrongTypeError(f"{name}[{number}]: {error.message.marked}") from None
