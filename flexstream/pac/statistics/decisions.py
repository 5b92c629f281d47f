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
SURE, CLOSER = 1.2816, 0.25
"""Standard deviations that nine of ten normal numbers do not exceed, and nats by which half the difference of two
chi-squares, which is more pointed than a normal number, stays below as many of its own."""
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
    """Return how many strings more make a merge as sure as 1 - ``level`` in nine of ten cases; None if unknown.

    Evidence for one distribution grows as ½ (outcomes - 1) ln(strings), less half of a χ² of as many degrees of freedom
    (Wilks, Ann. Math. Statist. 9, 1938), which is another one by then; that against a wrong runner-up in proportion.
    ``outcomes`` are those that come at all.
    """
    if merge_error(score, second, others, division) <= level:
        return 0.0
    terms = 2 if division == math.inf else 3
    own = math.exp(min(700.0, ALIKE - division))
    rest = math.exp(min(700.0, -score)) + others * math.exp(min(700.0, second - score))
    need = math.log(max(1, others) / max(level / terms, (level - own) / 2))
    short = max(0.0, need - score, ALIKE - division - math.log(max(level / terms, level - rest)))
    free = max(1, outcomes - 1)
    exponent = 2 * (short + max(0.0, SURE * math.sqrt(free) - CLOSER)) / free if short else 0.0
    factor = math.exp(exponent) if exponent < 50 else math.inf
    if second > -math.inf and score - second < need:
        factor = max(factor, _in_proportion(score - second, need))
    return _more(strings, factor)


def strings_to_settle_separation(strings: float, score: float, others: int, level: float) -> float | None:
    """Return how many strings more make a separation as sure as 1 - ``level`` in nine of ten cases; None if unknown.

    Its evidence grows in proportion; that there is as much of it so far may be chance where there is little.
    """
    if separation_error(score, others) <= level:
        return 0.0
    need = math.log(max(1, others) / level)
    return _more(strings, _in_proportion(-score, need))


def _in_proportion(evidence: float, need: float) -> float:
    """Return how many times as many strings bring enough evidence that grows in proportion, in nine of ten cases.

    A log likelihood ratio of n nats has a variance of about 2 n, now and in what is to come: both add up to the slack.

    >>> _in_proportion(20.0, 10.0), round(_in_proportion(20.0, 40.0), 1), _in_proportion(2.0, 10.0)
    (1.0, 3.0, inf)
    """
    if evidence >= need:
        return 1.0
    slack = 2 * SURE * SURE  # of (more * evidence - short)² = slack * evidence * more * (1 + more), the larger root
    if evidence <= slack:
        return math.inf
    short = need - evidence
    square, linear = evidence * (evidence - slack), evidence * (2 * short + slack)
    more = (linear + math.sqrt(linear * linear - 4 * square * short * short)) / (2 * square)
    return 1.0 + more


def _more(strings: float, factor: float) -> float | None:
    more = strings * (factor - 1)
    return math.ceil(max(1.0, more)) if more < LONGEST else None
