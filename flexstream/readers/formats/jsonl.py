"""Format ``jsonl``: values of JSON, one a line or over several: a list is a trace, an object a trace or an event.

An object with a list under ``trace``, ``sequence``, ``symbols`` or ``events`` (or a list or a text in the field
that the option ``sequence`` names) is a trace; an object with an event field is an event. Fields of nested objects have
dotted names; a path with ``[]`` leads through a list and gives an event for each of its elements. Records may be
wrapped in a list, or in a list inside an object. Numbers count as they are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import parameter
from ..diagnostics import shown
from ..format import Format
from ..items import Event, Item, Trace
from ..options import EVENTS, FIELDS, ReadOptions
from ..parsing.context import ReadContext
from ..parsing.fields import Layout, layout, times_in
from ..parsing.guessing import incomplete, with_clock
from ..parsing.json_shape import Pattern, pattern
from ..parsing.json_values import parsed
from ..parsing.lifecycle import KEY, staged
from ..parsing.objects import Objects, Table, as_table
from ..parsing.one_value import doubtful_event
from ..parsing.wrappers import Steps, goes_on, names_beside, steps_of, without
from ..prior import COLUMNS
from ..source.text import LINES, LOOKED_AT, MOST_ROWS, Head, Source

if TYPE_CHECKING:
    from ..parsing.fast_path import Split, Splitter
    from ..parsing.object_shapes import Keys, Wanted
    from ..parsing.record_source import RecordSource

_OPENING = re.compile(r"\s*(?:\{\s*(?:\"|\}|\Z)|\[\s*(?:[\[\]{\"\-\dtfn]|\Z))")
_OF_OBJECTS = re.compile(r'\s*(?:\{\s*"|\[\s*\{\s*(?:["}]|\Z))')
# Where so many times so few lines look like one another, their keys are looked at instead.
_OFTEN, _SOON = 4, 200
_SHAPES_KEPT = 256
_NAMED = f"{parameter('event')}, {parameter('sequence')}"
_EXPECTED = f"a list, or an object with a field for the event or the whole trace (see {_NAMED})"


def matches(head: Head) -> bool:
    """Whether the first line is, or begins as, a JSON list or object."""
    first = head.filled[0] if head.filled else head.text.lstrip()
    if not _OPENING.match(first):
        return False
    if not head.filled or first.strip() in {"[", "{"}:
        return True  # one long line, or a document over several
    try:
        return isinstance(json.loads(first), list | dict)
    except (ValueError, RecursionError):
        return _OF_OBJECTS.match(first) is not None


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
    given = context.options
    head, steps = _head(source, context)
    text: Source | RecordSource = source
    if steps is not None:
        from ..parsing import record_source  # compiled loops, which only those need who read

        context.options = _on_records(given, steps)
        text = record_source.RecordSource(source, steps, context.fields)
    try:
        yield from _items(text, _Reader(context, _records(head, steps), source.name, _beside(head, steps)), context)
    finally:
        context.options = given


def _items(source: Source | RecordSource, reader: _Reader, context: ReadContext) -> Iterator[Item]:
    """Yield what lines hold."""
    from ..parsing.fast_path import Feed  # compiled loops, which only those need who read

    feed, described = Feed(source, context), False
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
            context.bad(source.name, source.number(line), *error.args)
            continue
        if items and not described:
            if isinstance(items[0], Trace):
                context.whole_traces(source.name, reader.objects.timed_traces)
            context.describe(source.name, "jsonl", reader.objects.columns)
            described = True
            reader.objects.tell_lifecycle()
        if feed.one_by_one and items:
            feed.propose(reader.splitter(line, text, items[0]))
        yield from items


class _Reader:
    """Turns lines into items; a ValueError of two texts says what is wrong and what was expected."""

    def __init__(self, context: ReadContext, first: Iterable[str], source: str, beside: Sequence[str] = ()) -> None:
        lines = list(first)
        self.names = _names(lines, beside)
        self.objects = Objects(context, objects_in(lines, self.names), source)
        self._value: dict[str, Any] = {}
        self._per = context.per
        self._shapes: dict[Keys, list[int]] = {}
        self._proposed = self._soon = 0

    def items(self, text: str) -> list[Item]:
        """Return what a line holds, nothing if it is left out."""
        value = parsed(text)
        if isinstance(value, list) and self.names is not None:
            if value == self.names:
                return []
            value = _as_object(self.names, value)
        if isinstance(value, list):
            if self._per is not None:
                raise ValueError(f"a list has no field {shown(self._per)}", "an object that names its member")
            return [Trace(None, self.objects.symbols(value))]
        if not isinstance(value, dict):
            raise ValueError(f"{shown(text.strip())} is no trace and no event", _EXPECTED)
        self._value = value
        return self.objects.items(value)

    def splitter(self, line: int, text: str, item: Item) -> Splitter | None:
        """Return how to split lines that look like that of an event, None if it cannot be done without a parser."""
        if not isinstance(item, Event) or self.names is not None:
            return None
        self._soon = self._soon + 1 if line - self._proposed < _SOON else 0
        self._proposed = line
        found = pattern(text) if self._soon < _OFTEN else None
        where = self.objects.layout_of(self._value)
        if where is None or len(where.event) != 1:
            return None
        wanted = (where.case, where.event[0], where.time)
        named = {name for name in (*wanted, self._per) if name is not None}
        if found is None or not named <= set(found.names):
            return None if self._per is not None else self._by_fields(text, wanted)
        return self._by_pattern(found, wanted)

    def _by_pattern(self, found: Pattern, wanted: Wanted) -> Splitter:
        """Return how to split lines that are alike but for plain values."""
        from ..._kernels.events import split_objects

        literals, ends = found.arrays()

        def split_of(*names: str | None) -> Split:
            columns = np.array([-1 if name is None else found.names.index(name) for name in names])
            return lambda buffer, spans, state: split_objects(buffer, literals, ends, columns, spans, state)

        members = None if self._per is None else split_of(self._per, wanted[1], None)
        return self._splitter(split_of(*wanted), wanted)._replace(split_members=members)

    def _by_fields(self, text: str, wanted: Wanted) -> Splitter | None:
        """Return how to split lines with the keys of those seen so far, whatever else is in them."""
        from ..._kernels.nesting import split_fields
        from ..parsing.object_shapes import keys_of, shape_of

        keys = keys_of(self._value, wanted)
        shape = None if keys is None else shape_of(text)
        if keys is None or shape is None:
            return None
        shapes = self._shapes.setdefault(keys, [])
        if len(shapes) == _SHAPES_KEPT:
            shapes.clear()
        shapes.append(shape)
        paths, known = keys.arrays(), np.array(shapes, np.uint64)
        return self._splitter(
            lambda buffer, spans, state: split_fields(buffer, *paths, known, spans, state), wanted, decodes=True
        )

    def _splitter(self, split: Split, wanted: Wanted, decodes: bool = False) -> Splitter:
        from ..parsing.fast_path import Splitter

        case, event, time = wanted
        masked = self.objects.masks((event,))
        return Splitter(split, case is not None, time is not None, self.objects.lenient, masked, decodes)


def _head(source: Source, context: ReadContext) -> tuple[Head, Steps | None]:
    """Return the head of a source before lines are taken from it, and how its records are wrapped.

    It has many lines if something has to be guessed, or the first one does not end a value.
    """
    head = source.head()
    if goes_on(head) or not head.filled:
        head = source.head(MOST_ROWS)
    steps = steps_of(head, context.options)
    if _may_be_row(_records(head, steps)):
        head = source.head(MOST_ROWS)
    names, rows = as_rows(_records(head, steps))
    options = _on_records(context.options_for(names), steps)
    found = layout(names, options)
    found = with_clock(found, names, (names, rows), options, context.clock)
    if any(map(context.unclear, times_in(rows[:1], names, found.time))):
        head = source.head(MOST_ROWS)
        names, rows = as_rows(_records(head, steps))
        context.clock.prime(times_in(rows[:MOST_ROWS], names, found.time))
    elif KEY in names or (names and incomplete(found, options, names)):
        head = source.head(MOST_ROWS)
    elif staged(names):
        head = source.head(LINES if source.live else LOOKED_AT)
    elif _one_event(source, steps, found, options):
        head = source.head(MOST_ROWS, wait=False)
    elif options.sequence in names and rows[0][names.index(options.sequence)]:
        head = source.head(LINES)  # by which is told what parts the symbols of a text
    elif set(found.event) <= set(names) and context.asks_for_text(
        found.event, lambda: rows[0][names.index(found.event[0])]
    ):
        head = source.head(LOOKED_AT)
    return head, steps


def _one_event(source: Source, steps: Steps | None, found: Layout, options: ReadOptions) -> bool:
    """Tell whether the field of the event is the same in all objects from which a format is guessed."""

    def look() -> Table:
        return as_rows(_records(source.head(LINES, wait=False), steps))

    return doubtful_event(found, options.event, look)


def _records(head: Head, steps: Steps | None) -> list[str]:
    """Return the records in a head, one a line."""
    if steps is None:
        return head.lines
    from ..parsing.record_source import records_in  # compiled loops

    return records_in(head, steps)


def _on_records(options: ReadOptions, steps: Steps | None) -> ReadOptions:
    """Return options in which paths begin at a record instead of what wraps it."""
    named = {name: value for name in (*COLUMNS, "per") if steps and (value := getattr(options, name))}
    paths: dict[str, Any] = {
        name: "+".join(without(steps or (), path) for path in value.split("+")) for name, value in named.items()
    }
    return replace(options, **paths) if paths != named else options


def objects(lines: Sequence[str]) -> list[dict[str, Any]]:
    """Return the objects in some lines, or the rows where lists are rows of a table."""
    return objects_in(lines, _names(lines))


def objects_in(lines: Iterable[str], names: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return the objects in some lines; lists are rows with such names of columns, if these are given."""
    values = _values(lines)
    if names is not None:
        rows = [value for value in values if isinstance(value, list) and value != names and len(value) == len(names)]
        return [_as_object(names, row) for row in rows]
    return [value for value in values if isinstance(value, dict)]


