"""n-grams made of a tree and its tails say what one says that is counted trace by trace, however far the tree grew."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.merging.kneser_ney import Passed, Table, discount, enough, made
from flexstream.merging.passages import Radix, contexts_of, of_tails, of_tree
from flexstream.summary.tree import PrefixTree

from ..naive import ngrams as naive
from ..strategies import Traces, count, traces

lengths = st.integers(1, 4)
growth = st.integers(1, 6)


def encoded(given_traces: Traces, alphabet: object) -> list[list[int]]:
    return [[alphabet.id(symbol) for symbol in trace] for trace in given_traces]  # type: ignore[attr-defined]


def context_of(code: int, radix: Radix) -> naive.Context:
    """Return the symbols of a context."""
    digits = []
    while code:
        code, digit = divmod(code, radix.base)
        digits.append(digit - 2)
    return tuple(reversed(digits))


def tallied(tree: PrefixTree, radix: Radix) -> Counter[tuple[naive.Context, int]]:
    """Return the passages of a tree and its tails."""
    contexts = contexts_of(tree, radix)
    found: Counter[tuple[naive.Context, int]] = Counter()
    for part in (of_tree(tree, contexts, radix.alphabet)[0], of_tails(tree, contexts, radix)):
        counts = np.broadcast_to(part.counts, part.outcomes.shape).tolist()
        for code, outcome, times in zip(part.contexts.tolist(), part.outcomes.tolist(), counts, strict=True):
            found[context_of(code, radix), outcome if outcome < radix.alphabet else naive.END] += times
    return found


@given(traces, growth, lengths)
def test_tree_and_tails_hold_every_passage(given_traces: Traces, grow_at: int, length: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    wanted = naive.counted(encoded(given_traces, alphabet), length)
    flat = {(context, outcome): times for context, row in wanted.items() for outcome, times in row.items()}
    assert +tallied(tree, Radix(len(alphabet), length)) == Counter(flat)


@given(traces.filter(bool), growth, lengths)
def test_it_says_what_is_said_of_counts_by_trace(given_traces: Traces, grow_at: int, length: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    ids, size = encoded(given_traces, alphabet), len(alphabet)
    table = Table.of(Passed.of(tree, Radix(size, length)))
    ngram = table.ngram()
    counts = naive.with_shorter(naive.counted(ids, length))
    discounts = {number: level.discount for number, level in enumerate(table.levels)}
    for trace in [*ids[:6], [size - 1] * 3 * (size > 0), []]:
        context = (naive.START, *trace)[-length:]
        shares = ngram.shares(ngram.after_all(trace))
        wanted = [
            naive.kneser_ney(counts, discounts, context, outcome, size + 2)
            for outcome in (naive.END, size, *range(size))
        ]
        assert shares == pytest.approx(np.array(wanted))
        assert shares.sum() == pytest.approx(1)


@given(traces, growth, lengths)
def test_what_is_left_out_is_as_if_it_had_never_come(given_traces: Traces, grow_at: int, length: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    ids, size = encoded(given_traces, alphabet), len(alphabet)
    table = Table.of(Passed.of(tree, Radix(size, length)))
    discounts = {number: level.discount for number, level in enumerate(table.levels)}
    longest = naive.counted(ids, length)
    rows = zip(
        table.passed.tree.contexts.tolist(), table.passed.tree.outcomes.tolist(), table.left_out().tolist(), strict=True
    )
    for code, outcome, said in list(rows)[:12]:
        context = context_of(code, table.radix)
        known = outcome if outcome < size else naive.END
        less = {other: Counter(row) for other, row in longest.items()}
        less[context][known] -= 1
        wanted = naive.kneser_ney(naive.with_shorter(less), discounts, context, known, size + 2)
        assert said == pytest.approx(wanted)


def test_discounts_by_hand() -> None:
    assert discount(np.array([1, 1, 1, 2, 3, 9])) == 3 / 5
    assert discount(np.array([2, 2])) == discount(np.array([], np.int64)) == 0.1


@pytest.mark.parametrize("capacity", [0, 5, 20, 60, 200])
def test_where_there_is_no_room_contexts_that_came_seldom_are_left_out(capacity: int) -> None:
    random = np.random.default_rng(3)
    given_traces = [[f"{symbol}" for symbol in random.integers(0, 5, random.integers(0, 9))] for _ in range(40)]
    tree, alphabet = count(given_traces, grow_at=2)
    table = Table.of(Passed.of(tree, Radix(len(alphabet), 3)))
    kept = enough(table.levels, capacity)
    ngram = made(table.levels, table.radix, kept)
    whole = table.ngram()
    assert len(ngram.sources) <= max(capacity, len(table.levels[0].counts) + len(table.levels[1].counts))
    assert len(ngram) <= len(whole)
    for trace in encoded(given_traces, alphabet):
        context, longest = ngram.after_all(trace), whole.after_all(trace)
        assert ngram.shares(context).sum() == pytest.approx(1)
        if capacity == 200 and len(ngram) == len(whole):
            assert ngram.shares(context).tolist() == whole.shares(longest).tolist()


def test_the_symbols_of_a_large_alphabet_do_not_run_over() -> None:
    given_traces = [[f"{number}", f"{number // 2}", f"{number // 3}", "end"] for number in range(9_000)] * 2
    tree, alphabet = count(given_traces, grow_at=1)
    for length in (1, 2, 3):
        table = Table.of(Passed.of(tree, Radix(len(alphabet), length)))
        assert len(table.levels[0].first) == 1
        assert [len(level.first) for level in table.levels[:2]] == [1, len(alphabet) + 1]
        assert table.ngram().shares(0).sum() == pytest.approx(1)


def test_long_traces_take_no_longer_than_short_ones() -> None:
    """A single trace of many events, all but the first in one tail."""
    symbols = [f"{number % 7}" for number in range(20_000)]
    tree, alphabet = count([symbols, ["0"]], grow_at=5)
    ngram = Table.of(Passed.of(tree, Radix(len(alphabet), 2))).ngram()
    assert ngram.shares(ngram.after_all([2, 3]))[2 + 4] > 0.99


def test_of_very_many_events_some_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    from flexstream.merging import passages

    monkeypatch.setattr(passages, "MOST", 2_000)
    tree, alphabet = count([[f"{number % 3}", "x", "y"] for number in range(3000)], grow_at=10**6)
    contexts, radix = contexts_of(tree, Radix(len(alphabet), 2)), Radix(len(alphabet), 2)
    part = of_tails(tree, contexts, radix)
    assert len(part.outcomes) < 2_000
    assert 8_000 < part.counts[0] * len(part.outcomes) < 10_000


def test_large_alphabets_leave_room_for_shorter_contexts_only() -> None:
    assert [Radix.of(size).length for size in (0, 500, 600, 4000, 5000, 40_000, 10**6, 2**31 - 3)] == [
        6,
        6,
        5,
        4,
        3,
        2,
        2,
        1,
    ]
    radix = Radix.of(2**31 - 3)
    assert radix.base ** (radix.length + 1) < 2**63
