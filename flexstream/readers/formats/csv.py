"""Format ``csv``: a header line, then one event a row, or one trace a row in a column of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from operator import itemgetter

from ...errors import DataError, UsageError, parameter
from ..diagnostics import shown
from ..format import Format
from ..items import Event, Events, Item
from ..options import EVENTS, FIELDS
from ..parsing.blank import is_no_case, is_no_event, no_case, no_event
from ..parsing.context import ReadContext
from ..parsing.fields import Layout, layout, parts, times_in, told_names, undated
from ..parsing.guessing import incomplete, profiled, telling, whole_time
from ..parsing.lifecycle import KEY, Lifecycle, lacking, lifecycle_column, of_requests, staged, told, told_requests
from ..parsing.membership import no_member
from ..parsing.one_column import is_column
from ..parsing.one_value import doubtful_event, of_one_value
from ..parsing.table_rows import Rows
from ..parsing.table_top import Top, are_dated, cells, find_top, known, like_names, may_be_above, raw_cells
from ..source.text import LINES, LOOKED_AT, MOST_ROWS, Head, Source

_CLIENT = "c-ip"
"""Who asks, among the fields of W3C's extended log format."""


def matches(head: Head) -> bool:
    """Whether a line names known columns, or looks like a header and the next lines fit it."""
    lines = head.filled
    if not lines:
        return False
    top = find_top(lines, head.fields)
    names, rows = top.names, lines[top.above + 1 :]
    if len(names) == 1:
        return top.declared or names[0] in head.fields or is_column(names[0], rows)
    if top.declared or top.ruled or not top.named or known(names, head.fields):
        return True
    named = len(set(names)) == len(names) and _like_names(top)
    below = [cells(row, top.delimiter) for row in rows]
    widths = {*map(len, below)}  # all rows may have one cell that the header does not name
    if not named or len(rows) < 2 or (widths != {len(names)} and widths != {len(names) + 1}):
        return False
    # Symbols may be apart by tabs as well.
    # Names that come again below them are the symbols of traces.
    again = sum(any(map(str.__eq__, names, row)) for row in below)
    if 4 * again > len(below):
        return False
    return top.delimiter != "\t" or telling(names) > 1 or any(are_dated([row]) for row in below)


def _like_names(top: Top) -> bool:
    """Tell whether all cells of a header look like names, blanks around them included."""
    return like_names(raw_cells(top.header, top.delimiter))


def opens(head: Head) -> bool:
    """Whether the first line names columns that are known, or that the user has named."""
    names = cells(head.filled[0]) if head.filled else []
    return len(names) > 1 and known(names, head.fields)


def read(source: Source, context: ReadContext) -> Iterator[Item]:
    """Yield the events, or the traces, of a source.

    Examples
    --------
    >>> import io
    >>> with Source(io.BytesIO(b"lot,task\\n7,load\\n8,load\\n7,run\\n")) as source:
    ...     for event in read(source, ReadContext()):
    ...         print(event.case, event.symbol)
    7 load
    8 load
    7 run
    """
    head, top = _head(source, context)
    rows = Rows(source, context, top)
    names = rows.header()
    if not top.named:
        context.note(f"{source.name}: there is no header: columns are called {names[0]} to {names[-1]}")
    elif top.above:
        context.note(f"{source.name}: the header is on line {rows.line}")
    if (opened := _opened(head, rows, names, context)) is not None:
        yield from opened
        return
    found = _of_requests(source, names, context)
    if found is None:
        found = _guessed(source, head, rows, names, context)
    if found.sequence is None and context.options.event is None:
        found = _whole(found, names, list(itertools.islice(rows.first(head, names), LINES)))
    if context.options.time is None and (row := next(rows.first(head, names), None)) is not None:
        found = whole_time(found, names, row, context.clock)
    _prime(times_in(itertools.islice(rows.first(head, names), MOST_ROWS), names, found.time), context)
    if found.sequence is None and not found.event and next(rows.first(head, names), None) is None:
        raise DataError(source.name, rows.line, "no row stands below the header", "at least one event")
    _check(found, names, source.name, rows.line, context.per)
    rows.needed = _needed(found, names, context)
    if len(found.event) == 1:
        place = names.index(found.event[0])
        context.look_for_text(source.name, found.event, [row[place] for row in rows.first(head, names)])
    joined = "+".join(found.event) or None
    columns = {"case": found.case, "event": joined, "time": found.time, "sequence": found.sequence}
    context.describe(source.name, "csv", columns)
    if context.options.lifecycle is None and lifecycle_column(names) not in {None, *found.event}:
        _tell_lifecycle(source, names, rows.first(head, names), context)
    if found.sequence is not None:
        from ..parsing.table_traces import traces  # late: most tables have events

        yield from traces(rows, names, found, context, itertools.islice(rows.first(head, names), LINES))
    else:
        requests = of_requests(context.options.lifecycle, names, rows.first(head, names))
        yield from _events(rows, names, found, context, requests)


