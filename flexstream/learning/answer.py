"""Answer: what a tree amounts to at one moment, in the eyes of one heuristic or of an ensemble."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..automata.footprint import bytes_of
from ..automata.pdfa import PDFA
from ..automata.timing import durations_of
from ..merging.freeze import counted_parts, cut_of
from ..merging.halt import Halt
from ..merging.heuristic import UNLIMITED
from ..merging.interpolation import Tables
from ..merging.journal import Journal
from ..stream.alphabet import Alphabet
from ..summary.cut import Cut
from ..summary.drawn import DrawnTraces
from ..summary.timed import TimedTraces
from ..summary.tree import PrefixTree
from .calibrating import calibrated
from .halves import ENOUGH, optimism_of
from .members import Member
from .provenance import provenance

if TYPE_CHECKING:
    from ..automata.mixture import Ensemble
    from ..automata.optimism import Optimism
    from .frontiers import Point
    from .learner import StreamLearner
    from .sizing import Sizer


MEMBERS = 1.5
"""What the automata of an ensemble may take together, as a share of what the tree may: a quarter of the memory."""


class Answer:
    """A tree, its refinements, and the automata made of them; it holds as long as nothing more is counted.

    Of an ensemble each refinement but the best is frozen and dropped before the next search, so that only two of them
    take memory at a time; the best member searches last, so that the tree grows near its states.  The automata of
    members that find no room beside those before them are left out, the best one's never.

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
    smoothing : float, optional
        See :class:`~flexstream.automata.smoothing.Smoothing`; None: as the counts speak for.
    provenance : mapping
        Goes into every automaton.
    most : int, optional
        Most states of each automaton.
    timed : TimedTraces, optional
        What is known of how long transitions take.
    drawn : DrawnTraces, optional
        Traces by which alarms are calibrated.
    keep : callable, optional
        Gets the first automaton of several, for those who do not wait for all of them.
    halt : Halt, optional
        Asked before every decision and every member, see `flexstream.merging.search.refine`.
    fresh : callable, optional
        Returns a learner that learns halves of these traces, see :mod:`flexstream.learning.halves`; None: none are.

    Attributes
    ----------
    refinement : Refinement
        The best member's.
    heuristic : Heuristic
        What the best member decided by; with a limit of states one that asks more of a state than its own.
    journals : list of Journal
        The decisions of every member about nodes of the tree.
    before : list of Journal
        Those that the searches began with.
    kept : list of int
        The members that there was room for.
    best : int
    """

    def __init__(
        self,
        members: Sequence[Member],
        best: int,
        tree: PrefixTree,
        alphabet: Alphabet,
        codes: NDArray[np.uint64],
        smoothing: float | None,
        provenance: Mapping[str, Any],
        most: int | None = None,
        timed: TimedTraces | None = None,
        drawn: DrawnTraces | None = None,
        halt: Halt | None = None,
        keep: Callable[[PDFA], None] | None = None,
        fresh: Callable[[], StreamLearner] | None = None,
    ) -> None:
        self._halt = Halt() if halt is None else halt
        # How that was made of which this is another, with traces given back: as `Again` has it.
        self.made_anew_of: tuple[bool, int | None, int, list[Journal]] | None = None
        self._timed = timed
        self._drawn = None if drawn is None else (drawn.held(), drawn.one_in, drawn.places())
        self.tree, self.most, self._fresh = tree, most, fresh
        self._alphabet, self._smoothing, self._provenance, self.best = alphabet, smoothing, provenance, best
        self._bare: dict[int, PDFA] = {}
        self._alone: dict[int, PDFA] = {}
        self._told: dict[int, tuple[PDFA, NDArray[np.int32]]] = {}
        self._automata: dict[int, PDFA] = {}
        self._model: Ensemble | None = None
        self._member, self._codes = members[best], codes
        self._tables = Tables(tree, len(alphabet))
        self.before = [member.journal for member in members]
        self.journals = [Journal.empty()] * len(members)
        self.kept: list[int] = []
        self._largest = self._taken = 0
        for number in [*(number for number in range(len(members)) if number != best), best]:
            if number != best and self._is_full():
                self.journals[number] = members[number].journal
                continue
            self.kept = sorted([*self.kept, number])
            if most is None:
                self.heuristic = members[number].heuristic
                self.refinement = members[number].search(tree, len(alphabet), codes, None, UNLIMITED, self._halt)
            else:
                from .sizing import Sizer  # imported where a size is asked for only

                found = Sizer.of(members[number], tree, alphabet, codes, self._halt).of_size(most)
                self.heuristic, self.refinement = found
            self.journals[number] = self.refinement.journal.below(len(tree))
            if number != best:
                self._freeze(number)
                if keep is not None and len(self._bare) == 1:
                    keep(self._of_member(number))

    @classmethod
    def of(
        cls, learner: StreamLearner, members: Sequence[Member], best: int, tree: PrefixTree, most: int | None
    ) -> Answer:
        """Return what some members make of a tree as it is, for a learner."""
        given = tree, learner.alphabet, learner._symbol_codes(), learner.smoothing, provenance(learner, tree), most
        drawn = learner.drawn, learner._halt, learner._keep, learner._fresh
        return cls(members, best, *given, learner.timed, *drawn)

    def _is_full(self) -> bool:
        """Whether another automaton as large as the largest so far would be too much."""
        return self.tree.capacity is not None and self._taken + self._largest > MEMBERS * self.tree.capacity

    def cut(self) -> Cut:
        """Return the transitions of the best member's states, to be kept where the tree is cut."""
        routed = self.refinement.routed(self.tree, len(self._alphabet))
        return cut_of(routed, self.refinement.reds)

    def sizer(self) -> Sizer:
        """Return what finds automata of any size, by the best member, on a copy of the tree."""
        from .sizing import Sizer

        return Sizer.of(self._member, self.tree.copy(), self._alphabet, self._codes, self._halt)

    def smaller(self, worths: Sequence[float]) -> Iterator[PDFA]:
        """Yield the automata, not mixed with n-grams, that the best member makes if a state has to save more.

        Those that would come after one of a single state are that one again, and are left out.

        Parameters
        ----------
        worths : sequence of float
            Nats per event, rising.
        """
        from .sizing import Sizer

        tree = self.tree.copy()
        sizer = Sizer.of(self._member, tree, self._alphabet, self._codes, self._halt)
        for worth in worths:
            found = sizer.of_worth(worth)
            yield found.automaton(tree, self._alphabet, self._smoothing, self._provenance)
            if len(found.reds) == 1:
                return

    def sized(self, points: Sequence[Point]) -> Iterator[PDFA]:
        """Yield the automata of points of the frontier, not mixed with n-grams."""
        from .sizing import Sizer

        tree = self.tree.copy()
        sizer = Sizer.of(self._member, tree, self._alphabet, self._codes, self._halt)
        for point in points:
            found = sizer.of_point(point).automaton(tree, self._alphabet, self._smoothing, self._provenance)
            yield self._with_durations(found)

    def _freeze(self, number: int) -> PDFA:
        """Keep the automaton that the last search has found, its counts of evidence, and the states of the nodes."""
        self._halt.check()
        refined, given = self.refinement, (self.tree, self._alphabet, self._smoothing)
        bare = self._bare[number] = refined.automaton(*given, self._provenance)
        evidence = refined.evidence(*given) if self.tree.repeated.traces else bare
        states = refined.routed(self.tree, len(self._alphabet)).states
        self._told[number] = evidence, states
        took = bytes_of(bare) + states.nbytes + (0 if evidence is bare else bytes_of(evidence))
        self._taken, self._largest = self._taken + took, max(self._largest, took)
        return bare

    def _of_member(self, number: int) -> PDFA:
        """Return the automaton of a member, not mixed with an n-gram."""
        if number not in self._alone:
            self._alone[number] = self._with_durations(self._bare.get(number) or self._freeze(number))
        return self._alone[number]

    def _with_durations(self, automaton: PDFA) -> PDFA:
        """Return an automaton with how long its transitions take, where that is known."""
        if self._timed is None or not len((held := self._timed.held()).lengths):
            return automaton
        found = durations_of(automaton, held.batch(), held.counts, self._timed.one_in)
        return automaton if found is None else replace(automaton, durations=found)

    def _mixed(self, number: int) -> PDFA:
        """Return the automaton of a member, mixed with an n-gram where that foretells the stream better."""
        if number not in self._automata:
            self._halt.check()
            mixed = self._tables.mixed(self._of_member(number), *self._told[number])
            self._automata[number] = self._calibrated(mixed, self._optimism(mixed)) if number == self.best else mixed
            if len(self._automata) == len(self.kept):
                self._tables.forget()
        return self._automata[number]

    def _optimism(self, automaton: PDFA) -> Optimism | None:
        """Return how far the traces drawn are less strange than others, as they found the states; None if hardly."""
        if self._drawn is None or self._fresh is None or self.tree.traces >= ENOUGH * len(automaton.targets):
            return None
        return optimism_of(self._drawn[0], self._alphabet, self._fresh)

    def _calibrated(self, automaton: PDFA, optimism: Optimism | None = None) -> PDFA:
        """Return an automaton with how strange the traces drawn are for it."""
        if self._drawn is None:
            return automaton
        parts = counted_parts(self.refinement.routed(self.tree, len(self._alphabet)))
        drawn, one_in, places = self._drawn
        found = calibrated(automaton, drawn, one_in, parts, places, optimism)
        return automaton if found is None else replace(automaton, calibration=found)

    @property
    def alone(self) -> list[PDFA]:
        """The automata of all members that there was room for, in their order, not mixed with n-grams."""
        return [self._of_member(number) for number in self.kept]

    def by_member(self) -> list[PDFA | None]:
        """Return the automata of all members, not mixed with n-grams; None for those left out."""
        return [self._of_member(number) if number in self.kept else None for number in range(len(self.journals))]

    @property
    def bare(self) -> PDFA:
        """The best member's automaton as it was found: not mixed with an n-gram, and without durations."""
        return self._bare.get(self.best) or self._freeze(self.best)

    @property
    def automaton_alone(self) -> PDFA:
        """The best member's automaton, not mixed with an n-gram."""
        return self._of_member(self.best)

    @property
    def calibrated_alone(self) -> PDFA:
        """That automaton, calibrated as though its states were known, and not found by the same traces."""
        return self._calibrated(self.automaton_alone)

    @property
    def automaton(self) -> PDFA:
        """The best member's automaton."""
        return self._mixed(self.best)

    @property
    def automata(self) -> list[PDFA]:
        """The automata of all members that there was room for, in their order."""
        return [self._mixed(number) for number in self.kept]

    def model(self, weights: NDArray[np.float64]) -> PDFA | Ensemble:
        """Return what to score with: the automaton, or the mixture of several with these weights."""
        if len(self.journals) == 1:
            return self.automaton
        if self._model is None:
            from ..automata.mixture import Ensemble  # imported where there is one only
            from .softened_members import with_softened

            left_out = len(self.journals) - len(self.kept)
            told = {**self._provenance, **({"members_left_out": left_out} if left_out else {})}
            mixed = Ensemble(self.automata, weights[self.kept], told)
            drawn = None if self._drawn is None else self._drawn[0]
            self._model = with_softened(mixed, self.tree, drawn, self._halt, self.most)
        return self._model
