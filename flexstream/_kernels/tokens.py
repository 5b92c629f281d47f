"""From bytes to symbol ids: splitting lines at blanks and looking the words up, without a Python object each."""

import numpy as np

from ..tuples import NamedTuple
from .columns import record
from .hints import Given, GivenMatrix, Matrix, NDArray
from .library import kernel

WORDS, BYTES, LEFT, OTHER, COST = range(5)
CODE_COLUMNS = 2
OPEN = -1  # in place of the catch-all word while every new word gets a number
POSITION, SYMBOLS, TRACES, COUNT, STATUS, REJECTED = 0, 1, 2, 3, 4, 5
DONE, FULL, ODD = 0, 1, 2


@record
class WordColumns(NamedTuple):
    """All words seen: word ``i`` is ``arena[starts[i]:starts[i + 1]]``, in UTF-8."""

    slots: NDArray[np.int32]  # table from code to word
    codes: Matrix[np.uint64]  # word: head and tail of its code, see tokens.c
    starts: NDArray[np.int64]  # word, and one more
    arena: NDArray[np.uint8]
    size: NDArray[np.int64]  # as named above: words, bytes of the arena, left in the alphabet; catch-all; bytes a word


@kernel
def split_lines(
    words: WordColumns,
    buffer: Given[np.uint8],
    leads: int,
    symbols: NDArray[np.int32],
    offsets: NDArray[np.int64],
    state: NDArray[np.int64],
) -> None:
    """Split whole lines into traces of word ids, from where ``state`` says; the last may lack its line feed.

    Stops with status FULL where the words have no room for a new one (call again with more), and with status ODD at a
    line whose leading words are not what they should be.  Of lines labelled 0 the words are counted but not looked up.

    Parameters
    ----------
    words : WordColumns
    buffer : uint8 array
    leads : int
        Words that lead a line: none; 1: the number of words that follow; 2: a label (1, 0 or -1) and this number.
        With leading words blank lines are no traces.
    symbols, offsets : int32 and int64 arrays
        Are filled; ``offsets`` with the end of each trace.
    state : int64 array, shape (6,)
        Position in the buffer, symbols and traces so far, the length the present line states (negative: so many leading
        words not read yet; ``-leads`` to begin with), status, lines labelled 0 so far.
    """


@kernel
def rehash(words: WordColumns) -> None:
    """Enter all words into a cleared table, but for the catch-all, which stands for words that are not there."""


@kernel
def add_words(words: WordColumns, buffer: Given[np.uint8], stops: Given[np.int64]) -> None:
    """Add words that stand one behind the other; there must be room, and none of them may be known."""


@kernel
def look_up_all(
    words: WordColumns,
    buffer: Given[np.uint8],
    spans: GivenMatrix[np.int64],
    column: int,
    ids: NDArray[np.int32],
    row: int,
) -> int:
    """Look up the words that a column of spans marks, from a row on; return the row at which there is no more room."""
