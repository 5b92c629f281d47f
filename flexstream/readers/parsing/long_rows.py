"""Rows over many lines: their lines, as long as they are not too many."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ...budget import format_memory
from ..source.blocks import raised

MOST_LINES = 10_000
"""Lines of a row: no cell that is meant has more, and a stream that goes on does not wait for the end of one."""


class TooLongError(Exception):
    """A row goes on and on: a quote that is never closed takes all that follows."""

    expected = "quotes that are closed"


class TooLargeError(TooLongError):
    """A row takes more than it may, which the user may raise."""

    expected = f"quotes that are closed; {raised()}"


class RowTexts:
    """The lines of rows; what a row took that turns out to be broken, but for its first line, is handed out anew.

    Parameters
    ----------
    lines : iterator
        Numbered lines.
    most : int
        Characters of a row of several lines.

    Attributes
    ----------
    line : int
        Number of the first line of the present row.

    Examples
    --------
    >>> texts = RowTexts(iter([(1, 'a,"b'), (2, "c,d"), (3, "e,f")]), 9)
    >>> texts.begin()
    >>> next(texts), next(texts)
    ('a,"b\\n', 'c,d\\n')
    >>> next(texts)
    Traceback (most recent call last):
    flexstream.readers.parsing.long_rows.TooLargeError: it goes on for more than 9 B
    >>> texts.give_back()
    >>> texts.begin()
    >>> next(texts), texts.line
    ('c,d\\n', 2)
    """

    def __init__(self, lines: Iterator[tuple[int, str]], most: int) -> None:
        self._lines, self._most = lines, most
        self._row: list[tuple[int, str]] = []
        self._again: deque[tuple[int, str]] = deque()
        self.line, self._size = 0, 0

    @property
    def pending(self) -> bool:
        """Whether lines are to be handed out once more."""
        return bool(self._again)

    def begin(self) -> None:
        """Begin another row."""
        self._row.clear()
        self._size = 0

    def give_back(self) -> None:
        """Hand out once more what the present row took behind its first line: rows, if a quote was never closed."""
        self._again.extendleft(reversed(self._row[1:]))
        self.begin()

    def __iter__(self) -> RowTexts:
        return self

    def __next__(self) -> str:
        found = self._again.popleft() if self._again else next(self._lines)
        self._row.append(found)
        number, line = found
        text = line + "\n"
        if not self._size:
            self.line = number
        self._size += len(text)
        if len(self._row) > MOST_LINES:
            raise TooLongError(f"it goes on for more than {MOST_LINES:,} lines")
        if self._size > self._most and len(self._row) > 1:
            raise TooLargeError(f"it goes on for more than {format_memory(self._most)}")
        return text
