"""Lines that hold fields, however these are written: each is taken apart to an object, which is an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from ..items import Item, Trace
from ..options import ReadOptions
from ..source.text import LINES, LOOKED_AT, MOST_ROWS, Head, Source
from .context import ReadContext
from .fields import Layout, layout, plain, recognise, times_in
from .guessing import EVENTS, MESSAGES, incomplete, with_clock
from .objects import Objects, Table, as_table, usually
from .one_value import doubtful_event

Parse = Callable[[str], dict[str, Any]]
"""Returns the fields of a line; raises ValueError of two texts: what is wrong, and what was expected."""

_NOTHING = Layout()


def read_fields(
    source: Source,
    context: ReadContext,
    name: str,
    parse: Parse,
    usual: Layout = _NOTHING,
    counts: Callable[[str], bool] | None = None,
) -> Iterator[Item]:
    """Yield what the lines of a source hold.

    Parameters
    ----------
    source : Source
    context : ReadContext
    name : str
        Of the format.
    parse : callable
        Takes a line apart.
    usual : Layout
        What the fields of the format are, unless the user names others.
    counts : callable, optional
        Tells whether a line that cannot be taken apart has a request nevertheless, and is a bad one; others are passed
        over, which is told.
    """
    first = _first(source, context, parse, usual)
    objects = Objects(context, first, source.name, usual, whole=False)
    described = False
    for number, text in source.lines(context):
        if not text.strip():
            continue
        try:
            items = objects.items(parse(text))
        except ValueError as error:
            if described and _continuing(text):
                context.tell_continued(source.name)
            elif counts is not None and not counts(text):
                context.note(f"{source.name}: lines without a request are passed over")
            else:
                context.bad(source.name, number, *error.args)
            continue
        if items and not described:
            if isinstance(items[0], Trace):
                context.whole_traces(source.name)
            context.describe(source.name, name, objects.columns)
            described = True
            objects.tell_lifecycle()
        yield from items


def _continuing(text: str) -> bool:
    from .records import continuing  # whose patterns take as long to compile as a small file to learn

    return continuing(text)


def _first(source: Source, context: ReadContext, parse: Parse, usual: Layout) -> list[dict[str, Any]]:
    """Return the first objects before lines are taken from a source: many if something has to be guessed."""
    head = source.head()
    objects = objects_of(head, parse)
    names, rows = as_table(objects)
    options = context.options_for(names)
    found = usually(layout(names, options), usual, options)
    found = with_clock(found, names, (names, rows), options, context.clock)
    if any(map(context.unclear, times_in(rows[:1], names, found.time))):
        objects = objects_of(source.head(MOST_ROWS), parse)
        names, rows = as_table(objects)
        context.clock.prime(times_in(rows, names, found.time))
    elif names and incomplete(found, options, names):
        objects = objects_of(source.head(MOST_ROWS), parse)
    elif _one_event(source, parse, found, options, usual):
        objects = objects_of(source.head(MOST_ROWS, wait=False), parse)
    elif set(found.event) <= set(names) and context.asks_for_text(
        found.event, lambda: rows[0][names.index(found.event[0])]
    ):
        objects = objects_of(source.head(LOOKED_AT), parse)
    return objects


def _one_event(source: Source, parse: Parse, found: Layout, options: ReadOptions, usual: Layout) -> bool:
    """Tell whether the field of the event is the same in all lines from which a format is guessed."""

    def look() -> Table:
        return as_table(objects_of(source.head(LINES, wait=False), parse))

    return not usual.event and doubtful_event(found, options.event, look)


def objects_of(head: Head, parse: Parse) -> list[dict[str, Any]]:
    """Return what the lines of a head hold, but for those that are odd."""
    return objects_in_lines(head.lines, parse)


def objects_in_lines(lines: Iterable[str], parse: Parse) -> list[dict[str, Any]]:
    """Return what lines hold, but for those that are odd."""
    found = []
    for line in lines:
        if line.strip():
            with suppress(ValueError):
                found.append(parse(line))
    return found


def most_are(head: Head, parse: Parse, says: Callable[[dict[str, Any]], bool]) -> bool:
    """Tell whether most of the first lines can be taken apart, the first among them, and say what happened."""
    lines = [line for number, line in enumerate(head.filled) if not number or not line[:1].isspace()]
    good = [any(map(says, objects_in_lines([line], parse))) for line in lines]
    return bool(good) and good[0] and 2 * sum(good) > len(good)


def names_event(fields: dict[str, Any]) -> bool:
    """Tell whether there is a field that may be an event, by its name.

    >>> names_event({"level": "info", "msg": "started"}), names_event({"x": "1", "y": "2"})
    (True, False)
    """
    known = recognise("event", fields) is not None
    return known or not {*map(plain, fields)}.isdisjoint((*EVENTS, *MESSAGES))
