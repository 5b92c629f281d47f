"""``css``: count-min sketches of the futures, Hoeffding's bound to reject, the cosine to choose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._kernels.columns import record
from ..._kernels.futures import future_cells
from ..._kernels.judges import CompiledJudge
from ...summary.sketch import SketchShape
from ..evidence_kind import EvidenceKind
from ..heuristic import LEVEL, UNLIMITED, Heuristic, check_level, hoeffding_factor

if TYPE_CHECKING:
    from ..._kernels.search import Rules
    from ...summary.tree import PrefixTree


@record
class CssParameters(NamedTuple):
    """What the judge goes by."""

    factor: float  # of Hoeffding's bound
    by_cell: int  # 1: cells are tested; 0: futures by name
    named: int  # 1: the cosine is that of the futures by name; 0: that of the rows
    going_on: int  # 1: by name, longer futures are shares of the visits that did not end; 0: of all


judge = CompiledJudge("css", CssParameters)
"""Defined in ``_kernels/c/judges.c``."""


@dataclass(frozen=True)
class CSS(Heuristic):
    """Merge where the sketched futures of two nodes are compatible, best cosine first.

    For every future of length 1..F that was seen anywhere in the stream, f1 and f2 are its count-min estimates at the
    two nodes as shares of their n1 and n2 visits.  Reject when for any of them ::

        |f1 - f2| > sqrt(½ ln(2/α)) · (1/√n1 + 1/√n2)

    which is Hoeffding's bound.  The score of a merge is the mean, over its pairs, of the mean cosine of the rows.

    With ``cells=1`` the bound is put to each cell instead, row by row: a cell holds one future or the sum of a few.
    That needs no list of futures.  It rejects whenever the test by future does, since a minimum over rows cannot move
    further than the rows, and sometimes when that does not.

    With ``minhash`` futures are reduced before they are counted, so that a large alphabet does not fill the cells with
    ``|Σ|^F`` of them: a future counts by the MinHash signature of the set of its shingles, runs of ``shingle`` symbols.
    Two futures share a signature of k functions with probability J^k, J the Jaccard similarity of their sets, so
    similar futures are counted as one, and the test is about those classes.  Published is that the futures' n-grams
    are reduced by MinHash before they are sketched and that this can cost time; the set, the number of functions (the
    value of ``minhash``) and counting by the whole signature are this project's reading.  The functions are those of
    datasketch.  Futures no longer than a shingle are not changed by it, so it needs ``futures`` > ``shingle``.

    Parameters
    ----------
    alpha : float
        Level of the test, 0 < alpha < 1.
    futures, depth, width : int
        Longest future, and rows and counters of the sketch of each length.
    cells : int
        1: test cells; 0: test futures by name.
    minhash : int
        Functions of the MinHash signature; 0: count futures as they are.
    shingle : int
        Symbols in a shingle.

    References
    ----------
    Baumgartner & Verwer, "PAC learning PDFA from data streams", arXiv 2604.02244, 2026, and "Learning state machines
    from data streams: a generic strategy and an improved heuristic", ICGI 2023, PMLR 217 (strategy, test and score);
    Carrasco & Oncina, "Learning stochastic regular grammars by means of a state merging method", ICGI 1994 (the
    bound); Broder, "On the resemblance and containment of documents", SEQUENCES 1997 (shingles and MinHash).
    """

    margin: float = -1.0
    lead: float = 0.0
    alpha: float = LEVEL
    futures: int = 2
    depth: int = 2
    width: int = 64
    cells: int = 0
    minhash: int = 0
    shingle: int = 2

    name: ClassVar[str] = "css"
    judge: ClassVar[Any] = judge
    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.TEST
    mean: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_level(self.alpha)
        if self.futures < 1:
            raise ValueError(f"futures must be at least 1, not {self.futures}")
        if self.cells not in (0, 1):
            raise ValueError(f"cells must be 0 or 1, not {self.cells}")
        if self.minhash and self.futures <= self.shingle:
            raise ValueError(f"minhash needs futures longer than a shingle of {self.shingle}, not {self.futures}")
        self.sketch_shape()

    def parameters(self) -> CssParameters:
        """Return the factor of the bound, and whether cells are tested."""
        return CssParameters(hoeffding_factor(self.alpha), self.cells, 0, 0)

    def sketch_shape(self) -> SketchShape:
        """Return the shape of the sketches."""
        return SketchShape(self.futures, self.depth, self.width, self.minhash, self.shingle)

    def by_name(self) -> bool:
        """Tell whether futures are tested by name."""
        return not self.cells

    def words(self, score: float) -> str:
        """Say how alike the futures are."""
        return "futures differ" if score == -math.inf else f"mean cosine of the futures {score:.3f}"


@dataclass(frozen=True)
class CSSPublished(CSS):
    """``css`` as published, step by step, where :class:`CSS` found better ways.

    The score of a pair is the mean over the lengths of the cosine of the futures by their names, which are all tested.
    A replay takes every decision again that the data still allow, whether it scores better or worse than before and
    whatever else has come near, and after each new decision looks again for old ones that now can be taken.  MinHash
    works on the set of a future's symbols.

    A published sketch of length two and more counts the traces that went on, and its n is how many these are; here
    every sketch counts all visits.  With ``going_on`` the shares and the bound of longer futures are of the visits that
    did not end at the node, which for futures of up to two symbols is the same n.

    Parameters
    ----------
    alpha, futures, depth, width, minhash, shingle
        As of :class:`CSS`; ``cells`` has to stay 0.
    going_on : int
        1: n is that of the sketch of a length, without ``minhash``; 0: all visits of the node.
    stop : int
        States with which the search stops: every other node is folded into the best of them; 0: no limit.

    References
    ----------
    Baumgartner & Verwer, "PAC learning PDFA from data streams", arXiv 2604.02244, 2026.
    """

    shingle: int = 1
    going_on: int = 0
    stop: int = 0

    name: ClassVar[str] = "css-published"
    consistent: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cells:
            raise ValueError("cells cannot be tested as published (expected: 0)")
        if self.going_on not in (0, 1):
            raise ValueError(f"going_on must be 0 or 1, not {self.going_on}")
        if self.going_on and self.minhash:
            raise ValueError("going_on needs futures counted as they are (expected: minhash 0)")
        if self.stop < 0:
            raise ValueError(f"stop must be a number of states, or 0 for no limit, not {self.stop}")

    def parameters(self) -> CssParameters:
        """Return the factor of the bound, and of what shares are; futures are compared by name."""
        return CssParameters(hoeffding_factor(self.alpha), 0, 1, self.going_on)

    def futures_of(self, tree: PrefixTree, codes: NDArray[np.uint64] | None) -> NDArray[np.int32]:
        """Return the futures that may be asked for; of shares of what goes on, no longer one is the end alone."""
        listed = super().futures_of(tree, codes)
        if not self.going_on:
            return listed
        end = future_cells(np.empty(0, np.uint64), True, self.depth, self.width)
        return listed[(listed[:, 0] == 0) | (listed[:, 1:] != end).any(axis=1)]

    def rules(self, trusting: bool, most: int = UNLIMITED) -> Rules:
        """Return what the search is told; it finds no more states than it is to stop with."""
        return super().rules(trusting, min(most, self.stop or UNLIMITED))