def _opened(head: Head, rows: Rows, names: list[str], context: ReadContext) -> Iterator[Item] | None:
    """Return the events of rows whose cells hold objects, where fields of these are asked for; None elsewhere."""
    if not any("{" in cell for cell in next(rows.first(head, names), ())):
        return None
    from ..parsing.object_cells import opened  # which few tables need

    return opened(rows, names, list(rows.first(head, names))[:MOST_ROWS], context)


def _whole(found: Layout, names: list[str], first: list[list[str]]) -> Layout:
    """Return a layout with the column of whole traces where it has no event, or this is one."""
    texts = [cell for row in first[:1] for cell in row if cell[:1] == "[" or ">" in cell or "→" in cell or "⇒" in cell]
    if not texts:
        return found
    from ..parsing.list_cells import with_traces  # which few tables need

    return with_traces(found, names, first)


def _guessed(source: Source, head: Head, rows: Rows, names: list[str], context: ReadContext) -> Layout:
    """Return which columns hold what, by their names and by the first rows."""
    empty = undated(names, rows.first(head, names)) | of_one_value(names, rows.first(head, names))
    return context.layout(source.name, names, lambda: profiled(names, rows.first(head, names)), empty=empty)


def _of_requests(source: Source, names: list[str], context: ReadContext) -> Layout | None:
    """Return which columns hold what, where each row is a request to a web server; None where none is."""
    if _CLIENT not in names:
        return None
    from ..parsing.w3c_requests import of_clients, told_visits  # whose patterns are compiled then

    found = of_clients(names, context.options_for(names))
    if found is not None:
        told_visits(source.name, context)
    return found


def _head(source: Source, context: ReadContext) -> tuple[Head, Top]:
    """Return the head and the top of a source, before lines are taken from it: many lines if anything is guessed."""
    fields, delimiter = context.fields, context.delimiter
    if delimiter is not None and len(delimiter) > 1:
        raise UsageError(f"{parameter('delimiter')} must be one character for CSV, not {delimiter!r}")
    head = source.head(fields=fields)
    if context.table is not None:  # whatever its columns are called
        header = next(iter(head.filled), "")
        top = Top(0, header, ",", cells(header, ","))
    else:
        if head.filled and may_be_above(head.filled[0], fields, delimiter):
            head = source.head(LINES, fields)
        top = find_top(head.filled or [""], fields, delimiter)
        if top.delimiter == "|" and top.named:  # of Markdown's tables the rule under the header is no row
            head = source.head(top.above + 3, fields)
            top = find_top(head.filled or [""], fields, delimiter)
    options = context.options_for(top.names)
    found = layout(top.names, options)
    if (
        KEY in top.names
        or staged(top.names)
        or incomplete(found, options, top.names)
        or _doubtful(source, top, found.time, context)
        or "{" in _first_row(source, top)
    ):
        head = source.head(MOST_ROWS)
    elif _one_event(source, top, found, options.event):
        head = source.head(MOST_ROWS, wait=False)
    elif found.sequence is not None:
        head = source.head(top.above + 1 + LINES)
    elif context.asks_for_text(found.event, lambda: _first_cell(source, top, found.event[0])):
        head = source.head(top.above + 1 + LOOKED_AT)
    elif found.time is not None or not source.live:
        head = source.head(top.above + 2)
    if top.widened(head.lines) is not top:  # one row alone may be wrong
        head = source.head(max(top.above + 1 + LINES, len(head.filled)))
    return head, top.widened(head.lines)


