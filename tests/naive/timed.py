"""Slow twins of what is done with timed traces: lists of pairs of a symbol and a duration, one trace at a time."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence

from .hashing import MASK, mix
from .registry import twin

Timed = Sequence[tuple[int, int]]
"""Symbols and bins of a trace; bin -1: not known."""
Arrows = Mapping[tuple[int, int], tuple[int, int]]
"""Transition and next state for each state and symbol."""


def timed_hash(codes: Sequence[int], trace: Timed) -> int:
    """Return the hash of a trace."""
    step, place = 0x9E3779B97F4A7C15, 0xD1342543DE82EF95
    events = (mix((codes[symbol] + (bin + 2) * step + at * place) & MASK) for at, (symbol, bin) in enumerate(trace))
    return mix((sum(events) + len(trace) * step) & MASK)


@twin("sampled.sample_traces")
def sampled(codes: Sequence[int], traces: Sequence[Timed], longest: int, level: int) -> list[tuple[int, Timed, int]]:
    """Return the number, the first events and the hash of each trace that is chosen."""
    found = []
    for number, trace in enumerate(traces):
        first = trace[:longest]
        if len(first) > 1 and (hash := timed_hash(codes, first)) < 2 ** (64 - level):
            found.append((number, first, hash))
    return found


@twin("sampled.find_first", "sampled.copy_chosen")
def once(traces: Sequence[Timed], counts: Sequence[int]) -> list[tuple[list[tuple[int, int]], int]]:
    """Return traces that differ, in their order, with how often they came."""
    found: dict[tuple[tuple[int, int], ...], int] = {}
    for trace, count in zip(traces, counts, strict=True):
        found[tuple(trace)] = found.get(tuple(trace), 0) + count
    return [(list(trace), count) for trace, count in found.items()]


@twin("timed.follow_traces")
def transitions(arrows: Arrows, trace: Sequence[int]) -> list[int]:
    """Return which transition each event takes, -1 from where the trace leaves the automaton on."""
    found: list[int] = []
    state = 0
    for symbol in trace:
        if (state, symbol) not in arrows:
            break
        edge, state = arrows[state, symbol]
        found.append(edge)
    return found + [-1] * (len(trace) - len(found))


@twin("timed.sort_durations")
def durations(edges: Sequence[int], traces: Sequence[Timed], counts: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """Return the bins of each transition in the order in which they came, each with how often its trace did."""
    found: dict[int, list[tuple[int, int]]] = {}
    events = ((bin, count) for trace, count in zip(traces, counts, strict=True) for _, bin in trace)
    for edge, (bin, count) in zip(edges, events, strict=True):
        if edge >= 0 and bin >= 0:
            found.setdefault(edge, []).append((bin, count))
    return found


def earlier(
    edges: Sequence[int], traces: Sequence[Timed], counts: Sequence[int], edge: int, back: int
) -> list[tuple[int, int]]:
    """Return the bins of a transition, as often as its trace came, with the symbol so many events before, or -1."""
    found, at = [], iter(edges)
    for trace, count in zip(traces, counts, strict=True):
        for place, (_, bin) in enumerate(trace):
            if next(at) == edge and bin >= 0:
                found += [(bin, trace[place - back][0] if place >= back else -1)] * count
    return found


@twin("timed.rank_durations")
def ranked(rows: Mapping[int, Mapping[int, int]], edge: int, bin: int) -> tuple[int, int]:
    """Return how many durations of a transition are as long as a bin or longer, and how many it has."""
    own = rows.get(edge, {})
    return sum(count for other, count in own.items() if other >= bin), sum(own.values())


@twin("timed.split_durations")
def split(
    wanted: Mapping[int, Sequence[tuple[int, int]]], fewest: int
) -> tuple[list[tuple[int, int]], list[tuple[int, int, int]]]:
    """Return contexts, and of each the bins with how often they came; given are bins and earlier symbols by transition.

    A context is a transition and a symbol of which there are so many.
    """
    contexts, rows = [], []
    for edge, found in sorted(wanted.items()):
        for symbol in sorted({symbol for _, symbol in found} - {-1}):
            own = Counter(bin for bin, other in found if other == symbol)
            if own.total() >= fewest:
                rows += [(len(contexts), *row) for row in sorted(own.items())]
                contexts.append((edge, symbol))
    return contexts, rows


@twin("timed.explain_durations")
def explained(found: Sequence[tuple[int, int]]) -> float:
    """Return which share of the variance of the ranks of bins symbols explain, less what chance would."""
    bins, groups = [bin for bin, _ in found], {symbol for _, symbol in found}
    ranks = [sum(other < bin for other in bins) + bins.count(bin) / 2 - len(bins) / 2 for bin in bins]
    whole = sum(rank**2 for rank in ranks)
    between = 0.0
    for group in groups:
        own = [rank for rank, (_, symbol) in zip(ranks, found, strict=True) if symbol == group]
        between += sum(own) ** 2 / len(own)
    left = 1 - between / whole if whole else 1.0
    return 1 - left * (len(bins) - 1) / (len(bins) - len(groups)) if len(bins) > len(groups) else 0.0


@twin("timed.tally_durations")
def tallied(found: Sequence[tuple[int, int]], pairs: int, least: int) -> tuple[Counter[int], float]:
    """Return how often each bin of a transition came, and how much more the mean ranks of blocks vary than alone."""
    total: Counter[int] = Counter()
    for bin, count in found:
        total[bin] += count
    bins, blocks = [bin for bin, _ in found], 2 * pairs
    if len(bins) < blocks * least or len(set(bins)) == 1:
        return total, 1.0
    ranks = [sum(other < bin for other in bins) + bins.count(bin) / 2 for bin in bins]
    size = len(bins) // blocks
    means = [statistics.fmean(ranks[at : at + size]) for at in range(0, blocks * size, size)]
    of_pairs = [statistics.fmean(pair) for pair in zip(means[::2], means[1::2], strict=True)]
    variance = statistics.pvariance(ranks)
    return total, max(statistics.variance(means) * size, statistics.variance(of_pairs) * 2 * size) / variance


@twin("drawn_events.gather_events")
def gathered(events: Sequence[int], starts: Sequence[int], lengths: Sequence[int]) -> list[int]:
    """Return the events of some traces, one behind the other."""
    return [event for start, length in zip(starts, lengths, strict=True) for event in events[start : start + length]]


@twin("slowness.find_slowest")
def slowest_step(rows: Mapping[int, Mapping[int, int]], transitions: int, trace: Timed) -> tuple[float, int, list[int]]:
    """Return the smallest p-value of a trace's places and bins, of how many it is, and which of them are not compared.

    Those are behind all transitions, or took longer than all that their transition has.
    """
    least, steps, rest = 1.0, 0, []
    for at, (place, bin) in enumerate(trace):
        tail, total = ranked(rows, place, bin)
        if bin < 0 or place < 0 or (place < transitions and total == 0):
            continue
        if place >= transitions or tail == 0:
            rest.append(at)
        else:
            least, steps = min(least, (1 + tail) / (1 + total)), steps + 1
    return least, steps, rest


@twin("slowness.sort_times_left")
def times_left(targets: Sequence[int], seconds: Sequence[float], traces: Sequence[Timed]) -> dict[int, list[float]]:
    """Return how long it takes from the events of traces, given as transitions and bins, to their ends, by state."""
    found: dict[int, list[float]] = {}
    for trace in traces:
        bins = [bin for _, bin in trace]
        if any(edge < 0 for edge, _ in trace) or -1 in bins[1:]:
            continue
        for at, (edge, _) in enumerate(trace):
            found.setdefault(targets[edge], []).append(sum(seconds[bin] for bin in bins[at + 1 :]))
    return found
