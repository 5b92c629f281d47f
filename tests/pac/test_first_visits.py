"""First visits: counted as one would by hand, whatever the shape of the tree."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import StreamLearner
from flexstream.pac.report.evidence import collect
from flexstream.pac.statistics.first_visits import again, first_visits
from flexstream.pac.statistics.state_tree import StateTree, depths
from flexstream.targets import reber

from ..strategies import Traces, count, traces

STATES = 3


def state_after(prefix: tuple[str, ...]) -> int:
    return sum(map(ord, "".join(prefix))) % STATES


def by_hand(given_traces: Traces, grow_at: int) -> Counter[tuple[int, str | None]]:
    """Count (state, next symbol or None for the end) at first visits whose prefix enough traces share."""
    shared = Counter(tuple(trace[:size]) for trace in given_traces for size in range(len(trace) + 1))
    found: Counter[tuple[int, str | None]] = Counter()
    for trace in given_traces:
        met: set[int] = set()
        for size in range(len(trace) + 1):
            prefix = tuple(trace[:size])
            state = state_after(prefix)
            if state not in met and shared[prefix] >= grow_at:
                found[state, trace[size] if size < len(trace) else None] += 1
            met.add(state)
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
    found = first_visits(StateTree.of(tree, states, STATES, len(alphabet)))
    assert found is not None
    told: Counter[tuple[int, str | None]] = Counter({(state, None): n for state, n in enumerate(found.stops.tolist())})
    for key, number in zip(found.keys.tolist(), found.steps.tolist(), strict=True):
        told[key // len(alphabet), alphabet.text(key % len(alphabet))] += number
    assert +told == by_hand(given_traces, grow_at)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 10**6), max_size=30), st.data())
def test_again_as_by_hand(draws: list[int], data: st.DataObject) -> None:
    """With more states than a word has bits, too."""
    parent = np.array([-1] + [draw % (at + 1) for at, draw in enumerate(draws)])
    states = np.array(data.draw(st.lists(st.integers(0, 130), min_size=len(parent), max_size=len(parent))))
    deep = depths(parent)
    found = again(parent, states, 131)
    for node, (one, depth) in enumerate(zip(found.tolist(), deep.tolist(), strict=True)):
        above, up = [], int(parent[node])
        while up >= 0:
            above.append(int(states[up]))
            up = int(parent[up])
        assert (one, depth) == (int(states[node]) in above, len(above))


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
    assert collect(learner, planned=False)["first_visits"] is None
