"""``evidence``: the Bayes factor of one distribution against two."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..._kernels.columns import record
from ..._kernels.judges import CompiledJudge
from ..._kernels.search import Rules
from ...classes import dataclass
from ...summary.sketch import NO_SKETCH, SketchShape
from ...tuples import NamedTuple
from ..evidence_kind import EvidenceKind
from ..heuristic import UNLIMITED, Heuristic, spread

if TYPE_CHECKING:
    from ..._kernels.recall import RecallColumns
    from ...summary.tree import PrefixTree


@record
class EvidenceParameters(NamedTuple):
    """What the judge goes by."""

    strength: float


judge = CompiledJudge("evidence", EvidenceParameters)
"""Defined in ``_kernels/c/judges.c``."""


@dataclass(frozen=True)
class Evidence(Heuristic):
    """Merge where one distribution explains two nodes better than two do.

    For next-symbol counts n1 and n2 over the outcomes (the end is one) the evidence of a pair is the log Bayes
    factor ::

        ln m(n1 + n2) - ln m(n1) - ln m(n2),   m(n) = Γ(s)/Γ(s + Σ n_i) · Π Γ(s·b_i + n_i)/Γ(s·b_i)

    of the Dirichlet-multinomial (Polya) distribution, with the prior centred on the stream's own shares b_i of
    the outcomes and worth s observations.  That prior is what makes small counts speak truthfully: that two
    nodes share an outcome which is frequent everywhere says little, that they share a rare one says much; and it
    does not depend on the size of the alphabet.  The evidence of a merge is the sum over all pairs it brings
    together, heaviest level first, and must not on its way fall ``slack`` below the margin: otherwise many small
    agreements far down would outweigh one large contradiction at the top.

    That two nodes have the same outcomes at all speaks for one state, and so does all that follows them.  But a state
    of its own may have the same outcomes, followed by the same, and differ only in how its visits divide among them: as
    what comes after an order from home and after one from abroad, if both are paid by card or by transfer.  So one way
    to divide the visits of the first pair among its outcomes is weighed against two, all ways being as likely
    beforehand, and a merge is rejected where that says ``division`` or more against it, whatever the rest says for it.

    The strategy is ``fresh``: with the shortlist a new search costs no more than to ask old decisions again, and on
    all problems tried the automaton it finds is at least as likely as the one that grew by replay, usually by tens of
    nats.

    The work of a search is linear in the nodes of the tree: once its trials have merged 250 pairs for each of them in
    vain (on no problem tried it was more than 22), as where one symbol runs on for thousands of events, trials go 16
    levels deep and no further, 48 of them for a node, and no node becomes a state only because its next symbols cannot
    say as much as the margin asks for.

    Parameters
    ----------
    division : float
        A merge is rejected where the log Bayes factor of one against two ways to divide the visits of the two nodes
        lies this far below 0, or below the margin where that is less; >= 0.
    strength : float
        s, the observations the prior is worth, > 0.
    futures, depth, width : int
        Longest future, and rows and counters of the sketch of each length; without futures (the default) there are no
        sketches.  Where memory for nodes is short, sketches stand in for the nodes below the leaves: their counts are
        estimated and compared like all others.

    References
    ----------
    Heckerman, Geiger & Chickering, "Learning Bayesian networks", Machine Learning 20, 1995, eq. 28 (the factor);
    Minka, "Estimating a Dirichlet distribution", 2000 (the Polya distribution).
    """

    slack: float = 2.0
    division: float = 4.0
    strength: float = 5.0
    futures: int = 0
    depth: int = 2
    width: int = 128

    name: ClassVar[str] = "evidence"
    judge: ClassVar[Any] = judge
    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.BAYES_FACTOR
    narrow: ClassVar[bool] = True
    strategy: ClassVar[str] = "fresh"
    near: ClassVar[int] = 5  # with 6 a search takes a third longer, and the automata are no better

    def __post_init__(self) -> None:
        if not 0 < self.strength < math.inf:
            raise ValueError(f"strength must be a number above 0, not {self.strength}")
        if not self.division >= 0:
            raise ValueError(f"division must be a number of at least 0, not {self.division}")
        SketchShape(self.futures, self.depth, self.width)  # refuses what makes no sense, even where none is used

    def parameters(self) -> EvidenceParameters:
        """Return the strength."""
        return EvidenceParameters(self.strength)

    def rules(self, trusting: bool, most: int = UNLIMITED) -> Rules:
        """Return what the search is told; it finds at most so many states."""
        return super().rules(trusting, most)._replace(division=self.division)

    def sketch_shape(self) -> SketchShape:
        """Return the shape of the sketches, none by default."""
        return SketchShape(self.futures, self.depth, self.width) if self.futures else NO_SKETCH

    def recalled(self, tree: PrefixTree, codes: NDArray[np.uint64] | None) -> RecallColumns | None:
        """Return what the sketches remember below the leaves."""
        if self.futures < 2 or codes is None:
            return None
        from ..fold import recall

        return recall(tree, codes)

    def variant(self, number: int) -> Evidence:
        """Return member ``number`` of an ensemble.

        The prior is worth half to four times as much, and a merge needs up to 12 nats more: these two move the line
        between one state and two, and members that draw it differently make the mixture better than any of them.  What
        cannot gather so much evidence must not become a state for that reason, so nodes count as light up to 8 times as
        long.
        """
        if number == 0:
            return self
        strength, margin = spread(number)
        return dataclasses.replace(
            self,
            strength=self.strength * 2.0 ** (3.0 * strength - 1.0),
            margin=self.margin + 12.0 * margin,
            light=round(self.light * 2.0 ** (3.0 * margin)),
        )

    def words(self, score: float) -> str:
        """Say how many times likelier one distribution is than two."""
        if score == -math.inf:
            return "no state to compare with"
        side = "one state" if score > 0 else "two states"
        return f"{side} 10^{abs(score) / math.log(10):.1f} times likelier"
