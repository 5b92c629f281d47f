"""Automata of a size that was asked for, and what more states are worth."""

from __future__ import annotations

import json
import math
from xml.etree import ElementTree

import numpy as np
import pytest

from flexstream import Alphabet, StreamLearner, TraceBatch
from flexstream.errors import UsageError
from flexstream.learning.frontiers import Frontier, Point
from flexstream.learning.sizing import best_of, bits_left_out
from flexstream.merging.heuristics import make
from flexstream.merging.search import Strategy, refine
from flexstream.targets import Recipe, random_hmm
from flexstream.writers.frontier import frontier_svg, ticks
from flexstream.writers.labels import counted

TARGET = random_hmm(Recipe(states=10, symbols=8, mean_length=9), 1)
SOURCE = TARGET.sampler(3)
TRAIN, TEST = SOURCE.batch(9000), SOURCE.batch(3000)


def learned(**options: object) -> StreamLearner:
    learner = StreamLearner(**options)  # type: ignore[arg-type]
    learner.alphabet.adopt(Alphabet(TARGET.symbols))
    learner.learn_many(TRAIN)
    return learner


FREE = learned()
FRONTIER = FREE.frontier()


@pytest.mark.parametrize("states", [1, 2, 3, 5, 8, 11])
def test_a_number_of_states_is_met_within_one(states: int) -> None:
    assert len(FREE.automaton) > 11
    assert states - 1 <= len(learned(states=states).automaton) <= states


def test_more_states_than_the_data_speak_for_are_not_made_up() -> None:
    learner = learned(states=len(FREE.automaton) + 20)
    assert learner.automaton.equivalent(FREE.automaton)
    assert learner.automaton.visits.tolist() == FREE.automaton.visits.tolist()


def test_a_limit_leaves_what_is_learned_as_it_is() -> None:
    limited = learned(states=3)
    assert (
        limited.tree.columns.visits[: len(limited.tree)].tolist() == FREE.tree.columns.visits[: len(FREE.tree)].tolist()
    )
    assert limited.frontier() == FRONTIER
    limited.refine()
    assert limited.states == len(limited.automaton) <= 3
    assert len(list(limited.explain())) == len(limited.journal)
    assert limited.get_params()["states"] == 3
    assert len(limited.clone().get_params()) == len(FREE.get_params())


def test_members_of_an_ensemble_keep_the_limit() -> None:
    learner = StreamLearner(ensemble=3, states=4)
    learner.learn_many([list(map(str, trace.tolist())) for trace in TRAIN.part(0, 1500)])
    assert all(len(automaton) <= 4 for automaton in learner.automata())


def test_a_stream_goes_on_under_a_limit_as_without() -> None:
    """Where the tree grows hangs on all states, not on those that are handed out."""
    one, other = learned(every=500), learned(every=500, states=3)
    for learner in (one, other):
        for _ in range(3):
            learner.learn_many(TEST)
            assert len(learner.automaton)
    assert len(other.automaton) <= 3
    assert one.frontier() == other.frontier()


def bits_of(heuristic: object) -> tuple[int, float]:
    tree = FREE.tree.copy()
    found = refine(tree, len(FREE.alphabet), heuristic, Strategy.FRESH)  # type: ignore[arg-type]
    automaton = found.automaton(tree, FREE.alphabet)
    return len(automaton), float(-automaton.score_batch(TEST)[0].mean())


def test_a_frontier_is_as_good_as_what_is_found_by_hand() -> None:
    events = TRAIN.events + len(TRAIN)
    of_frontier = [bits_of(make("evidence", margin=point.margin, strength=point.strength)) for point in FRONTIER.points]
    assert [states for states, _ in of_frontier] == [point.states for point in FRONTIER.points]
    for margin in -np.geomspace(3, 0.05 * events, 6):
        for strength in (1.0, 5.0, 20.0):
            states, bits = bits_of(make("evidence", margin=float(margin), strength=strength))
            assert min(found for size, found in of_frontier if size <= states) <= 1.02 * bits


def test_a_frontier_falls() -> None:
    sizes, bits = ([getattr(point, name) for point in FRONTIER.points] for name in ("states", "bits"))
    assert sizes == sorted(set(sizes)) and sizes[0] == 1
    assert bits == sorted(set(bits), reverse=True)
    assert FRONTIER.elbow in FRONTIER.points
    assert FRONTIER.traces == len(TRAIN)
    assert len(FREE.automaton) <= max(sizes) + 2


