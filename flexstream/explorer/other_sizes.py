"""Automata of other sizes, of one frontier, between which a slider of the page chooses."""

from __future__ import annotations

import time
from typing import Any

from ..automata.mixture import Ensemble
from ..automata.pdfa import PDFA
from ..errors import UsageError, parameter
from ..learning.frontiers import Frontier
from .knowledge import facts
from .stops import stops

COVERAGES = (0.5, 0.8, 0.95)
"""Shares of the traces at which there are pictures of an automaton of another size."""
_SHARED = ("symbols", "shown", "samples", "about")


def check_frontier(model: PDFA | Ensemble, frontier: Frontier) -> None:
    """Raise UsageError where a frontier holds no automata, or those of another stream than a model's."""
    if not frontier.automata:
        raise UsageError(
            f"{parameter('frontier')} holds no automata (expected: what flexstream learn wrote into a .json file, or "
            "StreamLearner.frontier made with automata)"
        )
    traces = model.provenance.get("traces")
    if frontier.automata[0].symbols != model.symbols or traces not in (None, frontier.traces):
        raise UsageError(
            f"{parameter('frontier')} and the model are of different streams (expected: both of one run of "
            "flexstream learn)"
        )


def sizes(model: PDFA | Ensemble, frontier: Frontier, seconds: float) -> dict[str, Any]:
    """Return what the page holds of the automata of a frontier.

    Parameters
    ----------
    model : PDFA or Ensemble
        What the page is about: an automaton with as many states as it has is left out.
    frontier : Frontier
        With automata.
    seconds : float
        What Graphviz may take for all their pictures together.

    Returns
    -------
    dict
        ``sizes``: what there is to know of each, as of the model, with its ``bits`` a trace and with pictures of its
        own in ``stops``; ``place``: how many of them have fewer states than the model.

    Raises
    ------
    UsageError
        See `check_frontier`.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b", "a"], ["b"], ["a", "b", "c"]] * 200)
    >>> found = sizes(learner.automaton, learner.frontier(automata=True), 5.0)
    >>> [(len(one["states"]), round(one["bits"], 2)) for one in found["sizes"]], found["place"]
    ([(1, 6.33), (2, 3.91), (3, 3.22)], 3)
    """
    check_frontier(model, frontier)
    whole = len(model.best if isinstance(model, Ensemble) else model)
    bits = {point.states: point.bits for point in frontier.points}
    others = [automaton for automaton in frontier.automata if len(automaton) != whole]
    until = time.monotonic() + seconds
    found = [_size(automaton, bits[len(automaton)], until - time.monotonic()) for automaton in others]
    return {"sizes": found, "place": sum(len(automaton) < whole for automaton in others)}


def _size(automaton: PDFA, bits: float, seconds: float) -> dict[str, Any]:
    known = {name: value for name, value in facts(automaton).items() if name not in _SHARED}
    return known | {"bits": bits, "stops": stops(automaton, seconds, COVERAGES, ())}
