"""Lists of JSON that are rows of a table, not traces: all as long, with a time in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .json_values import cell_of
from .table_top import are_dated, like_names, numbered

_FEWEST = 3  # rows that tell


def names_of_rows(values: Sequence[Any], beside: Sequence[str] = ()) -> list[str] | None:
    """Return what the columns are called whose cells some lists hold: as the first says, or by their numbers.

    Parameters
    ----------
    values : sequence
        The first values of a source.
    beside : sequence of str
        Names that stand beside the rows, if some do.

    Returns
    -------
    list of str or None
        None where they are no rows.

    Examples
    --------
    >>> rows = [["L7", step, f"2026-01-31 10:00:0{n}"] for n, step in enumerate(("load", "run", "end"))]
    >>> names_of_rows(rows), names_of_rows([["lot", "step", "at"], *rows])
    (['column 1', 'column 2', 'column 3'], ['lot', 'step', 'at'])
    >>> names_of_rows([["load", "run", "end"]] * 3)
    """
    width = len(values[0]) if values and isinstance(values[0], list) else 0
    if width < 2 or not all(isinstance(row, list) and len(row) == width and _is_plain(row) for row in values):
        return None
    cells = [list(map(cell_of, row)) for row in values]
    headed = like_names(cells[0]) and not are_dated(cells[:1])
    rows = cells[headed:]
    if len(rows) < _FEWEST or not are_dated(rows):
        return None
    if len(beside) == width:
        return list(beside)
    return cells[0] if headed else numbered(width)


def is_dated(value: Any) -> bool:
    """Tell whether a value is a list of plain values, one of which is a time.

    >>> is_dated(["L7", "load", "2026-01-31 10:00:00"]), is_dated(["load", "run"]), is_dated("2026-01-31")
    (True, False, False)
    """
    return isinstance(value, list) and bool(value) and _is_plain(value) and are_dated([list(map(cell_of, value))])


def _is_plain(row: Iterable[Any]) -> bool:
    return not any(isinstance(cell, list | dict) for cell in row)


def as_object(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    """Return a row by the names of its columns; a ValueError of two texts says what is wrong with it.

    >>> as_object(["lot", "step"], ["L7", "load"])
    {'lot': 'L7', 'step': 'load'}
    """
    if len(row) != len(names):
        raise ValueError(f"a row of {len(row)} cells, but the first has {len(names)}", f"{len(names)} cells")
    return dict(zip(names, row, strict=True))
