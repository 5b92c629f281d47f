"""``alergia``: Hoeffding's bound on the frequencies of ends and next symbols."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..evidence_kind import EvidenceKind
from ..heuristic import LEVEL, Heuristic, check_level, hoeffding_factor, judge_kernel


@judge_kernel
def judge(counts, shares, target_sketch, source_sketch, futures, parameters):  # type: ignore[no-untyped-def]
    """Return the cosine of the two distributions, or -inf where an outcome's frequencies differ too much."""
    target, source = counts[:, 0].sum(), counts[:, 1].sum()
    if target == 0 or source == 0:
        return 0.0
    bound = parameters[0] * (1.0 / math.sqrt(target) + 1.0 / math.sqrt(source))
    product, square, square2 = 0.0, 0.0, 0.0
    for row in range(len(counts)):
        f1, f2 = counts[row, 0] / target, counts[row, 1] / source
        if abs(f1 - f2) > bound:
            return -np.inf
        product += f1 * f2
        square += f1 * f1
        square2 += f2 * f2
    return product / math.sqrt(square * square2)


@dataclass(frozen=True)
class Alergia(Heuristic):
    """Merge where the frequencies of ends and next symbols are compatible all the way down, best cosine first.

    For two nodes of n1 and n2 visits, f1 and f2 are the shares of one outcome: the end, or a next symbol.  Reject when
    for any outcome ::

        |f1 - f2| > sqrt(½ ln(2/α)) · (1/√n1 + 1/√n2)

    which is Hoeffding's bound.  The test is put to every pair of nodes that the merge brings together, heavier nodes
    already folded; with ``k`` only to those fewer than k symbols below the merge, so that two nodes are compared by
    their futures of length up to k (k-tails).

    ALERGIA itself takes the first compatible state.  Here all are asked, and the score that chooses among them is the
    mean, over the pairs, of the cosine of the two frequency vectors: the score of ``css``, so that the two differ in
    what they test only.

    Parameters
    ----------
    alpha : float
        Level of the test, 0 < alpha < 1.
    k : int
        Length of the futures that are compared; 0: no limit.

    References
    ----------
    Carrasco & Oncina, "Learning stochastic regular grammars by means of a state merging method", ICGI 1994; Biermann
    & Feldman, "On the synthesis of finite-state machines from samples of their behavior", IEEE Trans. Computers 21,
    1972 (k-tails).
    """

    margin: float = -1.0
    lead: float = 0.0
    alpha: float = LEVEL
    k: int = 0

    name: ClassVar[str] = "alergia"
    judge: ClassVar[Any] = staticmethod(judge)
    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.TEST
    mean: ClassVar[bool] = True
    apart: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_level(self.alpha)
        if self.k < 0:
            raise ValueError(f"k must not be negative, not {self.k}")

    def parameters(self) -> NDArray[np.float64]:
        """Return the factor of the bound."""
        return np.array([hoeffding_factor(self.alpha)])

    def deepest(self) -> int:
        """Return how many levels below the first the pairs are tested."""
        return self.k - 1 if self.k else super().deepest()

    def words(self, score: float) -> str:
        """Say how alike the next symbols are."""
        return "frequencies differ" if score == -math.inf else f"mean cosine of the frequencies {score:.3f}"
