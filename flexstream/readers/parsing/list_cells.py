"""Cells of tables that hold whole traces: lists as JSON or Python writes them, or events with arrows between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .fields import Layout
from .json_texts import value_in
from .json_values import cell_of
from .separators import ARROWS, separator_of

_MOST = 0.9  # share of the cells that are filled


def listed(cell: str) -> list[str] | None:
    """Return the events in a cell that holds a list of plain values, None if it holds none.

    >>> listed('["load", 7]'), listed("['load', 'run']"), listed("[load]"), listed('[["a"]]')
    (['load', '7'], ['load', 'run'], None, None)
    """
    text = cell.strip()
    value: Any = value_in(text) if text.startswith("[") and text.endswith("]") else None
    if not isinstance(value, list) or any(isinstance(one, list | dict) for one in value):
        return None
    return list(map(cell_of, value))


def are_lists(cells: Sequence[str]) -> bool:
    """Tell whether nearly all cells that are filled hold lists.

    >>> are_lists(['["load"]', "", '["load", "run"]']), are_lists(["[load]"]), are_lists([])
    (True, False, False)
    """
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and sum(listed(cell) is not None for cell in filled) >= _MOST * len(filled)


def with_traces(found: Layout, names: Sequence[str], rows: Sequence[Sequence[str]]) -> Layout:
    """Return a layout whose event is a column of whole traces, or that has none, with that column for them.

    >>> rows = [["L7", '["load", "run"]'], ["L8", '["load"]']]
    >>> with_traces(Layout("lot", ("path",)), ["lot", "path"], rows)
    Layout(case='lot', event=(), time=None, sequence='path')
    """
    places = [place for place, name in enumerate(names) if not found.event or found.event == (name,)]
    for place in places:
        cells = [row[place] for row in rows]
        arrows = not found.event and separator_of(cells) in ARROWS
        if names[place] != found.case and (arrows or are_lists(cells)):
            return Layout(found.case, (), None, names[place])
    return found
