"""Whether more traces alarm than a rate allows, beyond chance."""

from __future__ import annotations

import math

SURE = 1e-3
"""Chance below which it is said that a stream is not what was learned."""


def chance_of_as_many(alarms: int, traces: int, calibrated: int, rate: float) -> float:
    """Return how likely so many traces of some alarm, or more, if they are as those of a calibration.

    Whether a trace alarms hangs on its rank among the n traces of the calibration.  Of m traces to come the number that
    is above the a-th of n + 1 places, a = ⌊rate·(n + 1)⌋, is beta-binomial with a and n + 1 - a (Vovk, "Conditional
    validity of inductive conformal predictors", ACML 2012), a binomial number whose rate is not known exactly.

    Parameters
    ----------
    alarms, traces : int
        Of the stream.
    calibrated : int
        Traces of the calibration.
    rate : float

    Examples
    --------
    >>> round(chance_of_as_many(1, 1, 99, 0.05), 9), round(chance_of_as_many(2, 2, 1, 0.5), 9)
    (0.05, 0.333333333)
    >>> chance_of_as_many(0, 50, 99, 0.05), chance_of_as_many(40, 50, 999, 0.01) < 1e-40
    (1.0, True)
    """
    above = math.floor(rate * (calibrated + 1) * (1 + 1e-12))
    if alarms <= 0:
        return 1.0
    if above <= 0:
        return 0.0
    below = calibrated + 1 - above
    if below <= 0:
        return 1.0
    total, term = 0.0, _log_chance(alarms, traces, above, below)
    scale = term
    for many in range(alarms, traces + 1):
        total += math.exp(term - scale)
        if many == traces:
            break
        ratio = (traces - many) / (many + 1) * (many + above) / (traces - many - 1 + below)
        if ratio < 1 and math.exp(term - scale) < 1e-17 * total * (1 - ratio):
            break  # what is left adds nothing
        term += math.log(ratio)
    return min(1.0, math.exp(scale) * total) if scale < 0 else 1.0


def _log_chance(many: int, traces: int, a: float, b: float) -> float:
    """Return the logarithm of the beta-binomial probability of a number."""
    choose = math.lgamma(traces + 1) - math.lgamma(many + 1) - math.lgamma(traces - many + 1)
    return choose + _log_beta(many + a, traces - many + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
