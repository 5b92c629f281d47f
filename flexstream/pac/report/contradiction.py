"""Contradiction: from which e-value on a state is called several, and those of a learner that has no report yet."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...learning.learner import StreamLearner
from ..statistics.homogeneity import entry_counts, homogeneity
from ..statistics.state_tree import StateTree


def threshold(states: int, share: float, reports: int = 1) -> float:
    """Return the log e-value above which a state is called several: report i gets 6/(π²i²) of the share of δ.

    >>> threshold(10, 0.05) < threshold(10, 0.05, reports=2) < threshold(100, 0.05, reports=2)
    True
    """
    from ..theorems.balle import look_share  # which takes others along that are needed for a report only

    return math.log(states / look_share(share, reports))


def homogeneity_of(learner: StreamLearner) -> NDArray[np.float64]:
    """Return the log e-values of the states of a learner's automaton, of an ensemble the best member's.

    >>> learner = StreamLearner(options={"margin": -1e5})  # whatever the data say, all is one state
    >>> learner.learn_many([["a", "b"], ["c", "d"]] * 2000)
    >>> bool(homogeneity_of(learner)[0] > threshold(1, 0.05))
    True
    """
    answer = learner.answer()
    automaton, tree = answer.automaton, answer.tree
    routed = answer.refinement.routed(tree, len(automaton.symbols))
    placed = StateTree.of(tree, routed.states, len(automaton), len(automaton.symbols))
    return homogeneity(entry_counts(placed), placed.alphabet + 1)
