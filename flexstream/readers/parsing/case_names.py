"""Cases by their names, as compiled loops number them: in bounded memory, whatever the number of cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...stream.names import LateTexts
from .blank import is_no_case
from .word_table import WordTable

_MOST = 1 << 25
"""Bytes that names may take; of those for open cases, where somebody says how many, a quarter if that is less."""
_EACH = 240
"""What a name takes beside its text."""


class CaseNames:
    """Numbers cases by their names; beyond so many bytes all that were seen are numbered anew.

    Names that were only taken over from another list are those of open cases, and counted with these.

    Parameters
    ----------
    case_bytes : int, optional
        Bytes for open cases.
    first : sequence of str
        Names that have the first numbers.

    Attributes
    ----------
    names : LateTexts
        The names by number; replaced when they are numbered anew.

    Examples
    --------
    >>> from flexstream.readers.parsing.word_table import joined
    >>> cases = CaseNames()
    >>> cases.find(*joined(["lot 7", "lot 8", "lot 7"]), 0).tolist(), cases.names[1]
    ([0, 1, 0], 'lot 8')
    """

    def __init__(self, case_bytes: int | None = None, first: Sequence[str] = ()) -> None:
        self._most = _MOST if case_bytes is None else min(_MOST, case_bytes // 4)
        self._first = first
        self._begin()

    def _begin(self) -> None:
        self._table = WordTable()
        self._table.add(self._first)
        self.names = LateTexts(self._table)
        self._none, self._looked_at = list[int](), 0

    def find(self, buffer: NDArray[np.uint8], spans: NDArray[np.int64], column: int) -> NDArray[np.int32]:
        """Return the numbers of the cases whose names a column of spans marks in a buffer."""
        count = len(self._table)
        if count and (count - self.names.taken) * (_EACH + 2 * self._table.size // count) > self._most:
            self._begin()
        with self.names.growing:
            found = self._table.find(buffer, spans, column)
            self.names.known = len(self._table)
        return found

    def lacking(self, numbers: NDArray[np.int32]) -> bool:
        """Tell whether one of some numbers is that of a name that stands for no case; each name is looked at once.

        >>> from flexstream.readers.parsing.word_table import joined
        >>> cases = CaseNames()
        >>> [cases.lacking(cases.find(*joined(texts), 0)) for texts in (["7"], ["8", "NULL"], ["8"], ["NULL"])]
        [False, True, False, True]
        """
        known = len(self._table)
        fresh = self._table.texts(self._looked_at)
        self._none += [number for number, text in enumerate(fresh, self._looked_at) if is_no_case(text)]
        self._looked_at = known
        return bool(self._none) and bool(np.isin(numbers, self._none).any())
