"""Format ``jsonl``: one JSON value a line: a list is a trace, an object a trace or an event.

An object with a list under ``trace``, ``sequence``, ``symbols`` or ``events`` (or the field that the option
``sequence`` names) is a trace; an object with an event field is an event. Fields of nested objects have dotted names;
a path with ``[]`` leads through a list and gives an event for each of its elements. Numbers count as they are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import parameter
from ..diagnostics import shown
from ..format import Format
from ..items import Event, Item, Trace
from ..options import EVENTS, FIELDS
from ..parsing.context import ReadContext
from ..parsing.fields import layout
from ..parsing.json_shape import pattern
from ..parsing.json_values import parsed
from ..parsing.lifecycle import KEY
from ..parsing.objects import Objects, Table, as_table, lacking_any
from ..source.text import LOOKED_AT, MOST_ROWS, Head, Source

if TYPE_CHECKING:
    from ..parsing.fast_path import Splitter

_OPENING = re.compile(r"\s*(?:\{\s*(?:\"|\}|\Z)|\[\s*(?:[\[\]{\"\-\dtfn]|\Z))")
_NAMED = f"{parameter('event')}, {parameter('sequence')}"
_EXPECTED = f"a list, or an object with a field for the event or the whole trace (see {_NAMED})"


def matches(head: Head) -> bool:
    """Whether the first line is, or begins as, a JSON list or object."""
    first = head.filled[0] if head.filled else head.text.lstrip()
    if not _OPENING.match(first):
        return False
    if not head.filled or first.strip() in {"[", "{"}:
        return True  # one long line, or a document over several lines, which `read` explains
    try:
        return isinstance(json.loads(first), list | dict)
    except (ValueError, RecursionError):
        return first.lstrip().startswith('{"')


def read(source: Source, context: ReadContext) -> Iterator[Item]:
    """Yield the traces and events of a source.

    Examples
    --------
    >>> import io
    >>> text = b'["load", 1]\\n{"lot": 7, "activity": "run"}\\n'
    >>> with Source(io.BytesIO(text)) as source:
    ...     list(read(source, ReadContext()))
    [Trace(name=None, symbols=['load', '1']), Event(case='7', symbol='run', time=None)]
    """
    from ..parsing.fast_path import Feed  # compiled loops, which only those need who read

    reader, feed = _Reader(context, _head(source, context), source.name), Feed(source, context)
    described = False
    lines = feed.lines()
    while True:
        yield from feed.events()
        line, text = next(lines, (0, None))
        if text is None:
            return
        if not text.strip():
            continue
        try:
            items = reader.items(text)
        except ValueError as error:
            context.bad(source.name, line, *error.args)
            continue
        if items and not described:
            if isinstance(items[0], Trace):
                context.whole_traces(source.name)
            context.describe(source.name, "jsonl", reader.objects.columns)
            described = True
            reader.objects.tell_lifecycle()
        if feed.one_by_one and items:
            feed.propose(reader.splitter(text, items[0]))
        yield from items


class _Reader:
    """Turns lines into items; a ValueError of two texts says what is wrong and what was expected."""

    def __init__(self, context: ReadContext, head: Head, source: str) -> None:
        self.objects = Objects(context, objects_in(head.lines), source)

    def items(self, text: str) -> list[Item]:
        """Return what a line holds, nothing if it is left out."""
        value = parsed(text)
        if isinstance(value, list):
            return [Trace(None, self.objects.symbols(value))]
        if not isinstance(value, dict):
            raise ValueError(f"{shown(text.strip())} is no trace and no event", _EXPECTED)
        return self.objects.items(value)

    def splitter(self, text: str, item: Item) -> Splitter | None:
        """Return how to split lines that look like that of an event, None if it cannot be done without a parser."""
        if not isinstance(item, Event):
            return None
        found = pattern(text)
        where = None if found is None else self.objects.layouts.get(found.names)
        if found is None or where is None or len(where.event) != 1 or self.objects.lifecycle is not None:
            return None
        if where.time is not None and where.time not in found.names:
            return None
        from ..._kernels.events import split_objects
        from ..parsing.fast_path import Splitter

        wanted = (where.case, where.event[0], where.time)
        columns = np.array([-1 if name is None else found.names.index(name) for name in wanted])
        literals, ends = found.arrays()
        return Splitter(
            lambda buffer, spans, state: split_objects(buffer, literals, ends, columns, spans, state),
            cased=where.case is not None,
            timed=where.time is not None,
            lenient=self.objects.lenient,
            masked=self.objects.masks(where.event),
        )


def _head(source: Source, context: ReadContext) -> Head:
    """Return the head of a source before lines are taken from it: many lines if something has to be guessed."""
    head = source.head()
    names, rows = as_rows(head.lines)
    options = context.options_for(names)
    found = layout(names, options)
    if found.time in names and context.clock.doubtful(rows[0][names.index(found.time)]):
        head = source.head(MOST_ROWS)
        names, rows = as_rows(head.lines)
        context.clock.prime(row[names.index(found.time)] for row in rows[:MOST_ROWS])
    elif KEY in names or (names and lacking_any(found, options, names)):
        head = source.head(MOST_ROWS)
    elif rows and context.asks_for_text(found.event, lambda: rows[0][names.index(found.event[0])]):
        head = source.head(LOOKED_AT)
    return head


def objects_in(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Return the objects in some lines."""
    values = []
    for line in lines:
        with suppress(ValueError):
            values.append(parsed(line))
    return [value for value in values if isinstance(value, dict)]


def as_rows(lines: Iterable[str]) -> Table:
    """Return the names of all fields of the objects in some lines, and their texts; blank where there is none.

    Examples
    --------
    >>> as_rows(['{"lot": "L7", "hot": true}', '{"lot": "L8", "at": 5}', "[1]"])
    (['lot', 'hot', 'at'], [['L7', 'true', ''], ['L8', '', '5']])
    """
    return as_table(objects_in(lines))


FORMAT = Format(matches, read, uses=FIELDS | EVENTS | {"sequence", "mask"}, opens=matches)
