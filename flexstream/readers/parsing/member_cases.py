"""Cases of members, many at once: numbers for pairs of a member and a case, and a list of their names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .membership import joined

_MOST = 1 << 25
"""Bytes that names may take; beyond them all pairs are numbered anew."""
_EACH = 160
"""What a pair takes beside its text, about."""
_HALF = 32


class MemberCases:
    """Numbers the cases of members.

    Parameters
    ----------
    case_bytes : int, optional
        Bytes for open cases, of which names here may take a quarter.

    Attributes
    ----------
    names : list of str
        By number; another list where all are numbered anew.

    Examples
    --------
    >>> pairs = MemberCases()
    >>> pairs.of(["web", "db"], np.array([0, 1, 0]), ["1", "2"], np.array([0, 0, 0])).tolist(), len(pairs.names)
    ([0, 1, 0], 2)
    """

    def __init__(self, case_bytes: int | None = None) -> None:
        self._most = _MOST if case_bytes is None else min(_MOST, case_bytes // 4)
        self.names: list[str] = []
        self._numbers: dict[int, int] = {}
        self._lists: tuple[Sequence[str], Sequence[str] | None] = ((), None)
        self._bytes = 0

    def of(
        self,
        members: Sequence[str],
        owners: NDArray[np.int32],
        cases: Sequence[str] | None,
        places: NDArray[np.int32] | None,
    ) -> NDArray[np.int32]:
        """Return the numbers of cases.

        Parameters
        ----------
        members, cases : sequence of str
            Names by number, which may grow; without cases all events of a member are one.
        owners, places : int32 arrays, shape (events,)
            The member and the case of each event.
        """
        if members is not self._lists[0] or cases is not self._lists[1] or self._bytes > self._most:
            self.names, self._numbers, self._bytes = [], {}, 0
            self._lists = members, cases
        codes = owners.astype(np.int64) << _HALF
        pairs, inverse = np.unique(codes if places is None else codes | places, return_inverse=True)
        found = np.array([self._number(pair) for pair in pairs.tolist()], np.int32)
        return found[inverse]

    def _number(self, pair: int) -> int:
        number = self._numbers.get(pair)
        if number is None:
            members, cases = self._lists
            case = None if cases is None else cases[pair & ((1 << _HALF) - 1)]
            number = self._numbers[pair] = len(self.names)
            self.names.append(joined(members[pair >> _HALF], case))
            self._bytes += _EACH + len(self.names[-1])
        return number
