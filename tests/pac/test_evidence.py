"""What a model's evidence says, counted again from the traces, the tree and the journal one by one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import StreamLearner
from flexstream._kernels.growth import EDGES, NODES
from flexstream.merging.journal import Stage
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.pac.report.evidence import QUANTILES, collect, lengths, model_with_evidence, with_evidence
from flexstream.pac.statistics.homogeneity import EntryCounts, entry_counts, homogeneity
from flexstream.pac.statistics.state_tree import StateTree, depths
from flexstream.targets import reentrant_line

from ..strategies import Traces, count, traces

LOTS = reentrant_line().sample(800, seed=3)


def learned(**params: Any) -> StreamLearner:
    learner = StreamLearner(**params)
    learner.learn_many(LOTS)
    return learner


@pytest.fixture(scope="module", params=["evidence", "css", "spacesaving"])
def learner(request: pytest.FixtureRequest) -> StreamLearner:
    return learned(heuristic=request.param, grow_at=6)


def test_how_it_was_learned(learner: StreamLearner) -> None:
    found = collect(learner)
    heuristic = learner.heuristic
    assert found["version"] == 1
    assert found["looks"] == found["reports"] == learner.refinements == 1
    assert collect(learner, reports=7)["reports"] == 7
    assert found["kind"] == {"evidence": "bayes-factor", "css": "test", "spacesaving": "unjudged"}[heuristic.name]
    assert found["heuristic"] == {
        "name": heuristic.name,
        "margin": heuristic.margin,
        "light": 5,
        "alpha": 0.05 if heuristic.name == "css" else None,
        "members": 1,
        **({"division": 4.0} if learner.heuristic.name == "evidence" else {}),
    }
    assert found["demand"] is None
    assert found["prefixes"] == 1 + learner.tree.edges


def test_sketches_of_each_kind() -> None:
    """e/64 and e^-2 of count-min rows; a prefix sketch of 256 counters is off by 1/256 at most, always."""
    assert collect(learned(heuristic="evidence"))["sketch"] is None
    assert collect(learned(heuristic="css"))["sketch"] == {
        **{"futures": 2, "depth": 2, "width": 64},
        **{"beta": pytest.approx(math.e / 64), "gamma": pytest.approx(math.exp(-2))},
    }
    found = collect(learned(heuristic="spacesaving"))
    assert found["sketch"] == {"counters": 256, "beta": 1 / 256, "gamma": 0.0}


def test_a_plan_leaves_its_demand() -> None:
    demand = Demand(states=2, symbols=2, mu=0.65, length=5, eps=0.9, delta=0.2, futures=1)
    learner = PlannedLearner(Plan.make(demand))
    learner.learn_many([["a"], ["b", "a"]] * 9)
    assert collect(learner)["demand"] == demand.to_document()


def test_decisions_are_those_of_the_journal(learner: StreamLearner) -> None:
    found, answer = collect(learner), learner.answer()
    journal, tree = list(answer.refinement.journal), answer.tree
    states = answer.refinement.routed(tree, len(learner.alphabet)).states.tolist()
    told = [entry for entry in journal if entry.stage in (Stage.KEPT, Stage.GREEDY) and entry.node < len(tree)]
    rows = [dict(zip(found["decisions"], row, strict=True)) for row in zip(*found["decisions"].values(), strict=True)]
    assert len(rows) == len(told) >= (2 if learner.heuristic.name == "spacesaving" else 14)
    parent, symbol = tree.columns.parent.tolist(), tree.columns.symbol.tolist()
    for row, entry in zip(rows, told, strict=True):
        assert row == {
            "merge": int(entry.kind.name == "MERGE"),
            "kept": int(entry.stage is Stage.KEPT),
            "source": states[parent[entry.node]] if parent[entry.node] >= 0 else -1,
            "symbol": symbol[entry.node],
            "state": states[entry.node],
            "against": states[entry.into] if entry.into >= 0 else -1,
            "score": entry.score if math.isfinite(entry.score) else None,
            "second": entry.second if math.isfinite(entry.second) else None,
            "visits": entry.visits,
            "division": entry.division if math.isfinite(entry.division) else None,
        }
    forced = [entry.visits for entry in journal if entry.stage is Stage.FORCED]
    assert found["forced"] == {"number": len(forced), "visits": sum(forced), "largest": max(forced, default=0)}
    assert found["taken_back"] == sum(entry.stage is Stage.DROPPED for entry in journal)


def test_decisions_about_what_sketches_remember_are_not_told() -> None:
    learner = StreamLearner(options={"futures": 3, "depth": 3, "width": 512}, nodes=60, tails=False, every=0)
    random = np.random.default_rng(3)
    learner.learn_many([[f"s{symbol}" for symbol in row] for row in random.integers(0, 9, (3000, 4))])
    answer, found = learner.answer(), collect(learner)
    nodes = len(answer.tree)
    beyond = [entry for entry in answer.refinement.journal if entry.node >= nodes or entry.into >= nodes]
    told = [
        e for e in answer.refinement.journal if e.stage in (Stage.KEPT, Stage.GREEDY) and max(e.node, e.into) < nodes
    ]
    assert beyond
    assert len(found["decisions"]["merge"]) == len(told)


def test_events_of_tails(learner: StreamLearner) -> None:
    """Every event and end behind a prefix that the tree does not have."""
    tree, alphabet = learner.answer().tree, learner.alphabet
    known = {tuple(alphabet.text(symbol) for symbol in tree.path(node)) for node in range(len(tree))}
    beyond = [sum(tuple(trace[:at]) not in known for at in range(len(trace) + 1)) for trace in LOTS]
    assert collect(learner)["tail_events"] == sum(beyond) > 0


def test_entries_and_what_contradicts(learner: StreamLearner) -> None:
    answer, found = learner.answer(), collect(learner)
    automaton, tree = answer.automaton, answer.tree
    routed = answer.refinement.routed(tree, len(learner.alphabet))
    placed = StateTree.of(tree, routed.states, len(automaton), len(learner.alphabet))
    counts = entry_counts(placed)
    assert found["entries"] == counts.entries.tolist()
    assert found["homogeneity"] == homogeneity(counts, len(learner.alphabet) + 1).tolist()
    assert found["tails_agree"] == routed.agree.tolist()
    ways: list[set[Any]] = [set() for _ in automaton.stops]
    for node in range(len(tree)):
        parent, symbol = int(tree.columns.parent[node]), int(tree.columns.symbol[node])
        ways[routed.states[node]].add((int(routed.states[parent]), symbol) if node else "start")
    assert found["entries"] == [len(way) for way in ways]


def test_first_visits_in_the_order_of_the_transitions() -> None:
    """Of ab, a and bb: q0 is left by a twice, by b once; after each the next is counted at its first time only."""
    learner = StreamLearner(grow_at=1, options={"margin": -1e9})  # one state
    learner.learn_many([["a", "b"], ["a"], ["b", "b"], []])
    found = collect(learner)
    assert len(learner.automaton) == 1
    assert found["first_visits"] == {"stops": [1], "steps": [2, 1]}
    assert found["lengths"] == {"held": 4, "q50": 1, "q90": 2, "q99": 2, "largest": 2}
    assert collect(learner, planned=False)["first_visits"] is None


# --- lengths -------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(traces, st.integers(1, 9), st.none() | st.integers(1, 3))
def test_quantiles_are_those_of_the_traces(given_traces: Traces, grow_at: int, reach: int | None) -> None:
    tree, _ = count(given_traces, grow_at=grow_at, reach=reach)
    found = lengths(tree, depths(tree.columns.parent[: len(tree)].astype(np.int64)))
    sizes = sorted(map(len, given_traces))
    wanted = {"held": len(sizes)}
    if sizes:
        rank = {
            name: math.ceil(len(sizes) * percent / 100) for name, percent in (("q50", 50), ("q90", 90), ("q99", 99))
        }
        wanted |= {name: sizes[number - 1] for name, number in rank.items()} | {"largest": sizes[-1]}
    assert found == wanted
    assert QUANTILES == (0.5, 0.9, 0.99)


# --- the tree and its states ---------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(traces.filter(bool), st.integers(1, 4), st.data())
def test_a_state_tree_has_the_columns_of_the_tree(given_traces: Traces, grow_at: int, data: st.DataObject) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    tree.grow_near(2)
    states = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(tree), max_size=len(tree))), np.int32)
    made = StateTree.of(tree, states, 3, len(alphabet))
    columns, nodes, edges = tree.columns, len(tree), tree.edges
    assert (made.states, made.alphabet, made.state.tolist()) == (3, len(alphabet), states.tolist())
    for name in ("parent", "symbol", "ends"):
        assert getattr(made, name).tolist() == getattr(columns, name)[:nodes].tolist()
    assert made.grown.tolist() == [visits >= grow_at for visits in columns.visits[:nodes].tolist()]
    assert made.owner.tolist() == [key >> 32 for key in columns.keys[:edges].tolist()]
    assert made.following.tolist() == [key & 0xFFFFFFFF for key in columns.keys[:edges].tolist()]
    assert made.counts.tolist() == columns.counts[:edges].tolist()
    assert made.depth.tolist() == [len(tree.path(node)) for node in range(nodes)]
    assert int(columns.size[NODES]) == nodes and int(columns.size[EDGES]) == edges
    found = entry_counts(made)
    assert outcomes_of(found) == outcomes_by_hand(made)
    assert found.totals.tolist() == [sum(rows.values()) for _, rows in sorted(outcomes_of(found).items())]


def outcomes_of(counts: EntryCounts) -> dict[int, dict[int, int]]:
    rows: dict[int, dict[int, int]] = {group: {} for group in range(len(counts.states))}
    for group, outcome, number in zip(counts.group, counts.outcome, counts.counts, strict=True):
        rows[int(group)][int(outcome)] = int(number)
    return rows


def outcomes_by_hand(tree: StateTree) -> dict[int, dict[int, int]]:
    """Count outcomes by (state of the parent, symbol), in that order, the start last; the end is outcome 0."""
    entries = [(int(tree.state[p]), int(s)) for p, s in zip(tree.parent[1:], tree.symbol[1:], strict=True)]
    order = [*sorted(set(entries)), "start"]
    rows: list[dict[int, int]] = [{} for _ in order]
    group = [len(order) - 1, *(order.index(entry) for entry in entries)]
    told = [(node, 0, int(number)) for node, number in enumerate(tree.ends)]
    told += [(int(o), 1 + int(s), int(c)) for o, s, c in zip(tree.owner, tree.following, tree.counts, strict=True)]
    for node, outcome, number in told:
        if tree.grown[node] and number:
            rows[group[node]][outcome] = rows[group[node]].get(outcome, 0) + number
    return dict(enumerate(rows))


# --- models --------------------------------------------------------------------------------------------------------


def test_a_model_is_the_automaton_with_its_evidence() -> None:
    learner = learned()
    model = model_with_evidence(learner, 3, planned=False)
    assert model.to_json() == with_evidence(learner, 3, planned=False).to_json()  # type: ignore[union-attr]
    assert model.evidence == collect(learner, 3, planned=False)  # type: ignore[union-attr]
    members = learned(ensemble=3)
    made = model_with_evidence(members)
    assert [bool(member.evidence) for member in made] == [member is made.best for member in made]  # type: ignore[union-attr]
    assert made.weights.tolist() == members.model.weights.tolist()  # type: ignore[union-attr]
    assert collect(members)["heuristic"]["members"] == 3
    assert made.provenance == members.model.provenance
