"""Events and traces from objects, whatever format their fields were written in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...errors import parameter
from ..diagnostics import shown
from ..items import Event, Item, Trace, split
from ..options import ReadOptions
from .blank import LEFT_OUT, is_no_case, is_no_event, no_case, no_event
from .context import ReadContext
from .fields import Layout, layout, parts, plain, recognise, told_names, undated
from .guessing import incomplete, profiled, with_clock
from .json_paths import EACH, Spread, at_path, calls, flat, named_paths
from .json_texts import object_in, texts_of_objects
from .json_values import cell_of, symbols_of, text_of
from .lifecycle import KEY, Lifecycle, lacking, lifecycle_column, of_requests, told, told_requests
from .list_hints import first_of, hint
from .list_times import spans_in
from .masking import for_events
from .membership import joined, no_member
from .one_value import of_one_value
from .wide import gathered

if TYPE_CHECKING:
    from .field_requests import Requests

# Beyond this many different sets of keys the layouts are worked out again; those of very long keys each time.
_LAYOUTS_KEPT = 1000
_LONGEST_KEYS = 1 << 14
_TRACE_NAMES = ("id", "name", "trace")

_NOTHING = Layout()

Table = tuple[list[str], list[list[str]]]
"""Names of columns, and rows of cells."""


class Objects:
    """Turns objects into events and traces; a ValueError of two texts says what is wrong and what was expected.

    Parameters
    ----------
    context : ReadContext
        Its options say what is what; told about what is guessed.
    first : sequence of dict
        The first objects, from which is guessed what has no known name.
    source : str
        Name of the source, for messages.
    usual : Layout
        What the fields of a format are, unless the user names others.
    whole : bool
        Whether an object may be a whole trace.

    Attributes
    ----------
    columns : dict
        Which fields the last object had what in.

    Examples
    --------
    >>> objects = Objects(ReadContext(), [], "<input>")
    >>> objects.items({"lot": {"id": "7"}, "activity": "run", "session": "3"})
    [Event(case='3', symbol='run', time=None)]
    """

    def __init__(
        self,
        context: ReadContext,
        first: Sequence[dict[str, Any]],
        source: str,
        usual: Layout = _NOTHING,
        whole: bool = True,
    ) -> None:
        self._context, self._source, self._usual, self._whole = context, source, usual, whole
        self._guessed: Layout | None = None
        self._options, self._mask = context.options, for_events(context.options)
        self.lenient = self._options.needs_times is None
        self.lifecycle = Lifecycle.of(self._options.lifecycle)
        given = self._options
        self._paths = named_paths(given.case, given.event, given.time, given.sequence, context.per)
        named = given.fields if context.per is None else (*given.fields, context.per)
        told_of = {part for name in named for part in (name, *name.split("+"))}
        known = bool(layout(list(first[0]) if first else [], context.options_for(first[0] if first else ())).event)
        self._opened = [name for name in texts_of_objects(first, known) if name not in told_of]
        self._requests: Requests | None = None
        self._requests = self._asked(first)
        self._table = names, rows = as_table([self._fields(value) for value in first])
        self._empty = undated(names, rows) | of_one_value(names, rows)
        if self.lifecycle is not None and lifecycle_column(names) is None:
            raise lacking("a field")
        self._said = told(KEY, (row[names.index(KEY)] for row in rows)) if KEY in names else None
        if (requests := of_requests(given.lifecycle, names, rows)) is not None:
            self.lifecycle, self._said = requests, told_requests(names)
        self.layouts: dict[tuple[str, ...], Layout] = {}
        self._masks: dict[tuple[str, ...], list[Callable[[str], str]]] = {}
        self.columns: dict[str, str | None] = {}
        self._event = given.event or (None if self._is_told(names) else calls(first))
        listed = given.sequence or self._event or ""
        paths = named_paths(given.case, given.time, context.per)
        self._spread = Spread(listed.split("+"), paths) if EACH in listed else None
        fields = [] if given.sequence is None else [self._fields(value).get(given.sequence) for value in first]
        texts = [text for text in fields if isinstance(text, str)]
        self._separator = context.separator(source, "jsonl", texts) if texts else None

    def _is_told(self, names: list[str]) -> bool:
        """Whether options or names say what the event is, so that no list has to be looked through for it."""
        found = layout(names, self._context.options_for(names))
        return bool(found.event or found.sequence or self._options.sequence)

    def items(self, value: dict[str, Any]) -> list[Item]:
        """Return what an object holds: a trace, an event, one for each element of a list, or nothing that counts."""
        if self._spread is not None:
            return self._spread_out(value, self._spread)
        fields = self._fields(value)
        sequence = self._sequence(fields)
        if sequence is not None:
            return [self._trace(fields, sequence)]
        event = None if self._symbol("", fields) is None else self._event_of(fields)
        return [] if event is None else [event]

    def masks(self, event: Sequence[str]) -> bool:
        """Tell whether the symbols of some fields are masked."""
        return self._context.masks(event)

    def symbols(self, values: list[Any]) -> list[str]:
        """Return the symbols of a whole trace."""
        return list(map(self._mask, symbols_of(values)))

    def tell_lifecycle(self) -> None:
        """Tell of lifecycles that are left out of the names of events."""
        if self._said and self._options.lifecycle is None and KEY not in (self.columns.get("event") or ""):
            self._context.note(f"{self._source}: {self._said}")

    def layout_of(self, value: dict[str, Any]) -> Layout | None:
        """Return the layout by which an object was read as one event, None if it was read otherwise."""
        simple = self._spread is None and self.lifecycle is None
        return self.layouts.get(tuple(self._fields(value))) if simple else None

    def _fields(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of an object by name, with those that the user's paths lead to."""
        for name in self._opened:
            body = object_in(value.get(name))
            if body is not None:
                value = {**value, name: body}
        fields = flat(value)
        for path in self._paths:
            if path not in fields and EACH not in path and (found := at_path(value, path)) is not None:
                fields = {**fields, path: found}
        return fields if self._requests is None else self._requests(fields)

    def _asked(self, first: Sequence[dict[str, Any]]) -> Requests | None:
        """Return what makes requests of fields that hold them, unless the user says that others are the event."""
        given = self._options
        stated = any("stat" in name or "code" in name for name in map(str.lower, flat(first[0]) if first else ()))
        told = given.sequence or given.event not in {None, "event"} or given.mask is False
        if not stated or told or self._usual != _NOTHING:
            return None
        from .field_requests import CLIENT, requests_in  # which few logs need
        from .w3c_requests import told_visits

        found = requests_in([self._fields(value) for value in first])
        if found is not None:
            self._usual = Layout(found.client and CLIENT, ("event",))
            if found.client is not None:
                told_visits(self._source, self._context)
        return found

    def _spread_out(self, value: dict[str, Any], spread: Spread) -> list[Item]:
        """Return an event for each element of a list, or a trace of all of them where they have no case."""
        if spread.first not in value and at_path(value, spread.first) is None:
            raise ValueError(f"no field {shown(spread.first)}", _fields(value))
        outer = {name: part for name, part in self._fields(value).items() if not isinstance(part, list)}
        rows = list(spread.rows(value))
        whole = self._options.sequence
        names = parts(whole or self._event or "", ())
        found = layout(list(outer), replace(self._options, event=names[0], sequence=None))
        if whole is None and (found.case is not None or self._options.case == ""):
            return [event for row in rows if (event := self._event_of({**outer, **row})) is not None]
        case = _named([name for name in outer if name not in names])
        time = self._options.time if self.timed_traces else None
        self.columns = {"case": case, "event" if whole is None else "sequence": "+".join(names), "time": time}
        symbols = ["+".join(text_of(row.get(name, ""), "event") for name in names) for row in rows]
        name = self._of_member(outer, self._name(outer, case))
        spans = spans_in(rows, time, self._context.clock) if time and self._options.durations else None
        return [Trace(name, self.symbols(list(symbols)), spans)]

    @property
    def timed_traces(self) -> bool:
        """Whether each event of a whole trace has a time of its own, beside its name in a list."""
        return self._spread is not None and EACH in (self._options.time or "")

    def _sequence(self, fields: dict[str, Any]) -> str | None:
        wanted = self._options.sequence
        if wanted is not None:
            if wanted not in fields and (spread := gathered(fields, wanted)) is not None:
                fields[wanted] = spread
            if not isinstance(fields.get(wanted), list | str):
                raise ValueError(f"no trace in the field {shown(wanted)}", f"a list or a text; {_fields(fields)}")
            return wanted
        if self._event is not None or list not in map(type, fields.values()):
            return None
        return recognise("sequence", [name for name, inner in fields.items() if _plain_list(inner)])

    def _trace(self, fields: dict[str, Any], field: str) -> Trace:
        others = [name for name in fields if name != field]
        case = self._options.case or recognise("case", others) or _named(others)
        self.columns = {"case": case, "sequence": field}
        if self._options.case and self._options.case not in fields:
            raise ValueError(
                f"no field {shown(self._options.case)}", f"{_fields(fields)}; name it with {parameter('case')}"
            )
        held = fields[field]
        if isinstance(held, str):
            held = split(held, self._separator)
        return Trace(self._of_member(fields, self._name(fields, case)), self.symbols(held))

    def _of_member(self, fields: dict[str, Any], case: str | None) -> str | None:
        """Return the name of a trace with that of its member, where members are told apart."""
        field = self._context.per
        return case if field is None else joined(self._member(fields, field), case)

    def _member(self, fields: dict[str, Any], field: str) -> str:
        if field not in fields:
            raise ValueError(
                f"no field {shown(field)}", f"{_fields(fields)}; name it with {parameter('per')}, {LEFT_OUT}"
            )
        member = "" if fields[field] is None else text_of(fields[field], "per")
        if wrong := no_member(member, f"field {shown(field)}"):
            raise ValueError(*wrong)
        return member

    def _name(self, fields: dict[str, Any], case: str | None) -> str | None:
        name = None if case is None or fields.get(case) is None else text_of(fields[case], "name")
        return None if name is None or is_no_case(name) else name

    def _event_of(self, fields: dict[str, Any]) -> Event | None:
        where = self.layout(tuple(fields))
        missing = [name for name in where.event if name not in fields]
        if missing or not where.event:
            problem = f"no field {shown(missing[0])}" if missing else "no field for the event"
            traces = f", or whole traces with {parameter('sequence')}{hint(fields)}" if self._whole else ""
            raise ValueError(problem, f"{_fields(fields)}; name it with {parameter('event')}{traces}")
        # Line ends behind a message, as containers write them, are none of it.
        symbols = [text_of(fields[name], "event").rstrip("\r\n") for name in where.event]
        if all(map(is_no_event, symbols)):
            raise ValueError(*no_event("", f"field {shown(where.event[0])}"))
        seconds, case = self._time(fields, where.time), None if where.case is None else self._case(fields, where.case)
        if self._context.per is not None:
            case = self._context.of_member(self._member(fields, self._context.per), case)
        masks = self._masks_of(where.event)
        masked = "+".join([mask(text) for mask, text in zip(masks, symbols, strict=True)])
        symbol = self._symbol(masked, fields)
        return None if symbol is None else Event(case, symbol, seconds)

    def _masks_of(self, event: tuple[str, ...]) -> list[Callable[[str], str]]:
        """Return what is done to the texts of the fields of an event, which is settled once its layout is known."""
        found = self._masks.get(event)
        if found is None:
            found = self._masks[event] = self._context.masking(event)
        return found

    def _case(self, fields: dict[str, Any], field: str) -> str:
        if field not in fields:
            expected = first_of(field) or f"{_fields(fields)}; name it with {parameter('case')}, {LEFT_OUT}"
            raise ValueError(f"no field {shown(field)}", expected)
        case = "" if fields[field] is None else text_of(fields[field], "case")
        if is_no_case(case):
            raise ValueError(*no_case(case, f"field {shown(field)}"))
        return case

    def _symbol(self, symbol: str, fields: dict[str, Any]) -> str | None:
        """Return a symbol, as its lifecycle will have it; None if it is left out."""
        if self.lifecycle is None:
            return symbol
        field = lifecycle_column(list(fields))
        return self.lifecycle.symbol(symbol, "" if field is None else cell_of(fields[field]))

    def layout(self, names: tuple[str, ...]) -> Layout:
        """Return which of the fields of an object hold what."""
        found = self.layouts.get(names)
        if found is None:
            if len(self.layouts) >= _LAYOUTS_KEPT:
                self.layouts.clear()
                self._masks.clear()
            found = self._new_layout(list(names))
            if self._spread is None:
                self._context.look_for_text(self._source, found.event, self._column(found.event))
            if sum(map(len, names)) <= _LONGEST_KEYS:
                self.layouts[names] = found
            self.columns = {"case": found.case, "event": "+".join(found.event), "time": found.time}
        return found

    def _column(self, event: Sequence[str]) -> list[str]:
        """Return the first cells of the field of the event."""
        names, rows = self._table
        place = names.index(event[0]) if event and event[0] in names else None
        return [] if place is None else [row[place] for row in rows]

    def _new_layout(self, names: list[str]) -> Layout:
        """Return which fields hold what; what is not recognised is what all the first objects suggest."""
        options = self._context.options_for(names)
        if self._spread is not None:
            options = replace(options, event=self._event)
        found = usually(layout([name for name in names if name not in self._empty], options), self._usual, options)
        if not found.event and options.event is not None:
            return Layout(found.case, parts(options.event, names), found.time)
        if not incomplete(found, options, names):
            return with_clock(found, names, self._table, self._context.options, self._context.clock)
        if self._guessed is None:
            self._guessed = self._guess()
        return _filled(found, self._guessed, names)

    def _guess(self) -> Layout:
        """Return the layout that most of the first objects have: one that lacks its case belongs to none."""
        names, rows = self._table
        most = [name for place, name in enumerate(names) if 2 * sum(row[place] != "" for row in rows) >= len(rows)]
        found = self._context.layout(self._source, names, lambda: profiled(names, rows), most, self._empty)
        found = with_clock(found, names, self._table, self._context.options, self._context.clock)
        return found if found.case is None or found.case in most else found._replace(case=None)

    def _time(self, fields: dict[str, Any], field: str | None) -> float | None:
        if self.lenient:
            return None if field is None else self._time_or_nan(fields, field)
        names = () if field is None else parts(field, fields)
        if not names or any(fields.get(name) is None for name in names):
            wanted = shown(field or "the object")
            raise ValueError(f"no time in {wanted}", f"{_fields(fields)}; see {parameter('time')}")
        text = " ".join(text_of(fields[name], "time") for name in names)
        try:
            return self._context.clock.seconds(text)
        except ValueError as error:
            raise ValueError(f"{shown(text)} {error.args[0]}", error.args[1]) from None

    def _time_or_nan(self, fields: dict[str, Any], field: str) -> float:
        found = [fields.get(name) for name in parts(field, fields)]
        if any(one is None or isinstance(one, list | dict) for one in found):
            return math.nan
        seconds = self._context.clock.seconds_or_nan(" ".join(text_of(one, "time") for one in found))
        self._context.tell_riddle(self._source)
        return seconds


