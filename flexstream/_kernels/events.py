"""From bytes to events: where case, event and time stand in lines of CSV or JSON."""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .hints import Given, Matrix, NDArray
from .library import kernel

LINE, CASE, EVENT, TIME, SPAN_COLUMNS = 0, 1, 3, 5, 7
"""Columns of spans: where the line starts; where case, event and time start and, one column on, stop."""
POSITION, ROWS, TRIMMED, LIKELY = 0, 1, 2, 3


@record
class Shapes(NamedTuple):
    """What a few texts look like: a text that does not may be none of them.

    For each number of bytes ``sizes`` tells whether one has as many, the last for all that are larger; for each byte
    ``first`` and ``last`` tell whether one of them begins, or ends, with it.
    """

    sizes: NDArray[np.bool_]
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]


@kernel
def split_rows(
    buffer: Given[np.uint8],
    delimiter: int,
    width: int,
    columns: Given[np.int64],
    shapes: Shapes,
    spans: Matrix[np.int64],
    state: NDArray[np.int64],
) -> None:
    """Find the wanted cells of rows of CSV, from where ``state`` says, up to the first row that is not plain.

    A row is plain if it has ``width`` cells, none of which holds a quote or a line end; a cell may stand in quotes.
    Neither its case nor its event, where they are wanted, is blank, and the case has at most 4,096 bytes.
    Empty lines are no rows.  Blanks and tabs around a cell are left out.

    Parameters
    ----------
    buffer : uint8 array
        Whole lines; the last may lack its line feed.
    delimiter : int
        A byte.
    width : int
        Cells of a row.
    columns : int64 array, shape (3,)
        Columns of case, event and time; -1 for a case or a time that is not wanted.
    shapes : Shapes
        Of texts that are looked for among the events.
    spans : int64 array, shape (rows, 7)
        Is filled, see `SPAN_COLUMNS`; with what was there before where a column is not wanted.  Where it is full the
        search ends as well.
    state : int64 array, shape (4,)
        Position and rows so far, whether blanks were left out, and the first row whose event may be a text that is
        looked for, or else how many rows there are.
    """


@kernel
def find_likely(buffer: Given[np.uint8], spans: Matrix[np.int64], shapes: Shapes, row: int) -> int:
    """Return the first row, from one on, whose event may be a text that is looked for; how many rows there are if none.

    Parameters
    ----------
    buffer, spans, shapes
        As for `split_rows`.
    row : int
        Where the search begins.
    """


@kernel
def split_objects(
    buffer: Given[np.uint8],
    literals: Given[np.uint8],
    ends: Given[np.int64],
    columns: Given[np.int64],
    spans: Matrix[np.int64],
    state: NDArray[np.int64],
) -> None:
    """Find the wanted values of JSON objects, one a line, up to the first line that does not look like the pattern.

    Case and event, where they are wanted, are as in `split_rows`.

    Parameters
    ----------
    buffer, columns, spans, state
        As for `split_rows`.
    literals : uint8 array
        What stands before the first value, between the values and behind the last, one behind the other.
    ends : int64 array, shape (values + 1,)
        Where each of these ends.
    """
