"""Walks through an automaton, of tails and of traces: the kernels against their twins."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, StreamLearner, TraceBatch
from flexstream._kernels.routing import RouteColumns, agreement, enter_transitions, place_states
from flexstream._kernels.scoring import mix_chances, share_credit
from flexstream.automata.left_out import CountedParts, bits_left_out
from flexstream.automata.walking import ngram_columns, score_columns, walk_batch
from flexstream.merging.freeze import PAIRS, route_through
from flexstream.merging.heuristics import make
from flexstream.merging.search import Refinement, refine
from flexstream.summary.tree import PrefixTree
from flexstream.targets import Recipe, random_hmm, reber

from .. import naive
from ..strategies import Traces, count, traces

LEARNED = StreamLearner()
LEARNED.learn_many(reber().sample(60, 1))
HIDDEN = random_hmm(Recipe(states=20, symbols=5, mean_length=9, transition_sparsity=0.2), 0)
MIXED = StreamLearner()
MIXED.learn_many([["TPSXV"[int(symbol)] for symbol in trace] for trace in HIDDEN.sample(400, 1)])


def searched(automaton: PDFA) -> PDFA:
    """Return an automaton where each outcome is searched for, as in one of many states and symbols."""
    twin = replace(automaton)
    twin.__dict__["_columns"] = score_columns(automaton, pairs=0)
    return twin


PLAIN = [reber(), LEARNED.automaton, MIXED.automaton]
EVERY = [*PLAIN, *map(searched, PLAIN)]
strings = st.lists(st.lists(st.sampled_from("TPSXVq"), max_size=9), max_size=6)
Arrows = dict[tuple[int, int], int]


def arrows_of(found: Refinement) -> Arrows:
    """Return the transitions of a refinement between its states, by symbol; only those that lead somewhere."""
    fold, number = found.fold, {red: state for state, red in enumerate(found.reds.tolist())}
    owners = naive.pairs_of(fold.keys.tolist())
    return {
        (number[node], symbol): number[child]
        for (node, symbol), child in zip(owners, fold.child.tolist(), strict=True)
        if node in number and child >= 0
    }


def tails_of(tree: PrefixTree, states: list[int]) -> list[tuple[int, int, list[int]]]:
    """Return all tails, with the state from which each left the tree and the symbol by which it did."""
    columns, found = tree.columns, []
    for edge, (node, symbol) in enumerate(naive.pairs_of(columns.keys[: tree.edges].tolist())):
        tail = int(columns.tails[edge])
        while tail >= 0:
            rest = columns.store[columns.tail_start[tail] : columns.tail_stop[tail]].tolist()
            found.append((states[node], symbol, rest))
            tail = int(columns.tail_next[tail])
    return found


@pytest.mark.twin("routing.place_states", "routing.route_tails")
@given(traces, st.integers(1, 8), st.sampled_from([0, PAIRS]), st.data())
def test_nodes_and_tails_find_their_states(given_traces: Traces, grow_at: int, pairs: int, draw: st.DataObject) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    found = refine(tree, len(alphabet), make("evidence"))
    arrows, size = arrows_of(found), len(found.fold.visits)
    states = np.empty(size, np.int32)
    place_states(tree.columns, found.fold, found.reds, np.empty(size, np.int32), states)
    placed = states[: len(tree)].tolist()
    assert placed == naive.states_of([tree.path(node) for node in range(len(tree))], arrows)
    reds = len(found.reds)
    fallback = draw.draw(
        st.lists(st.integers(0, reds - 1), min_size=len(alphabet), max_size=len(alphabet)), label="fallback"
    )
    keys = np.array(naive.keys(list(arrows)), np.int64)
    route = route_through(
        tree, states, reds, keys, np.array(list(arrows.values()), np.int64), np.array(fallback, np.int32), pairs
    )
    passed, ended = naive.route(tails_of(tree, placed), arrows, fallback)
    rows = int(route.size[0])
    counts = zip(naive.pairs_of(route.keys[:rows].tolist()), route.counts[:rows].tolist(), strict=True)
    assert +Counter(dict(counts)) == passed
    assert route.ends.tolist() == [ended[state] for state in range(reds)]
    assert route.keys[: len(keys)].tolist() == keys.tolist()


@pytest.mark.twin("routing.enter_transitions")
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=30, unique=True), st.booleans())
def test_transitions_have_their_slots(given_pairs: list[tuple[int, int]], each: bool) -> None:
    keys, size, fallback = np.array(naive.keys(given_pairs), np.int64), 35 if each else 128, np.zeros(7, np.int32)
    none, many = np.zeros(5, np.int64), np.zeros(len(keys) + 1, np.int64)
    amounts, slots = np.array([len(keys), each]), np.full(size, 77, np.int32)
    route = RouteColumns(
        np.zeros(1, np.int32),
        fallback,
        np.append(keys, 0),
        many.astype(np.int32),
        many,
        none,
        many,
        none,
        slots,
        amounts,
    )
    enter_transitions(route)
    wanted = naive.pair_table(given_pairs, size, 7) if each else naive.table(keys.tolist(), size)
    assert slots.tolist() == wanted


def test_ways_to_find_transitions_come_to_the_same() -> None:
    """Many tails of very different lengths, of many edges, through more transitions than there was room for."""
    tree, alphabet = count(HIDDEN.sample(3000, 2), grow_at=40)
    found = refine(tree, len(alphabet), make("evidence"))
    states, reds = np.zeros(len(found.fold.visits), np.int32), len(found.reds)
    place_states(tree.columns, found.fold, found.reds, np.empty(len(states), np.int32), states)
    fallback, none = np.arange(len(alphabet), dtype=np.int32) % reds, np.empty(0, np.int64)
    one, other = (route_through(tree, states, reds, none, none, fallback, pairs) for pairs in (0, PAIRS))
    assert one.size[0] == other.size[0] > 5 and one.counts.sum() > 10_000
    for name in ("keys", "targets", "counts"):
        assert (getattr(one, name)[: one.size[0]] == getattr(other, name)[: one.size[0]]).all()
    assert (one.ends == other.ends).all()
    passed, ended = naive.route(tails_of(tree, states[: len(tree)].tolist()), {}, fallback.tolist())
    counts = zip(naive.pairs_of(one.keys[: one.size[0]].tolist()), one.counts.tolist(), strict=False)
    assert +Counter(dict(counts)) == passed
    assert one.ends.tolist() == [ended[state] for state in range(reds)]


outcomes = st.dictionaries(st.integers(0, 3), st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4)


@pytest.mark.twin("routing.agreement")
@given(st.lists(outcomes, min_size=1, max_size=3), st.floats(0.5, 20))
def test_agreement_is_the_bayes_factor_of_each_state(states: list[dict[int, tuple[int, int]]], strength: float) -> None:
    shares = {0: 0.4, 1: 0.3, 2: 0.2, 3: 0.1}  # 0: the end
    rows = [(s, o, *both) for s, state in enumerate(states) for o, both in state.items() if o]
    source, symbol, counts, others = (
        (np.array(column, np.int64) for column in zip(*rows, strict=True))
        if rows
        else (np.empty(0, np.int64) for _ in range(4))
    )
    stops, more = (np.array([state.get(0, (0, 0))[side] for state in states], np.int64) for side in (0, 1))
    found = np.empty(len(states))
    columns = source, np.array([shares[o] for o in symbol.tolist()]), counts, others
    agreement(strength, *columns, stops, more, shares[0], found)
    wanted = [
        naive.pooled(strength, *({o: both[side] for o, both in state.items()} for side in (0, 1)), shares)
        for state in states
    ]
    assert found.tolist() == pytest.approx(wanted, rel=1e-7, abs=1e-7)


def encoded(automaton: PDFA, given_traces: Traces) -> TraceBatch:
    """Return traces by the automaton's ids."""
    ids = [automaton.encode(trace) for trace in given_traces]
    symbols = np.concatenate([np.empty(0, np.int32), *ids]).astype(np.int32)
    return TraceBatch(symbols, np.cumsum([0, *map(len, ids)]))


