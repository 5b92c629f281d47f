"""First visits, second ones and so on: counted as one would by hand, whatever the shape of the tree."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from flexstream import StreamLearner
from flexstream.pac.report.evidence import collect
from flexstream.pac.statistics.first_visits import again, last_visit, visits_by_order
from flexstream.pac.statistics.ordered_visits import ORDERS
from flexstream.pac.statistics.state_tree import StateTree, depths
from flexstream.targets import reber

from ..strategies import Traces, count, traces

STATES = 3
MOST = 4


def state_after(prefix: tuple[str, ...]) -> int:
    return sum(map(ord, "".join(prefix))) % STATES


def by_hand(given_traces: Traces, grow_at: int) -> Counter[tuple[int, int, str | None]]:
    """Count (k, state, next symbol or None for the end) at k-th visits whose prefix enough traces share."""
    shared = Counter(tuple(trace[:size]) for trace in given_traces for size in range(len(trace) + 1))
    found: Counter[tuple[int, int, str | None]] = Counter()
    for trace in given_traces:
        met: Counter[int] = Counter()
        for size in range(len(trace) + 1):
            prefix = tuple(trace[:size])
            state = state_after(prefix)
            met[state] += 1
            if met[state] <= MOST and shared[prefix] >= grow_at:
                found[met[state], state, trace[size] if size < len(trace) else None] += 1
    return found


@settings(max_examples=60)
@given(traces.filter(bool), st.integers(1, 4), st.booleans())
def test_as_by_hand(given_traces: Traces, grow_at: int, near: bool) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    if near:  # what grows for the sake of the states changes nothing
        tree.grow_near(2)
    states = np.array(
        [state_after(tuple(alphabet.text(symbol) for symbol in tree.path(node))) for node in range(len(tree))], np.int32
    )
    found = visits_by_order(StateTree.of(tree, states, STATES, len(alphabet)), MOST)
    assert found is not None
    told: Counter[tuple[int, int, str | None]] = Counter()
    for order, one in enumerate(found, 1):
        told.update({(order, state, None): n for state, n in enumerate(one.stops.tolist())})
        for key, number in zip(one.keys.tolist(), one.steps.tolist(), strict=True):
            told[order, key // len(alphabet), alphabet.text(key % len(alphabet))] += number
    assert +told == by_hand(given_traces, grow_at)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 10**6), max_size=30), st.data())
def test_again_as_by_hand(draws: list[int], data: st.DataObject) -> None:
    """With more states than a word has bits, too."""
    parent = np.array([-1] + [draw % (at + 1) for at, draw in enumerate(draws)])
    states = np.array(data.draw(st.lists(st.integers(0, 130), min_size=len(parent), max_size=len(parent))))
    deep = depths(parent)
    found = again(parent, states, 131)
    last = last_visit(parent, states, found)
    for node, (one, depth) in enumerate(zip(found.tolist(), deep.tolist(), strict=True)):
        above, up = [], int(parent[node])
        while up >= 0:
            above.append(int(states[up]))
            up = int(parent[up])
        assert (one, depth) == (int(states[node]) in above, len(above))
        same = [at for at in range(node) if states[at] == states[node] and at in _above(parent, node)]
        assert last[node] == (same[-1] if same else 0)


def _above(parent: NDArray[np.int64], node: int) -> list[int]:
    up = int(parent[node])
    return [] if up < 0 else [*_above(parent, up), up]


def test_a_tree_that_grows_near_its_states_has_none() -> None:
    learner = StreamLearner(reach=1)
    learner.learn_many([["a"]] * 5)
    assert collect(learner)["first_visits"] is None


def test_evidence_has_first_visits_of_states_and_transitions() -> None:
    learner = StreamLearner()
    learner.learn_many(reber().sample(2000, 1))
    found, automaton = collect(learner)["first_visits"], learner.automaton
    assert found["steps"][0] + found["steps"][1] + found["stops"][0] == 2000  # every string starts
    assert (np.array(found["steps"]) <= automaton.weights).all()
    assert (np.array(found["stops"]) <= automaton.stops).all()
    later = collect(learner)["later_visits"]
    assert 1 < len(later) < ORDERS and (np.array(later[0]["steps"]) > 0).any()
    earlier = [found, *later]
    for one, following in itertools.pairwise(earlier):  # who comes back has been there
        assert sum(following["stops"]) + sum(following["steps"]) <= sum(one["stops"]) + sum(one["steps"])
    assert collect(learner, planned=False)["first_visits"] is None
    assert "later_visits" not in collect(learner, planned=False)


@given(traces.filter(bool), st.integers(1, 4))
def test_the_trunk_holds_what_was_seen_where_the_tree_has_grown(given_traces: Traces, grow_at: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    whole = StateTree.of(tree, np.arange(len(tree), dtype=np.int32), len(tree), len(alphabet))
    trunk = whole.trunk

    def seen(part: StateTree) -> list[tuple[int, int, int]]:
        rows = zip(part.state[part.owner].tolist(), part.following.tolist(), part.counts.tolist(), strict=True)
        return sorted(row for row, there in zip(rows, part.grown[part.owner].tolist(), strict=True) if there)

    assert seen(trunk) == seen(whole)
    assert trunk.state.tolist() == [node for node in range(len(tree)) if whole.grown[node] or not node]
    assert whole.state[whole.parent[trunk.state[1:]]].tolist() == trunk.state[trunk.parent[1:]].tolist()
    assert trunk.depth.tolist() == whole.depth[trunk.state].tolist()
