"""A stream that repeats itself teaches the states of one copy of it; one that does not teaches what it always did."""

from __future__ import annotations

import copy
import pickle
import random

import numpy as np
import pytest

from flexstream import Alphabet, StreamLearner, TraceBatch
from flexstream._kernels import repeats as kernels
from flexstream.learning.repetition import Repeats
from flexstream.targets import Recipe, random_hmm, random_pdfa

TARGET = random_pdfa(Recipe(states=12, symbols=6, mean_length=9), 4)
DRAWN = [tuple(trace.tolist()) for trace in TARGET.sampler(7).batch(6000)]
BASE, HELD_OUT = DRAWN[:4000], DRAWN[4000:]
EACH = [trace for trace in BASE for _ in range(8)]
TENTH = BASE[:400]
STREAMS = {
    "whole copies": BASE * 12,
    "two copies": BASE * 2,
    "each eight times in a row": EACH,
    "a tenth fifty times in order": BASE + TENTH * 49,
    "a tenth fifty times, each in a row": [t for n, t in enumerate(BASE) for _ in range(50 if n < 400 else 1)],
    "a tenth fifty times, shuffled": random.Random(1).sample(BASE + TENTH * 49, 4000 + 49 * 400),
    "a block forty times": BASE + BASE[:100] * 40,
    "a block forty times first": BASE[:100] * 40 + BASE,
    "copies shuffled": random.Random(2).sample(BASE * 12, 48_000),
}


def batch_of(traces: list[tuple[int, ...]]) -> TraceBatch:
    """Return traces of ids as a batch."""
    return TraceBatch(np.concatenate(traces).astype(np.int32), np.cumsum([0, *map(len, traces)]))


def learned(traces: list[tuple[int, ...]], size: int = 5000, **options: object) -> StreamLearner:
    """Return a learner of traces of the target."""
    learner = StreamLearner(**options)  # type: ignore[arg-type]
    learner.alphabet.adopt(Alphabet(TARGET.symbols))
    for start in range(0, len(traces), size):
        learner.learn_many(batch_of(traces[start : start + size]))
    return learner


def bits_of(learner: StreamLearner) -> float:
    """Return the bits of a trace that is held out."""
    return float(-np.mean(learner.automaton.score_batch(batch_of(HELD_OUT))[0]))


ONE = learned(BASE)


@pytest.mark.parametrize("name", STREAMS)
def test_what_is_repeated_teaches_the_states_of_one_copy(name: str) -> None:
    learner = learned(STREAMS[name])
    assert len(learner.automaton) <= 1.5 * len(ONE.automaton)
    assert bits_of(learner) <= 1.04 * bits_of(ONE)
    extra = len(STREAMS[name]) - len(BASE)
    assert 0.1 * extra < learner.repeats.traces < 1.1 * extra  # a trace may come by itself where a copy would
    assert learner.traces == len(STREAMS[name])
    found = learner.repeats.multiplicity(learner.automaton)
    assert found is not None and found > 1.2


@pytest.mark.parametrize("size", [60, 200, 1000])
def test_a_small_file_in_a_loop_teaches_what_it_teaches_once(size: int) -> None:
    once, often = learned(BASE[:size]), learned(BASE[:size] * 60)
    assert len(often.automaton) <= 1.5 * len(once.automaton) + 1
    assert often.repeats.traces > 58 * size


def test_repeats_count_for_probabilities() -> None:
    """Whatever is held back, a trace that came a hundred times as often is likelier by that."""
    options = {"division": np.inf}  # the same states, whether traces are repeated or not
    learner, once = learned(BASE + TENTH * 49, options=options), learned(BASE, options=options)
    assert len(learner.automaton) == len(once.automaton)
    assert learner.automaton.visits[0] == learner.traces == len(BASE) + 49 * 400
    assert learner.automaton.stops.sum() == pytest.approx(learner.traces)
    repeated = batch_of(TENTH * 49)
    more, fewer = (one.automaton.alone.score_batch(repeated)[0].mean() for one in (learner, once))
    assert more > fewer


def test_batches_do_not_matter() -> None:
    stream = STREAMS["a tenth fifty times, shuffled"][:12_000]
    one, other = learned(stream, 12_000), learned(stream, 17)
    assert one.repeats.traces == other.repeats.traces > 0
    assert one.automaton.to_json() == other.automaton.to_json()
    asked = learned(stream[:6000], 500)
    assert asked.automaton
    for start in range(6000, 12_000, 100):
        asked.learn_many(batch_of(stream[start : start + 100]))
        assert len(asked.automaton)
    assert asked.automaton.equivalent(one.automaton)


@pytest.mark.parametrize("seed", range(100))
def test_nothing_is_held_back_where_nothing_repeats(seed: int) -> None:
    random_numbers = np.random.default_rng(seed)
    states, symbols, traces = (int(random_numbers.integers(*most)) for most in ((2, 40), (2, 15), (200, 9000)))
    make = random_hmm if seed % 4 == 0 else random_pdfa
    source = make(Recipe(states=states, symbols=symbols, mean_length=random_numbers.uniform(2, 12)), seed)
    learner = StreamLearner()
    learner.alphabet.adopt(Alphabet(source.symbols))
    learner.learn_many(source.sampler(seed).batch(traces))
    assert learner.repeats.traces == 0
    found = learner.repeats.multiplicity(learner.automaton)
    assert found is None or found <= 1.1


