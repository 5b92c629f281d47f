"""n-grams made of a tree and its tails say what one says that is counted trace by trace, however far the tree grew."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream._kernels.ngrams import Digits
from flexstream.merging import kneser_ney, passages, trimming
from flexstream.merging.kneser_ney import Table
from flexstream.merging.levels import discount
from flexstream.merging.passages import digits_for, passages_of
from flexstream.merging.trimming import enough
from flexstream.summary.repeated import Repeated
from flexstream.summary.tree import PrefixTree

from ..naive import ngrams as naive
from ..strategies import Traces, count, traces

lengths = st.integers(1, 4)
growth = st.integers(1, 6)


def encoded(given_traces: Traces, alphabet: object) -> list[list[int]]:
    return [[alphabet.id(symbol) for symbol in trace] for trace in given_traces]  # type: ignore[attr-defined]


def context_of(code: int, digits: Digits) -> naive.Context:
    """Return the symbols of a context, the last of which is the highest digit."""
    places = np.array([int(digits.at(np.array([code]), place)[0]) for place in range(digits.length)])
    return tuple((places[places > 0][::-1] - 2).tolist())


def tallied(
    tree: PrefixTree, alphabet: int, length: int, with_repeated: bool = False
) -> Counter[tuple[naive.Context, int]]:
    """Return the passages of a tree, its tails and, if asked, of what its stream repeated."""
    digits = digits_for(alphabet, length)
    part = passages_of(tree, alphabet, digits, with_repeated)
    outcomes = np.where(digits.outcomes(part.codes) == alphabet, naive.END, digits.outcomes(part.codes)).tolist()
    contexts = [context_of(code, digits) for code in part.codes.tolist()]
    return Counter(dict(zip(zip(contexts, outcomes, strict=True), part.counts.tolist(), strict=True)))


def flat(counts: naive.Counts) -> Counter[tuple[naive.Context, int]]:
    return Counter({(context, outcome): n for context, row in counts.items() for outcome, n in row.items()})


@pytest.mark.twin("ngrams.node_contexts", "ngrams.node_passages", "ngrams.tail_passages", "ngrams.tally_codes")
@given(traces, growth, lengths)
def test_tree_and_tails_hold_every_passage(given_traces: Traces, grow_at: int, length: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    wanted = flat(naive.counted(encoded(given_traces, alphabet), length))
    found = tallied(tree, len(alphabet), length)
    assert found == wanted
    digits = digits_for(len(alphabet), length)
    part = passages_of(tree, len(alphabet), digits)
    assert (np.diff(part.codes) > 0).all()
    assert digits.outcomes(part.codes)[part.places].tolist() == part.outcomes.tolist()
    assert (part.counts[part.places] >= part.times).all()


@given(traces, growth, lengths)
def test_numbers_beside_long_codes_sort_as_those_within_short_ones(
    given_traces: Traces, grow_at: int, length: int
) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    digits = digits_for(len(alphabet), length)
    within = passages_of(tree, len(alphabet), digits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passages, "_CODE", 0)
        beside = passages_of(tree, len(alphabet), digits)
    for one, other in zip(within[1:], beside[1:], strict=True):
        assert one.tolist() == other.tolist()


@given(traces, growth)
def test_levels_are_the_same_in_one_go_and_one_by_one(given_traces: Traces, grow_at: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    found = []
    for first in (0, 2, 6):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kneser_ney, "FIRST", first)
            table = Table(tree, len(alphabet))
            levels = [table.level(length) for length in range(table.longest + 1)]
        places = [table._place(length).tolist() for length in range(table.longest + 1)]
        found.append(([[column.tolist() for column in level] for level in levels], places))
    assert found[0] == found[1] == found[2]


@pytest.mark.twin("ngrams.trace_passages")
@given(traces, traces, growth, lengths)
def test_what_a_stream_repeated_can_be_counted_too(some: Traces, repeated: Traces, grow_at: int, length: int) -> None:
    tree, alphabet = count([*some, *repeated], grow_at=grow_at)
    ids = encoded(repeated, alphabet)
    starts = np.cumsum([0, *map(len, ids)])
    times = np.arange(1, len(ids) + 1)
    symbols = np.array([symbol for trace in ids for symbol in trace], np.int32)
    tree.repeated = Repeated(symbols, starts, times, int(times.sum()), 0, 0)
    again = [trace for trace, n in zip(ids, times.tolist(), strict=True) for _ in range(n)]
    wanted = flat(naive.counted([*encoded([*some, *repeated], alphabet), *again], length))
    assert tallied(tree, len(alphabet), length, with_repeated=True) == wanted


@pytest.mark.twin("ngrams.widen_passages", "ngrams.count_passages")
@given(traces.filter(bool), growth, lengths)
def test_it_says_what_is_said_of_counts_by_trace(given_traces: Traces, grow_at: int, length: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    ids, size = encoded(given_traces, alphabet), len(alphabet)
    table = Table(tree, size)
    ngram = table.ngram(length)
    counts = naive.with_shorter(naive.counted(ids, length))
    discounts = {number: level.discount for number, level in enumerate(table.counted(length))}
    for trace in [*ids[:6], [size - 1] * 3 * (size > 0), []]:
        context = (naive.START, *trace)[-length:]
        shares = ngram.shares(ngram.after_all(trace))
        wanted = [
            naive.kneser_ney(counts, discounts, context, outcome, size + 2)
            for outcome in (naive.END, size, *range(size))
        ]
        assert shares == pytest.approx(np.array(wanted))
        assert shares.sum() == pytest.approx(1)


@pytest.mark.twin("ngrams.place_passages", "ngrams.tell_passages")
@given(traces, growth, lengths)
def test_what_is_left_out_is_as_if_it_had_never_come(given_traces: Traces, grow_at: int, length: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    ids, size = encoded(given_traces, alphabet), len(alphabet)
    table = Table(tree, size)
    for shorter in range(1, length):
        table.left_out(shorter)
    discounts = {number: level.discount for number, level in enumerate(table.counted(length))}
    longest, part = naive.counted(ids, length), table.passages
    rows = zip(part.codes[part.places].tolist(), part.outcomes.tolist(), table.left_out(length).tolist(), strict=True)
    for code, outcome, said in list(rows)[:12]:
        context = context_of(code, part.digits)[-length:]
        known = outcome if outcome < size else naive.END
        less = {other: Counter(row) for other, row in longest.items()}
        less[context][known] -= 1
        wanted = naive.kneser_ney(naive.with_shorter(less), discounts, context, known, size + 2)
        assert said == pytest.approx(wanted)


def test_discounts_by_hand() -> None:
    assert discount(once=3, twice=1) == 3 / 5
    assert discount(once=0, twice=2) == discount(0, 0) == 0.1


@pytest.mark.twin("ngrams.weigh_contexts")
@given(traces.filter(bool), growth, st.integers(1, 3), st.integers(0, 60))
def test_contexts_that_are_kept_came_often_or_end_one_that_did(
    given_traces: Traces, grow_at: int, length: int, capacity: int
) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    table = Table(tree, len(alphabet))
    levels = table.counted(length)
    counts = naive.with_shorter(naive.counted(encoded(given_traces, alphabet), length))
    met = naive.worth({context: sum(row.values()) for context, row in counts.items()})
    kept = enough(levels, capacity)
    for size, some in enumerate(kept[1:], 1):
        worth = sorted(n for context, n in met.items() if len(context) == size)
        assert len(some) == len(worth)
        left = worth[len(worth) - int(some.sum()) :]  # those worth most
        assert not left or not worth[: -len(left)] or worth[-len(left) - 1] < left[0]
    rows = [
        {context: len(row) for context, row in counts.items() if len(context) == size} for size in range(length + 1)
    ]
    fits = sum(int(level.kinds[some].sum()) for level, some in zip(levels, kept, strict=True)) <= capacity
    assert fits or all(some.sum() <= 1 for some in kept[1:])
    if sum(sum(row.values()) for row in rows) <= capacity:
        assert all(some.all() for some in kept)


def test_contexts_that_came_very_often_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    tree, alphabet = count([["a", "b"] * 8, ["b", "c"], ["a", "c", "a"]] * 9, grow_at=2)
    levels = Table(tree, len(alphabet)).counted(3)
    wanted = [[some.tolist() for some in enough(levels, capacity)] for capacity in range(30)]
    monkeypatch.setattr(trimming, "OFTEN", 3)
    assert [[some.tolist() for some in enough(levels, capacity)] for capacity in range(30)] == wanted
    assert len({str(kept) for kept in wanted}) > 3


@pytest.mark.parametrize("capacity", [0, 5, 20, 60, 200])
def test_where_there_is_no_room_contexts_that_came_seldom_are_left_out(capacity: int) -> None:
    random = np.random.default_rng(3)
    given_traces = [[f"{symbol}" for symbol in random.integers(0, 5, random.integers(0, 9))] for _ in range(40)]
    tree, alphabet = count(given_traces, grow_at=2)
    table = Table(tree, len(alphabet))
    levels = table.counted(3)
    ngram = table.made(levels, enough(levels, capacity))
    whole = table.ngram(3)
    assert len(ngram.sources) <= max(capacity, len(levels[0].counts) + len(levels[1].counts))
    assert len(ngram) <= len(whole)
    for trace in encoded(given_traces, alphabet):
        context, longest = ngram.after_all(trace), whole.after_all(trace)
        assert ngram.shares(context).sum() == pytest.approx(1)
        if capacity == 200 and len(ngram) == len(whole):
            assert ngram.shares(context).tolist() == whole.shares(longest).tolist()


def test_without_any_room_the_overall_frequencies_stay() -> None:
    """Though the two symbols came equally often, and so go together; of what follows nothing is known then."""
    tree, alphabet = count([["a"] * 50, ["b"] * 50] * 10, grow_at=2)
    table = Table(tree, len(alphabet))
    levels = table.counted(1)
    kept = enough(levels, 0)
    assert [int(some.sum()) for some in kept] == [1, 0]
    ngram = table.made(levels, kept)
    shares = ngram.shares(ngram.after_all([0]))
    assert shares == pytest.approx(table.ngram(1).shares(0)) and shares.sum() == pytest.approx(1)


def test_the_symbols_of_a_large_alphabet_do_not_run_over() -> None:
    given_traces = [[f"{number}", f"{number // 2}", f"{number // 3}", "end"] for number in range(9_000)] * 2
    tree, alphabet = count(given_traces, grow_at=1)
    for length in (1, 2, 3):
        table = Table(tree, len(alphabet))
        assert [len(level.totals) for level in table.counted(length)[:2]] == [1, len(alphabet) + 1]
        assert table.ngram(length).shares(0).sum() == pytest.approx(1)


def test_long_traces_take_no_longer_than_short_ones() -> None:
    """A single trace of many events, all but the first in one tail."""
    symbols = [f"{number % 7}" for number in range(20_000)]
    tree, alphabet = count([symbols, ["0"]], grow_at=5)
    ngram = Table(tree, len(alphabet)).ngram(2)
    assert ngram.shares(ngram.after_all([2, 3]))[2 + 4] > 0.99


def test_of_very_many_events_some_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passages, "MOST", 2_000)
    tree, alphabet = count([[f"{number % 3}", "x", "y"] for number in range(3000)], grow_at=10**6)
    part = passages_of(tree, len(alphabet), digits_for(len(alphabet), 2))
    assert part.counts.sum() == 12_000 // 5  # 9,003 tails' outcomes and edges are five times too many


def test_of_very_many_counts_some_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are those of a stream a fifth as long."""
    random = np.random.default_rng(1)
    given_traces = [[f"{symbol}" for symbol in random.integers(0, 6, 8)] for _ in range(3000)]
    tree, alphabet = count(given_traces, grow_at=1)
    digits = digits_for(len(alphabet), 2)
    whole = passages_of(tree, len(alphabet), digits)
    monkeypatch.setattr(passages, "MOST", (tree.edges + int(passages._hanging(tree).sum())) // 4)
    few = passages_of(tree, len(alphabet), digits)
    assert len(few.nodes) < 0.3 * len(whole.nodes)
    assert 5 * few.times.sum() == pytest.approx(whole.times.sum(), rel=0.05)
    assert 0 <= few.times.max() - whole.times.max() // 5 <= 1


def test_a_small_memory_lets_few_events_be_looked_at() -> None:
    few, many = (passages.most_events(PrefixTree(capacity=size)) for size in (1 << 20, 1 << 40))
    assert 5000 < few < 10_000
    assert many == passages.most_events(PrefixTree()) == passages.MOST


def test_contexts_of_much_are_shorter_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten traces of twelve outcomes: two edges of the tree, where the rest hangs as tails of eleven each."""
    tree, alphabet = count([["a", *"bcdefghij", "k"], ["b"]] * 10, grow_at=10**6)
    for much, longest in ((2 + 10 * 11 + 10, 6), (2 + 10 * 11 + 9, 5)):
        monkeypatch.setattr(passages, "MUCH", much)
        assert passages.longest_for(tree) == Table(tree, len(alphabet)).longest == longest
    assert Table(tree, len(alphabet), 3).longest == 3


def test_large_alphabets_leave_room_for_shorter_contexts_only() -> None:
    sizes = (0, 500, 600, 4000, 5000, 40_000, 10**6, 2**31 - 3)
    assert [digits_for(size).length for size in sizes] == [6, 6, 5, 4, 3, 2, 2, 1]
    digits = digits_for(2**31 - 3)
    assert digits.bits * (digits.length + 1) < 64
