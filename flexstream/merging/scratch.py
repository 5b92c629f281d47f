"""Scratch: one piece of memory that many arrays are taken from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGE = 4 << 20
"""Bytes from which on NumPy asks the system for large pages, of which a piece takes hundreds of times fewer."""
_LINE = 64


class Scratch:
    """Memory for arrays that live about as long: what is handed over in large pages costs a fraction of the time.

    A piece that is too small for large pages is none at all; then, and where it is used up, arrays are NumPy's own.

    Parameters
    ----------
    size : int
        Bytes; those that are never used take no memory.

    Examples
    --------
    >>> scratch = Scratch(8 << 20)
    >>> first, second = (scratch.array(1000, np.int32) for _ in range(2))
    >>> first.base is second.base, len(scratch.array(1 << 30, np.uint8))
    (True, 1073741824)
    """

    def __init__(self, size: int) -> None:
        self._bytes, self._used = np.empty(size if size >= LARGE else 0, np.uint8), 0

    def array(self, length: int, kind: type[np.generic]) -> NDArray[Any]:
        """Return an array whose elements may be anything."""
        start, size = self._used, length * np.dtype(kind).itemsize
        if start + size > len(self._bytes):
            return np.empty(length, kind)
        self._used += size + -size % _LINE
        return self._bytes[start : start + size].view(kind)

    def zeros(self, length: int, kind: type[np.generic]) -> NDArray[Any]:
        """Return an array of zeros."""
        found = self.array(length, kind)
        found[:] = 0
        return found

    def copy(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return a copy."""
        found = self.array(len(array), array.dtype.type)
        found[:] = array
        return found
