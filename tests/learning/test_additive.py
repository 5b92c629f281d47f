"""Summaries: the sum hangs on no split, order or nesting; what is sent is read back without trust."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import DataError, StreamLearner, UsageError
from flexstream._kernels.keys import split_keys
from flexstream.learning.additive import Summary
from flexstream.learning.shard import Shard, skeleton
from flexstream.summary import sums
from flexstream.targets import reentrant_line

from .. import naive
from ..strategies import Traces, traces

LOTS = reentrant_line().sample(3000, seed=8)
FULL = "131072"  # bytes; with these three long symbols pass the alphabet's share


def learner_of(given_traces: Traces, **params: Any) -> StreamLearner:
    learner = StreamLearner(repeats=False, every=0, **params)
    learner.learn_many(given_traces)
    return learner


def summary_of(given_traces: Traces, **params: Any) -> Summary:
    return Summary.of(learner_of(given_traces, **params))


def nested(parts: list[Summary], draw: random.Random) -> Summary:
    """Add summaries up in a random order and nesting."""
    while len(parts) > 1:
        one = parts.pop(draw.randrange(len(parts)))
        other = draw.randrange(len(parts))
        parts[other] = parts[other].add(one)
    return parts[0]


@settings(max_examples=25)
@given(traces, st.integers(1, 7), st.randoms(use_true_random=False), st.sampled_from(["evidence", "css"]))
def test_the_sum_is_the_same_however_the_stream_is_divided(
    given_traces: Traces, number: int, draw: random.Random, heuristic: str
) -> None:
    params: dict[str, Any] = {"heuristic": heuristic, "memory": "8MiB"}
    whole = summary_of(given_traces, **params).close()
    parts: list[Traces] = [[] for _ in range(number)]
    for trace in given_traces:
        draw.choice(parts).append(trace)
    total = nested([summary_of(part, **params) for part in parts], draw).close()
    assert total.to_bytes() == whole.to_bytes()
    assert total.learner().automaton.to_json() == whole.learner().automaton.to_json()


@settings(max_examples=15)
@given(
    st.lists(st.lists(st.sampled_from([letter * 4000 for letter in "abcdefg"]), max_size=4), max_size=30),
    st.integers(2, 5),
    st.randoms(use_true_random=False),
)
def test_the_sum_is_the_same_where_alphabets_are_full(given_traces: Traces, number: int, draw: random.Random) -> None:
    parts = [given_traces[start::number] for start in range(number)]
    shards = [summary_of(part, memory=FULL).to_bytes() for part in parts]
    totals = [nested([Summary.from_bytes(shard) for shard in shards], draw).close() for _ in range(3)]
    assert len({total.to_bytes() for total in totals}) == 1
    assert totals[0].events == sum(map(len, given_traces))
    held = totals[0].tree.occurrences(len(totals[0].alphabet))
    lost = 0 if totals[0].alphabet.other is None else int(held[totals[0].alphabet.other])
    assert lost == totals[0].other_events


def test_the_most_frequent_symbols_stay() -> None:
    names = [letter * 4000 for letter in "abcdefg"]
    parts = [[[names[number % 7]] for number in range(start, 40)] + [[names[6]]] * 30 for start in range(3)]
    total = summary_of(parts[0], memory=FULL)
    for part in parts[1:]:
        total.add(summary_of(part, memory=FULL))
    total.close()
    assert total.alphabet.texts[0] == names[2]  # the one that all three had room for
    assert total.alphabet.text(total.alphabet.other or 0) == "<other>"
    assert total.traces == total.tree.traces == sum(map(len, parts))


def test_a_symbol_may_be_called_as_the_one_for_others_is() -> None:
    full = summary_of([["a" * 9000], ["b" * 9000], ["c"]], memory=FULL)
    assert full.alphabet.other is not None
    total = full.add(summary_of([["<other>", "c"]], memory=FULL))
    assert total.alphabet.other is not None
    assert total.alphabet.text(total.alphabet.other) == "<other 2>"
    counts = {total.alphabet.text(symbol): number for symbol, number in total.tree.counts_of(0).items()}
    assert counts["<other>"] == 1


@pytest.mark.parametrize("number", [1, 8, 64, 512])
@pytest.mark.parametrize("heuristic", ["evidence", "css"])
def test_shards_of_a_sample_find_what_the_whole_finds(number: int, heuristic: str) -> None:
    whole = summary_of(LOTS, heuristic=heuristic).close()
    shards = [summary_of(LOTS[start::number], heuristic=heuristic) for start in range(number)]
    total = nested(shards, random.Random(number)).close()
    assert naive.facts_of(total.tree, total.alphabet) == naive.facts_of(whole.tree, whole.alphabet)
    assert total.learner().automaton.to_json() == whole.learner().automaton.to_json()
    if heuristic == "evidence":
        assert total.learner().automaton.equivalent(reentrant_line(), tolerance=0.05)


@pytest.mark.parametrize("number", [1, 2, 30])
def test_the_tree_of_a_sum_grows_near_the_states_of_all(number: int) -> None:
    parts = [StreamLearner(repeats=False, grow_at=40) for _ in range(number)]
    for start, part in enumerate(parts):
        part.learn_many(LOTS[start::number])
    total = nested([Summary.of(part) for part in parts], random.Random(number)).close()
    learner = total.learner()
    columns, edges = learner.answer().tree.columns, learner.tree.edges
    waiting = (columns.tails[:edges] >= 0) & (columns.child[:edges] < 0)
    owners = split_keys(columns.keys[:edges])[0][waiting]
    assert len(owners) and columns.below[owners].min() >= learner.heuristic.near


@settings(max_examples=15)
@given(st.lists(traces, min_size=1, max_size=3), st.integers(1, 4), st.sampled_from(["evidence", "css"]))
def test_rounds_from_skeletons_add_up_to_the_whole(rounds: list[Traces], number: int, heuristic: str) -> None:
    total = Summary(StreamLearner(repeats=False, every=0, heuristic=heuristic, memory="8MiB").settings)
    for given_traces in rounds:
        begun = Summary.from_bytes(skeleton(total).to_bytes())
        for part in range(number):
            shard = Shard(begun, part)
            shard.learner.learn_many(given_traces[part::number])
            total.add(Summary.from_bytes(shard.delta().to_bytes()))
        total.close()
    whole = summary_of([trace for part in rounds for trace in part], heuristic=heuristic, memory="8MiB").close()
    assert naive.facts_of(total.tree, total.alphabet) == naive.facts_of(whole.tree, whole.alphabet)
    assert naive.sketches_of(total.tree, total.alphabet) == naive.sketches_of(whole.tree, whole.alphabet)
    assert (total.traces, total.events) == (whole.traces, whole.events)


@pytest.mark.parametrize("memory", ["256KiB", "1MiB"])
def test_shards_that_give_nodes_up_lose_no_trace(memory: str) -> None:
    draw = random.Random(5)
    words = [[draw.choice("abcdefgh") for _ in range(draw.randrange(12))] for _ in range(6000)]
    total = Summary(StreamLearner(repeats=False, memory=memory).settings)
    evicted = 0
    for first in range(0, len(words), 2000):
        begun = skeleton(total)
        for part in range(2):
            shard = Shard(begun, part)
            shard.learner.learn_many(words[first + part : first + 2000 : 2])
            evicted += shard.learner.tree.evicted_nodes
            total.add(shard.delta())
        total.close()
    columns, nodes = total.tree.columns, len(total.tree)
    assert evicted or memory == "1MiB"
    assert (total.traces, total.events) == (6000, sum(map(len, words)))
    assert (
        columns.visits[0] == 6000
        and columns.visits[:nodes].min() >= 0
        and columns.counts[: total.tree.edges].min() >= 0
    )
    counts = {total.alphabet.text(symbol): number for symbol, number in total.tree.counts_of(0).items()}
    assert counts == {letter: sum(word[:1] == [letter] for word in words) for letter in "abcdefgh"}
    assert Summary.from_bytes(total.to_bytes()).to_bytes() == total.to_bytes()


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [("grow_at", 2, 3), ("seed", 0, 1), ("tails", True, False), ("options", {}, {"strength": 9.0}), ("nodes", None, 9)],
)
def test_other_parameters_do_not_add_up(name: str, one: Any, other: Any) -> None:
    first, second = (summary_of([["a"]] * 5, **{name: value}) for value in (one, other))
    with pytest.raises(UsageError, match=rf"`{name}` .* does not add up \(expected: the same\)"):
        first.add(second)
    assert first.traces == 5


def test_a_learner_goes_on_from_a_summary() -> None:
    learner = Summary.from_bytes(summary_of(LOTS[:1500]).close().to_bytes()).learner()
    learner.learn_many(LOTS[1500:])
    assert (learner.traces, learner.events) == (3000, sum(map(len, LOTS)))
    assert learner.automaton.equivalent(reentrant_line(), tolerance=0.05)


def test_what_was_repeated_adds_up() -> None:
    shards = []
    for _ in range(2):
        learner = StreamLearner()
        learner.learn_many([[str(number), "end"] for number in range(30)] * 4)
        shards.append(Summary.of(learner))
    total = shards[0].add(Summary.from_bytes(shards[1].to_bytes())).close()
    assert total.traces == 240 and total.held.traces == 180
    assert total.learner().traces == 240


def test_damage_is_told_and_nothing_is_believed() -> None:
    data = summary_of(LOTS[:300]).to_bytes()
    draw = random.Random(1)
    for _ in range(200):
        at = draw.randrange(len(data))
        broken = data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :]
        with pytest.raises(DataError):
            Summary.from_bytes(broken)
    with pytest.raises(DataError, match="cut off"):
        Summary.from_bytes(data[:-1])
    with pytest.raises(DataError, match="is no summary"):
        Summary.from_bytes(b"{}")


def test_a_summary_takes_few_bytes() -> None:
    learner = learner_of(LOTS)
    summary = Summary.of(learner)
    assert len(summary.to_bytes()) * 3 < learner.tree.nbytes


@pytest.mark.parametrize("heuristic", ["evidence", "css"])
def test_rows_are_laid_in_order_once_where_all_has_room(heuristic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    total = nested([summary_of(LOTS[start::4], heuristic=heuristic) for start in range(4)], random.Random(1))
    laid: list[int] = []
    rearrange = sums.rearrange
    monkeypatch.setattr(sums, "rearrange", lambda tree, rank: (laid.append(len(tree)), rearrange(tree, rank)))
    total.close()
    assert len(laid) == 1


@pytest.mark.parametrize("heuristic", ["evidence", "css"])
def test_the_sum_is_the_same_in_any_order_where_growing_has_no_room(
    heuristic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, laid = random.Random(5), list[int]()
    shards = [summary_of(LOTS[start:600:24], heuristic=heuristic).to_bytes() for start in range(24)]
    close, rearrange = sums.close, sums.rearrange

    def total() -> Summary:
        draw.shuffle(shards)
        return nested([Summary.from_bytes(shard) for shard in shards], draw)

    most = (sums.bytes_of(total().tree) + sums.bytes_of(total().close().tree)) // 2
    monkeypatch.setattr(sums, "close", lambda tree, codes, _: close(tree, codes, most))
    monkeypatch.setattr(sums, "bytes_of", lambda tree, *more: sums.UNLIMITED)
    monkeypatch.setattr(sums, "rearrange", lambda tree, rank: (laid.append(len(tree)), rearrange(tree, rank)))
    assert len({total().close().to_bytes() for _ in range(4)}) == 1
    assert len(laid) == 8
