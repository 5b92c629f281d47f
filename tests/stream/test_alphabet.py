"""A full alphabet: the same whatever the batches, whichever the way in, and counted."""

from __future__ import annotations

import io
import json
from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import StreamLearner
from flexstream.readers import Diagnostics, ReadContext, Reading, ReadOptions, assemble, read_items
from flexstream.readers.parsing.tokeniser import Tokeniser
from flexstream.readers.sessions.packing import Packer, encode
from flexstream.stream.alphabet import OTHER, SYMBOL_BYTES, UNLIMITED, Alphabet
from flexstream.stream.batch import TraceBatch

WORDS = [OTHER, "a", "bc", "def", "ä€😀", "a-word-that-is-longer", "1", "2"]
Traces = list[list[str]]
traces_of_words = st.lists(st.lists(st.sampled_from(WORDS), max_size=6), max_size=12)
rooms = st.integers(0, 6 * (SYMBOL_BYTES + 8))


def naive(traces: Traces, room: int) -> Traces:
    """Replace, event by event, each symbol that found no room."""
    known: set[str] = set()
    closed, name, result = False, "", []
    for trace in traces:
        result.append([])
        for symbol in trace:
            cost = SYMBOL_BYTES + len(symbol.encode())
            if symbol not in known and not closed:
                closed = cost > room
                if closed:
                    name = OTHER if OTHER not in known else "<other 2>"
                else:
                    known.add(symbol)
                    room -= cost
            result[-1].append(symbol if symbol in known else name)
    return result


def texts(batch: TraceBatch, alphabet: Alphabet) -> Traces:
    return [[alphabet.text(symbol) for symbol in trace] for trace in batch]


@given(traces_of_words, rooms)
def test_what_finds_no_room_is_the_catch_all(traces: Traces, room: int) -> None:
    alphabet = Alphabet(capacity=room)
    expected = naive(traces, room)
    assert texts(TraceBatch.from_traces(traces, alphabet), alphabet) == expected
    assert texts(TraceBatch.from_traces(traces, alphabet), alphabet) == naive(traces + traces, room)[len(traces) :]
    used = sum(SYMBOL_BYTES + len(text.encode()) for at, text in enumerate(alphabet) if at != alphabet.other)
    assert used + alphabet.left == room
    assert alphabet.other in (None, len(alphabet) - 1)


@given(traces_of_words, rooms, st.lists(st.sampled_from(["lines", "quick", "texts", "ids", "python"]), max_size=12))
def test_all_ways_in_and_all_batches_give_the_same(traces: Traces, room: int, ways: list[str]) -> None:
    alphabet, found = Alphabet(capacity=room), []
    tokeniser = Tokeniser(alphabet)
    for trace, way in zip(traces, [*ways, *["quick"] * len(traces)], strict=False):
        line = (" ".join(trace) + "\n").encode()
        if way == "quick":
            batch = tokeniser.split(line)
            assert batch is not None
        elif way == "lines":
            context = ReadContext(ReadOptions(format="lines"))
            items = read_items(io.BytesIO(line), context)
            (batch,) = assemble(items, alphabet)
        elif way == "texts":
            packer = Packer(alphabet, Diagnostics())
            packer.add(None, trace)
            batch = packer.take()
        elif way == "ids":
            packer = Packer(alphabet, Diagnostics())
            encode(trace, alphabet, ids := array("i"))
            packer.add_ids(None, ids)
            batch = packer.take()
        else:
            batch = TraceBatch.from_traces([trace], alphabet)
        found += texts(batch, alphabet)
    assert found == naive(traces, room)


@given(traces_of_words.filter(bool), rooms)
def test_a_whole_block_gives_what_its_lines_give(traces: Traces, room: int) -> None:
    whole, single = Alphabet(capacity=room), Alphabet(capacity=room)
    block = "".join(" ".join(trace) + "\n" for trace in traces).encode()
    batch = Tokeniser(whole).split(block)
    assert batch is not None
    assert texts(batch, whole) == texts(TraceBatch.from_traces(traces, single), single)
    assert (list(whole), whole.other, whole.left) == (list(single), single.other, single.left)


numbers = st.lists(st.lists(st.integers(0, 12).map(str), max_size=5), min_size=1, max_size=8)


