"""Rows over many lines: their lines, as long as they are not too many."""

from __future__ import annotations

from collections.abc import Iterator

from ...budget import format_memory


class TooLongError(Exception):
    """A row goes on and on: a quote that is never closed takes all that follows."""


class RowTexts:
    """The lines of rows.

    Parameters
    ----------
    lines : iterator
        Numbered lines.
    most : int
        Characters of a row of several lines.

    Attributes
    ----------
    size : int
        Characters of the present row, which whoever reads rows sets to 0 before each.

    Examples
    --------
    >>> texts = RowTexts(iter([(1, "a,b"), (2, "c,d")]), 6)
    >>> next(texts), texts.size
    ('a,b\\n', 4)
    >>> next(texts)
    Traceback (most recent call last):
    flexstream.readers.parsing.long_rows.TooLongError: it goes on for more than 6 B
    """

    def __init__(self, lines: Iterator[tuple[int, str]], most: int) -> None:
        self._lines, self._most, self.size = lines, most, 0

    def __iter__(self) -> RowTexts:
        return self

    def __next__(self) -> str:
        text = next(self._lines)[1] + "\n"
        self.size += len(text)
        if self.size > self._most and self.size > len(text):
            raise TooLongError(f"it goes on for more than {format_memory(self._most)}")
        return text
