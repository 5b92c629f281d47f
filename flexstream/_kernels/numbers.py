"""Whole numbers as text, and lines counted."""

import numpy as np

from .hints import Given, NDArray
from .library import kernel

ROOM = 22
"""Bytes that a number and what parts it from the next take, at most."""


@kernel
def write_numbers(numbers: Given[np.int64], text: NDArray[np.uint8]) -> int:
    """Write whole numbers with a comma and a blank between two of them; return how many bytes that are.

    Parameters
    ----------
    numbers : int64 array, shape (n,)
    text : uint8 array, shape (n * ROOM,)
        Is filled from the start.
    """


@kernel
def count_byte(bytes: Given[np.uint8], sought: int) -> int:
    """Return how often one byte comes among others."""


def listed(numbers: NDArray[np.int64]) -> str:
    """Return whole numbers as the list that they are in JSON.

    >>> listed(np.array([7, -12, 0]))
    '[7, -12, 0]'
    """
    text = np.empty(ROOM * len(numbers), np.uint8)
    return f"[{text[: write_numbers(numbers, text)].tobytes().decode('ascii')}]"