def test_one_of_the_automata_is_mixed_with_an_n_gram() -> None:
    assert [automaton.ngram is not None for automaton in EVERY] == [False, False, True] * 2
    assert [bool(automaton._columns.each) for automaton in EVERY] == [True] * 3 + [False] * 3
    assert [automaton._columns.ngram.width > 0 for automaton in EVERY] == [False, False, True] + [False] * 3


@pytest.mark.twin("scoring.interpolate", "scoring.fill_outcomes")
def test_an_n_gram_says_of_each_outcome_what_its_counts_say() -> None:
    ngram = EVERY[2].ngram
    assert ngram is not None and ngram.order > 2
    columns, width = ngram_columns(ngram), ngram.alphabet + 2
    wanted = [naive.ngram_chance(ngram, context, outcome) for context in range(len(ngram)) for outcome in range(width)]
    assert columns.whole.tolist() == pytest.approx(wanted)
    leads = [naive.next_context(ngram, context, outcome) for context in range(len(ngram)) for outcome in range(width)]
    assert columns.next.tolist() == leads
    rows = zip(ngram.sources.tolist(), ngram.outcomes.tolist(), strict=True)
    assert ngram.probabilities.tolist() == pytest.approx(
        [wanted[context * width + outcome] for context, outcome in rows]
    )


