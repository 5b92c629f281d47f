"""Whether more traces alarm than a rate allows, beyond chance."""

from __future__ import annotations

import math

SURE = 1e-3
"""Chance below which it is said that a stream is not what was learned."""
LEFT_OUT = 0.5
"""What a trace of the calibration that was learned from, and left out again, counts for.

Of n traces N1 have what nobody else has, N2 pairs what nobody has but these two.  N1 / n misses the chance that one to
come has what nobody had by a variance of ``(N1 + 2·N2) / n²`` (Esty, Annals of Statistics 11, 1983); of traces set
aside it would be ``N1 / n²``.  Where kinds follow a power law ``2·N2 = (1 - α)·N1`` with α between 0 and 1 (Karlin,
Journal of Mathematics and Mechanics 17, 1967): the variance is at most twice as large.
"""


def chance_of_as_many(
    alarms: int, traces: int, calibrated: int, rate: float, index: float = 1.0, worth: float = 1.0
) -> float:
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
    index : float
        Of dispersion: where strange traces come together so many count as one, see `flexstream.automata.dispersion`.
    worth : float
        What a trace of the calibration counts for, see `LEFT_OUT`.

    Examples
    --------
    >>> round(chance_of_as_many(1, 1, 99, 0.05), 9), round(chance_of_as_many(2, 2, 1, 0.5), 9)
    (0.05, 0.333333333)
    >>> chance_of_as_many(0, 50, 99, 0.05), chance_of_as_many(40, 50, 999, 0.01) < 1e-40
    (1.0, True)
    >>> round(chance_of_as_many(100, 5000, 5000, 0.01), 5), round(chance_of_as_many(100, 5000, 5000, 0.01, 10.0), 2)
    (2e-05, 0.09)
    """
    above = math.floor(rate * (calibrated + 1) * (1 + 1e-12)) * worth / index
    alarms, traces = math.floor(alarms / index), round(traces / index)
    if alarms <= 0:
        return 1.0
    if above <= 0:
        return 0.0
    below = (calibrated + 1) * worth / index - above
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
