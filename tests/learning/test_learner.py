"""What every learner promises, whatever its heuristic and strategy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import PDFA, StreamLearner, TraceBatch, UsageError
from flexstream.merging.heuristics import HEURISTICS
from flexstream.targets import reber, reentrant_line

from .. import naive
from ..strategies import Traces, traces

KINDS = [
    (heuristic, strategy)
    for heuristic in HEURISTICS
    for strategy in ("replay", "fresh", "final")
    if HEURISTICS[heuristic].undoable or strategy == "final"
]
every_kind = pytest.mark.parametrize(("heuristic", "strategy"), KINDS)
LOTS = reentrant_line().sample(2500, seed=8)


def learned(given_traces: Traces, **params: object) -> StreamLearner:
    """Return a learner that has seen some traces."""
    learner = StreamLearner(**params)  # type: ignore[arg-type]
    learner.learn_many(given_traces)
    return learner


@every_kind
def test_finds_the_line(heuristic: str, strategy: str) -> None:
    automaton = learned(LOTS, heuristic=heuristic, strategy=strategy).automaton
    if strategy == "final":  # early mistakes stay
        assert len(automaton) >= 2
    else:
        assert automaton.equivalent(reentrant_line(), tolerance=0.05)


@every_kind
def test_batches_make_no_difference(heuristic: str, strategy: str) -> None:
    params = {"heuristic": heuristic, "strategy": strategy, "every": 300}
    whole = learned(LOTS[:1000], **params)
    single, odd = StreamLearner(**params), StreamLearner(**params)  # type: ignore[arg-type]
    for trace in LOTS[:1000]:
        single.learn_one(trace)
    for start in range(0, 1000, 171):
        odd.learn_many(LOTS[start : min(1000, start + 171)])
    assert whole.automaton.to_json() == single.automaton.to_json() == odd.automaton.to_json()
    assert whole.refinements == single.refinements == odd.refinements


@every_kind
def test_same_events_same_automaton(heuristic: str, strategy: str) -> None:
    params = {"heuristic": heuristic, "strategy": strategy, "seed": 3}
    assert learned(LOTS, **params).automaton.to_json() == learned(LOTS, **params).automaton.to_json()


@every_kind
def test_asking_for_the_automaton_between_does_not_hurt(heuristic: str, strategy: str) -> None:
    learner = StreamLearner(heuristic=heuristic, strategy=strategy)
    for start in range(0, 2500, 250):
        learner.learn_many(LOTS[start : start + 250])
        automaton = learner.automaton
        assert automaton is learner.automaton
        assert np.isfinite([automaton.log2_prob(trace) for trace in LOTS[:20]]).all()


@every_kind
def test_memory_is_kept(heuristic: str, strategy: str) -> None:
    learner = learned(LOTS, heuristic=heuristic, strategy=strategy, memory="1200kB")
    assert learner.tree.nbytes <= 200_000
    assert learner.traces == len(LOTS)
    assert len(learner.automaton) >= 1


@every_kind
def test_decisions_are_told_in_words(heuristic: str, strategy: str) -> None:
    learner = learned(LOTS, heuristic=heuristic, strategy=strategy)
    told = list(learner.explain())
    assert len(told) == len(learner.journal) > 0
    assert told[0] == "state 0: the start"
    states = [line for line in told if line.startswith("state ")]
    assert [line.split(":")[0] for line in states] == [f"state {state}" for state in range(len(learner.automaton))]


@every_kind
def test_clone_has_the_parameters_and_nothing_else(heuristic: str, strategy: str) -> None:
    learner = learned(LOTS[:50], heuristic=heuristic, strategy=strategy, grow_at=3, reach=4, memory="2MiB", seed=2)
    twin = learner.clone()
    assert twin.get_params() == learner.get_params()
    assert (twin.traces, twin.events, len(twin.alphabet), len(twin.journal)) == (0, 0, 0, 0)
    assert repr(twin) == repr(learner)


def test_a_learner_that_saw_nothing_has_an_automaton() -> None:
    automaton = StreamLearner().automaton
    assert len(automaton) == 1
    assert np.isfinite(automaton.log2_prob([]))
    assert automaton.log2_prob(["never", "seen"]) < automaton.log2_prob([])


@given(traces)
def test_scores_equal_the_naive_walk(given_traces: Traces) -> None:
    automaton = learned(given_traces).automaton
    for trace in [*given_traces[:5], ["a", "zzz", "b"]]:
        assert automaton.log2_prob(trace) == pytest.approx(naive.log2_prob(automaton, trace))


@settings(max_examples=30)
@given(st.lists(traces, min_size=2, max_size=4), st.integers(1, 3))
def test_merge_counts_like_one_learner(pieces: list[Traces], grow_at: int) -> None:
    shards = [learned(piece, grow_at=grow_at, heuristic="css", repeats=False) for piece in pieces]
    total = shards[0].clone()
    for shard in shards:
        total.merge(shard)
    assert total.traces == sum(map(len, pieces))
    assert total.events == sum(len(trace) for piece in pieces for trace in piece)
    if grow_at == 1:
        whole = learned([trace for piece in pieces for trace in piece], grow_at=1, heuristic="css", repeats=False)
        assert naive.facts_of(total.tree, total.alphabet) == naive.facts_of(whole.tree, whole.alphabet)


def test_merged_shards_find_what_the_whole_finds() -> None:
    half, other = learned(LOTS[:1250]), learned(LOTS[1250:])
    half.merge(other)
    assert half.automaton.equivalent(reentrant_line(), tolerance=0.05)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [("seed", 1, 2), ("grow_at", 2, 3), ("heuristic", "css", "evidence"), ("options", {}, {"strength": 3.0})],
)
def test_learners_with_other_parameters_do_not_merge(name: str, one: Any, other: Any) -> None:
    learner = learned(LOTS[:50], **{name: one})
    with pytest.raises(UsageError, match=rf"`{name}` .*{re.escape(repr(one))} and with .*does not add up"):
        learner.merge(StreamLearner(**{name: other}))
    assert learner.traces == 50


def test_learners_with_other_memories_merge() -> None:
    learner = learned(LOTS[:50], memory="2MiB")
    learner.merge(learned(LOTS[50:80], memory="4MiB"))
    assert learner.traces == 80


def test_ints_and_texts_are_the_same_symbols() -> None:
    learner = learned([[1, 2], ["1", "2"]] * 10)  # type: ignore[list-item]
    assert list(learner.alphabet) == ["1", "2"]
    assert learner.automaton.log2_prob([1, 2]) == learner.automaton.log2_prob(["1", "2"])


def test_encoded_batches_are_taken_as_they_are() -> None:
    learner = StreamLearner()
    learner.learn_many(TraceBatch.from_traces(LOTS, learner.alphabet))
    assert learner.automaton.to_json() == learned(LOTS).automaton.to_json()


def interrupted() -> Iterator[list[str]]:
    """Yield traces until the source fails."""
    yield ["a", "new"]
    raise OSError("the source is gone")


@pytest.mark.parametrize("bad", ["abc", b"abc", [None], [1.5], [True], None])
@pytest.mark.parametrize("heuristic", ["evidence", "css"])
def test_traces_are_learned_all_or_none(bad: Any, heuristic: str) -> None:
    learner, other = (StreamLearner(heuristic=heuristic, every=20) for _ in range(2))
    for some in ([*LOTS, ["new", "a"], bad], [bad, ["new"]], [["new"], bad, ["newer"]]):
        with pytest.raises(TypeError, match=r"a trace is a sequence|a symbol is a str or an int"):
            learner.learn_many(some)
    with pytest.raises(TypeError):
        learner.learn_one(bad)
    with pytest.raises(OSError, match="gone"):
        learner.learn_many(interrupted())
    assert (learner.traces, learner.events, len(learner.alphabet), learner.refinements) == (0, 0, 0, 0)
    for one in (learner, other):
        one.learn_many(LOTS)
    assert learner.automaton.to_json() == other.automaton.to_json()
    assert list(learner.alphabet) == list(other.alphabet)


@pytest.mark.parametrize("ids", [[0, 2], [-1], [0, 1, 2**31 - 1]])
def test_a_batch_of_another_alphabet_is_refused(ids: list[int]) -> None:
    learner = StreamLearner()
    learner.learn_one(["a", "b"])
    with pytest.raises(UsageError, match="for an alphabet of 2 symbols"):
        learner.learn_many(TraceBatch(np.array(ids, np.int32), np.array([0, len(ids)])))
    assert (learner.traces, learner.events) == (1, 2)
    learner.learn_many(TraceBatch(np.empty(0, np.int32), np.array([0, 0])))
    assert learner.traces == 2


def refined_at(learner: StreamLearner) -> list[int]:
    """Return after which traces a learner refines."""
    seen: list[int] = []
    for lot in LOTS * 4:
        learner.learn_one(lot)
        seen += [learner.traces] * (learner.refinements - len(seen))
    return seen


@pytest.mark.parametrize(
    "params", [{"strategy": "replay"}, {"ensemble": 2}, {"memory": "128KiB"}, {"nodes": 64}, {"reach": 4}]
)
def test_refines_whenever_the_stream_has_doubled(params: dict[str, Any]) -> None:
    assert refined_at(StreamLearner(**params)) == [1000, 2000, 4000, 8000]


def test_refines_less_often_while_only_growth_hangs_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refined_at(StreamLearner()) == [1000, 8000]
    monkeypatch.setattr("flexstream.learning.schedule.LONG", 2000)
    monkeypatch.setattr("flexstream.learning.schedule.EACH", 100)
    assert refined_at(StreamLearner()) == [1000, 2000, 4000, 8000]


@pytest.mark.parametrize(("every", "refinements"), [(0, 0), (100, 25), (999, 2)])
def test_refines_when_told(every: int, refinements: int) -> None:
    assert learned(LOTS, every=every).refinements == refinements


@pytest.mark.parametrize(
    "params",
    [
        {"strategy": "nope"},
        {"heuristic": "nope"},
        {"options": {"nope": 1}},
        {"memory": "much"},
        {"grow_at": 0},
        {"reach": 0},
        {"every": -1},
        {"smoothing": 0},
    ],
)
def test_wrong_parameters_are_refused(params: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        StreamLearner(**params)  # type: ignore[arg-type]


def test_reach_bounds_the_tree_by_the_automaton() -> None:
    free, near = learned(reber().sample(20_000, 1)), learned(reber().sample(20_000, 1), reach=3)
    assert len(near.tree) < len(free.tree) / 3
    assert near.automaton.equivalent(reber(), tolerance=0.03)


def test_scoring_is_pure() -> None:
    learner = learned(LOTS)
    automaton, before = learner.automaton, learner.automaton.to_json()
    for trace in LOTS[:100]:
        automaton.score_one(trace)
        automaton.predict_proba_one(trace)
    automaton.score_one(["never", "seen"])
    assert automaton.to_json() == before == learner.automaton.to_json()


def test_the_model_says_how_it_came_to_be() -> None:
    made = learned(LOTS, seed=4).automaton.provenance
    assert made["traces"] == 2500
    assert made["parameters"]["seed"] == 4
    assert isinstance(PDFA.from_json(learned(LOTS).automaton.to_json()).provenance["tree"], dict)


@pytest.mark.parametrize("memory", ["800kB", "2MB"])
def test_short_memory_invents_no_states(memory: str) -> None:
    rng = np.random.default_rng(2)
    learner = StreamLearner(memory=memory)
    for symbol in range(30):
        learner.alphabet.id(str(symbol))
    lengths = rng.geometric(1 / 12, 30_000)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    learner.learn_many(TraceBatch(np.minimum(rng.zipf(1.5, offsets[-1]), 30).astype(np.int32) - 1, offsets))
    assert learner.tree.evicted_nodes > 500
    assert len(learner.automaton) <= 3


def test_a_long_stream_keeps_the_tree_near_its_states_whatever_the_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flexstream.learning.schedule.LONG", 2000)
    monkeypatch.setattr("flexstream.learning.schedule.EACH", 100)
    monkeypatch.setattr("flexstream.summary.tree.CACHED", 1 << 13)
    traces = list(reber().sample(6000, seed=1))
    whole, pieces = StreamLearner(), StreamLearner()
    whole.learn_many(traces)
    for start in range(0, len(traces), 700):
        pieces.learn_many(traces[start : start + 700])
    free = StreamLearner(reach=1000)
    free.learn_many(traces)
    assert whole.automaton.to_json() == pieces.automaton.to_json()
    assert len(whole.tree) < len(free.tree) / 2
    assert free.tree.evicted_nodes == 0