def test_a_handful_of_traces_that_take_turns_is_no_loop() -> None:
    learner = StreamLearner()
    learner.learn_many([["a", "b"], ["c", "b"], ["c"], ["a", "d", "e"]] * 500)
    assert learner.repeats.traces == 0


def test_memory_is_bounded() -> None:
    for capacity in (1 << 10, 1 << 14, 1 << 18):
        repeats = Repeats(capacity)
        for start in range(0, 8000, 500):
            repeats.evidence_of(batch_of((DRAWN[:60] * 150)[start : start + 500]))
        assert repeats.nbytes <= max(2 * capacity, 4096)
        assert repeats.held().nbytes <= capacity
    assert repeats.traces > 0


def test_what_has_no_room_is_counted() -> None:
    repeats = Repeats(1 << 14)
    traces = batch_of([(number % 7, number) * 20 for number in range(100)])
    for _ in range(4):
        repeats.evidence_of(traces)
    held = repeats.held()
    assert held.lost > 0
    assert held.traces == held.times.sum() + held.lost


def test_learners_that_held_something_back_add_up() -> None:
    one, other = learned(BASE + TENTH * 9), StreamLearner()
    other.learn_many([[TARGET.symbols[symbol] for symbol in trace] for trace in TENTH * 9])
    both = copy.deepcopy(one)
    both.merge(other)
    assert both.traces == one.traces + other.traces
    held = both.repeats.held()
    assert held.traces == held.times.sum() == one.repeats.traces + other.repeats.traces
    assert len(held.times) <= 400
    assert both.automaton.visits[0] == both.traces
    twin = pickle.loads(pickle.dumps(both))
    assert twin.automaton.to_json() == both.automaton.to_json()


def test_copies_go_their_own_way() -> None:
    learner = learned(BASE)
    twin = copy.copy(learner)
    twin.learn_many(batch_of(BASE))
    assert (learner.repeats.traces, learner.traces) == (0, 4000)
    assert twin.repeats.traces > 3900


def test_the_table_keeps_what_it_knows_as_it_grows() -> None:
    repeats = Repeats(1 << 24)
    repeats.expect(ONE.automaton, 4000)  # nobody's surprise is known then, that of free slots neither
    repeats.evidence_of(batch_of([()] * 5 + [(number,) for number in range(4)]))
    repeats.expect(ONE.automaton, 4000)
    repeats.evidence_of(batch_of([(number,) for number in range(9000)]))
    assert repeats._times(np.zeros(1, np.int64)).tolist() == [5]  # the empty trace, whose hash is that of free slots
    known = repeats._known
    assert len(known.entries) >= 32_768
    assert np.count_nonzero(known.entries[:, kernels.CAME]) > 8900
    sampled = int(known.size[kernels.SAMPLED])
    assert 512 <= sampled <= 2048
    assert (repeats._times(known.sample_hash[:sampled]) == 1).mean() > 0.97


def test_an_example_is_what_came_most_often() -> None:
    assert learned(BASE).repeats.held().to_document(Alphabet(TARGET.symbols)) is None
    learner = learned(BASE + BASE[5:25] * 150)
    told = learner.provenance()["repeats"]
    assert told["example"] in [[TARGET.symbols[symbol] for symbol in trace] for trace in BASE[5:25]]
    assert told["traces"] > 2900 and told["times"] > 145
    assert told["events"] > sum(map(len, BASE[5:25])) * 145
    assert told["given_up"] == 0
    assert "repeats" not in ONE.provenance()


@pytest.mark.parametrize("times", [5, 50])
def test_what_was_counted_before_it_was_clear_is_taken_back(times: int) -> None:
    """The first traces, each so many times in a row: one of each is evidence, as if they had come once."""
    stream = [trace for trace in DRAWN[100:160] for _ in range(times)] + BASE
    learner, once = learned(stream), learned(DRAWN[100:160] + BASE)
    assert learner.tree.traces <= len(BASE) + 60
    assert learner.traces == len(stream)
    assert len(learner.automaton) <= len(once.automaton) + 1
    assert learner.automaton.visits[0] == len(stream)
    for size in (1, 7, 64):
        assert learned(stream, size).automaton.to_json() == learner.automaton.to_json()


def test_a_tree_that_starts_again_is_followed_by_journals() -> None:
    stream = [trace for trace in DRAWN[:40] for _ in range(20)] + BASE
    plain, watched = learned(stream, every=100), learned(stream, 1, every=100, strategy="replay")
    assert plain.traces == watched.traces == len(stream)
    assert len(watched.automaton) <= 1.5 * len(ONE.automaton) + 2


