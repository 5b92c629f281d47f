"""``alergia``: Hoeffding's bound on the frequencies of ends and next symbols."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from ..._kernels.columns import record
from ..._kernels.judges import CompiledJudge
from ..evidence_kind import EvidenceKind
from ..heuristic import LEVEL, Heuristic, check_level, hoeffding_factor


@record
class AlergiaParameters(NamedTuple):
    """What the judge goes by."""

    factor: float  # of Hoeffding's bound


judge = CompiledJudge("alergia", AlergiaParameters)
"""Defined in ``_kernels/c/judges.c``."""


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
    judge: ClassVar[Any] = judge
    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.TEST
    mean: ClassVar[bool] = True
    apart: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_level(self.alpha)
        if self.k < 0:
            raise ValueError(f"k must not be negative, not {self.k}")

    def parameters(self) -> AlergiaParameters:
        """Return the factor of the bound."""
        return AlergiaParameters(hoeffding_factor(self.alpha))

    def deepest(self) -> int:
        """Return how many levels below the first the pairs are tested."""
        return self.k - 1 if self.k else super().deepest()

    def words(self, score: float) -> str:
        """Say how alike the next symbols are."""
        return "frequencies differ" if score == -math.inf else f"mean cosine of the frequencies {score:.3f}"