def _first_cell(source: Source, top: Top, name: str) -> str:
    """Return the first cell of a column, blank if there is none."""
    rows = top.rows(source.head(top.above + 2).lines, len(top.names))
    return next((row[top.names.index(name)] for row in rows if name in top.names), "")


def _first_row(source: Source, top: Top) -> str:
    """Return the first line below the header, blank if there is none."""
    return next(iter(source.head(top.above + 2).filled[top.above + 1 :]), "")


def _doubtful(source: Source, top: Top, time: str | None, context: ReadContext) -> bool:
    """Tell whether the first time below the header may mean several, or is not there."""
    row = cells(_first_row(source, top), top.delimiter)
    return len(row) >= len(top.names) and any(map(context.unclear, times_in([row], top.names, time)))


def _one_event(source: Source, top: Top, found: Layout, told: str | None) -> bool:
    """Tell whether the column of the event is the same in all rows from which a format is guessed."""

    def look() -> tuple[list[str], Iterator[list[str]]]:
        return top.names, top.rows(source.head(top.above + 1 + LINES, wait=False).lines, len(top.names))

    return doubtful_event(found, told, look)


def _prime(times: list[str], context: ReadContext) -> None:
    """Let the first times tell what one of them alone does not: which is the day, and which the month."""
    if times and any(map(context.clock.doubtful, (times[0], times[-1]))):
        context.clock.prime(times)


def _check(found: Layout, names: list[str], source: str, line: int, per: str | None) -> None:
    """Raise unless every wanted column is there; say which ones are."""
    there = told_names(names)
    if found.sequence is None and not found.event:
        from ..parsing.wide import hint

        expected = (
            f"{there}; name it with {parameter('event')}, or whole traces with {parameter('sequence')}{hint(names)}"
        )
        raise DataError(source, line, "no column for the event", expected)
    wanted = [("case", found.case), ("per", per), ("sequence", found.sequence)]
    wanted += [("event", name) for name in found.event] + [
        ("time", name) for name in (parts(found.time, names) if found.time else ())
    ]
    for kind, name in wanted:
        known = _sequence(name, names) if kind == "sequence" and name is not None else name in names
        if name is not None and not known:
            raise DataError(source, line, f"no column {shown(name)}", f"{there}; name it with {parameter(kind)}")


def _sequence(name: str, names: list[str]) -> list[int]:
    """Return the places of the columns that a name of whole traces stands for."""
    from ..parsing.wide import columns_of  # late: most tables have events

    return columns_of(name, names)


def _needed(found: Layout, names: list[str], context: ReadContext) -> frozenset[str]:
    """Return the columns that every row has to have."""
    told = {found.case, context.per, *found.event, *(parts(found.time, names) if found.time else ())}
    if Lifecycle.of(context.options.lifecycle) is not None:
        told.add(lifecycle_column(names))
    if found.sequence is not None:
        told |= {names[place] for place in _sequence(found.sequence, names)}
    return frozenset(name for name in told if name is not None)