def test_of_an_independent_sample_nothing_is_a_repetition_in_whatever_order() -> None:
    told, sought = learned(sorted(BASE), repeats=False), learned(sorted(EACH), repeats=True)
    assert not told.repeats.traces and sought.repeats.traces
    assert told.automaton.equivalent(learned(BASE).automaton)


HANDFUL = [("load", "run", "unload"), ("load", "setup", "run", "unload"), ("load", "run", "break"), ("load", "break")]


@pytest.mark.parametrize("times", [(300, 300, 150, 150), (900, 10, 80, 10), (5, 5, 5, 985)])
@pytest.mark.parametrize("order", ["in blocks", "in turns", "shuffled"])
def test_a_handful_of_traces_is_what_a_process_has_to_say(times: tuple[int, ...], order: str) -> None:
    stream = [trace for trace, often in zip(HANDFUL, times, strict=True) for _ in range(often)]
    if order == "in turns":
        stream.sort(key=dict(zip(HANDFUL, range(4), strict=True)).get)  # type: ignore[arg-type]
        stream = [trace for start in range(7) for trace in stream[start::7]]
    elif order == "shuffled":
        random.Random(0).shuffle(stream)
    learner, plain = StreamLearner(), StreamLearner(repeats=False)
    for each in (learner, plain):
        each.learn_many(stream)
    assert not learner.repeats.traces
    assert learner.automaton.equivalent(plain.automaton) and len(learner.automaton) > 3


def changing(seed: int, traces: int = 2000) -> list[tuple[str, ...]]:
    """Return traces of a process that gets another step halfway; none is a copy of any other."""
    luck = random.Random(seed)

    def one(check: str) -> tuple[str, ...]:
        work = ["edit"] * min(6, int(luck.expovariate(0.7)))
        return (
            "open",
            *work,
            *(["sign"] if luck.random() < 0.3 else []),
            check,
            luck.choice(["close", "close", "drop"]),
        )

    return [one("review") for _ in range(traces)] + [one("vote") for _ in range(traces)]


@pytest.mark.parametrize("seed", range(4))
def test_traces_after_a_change_of_the_source_are_evidence(seed: int) -> None:
    stream = changing(seed)
    learner, plain = StreamLearner(), StreamLearner(repeats=False)
    for each in (learner, plain):
        each.learn_many(stream)
    assert learner.repeats.traces > 100  # while it comes nobody can know
    assert learner.automaton.to_json().count('"repeats"') == 1  # among the parameters only
    assert len(learner.automaton) == len(plain.automaton)
    assert learner.answer().tree.traces == learner.traces == len(stream)
    held_out = TraceBatch.from_traces(changing(seed + 50, 200), learner.alphabet)
    told, wanted = (each.automaton.score_batch(held_out)[0].mean() for each in (learner, plain))
    assert told == pytest.approx(wanted, abs=0.01)


def test_what_is_given_back_is_so_whoever_asks_and_when() -> None:
    stream = changing(1)
    learner = StreamLearner()
    learner.learn_many(stream)
    twin = pickle.loads(pickle.dumps(learner))
    asked = StreamLearner()
    for start in range(0, len(stream), 250):
        asked.learn_many(stream[start : start + 250])
        assert asked.automaton
    wanted = learner.automaton.to_json()
    assert twin.automaton.to_json() == asked.automaton.to_json() == wanted
    assert pickle.loads(pickle.dumps(learner)).automaton.to_json() == wanted
    assert len(learner.tree.columns.visits) and learner.tree.traces + learner.repeats.traces == len(stream)
    learner.refine()
    assert learner.answer().tree.traces == learner.traces == len(stream)
    assert learner.automaton.equivalent(asked.automaton)


def test_repeats_after_a_change_are_no_evidence() -> None:
    """What is sent again and again in an order of its own stays held back, though nothing like it came before."""
    again = random.Random(1).sample(TENTH * 49, 400 * 49)
    learner = learned(BASE + again)
    assert learner.answer().tree.repeated.traces == learner.repeats.traces > 4000


def test_what_is_alike_because_symbols_were_left_out_is_no_repeat() -> None:
    """Each trace has a symbol of its own; most of these find no room."""
    learner = StreamLearner(memory="1MiB")
    for start in range(0, 12_000, 3000):
        learner.learn_many([["load", "run", f"lot {number}", "unload"] for number in range(start, start + 3000)])
    assert learner.other_events > 8000
    assert learner.repeats.traces == 0
    assert learner.tree.traces == learner.traces == 12_000


def test_traces_with_symbols_left_out_come_in_their_order() -> None:
    """What else a stream repeats is a repeat still."""
    traces = [(number, 99) if number % 5 == 2 else (number,) for number in range(50)]
    repeats, batch, veiled = Repeats(1 << 20), batch_of(traces), np.arange(50) % 5 == 2
    evidence = [repeats.evidence_of(batch, veiled) for _ in range(4)]
    assert [len(part) for part in evidence][::2] == [50, 10]
    assert [tuple(trace.tolist()) for trace in evidence[3]] == traces[2::5]
    assert repeats.counted_anew() is None and repeats.traces > 80
