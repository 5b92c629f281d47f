"""Slow twin of leading on: dictionaries of transitions, one event at a time."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from .registry import twin

Arrows = Mapping[tuple[int, int], int]
Tail = tuple[int, int, Sequence[int]]
"""The state from which the rest of a trace left the tree, the symbol by which it did, and what followed."""


@twin("leading.find_departures")
def departures(tails: Sequence[Tail], arrows: Arrows, most: int) -> dict[tuple[int, int], list[list[int]]]:
    """Return what followed each transition that leads nowhere, of the first traces that took it."""
    found: defaultdict[tuple[int, int], list[list[int]]] = defaultdict(list)
    for state, symbol, rest in tails:
        taken, left = (state, symbol), list(rest)
        while taken in arrows and left:
            taken = arrows[taken], left.pop(0)
        if taken not in arrows and len(found[taken]) < most:
            found[taken].append(left)
    return dict(found)


@twin("leading.lead_on")
def lead(
    followers: Sequence[Sequence[int]],
    arrows: Arrows,
    counts: Mapping[tuple[int, int], int],
    ends: Sequence[int],
    fallback: Sequence[int],
    strength: float,
) -> dict[int, float]:
    """Return for each state how likely all that followed is from there, the logarithm."""
    shares = [sum(count for (_, by), count in counts.items() if by == symbol) + 0.5 for symbol in range(len(fallback))]
    end = sum(ends) + 0.5
    total = sum(shares) + end
    visits = [
        count + sum(more for (source, _), more in counts.items() if source == state) for state, count in enumerate(ends)
    ]
    found = {}
    for start in range(len(ends)):
        found[start] = 0.0
        for rest in followers:
            state = start
            for symbol in rest:
                known = (state, symbol) in arrows
                seen = counts[state, symbol] if known else 0
                share = shares[symbol] / total
                found[start] += math.log((seen + strength * share) / (visits[state] + strength))
                state = arrows.get((state, symbol), fallback[symbol])
            found[start] += math.log((ends[state] + strength * end / total) / (visits[state] + strength))
    return found
