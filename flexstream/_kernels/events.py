"""From bytes to events: where case, event and time stand in lines of CSV or JSON."""

from __future__ import annotations

import numpy as np
from numba import types

from .jit import bare_kernel_of, hot, inline
from .moments import digits_end
from .tokens import BUFFER, NUMBERS, SPANS

LINE, CASE, EVENT, TIME, SPAN_COLUMNS = 0, 1, 3, 5, 7
"""Columns of spans: where the line starts; where case, event and time start and, one column on, stop."""
POSITION, ROWS = 0, 1

_LINE_FEED, _RETURN, _BLANK, _QUOTE, _BACKSLASH = 10, 13, 32, 34, 92
_MINUS, _POINT, _ZERO = 45, 46, 48
_TRUE, _FALSE, _NULL = (np.frombuffer(word, np.uint8) for word in (b"true", b"false", b"null"))


@hot
def after_line_end(buffer, position):
    """Return where the next line starts if one ends here, else -1."""
    if position == len(buffer):
        return position
    if buffer[position] == _LINE_FEED:
        return position + 1
    if buffer[position] == _RETURN and position + 1 < len(buffer) and buffer[position + 1] == _LINE_FEED:
        return position + 2
    return np.int64(-1)


@hot
def keep(spans, row, columns, field, start, stop):
    """Note where a field stands, if it is one of the columns wanted."""
    for which in range(3):
        if columns[which] == field:
            spans[row, 1 + 2 * which], spans[row, 2 + 2 * which] = start, stop


@hot
def cell_end(buffer, position, delimiter):
    """Return where a cell without quotes ends; -1 if a quote stands in it."""
    while position < len(buffer):
        byte = buffer[position]
        if byte in (delimiter, _LINE_FEED, _RETURN):
            return position
        if byte == _QUOTE:
            return np.int64(-1)
        position += 1
    return position


@hot
def quote_end(buffer, position):
    """Return where the quote stands that closes a cell or a text; -1 if the line ends before."""
    while position < len(buffer) and buffer[position] != _LINE_FEED:
        if buffer[position] == _QUOTE:
            return position
        position += 1
    return np.int64(-1)


@inline
def split_row(buffer, position, delimiter, width, columns, spans, row):
    """Split one row; return (start of the next, whether it holds cells), start -1 if it is not plain."""
    line, field = position, np.int64(0)
    spans[row, LINE] = line
    while True:
        quoted = position < len(buffer) and buffer[position] == _QUOTE
        start = position + 1 if quoted else position
        stop = quote_end(buffer, start) if quoted else cell_end(buffer, start, delimiter)
        if stop < 0:
            return np.int64(-1), False
        keep(spans, row, columns, field, start, stop)
        field += 1
        position = stop + 1 if quoted else stop
        if position < len(buffer) and buffer[position] == delimiter:
            position += 1
            continue
        following = after_line_end(buffer, position)
        if following >= 0 and position == line:
            return following, False
        return (following if field == width else np.int64(-1)), True


@bare_kernel_of(types.void(BUFFER, types.int64, types.int64, NUMBERS, SPANS, NUMBERS))
def split_rows(buffer, delimiter, width, columns, spans, state):
    """Find the wanted cells of rows of CSV, from where ``state`` says, up to the first row that is not plain.

    A row is plain if it has ``width`` cells, none of which holds a quote or a line end; a cell may stand in quotes.
    Empty lines are no rows.

    Parameters
    ----------
    buffer : uint8 array
        Whole lines; the last may lack its line feed.
    delimiter : int
        A byte.
    width : int
        Cells of a row.
    columns : int64 array, shape (3,)
        Columns of case, event and time; -1 for one that is not wanted.
    spans : int64 array, shape (lines, 7)
        Is filled, see `SPAN_COLUMNS`; with what was there before where a column is not wanted.
    state : int64 array, shape (2,)
        Position and rows so far.
    """
    position, row = state[POSITION], state[ROWS]
    while position < len(buffer):
        following, filled = split_row(buffer, position, delimiter, width, columns, spans, row)
        if following < 0:
            break
        position, row = following, row + filled
    state[:] = position, row


@hot
def holds(buffer, position, literal, start, stop):
    """Tell whether a literal stands at a position."""
    if position + stop - start > len(buffer):
        return False
    for i in range(stop - start):
        if buffer[position + i] != literal[start + i]:
            return False
    return True


@inline
def number_end(buffer, position):
    """Return where a number of JSON without exponent ends, -1 if there is none."""
    start = position + 1 if buffer[position] == _MINUS else position
    stop = digits_end(buffer, start)
    if stop == start or (buffer[start] == _ZERO and stop - start > 1):
        return np.int64(-1)
    if stop < len(buffer) and buffer[stop] == _POINT:
        fraction = digits_end(buffer, stop + 1)
        return fraction if fraction > stop + 1 else np.int64(-1)
    return stop


@inline
def scalar_end(buffer, position):
    """Return where a number, true, false or null ends; -1 if there is none of them."""
    if position >= len(buffer):
        return np.int64(-1)
    if holds(buffer, position, _TRUE, 0, 4) or holds(buffer, position, _NULL, 0, 4):
        return position + 4
    if holds(buffer, position, _FALSE, 0, 5):
        return position + 5
    return number_end(buffer, position)


@hot
def text_end(buffer, position):
    """Return where a text of JSON that needs no decoding ends; -1 if it does need it, or is none."""
    while position < len(buffer) and buffer[position] >= _BLANK and buffer[position] != _BACKSLASH:
        if buffer[position] == _QUOTE:
            return position
        position += 1
    return np.int64(-1)


@hot
def is_wanted(columns, field):
    """Tell whether a field is one of the columns wanted."""
    return field in (columns[0], columns[1], columns[2])


@inline
def split_object(buffer, position, literals, ends, columns, spans, row):
    """Split one object; return the start of the next line, -1 if it does not look like the pattern."""
    spans[row, LINE] = position
    first = np.int64(0)
    for field in range(len(ends)):
        if not holds(buffer, position, literals, first, ends[field]):
            return np.int64(-1)
        position += ends[field] - first
        first = ends[field]
        if field == len(ends) - 1:
            break
        quoted = position < len(buffer) and buffer[position] == _QUOTE
        start = position + 1 if quoted else position
        stop = text_end(buffer, start) if quoted else scalar_end(buffer, start)
        if stop < 0 or (is_wanted(columns, field) and not quoted and holds(buffer, start, _NULL, 0, 4)):
            return np.int64(-1)
        keep(spans, row, columns, field, start, stop)
        position = stop + 1 if quoted else stop
    return after_line_end(buffer, position)


@bare_kernel_of(types.void(BUFFER, BUFFER, NUMBERS, NUMBERS, SPANS, NUMBERS))
def split_objects(buffer, literals, ends, columns, spans, state):
    """Find the wanted values of JSON objects, one a line, up to the first line that does not look like the pattern.

    Parameters
    ----------
    buffer, columns, spans, state
        As for `split_rows`.
    literals : uint8 array
        What stands before the first value, between the values and behind the last, one behind the other.
    ends : int64 array, shape (values + 1,)
        Where each of these ends.
    """
    position, row = state[POSITION], state[ROWS]
    while position < len(buffer):
        following = split_object(buffer, position, literals, ends, columns, spans, row)
        if following < 0:
            break
        position, row = following, row + 1
    state[:] = position, row
