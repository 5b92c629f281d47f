"""Which traces a stream repeats, and where these go: the kernels against their twins."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, StreamLearner, TraceBatch
from flexstream._kernels.routing import route_repeats
from flexstream.learning.repetition import Repeats
from flexstream.merging.freeze import route_through
from flexstream.summary.repeated import NOTHING
from flexstream.summary.tree import PrefixTree

from .. import naive

Trace = tuple[int, ...]


def batch_of(given_traces: list[Trace]) -> TraceBatch:
    """Return traces of ids as a batch."""
    symbols = np.array([symbol for trace in given_traces for symbol in trace], np.int32)
    return TraceBatch(symbols, np.cumsum([0, *map(len, given_traces)]))


def automaton_of(given_traces: list[Trace]) -> PDFA:
    """Return the automaton of traces, their symbols ids of a learner's."""
    learner = StreamLearner()
    learner.alphabet.encode_texts(["0", "1", "2", "3"])
    learner.learn_many(batch_of(given_traces))
    return learner.automaton


def found_by_kernel(
    given_traces: list[Trace], learned: dict[int, tuple[int, PDFA]], parts: list[int]
) -> tuple[list[bool], Counter[Trace]]:
    """Say of each trace whether it is held back, in batches that end where the parts say, and what was held."""
    repeats, told, start = Repeats(1 << 22), [], 0
    repeats._beginning = None  # which takes back what the kernel could not know yet
    for stop in sorted({*parts, *learned, len(given_traces)} - {0}):
        if start in learned:
            repeats.expect(learned[start][1], learned[start][0])
        before = repeats.held()
        batch = batch_of(given_traces[start:stop])
        evidence = [tuple(trace.tolist()) for trace in repeats.evidence_of(batch)]
        assert repeats.traces - before.traces == len(batch) - len(evidence)
        for trace in given_traces[start:stop]:
            told.append(not evidence or evidence[0] != trace)
            evidence = evidence[not told[-1] :]
        start = stop
    held = repeats.held()
    rows = zip(held.starts[:-1].tolist(), held.starts[1:].tolist(), held.times.tolist(), strict=True)
    return told, Counter({tuple(held.symbols[low:high].tolist()): times for low, high, times in rows})


def stream(seed: int) -> list[Trace]:
    """Return a stream that repeats itself in some way or in none."""
    chosen = random.Random(seed)
    new = [tuple(chosen.choices(range(4), k=chosen.randint(0, 6))) for _ in range(150)]
    few = new[: chosen.randint(1, 30)]
    ways = [new, new * 3, [trace for trace in new for _ in range(3)], few * 20, new + few * 10]
    return chosen.choice([*ways, chosen.sample(new * 5, 600), chosen.choices(few, k=400) + new])


@pytest.mark.twin("repeats.find_repeats")
@given(st.integers(0, 10**6), st.lists(st.integers(0, 500), max_size=3), st.sampled_from([(), (40,), (40, 200)]))
def test_repeats_are_told_as_by_the_twin(seed: int, parts: list[int], times: tuple[int, ...]) -> None:
    given_traces = stream(seed)
    learned = {time: (time, automaton_of(given_traces[:time])) for time in times if time < len(given_traces)}

    def expected(automaton: PDFA):  # type: ignore[no-untyped-def]
        return lambda trace: 2.0 ** (-int(0.5 - 64 * automaton.score_batch(batch_of([trace]))[0][0]) / 64)

    told, held = naive.repeats(given_traces, {t: (n, expected(model)) for t, (n, model) in learned.items()})
    inside = sorted({min(part, len(given_traces)) for part in parts})
    found = found_by_kernel(given_traces, learned, inside)
    assert found[1] == held
    assert sum(found[0]) == sum(told)
    assert Counter(trace for trace, one in zip(given_traces, found[0], strict=True) if one) == held


def test_streams_of_the_twin_are_held_back_by_both_rules() -> None:
    """Else the comparison would say little."""
    copies = [sum(found_by_kernel(stream(seed), {}, [])[0]) for seed in range(30)]
    assert sum(number == 0 for number in copies) > 3 < sum(number > 100 for number in copies)
    chosen = random.Random(1)
    given_traces = [tuple(chosen.choices(range(4), k=chosen.randint(5, 9))) for _ in range(2000)]
    often = random.Random(2).sample(given_traces[1000:] + given_traces[1000:1100] * 20, 3000)
    learned = {1000: (1000, automaton_of(given_traces[:1000]))}
    told, held = found_by_kernel(given_traces[:1000] + often, learned, [])
    assert not any(told[:1000]) and held.total() > 1000


@pytest.mark.twin("routing.route_repeats")
@given(
    st.dictionaries(st.lists(st.integers(0, 3), max_size=6).map(tuple), st.integers(1, 9), max_size=8),
    st.dictionaries(st.tuples(st.integers(0, 2), st.integers(0, 3)), st.integers(0, 2)),
    st.lists(st.integers(0, 2), min_size=4, max_size=4),
)
def test_repeated_traces_find_their_states(
    held: dict[Trace, int], arrows: dict[tuple[int, int], int], fallback: list[int]
) -> None:
    keys, batch = np.array(naive.keys(list(arrows)), np.int64), batch_of(list(held))
    times = np.array([*held.values()], np.int64)
    targets = np.array(list(arrows.values()), np.int64)
    route = route_through(PrefixTree(), np.zeros(1, np.int32), 3, keys, targets, np.array(fallback, np.int32))
    assert route_repeats(route, batch.symbols, batch.offsets, times)
    passed, ended = naive.route_whole(held, arrows, fallback)
    rows = int(route.size[0])
    found = zip(naive.pairs_of(route.keys[:rows].tolist()), route.repeats[:rows].tolist(), strict=True)
    assert +Counter(dict(found)) == passed
    assert route.repeat_ends.tolist() == [ended[state] for state in range(3)]
    assert not route.counts.any() and not route.ends.any()


def test_capacity_for_transitions_that_only_repeats_take_grows() -> None:
    tree = PrefixTree()
    many = np.arange(5000, dtype=np.int32)
    tree.repeated = NOTHING._replace(symbols=many, starts=np.array([0, 5000]), times=np.array([3]))
    none = np.empty(0, np.int64)
    route = route_through(tree, np.zeros(1, np.int32), 1, none, none, np.zeros(5000, np.int32))
    assert route.size[0] == 5000
    assert route.repeats[:5000].tolist() == [3] * 5000
