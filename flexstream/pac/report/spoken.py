"""What `learn` says of a model in one sentence; it takes no time and few modules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...automata.pdfa import PDFA
from ...defaults import DELTA
from ...tuples import NamedTuple
from ..foresight.statement import foreseen, measured
from .assumption import assumption, unnoticed_change
from .schema import checked
from .shares import FORESIGHT, ORDER, declared_in, of_declared

UNNOTICED = ", too slowly or too little to be noticed while the traces came"


class Tried(NamedTuple):
    """What is known of traces that an automaton has not learned.

    Attributes
    ----------
    trial : mapping
        What was foretold of them, and how well.
    share : float
        The part of δ that its limits have.
    order : mapping, or None
        What the order of traces says of independent draws.
    """

    trial: Mapping[str, Any]
    share: float
    order: Mapping[str, Any] | None

    @property
    def promises(self) -> bool:
        """Whether limits hold, as nothing speaks against independent draws."""
        return self.order is None or not self.order["fails"]


def tried(automaton: PDFA, delta: float) -> Tried | None:
    """Return what was tried by the evidence of an automaton; None where nothing was."""
    evidence = checked(automaton.evidence, len(automaton), len(automaton.symbols), len(automaton.targets))
    trial = evidence.get("foresight") if evidence else None
    if trial is None:
        return None
    reports, declared = evidence["reports"], declared_in(evidence)
    share, order = (of_declared(part * delta, reports, declared) for part in (FORESIGHT, ORDER))
    return Tried(trial, share, assumption(evidence.get("order"), automaton.symbols, math.log(order)))


def spoken(automaton: PDFA, delta: float = DELTA) -> str | None:
    """Return what a model is worth on traces that it has not learned, in one sentence; None where nothing was tried.

    Parameters
    ----------
    automaton : PDFA
        With its evidence.
    delta : float
        Of the report whose part this is.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> from flexstream.pac.report.evidence import with_evidence
    >>> from flexstream.targets import reber
    >>> learner = StreamLearner()
    >>> learner.learn_many(reber().sample(200, seed=1))
    >>> spoken(with_evidence(learner)).startswith("Learned from 100 of the traces, it foretells 100 others with 5.")
    True
    """
    known = tried(automaton, delta)
    if known is None:
        return None
    found = foreseen(known.trial, known.share)
    if known.order is not None and not known.promises:
        slow = UNNOTICED if unnoticed_change(known.order, automaton.provenance.get("drift")) else ""
        return f"{measured(found)}; no promise, as {known.order['why']}{slow}"
    return f"{found['sentence']} ({100 * (1 - delta):.12g} % confidence)"
