"""Slow twins of the measures by which nodes are compared."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from inspect import signature as signature_of

from .hashing import chain, mix
from .registry import twin
from .trees import Node


@twin("gamma.log_gammas")
def log_gamma(x: float) -> float:
    """Return ln Γ(x), by the standard library."""
    return math.lgamma(x)


@twin("gamma.log_rises")
def log_rising(x: float, more: int, n: int) -> float:
    """Return how much likelier n draws become by ``more`` draws before: the product of (x + more + i) / (x + i)."""
    return math.fsum(math.log(x + more + i) - math.log(x + i) for i in range(n))


def log_marginal(counts: dict[str | None, int], base: dict[str | None, float], strength: float) -> float:
    """Return the log probability of a sequence with these counts under a Dirichlet-multinomial."""
    total = sum(counts.values())
    value = math.lgamma(strength) - math.lgamma(strength + total)
    for outcome, count in counts.items():
        share = strength * base[outcome]
        value += math.lgamma(share + count) - math.lgamma(share)
    return value


def outcomes(node: Node) -> Counter[str | None]:
    """Return the counts of a node, the end (None) among them."""
    counts: Counter[str | None] = Counter(node.counts)
    if node.ends:
        counts[None] = node.ends
    return counts


@twin("judges.evidence")
def evidence(one: Node, other: Node, base: dict[str | None, float], strength: float) -> float:
    """Return the log Bayes factor of one distribution against two."""
    first, second = outcomes(one), outcomes(other)
    together = log_marginal(first + second, base, strength)
    return together - log_marginal(first, base, strength) - log_marginal(second, base, strength)


def division(one: Node, other: Node) -> float:
    """Return the log Bayes factor of one against two ways to divide visits among the outcomes that either has."""
    kinds = outcomes(one) + outcomes(other)
    return evidence(one, other, dict.fromkeys(kinds, 1 / len(kinds)), len(kinds)) if len(kinds) > 1 else math.inf


def dirichlet_factor(one: Sequence[int], other: Sequence[int], base: Sequence[float], strength: float) -> float:
    """Return the log Bayes factor for counts and shares of the same outcomes."""
    shares: dict[str | None, float] = {str(i): share for i, share in enumerate(base)}

    def marginal(counts: Sequence[int]) -> float:
        return log_marginal({str(i): count for i, count in enumerate(counts)}, shares, strength)

    return marginal([x + y for x, y in zip(one, other, strict=True)]) - marginal(one) - marginal(other)


def schwarz_gap(blue: Sequence[int], red: Sequence[int], base: Sequence[float], prior: float) -> float:
    """Return the likelihood ratio statistic of one distribution against two, less Schwarz's penalty."""
    n, m = sum(blue), sum(red)
    divergence = sum(
        count / n * math.log(count / n / ((other + prior * share) / (m + prior)))
        for count, other, share in zip(blue, red, base, strict=True)
        if count
    )
    common = n * m / (n + m)
    return common * divergence - 0.5 * sum(count > 0 for count in blue) * math.log(1 + common)


@twin("shortlist.share_groups")
def group_shares(base: Sequence[float], groups: int) -> list[float]:
    """Sum the shares of the symbols of each group; the end, which comes first, has one of its own."""
    alphabet, shares = len(base) - 1, [base[0]] + [0.0] * (groups - 1)
    for symbol, share in enumerate(base[1:]):
        shares[1 + (symbol if alphabet < groups else mix(symbol) % (groups - 1))] += share
    return shares


def hoeffding(first: int, n1: int, second: int, n2: int, alpha: float) -> bool:
    """Tell whether two counts out of n1 and n2 are compatible at level alpha."""
    bound = math.sqrt(0.5 * math.log(2 / alpha)) * (1 / math.sqrt(n1) + 1 / math.sqrt(n2))
    return abs(first / n1 - second / n2) <= bound


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of two vectors."""
    product = sum(x * y for x, y in zip(one, other, strict=True))
    return product / math.sqrt(sum(x * x for x in one) * sum(y * y for y in other))


def minhash(codes: Sequence[int], functions: int, shingle: int) -> int:
    """Return the code of a future's MinHash signature, by datasketch."""
    from datasketch import MinHash

    size = min(shingle, len(codes))
    scheme = {"scheme": "legacy"} if "scheme" in signature_of(MinHash).parameters else {}
    signature = MinHash(num_perm=functions, hashfunc=lambda code: code & 0xFFFFFFFF, **scheme)
    for start in range(len(codes) - size + 1):
        signature.update(chain(codes[start : start + size]))  # type: ignore[arg-type]
    return chain([int(value) for value in signature.hashvalues])
