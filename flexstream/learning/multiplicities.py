"""Multiplicities: how often each trace came tells by itself, whatever the source, that all of them come in copies.

How often a trace comes in a sample drawn independently is as good as Poisson, of whatever mean λ: it comes ``r`` times
with probability p_r = exp(-λ)·λ^r/r!, so that p_r·√(r/(r + 1)) = √(p_{r-1}·p_{r+1}) for any λ.  Copies break that: five
of each, and there are traces that came five times, but none that came four or six times.  A bet on each trace that
loses the shares b and d of the stake where it came r - 1 and r + 1 times, and wins 2·√(b·d·r/(r + 1)) of it where it
came r times, wins nothing on average, as b·p_{r-1} + d·p_{r+1} ≥ 2·√(b·d·p_{r-1}·p_{r+1}); nor do such bets on r, 2r,
3r … together.  So the product over all traces reaches 2^k with probability at most 2^-k, whatever their means, which
may all differ (an e-value; Vovk and Wang, E-values: calibration, combination and applications, 2021).
"""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
from numpy.typing import NDArray

MOST = 64
"""Times up to which copies are looked for."""
SURE = 20.0
"""Bits by which copies must be likelier than chance, beside those that say which bet was made."""
WHOLE = 0.9
"""Share of the traces that come a multiple of so many times where nearly all copies have come."""
FALLS = 1 / 4
"""Share of the traces at the peak from which on those that came once more are beside it."""
FEWER = 1 / 2
"""Share of the traces that may come less than half as often as there are copies; where more do, not all are copied."""
STAKES = 1 / 32, 1 / 8, 15 / 32, 31 / 32
"""Shares that a bet may lose."""
_LEAST = 2
"""Times from which on copies can be told: nobody knows what never came."""


@cache
def _bets() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return on how many copies each bet is, and the bits that it wins of a trace by how often that came.

    The first are on one number of times, the others on all its multiples.
    """
    times = np.arange(MOST + 2)
    alone, all_of_them = np.arange(_LEAST, MOST + 1), np.arange(_LEAST, MOST // 2 + 1)
    copies = np.concatenate([alone, all_of_them])
    multiples = (times % all_of_them[:, None] == 0) & (times > 0) & (times <= MOST)
    hit = np.concatenate([times == alone[:, None], multiples]).astype(np.float64)
    below, above = np.array([*itertools.product(STAKES, repeat=2)]).T[:, :, None, None]
    left = 1 + 2 * np.sqrt(below * above * times / (times + 1)) * hit
    left[..., :-1] -= below * hit[:, 1:]
    left[..., 1:] -= above * hit[:, :-1]
    left, copies = left.reshape(-1, len(times)), np.tile(copies, len(STAKES) ** 2)
    fair = (left > 0).all(axis=1)  # twos may not lose more than there is between two of them
    return copies[fair], np.log2(left[fair])


def bits_against_chance(times: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how much likelier than chance copies are, in bits, what the choice of the bet costs taken off.

    Parameters
    ----------
    times : int array, shape (n,)
        How often each of some traces came, >= 1.

    Returns
    -------
    float array, shape (65,)
        By how many copies; minus infinity for 0 and 1.

    Examples
    --------
    >>> int(bits_against_chance(np.full(100, 5)).argmax())
    5
    >>> times = np.random.default_rng(1).poisson(3, 4000)
    >>> bool(bits_against_chance(times[times > 0]).max() < 0)
    True
    """
    copies, won = _bets()
    bits = np.full(MOST + 1, -np.inf)
    traces = np.bincount(times[times <= MOST + 1], minlength=MOST + 2)
    np.maximum.at(bits, copies, won @ traces - np.log2(len(copies)))
    return bits


def copies_of_each(times: NDArray[np.int64]) -> int | None:
    """Return how many copies there are of each trace, None where chance explains how often they came.

    While copies still come, some of a trace are missing: then it is the most that is seen near the peak.

    Parameters
    ----------
    times : int array, shape (n,)
        How often each of some traces came, >= 1; some of all distinct ones, whichever.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> once = random.geometric(0.9, 500)
    >>> copies_of_each(once), copies_of_each(2 * once), copies_of_each(random.binomial(5 * once, 0.9))
    (None, 2, 5)
    """
    if np.count_nonzero(times >= _LEAST) < SURE / np.log2(3):  # no bet wins more of a trace
        return None
    bits = bits_against_chance(times)
    if bits.max() < SURE:
        return None
    at = np.arange(_LEAST, MOST + 1)
    whole = at[(times[:, None] % at == 0).mean(axis=0) >= WHOLE]
    copies = int(whole.max(initial=0)) or _near(int(bits.argmax()), times)
    return copies if np.count_nonzero(2 * times < copies) <= FEWER * len(times) else None


def _near(peak: int, times: NDArray[np.int64]) -> int:
    """Return up to how many times traces came in plenty, next to how often too many of them came."""
    traces = np.bincount(times[times <= 2 * MOST + 1], minlength=2 * MOST + 2)
    copies = peak
    while copies < 2 * peak - 1 and traces[copies + 1] > FALLS * traces[peak]:
        copies += 1
    return copies
