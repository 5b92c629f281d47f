"""Outdone: whether fewer states, or none at all, foretell traces that were not learned clearly better."""

from __future__ import annotations

from ...automata.pdfa import PDFA
from ...defaults import DELTA
from ...tuples import NamedTuple
from ..foresight.statement import against, saving
from .spoken import tried


class Outdone(NamedTuple):
    """What foretells others better than an automaton of a part of the traces.

    Attributes
    ----------
    learned, tested : int
        Traces it was learned from, and others that were foretold.
    states : int
        Of the automaton learned from these.
    by : int or None
        States of the one that foretells the others better; None: counting pairs does.
    bits, least : float
        Bits a trace by which it does, and at least.
    """

    learned: int
    tested: int
    states: int
    by: int | None
    bits: float
    least: float


def outdone(automaton: PDFA, delta: float = DELTA) -> Outdone | None:
    """Return what foretells clearly better; None where nothing does, nothing was tried, or the order of traces matters.

    Of what does, it is the automaton that foretells best, and counting pairs where no other automaton does.

    Parameters
    ----------
    automaton : PDFA
        With its evidence.
    delta : float
        Probability with which it may be chance, shared with all that a report says.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> from flexstream.pac.report.evidence import with_evidence
    >>> from flexstream.targets import reber
    >>> learner = StreamLearner()
    >>> learner.learn_many(reber().sample(200, seed=1))
    >>> outdone(with_evidence(learner)) is None
    True
    """
    known = tried(automaton, delta)
    if known is None or not known.promises:
        return None
    trial, share, _ = known
    amounts = trial["learned"], trial["tested"], trial["states"]
    clearly = [(states, row) for states, row in against(trial, share) if row["least"] > 0 and states < trial["states"]]
    if clearly:
        by, row = max(clearly, key=lambda one: one[1]["estimate"])
        return Outdone(*amounts, by, row["estimate"], row["least"])
    saved = saving(trial, share)
    return Outdone(*amounts, None, -saved["estimate"], -saved["most"]) if saved["most"] < 0 else None
