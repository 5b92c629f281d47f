"""Observers: what a learner tells of its work while it works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .schedule import NEVER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..merging.search import Refinement
    from ..saved import Saved
    from ..stream.batch import TraceBatch
    from .learner import StreamLearner


class Observer:
    """Base of all observers; each method does nothing until it is overridden.

    An observer may ask the learner anything; that changes no model.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> class Refinements(Observer):
    ...     def refined(self, learner, refinement):
    ...         print(f"{learner.traces} traces: {len(refinement.reds)} states")
    >>> learner = StreamLearner(every=300)
    >>> learner.observe(Refinements())
    >>> learner.learn_many([["a", "b"], ["c", "b"]] * 300)
    300 traces: 3 states
    600 traces: 3 states
    """

    name: str | None = None
    """Of those that have a state: under it that is kept with the learner's."""

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes, as `flexstream.container` writes it."""
        return {}

    def restore(self, saved: Saved, learner: StreamLearner) -> None:
        """Be what was saved, beside a learner that is as it was; raises StateError if nothing can have been so."""

    def until(self, traces: int) -> int:
        """Return after how many more traces ``counted`` has to be called at the latest, >= 1."""
        return NEVER

    def ahead(self, learner: StreamLearner, batch: TraceBatch) -> int:
        """Traces are about to be counted; return after how many of them ``counted`` has to be called, >= 1.

        It may be called once more with the first of them, where another observer wants fewer.
        """
        return len(batch)

    def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
        """Traces were counted; a refinement that is due after them comes next."""

    def refined(self, learner: StreamLearner, refinement: Refinement) -> None:
        """The learner has refined, by its schedule or because it was told to."""

    def evicted(self, learner: StreamLearner, renumbering: NDArray[np.int64]) -> None:
        """Nodes were given up; ``renumbering`` has the new number of each old one, shape (nodes,), -1 if it is gone."""
