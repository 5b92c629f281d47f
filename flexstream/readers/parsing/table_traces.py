"""Whole traces in the rows of a table: in one column, as text or as a list, or in columns of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ..diagnostics import shown
from ..items import Trace, split
from . import wide
from .blank import is_no_case
from .context import ReadContext
from .fields import Layout
from .masking import for_events
from .membership import joined, no_member
from .table_rows import Rows

Row = Sequence[str]


def traces(rows: Rows, names: list[str], found: Layout, context: ReadContext, first: Iterable[Row]) -> Iterator[Trace]:
    """Yield the traces of rows.

    Parameters
    ----------
    rows : Rows
    names : list of str
        Of the columns.
    found : Layout
        With a column, or a pattern of columns, of whole traces.
    context : ReadContext
    first : iterable of rows
        By which is told how the events of a cell are apart.
    """
    assert found.sequence is not None
    rows.feed.general_only()
    context.whole_traces(rows.name)
    symbol = for_events(context.options)
    events_of = _events_of(rows.name, wide.columns_of(found.sequence, names), names, context, first)
    case = None if found.case is None else names.index(found.case)
    member = None if context.per is None else names.index(context.per)
    for row in rows.body(len(names)):
        name = None if case is None or is_no_case(row[case]) else rows.bare(row[case])
        if member is not None:
            if wrong := no_member(row[member], f"column {shown(names[member])}"):
                context.bad(rows.name, rows.line, *wrong)
                continue
            name = joined(rows.bare(row[member]), name)
        try:
            yield Trace(name, list(map(symbol, events_of(row))))
        except ValueError as error:
            context.bad(rows.name, rows.line, *error.args)


def _events_of(
    source: str, places: Sequence[int], names: Sequence[str], context: ReadContext, first: Iterable[Row]
) -> Callable[[Row], list[str]]:
    """Return what gives the events of a row; a ValueError of two texts says what is wrong with one."""
    if len(places) > 1:
        return lambda row: wide.events_of(row, places)
    place = places[0]
    cells = [row[place] for row in first]
    if any(cell.startswith("[") for cell in cells):
        from .list_cells import are_lists, listed  # which few tables need

        if are_lists(cells):
            return lambda row: _whole(listed(row[place]), row[place], names[place])
    separator = context.separator(source, "csv", cells)
    return lambda row: split(row[place].replace("\n", " "), separator)


def _whole(events: list[str] | None, cell: str, name: str) -> list[str]:
    """Return the events of a cell that holds a list, none of a blank one."""
    if events is None and cell.strip():
        raise ValueError(f"no whole list in column {shown(name)}", "one, as in the rows above")
    return events or []
