"""Members: the searches that a learner makes on its tree, one of them or an ensemble."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA
from ..merging.halt import Halt
from ..merging.heuristic import UNLIMITED, Heuristic
from ..merging.journal import Journal, Kind
from ..merging.search import Refinement, Strategy, refine
from ..stream.batch import TraceBatch
from ..summary.tree import PrefixTree
from .observers import Observer

if TYPE_CHECKING:
    from ..saved import Saved
    from .learner import StreamLearner

WATCHED = 2000
"""Traces after each refinement on which the members of an ensemble are compared."""
MOST_CREDIT = 1e300
FADE = 0.5
"""What is left of older credit at each refinement; the members change, but less and less."""


class Member:
    """One heuristic and the journal of its last refinement.

    Parameters
    ----------
    heuristic : Heuristic
    strategy : Strategy
    """

    def __init__(self, heuristic: Heuristic, strategy: Strategy) -> None:
        self.heuristic, self.strategy = heuristic, strategy
        self.journal = Journal.empty()

    def search(
        self,
        tree: PrefixTree,
        alphabet: int,
        codes: NDArray[np.uint64],
        heuristic: Heuristic | None = None,
        most: int = UNLIMITED,
        halt: Halt | None = None,
    ) -> Refinement:
        """Search for the automaton behind a tree; nothing is remembered.

        With another heuristic than the member's, or a limit of states, no earlier decision plays a part.
        """
        if (heuristic is None or heuristic is self.heuristic) and most == UNLIMITED:
            return refine(tree, alphabet, self.heuristic, self.strategy, self.journal, codes, halt=halt)
        return refine(tree, alphabet, heuristic or self.heuristic, Strategy.FRESH, None, codes, most, halt)

    def decided(self) -> Member:
        """Return a member that takes the last decisions again, asks no data, and finds no new states."""
        return _Decided(self)

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes."""
        return {"journal": self.journal.state()}

    def restore(self, saved: Saved, nodes: int) -> None:
        """Be a member that was saved, of a tree of so many nodes; raises StateError if none can have been so."""
        self.journal = Journal.saved(saved.part("journal"), nodes)

    def renumber(self, renumbering: NDArray[np.int64]) -> None:
        """Follow the nodes after the tree evicted some."""
        self.journal = self.journal.renumbered(renumbering)


class _Decided(Member):
    """A member that has decided."""

    def __init__(self, member: Member) -> None:
        super().__init__(member.heuristic, Strategy.FINAL)
        self.journal = member.journal

    def search(
        self,
        tree: PrefixTree,
        alphabet: int,
        codes: NDArray[np.uint64],
        heuristic: Heuristic | None = None,
        most: int = UNLIMITED,
        halt: Halt | None = None,
    ) -> Refinement:
        """Fold a tree by the last decisions; what they say nothing of goes to the best of the states there were."""
        states = 1 + int(np.count_nonzero(self.journal.standing().columns.kind == Kind.PROMOTE))
        return refine(tree, alphabet, self.heuristic, self.strategy, self.journal, codes, min(most, states), halt)


class Credit(Observer):
    """How well the members of an ensemble foresaw traces that they had not learned from.

    After each refinement the automata of all members score the next traces as they are counted.  For each trace
    one unit of credit is shared out in proportion to the probability that each member gave it: one step of expectation
    maximisation from equal weights, which favours the better members but drops none.  (Iterating that step to its limit
    made the mixture worse on all problems tried: the members of tomorrow are not quite those of today.)

    Parameters
    ----------
    members : int
        How many there are.
    """

    def __init__(self, members: int) -> None:
        self.credit = np.zeros(members)
        self._automata: list[PDFA | None] = []
        self._left = 0

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes."""
        automata = [b"" if one is None else one.to_json().encode() for one in self._automata]
        return {"credit": self.credit, "automata": automata, "left": self._left}

    def restore(self, saved: Saved, learner: StreamLearner) -> None:
        """Be what was saved; raises StateError if nothing can have been so."""
        credit, members = saved.column("credit", np.float64, None), len(self.credit)
        saved.check((credit >= 0) & (credit < MOST_CREDIT), "credit is out of range")
        left, given = saved.whole("left", 0, WATCHED), saved.raw("automata", list)
        saved.check(len(credit) == members and len(given) == (members if left else 0), "a member is missing")
        self._automata = [saved.model(text, PDFA.from_json) if text else None for text in given]
        self.credit, self._left = credit, left

    @property
    def weights(self) -> NDArray[np.float64]:
        """Weights of the members, shape (members,): as if one trace had been shared out equally before."""
        return np.asarray((self.credit + 1.0 / len(self.credit)) / (self.credit.sum() + 1.0))

    def refined(self, learner: StreamLearner, refinement: Refinement) -> None:
        """Let the automata of all members be compared on the traces to come."""
        self.watch(learner.answer().by_member())

    def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
        """Compare the automata, none of which has seen these traces, as long as it takes."""
        self.see(batch)

    def watch(self, automata: Sequence[PDFA | None]) -> None:
        """Let automata be compared on the traces to come; of members without any nothing is said."""
        self.credit *= FADE
        self._automata, self._left = list(automata), WATCHED

    def see(self, batch: TraceBatch) -> None:
        """Compare the automata on traces that they were not learned from."""
        from .._kernels.scoring import share_credit

        if self._left <= 0:
            return
        part = batch.part(0, min(len(batch), self._left))
        self._left -= len(part)
        nothing = np.full(len(part), -math.inf)
        scores = [nothing if automaton is None else automaton.score_batch(part)[0] for automaton in self._automata]
        share_credit(np.array(scores), self.credit)
        if self._left <= 0:
            self._automata = []
