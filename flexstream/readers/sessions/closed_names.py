"""Which cases that were closed for want of room come again, and so were cut short; the others were whole."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ...stream.hashing import blake2b

MOST = 1 << 16
"""Names that are remembered; of more, those whose hash is in the lower part of where it may be stand for all."""
_TOP = 1 << 63


class ClosedNames:
    """Remembers the names of cases that were closed early.

    Examples
    --------
    >>> closed = ClosedNames()
    >>> closed.came_again(["lot 7", "lot 8"], [1, 1]), closed.came_again(["lot 7", "lot 9"], [0, 0])
    (0, 1)
    """

    def __init__(self) -> None:
        self._hashes: set[int] = set()
        self._limit = _TOP

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def state(self) -> NDArray[np.int64]:
        """Return the highest hash that is remembered, and the hashes."""
        return np.array([self._limit - 1, *sorted(self._hashes)], np.int64)

    def restore(self, state: NDArray[np.int64]) -> None:
        """Go on with what was remembered."""
        known = np.asarray(state, np.int64).tolist()
        self._limit, self._hashes = max(1, known[0] + 1), set(known[1:])

    def came_again(self, names: Iterable[str | None], early: Iterable[int]) -> int:
        """Return how many of these traces go on with a case that was closed early, about so where there are many.

        Parameters
        ----------
        names : iterable of str or None
            Of traces, in the order in which they ended.
        early : iterable of int
            1 for each that was closed early itself.
        """
        found = 0
        for name, closed in zip(names, early, strict=True):
            digest = blake2b(str(name).encode("utf-8", "surrogatepass"), digest_size=8).digest()
            own = int.from_bytes(digest, "big") >> 1
            if name is None or own >= self._limit:
                continue
            found += own in self._hashes
            if closed:
                self._hashes.add(own)
        found = found * _TOP // self._limit
        while len(self._hashes) > MOST:
            self._limit = max(1, self._limit // 2)
            self._hashes = {own for own in self._hashes if own < self._limit}
        return found
