"""``css``: count-min sketches of the futures, Hoeffding's bound to reject, the cosine to choose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..sketch import SketchShape
from .base import Heuristic, judge_kernel


@judge_kernel
def judge(counts, shares, target_sketch, source_sketch, parameters):  # type: ignore[no-untyped-def]
    """Return the mean cosine of the rows, or -inf where Hoeffding's bound rules out one distribution."""
    target, source = counts[:, 0].sum(), counts[:, 1].sum()
    if target == 0 or source == 0:
        return 0.0
    bound = parameters[0] * (1.0 / math.sqrt(target) + 1.0 / math.sqrt(source))
    lengths, depth, width = target_sketch.shape
    total = 0.0
    for length in range(lengths):
        for row in range(depth):
            one, other = target_sketch[length, row], source_sketch[length, row]
            product, square, square2 = 0.0, 0.0, 0.0
            for cell in range(width):
                f1, f2 = one[cell] / target, other[cell] / source
                if abs(f1 - f2) > bound:
                    return -np.inf
                product += f1 * f2
                square += f1 * f1
                square2 += f2 * f2
            if square > 0.0 and square2 > 0.0:
                total += product / math.sqrt(square * square2)
    return total / (lengths * depth)


@dataclass(frozen=True)
class CSS(Heuristic):
    """Merge where the sketched futures of two nodes are compatible, best cosine first.

    Reject when in any cell |f1 - f2| > sqrt(½ ln(2/α)) · (1/√n1 + 1/√n2), with f the cell's share of the node's n
    visits: Hoeffding's bound on each cell, the row-by-row form of the test (a cell holds one future, or the sum of
    a few).  The score of a merge is the mean, over its pairs, of the mean cosine of the rows.

    Parameters
    ----------
    alpha : float
        Level of the test, 0 < alpha < 1.
    futures, depth, width : int
        Longest future, and rows and counters of the sketch of each length.

    References
    ----------
    Baumgartner & Verwer, "PAC learning PDFA from data streams", arXiv 2604.02244, 2026 (strategy and sketches);
    Carrasco & Oncina, "Learning stochastic regular grammars by means of a state merging method", ICGI 1994 (the
    bound).
    """

    margin: float = -1.0
    lead: float = 0.0
    alpha: float = 0.05
    futures: int = 2
    depth: int = 2
    width: int = 64

    name: ClassVar[str] = "css"
    judge: ClassVar[Any] = staticmethod(judge)
    mean: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha must lie between 0 and 1, not {self.alpha}")
        if self.futures < 1:
            raise ValueError(f"futures must be at least 1, not {self.futures}")
        self.sketch_shape()

    def parameters(self) -> NDArray[np.float64]:
        """Return the factor of the bound."""
        return np.array([math.sqrt(0.5 * math.log(2.0 / self.alpha))])

    def sketch_shape(self) -> SketchShape:
        """Return the shape of the sketches."""
        return SketchShape(self.futures, self.depth, self.width)

    def words(self, score: float) -> str:
        """Say how alike the futures are."""
        return "futures differ" if score == -math.inf else f"mean cosine of the futures {score:.3f}"