def _events(
    rows: Rows, names: list[str], found: Layout, context: ReadContext, requests: Lifecycle | None
) -> Iterator[Event | Events]:
    case = None if found.case is None else names.index(found.case)
    events = [names.index(name) for name in found.event]
    masked = context.masks(found.event)
    text_of = _texts(rows, names, found.event, context)
    time = _time_column(names, found, context, rows)
    lenient, seconds = time is not None and context.options.needs_times is None, None
    lifecycle, transition = _lifecycle(names, context, requests)
    if lifecycle is not None:
        rows.feed.general_only()
    name_of = _naming(rows, names, case, context)
    member = -1 if context.per is None else names.index(context.per)
    rows.split_at(-1 if case is None else case, events, time or [], len(names), masked, member)
    for row in rows.parts(len(names)):
        if isinstance(row, Events):
            yield row
            continue
        if time is not None and lenient:
            seconds = context.clock.seconds_or_nan(rows.moment(row, time))
            context.tell_riddle(rows.name)
        elif time is not None:
            try:
                seconds = context.clock.seconds(rows.moment(row, time))
            except ValueError as error:
                problem, expected = error.args
                where = "+".join(names[place] for place in time)
                problem = f"{shown(rows.moment(row, time))} in column {shown(where)} {problem}"
                context.bad(rows.name, rows.line, problem, expected)
                continue
        try:
            name = name_of(row)
            if all(is_no_event(row[event]) for event in events):
                raise ValueError(*no_event("", f"column {shown(names[events[0]])}"))
        except ValueError as error:
            context.bad(rows.name, rows.line, *error.args)
            continue
        text = text_of(row)
        if lifecycle is not None:
            kept = lifecycle.symbol(text, row[transition])
            if kept is None:
                continue
            text = kept
        yield Event(name, text, seconds)


def _texts(rows: Rows, names: list[str], event: tuple[str, ...], context: ReadContext) -> Callable[[list[str]], str]:
    """Return what makes the symbol of a row of the columns of its event."""
    symbol, masks = itemgetter(*map(names.index, event)), context.masking(event)
    request = None
    if _CLIENT in names:
        from ..parsing.w3c_requests import as_request

        request = as_request(event, context.options.mask)
    if request is not None:
        return lambda row: masks[0](request(*map(rows.bare, symbol(row))))
    if len(event) > 1:
        return lambda row: "+".join(mask(rows.bare(cell)) for mask, cell in zip(masks, symbol(row), strict=True))
    return lambda row: masks[0](rows.bare(symbol(row)))


def _naming(rows: Rows, names: list[str], case: int | None, context: ReadContext) -> Callable[[list[str]], str | None]:
    """Return what tells the case of a row, with its member; a ValueError of two texts says what is wrong with one."""
    member = None if context.per is None else names.index(context.per)

    def name_of(row: list[str]) -> str | None:
        if case is not None and is_no_case(row[case]):
            raise ValueError(*no_case(row[case], f"column {shown(names[case])}"))
        name = None if case is None else rows.bare(row[case])
        if member is not None and (wrong := no_member(row[member], f"column {shown(names[member])}")):
            raise ValueError(*wrong)
        return name if member is None else context.of_member(rows.bare(row[member]), name)

    return name_of


def _lifecycle(names: list[str], context: ReadContext, requests: Lifecycle | None) -> tuple[Lifecycle | None, int]:
    """Return what is to be done with lifecycles, and which column holds them."""
    wanted, column = Lifecycle.of(context.options.lifecycle) or requests, lifecycle_column(names)
    if wanted is not None and column is None:
        raise lacking("a column")
    return wanted, -1 if column is None else names.index(column)


def _tell_lifecycle(source: Source, names: list[str], first: Iterator[list[str]], context: ReadContext) -> None:
    """Tell of lifecycles that are left out of the names of events."""
    column = lifecycle_column(names)
    if staged(names):
        if of_requests(None, names, first) is not None:
            context.note(f"{source.name}: {told_requests(names)}")
    elif column is not None and (said := told(column, (row[names.index(column)] for row in first))):
        context.note(f"{source.name}: {said}")


def _time_column(names: list[str], found: Layout, context: ReadContext, rows: Rows) -> list[int] | None:
    """Return the columns that make the time, None if there are none and none are needed."""
    if found.time is not None:
        return [names.index(name) for name in parts(found.time, names)]
    needed = context.options.needs_times
    if needed is None:
        return None
    expected = f"{told_names(names)}; name it with {parameter('time')}"
    raise DataError(rows.name, rows.line, f"no column for the time, which {parameter(needed)} needs", expected)


FORMAT = Format(matches, read, uses=FIELDS | EVENTS | {"sequence", "delimiter", "mask"}, opens=opens)
