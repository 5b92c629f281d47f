"""Slow twins of what finds out which things are alike."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Hashable, Sequence

from .registry import twin


@twin("likeness.number_traces")
def numbers_of(traces: Sequence[Hashable]) -> list[int]:
    """Return the number of each trace, in the order in which different ones come first."""
    known = list(dict.fromkeys(traces))
    return [known.index(trace) for trace in traces]


@twin("likeness.count_together")
def together(ones: Sequence[Sequence[int]], others: Sequence[Sequence[int]]) -> Counter[tuple[int, int]]:
    """Count the classes that things have in one classification and in another, over all pairs of these."""
    return Counter(pair for one in ones for other in others for pair in zip(one, other, strict=True))


@twin("likeness.count_pairs")
def pairs(traces: Sequence[Sequence[int]]) -> Counter[tuple[int, int]]:
    """Count which kinds follow each other, 0 before a trace and at its end."""
    return Counter(pair for trace in traces for pair in itertools.pairwise([0, *trace, 0]))


@twin("likeness.count_symbols")
def symbols_of(traces: Sequence[Sequence[int]]) -> Counter[int]:
    """Count symbols."""
    return Counter(itertools.chain.from_iterable(traces))