def test_a_trace_that_is_hardly_possible_loses_no_digits() -> None:
    """Products of many probabilities would be smaller than any number."""
    rare = PDFA(["a", "b"], [1.0], [0.5], [0, 2], [0, 1], [0, 0], [0.5 - 2.0**-900, 2.0**-900])
    for automaton in (rare, searched(rare)):
        assert automaton.log2_prob(["b"] * 40) == -(40 * 900 + 1)
        assert automaton.log2_prob(["a", "b"] * 400) == -(400 * 901 + 1)
        assert automaton.score_one(["a", "b", "c", "a"]).log2_prob == -math.inf


@pytest.mark.twin("scoring.event_bits")
@given(st.lists(st.sampled_from("TPSXVq"), max_size=12))
def test_each_event_surprises_as_the_naive_walk_says(trace: list[str]) -> None:
    for automaton in EVERY:
        bits, states = automaton.surprises(trace)
        wanted, path, _ = naive.surprises(automaton, trace)
        assert bits.tolist() == pytest.approx(wanted)
        ends = [naive.surprises(automaton, trace[:place])[0][-1] for place in range(len(trace) + 1)]
        assert automaton.end_surprises(trace).tolist() == pytest.approx(ends)
        assert states.tolist() == path


@pytest.mark.twin("scoring.walk_traces")
@given(strings)
def test_many_traces_are_walked_as_each_is(given_traces: Traces) -> None:
    for automaton in EVERY:
        batch = encoded(automaton, given_traces)
        bits, states = walk_batch(automaton, batch)
        walks = [naive.surprises(automaton, trace) for trace in given_traces]
        assert bits.tolist() == pytest.approx([value for row, _, _ in walks for value in row])
        assert states.tolist() == [state for _, path, _ in walks for state in path]


@pytest.mark.twin("scoring.batch_chances")
@given(strings)
def test_a_batch_surprises_trace_by_trace(given_traces: Traces) -> None:
    for automaton in EVERY:
        batch = encoded(automaton, given_traces)
        bits, known = np.empty(batch.events + len(batch)), np.zeros(batch.events + len(batch), np.bool_)
        automaton.bits_of(batch, bits, known)
        walks = [naive.surprises(automaton, trace) for trace in given_traces]
        assert bits.tolist() == pytest.approx([value for row, _, _ in walks for value in row])
        assert known.tolist() == [value for _, _, row in walks for value in row]
        known[:] = True
        automaton.bits_of(batch, bits, known)
        assert known.all()  # what another automaton knew stays known


@pytest.mark.twin("scoring.score_traces")
@given(strings)
def test_scores_are_those_of_the_naive_walk(given_traces: Traces) -> None:
    for automaton in EVERY:
        found = automaton.score_batch(encoded(automaton, given_traces))
        for row, trace in zip(zip(*(column.tolist() for column in found), strict=True), given_traces, strict=True):
            bits, worst, worst_bits, unseen = naive.score(automaton, trace)
            assert row == (pytest.approx(-bits), worst, pytest.approx(worst_bits), unseen)


