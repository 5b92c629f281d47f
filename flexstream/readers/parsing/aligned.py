"""Tables whose columns are aligned by blanks, as commands print them for people: no lines of words."""

from __future__ import annotations

from collections.abc import Sequence

from ...patterns import late

_NAME = late(r"(?<!\S)\S+(?: \S+)*")  # names of one header are at least two blanks apart
_FEWEST_COLUMNS, _FEWEST_ROWS = 3, 2
_MOST = 0.8
"""Share of the rows that begin a cell below the beginning of each name, or leave it blank."""
ALIGNED = (
    "columns are aligned by blanks, as kubectl or docker print them, and words of a row are no trace; let the command "
    r"write JSON or CSV, or part the columns by tabs: sed -E 's/ {2,}/\t/g' FILE | flexstream learn - --format csv"
)
"""What is told of them."""


def is_aligned(lines: Sequence[str]) -> bool:
    """Tell whether lines are a table with a header in capitals above columns that are aligned by blanks.

    >>> is_aligned(["NAME    READY   LAST SEEN", "web-7   1/1     5m ago", "db-0    0/1     12s"])
    True
    >>> is_aligned(["LOAD RUN UNLOAD", "LOAD RUN UNLOAD", "LOAD RUN"])
    False
    """
    header, rows = lines[0] if lines else "", lines[1:]
    starts = [found.start() for found in _NAME.finditer(header)]
    if len(starts) < _FEWEST_COLUMNS or len(rows) < _FEWEST_ROWS or not header.isupper():
        return False
    fitting = sum(all(row[at - 2 : at].isspace() for at in starts[1:] if at < len(row)) for row in rows)
    return fitting >= _MOST * len(rows) and any(len(row) > starts[-1] for row in rows)
