"""Showing: what a learner would answer now, for those who only show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..automata.pdfa import PDFA

if TYPE_CHECKING:
    from .learner import StreamLearner


def shown(learner: StreamLearner) -> PDFA:
    """Return the automaton of the best member as it would be answered now; the learner keeps and counts nothing of it.

    A model says how often somebody has looked at its stream; a picture that passes by is no such look.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run"]] * 20)
    >>> shown(learner), learner.refinements
    (PDFA(3 states, 2 transitions, 2 symbols), 0)
    """
    if learner._answer is not None or learner._due:  # there is one, or one comes anyway
        return learner.answer().automaton
    counted = learner.refinements, learner._states
    try:
        return learner._alone().automaton
    finally:
        learner.refinements, learner._states = counted
