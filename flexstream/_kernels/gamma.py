"""The logarithm of the gamma function, fast enough to be called for every pair of nodes."""

import numpy as np

from .hints import Given, NDArray
from .library import kernel


@kernel
def log_gammas(numbers: Given[np.float64], logs: NDArray[np.float64]) -> None:
    """Fill ln Γ(x) for x > 0 to about 1e-11: Stirling's series (Abramowitz & Stegun 6.1.40) from 10 up."""


@kernel
def log_rises(number: float, more: Given[np.int64], draws: Given[np.int64], logs: NDArray[np.float64]) -> None:
    """Fill ln of Γ(x + more + n) Γ(x) / (Γ(x + more) Γ(x + n)), for x > 0 and integers more, n >= 0.

    This is how much likelier n further draws of an outcome become by ``more`` draws seen before.
    """
