"""Slow twins of the judges, from the formulas in the docstrings of their heuristics."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from .counters import share_distance, uncounted
from .evidence import cosine, hoeffding
from .registry import twin
from .trees import future_cell

Future = tuple[str | None, ...]
Words = Sequence[Sequence[str]]
Counted = tuple[Mapping[int, int], int]
"""The counters of one Space-Saving sketch, and how many futures it counted."""


@twin("judges.alergia")
def alergia(rows: Sequence[tuple[int, int]], alpha: float) -> float:
    """Return the cosine of two nodes' outcomes, -inf where Hoeffding's bound parts them, 0 where one has none."""
    one, other = [x for x, _ in rows], [y for _, y in rows]
    if sum(one) == 0 or sum(other) == 0:
        return 0.0
    if not all(hoeffding(x, sum(one), y, sum(other), alpha) for x, y in rows):
        return -math.inf
    return cosine(one, other)


# --- css -----------------------------------------------------------------------------------------------------------


def future_of(trace: Sequence[str], length: int) -> Future:
    """Return the future of a length, shorter if the end cuts it off."""
    return tuple([*trace, None][:length])


@twin("judges.css")
def css(
    first: Words,
    second: Words,
    shape: tuple[int, int, int],
    alpha: float,
    by_cell: bool,
    codes: Callable[[Future], list[int]],
    named: Sequence[Sequence[int]] | None = None,
    going_on: bool = False,
) -> float:
    """Return the score of two nodes that these traces start from; ``shape`` is futures, rows and cells.

    It is the mean of the cosines of rows; or of the estimates of futures that are ``named``, each by its length less
    one and its cell in each row, from two symbols on as shares of the traces that have any if those are ``going_on``.
    """
    if not first or not second:
        return 0.0
    futures, depth, width = shape
    cosines, by_name = [], []
    for length in range(1, futures + 1):
        one, other = (Counter(future_of(trace, length) for trace in node) for node in (first, second))
        tables = []
        for row in range(depth):
            cells = {future: future_cell(codes(future), row, width) for future in {*one, *other}}
            pair = [in_cells(counts, cells, width) for counts in (one, other)]
            tables.append((cells, *pair))
            cosines.append(cosine(*pair))
        for future in {*one, *other} if named is None else ():
            met = [(x[cells[future]], y[cells[future]]) for cells, x, y in tables]
            tested = met if by_cell else [(min(x for x, _ in met), min(y for _, y in met))]
            if not all(hoeffding(x, len(first), y, len(second), alpha) for x, y in tested):
                return -math.inf
        estimates = [
            tuple(min(side[cell] for cell, side in zip(asked, sides, strict=True)) for sides in zip(*rows, strict=True))
            for of_length, *asked in named or ()
            for rows in [[(x, y) for _, x, y in tables]]
            if of_length == length - 1
        ]
        n, n2 = (sum(1 for trace in node if trace or length == 1 or not going_on) for node in (first, second))
        estimates = [(min(x, n), min(y, n2)) for x, y in estimates]
        if n and n2 and not all(hoeffding(x, n, y, n2, alpha) for x, y in estimates):
            return -math.inf
        sides = [x for x, _ in estimates], [y for _, y in estimates]
        by_name.append(cosine(*sides) if all(map(any, sides)) else 0.0)
    return math.fsum(cosines) / len(cosines) if named is None else math.fsum(by_name) / len(by_name)


def in_cells(counts: Mapping[Future, int], cells: Mapping[Future, int], width: int) -> list[int]:
    """Return one row of a sketch."""
    row = [0] * width
    for future, count in counts.items():
        row[cells[future]] += count
    return row


# --- spacesaving ---------------------------------------------------------------------------------------------------


@twin("judges.spacesaving")
def spacesaving(
    one: Sequence[Counted], other: Sequence[Counted], counters: int, mu: float, share_of_delta: float, edition: int
) -> float:
    """Return 1 - d/μ for equal nodes, at least a billionth, -inf for different ones, -d where neither is sure.

    The first of each side are the futures themselves, the rest are resamples; ``share_of_delta`` is δ'.
    """
    (counts, m), (counts2, m2) = one[0], other[0]
    if not m or not m2:
        return -1.0
    d = share_distance(counts, m, counts2, m2)
    nu = max(uncounted(counts, counters) / m, uncounted(counts2, counters) / m2)
    size = m * m2 / (math.sqrt(m) + math.sqrt(m2)) ** 2
    level = 6 * share_of_delta / (math.pi**2 * number_of_test(m2) ** 2)
    bound = math.sqrt(8 / size * math.log(16 * (m + m2) / level))
    if edition == 2014:
        return -d if bound > mu / 8 else 1 - d / mu if d <= mu / 2 else -math.inf
    if d - nu - bound > 0:
        return -math.inf
    copies = len(one) - 1
    if copies:
        distances = sorted(copy_distance(copy, copy2) for copy in one[1:] for copy2 in other[1:])
        sure = any(
            distances[k - 1] + 8 * nu + margin_of_copies(k, copies, m + m2, size, nu, level) < mu
            for k in range(1, copies**2 + 1)
        )
    else:
        sure = d + nu + bound < mu
    return max(1e-9, 1 - d / mu) if sure else -d


def number_of_test(strings: int) -> int:
    """Return i, when the last test was at 128·2^i strings; before 512 it is the first."""
    i = 1
    while 128 * 2 ** (i + 1) <= strings:
        i += 1
    return i


def copy_distance(one: Counted, other: Counted) -> float:
    """Return the distance of two resamples; one that drew nothing is as far away as can be."""
    return share_distance(*one, *other) if one[1] and other[1] else 1.0


def margin_of_copies(k: int, r: int, both: int, size: float, nu: float, level: float) -> float:
    """Return how far the k-th distance of resamples may be off."""
    c1 = 2 / (1 + math.sqrt(384))
    c2 = (1 - c1) ** 2 / (c1 + math.sqrt(c1)) ** 2
    logs = math.log((4 * r**2 + 400 * both**2 * r**5 / k**2) / level)
    return max(math.sqrt(logs / (2 * c1 * size)), ((16 * nu) ** 2 * logs / (2 * c2 * size)) ** 0.25)
