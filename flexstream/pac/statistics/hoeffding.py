"""The test of two nodes by Hoeffding's bound: its threshold, its errors, and the sizes from which it is sure.

Sources: Carrasco & Oncina, ICGI 1994 (the test); Baumgartner & Verwer, arXiv 2604.02244 (its errors); docs/pac.md,
lemmas 1 to 3 (the sizes, proved there).
"""

from __future__ import annotations

import math


def deviation(visits: float, alpha: float) -> float:
    """Return t such that a share of ``visits`` independent draws is off by t or more with probability <= alpha.

    Hoeffding (1963), theorem 2: ``P(|f - p| >= t) <= 2 exp(-2 m t²)``.

    Examples
    --------
    >>> round(deviation(1000, 0.05), 4)
    0.0429
    """
    return math.inf if visits <= 0 else math.sqrt(math.log(2.0 / alpha) / (2.0 * visits))


def threshold(visits: float, others: float, alpha: float) -> float:
    """Return the difference of two shares above which the test rejects: sqrt(½ ln(2/α)) (1/√m1 + 1/√m2).

    A rejection of two equal distributions has probability at most 2α for each share that is compared (lemma 1).
    """
    return deviation(visits, alpha) + deviation(others, alpha)


def reject_level(visits: float, others: float, alpha: float) -> float:
    """Return how often the test rejects one distribution at most: 2 (α/2)^((√m1 + √m2)²/(m1 + m2)), between α²/2 and α.

    Hoeffding's bound of the difference itself, which is sharper than that of its two parts (lemma 1).

    Examples
    --------
    >>> round(reject_level(1000, 1000, 0.05), 6), round(reject_level(10, 10**9, 0.05), 3)
    (0.00125, 0.05)
    """
    ratio = (math.sqrt(visits) + math.sqrt(others)) ** 2 / (visits + others)
    return 2 * (alpha / 2) ** ratio


def sketched_threshold(visits: float, others: float, alpha: float, beta: float) -> float:
    """Return the threshold where shares are count-min estimates, too high by at most ``beta`` (lemma 2).

    The error is *added*: both estimates lie in [f, f + beta], so their difference is off by at most beta.  Narrowed by
    beta instead, the threshold turns negative for large nodes and rejects everything.
    """
    return threshold(visits, others, alpha) + beta


def node_size(mu: float, alpha: float, failure: float) -> float:
    """Return the visits from which two states that differ by ``mu`` pass the test with probability <= ``failure``.

    m0 = (8/μ²) max(ln(2/α), ln(4/failure)) (lemma 1); both nodes must have them.

    Examples
    --------
    >>> node_size(0.2, 0.05, 0.05 / (2 * 6**2 * 5**2))
    2376
    """
    return math.ceil(8.0 / mu**2 * max(math.log(2.0 / alpha), math.log(4.0 / failure)))


def sketched_node_size(mu: float, beta: float, alpha: float, failure: float) -> float:
    """Return the same for count-min estimates and `sketched_threshold`: μ - 2β takes the place of μ (lemma 2).

    Raises
    ------
    ValueError
        If mu <= 2 beta: then no number of visits is enough.

    Examples
    --------
    >>> sketched_node_size(0.2, 0.05, 0.05, 0.01)
    4794
    """
    if mu <= 2 * beta:
        raise ValueError(f"a sketch with an error of {beta:g} cannot tell a difference of {mu:g}")
    return node_size(mu - 2 * beta, alpha, failure)


def overlapping_level(alpha: float, futures: int) -> float:
    """Return how often one share of overlapping futures is off by `deviation` or more at most: 2F (α/2)^(1/F).

    Of the futures of one string only every F-th is independent of the one before; each of the F interleaved parts
    must stay within √F times its own bound (docs/pac.md, lemma 4).

    Examples
    --------
    >>> overlapping_level(0.02, 1), round(overlapping_level(0.02, 2), 3)
    (0.02, 0.4)
    """
    return 2 * futures * (alpha / 2) ** (1 / futures)


def overlapping_log_level(failure: float, futures: int) -> float:
    """Return ln(2/α) of the level at which one share of overlapping futures is off with probability ``failure``.

    ln(2/α) = F ln(2F/failure): the way back from `overlapping_level`, as a logarithm, which is always a number.

    Examples
    --------
    >>> round(overlapping_level(2 * math.exp(-overlapping_log_level(0.01, 2)), 2), 9)
    0.01
    """
    return futures * math.log(2 * futures / failure)


def accept_level(visits: float, others: float, alpha: float, mu: float, futures: int = 1) -> float:
    """Return how often two states that differ by ``mu`` pass the test at most: 4F exp(-2 m ((μ - threshold)/2)² / F).

    ``m`` is the smaller of the two sizes, F the length of the futures, which overlap (lemmas 1 and 4).

    Examples
    --------
    >>> accept_level(2376, 2376, 1e-4, 0.2) < 2e-5, accept_level(100, 100, 1e-4, 0.2)
    (True, 1.0)
    """
    slack = mu - threshold(visits, others, alpha)
    if slack <= 0:
        return 1.0
    return min(1.0, 4 * futures * math.exp(-2 * min(visits, others) * (slack / 2) ** 2 / futures))


def detectable(visits: float, others: float, alpha: float, failure: float) -> float:
    """Return the smallest difference of two shares that the test reveals with probability >= 1 - ``failure``.

    Acceptance needs the shares to be off by more than the difference less the threshold, together; half of that each.

    Examples
    --------
    >>> 0.15 < detectable(2376, 2376, 0.05, 0.05 / (2 * 6**2 * 5**2)) <= 0.2
    True
    """
    return threshold(visits, others, alpha) + threshold(visits, others, failure / 2)