rows_of_chances = st.lists(st.floats(1e-9, 1) | st.just(0.0), min_size=5, max_size=5)


@pytest.mark.twin("scoring.mix_chances")
@given(st.lists(st.tuples(st.floats(0.01, 1), rows_of_chances), min_size=1, max_size=4))
def test_a_mixture_is_that_of_whole_traces(members: list[tuple[float, list[float]]]) -> None:
    total = sum(weight for weight, _ in members)
    weights, chances = [weight / total for weight, _ in members], [row for _, row in members]
    known = np.array([True, False, True, True, False])
    sums, where, most, unseen = np.empty(2), np.empty(2, np.int64), np.empty(2), np.empty(2, np.int64)
    mix_chances(np.array(weights), np.array(chances), known, np.array([0, 1, 3]), sums, where, most, unseen)
    for trace, (start, stop) in enumerate([(0, 2), (2, 5)]):
        wanted = naive.mixed(weights, [row[start:stop] for row in chances])
        assert sums[trace] == pytest.approx(sum(wanted), abs=1e-9)
        assert most[trace] == pytest.approx(max(wanted), abs=1e-9)
        assert wanted[where[trace]] == pytest.approx(max(wanted), abs=1e-9)
        assert unseen[trace] == (~known[start:stop]).sum()


bits_held = st.floats(-60, 0) | st.just(-math.inf)


@pytest.mark.twin("scoring.share_credit")
@given(st.lists(st.tuples(bits_held, bits_held, bits_held), max_size=6))
def test_credit_goes_to_who_held_it_likely(columns: list[tuple[float, float, float]]) -> None:
    rows = np.array(columns).reshape(-1, 3).T
    credit = np.array([1.0, 0.0, 2.0])
    share_credit(np.ascontiguousarray(rows), credit)
    assert credit.tolist() == pytest.approx(np.array([1.0, 0.0, 2.0]) + naive.credit(rows.tolist()))


@pytest.mark.twin("leaving_out.leave_out")
@pytest.mark.parametrize("automaton", EVERY)
@given(strings, st.sampled_from([1.0, 0.5, 0.1]))
def test_a_trace_is_left_out_of_the_counts(automaton: PDFA, given_traces: list[list[str]], part: float) -> None:
    alone, traces = automaton.alone, [*given_traces, *automaton.sample(2, 3)]
    batch = TraceBatch.from_traces(traces, automaton.alphabet())
    events = np.where(np.arange(len(alone.weights)) % 2, part, 1.0)
    ends = np.where(np.arange(len(alone)) % 3, 1.0, part)
    total, worst = bits_left_out(alone, batch, CountedParts(events, ends))
    names = [alone.symbols[symbol] for symbol in alone.edge_symbols]
    parts = dict(zip(zip(alone.sources.tolist(), names, strict=True), events.tolist(), strict=True))
    for row, trace in enumerate(traces):
        bits, most = naive.left_out(alone, trace, parts, ends.tolist())
        assert total[row] == pytest.approx(bits)
        assert worst[row] == pytest.approx(most)


def test_without_parts_all_that_came_was_counted() -> None:
    learner = StreamLearner()
    learner.learn_many([["a", "b"], ["a"], ["b", "b"]] * 9)
    automaton = learner.automaton.alone
    batch = TraceBatch.from_traces([["a", "b"], ["b"], ["c"]], automaton.alphabet())
    for one, other in zip(
        bits_left_out(automaton, batch), bits_left_out(automaton, batch, CountedParts.all_of(automaton)), strict=True
    ):
        assert one.tolist() == other.tolist()


def test_what_a_trace_alone_has_brought_is_not_known_without_it() -> None:
    learner = StreamLearner()
    learner.learn_many([["a", "b"]] * 99 + [["a", "odd"]])
    batch = TraceBatch.from_traces([["a", "b"], ["a", "odd"]], learner.automaton.alphabet())
    usual, odd = bits_left_out(learner.automaton, batch)[1]
    assert usual < 0.1
    assert odd > 10 > -learner.automaton.alone.log2_prob(["a", "odd"])
