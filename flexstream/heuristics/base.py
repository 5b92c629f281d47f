"""What a heuristic is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .._kernels.search import JUDGE, Rules
from ..sketch import NO_SKETCH, SketchShape

Judge = Callable[..., float]


def judge_kernel(function: Judge) -> Judge:
    """Compile a judge.

    A judge is called as ``judge(counts, shares, target_sketch, source_sketch, parameters)``:

    - ``counts``: int64, shape (outcomes, 2), in target and source.  Row 0 is the end of the trace, row 1 all symbols
      that the source has not seen, then one row for each symbol the source has seen.
    - ``shares``: float64, shape (outcomes,), how often the outcome comes in the whole stream.
    - sketches: int32, shape (futures, depth, width).
    - ``parameters``: float64, what :meth:`Heuristic.parameters` returned.

    It returns a score; ``-inf`` rejects the merge.
    """
    import numba

    compiled: Judge = numba.njit(JUDGE, cache=True, nogil=True)(function)
    return compiled


@dataclass(frozen=True)
class Heuristic(ABC):
    """Base of all heuristics: an immutable set of options and a compiled judge.

    Parameters
    ----------
    margin : float
        A merge needs a score above this.
    slack : float
        A merge is rejected as soon as its score so far, heavy pairs first, lies this far below the margin.
    lead : float
        A merge is settled, and replayed without a new search, once its score is this far above the runner-up's.
    light : int
        A node with fewer visits never becomes a state of its own; it is folded into the best there is.
    """

    margin: float = 0.0
    slack: float = np.inf
    light: int = 5
    lead: float = 2.0

    name: ClassVar[str]
    judge: ClassVar[Any]
    mean: ClassVar[bool] = False
    """Whether the score of a merge is the mean over its pairs instead of their sum."""
    undoable: ClassVar[bool] = True
    """Whether a merge can be taken back: False allows the strategy ``final`` only."""

    @abstractmethod
    def parameters(self) -> NDArray[np.float64]:
        """Return the numbers the judge is given, shape (any,)."""

    @abstractmethod
    def words(self, score: float) -> str:
        """Say what a score means."""

    def sketch_shape(self) -> SketchShape:
        """Return the sketches the judge needs."""
        return NO_SKETCH

    def rules(self, trusting: bool) -> Rules:
        """Return what the search is told."""
        return Rules(self.margin, self.slack, self.lead, self.light, int(self.mean), int(trusting))
