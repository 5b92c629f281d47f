"""Format ``jsonl``: one JSON value a line: a list is a trace, an object a trace or an event.

An object with a list under ``trace``, ``sequence``, ``symbols`` or ``events`` (or the field that the option
``sequence`` names) is a trace; an object with an event field is an event. Numbers count as they are written.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import parameter
from ..diagnostics import shown
from ..format import Format
from ..items import Event, Item, Trace
from ..options import EVENTS, FIELDS
from ..parsing.blank import LEFT_OUT, is_no_case, is_no_event, no_case, no_event
from ..parsing.context import ReadContext
from ..parsing.fields import Layout, layout, parts, plain, recognise
from ..parsing.guessing import incomplete
from ..parsing.json_shape import pattern
from ..parsing.lifecycle import KEY, Lifecycle, lacking, lifecycle_column, told
from ..parsing.masking import for_events
from ..parsing.profile import MOST_ROWS, profile
from ..source.text import Head, Source

if TYPE_CHECKING:
    from ..parsing.fast_path import Splitter

# Beyond this many different sets of keys the layouts are worked out again; those of very long keys each time.
_LAYOUTS_KEPT = 1000
_LONGEST_KEYS = 1 << 14
_TRACE_NAMES = ("id", "name", "trace")
_OPENING = re.compile(r"\s*(?:\{\s*(?:\"|\}|\Z)|\[\s*(?:[\[\]{\"\-\dtfn]|\Z))")
# Numbers stay the text they are: nothing is rounded, nothing is too large.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
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
            item = reader.item(text)
        except ValueError as error:
            context.bad(source.name, line, *error.args)
            continue
        if item is None:
            continue
        if not described:
            if isinstance(item, Trace):
                context.whole_traces(source.name)
            context.describe(source.name, "jsonl", reader.columns)
            described = True
            reader.tell_lifecycle()
        if feed.one_by_one:
            feed.propose(reader.splitter(text, item) if isinstance(item, Event) else None)
        yield item


class _Reader:
    """Turns lines into items; a ValueError of two texts says what is wrong and what was expected."""

    def __init__(self, context: ReadContext, head: Head, source: str) -> None:
        self._context, self._head, self._source = context, head, source
        self._guessed: Layout | None = None
        self._options, self._mask = context.options, for_events(context.options)
        self._lenient = self._options.needs_times is None
        self._lifecycle = Lifecycle.of(self._options.lifecycle)
        names, rows = as_rows(head.lines)
        if self._lifecycle is not None and lifecycle_column(names) is None:
            raise lacking("a field")
        self._said = told(KEY, (row[names.index(KEY)] for row in rows)) if KEY in names else None
        self._layouts: dict[tuple[str, ...], Layout] = {}
        self.columns: dict[str, str | None] = {}

    def item(self, text: str) -> Item | None:
        """Return what a line holds, None if it is left out."""
        value = _parsed(text)
        if isinstance(value, list):
            return Trace(None, self._symbols(value))
        if not isinstance(value, dict):
            raise ValueError(f"{shown(text.strip())} is no trace and no event", _EXPECTED)
        field = self._sequence(value)
        return self._event(value) if field is None else self._trace(value, field)

    def tell_lifecycle(self) -> None:
        """Tell of lifecycles that are left out of the names of events."""
        if self._said and self._options.lifecycle is None and KEY not in (self.columns.get("event") or ""):
            self._context.note(f"{self._source}: {self._said}")

    def _sequence(self, value: dict[str, Any]) -> str | None:
        wanted = self._options.sequence
        if wanted is not None:
            if not isinstance(value.get(wanted), list):
                raise ValueError(f"no list in the field {shown(wanted)}", _fields(value))
            return wanted
        if self._options.event is not None or list not in map(type, value.values()):
            return None
        return recognise("sequence", [name for name, inner in value.items() if isinstance(inner, list)])

    def _trace(self, value: dict[str, Any], field: str) -> Trace:
        others = [name for name in value if name != field]
        case = self._options.case or recognise("case", others) or _named(others)
        self.columns = {"case": case, "sequence": field}
        if self._options.case and self._options.case not in value:
            raise ValueError(
                f"no field {shown(self._options.case)}", f"{_fields(value)}; name it with {parameter('case')}"
            )
        name = None if case is None or value.get(case) is None else _text(value[case], "name")
        return Trace(None if name is None or is_no_case(name) else name, self._symbols(value[field]))

    def _symbols(self, values: list[Any]) -> list[str]:
        return list(map(self._mask, _texts(values)))

    def _event(self, value: dict[str, Any]) -> Event | None:
        where = self._layout(tuple(value))
        missing = [name for name in where.event if name not in value]
        if missing or not where.event:
            problem = f"no field {shown(missing[0])}" if missing else "no field for the event"
            raise ValueError(problem, f"{_fields(value)}; name it with {parameter('event')}")
        symbols = [_text(value[name], "event") for name in where.event]
        if all(map(is_no_event, symbols)):
            raise ValueError(*no_event("", f"field {shown(where.event[0])}"))
        case = None
        if where.case is not None:
            if where.case not in value:
                expected = f"{_fields(value)}; name it with {parameter('case')}, {LEFT_OUT}"
                raise ValueError(f"no field {shown(where.case)}", expected)
            case = "" if value[where.case] is None else _text(value[where.case], "case")
            if is_no_case(case):
                raise ValueError(*no_case(case, f"field {shown(where.case)}"))
        symbol = self._symbol("+".join(map(self._mask, symbols)), value)
        return None if symbol is None else Event(case, symbol, self._time(value, where.time))

    def _symbol(self, symbol: str, value: dict[str, Any]) -> str | None:
        """Return a symbol, as its lifecycle will have it; None if it is left out."""
        if self._lifecycle is None:
            return symbol
        field = lifecycle_column(list(value))
        return self._lifecycle.symbol(symbol, "" if field is None else _cell(value[field]))

    def splitter(self, text: str, event: Event) -> Splitter | None:
        """Return how to split lines that look like that of an event, None if it cannot be done without a parser."""
        found = pattern(text)
        where = None if found is None else self._layouts.get(found.names)
        if found is None or where is None or len(where.event) != 1 or self._lifecycle is not None:
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
            lenient=self._lenient,
        )

    def _layout(self, names: tuple[str, ...]) -> Layout:
        found = self._layouts.get(names)
        if found is None:
            if len(self._layouts) >= _LAYOUTS_KEPT:
                self._layouts.clear()
            found = self._new_layout(list(names))
            if sum(map(len, names)) <= _LONGEST_KEYS:
                self._layouts[names] = found
            self.columns = {"case": found.case, "event": "+".join(found.event), "time": found.time}
        return found

    def _new_layout(self, names: list[str]) -> Layout:
        """Return which fields hold what; what is not recognised is what all the objects of the head suggest."""
        options = self._context.options_for(names)
        found = layout(names, options)
        if not found.event and options.event is not None:
            return Layout(found.case, parts(options.event, names), found.time)
        if found.event and (found.case is not None or options.case is not None):
            return found
        if self._guessed is None:
            self._guessed = self._guess()
        event, case = self._guessed.event, self._guessed.case
        if not found.event and set(event) <= set(names):
            found = replace(found, event=event)
        return found if found.case is not None else replace(found, case=case)

    def _guess(self) -> Layout:
        """Return the layout that most objects of the head have: one that lacks its case belongs to none."""
        fields, rows = as_rows(self._head.lines)
        found = self._context.layout(self._source, fields, lambda: profile(fields, rows))
        if found.case in fields:
            place = fields.index(found.case)
            if 2 * sum(row[place] != "" for row in rows) >= len(rows):
                return found
        return replace(found, case=None)

    def _time(self, value: dict[str, Any], field: str | None) -> float | None:
        if self._lenient:
            return None if field is None else self._time_or_nan(value, field)
        names = () if field is None else parts(field, value)
        if not names or any(value.get(name) is None for name in names):
            raise ValueError(f"no time in {shown(field or 'the object')}", f"{_fields(value)}; see {parameter('time')}")
        text = " ".join(_text(value[name], "time") for name in names)
        try:
            return self._context.clock.seconds(text)
        except ValueError as error:
            raise ValueError(f"{shown(text)} {error.args[0]}", error.args[1]) from None

    def _time_or_nan(self, value: dict[str, Any], field: str) -> float:
        found = [value[name] for name in parts(field, value)]
        if any(one is None or isinstance(one, list | dict) for one in found):
            return math.nan
        seconds = self._context.clock.seconds_or_nan(" ".join(_text(one, "time") for one in found))
        self._context.tell_riddle(self._source)
        return seconds


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
    elif KEY in names or (names and incomplete(found, options)):
        head = source.head(MOST_ROWS)
    return head


def as_rows(lines: Iterable[str]) -> tuple[list[str], list[list[str]]]:
    """Return the names of all fields of the objects in some lines, and their texts; blank where there is none.

    Examples
    --------
    >>> as_rows(['{"lot": "L7", "hot": true}', '{"lot": "L8", "at": 5}', "[1]"])
    (['lot', 'hot', 'at'], [['L7', 'true', ''], ['L8', '', '5']])
    """
    values = []
    for line in lines:
        with suppress(ValueError):
            values.append(_parsed(line))
    objects = [value for value in values if isinstance(value, dict)]
    names = list(dict.fromkeys(name for value in objects for name in value))
    return names, [[_cell(value.get(name)) for name in names] for value in objects]


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else ""


def _named(names: list[str]) -> str | None:
    known = {plain(name): name for name in reversed(names)}
    return next((known[name] for name in _TRACE_NAMES if name in known), None)


def _parsed(text: str) -> Any:
    try:
        value = _DECODER.decode(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair in a text", "text that can be written as UTF-8") from None
    except json.JSONDecodeError as error:
        problem = f"not JSON: {error.msg} at column {error.colno}"
        raise ValueError(problem, "one JSON value a line, as jq -c writes it") from None
    except RecursionError:
        raise ValueError("nested too deeply", _EXPECTED) from None
    return value


def _text(value: Any, what: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    kind = "null" if value is None else "a list" if isinstance(value, list) else "an object"
    raise ValueError(f"{what} is {kind}", "a text, a number, true or false")


def _texts(values: list[Any]) -> list[str]:
    texts = [value if type(value) is str else _text(value, "symbol") for value in values]
    if not all(map(str.strip, texts)):
        for place, text in enumerate(texts, 1):
            if is_no_event(text):
                raise ValueError(*no_event(text, f"symbol {place}"))
    return texts


def _fields(value: dict[str, Any]) -> str:
    return "one of " + ", ".join(list(value)[:30]) if value else "an object with fields"


FORMAT = Format(matches, read, uses=FIELDS | EVENTS | {"sequence", "mask"}, opens=matches)
