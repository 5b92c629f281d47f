"""Space-Saving sketches of the prefixes of futures, with bootstrap copies.

A sketch is int32, shape (copies, 2, counters + 1): codes in row 0, counts in row 1, heaviest first.  Column 0 holds the
number of counters in use and the number of futures counted.  Copy 0 counts every future once, the others as often as a
resample of the stream would.
"""

from __future__ import annotations

import math

import numpy as np

from .jit import inline, kernel
from .table import chain, mix

CODES, COUNTS = 0, 1


@inline
def count_item(codes, counts, item, times):
    """Count an item (Metwally, Agrawal & El Abbadi, ICDT 2005): without a counter it takes over the lightest."""
    used = codes[0]
    at = 1
    while at <= used and codes[at] != item:
        at += 1
    if at > used:
        if used + 1 < len(codes):
            codes[0] = at
            counts[at] = 0
        else:
            at = used
        codes[at] = item
    counts[at] += times
    rise(codes, counts, at)


@inline
def rise(codes, counts, at):
    """Move a counter that grew up to its place among the heavier ones."""
    while at > 1 and counts[at - 1] < counts[at]:
        to = at - 1
        # Of a run of equal counts only the first need move.
        while to > 1 and counts[to - 1] == counts[at - 1] and counts[to - 1] < counts[at]:
            to -= 1
        codes[at], codes[to] = codes[to], codes[at]
        counts[at], counts[to] = counts[to], counts[at]
        at = to


@inline
def resampled(random):
    """Return how often a string comes in a resample: a Poisson number of mean 1 from 64 random bits."""
    left, times, share = (random >> np.uint64(11)) * (1.0 / 9007199254740992.0), 0, math.exp(-1.0)
    while left >= share and times < 12:
        left -= share
        times += 1
        share /= times
    return times


@inline
def sketch_prefixes(sketch, codes, end, symbols, position, stop, visit):
    """Count all prefixes of one future, the future itself with its end among them, in every copy.

    What is drawn depends on the visit and, through the hash of the first symbol, on the learner's seed.
    """
    random = chain(codes[0] if len(codes) > 0 else np.uint64(0), visit)
    for copy in range(len(sketch)):
        times = 1 if copy == 0 else resampled(mix(random + np.uint64(copy)))
        if times == 0:
            continue
        items, counts = sketch[copy, CODES], sketch[copy, COUNTS]
        counts[0] += times
        prefix = np.uint64(0)
        for at in range(position, stop):
            prefix = chain(prefix, codes[symbols[at]])
            count_item(items, counts, np.int32(prefix >> np.uint64(33)), times)
        count_item(items, counts, np.int32(chain(prefix, end) >> np.uint64(33)), times)


@inline
def uncounted(sketch):
    """Return how much any item may be overcounted, or have come without a counter: the lightest if none is free."""
    used = sketch[CODES, 0]
    return np.int64(sketch[COUNTS, used]) if used + 1 == sketch.shape[1] else np.int64(0)


@inline
def find_item(sketch, item):
    """Return the counter of an item, 0 if it has none."""
    for at in range(1, sketch[CODES, 0] + 1):
        if sketch[CODES, at] == item:
            return at
    return 0


@inline
def combine(target, source, room):
    """Add the sketch of one node to that of another, copy by copy; ``room`` holds two rows of twice their items.

    An item that only one side counts may have come on the other as often as its lightest counter says; of the sums the
    heaviest stay.  The error is then at most the sum of the errors (Agarwal et al., "Mergeable summaries", PODS 2012).
    """
    for copy in range(len(target)):
        into, more = target[copy], source[copy]
        size = min(into.shape[1] - 1, gather_items(into, more, room[CODES], room[COUNTS]))
        into[COUNTS, 0] += more[COUNTS, 0]
        into[CODES, 0] = size
        for at in range(1, size + 1):
            into[CODES, at], into[COUNTS, at] = room[CODES, at], room[COUNTS, at]


@inline
def gather_items(into, more, codes, counts):
    """List the items of two sketches with the sums of their counts, heaviest first; return how many there are."""
    size = 0
    for at in range(1, into[CODES, 0] + 1):
        twin = find_item(more, into[CODES, at])
        size += 1
        codes[size] = into[CODES, at]
        counts[size] = into[COUNTS, at] + (more[COUNTS, twin] if twin > 0 else uncounted(more))
        rise(codes, counts, size)
    for at in range(1, more[CODES, 0] + 1):
        if find_item(into, more[CODES, at]) == 0:
            size += 1
            codes[size] = more[CODES, at]
            counts[size] = more[COUNTS, at] + uncounted(into)
            rise(codes, counts, size)
    return size


@kernel
def distance(one, other):
    """Return the largest difference of the shares of a prefix between two copies of sketches."""
    largest = 0.0
    for at in range(1, one[CODES, 0] + 1):
        twin = find_item(other, one[CODES, at])
        count = other[COUNTS, twin] if twin > 0 else 0
        largest = max(largest, abs(one[COUNTS, at] / one[COUNTS, 0] - count / other[COUNTS, 0]))
    for at in range(1, other[CODES, 0] + 1):
        if find_item(one, other[CODES, at]) == 0:
            largest = max(largest, other[COUNTS, at] / other[COUNTS, 0])
    return largest
