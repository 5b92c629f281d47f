"""What a learner says of itself: decisions in words, provenance, parameters; each form is written out here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from flexstream import StreamLearner, UsageError
from flexstream.learning import members, schedule
from flexstream.learning.answer import Answer
from flexstream.learning.explain import _in_words
from flexstream.learning.members import Member
from flexstream.learning.provenance import provenance
from flexstream.learning.schedule import Schedule
from flexstream.merging.heuristics import make
from flexstream.merging.journal import Entry, Kind, Stage
from flexstream.merging.search import Strategy
from flexstream.targets import reber
from flexstream.version import __version__

NUMBER = {0: 0, 7: 1, 9: 2}
EVIDENCE = make("evidence")


def words(
    kind: Kind, stage: Stage, node: int, into: int, score: float = 4.6052, visits: int = 1200, path: str = "a b"
) -> str:
    return _in_words(Entry(kind, stage, node, into, score, -np.inf, visits), path, NUMBER, EVIDENCE)


def test_promotions_in_words() -> None:
    greedy = Kind.PROMOTE, Stage.GREEDY
    assert words(*greedy, 0, -1, path="") == "state 0: the start"
    assert words(*greedy, 7, 0, -4.6052) == (
        "state 1: after a b (1,200 visits); with state 0: two states 10^2.0 times likelier"
    )
    assert words(*greedy, 7, -1) == "state 1: after a b (1,200 visits)"
    assert words(*greedy, 9, 8) == "state 2: after a b (1,200 visits)"  # what it was compared with is no state any more


def test_merges_in_words() -> None:
    told = "merged into state 2: after a b (1,200 visits): one state 10^2.0 times likelier"
    for stage in (Stage.GREEDY, Stage.KEPT):
        assert words(Kind.MERGE, stage, 3, 9) == told
    assert words(Kind.MERGE, Stage.FORCED, 3, 9) == told + "; for the time being"
    light = "merged into state 2: after a b ({} visits): one state 10^2.0 times likelier; {}"
    assert words(Kind.MERGE, Stage.FORCED, 3, 9, visits=4) == light.format(4, "too light to be a state")
    assert words(Kind.MERGE, Stage.FORCED, 3, 9, visits=5) == light.format(5, "for the time being")
    assert words(Kind.MERGE, Stage.GREEDY, 3, 9, visits=4).endswith("likelier")


def test_what_was_taken_back_in_words() -> None:
    back = "after a b (1,200 visits); now two states 10^2.0 times likelier"
    assert words(Kind.MERGE, Stage.DROPPED, 3, 9, -4.6052) == f"taken back: merge {back}"
    assert words(Kind.PROMOTE, Stage.DROPPED, 7, 0, -4.6052) == f"taken back: promote {back}"


# --- provenance ------------------------------------------------------------------------------------------------------


def test_how_a_model_came_to_be() -> None:
    learner = StreamLearner(seed=3, options={"light": 4})
    learner.learn_many([["a", "b"], ["a"], []])
    assert learner.provenance() == {
        "flexstream": __version__,
        "parameters": learner.get_params(),
        "traces": 3,
        "events": 3,
        "alphabet": {"symbols": 2, "other": None, "given_up_events": 0},
        "cases_closed_early": 0,
        "journal": learner.chain.to_document(),
        "tree": {"nodes": 2, "edges": 2, "grow_at": 2, **dict.fromkeys(LOST, 0)},
    }


LOST = [
    *("given_up_nodes", "given_up_edges", "given_up_tails", "given_up_events"),
    *("thinned_nodes", "thinned_edges", "thinned_tails", "too_long_tails", "too_long_events"),
]


def test_each_amount_is_its_own() -> None:
    learner = StreamLearner()
    learner.learn_many([["a", "b"]])
    tree = learner.tree
    tree.evicted_nodes, tree.evicted_edges = 1, 2
    tree.thinned_nodes, tree.thinned_edges, tree.thinned_tails = 5, 6, 7
    tree.too_long_tails, tree.too_long_events = 8, 9
    from flexstream._kernels.growth import LOST_EVENTS, LOST_TAILS

    tree.columns.size[LOST_TAILS], tree.columns.size[LOST_EVENTS] = 3, 4
    learner.closed_early, learner.other_events = 10, 11
    found = provenance(learner, tree)
    assert [found["tree"][name] for name in LOST] == list(range(1, 10))
    assert (found["cases_closed_early"], found["alphabet"]["given_up_events"]) == (10, 11)


def test_the_other_symbol_is_named() -> None:
    learner = StreamLearner(memory="128KiB")
    learner.learn_many([[f"template {number} {'x' * 200}", "end"] for number in range(300)])
    found = learner.provenance()["alphabet"]
    assert (found["other"], found["symbols"]) == ("<other>", len(learner.alphabet))
    assert found["given_up_events"] == learner.other_events > 0


# --- parameters ------------------------------------------------------------------------------------------------------


def test_only_what_was_changed_is_shown() -> None:
    assert repr(StreamLearner()) == "StreamLearner()"
    assert repr(StreamLearner(seed=0, every=None)) == "StreamLearner()"
    assert repr(StreamLearner(every=0, seed=2)) == "StreamLearner(every=0, seed=2)"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"every": -1}, r"^`every` is -1 \(expected: 0 or more, or None\)$"),
        ({"smoothing": 0.0}, r"^`smoothing` is 0 \(expected: a finite number above 0, or None\)$"),
        ({"smoothing": -1}, r"^`smoothing` is -1 \(expected: a finite number above 0, or None\)$"),
        ({"smoothing": "1"}, r"^`smoothing` is '1' \(expected: a number or None\)$"),
        ({"grow_at": 0}, r"^`grow_at` is 0 \(expected: at least 1\)$"),
        ({"reach": 0}, r"^`reach` is 0 \(expected: at least 1\)$"),
        ({"ensemble": 0}, r"`ensemble` is 0 \(expected: at least one member\)"),
        ({"strategy": "slow"}, r"no strategy 'slow' \(expected: one of replay, fresh, final\)"),
    ],
)
def test_parameters_out_of_range(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}$"):
        StreamLearner(**wrong)
    for right in ({"every": 0}, {"every": 1}, {"smoothing": 1e-9}, {"ensemble": 1}, {"strategy": "final"}):
        StreamLearner(**right)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("params", "sparse", "thin"),
    [
        ({}, True, True),
        ({"thin": False}, True, False),
        ({"ensemble": 2}, False, True),
        ({"strategy": "replay"}, False, True),
        ({"reach": 3}, False, False),
        ({"nodes": 50}, False, False),
        ({"tails": False}, False, False),
        ({"options": {"futures": 2}}, False, False),
        ({"heuristic": "css"}, False, False),
        ({"heuristic": "alergia", "strategy": "fresh"}, True, True),
    ],
)
def test_when_a_refinement_may_wait_and_a_tree_be_thinned(params: dict[str, Any], sparse: bool, thin: bool) -> None:
    """Only where nothing but the growth of a whole tree hangs on it."""
    found = StreamLearner(**params).schedule
    assert (found._sparse, found._thin) == (sparse, thin)


def test_constants_of_the_schedule() -> None:
    assert (schedule.FIRST, schedule.SECOND, schedule.EACH, schedule.LONG) == (1000, 8, 1000, 128_000)
    assert schedule.NEVER == 2**63 - 1
    assert (members.WATCHED, members.FADE) == (2000, 0.5)


@pytest.mark.parametrize(
    ("traces", "left"), [(0, 1000), (1, 999), (999, 1), (1000, 1000), (1999, 1), (2000, 2000), (5000, 3000)]
)
def test_traces_to_the_next_doubling(traces: int, left: int) -> None:
    assert Schedule(None).until(traces) == left


@pytest.mark.parametrize(("traces", "left"), [(0, 300), (299, 1), (300, 300), (301, 299)])
def test_traces_to_the_next_multiple(traces: int, left: int) -> None:
    assert Schedule(300).until(traces) == left


@pytest.mark.parametrize("states", [127, 128, 129])
def test_a_long_stream_has_a_thousand_traces_for_each_state(states: int) -> None:
    plan = Schedule(None)
    plan.refined(8000, states)
    assert plan.due(128_000, whole=True) == (states <= 128)
    assert not plan.due(127_000, whole=False)
    assert plan.due(64_000, whole=False) and not plan.due(64_000, whole=True)


# --- answers -------------------------------------------------------------------------------------------------------


def test_the_best_member_searches_last() -> None:
    learner = StreamLearner(every=0)
    learner.learn_many(reber().sample(500, seed=1))
    asked: list[int] = []

    class Watched(Member):
        def __init__(self, number: int) -> None:
            super().__init__(EVIDENCE.variant(number), Strategy.FRESH)
            self.number = number

        def search(self, *args: Any) -> Any:
            asked.append(self.number)
            return super().search(*args)

    searching = [Watched(number) for number in range(4)]
    made = Answer(searching, 1, learner.tree, learner.alphabet, np.empty(0, np.uint64), 2.0, {"by": "hand"})
    assert asked == [0, 2, 3, 1]
    assert made.heuristic is searching[1].heuristic
    assert made.automata[1] is made.automaton
    assert made.automaton.provenance == {"by": "hand"}
    assert [len(journal) > 0 for journal in made.journals] == [True] * 4
    alone = [
        Answer([member], 0, learner.tree, learner.alphabet, np.empty(0, np.uint64), 2.0, {"by": "hand"})
        for member in searching
    ]
    assert [a.to_json() for a in made.automata] == [one.automaton.to_json() for one in alone]
    assert [list(j) for j in made.journals] == [list(one.journals[0]) for one in alone]
    mixed = made.model(np.array([1.0, 1.0, 1.0, 5.0]))
    assert mixed.weights.tolist() == [0.125, 0.125, 0.125, 0.625]  # type: ignore[union-attr]
    assert made.model(np.ones(4)) is mixed
    assert alone[0].model(np.ones(1)) is alone[0].automaton
