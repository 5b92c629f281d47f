"""Cells as text: rows written as CSV, or as JSON where a cell holds a list or an object."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

import numpy as np

_NOTHING = frozenset({"NAType", "NaTType"})
"""Names of the classes of pandas' values that are missing."""


def is_missing(value: Any) -> bool:
    """Tell whether a value stands for none.

    >>> is_missing(None), is_missing(float("nan")), is_missing(""), is_missing(np.datetime64("NaT"))
    (True, True, False, True)
    """
    if value is None or type(value).__name__ in _NOTHING:
        return True
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def is_nested(value: Any) -> bool:
    """Tell whether a value is a list or an object."""
    return isinstance(value, list | tuple | Mapping | set | frozenset | np.ndarray)


def text(value: Any) -> str:
    """Return a cell as CSV has it; blank if there is none.

    >>> text(7), text(True), text(None), text(datetime(2026, 1, 31, 8))
    ('7', 'true', '', '2026-01-31 08:00:00')
    """
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return value
    if is_missing(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: Any) -> Any:
    """Return what JSON has for a value that it does not know."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(map(text, value))
    if isinstance(value, np.integer | np.floating | np.bool_):
        return None if is_missing(value) else value.item()
    return None if is_missing(value) else text(value)


def json_line(value: Any) -> str:
    """Return a row, or a trace, as a line of JSON; what is missing is null.

    >>> json_line({"case": 7, "event": float("nan"), "at": date(2026, 1, 31)})
    '{"case": 7, "event": null, "at": "2026-01-31"}\\n'
    """
    if isinstance(value, Mapping):
        value = {str(name): None if is_missing(cell) else cell for name, cell in value.items()}
    return json.dumps(value, ensure_ascii=False, default=_plain) + "\n"


def json_lines(names: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Return rows as lines of JSON objects."""
    return encoded("".join(json_line(dict(zip(names, row, strict=True))) for row in rows))


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Return rows as lines of CSV, with the ends that RFC 4180 wants: so a carriage return in a cell gets quotes.

    >>> csv_lines([["case", "event"], [7, "load, then run"], [None, ""]])
    b'case,event\\r\\n7,"load, then run"\\r\\n,\\r\\n'
    """
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\r\n").writerows(map(text, row) for row in rows)
    return encoded(lines.getvalue())


def encoded(lines: str) -> bytes:
    """Return text in UTF-8; half of a surrogate pair becomes what is no text there, so that its line is a bad one."""
    return lines.encode("utf-8", "surrogatepass")
