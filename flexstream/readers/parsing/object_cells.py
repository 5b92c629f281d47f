"""Cells of tables that hold objects, as JSON or as Python writes a dict: such a row is read as an object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..diagnostics import shown
from ..items import Item
from ..options import ReadOptions
from .context import ReadContext
from .fields import layout
from .json_texts import object_in
from .objects import Objects
from .table_rows import Rows


def columns_of_objects(names: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the columns that hold objects in most of some rows.

    >>> columns_of_objects(["at", "data"], [["5", '{"state": "up"}'], ["6", "{'state': 'down'}"]])
    ['data']
    """
    taken = list(rows)
    count = [sum(object_in(row[place].strip()) is not None for row in taken) for place in range(len(names))]
    return [name for name, objects in zip(names, count, strict=True) if 2 * objects > len(taken)]


def are_needed(names: list[str], columns: Sequence[str], options: ReadOptions) -> bool:
    """Tell whether fields of the objects in some columns are asked for: by the user, or as no other columns are known.

    >>> are_needed(["case", "event", "data"], ["data"], ReadOptions())
    False
    >>> are_needed(["case", "data"], ["data"], ReadOptions()), are_needed(["case", "event"], ["event"], ReadOptions())
    (True, True)
    """
    if not columns:
        return False
    if any(path.startswith(f"{name}.") for name in columns for path in _told(options)):
        return True
    found = layout(names, options)
    known = bool(found.event) and (found.case is not None or options.case == "")
    return found.sequence is None and (not known or (options.event is None and not {*columns}.isdisjoint(found.event)))


def _told(options: ReadOptions) -> Iterator[str]:
    for text in (options.case, options.event, options.time, options.per):
        yield from (text or "").split("+")


def with_objects(names: Sequence[str], columns: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    """Return a row as an object, in which the objects in some columns are opened.

    >>> with_objects(["at", "data"], ["data"], ["5", '{"state": "up"}'])
    {'at': '5', 'data': {'state': 'up'}}
    """
    cells: dict[str, Any] = dict(zip(names, row, strict=True))
    return {**cells, **{name: inner for name in columns if (inner := object_in(cells[name])) is not None}}


def opened(rows: Rows, names: list[str], first: list[list[str]], context: ReadContext) -> Iterator[Item] | None:
    """Return the events of rows whose cells hold objects, where fields of these are asked for; None elsewhere."""
    columns = columns_of_objects(names, first)
    needed = are_needed(names, columns, context.options_for(names))
    return read_objects(rows, names, columns, first, context) if needed else None


def read_objects(
    rows: Rows, names: list[str], columns: list[str], first: list[list[str]], context: ReadContext
) -> Iterator[Item]:
    """Yield the events of rows, of which the objects in some columns are opened."""
    rows.feed.general_only()

    def value(row: list[str]) -> dict[str, Any]:
        return with_objects(names, columns, list(map(rows.bare, row)))

    objects = Objects(context, list(map(value, first)), rows.name, whole=False)
    described = False
    for row in rows.body(len(names)):
        found = value(row)
        try:
            items = objects.items(found)
        except ValueError as error:
            context.bad(rows.name, rows.line, *(_cut_off(found, columns) or error.args))
            continue
        if items and not described:
            context.describe(rows.name, "csv", objects.columns)
            described = True
            objects.tell_lifecycle()
        yield from items


def _cut_off(value: dict[str, Any], columns: list[str]) -> tuple[str, str] | None:
    """Say that an object in a cell is not whole, if one is: tools that hold so many characters a cell cut it off."""
    broken = next((name for name in columns if isinstance(value[name], str) and value[name].startswith("{")), None)
    return None if broken is None else (f"no whole object in column {shown(broken)}", "one, as in the rows above")
