"""Where transitions lead of which the tree says nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import StreamLearner
from flexstream._kernels.routing import place_states
from flexstream.merging.freeze import PAIRS, common_targets, route_through
from flexstream.merging.heuristics import make
from flexstream.merging.onward import FOLLOWERS, STRENGTH, leads_of
from flexstream.merging.search import refine

from .. import naive
from .._kernels.test_walking import arrows_of, tails_of
from ..strategies import Traces, count, traces


@pytest.mark.twin("leading.find_departures", "leading.lead_on")
@given(traces, st.integers(2, 8), st.sampled_from([0, PAIRS]))
def test_what_followed_is_likeliest_from_where_it_leads(given_traces: Traces, grow_at: int, pairs: int) -> None:
    tree, alphabet = count(given_traces, grow_at=grow_at)
    found = refine(tree, len(alphabet), make("evidence"))
    fold, reds, arrows = found.fold, len(found.reds), arrows_of(found)
    states = np.empty(len(fold.visits), np.int32)
    place_states(tree.columns, fold, found.reds, np.empty(len(states), np.int32), states)
    counts = {
        (int(states[node]), symbol): int(fold.counts[edge])
        for edge, (node, symbol) in enumerate(naive.pairs_of(fold.keys.tolist()))
        if node in found.reds.tolist()
    }
    keys = np.array(naive.keys(list(counts)), np.int64)
    target = np.array([arrows.get(pair, -1) for pair in counts], np.int64)
    seen = np.array(list(counts.values()), np.int64)
    symbols = np.array([symbol for _, symbol in counts], np.int64)
    fallback = common_targets(symbols, target, seen, len(alphabet))
    following = np.where(target >= 0, target, fallback[symbols])
    route = route_through(tree, states, reds, keys, following, fallback, pairs)
    size = int(route.size[0])
    pairs_taken = naive.pairs_of(route.keys[:size].tolist())
    known = np.array([pair in arrows for pair in pairs_taken], np.bool_)
    ends = fold.ends[found.reds]
    all_counts = np.append(seen, np.zeros(size - len(seen), np.int64))
    leads = leads_of(route, tree, known, all_counts, ends)
    departed = naive.departures(tails_of(tree, states[: len(tree)].tolist()), arrows, FOLLOWERS)
    for pair, lead in zip(pairs_taken, leads.tolist(), strict=True):
        if pair in arrows:
            assert lead == arrows[pair]
        elif pair not in departed:
            assert lead == fallback[pair[1]]
        else:
            likely = naive.lead(departed[pair], arrows, counts, ends.tolist(), fallback.tolist(), STRENGTH)
            assert likely[lead] == pytest.approx(max(likely.values()), abs=1e-9)


def test_a_rare_transition_leads_where_what_followed_comes_from() -> None:
    """Nearly all x lead to b and c; of the one that leads to a and d the tree, which ends before it, says nothing."""
    random = np.random.default_rng(1)

    def some(of: str, events: int) -> list[str]:
        return random.choice(list(of), events).tolist()

    learned = [["a", *some("ad", 12), "x", *some("bc", 8)] for _ in range(300)]
    learned += [["b", *some("bc", 12)] for _ in range(300)]
    learner = StreamLearner()
    learner.learn_many([*learned, ["b", *some("bc", 12), "x", *some("ad", 8)]])
    found = learner.automaton
    (rare,) = [edge for edge in found.transitions() if edge.guessed]
    assert (rare.source, rare.symbol) == (found.state_after(["b"]), "x")
    assert rare.target == found.state_after(["a"]) != found.state_after(["a", "x"])
