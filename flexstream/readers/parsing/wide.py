"""Tables with a trace a row whose events stand in columns of their own: ``step1``, ``step2``, ``step3``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...errors import parameter
from ...patterns import late
from ..diagnostics import shown
from .blank import is_no_event
from .fields import plain

LEAST = 3  # columns with numbers: two may be anything
NEUTRAL = {"", "c", "col", "column", "f", "feature", "field", "unnamed", "v", "val", "value", "var", "x"}
"""What columns are called that may hold anything: numbers behind these say nothing."""
_NUMBERED = late(r"(.*\D)(\d{1,4})")


def numbered(names: Sequence[str]) -> str | None:
    """Return the pattern of columns that are numbered from 0 or 1 on, if there are such; that of most columns.

    >>> numbered(["id", "step1", "step2", "step3"])
    'step*'
    >>> numbered(["col1", "col2", "col3"]) is None
    True
    >>> numbered(["id", "q1", "q2", "2026"]) is None
    True
    """
    found: dict[str, list[int]] = {}
    for name in names:
        match = _NUMBERED.fullmatch(name)
        if match is not None and "*" not in name and plain(match[1]) not in NEUTRAL:
            found.setdefault(match[1], []).append(int(match[2]))
    runs = {
        prefix: len(numbers)
        for prefix, numbers in found.items()
        if len(numbers) >= LEAST and numbers[0] <= 1 and numbers == [*range(numbers[0], numbers[0] + len(numbers))]
    }
    longest = max(runs, key=lambda prefix: runs[prefix], default=None)
    return None if longest is None else f"{longest}*"


def numbered_columns(names: Sequence[str]) -> list[str]:
    """Return the columns that are numbered one by one, see `numbered`."""
    pattern = numbered(names)
    return [] if pattern is None else [names[place] for place in columns_of(pattern, names)]


def columns_of(pattern: str, names: Sequence[str]) -> list[int]:
    """Return the places of the columns that hold a trace, in order: the one of that name, or those that begin so.

    >>> columns_of("trace", ["id", "trace"]), columns_of("step*", ["id", "step1", "note", "step2"])
    ([1], [1, 3])
    """
    if pattern in names:
        return [names.index(pattern)]
    if not pattern.endswith("*"):
        return []
    return [place for place, name in enumerate(names) if name.startswith(pattern[:-1])]


def events_of(row: Sequence[str], places: Sequence[int]) -> list[str]:
    """Return the events of a row that stand in columns of their own; empty cells are none."""
    return [event for place in places if not is_no_event(event := row[place].replace("\n", " ").strip())]


def gathered(fields: Mapping[str, Any], pattern: str) -> list[Any] | None:
    """Return the values of fields that begin alike, see `columns_of`; empty ones are none.  None: no field does.

    >>> gathered({"id": 7, "step1": "load", "step2": "run", "step3": None}, "step*")
    ['load', 'run']
    """
    names = list(fields)
    places = columns_of(pattern, names)
    return [value for place in places if (value := fields[names[place]]) not in (None, "")] if places else None


def hint(fields: Sequence[str] | Mapping[str, Any]) -> str:
    """Return what takes columns that are numbered, or a field that holds lists, for the events of a trace.

    Parameters
    ----------
    fields : sequence of str, or mapping
        The names of columns, or fields with what they hold.

    Examples
    --------
    >>> from flexstream.errors import Message
    >>> print(Message(hint({"order": 7, "steps": ["load", "run"]})))
    ; `sequence` 'steps' takes the lists there for traces
    >>> hint(["order", "status"])  # nothing of the kind
    ''
    """
    if _by_columns(fields):
        return "; the table stands column by column: write it row by row, in pandas to_json(FILE, orient='records')"
    columns = numbered_columns(list(fields))
    if columns:
        takes = f"takes {columns[0]} to {columns[-1]} for the events of a trace"
        return f"; {parameter('sequence')} {shown(str(numbered(list(fields))))} {takes}"
    if not isinstance(fields, Mapping):
        return ""
    lists = [name for name, value in fields.items() if _is_trace(value)]
    if lists:
        return f"; {parameter('sequence')} {shown(lists[0])} takes the lists there for traces"
    return ""


def _by_columns(fields: Iterable[str]) -> bool:
    """Tell whether fields are columns of which each has all rows by their numbers.

    >>> _by_columns(["lot.0", "lot.1", "lot.2", "step.0", "step.1", "step.2"]), _by_columns(["lot", "step.1", "step.2"])
    (True, False)
    """
    found: dict[str, list[str]] = {}
    for name in fields:
        column, _, row = name.rpartition(".")
        if not column or not row.isdecimal():
            return False
        found.setdefault(column, []).append(row)
    rows = [*found.values()]
    return len(rows) > 1 and len(rows[0]) >= LEAST and all(one == rows[0] for one in rows)


def _is_trace(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str | int) for one in value)
