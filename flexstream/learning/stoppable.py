"""Stopping: refinements that take longer than somebody wants to wait are given up."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from ..automata.pdfa import PDFA
from ..merging.halt import AbandonedError, Halt
from .answer import Answer
from .asking import Asked

SLOW = 0.05
"""Seconds of a refinement above which its automaton is kept: the next may take longer than somebody wants to wait."""


class Stoppable(Asked):
    """One whose refinements can be given up.

    Attributes
    ----------
    last_automaton : PDFA or None
        Of the last refinement, where that took long; of an ensemble the best member's, or the first that was found.
    gave_up : bool
        Whether a scheduled refinement was given up, or left out: then this is not what its traces alone make of it.
    lasted : float
        Seconds that the last scheduled refinement took.
    """

    def __init__(self) -> None:
        self._halt, self.gave_up = Halt(), False
        self.last_automaton: PDFA | None = None
        self._began = self.lasted = 0.0
        self.refinements = 0

    def abandon(self) -> None:
        """Give up the refinement that goes on before its next decision, and leave out the scheduled ones to come.

        It may be called by a signal handler or another thread.  Counting goes on; who asks for an automaton gets an
        AbandonedError until `go_on` is called.

        Examples
        --------
        >>> from flexstream import StreamLearner
        >>> learner = StreamLearner()
        >>> learner.abandon()
        >>> learner.learn_many([["load", "run"]] * 2000)  # counted, not refined
        >>> learner.traces, learner.refinements
        (2000, 0)
        >>> learner.go_on()
        >>> learner.automaton
        PDFA(3 states, 2 transitions, 2 symbols)
        """
        self._halt.request()

    def go_on(self) -> None:
        """Let refinements be made again."""
        self._halt.go_on()

    def best_alone(self) -> PDFA:
        """Return the automaton of the best member, for which the others are not asked.

        Where there are many, that takes a small part of the time; the learner is left as it is.
        """
        return self._alone().automaton

    def as_decided(self) -> PDFA:
        """Return the best member's automaton of all that was seen, by the decisions of the last refinement.

        No state is looked for, so that it takes a part of a refinement's time: what was counted since is in the states
        that there were.  The learner is left as it is; before the first refinement the automaton has one state.

        Examples
        --------
        >>> from flexstream import StreamLearner
        >>> learner = StreamLearner(every=100)
        >>> learner.learn_many([["load", "run"]] * 150)
        >>> learner.as_decided(), int(learner.as_decided().stops.sum())
        (PDFA(3 states, 2 transitions, 2 symbols), 150)
        """
        return self._alone(decided=True).automaton

    @abstractmethod
    def _alone(self, decided: bool = False) -> Answer:
        """Return what all that was seen amounts to for the best member, by its last decisions alone if asked for."""

    @contextmanager
    def _looking(self) -> Iterator[None]:
        """Count a refinement, unless it is given up: then nobody has looked."""
        self.refinements += 1
        try:
            yield
        except AbandonedError:
            self.refinements -= 1
            raise

    @contextmanager
    def _if_not_abandoned(self) -> Iterator[None]:
        """Run the block, or as much of it as comes before a refinement that is given up."""
        self._began = monotonic()
        try:
            yield
        except AbandonedError:
            self.gave_up = True

    def _keep_if_slow(self, found: Answer) -> None:
        """Keep what a refinement has found if the next one may take long."""
        self.lasted = monotonic() - self._began
        if len(found.journals) > 1 or self.lasted > SLOW:
            self._keep(found.automaton_alone)

    def _keep(self, automaton: PDFA) -> None:
        self.last_automaton = automaton