@given(numbers, rooms)
def test_numbered_formats_keep_the_limit(traces: Traces, room: int) -> None:
    text = f"{len(traces)} 13\n" + "".join(" ".join([str(len(trace)), *trace]) + "\n" for trace in traces)
    alphabet = Alphabet(capacity=room)
    reading = Reading(io.BytesIO(text.encode()), alphabet, ReadOptions(format="pautomac"))
    batches = list(reading)
    assert [trace for batch in batches for trace in texts(batch, alphabet)] == naive(traces, room)
    assert reading.stats.skipped == 0


def test_a_refused_block_leaves_a_full_alphabet_as_it_was() -> None:
    alphabet = Alphabet(capacity=2 * SYMBOL_BYTES + 2)
    tokeniser = Tokeniser(alphabet)
    for _ in range(3):
        assert tokeniser.split(b"3 a b c\n2 d\n", 1) is None
    assert (list(alphabet), alphabet.other) == ([], None)
    batch = tokeniser.split(b"3 a b c\n", 1)
    assert batch is not None
    assert texts(batch, alphabet) == [["a", "b", OTHER]]


def test_the_word_table_does_not_grow_with_the_stream() -> None:
    alphabet = Alphabet(capacity=100_000)
    tokeniser = Tokeniser(alphabet)
    sizes = []
    for block in range(20):
        words = " ".join(f"w{block}-{number}" for number in range(5000))
        tokeniser.split(words.encode())
        sizes.append(sum(column.nbytes for column in tokeniser._words.columns))
    assert len(set(sizes)) == 1
    assert len(alphabet) < 501


@given(traces_of_words, traces_of_words, rooms, rooms)
def test_adopting_keeps_the_limit_and_the_catch_all(here: Traces, there: Traces, room: int, more: int) -> None:
    alphabet, other = Alphabet(capacity=room), Alphabet(capacity=more)
    TraceBatch.from_traces(here, alphabet)
    TraceBatch.from_traces(there, other)
    known = list(alphabet)
    places = alphabet.adopt(other)
    assert alphabet.left >= 0
    for number, place in enumerate(places.tolist()):
        assert place == alphabet.other or alphabet.text(place) == other.text(number)
    if other.other is not None:
        assert places[other.other] == alphabet.other
    assert alphabet.texts[: len(known)] == known


@settings(max_examples=30, deadline=None)
@given(st.lists(traces_of_words, min_size=1, max_size=4))
def test_a_learner_counts_what_it_gave_up_whatever_the_batches(pieces: list[Traces]) -> None:
    memory = 1 << 17
    whole, parts = StreamLearner(memory=memory), StreamLearner(memory=memory)
    whole.alphabet = Alphabet(capacity=3 * SYMBOL_BYTES)
    parts.alphabet = Alphabet(capacity=3 * SYMBOL_BYTES)
    everything = [trace for piece in pieces for trace in piece]
    whole.learn_many(everything)
    for piece in pieces:
        parts.learn_many(piece)
    expected = naive(everything, 3 * SYMBOL_BYTES)
    closed = whole.alphabet.other
    lost = 0 if closed is None else sum(trace.count(whole.alphabet.text(closed)) for trace in expected)
    assert whole.other_events == parts.other_events == lost
    assert whole.automaton.to_json() == parts.automaton.to_json()


def test_merging_counts_the_events_that_lose_their_symbol() -> None:
    first, second, third = (StreamLearner() for _ in range(3))
    for learner, symbols in ((first, 2), (second, 3), (third, 2)):
        learner.alphabet = Alphabet(capacity=symbols * (SYMBOL_BYTES + 1))
    first.learn_many([["a", "b"]] * 3)
    second.learn_many([["a", "c", "d"]] * 5)
    third.learn_many([["x", "y", "z", "z"]] * 7)
    assert (first.other_events, second.other_events, third.other_events) == (0, 0, 14)
    first.merge(second)
    assert first.other_events == 10  # c and d of five traces
    first.merge(third)
    assert first.other_events == 10 + 28
    assert list(first.alphabet) == ["a", "b", OTHER]
    assert first.provenance()["alphabet"] == {"symbols": 3, "other": OTHER, "given_up_events": 38}
    assert first.tree.occurrences(3).tolist() == [8, 3, 38]
    assert sum(step.weight for step in first.automaton.transitions() if step.symbol == OTHER) == 38