def test_bits_that_are_left_out_are_nearly_those_held_out() -> None:
    tree = FREE.tree.copy()
    for worth in (0.0, 1e-3, 1e-2):
        margin = -worth * (TRAIN.events + len(TRAIN))
        found = refine(tree, len(FREE.alphabet), make("evidence", margin=margin), Strategy.FRESH)
        told = bits_left_out(found.routed(tree, len(FREE.alphabet)))
        held_out = -found.automaton(tree, FREE.alphabet).score_batch(TEST)[0].mean()
        assert told == pytest.approx(held_out, rel=0.06)


def test_the_elbow_lies_farthest_below_the_line() -> None:
    points = [Point(states, bits, 0.0, 5.0, 0.0) for states, bits in ((1, 20.0), (4, 8.0), (10, 7.0), (100, 6.0))]
    found = Frontier(tuple(points), 50)
    gaps = [(20 - p.bits) / 14 - math.log(p.states) / math.log(100) for p in points]
    assert found.elbow == points[max(range(4), key=gaps.__getitem__)] == points[1]
    assert found.table().splitlines()[2].endswith("<- elbow")
    assert sum("elbow" in line for line in found.table().splitlines()) == 1
    assert json.loads(found.to_json())["elbow"] == 4
    assert [point["states"] for point in json.loads(found.to_json())["points"]] == [1, 4, 10, 100]
    assert Frontier((points[0],), 3).elbow == points[0]


@pytest.mark.parametrize(
    ("curve", "bends"),
    [
        (((1, 32.5), (2, 32.1), (4, 27.8), (7, 19.2), (8, 10.0)), False),  # all of a counter's states save together
        (((1, 20.0), (2, 14.0), (8, 13.0), (10, 3.0)), False),  # a bend, and beyond it most of all
        (((1, 20.0), (2, 19.9), (4, 8.0), (50, 7.0)), True),
        (((1, 20.0), (2, 19.9), (3, 19.8), (7, 10.0), (12, 9.5)), True),  # the first states save nothing alone
        (((1, 20.0), (10, 10.0)), False),
    ],
)
def test_a_curve_above_its_line_has_no_elbow(curve: tuple[tuple[int, float], ...], bends: bool) -> None:
    found = Frontier(tuple(Point(states, bits, 0.0, 5.0, 0.0) for states, bits in curve), 50)
    assert found.bends == bends
    if not bends:
        assert found.elbow == found.points[-1]
        assert found.table().splitlines()[-1].endswith("  <- no elbow before this")
        assert f"no elbow before this: {curve[-1][0]} states" in frontier_svg(found)


def test_one_point_has_no_elbow() -> None:
    assert Frontier((Point(1, 6.0, 0.0, 5.0, 0.0),), 3).table().endswith("<- the only one\n")


def test_of_points_none_stays_that_another_beats() -> None:
    given = [(3, 5.0), (1, 9.0), (3, 4.0), (4, 4.5), (5, 3.0), (2, 9.5)]
    points = [Point(states, bits, 0.0, 5.0, 0.0) for states, bits in given]
    assert [(point.states, point.bits) for point in best_of(points)] == [(1, 9.0), (3, 4.0), (5, 3.0)]


def test_a_picture_shows_every_point() -> None:
    root = ElementTree.fromstring(frontier_svg(FRONTIER))
    titles = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == [f"{counted(point.states, 'state')}, {point.bits:.4g} bits" for point in FRONTIER.points]
    assert f"elbow: {FRONTIER.elbow.states} states" in frontier_svg(FRONTIER)
    width = float(root.get("width", 0))
    for circle in root.iter("{http://www.w3.org/2000/svg}circle"):
        assert 0 < float(circle.get("cx", -1)) < width and float(circle.get("cy", -1)) > 0
    alone = Frontier((Point(1, 2.0, 0.0, 5.0, 0.0),), 9)
    assert ElementTree.fromstring(frontier_svg(alone)) is not None
    assert ticks(1, 1) == [1]


def test_what_cannot_be_sized_is_refused() -> None:
    with pytest.raises(UsageError, match="need a heuristic whose scores are Bayes factors, and css has other ones"):
        StreamLearner(heuristic="css", states=3)
    with pytest.raises(UsageError, match="`states` is 0"):
        StreamLearner(states=0)
    with pytest.raises(UsageError, match="Bayes factors, and alergia"):
        learner = StreamLearner(heuristic="alergia")
        learner.learn_many([["a"]])
        learner.frontier()
    with pytest.raises(UsageError, match="has seen nothing"):
        StreamLearner().frontier()


def test_a_stream_without_events_has_one_point() -> None:
    learner = StreamLearner(states=2)
    learner.learn_many(TraceBatch(np.empty(0, np.int32), np.zeros(20, np.int64)))
    assert [point.states for point in learner.frontier().points] == [1]
    assert len(learner.automaton) == 1
