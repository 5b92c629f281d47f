"""How many strings bring every likely outcome often enough, and how wide a row of counters shows a difference.

What several theorems need beside their test; proved in docs/pac.md, lemmas 3 and 5.
"""

from __future__ import annotations

import math

from ..demand import Demand

MASKED = 0.25
"""Share of μ that other futures in a cell may hide; a larger one needs narrower rows and more strings."""


def visible(mu: float) -> float:
    """Return by how much some counter differs where two states differ by ``mu`` (lemma 3)."""
    return (1 - MASKED) * mu


def row_width(mu: float) -> int:
    """Return w = ⌈2e/(ημ)⌉, the counters of a row in which at most the share η of ``mu`` is hidden (lemma 3)."""
    return math.ceil(2 * math.e / (MASKED * mu))


def rows_for(failure: float, states: int) -> int:
    """Return d = ⌈ln(n²/(2κ))⌉, rows that hide no difference of any pair of states but with probability κ (lemma 3)."""
    return max(1, math.ceil(math.log(states**2 / (2 * failure))))


def node_size(mu: float, log_level: float) -> int:
    """Return m0 = (8/((1-η)μ)²) ln(2/α): from so many visits the test has room for both of its errors (lemma 3).

    Then the threshold of two nodes is at most half of what a counter shows of a difference, and the other half is left
    for chance.

    Parameters
    ----------
    mu : float
    log_level : float
        ln(2/α), α the level of the test.

    Examples
    --------
    >>> node_size(0.4, 9.0)
    800
    """
    return math.ceil(8 / visible(mu) ** 2 * log_level)


def least_share(demand: Demand) -> float:
    """Return ε/(2n|Σ|): all transitions that are less likely weigh at most ε/2 together."""
    return demand.eps / (2 * demand.edges)


def covering_size(share: float, node: float, cost: float) -> int:
    """Return B = (√(m0 + c/2) + √(c/2))²/p strings: what has probability p comes m0 times among them (lemma 5).

    Chernoff: that it comes less often has probability at most exp(-c).

    Parameters
    ----------
    share : float
        p, the probability of the outcome.
    node : float
        m0, how often it has to come.
    cost : float
        c, the logarithm of how many such outcomes there are over the probability with which one may fail.

    Examples
    --------
    >>> covering_size(0.5, 100, 8.0)
    298
    """
    return math.ceil((math.sqrt(node + cost / 2) + math.sqrt(cost / 2)) ** 2 / share)
