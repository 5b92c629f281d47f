"""What a heuristic is."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .._kernels.search import Rules
from ..classes import dataclass
from ..errors import UsageError
from ..summary.sketch import NO_SKETCH, AnyShape
from .evidence_kind import EvidenceKind

if TYPE_CHECKING:
    from .._kernels.recall import RecallColumns
    from ..summary.tree import PrefixTree

Parameters = NDArray[np.float64] | tuple[float, ...]

UNLIMITED = np.iinfo(np.int64).max
LEVEL = 0.05
"""Level of a test where the user does not say."""
_PLASTIC = 1.32471795724474602596


def hoeffding_factor(alpha: float) -> float:
    """Return sqrt(½ ln(2/α)): a share of n independent draws is off by this over √n or more with probability <= α.

    Hoeffding, "Probability inequalities for sums of bounded random variables", JASA 58, 1963, theorem 2.

    >>> round(hoeffding_factor(2 / math.e**2), 12)
    1.0
    """
    return math.sqrt(0.5 * math.log(2.0 / alpha))


def spread(number: int) -> tuple[float, float]:
    """Return a point of the unit square; the first n points are spread evenly, for every n.

    The sequence is that of Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018: multiples of the
    powers of the plastic number, modulo 1.

    >>> [tuple(round(x, 2) for x in spread(number)) for number in range(3)]
    [(0.0, 0.0), (0.75, 0.57), (0.51, 0.14)]
    """
    return number / _PLASTIC % 1.0, number / _PLASTIC**2 % 1.0


def check_level(alpha: float) -> None:
    """Raise ValueError if the level of a test is none."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha}")


@dataclass(frozen=True)
class Heuristic(ABC):
    """Base of all heuristics: an immutable set of options and a judge.

    The class attribute ``judge`` is what is asked about a pair of nodes: a Python function, or for speed the address of
    a compiled one, see `flexstream._kernels.judges`.  It is called as ``judge(counts, shares, target_sketch,
    source_sketch, futures, parameters)``:

    - ``counts``: int64, shape (outcomes, 2), in target and source.  Row 0 is the end of the trace, row 1 all symbols
      that the source has not seen, then one row for each symbol the source has seen; with ``apart`` row 1 is zero and
      the target's other symbols follow one by one.
    - ``shares``: float64, shape (outcomes,), how often the outcome comes in the whole stream.
    - sketches: int32, shape (futures, depth, width), or what :meth:`sketch_shape` asks for.
    - ``futures``: int32, shape (any, 1 + depth), length - 1 and cell in each row of every future that may be asked
      for; empty unless :meth:`by_name`.
    - ``parameters``: what :meth:`parameters` returned.

    It returns a score; ``-inf`` rejects the merge.  The arrays hold what they do until it returns only.

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
    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.UNJUDGED
    """What a report may make of the scores; that of a heuristic of one's own cannot be known."""
    mean: ClassVar[bool] = False
    """Whether the score of a merge is the mean over its pairs instead of their sum."""
    strategy: ClassVar[str] = "replay"
    """What a refinement does with the decisions of the last one, where the user does not say."""
    undoable: ClassVar[bool] = True
    """Whether a merge can be taken back: False allows the strategy ``final`` only."""
    apart: ClassVar[bool] = False
    """Whether the judge wants to see each symbol that only the target has seen."""
    patient: ClassVar[bool] = False
    """Whether a score that is neither -inf nor above the margin means: not yet, ask again when there are more data."""
    narrow: ClassVar[bool] = False
    """Whether the judge rejects nodes whose next symbols differ clearly: then, with many states, only those whose next
    symbols come near are tried."""
    consistent: ClassVar[bool] = False
    """Whether a replay takes all decisions again that the data allow, and looks for more of them after each new one."""
    near: ClassVar[int] = 6
    """Levels below a state down to which a refinement wants every event in the tree, however rare: a transition that
    was taken only a few times is placed by all that followed it."""
    reach: ClassVar[int | None] = None
    """Levels below a state at which the tree stops growing, where the user does not say."""

    @abstractmethod
    def parameters(self) -> Parameters:
        """Return the numbers the judge is given: a NamedTuple of int and float, in C a struct; or an array."""

    @abstractmethod
    def words(self, score: float) -> str:
        """Say what a score means."""

    def variant(self, number: int) -> Heuristic:
        """Return member ``number`` of an ensemble: this heuristic itself for 0, then others of its kind.

        The numbers are spread evenly however many are used; the sketches must keep their shape.

        Raises
        ------
        UsageError
            If the heuristic has no variants.
        """
        if number == 0:
            return self
        raise UsageError(f"heuristic {self.name} has no variants for an ensemble (expected: evidence)")

    def sketch_shape(self) -> AnyShape:
        """Return the sketches the judge needs."""
        return NO_SKETCH

    def deepest(self) -> int:
        """Return how many levels of pairs below the first the judge is asked about."""
        return np.iinfo(np.int64).max

    def by_name(self) -> bool:
        """Tell whether the judge asks the sketches for futures by name."""
        return False

    def recalled(self, tree: PrefixTree, codes: NDArray[np.uint64] | None) -> RecallColumns | None:
        """Return what the sketches of a tree remember below its leaves, where the judge does not ask them itself."""
        return None

    def futures_of(self, tree: PrefixTree, codes: NDArray[np.uint64] | None) -> NDArray[np.int32]:
        """Return the futures that the judge may ask the sketches of a tree for, see :class:`Heuristic`."""
        if not self.by_name():
            return np.empty((0, 1), np.int32)
        if codes is None:
            raise UsageError(f"{self.name} asks for futures by name (expected: the codes of the symbols)")
        from ..summary.futures import seen_futures

        return seen_futures(tree, codes)

    def rules(self, trusting: bool, most: int = UNLIMITED) -> Rules:
        """Return what the search is told; it finds at most so many states."""
        flags = int(self.mean), int(trusting), self.deepest(), int(self.apart), int(self.patient), int(self.narrow)
        return Rules(self.margin, self.slack, self.lead, math.inf, self.light, *flags, int(self.consistent), most)
