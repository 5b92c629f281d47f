"""Answer: what a tree amounts to at one moment, in the eyes of one heuristic or of an ensemble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA
from ..merging.journal import Journal
from ..stream.alphabet import Alphabet
from ..summary.tree import PrefixTree
from .members import Member
from .sizing import Sizer

if TYPE_CHECKING:
    from ..automata.mixture import Ensemble


class Answer:
    """A tree, its refinements, and the automata made of them; it holds as long as nothing more is counted.

    Of an ensemble each refinement but the best is frozen and dropped before the next search, so that only two of them
    take memory at a time; the best member searches last, so that the tree grows near its states.

    Parameters
    ----------
    members : sequence of Member
    best : int
        Which of them is best.
    tree : PrefixTree
        Its nodes' distance from the red ones is set by the searches, nothing else.
    alphabet : Alphabet
    codes : uint64 array, shape (alphabet,)
        Hash of each symbol, as far as the sketches need it.
    smoothing : float
        See :class:`~flexstream.automata.smoothing.Smoothing`.
    provenance : mapping
        Goes into every automaton.
    most : int, optional
        Most states of each automaton.

    Attributes
    ----------
    refinement : Refinement
        The best member's.
    heuristic : Heuristic
        What the best member decided by; with a limit of states one that asks more of a state than its own.
    journals : list of Journal
        The decisions of every member about nodes of the tree.
    """

    def __init__(
        self,
        members: Sequence[Member],
        best: int,
        tree: PrefixTree,
        alphabet: Alphabet,
        codes: NDArray[np.uint64],
        smoothing: float,
        provenance: Mapping[str, Any],
        most: int | None = None,
    ) -> None:
        self.tree, self.most = tree, most
        self._alphabet, self._smoothing, self._provenance, self._best = alphabet, smoothing, provenance, best
        self._automata: dict[int, PDFA] = {}
        self._model: Ensemble | None = None
        self._member, self._codes = members[best], codes
        self.journals = [Journal.empty()] * len(members)
        for number in [*(number for number in range(len(members)) if number != best), best]:
            if most is None:
                self.heuristic = members[number].heuristic
                self.refinement = members[number].search(tree, len(alphabet), codes)
            else:
                found = Sizer.of(members[number], tree, alphabet, codes).of_size(most)
                self.heuristic, self.refinement = found
            self.journals[number] = self.refinement.journal.below(len(tree))
            if number != best:
                self._automata[number] = self._frozen()

    def sizer(self) -> Sizer:
        """Return what finds automata of any size, by the best member, on a copy of the tree."""
        return Sizer.of(self._member, self.tree.copy(), self._alphabet, self._codes)

    def _frozen(self) -> PDFA:
        return self.refinement.automaton(self.tree, self._alphabet, self._smoothing, self._provenance)

    @property
    def automaton(self) -> PDFA:
        """The best member's automaton."""
        if self._best not in self._automata:
            self._automata[self._best] = self._frozen()
        return self._automata[self._best]

    @property
    def automata(self) -> list[PDFA]:
        """The automata of all members, in their order."""
        best = self.automaton
        return [self._automata.get(number, best) for number in range(len(self.journals))]

    def model(self, weights: NDArray[np.float64]) -> PDFA | Ensemble:
        """Return what to score with: the automaton, or the mixture of several with these weights."""
        if len(self.journals) == 1:
            return self.automaton
        if self._model is None:
            from ..automata.mixture import Ensemble  # imported where there is one only

            self._model = Ensemble(self.automata, weights, self._provenance)
        return self._model
