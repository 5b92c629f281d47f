"""How often a trace of an automaton visits each of its states, on average."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...automata.pdfa import PDFA

MOST_STATES_SOLVED = 2000


def expected_visits(automaton: PDFA, observed: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return visits of each state by a trace of the automaton without smoothing; None of too many, or without end.

    Parameters
    ----------
    automaton : PDFA
    observed : float64 array, shape (states,)
        Visits whose outcome is known.

    Returns
    -------
    float64 array, shape (states,), or None

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b"], ["a"]] * 500)
    >>> expected_visits(learner.automaton, learner.automaton.visits.astype(float)).round(2).tolist()
    [1.0, 1.0, 0.5]
    """
    states = len(automaton)
    if states > MOST_STATES_SOLVED:
        return None
    flow = np.zeros((states, states))
    share = automaton.weights / np.maximum(observed[automaton.sources], 1e-300)
    np.add.at(flow, (automaton.targets, automaton.sources), share)
    start = np.zeros(states)
    start[0] = 1
    try:
        visits = np.asarray(np.linalg.solve(np.eye(states) - flow, start), np.float64)
    except np.linalg.LinAlgError:
        return None
    return visits if np.isfinite(visits).all() and (visits > -1e-9).all() else None