def test_a_symbol_beyond_the_alphabet_is_unseen_to_the_model() -> None:
    learner = StreamLearner()
    learner.alphabet = Alphabet(capacity=SYMBOL_BYTES + 1)
    learner.learn_many([["a", "b"], ["a", "c"]] * 50)
    model = learner.automaton
    assert model.score_one(["a", "b"]).unseen == 1
    assert model.score_one(["a", OTHER]).unseen == 0


@pytest.mark.parametrize("memory", ["128KiB", "2MiB"])
def test_the_share_of_the_memory(memory: str) -> None:
    learner = StreamLearner(memory=memory)
    learner.learn_many([[f"w{number}"] for number in range(10_000)])
    held = sum(SYMBOL_BYTES + len(text) for text in learner.alphabet)
    room = {"128KiB": 1 << 14, "2MiB": 1 << 18}[memory]
    assert room - 300 < held < room + 300
    assert learner.other_events == 10_000 - len(learner.alphabet) + 1
    told = json.loads(learner.automaton.to_json())["provenance"]["alphabet"]
    assert told["given_up_events"] == learner.other_events


def test_hundreds_of_thousands_of_symbols_fit_by_default() -> None:
    learner = StreamLearner()
    for number in range(300_000):
        learner.alphabet.id(f"word{number:06}")
    assert learner.alphabet.other is None


def test_what_a_symbol_costs_is_said_and_kept() -> None:
    assert (SYMBOL_BYTES, UNLIMITED) == (200, 2**63 - 1)
    assert Alphabet().left == 2**63 - 1
    for capacity, other in ((2 * 200 + 2, None), (2 * 200 + 1, 1)):
        alphabet = Alphabet(capacity=capacity)
        assert alphabet.encode(["a", "b"]).tolist() == [0, 1]
        assert alphabet.other == other
    assert Alphabet(["a", "b", "a"]).texts == ["a", "b"]


def test_names_for_what_found_no_room_count_from_two() -> None:
    alphabet = Alphabet([OTHER, "<other 2>", "<other 3>"])
    assert alphabet.text(alphabet.close()) == "<other 4>"
    assert alphabet.close() == alphabet.other == 3
    plain = Alphabet()
    assert plain.text(plain.close()) == "<other>"


def test_symbols_never_seen_are_minus_one() -> None:
    alphabet = Alphabet(["a", "7"])
    assert alphabet.find(["a", "x", 7, np.int64(7), 8]).tolist() == [0, -1, 1, 1, -1]
    assert len(alphabet) == 2
    assert Alphabet.find_in({"a": 5}, ["a", "b"]).tolist() == [5, -1]


@pytest.mark.parametrize("symbol", [True, np.bool_(True), 1.5, None, b"a"])
def test_what_is_no_symbol_is_refused(symbol: object) -> None:
    with pytest.raises(TypeError, match=r"a symbol is a str or an int, not .*str\(\)"):
        Alphabet().encode([symbol])  # type: ignore[list-item]


def test_following_a_closed_alphabet_keeps_its_symbols_apart() -> None:
    alphabet = Alphabet(["a"], capacity=3 * SYMBOL_BYTES + 3)
    ahead = alphabet.copy()
    ahead.encode(["b", "c", "too", "much"])
    alphabet.follow(ahead, len(ahead))
    assert (alphabet.texts, alphabet.other) == (["a", "b", "c", OTHER], 3) == (ahead.texts, ahead.other)


def test_adopting_a_closed_alphabet_names_each_symbol_as_here() -> None:
    other = Alphabet(["x", "a"], capacity=2 * SYMBOL_BYTES + 2)
    other.encode(["lost"])
    alphabet = Alphabet(["a"])
    assert alphabet.adopt(other).tolist() == [1, 0, 2]
    assert (alphabet.texts, alphabet.other) == (["a", "x", OTHER], 2)
    assert Alphabet(["a"]).adopt(Alphabet(["x", "a"])).tolist() == [1, 0]
