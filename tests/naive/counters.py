"""Slow twins of Space-Saving sketches: counters are a dictionary."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction

from .registry import twin


@twin("spacesaving.count_items")
def space_saving(items: Iterable[int], counters: int) -> Counter[int]:
    """Return the counters after a stream of items; the lightest is taken over, of equals any."""
    counts: Counter[int] = Counter()
    for item in items:
        if item not in counts and len(counts) == counters:
            lightest = min(counts, key=lambda key: counts[key])
            counts[item] = counts.pop(lightest)
        counts[item] += 1
    return counts


@twin("tallying.tally_symbols")
def symbol_entries(traces: Iterable[Iterable[int]], alphabet: int) -> list[tuple[int, int, int]]:
    """Return which symbols each trace has, and how often; all outside the alphabet count as the one after the last."""
    counts = (Counter(id if 0 <= id < alphabet else alphabet for id in trace) for trace in traces)
    return [(row, *entry) for row, counted in enumerate(counts) for entry in sorted(counted.items())]


@twin("spacesaving.overcount")
def uncounted(counts: Mapping[int, int], counters: int) -> int:
    """Return how often an item without a counter may have come."""
    return min(counts.values()) if len(counts) == counters else 0


@twin("spacesaving.combine_sketches")
def added_counts(one: Mapping[int, int], other: Mapping[int, int], counters: int) -> dict[int, int]:
    """Add two sketches, an item without a counter taken at the most it may have come, and list the heaviest first.

    All items are listed; a sketch keeps the first ``counters`` of them, of equals any.
    """
    missing, missing2 = uncounted(one, counters), uncounted(other, counters)
    sums = {item: one.get(item, missing) + other.get(item, missing2) for item in {*one, *other}}
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))


@twin("spacesaving.distance")
def share_distance(one: Mapping[int, int], total: int, other: Mapping[int, int], total2: int) -> float:
    """Return the largest difference of the shares of an item; of nothing counted, nothing has a share."""
    shares = ({item: count / n if n else 0.0 for item, count in c.items()} for c, n in ((one, total), (other, total2)))
    first, second = shares
    return max((abs(first.get(item, 0.0) - second.get(item, 0.0)) for item in {*first, *second}), default=0.0)


@twin("spacesaving.resample")
def poisson(random: int) -> int:
    """Return the Poisson number of mean 1 that 64 random bits stand for, by inversion, at most 12.

    The first 53 bits are a share of the unit; the number is how many of the shares P(0), P(1), ... fit below it.
    """
    left, times, factorial = Fraction(random >> 11, 2**53), 0, 1
    while times < 12 and left >= Fraction(math.exp(-1)) / factorial:
        left -= Fraction(math.exp(-1)) / factorial
        times += 1
        factorial *= times
    return times
