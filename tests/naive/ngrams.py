"""Slow twins of n-grams: dictionaries and recursion, one outcome at a time."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from flexstream.automata.ngram import NGram

from .registry import twin

Context = tuple[int, ...]
Counts = dict[Context, Counter[int]]
START, END = -1, -2


@twin("scoring.interpolate", "scoring.fill_outcomes")
def ngram_chance(ngram: NGram, context: int, outcome: int) -> float:
    """Return the probability of an outcome after a context; the end is the symbol after the last."""
    rows = _rows(ngram, context)
    below = ngram_chance(ngram, int(ngram.parents[context]), outcome) if context else 1 / (ngram.alphabet + 2)
    if not rows:
        return below
    discount = float(ngram.discounts[context])
    own = rows[outcome] - discount if outcome in rows else 0.0
    return (own + discount * len(rows) * below) / sum(rows.values())


@cache
def _rows(ngram: NGram, context: int) -> dict[int, float]:
    rows = zip(ngram.sources.tolist(), ngram.outcomes.tolist(), ngram.counts.tolist(), strict=True)
    return {row: count for source, row, count in rows if source == context}


@cache
def _arrows(ngram: NGram) -> dict[tuple[int, int], int]:
    rows = zip(ngram.sources.tolist(), ngram.outcomes.tolist(), ngram.targets.tolist(), strict=True)
    return {(source, outcome): target for source, outcome, target in rows}


def next_context(ngram: NGram, context: int, symbol: int) -> int:
    """Return the context after one more symbol: where the longest context leads that knows it."""
    arrows = _arrows(ngram)
    while (context, symbol) not in arrows and context:
        context = int(ngram.parents[context])
    return arrows.get((context, symbol), 0) if symbol < ngram.alphabet else 0


@twin("ngrams.node_contexts", "ngrams.node_passages", "ngrams.tail_passages", "ngrams.trace_passages")
@twin("ngrams.tally_codes", "ngrams.widen_passages", "ngrams.count_passages")
def counted(traces: Iterable[Sequence[int]], length: int) -> Counts:
    """Return how often each outcome came after the last symbols, as many as there are; the start counts as one."""
    found: Counts = defaultdict(Counter)
    for trace in traces:
        padded = (START, *trace, END)
        for at in range(1, len(padded)):
            found[padded[max(0, at - length) : at]][padded[at]] += 1
    return found


def with_shorter(longest: Mapping[Context, Counter[int]]) -> Counts:
    """Add the shorter contexts, which count after how many longer ones an outcome came (Kneser & Ney 1995)."""
    found: Counts = defaultdict(Counter, {context: Counter(row) for context, row in longest.items()})
    for length in range(max(map(len, found), default=0), 0, -1):
        for context in [context for context in found if len(context) == length]:
            for outcome, count in found[context].items():
                found[context[1:]][outcome] += count > 0
    return found


@twin("ngrams.weigh_contexts")
def worth(totals: Mapping[Context, int]) -> dict[Context, int]:
    """Return how often each context came, or one that ends in it, whichever is more."""
    return {
        context: max(n for other, n in totals.items() if other[len(other) - len(context) :] == context)
        for context in totals
    }


@twin("ngrams.place_passages", "ngrams.tell_passages")
def kneser_ney(
    counts: Mapping[Context, Counter[int]],
    discounts: Mapping[int, float],
    context: Context,
    outcome: int,
    size: int,
) -> float:
    """Return the probability of an outcome after a context that need not have been met, of so many outcomes."""
    row = {other: count for other, count in counts.get(context, {}).items() if count > 0}
    below = kneser_ney(counts, discounts, context[1:], outcome, size) if context else 1 / size
    if not row:
        return below
    discount = discounts[len(context)]
    return (max(row.get(outcome, 0) - discount, 0.0) + discount * len(row) * below) / sum(row.values())


@twin("ngrams.likeliest_shares")
def likeliest_share(
    outcomes: Sequence[tuple[float, float, float]], everywhere: float, prior: float, halvings: int
) -> float:
    """Return the share of the n-gram in one state, given how often outcomes came and how likely they were."""
    low, high, share = 0.0, 1.0, 0.0
    for _ in range(halvings):
        share = (low + high) / 2
        slope = prior * (everywhere / share - (1 - everywhere) / (1 - share))
        slope += math.fsum(n * (ngram - alone) / (alone + share * (ngram - alone)) for n, alone, ngram in outcomes)
        low, high = (share, high) if slope > 0 else (low, share)
    return share
