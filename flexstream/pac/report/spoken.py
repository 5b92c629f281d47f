"""What `learn` says of a model in one sentence; it takes no time and few modules."""

from __future__ import annotations

import math

from ...automata.pdfa import PDFA
from ...defaults import DELTA
from ..foresight.statement import foreseen, measured
from .assumption import assumption
from .schema import checked
from .shares import FORESIGHT, ORDER, declared_in, of_declared


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
    evidence = checked(automaton.evidence, len(automaton), len(automaton.symbols), len(automaton.targets))
    if not evidence or evidence.get("foresight") is None:
        return None
    foresight, order = (
        of_declared(share * delta, evidence["reports"], declared_in(evidence)) for share in (FORESIGHT, ORDER)
    )
    found = foreseen(evidence["foresight"], foresight)
    told = assumption(evidence.get("order"), automaton.symbols, math.log(order))
    if told is not None and told["fails"]:
        return f"{measured(found)}; no promise, as {told['why']}"
    return f"{found['sentence']} ({100 * (1 - delta):.12g} % confidence)"
