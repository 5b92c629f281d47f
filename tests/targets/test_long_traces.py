"""Long traces: the source does what it says, and alterations alter."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict

import pytest

from flexstream import UsageError
from flexstream.targets import LongSource
from flexstream.targets.long_traces import ALTERATIONS

SOURCE = LongSource(seed=3)
SMALL = LongSource(seed=3, symbols=4, branches=2, rare=0.0, shortest=40, longest=60)


def test_traces_are_long_and_reproducible() -> None:
    traces = SOURCE.sample(20, seed=1)
    assert all(400 <= len(trace) <= 1000 for trace in traces)
    assert traces == LongSource(seed=3).sample(20, seed=1) != LongSource(seed=4).sample(20, seed=1)
    assert len({symbol for trace in traces for symbol in trace}) <= 150


def test_few_symbols_follow_each_but_for_rare_ones() -> None:
    after: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for trace in SOURCE.sample(60, seed=1):
        for one, other in itertools.pairwise(trace):
            after[one][other] += 1
    usual = sum(sum(count for _, count in found.most_common(3)) for found in after.values())
    every = sum(sum(found.values()) for found in after.values())
    assert 0.97 < usual / every < 1


def test_what_comes_next_depends_on_three() -> None:
    known: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for trace in SMALL.sample(600, seed=1):
        for place in range(3, len(trace)):
            known[tuple(trace[place - 3 : place])][trace[place]] += 1
    by_last: defaultdict[str, list[float]] = defaultdict(list)
    for context, found in known.items():
        if found.total() > 100:
            by_last[context[-1]].append(max(found.values()) / found.total())
    assert any(max(shares) - min(shares) > 0.1 for shares in by_last.values() if len(shares) > 1)


@pytest.mark.parametrize("kind", ALTERATIONS)
def test_alterations_alter(kind: str) -> None:
    source = LongSource(seed=3, rare=0.0)
    usual = {pair for trace in source.sample(150, seed=1) for pair in itertools.pairwise(trace)}
    strange = [
        sum(pair not in usual for pair in itertools.pairwise(trace)) for trace in source.altered(kind, 20, seed=5)
    ]
    assert (sum(strange) > 40) == (kind != "foreign")
    assert source.altered(kind, 3, seed=5) == source.altered(kind, 3, seed=5)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError, match="no alteration"):
        SOURCE.altered("burn", 1, seed=1)
    for wrong in (dict(symbols=1), dict(rare=1.5), dict(shortest=9, longest=3), dict(concentration=0.0)):
        with pytest.raises(UsageError, match="long traces needs"):
            LongSource(seed=1, **wrong)  # type: ignore[arg-type]