def usually(found: Layout, usual: Layout, options: ReadOptions) -> Layout:
    """Return a layout with what is usual in a format where the user named nothing else.

    >>> usually(Layout("user", ("msg",)), Layout("client", ("event",), "at"), ReadOptions(event="msg"))
    Layout(case='client', event=('msg',), time='at', sequence=None)
    """
    if found.sequence is not None:
        return found
    case = usual.case if usual.case is not None and options.case is None else found.case
    event = usual.event if usual.event and options.event is None else found.event
    time = usual.time if usual.time is not None and options.time is None else found.time
    return Layout(case, event, time)


def as_table(objects: Iterable[dict[str, Any]]) -> Table:
    """Return the names of all fields of some objects, and their texts; blank where there is none.

    Examples
    --------
    >>> as_table([{"lot": "L7", "hot": True}, {"lot": "L8", "at": {"day": "5"}}])
    (['lot', 'hot', 'at.day'], [['L7', 'true', ''], ['L8', '', '5']])
    """
    values = list(map(flat, objects))
    names = list(dict.fromkeys(name for value in values for name in value))
    return names, [[cell_of(value.get(name)) for name in names] for value in values]


def _filled(found: Layout, guessed: Layout, names: list[str]) -> Layout:
    """Return a layout with what is guessed of all objects where it lacks something."""
    if not found.event and set(guessed.event) <= set(names):
        found = found._replace(event=guessed.event)
    if found.time is None and guessed.time is not None and set(parts(guessed.time, names)) <= set(names):
        found = found._replace(time=guessed.time)
    return found if found.case is not None else found._replace(case=guessed.case)


def _plain_list(value: Any) -> bool:
    return isinstance(value, list) and not (value and isinstance(value[0], dict | list))


def _named(names: list[str]) -> str | None:
    known = {plain(name): name for name in reversed(names)}
    return next((known[name] for name in _TRACE_NAMES if name in known), None)


def _fields(value: dict[str, Any]) -> str:
    """Say which fields there are, those of the objects in lists, too."""
    names = [
        f"{name}[].{key}" if key else name
        for name, part in value.items()
        for key in (part[0] if isinstance(part, list) and part and isinstance(part[0], dict) and part[0] else [""])
    ]
    return told_names(names) if names else "an object with fields"