def _values(lines: Iterable[str]) -> list[Any]:
    """Return the values that lines hold, but for those that are broken."""
    values = []
    for line in lines:
        with suppress(ValueError):
            values.append(parsed(line))
    return values


def _beside(head: Head, steps: Steps | None) -> list[str]:
    """Return what a document calls the columns of its rows; none if it does not."""
    return [] if not steps or steps[0] == "[]" else names_beside(head, steps)


def _names(lines: Sequence[str], beside: Sequence[str] = ()) -> list[str] | None:
    """Return what the columns are called where lists are rows of a table, None where they are traces."""
    if not lines or not lines[0].lstrip().startswith("["):
        return None
    from ..parsing.list_rows import names_of_rows  # which few sources need

    return names_of_rows(_values(lines[:LINES]), beside)


def _may_be_row(lines: Sequence[str]) -> bool:
    """Tell whether the first of some lines is a list with a time in it."""
    if not lines or not lines[0].lstrip().startswith("["):
        return False
    from ..parsing.list_rows import is_dated  # which few sources need

    return any(map(is_dated, _values(lines[:1])))


def _as_object(names: Sequence[str], row: list[Any]) -> dict[str, Any]:
    from ..parsing.list_rows import as_object  # loaded by now

    return as_object(names, row)


def as_rows(lines: Iterable[str]) -> Table:
    """Return the names of all fields of the objects in some lines, and their texts; blank where there is none.

    Examples
    --------
    >>> as_rows(['{"lot": "L7", "hot": true}', '{"lot": "L8", "at": 5}', "[1]"])
    (['lot', 'hot', 'at'], [['L7', 'true', ''], ['L8', '', '5']])
    """
    return as_table(objects(list(lines)))


FORMAT = Format(
    matches,
    read,
    uses=FIELDS | EVENTS | {"sequence", "mask"},
    opens=matches,
    objects=lambda lines: objects(list(lines)),
)
