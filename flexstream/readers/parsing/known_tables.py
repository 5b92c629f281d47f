"""Tables without a header whose columns are documented, known by what stands in some of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...tuples import NamedTuple


class Known(NamedTuple):
    """A table that always has the same columns.

    Attributes
    ----------
    title : str
    names : str
        Of its columns, by blanks; later versions add some behind them.
    least : int
        Columns that all versions have.
    shapes : dict of int to str
        Regular expressions that cells match, by the place of their column from 0.
    """

    title: str
    names: str
    least: int
    shapes: dict[int, str]


TABLES = (
    Known(
        "PostgreSQL's csvlog",
        "log_time user_name database_name process_id connection_from session_id session_line_num command_tag "
        "session_start_time virtual_transaction_id transaction_id error_severity sql_state_code message detail hint "
        "internal_query internal_query_pos context query query_pos location application_name backend_type leader_pid "
        "query_id",
        22,
        {3: r"\d+", 5: r"[0-9a-f]+\.[0-9a-f]+", 6: r"\d+", 11: r"[A-Z]+\d?", 12: r"[0-9A-Z]{5}"},
    ),
)
"""Those there are (PostgreSQL: Using CSV-Format Log Output)."""


def known_names(rows: Sequence[Sequence[str]]) -> tuple[str, list[str]] | None:
    """Return what a table is, and how its columns are called; None of one that nobody knows.

    >>> row = ["2026-01-31 10:00:00 UTC", "app", "fab", "71", "", "65e2f.47", "1", "", "", "", "0", "LOG", "00000"]
    >>> found = known_names([[*row, "ready", *[""] * 9]])
    >>> found and (found[0], found[1][5], found[1][13])
    ("PostgreSQL's csvlog", 'session_id', 'message')
    """
    width = len(rows[0])
    for table in TABLES:
        names = table.names.split()
        if table.least <= width <= len(names) and all(
            re.fullmatch(shape, row[place]) for row in rows for place, shape in table.shapes.items()
        ):
            return table.title, names[:width]
    return None
