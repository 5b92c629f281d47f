"""How sure a single decision is, and what would settle it.

Scores of `evidence` are log Bayes factors in nats, so with odds beforehand the probability that a decision is wrong
follows from them.  A score adds up all that speaks for one state: that two nodes have the same outcomes, which few
states have, that what follows is alike, and how visits divide among the outcomes.  To a state of its own with the same
outcomes and the same followers only the last says something, so that is held against it alone.  Scores of `css` are
cosines, which choose but do not prove: there a merge is as sure as its test, whose smallest visible difference is
stated, and a separation as sure as the level of the test.
"""

from __future__ import annotations

import math

LONGEST = 1e15
"""More strings than this are never said to settle anything."""
ALIKE = -2.0
"""Log odds beforehand of a state of its own that has the outcomes of another and what follows them, nats: those with
which errors come true of random targets (benchmarks/pac/calibration.py)."""


def merge_error(score: float, second: float, others: int, division: float = math.inf) -> float:
    """Return the probability that a merge is wrong: that the node is a state of its own, or another's.

    Parameters
    ----------
    score : float
        Log Bayes factor of "one state with the target" against "a state of its own", nats.
    second : float
        The runner-up's, -inf if there is none.
    others : int
        States besides the target, each of which is at most as likely as the runner-up.
    division : float
        Log Bayes factor of "the visits of both divide alike among the outcomes that either has" against "each in its
        own way", nats: what is said against a state of its own that differs from the target in nothing else.  Infinite
        where it is not known, or where there is one outcome only, so that the two could not differ.

    Examples
    --------
    >>> round(merge_error(5.0, -math.inf, 0), 4), round(merge_error(5.0, 3.0, 1), 4)
    (0.0067, 0.1244)
    >>> round(merge_error(58.0, -math.inf, 0, 1.0), 4)
    0.0474
    """
    odds = math.exp(min(700.0, -score)) + others * math.exp(min(700.0, second - score))
    odds += math.exp(min(700.0, ALIKE - division))
    return odds / (1 + odds)


def separation_error(score: float, others: int) -> float:
    """Return the probability that a state of its own is wrong, ``score`` being the best of so many other states'.

    Examples
    --------
    >>> separation_error(-math.inf, 0), round(separation_error(-5.0, 2), 4)
    (0.0, 0.0133)
    """
    odds = others * math.exp(min(700.0, score))
    return odds / (1 + odds)


def strings_to_settle_merge(
    strings: float,
    score: float,
    second: float,
    others: int,
    outcomes: int,
    level: float,
    division: float = math.inf,
) -> float | None:
    """Return how many strings more make a merge as sure as 1 - ``level``, if what was seen goes on; None if unknown.

    Evidence for one distribution grows as ½ (outcomes - 1) ln(strings), that against a wrong runner-up in proportion.
    """
    if merge_error(score, second, others, division) <= level:
        return 0.0
    terms = 2 if division == math.inf else 3
    need = math.log(terms * max(1, others) / level)
    short = max(0.0, need - score, math.log(terms / level) + ALIKE - division)
    exponent = 2 * short / max(1, outcomes - 1)
    factor = math.exp(exponent) if exponent < 50 else math.inf
    if second > -math.inf and score - second < need:
        factor = max(factor, need / (score - second)) if score > second else math.inf
    return _more(strings, factor)


def strings_to_settle_separation(strings: float, score: float, others: int, level: float) -> float | None:
    """Return how many strings more make a separation as sure as 1 - ``level``: its evidence grows in proportion."""
    if separation_error(score, others) <= level:
        return 0.0
    need = math.log(max(1, others) / level)
    return _more(strings, need / -score if score < 0 else math.inf)


def _more(strings: float, factor: float) -> float | None:
    more = strings * (factor - 1)
    return math.ceil(max(1.0, more)) if more < LONGEST else None
