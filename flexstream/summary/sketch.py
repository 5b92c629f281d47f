"""Sketches of the futures of a node: their shape, their hash, and how to ask them.

Count-min: a node keeps, for each future length 1..F, ``depth`` rows of ``width`` counters (Cormode & Muthukrishnan, "An
improved data stream summary: the count-min sketch and its applications", J. Algorithms 55, 2005).  A future cut
short by the end of the trace counts as itself followed by the end, so every row sums to the node's visits, and
the rows of two nodes, or of two trees, add up.  Space-Saving: a node keeps counters of the heaviest prefixes of its
futures; two nodes' counters can be combined, which is not undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import e, exp
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..arguments import check_fields
from ..classes import dataclass
from ..errors import UsageError

if TYPE_CHECKING:
    from .._kernels.futures import Coding


MOST_FUNCTIONS = 1 << 16
"""Functions of a MinHash signature; two equal futures share one of a few, more take time and tell nothing."""


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
    minhash : int
        Functions of the MinHash signature by which a future is counted, >= 0; 0: each future by itself.
    shingle : int
        Symbols in one element of the set that MinHash makes of a future, >= 1.

    Examples
    --------
    >>> shape = SketchShape(futures=2, depth=3, width=64)
    >>> shape.bytes_per_node, round(shape.beta, 4), round(shape.gamma, 4)
    (1536, 0.0425, 0.0498)
    """

    futures: int = 0
    depth: int = 1
    width: int = 1
    minhash: int = 0
    shingle: int = 2

    additive: ClassVar[bool] = True
    """Whether the sketch of two nodes together is the sum of theirs."""

    def __post_init__(self) -> None:
        check_fields(self)
        if self.futures < 0 or self.depth < 1 or self.width < 1:
            raise UsageError(f"sketch of {self.futures} x {self.depth} x {self.width}: expected at least 0 x 1 x 1")
        if self.minhash < 0 or self.shingle < 1:
            raise UsageError(f"MinHash of {self.minhash} functions on {self.shingle} symbols: expected at least 0 on 1")
        if self.minhash > MOST_FUNCTIONS:
            raise UsageError(f"MinHash of {self.minhash} functions: expected at most {MOST_FUNCTIONS:,}")

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


@dataclass(frozen=True, slots=True)
class PrefixSketchShape:
    """How large the Space-Saving sketches of a node are.

    Attributes
    ----------
    counters : int
        Prefixes that are counted, >= 1: a share is too high by at most what the lightest counter holds.
    copies : int
        Bootstrap resamples that are sketched besides the futures themselves, >= 0.

    Examples
    --------
    >>> PrefixSketchShape(counters=255).bytes_per_node
    2048
    """

    counters: int
    copies: int = 0

    additive: ClassVar[bool] = False
    minhash: ClassVar[int] = 0
    shingle: ClassVar[int] = 1

    def __post_init__(self) -> None:
        check_fields(self)
        if self.counters < 1 or self.copies < 0:
            raise UsageError(f"{self.counters} counters, {self.copies} resamples: expected at least 1 and 0")

    @property
    def dimensions(self) -> tuple[int, int, int]:
        """The futures and their resamples; codes and counts; counters and one column of totals."""
        return (1 + self.copies, 2, self.counters + 1)

    @property
    def bytes_per_node(self) -> int:
        """Memory of one node's sketches."""
        return 8 * (1 + self.copies) * (self.counters + 1)


AnyShape = SketchShape | PrefixSketchShape


def coding(shape: AnyShape, codes: NDArray[np.uint64]) -> Coding:
    """Return how the kernels turn futures into numbers.

    Parameters
    ----------
    shape : SketchShape or PrefixSketchShape
    codes : uint64 array, shape (alphabet,)
        Hash of each symbol.
    """
    from .._kernels.futures import Coding

    multipliers, offsets = _permutations(shape.minhash)
    scratch = np.empty(shape.minhash, np.uint64)
    return Coding(codes, multipliers, offsets, scratch, shape.shingle, int(not shape.additive))


@lru_cache
def _permutations(functions: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the constants of datasketch's MinHash functions x -> (a x + b) mod (2^61 - 1)."""
    if not functions:
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    from inspect import signature

    from datasketch import MinHash

    # The only scheme before datasketch 2.0, which gave it a name.
    scheme = {"scheme": "legacy"} if "scheme" in signature(MinHash).parameters else {}
    multipliers, offsets = MinHash(num_perm=functions, **scheme).permutations
    return np.ascontiguousarray(multipliers, np.uint64), np.ascontiguousarray(offsets, np.uint64)


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
    from .._kernels.futures import future_cells

    cells = future_cells(np.asarray(future, np.uint64), ended, rows.shape[1], rows.shape[2])
    length = len(future) + int(ended)
    if not 1 <= length <= len(rows):
        raise ValueError(f"a future of length {length}; the sketches hold lengths 1 to {len(rows)}")
    return int(min(rows[length - 1, row, cell] for row, cell in enumerate(cells)))
