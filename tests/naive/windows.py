"""Slow twin of a window that is cut where the mean of its values has changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from statistics import fmean, pvariance, variance

from .registry import twin

BUCKETS, LEAST, BLOCK, ENOUGH = 5, 5, 16, 20


@twin("adwin.watch_values")
def cuts(
    values: Sequence[float], delta: float, clock: int, dependent: bool = False
) -> list[tuple[int, int, float, float]]:
    """Return behind which values the window is cut, how many came before the change, and the means on both sides."""
    found, start, buckets = [], 0, list[list[float]]()
    for seen, value in enumerate(values, 1):
        buckets = joined([*buckets, [value]])
        if (seen - start) % clock:  # a clock starts anew with each cut
            continue
        blocks = [values[at : at + BLOCK] for at in range(start, seen - BLOCK + 1, BLOCK)]
        if dependent and len(blocks) < ENOUGH:
            continue
        if (cut := best_cut(buckets, delta, [fmean(block) for block in blocks] if dependent else [])) is None:
            continue
        old, new = [*chain(*buckets[:cut])], [*chain(*buckets[cut:])]
        found.append((seen, seen - len(new), fmean(old), fmean(new)))
        buckets, start = buckets[cut:], seen
    return found


def joined(buckets: list[list[float]]) -> list[list[float]]:
    """Join the two oldest of six buckets of one size, as long as there are six."""
    size = 1
    while len(same := [at for at, bucket in enumerate(buckets) if len(bucket) == size]) > BUCKETS:
        buckets[same[0] : same[1] + 1] = [buckets[same[0]] + buckets[same[1]]]
        size *= 2
    return buckets


def best_cut(buckets: list[list[float]], delta: float, blocks: list[float]) -> int | None:
    """Return before which bucket the means on both sides differ most for what chance allows, None if they do not."""
    window = [*chain(*buckets)]
    if len(window) < 2 * LEAST:
        return None
    spread = max(pvariance(window), BLOCK * variance(blocks) if blocks else 0.0)
    log, ratios = math.log(2 * math.log(len(window)) / delta), {}
    for at in range(1, len(buckets)):
        old, new = [*chain(*buckets[:at])], [*chain(*buckets[at:])]
        if min(len(old), len(new)) >= LEAST:
            share = 1 / len(old) + 1 / len(new)
            ratios[at] = abs(fmean(old) - fmean(new)) / (math.sqrt(2 * share * spread * log) + 2 / 3 * share * log)
    best = max(ratios, key=ratios.__getitem__, default=None)
    return best if best is not None and ratios[best] > 1 else None
