"""What a learner can be asked at any moment; the answer leaves it as it is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..automata.pdfa import PDFA
from .answer import Answer
from .estimator import Estimator

if TYPE_CHECKING:
    from ..automata.mixture import Ensemble
    from .frontiers import Frontier


class Asked(Estimator):
    """One who can say what all that was seen amounts to."""

    @abstractmethod
    def answer(self) -> Answer:
        """Return what all that was seen so far amounts to."""

    def explain(self) -> Iterator[str]:
        """Yield the decisions of the last refinement in words, one line each, in the order in which they were taken.

        Examples
        --------
        >>> from flexstream import StreamLearner
        >>> learner = StreamLearner()
        >>> learner.learn_many([["a", "b"], ["c", "b"]] * 50)
        >>> print(*learner.explain(), sep="\\n")
        state 0: the start
        state 1: after c (50 visits); with state 0: two states 10^35.5 times likelier
        merged into state 1: after a (50 visits): one state 10^6.7 times likelier
        state 2: after c b (100 visits); with state 0: two states 10^53.5 times likelier
        """
        from .explain import explained

        found = self.answer()
        return explained(found.refinement, found.tree, self.alphabet, found.heuristic)

    @property
    def automaton(self) -> PDFA:
        """The automaton of all that was seen so far.

        Of an ensemble it is the member that foresaw the stream best.
        """
        return self.answer().automaton

    def automata(self) -> list[PDFA]:
        """Return the automata of all members that the memory has room for, one or an ensemble's."""
        return self.answer().automata

    @property
    def model(self) -> PDFA | Ensemble:
        """What to score with: the automaton, or the ensemble of all members' automata if there are several."""
        return self.answer().model(self._credit.weights)

    def frontier(self, automata: bool = False) -> Frontier:
        """Return states against bits for automata of all sizes, and some of these if they are asked for.

        See `flexstream.learning.sizing.frontier`.
        """
        from .sizing import frontier

        return frontier(self.answer(), self.traces, automata)
