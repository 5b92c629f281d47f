"""``spacesaving``: heavy prefixes of the futures, and tests that answer yes, no or not yet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from ..._kernels.columns import record
from ..._kernels.judges import CompiledJudge
from ...summary.sketch import PrefixSketchShape
from ..evidence_kind import EvidenceKind
from ..heuristic import Heuristic


@record
class SpaceSavingParameters(NamedTuple):
    """What the judge goes by."""

    mu: float
    level: float  # of the tests of one node
    edition: int  # 2012 or 2014


judge = CompiledJudge("spacesaving", SpaceSavingParameters)
"""Defined in ``_kernels/c/judges.c``."""


@dataclass(frozen=True)
class SpaceSaving(Heuristic):
    """Merge two nodes once it is sure that their futures are alike, promote once it is sure that none is.

    Each node counts the prefixes of its futures with Space-Saving, each with its end among them; d is the largest
    difference of a prefix's share of the futures between two nodes, ν the share by which a count may be off: that of
    the lightest counter once all are in use.  With m and m' futures, M = m m' / (√m + √m')² and
    Δ = sqrt((8/M) ln(16 (m + m') / δi)), two nodes are

    - different if d - ν - Δ > 0 (Vapnik & Chervonenkis);
    - equal if d + ν + Δ < μ, or with ``copies`` = r resamples of either, whose r² distances are d1 <= d2 <= …, if for
      some k: dk + 8ν + max(sqrt(ln(Kk/δi) / (2 c1 M)), ((16ν)² ln(Kk/δi) / (2 c2 M))^¼) < μ, with
      Kk = 4r² + 400 (m + m')² r⁵ / k², c1 = 2 / (1 + √384), c2 = (1 - c1)² / (c1 + √c1)²;
    - otherwise undecided: the node waits.  In the automaton it is folded into the nearest state, and asked again.

    A future enters each resample as often as it would be drawn with replacement, a Poisson number of times.

    With ``edition=2014`` they are undecided while Δ > μ/8, then equal if d <= μ/2.  The level is
    δi = 6δ' / (π² i²) for the i-th test of a node, at 128·2^i strings, with ``δ' = δ / (2 |Σ| n (n + 2))``.

    A counter that was taken over is not given back, so a merge cannot be taken back: the strategy is ``final``.  The
    sketches of merged nodes, and of two trees, are combined (Agarwal et al.); the error of a share is then at most the
    sum of the errors.  Nodes grow one level below the states (``reach``), like the candidates of the paper; what goes
    further down waits as tails.

    Parameters
    ----------
    mu : float
        How much two states differ at least, 0 < mu <= 1.
    delta : float
        Probability that any decision is wrong, 0 < delta < 1.
    states, symbols : int
        n and ``|Σ|``, among which δ is shared out.
    counters : int
        Prefixes a node counts.
    copies : int
        Resamples r; 0: the test of Vapnik & Chervonenkis.
    edition : int
        Year of the paper whose test is used, 2012 or 2014.

    References
    ----------
    Balle, Castro & Gavaldà, "Bootstrapping and learning PDFA in data streams", ICGI 2012, PMLR 21, and "Adaptively
    learning probabilistic deterministic automata from data streams", Machine Learning 96, 2014; Metwally, Agrawal & El
    Abbadi, "Efficient computation of frequent and top-k elements in data streams", ICDT 2005; Agarwal, Cormode, Huang,
    Phillips, Wei & Yi, "Mergeable summaries", PODS 2012.
    """

    lead: float = 0.0
    mu: float = 0.1
    delta: float = 0.05
    states: int = 10
    symbols: int = 10
    counters: int = 256
    copies: int = 0
    edition: int = 2012

    name: ClassVar[str] = "spacesaving"
    judge: ClassVar[Any] = judge
    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.UNJUDGED  # of nodes that wait no error is known
    strategy: ClassVar[str] = "final"
    undoable: ClassVar[bool] = False
    patient: ClassVar[bool] = True
    reach: ClassVar[int | None] = 1

    def __post_init__(self) -> None:
        if not 0 < self.mu <= 1:
            raise ValueError(f"mu must lie between 0 and 1, not {self.mu}")
        if not 0 < self.delta < 1:
            raise ValueError(f"delta must lie between 0 and 1, not {self.delta}")
        for name, value in (("states", self.states), ("symbols", self.symbols)):
            if value < 1:
                raise ValueError(f"{name} must be at least 1, not {value}")
        if not self.parameters()[1] > 0:
            raise ValueError(
                f"delta of {self.delta:g} is too small to be shared out (expected: fewer states and symbols)"
            )
        if self.edition not in (2012, 2014) or (self.edition == 2014 and self.copies):
            raise ValueError(f"edition must be 2012, or 2014 without copies, not {self.edition}")
        self.sketch_shape()

    def parameters(self) -> SpaceSavingParameters:
        """Return mu, the level of one node's tests, and the edition."""
        level = self.delta / (2.0 * self.symbols * self.states * (self.states + 2))
        return SpaceSavingParameters(self.mu, level, self.edition)

    def sketch_shape(self) -> PrefixSketchShape:
        """Return the shape of the sketches."""
        return PrefixSketchShape(self.counters, self.copies)

    def deepest(self) -> int:
        """Return 0: the futures of the two nodes say all."""
        return 0

    def words(self, score: float) -> str:
        """Say how far the futures are apart."""
        if score == -math.inf:
            return "futures differ"
        return f"futures equal, {1 - score:.3f} μ apart" if score > 0 else f"not sure yet, {-score:.3f} apart"
