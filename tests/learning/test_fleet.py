"""Fleets: the pool is the plain model, members keep to themselves what they have enough of, and lean on all else."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import flexstream
from flexstream import Fleet, FleetLearner, ModelError, StreamLearner, TraceBatch, UsageError, load_fleet, load_model
from flexstream.automata.fleet import OWN, PARTIAL, POOLED
from flexstream.container import read, write
from flexstream.errors import WrongTypeError
from flexstream.learning.learner_state import LEARNER
from flexstream.learning.pooling import _folds
from flexstream.saved import StateError

Traces = list[list[str]]

USUAL: Traces = [["load", "run", "ship"], ["load", "fix", "run", "ship"], ["load", "run", "run", "ship"]]
OTHER: Traces = [["ship", "load", "run"], ["ship", "run", "load", "fix"]]


def drawn(kinds: Traces, shares: list[float], count: int, seed: int) -> Traces:
    return [kinds[kind] for kind in np.random.default_rng(seed).choice(len(kinds), count, p=shares)]


def usual(count: int, seed: int) -> Traces:
    return drawn(USUAL, [0.6, 0.2, 0.2], count, seed)


def shifted(count: int, seed: int) -> Traces:
    return drawn(USUAL, [0.1, 0.8, 0.1], count, seed)


def learned(by_member: dict[str, Traces], order: int = 0, size: int = 10_000, **params: object) -> FleetLearner:
    pairs = [(name, trace) for name, traces in by_member.items() for trace in traces]
    if order:  # another mixture of the members, in each of which the traces keep their order
        queues = {name: iter(traces) for name, traces in by_member.items()}
        names = np.random.default_rng(order).permutation([name for name, _ in pairs])
        pairs = [(str(name), next(queues[str(name)])) for name in names]
    learner = FleetLearner(**params)  # type: ignore[arg-type]
    for start in range(0, len(pairs), size):
        part = pairs[start : start + size]
        learner.learn_many([trace for _, trace in part], [name for name, _ in part])
    return learner


MEMBERS = {"a": usual(300, 1), "b": usual(300, 2), "c": shifted(300, 3), "d": usual(5, 4)}


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return learned(MEMBERS).fleet()


def test_the_pool_is_the_plain_model() -> None:
    plain = StreamLearner()
    learner = learned(MEMBERS)
    plain.learn_many([trace for traces in MEMBERS.values() for trace in traces])
    pool = learner.fleet().pool
    assert pool.equivalent(plain.automaton, 0.0)  # type: ignore[union-attr]
    assert (
        pool.score_batch(batch(MEMBERS["c"], pool))[0].tolist()
        == plain.model.score_batch(batch(MEMBERS["c"], plain.model))[0].tolist()
    )


def test_a_fleet_of_one_member_is_the_plain_model() -> None:
    fleet, plain = learned({"a": MEMBERS["a"]}).fleet(), StreamLearner().fit(MEMBERS["a"])
    assert fleet["a"].kind == POOLED
    assert fleet.model("a").equivalent(plain.automaton, 0.0)  # type: ignore[union-attr]
    for trace in USUAL + OTHER:
        assert fleet.log2_prob(trace, "a") == plain.model.log2_prob(trace)


def test_the_order_of_the_members_is_no_matter_where_the_pool_is_the_same(fleet: Fleet) -> None:
    for order in (1, 2):
        found = learned(MEMBERS, order, size=100).fleet()
        assert [(one.name, one.traces, one.events, one.kind) for one in found.members] == [
            (one.name, one.traces, one.events, one.kind) for one in fleet.members
        ]
        assert found.base.equivalent(fleet.base, 0.0)
        for name in found:
            assert found.log2_prob(USUAL[1], name) == pytest.approx(fleet.log2_prob(USUAL[1], name), abs=1e-9)


@pytest.mark.parametrize("size", [1, 37, 4096])
def test_batches_are_no_matter(fleet: Fleet, size: int) -> None:
    assert learned(MEMBERS, size=size).fleet().to_json() == fleet.to_json()


def test_a_member_like_the_others_is_pooled_and_one_that_is_not_has_its_own_probabilities(fleet: Fleet) -> None:
    assert fleet["c"].kind in {PARTIAL, OWN}
    assert fleet.predict_proba_one(["load"], "c")["fix"] == pytest.approx(0.8, abs=0.06)
    assert fleet.predict_proba_one(["load"], "d") == fleet.pool.predict_proba_one(["load"])
    assert fleet["d"].kind == POOLED and fleet["d"].traces == 5
    alike = learned({name: usual(200, seed) for seed, name in enumerate("abcdefgh")}).fleet()
    assert [member.kind for member in alike.members].count(POOLED) >= 7
    assert max(member.gain for member in alike.members) < fleet["c"].gain / 10


def test_a_member_with_other_states_gets_them() -> None:
    odd = drawn(OTHER, [0.5, 0.5], 400, 9)
    fleet = learned({"a": usual(3000, 1), "b": usual(3000, 2), "odd": odd}, thin=False, nodes=12).fleet()
    assert fleet["odd"].kind == OWN
    alone = StreamLearner().fit(odd)
    assert fleet.log2_prob(OTHER[0], "odd") == pytest.approx(alone.model.log2_prob(OTHER[0]), abs=0.1)
    assert fleet["odd"].bits[OWN] < fleet["odd"].bits[PARTIAL]


def test_what_a_member_foretells_is_never_much_worse_than_the_pool(fleet: Fleet) -> None:
    for name, traces in (("a", usual(500, 11)), ("b", usual(500, 12)), ("c", shifted(500, 13)), ("d", usual(500, 14))):
        own, pool = (np.mean([model.log2_prob(one) for one in traces]) for model in (fleet.model(name), fleet.pool))
        assert own > pool - 0.03
    assert fleet["c"].gain > 0.1


def test_a_member_that_is_not_there_has_the_pools_model(fleet: Fleet) -> None:
    assert fleet.model("nobody") is fleet.pool and fleet.model(None) is fleet.pool
    assert "nobody" not in fleet and "a" in fleet and len(fleet) == 4 and list(fleet) == ["a", "b", "c", "d"]
    with pytest.raises(UsageError, match=r"no member 'nobody' in the fleet .*one of a, b, c, d"):
        fleet["nobody"]


def test_each_trace_of_a_batch_is_scored_by_its_members_model(fleet: Fleet) -> None:
    traces, names = [USUAL[1], USUAL[0], USUAL[1], []], ["c", "nobody", "a", "c"]
    encoded = TraceBatch.from_traces(traces, fleet.alphabet())
    mixed = TraceBatch(encoded.symbols, encoded.offsets, members=names)
    expected = [fleet.model(name).log2_prob(trace) for trace, name in zip(traces, names, strict=True)]
    assert fleet.score_batch(mixed)[0].tolist() == expected
    pool = [fleet.pool.log2_prob(trace) for trace in traces]
    assert fleet.score_batch(encoded)[0].tolist() == pool


def test_a_fleet_file_holds_all_of_it(fleet: Fleet, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "fleet.json"
    fleet.save(path)
    again = load_fleet(path)
    assert again.to_json() == fleet.to_json() == path.read_text()
    for name in ("a", "c", "d"):
        assert load_model(path, member=name).log2_prob(USUAL[2]) == fleet.log2_prob(USUAL[2], name)
    assert load_model(path).log2_prob(USUAL[2]) == fleet.pool.log2_prob(USUAL[2])
    with pytest.raises(UsageError, match="no member 'x'"):
        load_model(path, member="x")


def test_a_plain_model_has_no_members_and_is_no_fleet(fleet: Fleet, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "model.json"
    fleet.base.save(path)
    with pytest.raises(ModelError, match=r"model.json: not a fleet .*this is one model"):
        load_fleet(path)
    with pytest.raises(ModelError, match=r"model.json: holds one model, and none of a member 'a'"):
        load_model(path, member="a")


def test_memory_is_kept_with_very_many_members_and_rare_ones_are_only_pooled() -> None:
    learner = FleetLearner(memory="1MiB")
    for start in range(0, 20_000, 1000):
        learner.learn_many([USUAL[0]] * 1000, [f"host {number}" for number in range(start, start + 1000)])
    kept = learner._members.kept
    assert kept.nbytes <= (1 << 18) // 2
    fleet = learner.fleet()
    assert fleet.unlisted + len(fleet) == 20_000 and 100 < len(fleet) < 20_000
    assert fleet.log2_prob(USUAL[0], "host 19999") == fleet.pool.log2_prob(USUAL[0])


def test_what_is_kept_of_a_member_is_a_sample_where_memory_is_short() -> None:
    members = {"large": usual(20_000, 1), "small": shifted(200, 2)}
    fleet = learned(members, memory="1MiB").fleet()
    assert fleet["large"].counts.one_in > 1 and fleet["small"].counts.one_in == 1
    assert fleet["large"].traces == 20_000
    assert fleet.predict_proba_one(["load"], "small")["fix"] == pytest.approx(0.8, abs=0.07)
    assert fleet.predict_proba_one(["load"], "large")["fix"] == pytest.approx(0.2, abs=0.03)


def test_learners_of_parts_of_a_stream_add_up(fleet: Fleet) -> None:
    halves = [{name: traces[part::2] for name, traces in MEMBERS.items()} for part in range(2)]
    one, other = map(learned, halves)
    one.merge(other)
    found = one.fleet()
    assert [(member.name, member.traces, member.events) for member in found.members] == [
        (member.name, member.traces, member.events) for member in fleet.members
    ]
    assert found.predict_proba_one(["load"], "c")["fix"] == pytest.approx(0.8, abs=0.06)


def test_an_ensemble_is_the_pool_of_a_fleet_as_well(tmp_path) -> None:  # type: ignore[no-untyped-def]
    fleet = learned(MEMBERS, ensemble=2).fleet()
    path = tmp_path / "fleet.json"
    fleet.save(path)
    again = load_fleet(path)
    assert len(again.pool) == 2  # type: ignore[arg-type]
    assert again.log2_prob(USUAL[1], "c") == fleet.log2_prob(USUAL[1], "c")
    assert again.model("d") is again.pool


@pytest.mark.parametrize(
    ("traces", "members", "error", "words"),
    [
        ([["a"]], None, UsageError, "traces of no member"),
        ([["a"]], ["x", "y"], UsageError, "names 2 members of 1 traces"),
        ([["a"]], "x", WrongTypeError, "is one text"),
        ([["a"]], [7], WrongTypeError, "holds 7"),
        (["a"], ["x"], WrongTypeError, "not the text 'a'"),
    ],
)
def test_traces_that_are_nobodys_are_refused_and_nothing_is_learned(
    traces: object, members: object, error: type[Exception], words: str
) -> None:
    learner = FleetLearner()
    with pytest.raises(error, match=words):
        learner.learn_many(traces, members)  # type: ignore[arg-type]
    assert learner.traces == 0 and learner.names == []


def test_too_little_memory_is_refused() -> None:
    with pytest.raises(UsageError, match="of a fleet"):
        FleetLearner(memory="128KiB")


def test_concentrations_are_infinite_but_for_partial_members(fleet: Fleet) -> None:
    for member in fleet.members:
        assert math.isfinite(member.concentration) == (member.kind == PARTIAL)


def batch(traces: Traces, model: object) -> TraceBatch:
    return TraceBatch.from_traces(traces, model.alphabet())  # type: ignore[attr-defined]


@pytest.mark.parametrize("memory", ["64MiB", "256KiB"])
def test_a_fleet_goes_on_from_any_trace(memory: str, tmp_path: Path) -> None:
    """Where there is no room for all traces of its members, too."""
    names = [str(name) for name in np.random.default_rng(7).choice(["a", "b", "ä"], 9000)]
    traces = usual(4000, 1) + shifted(5000, 2)
    whole = FleetLearner(memory=memory)
    whole.learn_many(traces, names)
    assert (max(one.one_in for one in whole._members.kept.samples()) > 1) == (memory == "256KiB")
    for cut in (1, 4000, 5001):
        first, second = (FleetLearner(memory=memory) for _ in range(2))
        first.learn_many(traces[:cut], names[:cut])
        write(tmp_path / "state", first.pool.state(), LEARNER)
        second.pool.restore(read(tmp_path / "state", LEARNER))
        second.learn_many(traces[cut:], names[cut:])
        assert second.fleet().to_json() == whole.fleet().to_json()


def test_what_no_members_can_have_kept_is_refused() -> None:
    learner = learned({"a": USUAL * 5, "b": OTHER * 5})
    for name, wrong in (
        ("owners", np.full(20, 2, np.int32)),
        ("names", ["a", "a"]),
        ("of_levels", np.full(2, 64)),
        ("lengths", np.full(20, 3)),
        ("symbols", np.full(1, 99, np.int32)),
    ):
        state = learner.pool.state()
        state["observers"]["members"]["kept"][name] = wrong
        with pytest.raises(StateError, match="is damaged"):
            FleetLearner().pool.restore(state)


def test_what_was_learned_by_member_is_saved_with_its_members(tmp_path: Path) -> None:
    rows = {"lot": [7, 8] * 50, "task": ["load", "run"] * 50, "tool": ["a", "b"] * 50}
    learner = flexstream.learn(rows, case="lot", event="task", per="tool", checkpoint=tmp_path / "kept")
    learner.save_learner(tmp_path / "lots.learner")
    again = type(learner).load(tmp_path / "lots.learner")
    assert again.fleet.to_json() == learner.fleet.to_json() and list(again.fleet) == ["a", "b"]


def test_a_member_that_plainly_differs_is_not_pooled_by_the_luck_of_what_is_held_out() -> None:
    usual, fixed = ["load", "align", "run", "ship"], ["load", "align", "fix", "run", "ship"]
    for seed in range(6):
        odd = drawn([usual, fixed], [0.7, 0.3], 100, seed)
        by_member = {"a": [usual] * 100, "b": [usual] * 100, "odd": odd}
        found = learned(by_member).fleet()
        assert found["odd"].kind in {PARTIAL, OWN}
        assert found.predict_proba_one(["load", "align"], "odd")["fix"] > 0.15


def test_few_traces_are_each_held_out_once_and_many_in_part() -> None:
    for count, folds, held in ((20, 4, 20), (2000, 4, 2000), (3000, 2, 1500), (9000, 1, 1800), (100_000, 1, 2000)):
        rows = TraceBatch(np.arange(count, dtype=np.int32), np.arange(count + 1))
        parts = [(held.symbols.tolist(), used.symbols.tolist()) for held, used in _folds(rows)]
        assert len(parts) == folds and sum(len(held) for held, _ in parts) == held
        assert all(sorted(held + used) == list(range(count)) for held, used in parts)
        assert len({row for held, _ in parts for row in held}) == held
