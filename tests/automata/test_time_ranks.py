"""Ranks among contexts: against an obvious twin, and valid whatever the contexts are."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.automata.time_contexts import TimeContexts
from flexstream.automata.time_ranks import TimeRanks

Contexts = list[list[int]]
"""Bins of the events of each context of one transition."""


def ranks(contexts: Contexts) -> TimeRanks:
    counted = [sorted(Counter(context).items()) for context in contexts]
    rows = [row for row, cells in enumerate(counted) for _ in cells]
    bins, counts = zip(*(cell for cells in counted for cell in cells), strict=True)
    return TimeRanks(TimeContexts([1], [0] * len(contexts), range(len(contexts)), rows, list(bins), list(counts)))


def strange(others: list[int], bin: int) -> float:
    """Return how strange an event is beside the others of its context."""
    above = sum(other >= bin for other in others)
    return -(1 + above) / (1 + len(others)) if above else 1 + bin - max(others)


def without(context: list[int], bin: int) -> list[int]:
    place = context.index(bin)
    return context[:place] + context[place + 1 :]


some = st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=8), min_size=1, max_size=3)


@given(some, st.integers(0, 12))
def test_new_events_are_ranked_among_all_contexts(contexts: Contexts, bin: int) -> None:
    counted = [strange(without(context, other), other) for context in contexts for other in context]
    for row, context in enumerate(contexts):
        own = strange(context, bin)
        expected = (1 + sum(other >= own - 1e-12 for other in counted)) / (1 + len(counted))
        found = ranks(contexts).p_values(np.array([1 + row]), np.array([bin]))
        assert found[0] == pytest.approx(expected)


@given(some)
def test_left_out_they_are_ranked_among_all_others(contexts: Contexts) -> None:
    counted = [strange(without(context, other), other) for context in contexts for other in context]
    places = np.array([1 + row for row, context in enumerate(contexts) for _ in context])
    found = ranks(contexts).p_values(places, np.array([bin for context in contexts for bin in context]), left_out=True)
    expected = [sum(other >= own - 1e-12 for other in counted) / len(counted) for own in counted]
    assert found.tolist() == pytest.approx(expected)


def test_at_most_a_share_of_the_events_to_come_is_as_rare() -> None:
    """One context is steady, the other spread wide: what is long for the steady one is rare all the same."""
    random = np.random.default_rng(1)

    def drawn(number: int) -> list[np.ndarray]:
        return [random.integers(100, 103, number), random.geometric(0.01, number)]

    found = ranks([context.tolist() for context in drawn(400)])
    rare = np.concatenate([found.p_values(np.full(4000, 1 + row), context) for row, context in enumerate(drawn(4000))])
    for share in (0.5, 0.1, 0.01):
        assert (rare <= share).mean() <= share + 3 * np.sqrt(share / 800)
    assert found.p_values(np.array([1]), np.array([130]))[0] <= 2 / 801
