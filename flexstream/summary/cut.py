"""Cut: the transitions that states had where a tree was cut down for speed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..tuples import NamedTuple


class Cut(NamedTuple):
    """Transitions between states, each told by a node that stands for it.

    What lies far from the states says it once more, but for what is rare: that may have come there only.

    Examples
    --------
    >>> Cut(np.array([0, 3]), np.array([1, 1]), np.array([3, 4])).renumbered(np.array([0, -1, -1, 1, -1])).targets
    array([1])
    """

    nodes: NDArray[np.int64]
    symbols: NDArray[np.int64]
    targets: NDArray[np.int64]

    def renumbered(self, renumbering: NDArray[np.int64]) -> Cut:
        """Follow the nodes after some were evicted (-1); a transition from or to one of these is forgotten."""
        return Cut(renumbering[self.nodes], self.symbols, renumbering[self.targets]).known()

    def known(self) -> Cut:
        """Return those of which both nodes are known."""
        kept = (self.nodes >= 0) & (self.targets >= 0)
        return Cut(*(column[kept] for column in self))


WHOLE = Cut(*(np.empty(0, np.int64) for _ in range(3)))
"""Of a tree that was never cut."""
