"""The header of a table that comes again below it, as where files are written one behind the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..._kernels.events import EVENT, LINE, Shapes, find_likely

_BYTE_ORDER_MARK = "\ufeff"  # with which the next file began


class HeadersAgain:
    """Tells the rows that are the header once more.

    Parameters
    ----------
    names : sequence of str
        Of the columns.

    Attributes
    ----------
    count : int
        Rows that are.
    shapes : Shapes
        Of names, for `split_rows`.

    Examples
    --------
    >>> again = HeadersAgain(["lot", "task"])
    >>> again.has(["7", "load"]), again.has(["lot", "task"]), again.has(["task", "lot"])
    (False, True, True)
    >>> again.in_order(["task", "lot"])
    False
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.count = 0
        self._names, self._sorted = list(names), sorted(names)
        self._probe = next((place for place, name in enumerate(names) if name), 0)
        self._known = {mark + name for name in names if name for mark in ("", _BYTE_ORDER_MARK)}
        self.shapes = shapes_of([name.encode() for name in self._known])

    def has(self, row: Sequence[str]) -> bool:
        """Whether a row as wide as the header has its names, in whatever order."""
        if row[self._probe].strip(' "\t') not in self._known:
            return False
        return sorted(map(_bare, row)) == self._sorted

    def in_order(self, row: Sequence[str]) -> bool:
        """Whether a row has the names of the header in its order."""
        return list(map(_bare, row)) == self._names

    def first(
        self, buffer: NDArray[np.uint8], spans: NDArray[np.int64], row: int, cells: Callable[[bytes], Sequence[str]]
    ) -> int | None:
        """Return the first of many rows that is the header; None if none is.

        Parameters
        ----------
        buffer : uint8 array
        spans : int64 matrix
        row : int
            The first that may be, as `split_rows` found them.
        cells : callable
            Takes a line apart.
        """
        while row < len(spans):
            start, stop = spans[row, [EVENT, EVENT + 1]].tolist()
            if buffer[start:stop].tobytes().decode() in self._known:
                line = buffer[int(spans[row, LINE]) :]
                end = int(spans[row + 1, LINE] - spans[row, LINE]) if row + 1 < len(spans) else len(line)
                if self._is(cells(line[:end].tobytes().lstrip(b"\r\n").partition(b"\n")[0])):
                    return row
            row = find_likely(buffer, spans, self.shapes, row + 1)
        return None

    def _is(self, row: Sequence[str]) -> bool:
        return len(row) == len(self._names) and self.has(row)


def shapes_of(texts: Sequence[bytes]) -> Shapes:
    """Return what texts look like, none of which is empty."""
    sizes = np.zeros(max(map(len, texts), default=0) + 2, bool)
    sizes[[len(text) for text in texts]] = True
    first, last = np.zeros(256, bool), np.zeros(256, bool)
    first[[text[0] for text in texts]] = True
    last[[text[-1] for text in texts]] = True
    return Shapes(sizes, first, last)


def _bare(cell: str) -> str:
    return cell.lstrip(_BYTE_ORDER_MARK).strip(' "\t')
