"""placeholder"""
from __future__ import annotations
from math import lgamma, log
from numba import njit
from .._kernels.search import JUDGE

@njit(JUDGE, cache=True, nogil=True)
def judge(counts, outcomes, target_sketch, source_sketch, parameters):
    mode = int(parameters[0]); beta = parameters[1]
    n1 = 0
    n2 = 0
    total = 0.0
    K = len(parameters) - 3
    if mode == 2:
        kappa = beta
        for row in range(len(counts)):
            a, b, sym = counts[row, 0], counts[row, 1], counts[row, 2]
            n1 += a
            n2 += b
            if a > 0 and b > 0 and sym >= 0:
                al = kappa * parameters[2 + sym]
                total += lgamma(a + b + al) - lgamma(a + al) - lgamma(b + al) + lgamma(al)
        k = kappa
    else:
        for row in range(len(counts)):
            a, b = counts[row, 0], counts[row, 1]
            n1 += a
            n2 += b
            if a > 0 and b > 0:
                total += lgamma(a + b + beta) - lgamma(a + beta) - lgamma(b + beta) + lgamma(beta)
        k = outcomes * beta if mode == 0 else beta * (K + 1)
    if n1 == 0 or n2 == 0: return 0.0
    return total - (lgamma(n1 + n2 + k) - lgamma(n1 + k) - lgamma(n2 + k) + lgamma(k))
