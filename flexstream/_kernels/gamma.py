"""The logarithm of the gamma function, fast enough to be called for every pair of nodes."""

from __future__ import annotations

import math

from .jit import hot, inline

_HALF_LOG_TWO_PI = 0.9189385332046727


@inline
def log_gamma(x):
    """Return ln Γ(x) for x > 0 to about 1e-11: Stirling's series (Abramowitz & Stegun 6.1.40) from 10 up."""
    product = 1.0
    while x < 10.0:
        product *= x
        x += 1.0
    inverse = 1.0 / x
    square = inverse * inverse
    series = inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)))
    return (x - 0.5) * math.log(x) - x + _HALF_LOG_TWO_PI + series - math.log(product)


@hot
def log_rising(x, more, n):
    """Return ln of Γ(x + more + n) Γ(x) / (Γ(x + more) Γ(x + n)), for x > 0 and integers more, n >= 0.

    This is how much likelier n further draws of an outcome become by ``more`` draws seen before.  It is symmetric
    in the two integers; the smaller one is unrolled where it is small.
    """
    if n > more:
        more, n = n, more
    if n > 8:
        return log_gamma(x + more + n) + log_gamma(x) - log_gamma(x + more) - log_gamma(x + n)
    over, under = 1.0, 1.0
    for i in range(n):
        over *= x + more + i
        under *= x + i
    return math.log(over / under)
