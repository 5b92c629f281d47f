"""From bytes to traces: the elements of an event log in XML, as far as their shape is a usual one."""

import numpy as np

from .hints import Given, Matrix, NDArray
from .library import kernel

POSITION, STEPS, SYMBOLS, TEXTS, NAMES, TAG, STATUS, STATE = range(8)
STEP_COLUMNS = 4
"""Columns of steps: what happened, how many symbols came before it, where it stands, which key is lacking."""
OPENED, NAMED, UNNAMED, LACKING, CLOSED = range(5)
TOO_SHORT, UNUSUAL = -1, -2
MOST_KEYS = 15
"""Attributes of which the symbol of an event may be joined."""


@kernel
def split_traces(
    buffer: Given[np.uint8],
    keys: Given[np.uint8],
    ends: Given[np.int64],
    tag: NDArray[np.uint8],
    texts: NDArray[np.uint8],
    names: NDArray[np.uint8],
    steps: Matrix[np.int64],
    moments: Matrix[np.int64],
    state: NDArray[np.int64],
) -> None:
    """Read traces, from where ``state`` says, until the bytes end or a parser of XML has to look at something.

    What it passes over is well-formed XML in UTF-8, and whole: tags with at most 16 attributes, references to
    characters, text, comments, and sections of characters.  Anything else is unusual, the end of the log included.  It
    stops behind a whole trace, or inside a trace behind a whole event or attribute.

    Parameters
    ----------
    buffer : uint8 array
        Bytes in the element ``log``, or inside a trace if one is open.
    keys : uint8 array
        Keys of a trace's name, of the attributes of which an event's symbol is joined and, where there are ``moments``,
        of its time, one behind the other.
    ends : int64 array, shape (1 + attributes,)
        Where each of these ends.
    tag : uint8 array
        The name of the open trace's tag; is filled.
    texts, names : uint8 arrays
        Are filled with symbols and names of traces, a byte 0 behind each.  A symbol takes less than its event for each
        of its attributes, a name less than its element.
    steps : int64 array, shape (steps, 4)
        Is filled, see `STEP_COLUMNS`: a trace was opened, named, lost its name, lacks a key in an event, was closed.
        None takes less than four bytes of the buffer.
    moments : int64 array, shape (symbols, 2)
        Is filled: where the time of each event starts and stops, -1 where it has none. Without rows no time is wanted.
    state : int64 array, shape (7,)
        Position; is filled: the position up to which all is understood, steps, symbols, bytes of texts and of names,
        length of the tag's name (0: no trace is open; also given), `TOO_SHORT` or `UNUSUAL`.
    """
