"""How far the shares of all prefixes of independent strings may be off, at every number of strings at once.

Strings that begin with x are neighbours where strings are ordered as in a dictionary, so a share of a prefix is a
difference of the distribution function at two places (docs/pac.md, lemma 6).
"""

from __future__ import annotations

import math

FIRST_SIZE = 128
"""Strings from which on something is said; then at every number, by bounds that change at its doublings."""


def exponent(level: float) -> float:
    """Return the u > 1 with 2e·u·exp(-u) = ``level``.

    With probability ``level`` at most the distribution function of M or more independent draws is ever off by more than
    sqrt(u/(2M)), whatever the number of draws from M on.

    Examples
    --------
    >>> u = exponent(1e-6)
    >>> round(2 * math.e * u * math.exp(-u) * 1e6, 9)
    1.0
    """
    constant = 1 + math.log(2) - math.log(level)
    found, before = constant, 0.0
    while abs(found - before) > 1e-12 * found:  # u = constant + ln u, a contraction as u > 1
        found, before = constant + math.log(found), found
    return found


def prefix_radius(visits: float, level: float) -> float:
    """Return by how much the share of any prefix, or of any string, may be off after so many strings (lemma 6).

    With probability 1 - ``level`` no share ever lies further from its probability, at any number of strings.

    Parameters
    ----------
    visits : float
        Independent strings from one distribution.
    level : float

    Returns
    -------
    float
        Infinite below 128 strings.

    Examples
    --------
    >>> round(prefix_radius(128, 0.01), 3), round(prefix_radius(12_800, 0.01), 3)
    (0.379, 0.056)
    """
    if visits < FIRST_SIZE:
        return math.inf
    doublings = math.floor(math.log2(visits / FIRST_SIZE))
    least = FIRST_SIZE * 2.0**doublings
    return math.sqrt(2 * exponent(level / ((doublings + 1) * (doublings + 2))) / least)


def visits_for(radius: float, level: float) -> float:
    """Return the least 128·2^i strings from which on no prefix is off by more than ``radius``.

    Examples
    --------
    >>> visits_for(0.1, 0.01)
    4096.0
    """
    fewest = 2 * exponent(level) / radius**2  # at the level of all sizes together
    visits = FIRST_SIZE * 2.0 ** max(0, math.floor(math.log2(fewest / FIRST_SIZE)))
    while prefix_radius(visits, level) > radius:
        visits *= 2
    return visits
