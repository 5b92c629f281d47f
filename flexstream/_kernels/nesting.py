"""From bytes to events: where values of JSON begin and end that may hold others, and where fields stand in them."""

from __future__ import annotations

import numpy as np

from .hints import Given, Matrix, NDArray
from .library import kernel

POSITION, ROWS, START, DEPTH, INSIDE, LINES, FIRST, STATUS, VALUE_STATE = range(9)
VALUE_COLUMNS = 4
"""Columns of values: where one starts and stops, how many lines end before it and in it."""
MORE, FULL, CLOSED, BROKEN = range(4)
FREE, SHAPE, LIMIT, FIELD_STATE = 3, 4, 5, 6


@kernel
def split_values(buffer: Given[np.uint8], spans: Matrix[np.int64], state: NDArray[np.int64]) -> None:
    """Find the values that follow one another in a list or a document, from where ``state`` says.

    Values are told apart by their brackets, their quotes, and by what is between them: blanks, line ends, commas and
    colons.  Whether they are JSON is not looked at.

    Parameters
    ----------
    buffer : uint8 array
        Bytes of a document.
    spans : int64 array, shape (values, 4)
        Is filled, see `VALUE_COLUMNS`.
    state : int64 array, shape (8,)
        Position; is filled: values found, where the value starts that is still open (-1: none is), the brackets open in
        it, whether a text is open (2: behind a backslash), lines that end before the position, and before that value,
        and why it ended: no more bytes, no more room, a closing bracket at the position, or a line end in a text.
    """


@kernel
def split_fields(
    buffer: NDArray[np.uint8],
    keys: Given[np.uint8],
    ends: Given[np.int64],
    firsts: Given[np.int64],
    shapes: Given[np.uint64],
    spans: Matrix[np.int64],
    state: NDArray[np.int64],
) -> None:
    """Find wanted fields of JSON objects, one a line, up to the first line that is not plain or of another shape.

    An object is plain if it is JSON without escapes in its keys, at most 64 levels deep, in which the wanted fields
    stand once, as a text, a number, true or false, the case and the event not blank.  Its shape is a hash of its keys,
    and those of objects in it, in their order, and of which of them hold objects or lists; what lists hold counts for
    nothing but whether it begins with an object or a list.

    Parameters
    ----------
    buffer : uint8 array
        Whole lines in valid UTF-8; the last may lack its line feed. Behind them there is room for texts without their
        escapes. Line ends at the end of an event's text are left out.
    keys : uint8 array
        The keys that lead to case, event and time, one behind the other.
    ends : int64 array, shape (keys,)
        Where each of these ends.
    firsts : int64 array, shape (4,)
        The first key of each of the three, and the number of all; as many as the next for one that is not wanted.
    shapes : uint64 array
        Shapes of the objects that are taken.
    spans : int64 array, shape (rows, 7)
        Is filled, see ``SPAN_COLUMNS``; where it is full the search ends as well.
    state : int64 array, shape (6,)
        Position, rows so far, a number that is left alone, where bytes are free, the shape of the last object (0 if
        that is not plain), and where the lines end.
    """
