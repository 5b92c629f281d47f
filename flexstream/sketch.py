"""Count-min sketches of the futures of a node: their shape, their hash, and how to ask them.

A node keeps, for each future length 1..F, ``depth`` rows of ``width`` counters (Cormode & Muthukrishnan, "An
improved data stream summary: the count-min sketch and its applications", J. Algorithms 55, 2005).  A future cut
short by the end of the trace counts as itself followed by the end, so every row sums to the node's visits, and
the rows of two nodes, or of two trees, add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import e, exp

import numpy as np
from numpy.typing import NDArray

from .errors import UsageError


@dataclass(frozen=True, slots=True)
class SketchShape:
    """How large the sketches of a node are.

    Attributes
    ----------
    futures : int
        Longest future F, >= 0; with 0 there are no sketches.
    depth : int
        Rows per length, >= 1: a count is off by more than ``beta`` with probability at most exp(-depth).
    width : int
        Counters per row, >= 1.

    Examples
    --------
    >>> shape = SketchShape(futures=2, depth=3, width=64)
    >>> shape.bytes_per_node, round(shape.beta, 4), round(shape.gamma, 4)
    (1536, 0.0425, 0.0498)
    """

    futures: int = 0
    depth: int = 1
    width: int = 1

    def __post_init__(self) -> None:
        if self.futures < 0 or self.depth < 1 or self.width < 1:
            raise UsageError(f"sketch of {self.futures} x {self.depth} x {self.width}: expected at least 0 x 1 x 1")

    @property
    def dimensions(self) -> tuple[int, int, int]:
        """Future lengths, rows, counters."""
        return (self.futures, self.depth, self.width)

    @property
    def bytes_per_node(self) -> int:
        """Memory of one node's sketches."""
        return 4 * self.futures * self.depth * self.width

    @property
    def beta(self) -> float:
        """Error of a count as a share of the node's visits: w = e / beta (Cormode & Muthukrishnan, theorem 1)."""
        return e / self.width

    @property
    def gamma(self) -> float:
        """Probability that a count is off by more: d = ln(1 / gamma) (Cormode & Muthukrishnan, theorem 1)."""
        return exp(-self.depth)


NO_SKETCH = SketchShape()


def symbol_code(text: str, seed: int) -> int:
    """Return the 64-bit hash of a symbol, the same in every run and on every machine for one seed."""
    key = seed.to_bytes(16, "little", signed=True)
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=key).digest(), "little")


def estimate(rows: NDArray[np.int32], future: Sequence[int], ended: bool = False) -> int:
    """Return the count-min estimate of how often a future left a node; never too low.

    Parameters
    ----------
    rows : int32 array, shape (futures, depth, width)
        The sketches of one node.
    future : sequence of int
        Hash codes of 1..F symbols (F - 1 with ``ended``).
    ended : bool
        True for the future that the end of the trace cut short after these symbols.

    Raises
    ------
    ValueError
        If the future is longer than the sketches hold.
    """
    from ._kernels.growth import future_cells

    cells = future_cells(np.asarray(future, np.uint64), ended, rows.shape[1], rows.shape[2])
    length = len(future) + int(ended)
    if not 1 <= length <= len(rows):
        raise ValueError(f"a future of length {length}; the sketches hold lengths 1 to {len(rows)}")
    return int(min(rows[length - 1, row, cell] for row, cell in enumerate(cells)))
