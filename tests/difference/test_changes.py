"""What has changed beyond chance: never more than stated between two samples of one source, and found where planted."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, StreamLearner
from flexstream.automata.sampling import texts
from flexstream.difference import align, diff
from flexstream.difference.changes import p_values
from flexstream.difference.spread import Spread
from flexstream.errors import UsageError, WrongTypeError
from flexstream.targets import Problem, Recipe, from_rows, random_pdfa, reber

COUNTS = st.integers(0, 60)


def learned(source: PDFA, traces: int, seed: int) -> PDFA:
    learner = StreamLearner()
    learner.learn_many(source.sample(traces, seed))
    return learner.automaton


def machine(setup: float = 0.1, rework: float = 0.0, scrap: float = 0.05) -> PDFA:
    """A machine whose lots are loaded, sometimes after a setup, run, and unloaded, polished or scrapped."""
    rows = {
        0: {"setup": (setup, 1), "load": (1 - setup, 2)},
        1: {"load": (1.0, 2)},
        2: {"run": (1.0, 3)},
        3: {"unload": (1 - rework - scrap, 4), "scrap": (scrap, 4), "polish": (rework, 5)},
        4: {None: (1.0, 0)},
        5: {"rinse": (1.0, 3)},
    }
    kept = {state: {k: v for k, v in row.items() if v[0] > 0} for state, row in rows.items() if state != 5 or rework}
    return from_rows(kept)


def tails(hits: int, trials: int, others: int, trials_too: int) -> float:
    """Return twice the smaller tail of the hypergeometric law, summed term by term."""
    drawn, total = hits + others, trials + trials_too
    ways = [math.comb(trials, k) * math.comb(trials_too, drawn - k) for k in range(drawn + 1)]
    whole = math.comb(total, drawn)
    return min(1.0, 2 * min(sum(ways[: hits + 1]), sum(ways[hits:])) / whole)


@given(COUNTS, COUNTS, st.integers(1, 60), st.integers(1, 60))
def test_p_values_are_never_below_the_exact_ones_where_they_matter(
    hits: int, others: int, trials: int, trials_too: int
) -> None:
    hits, others = min(hits, trials), min(others, trials_too)
    value = float(p_values(np.array([[hits, trials, others, trials_too]], np.float64))[0])
    exact = tails(hits, trials, others, trials_too)
    assert 0 <= value <= 1
    assert value >= min(exact, 0.05) * (1 - 1e-9)


def test_p_values_find_what_is_beyond_chance() -> None:
    assert p_values(np.array([[10.0, 1000, 40, 1000]]))[0] < 1e-4
    assert p_values(np.array([[990.0, 1000, 960, 1000]]))[0] == pytest.approx(
        p_values(np.array([[10.0, 1000, 40, 1000]]))[0]
    )


@pytest.mark.parametrize("seed", range(6))
def test_two_samples_of_one_source_are_the_same(seed: int) -> None:
    source = reber() if seed == 0 else random_pdfa(Recipe(states=4 + seed, symbols=4), seed).to_pdfa()
    found = diff(learned(source, 2000, 2 * seed), learned(source, 3000, 2 * seed + 1), error=0.01)
    assert found.same, found.changes
    assert found.compared > 0 and found.telling is None
    assert max(divergence.bits for divergence in found.divergence) < 0.05


def test_an_automaton_is_the_same_as_itself_and_as_what_it_made() -> None:
    exact = machine()
    assert diff(exact, exact).same
    assert diff(exact, learned(exact, 4000, 1)).same
    assert not diff(exact, learned(machine(setup=0.2), 4000, 1)).same


@pytest.mark.parametrize(
    "changed, edges",
    [
        ({"setup": 0.2}, {((), "setup"), ((), "load")}),
        ({"scrap": 0.15}, {(("load", "run"), "unload"), (("load", "run"), "scrap")}),
        ({"rework": 0.1}, {(("load", "run"), "unload"), (("load", "run"), "polish")}),
    ],
)
def test_what_was_planted_is_named_and_nothing_else(changed: dict[str, float], edges: set[object]) -> None:
    one, other = learned(machine(), 4000, 1), learned(machine(**changed), 4000, 2)
    found = diff(one, other)
    assert {(change.group.path, change.symbol) for change in found.changes} == edges
    back = diff(other, one)
    assert [(change.one, change.other) for change in back.changes] == [(c.other, c.one) for c in found.changes]
    trace, before, after = found.telling or pytest.fail("nothing tells them apart")
    assert before == one.log2_prob(trace) and after == other.log2_prob(trace)


def test_new_states_are_named_from_either_side() -> None:
    one, other = learned(machine(), 4000, 1), learned(machine(rework=0.2), 4000, 2)
    found, back = diff(one, other), diff(other, one)
    assert [change.kind for change in found.changes if change.symbol == "polish"] == ["appeared"]
    assert [change.kind for change in back.changes if change.symbol == "polish"] == ["vanished"]
    assert found.vanished == back.appeared == ()
    assert found.appeared == back.vanished == (other.state_after(["load", "run", "polish"]),)


def split(automaton: PDFA) -> PDFA:
    """Return the automaton that has each state twice and goes to and fro between the copies: the same law."""
    states = len(automaton)
    offsets = np.concatenate([automaton.offsets, automaton.offsets[-1] + automaton.offsets[1:]])
    targets = np.concatenate([automaton.targets + states, automaton.targets])
    halves = (np.tile(column / 2, 2) for column in (automaton.visits, automaton.stops, automaton.weights))
    visits, stops, weights = halves
    symbols = np.tile(automaton.edge_symbols, 2)
    return PDFA(automaton.symbols, visits, stops, offsets, symbols, targets, weights)


def test_states_that_one_has_split_stand_for_one_of_the_other() -> None:
    one = learned(machine(rework=0.3), 4000, 1)
    groups = align(one, split(one)).groups
    assert {len(group.one.states) for group in groups} == {1}
    assert sum(len(group.other.states) for group in groups) > len(one)
    assert diff(one, split(learned(machine(rework=0.3), 4000, 2))).same


def runs(stay: float) -> PDFA:
    """Traces of a alone or b alone, of length 1 / (1 - stay) on average."""
    ways = {"a": (stay, 1), None: (1 - stay, 0)}, {"b": (stay, 2), None: (1 - stay, 0)}
    return from_rows({0: {"a": (0.5, 1), "b": (0.5, 2)}, 1: ways[0], 2: ways[1]})


def test_outcomes_that_come_in_runs_say_less() -> None:
    """One automaton has merged what the other tells apart: their group has as many draws as traces, not as events."""
    stay = 0.95
    exact = runs(stay)
    loop = from_rows({0: {**dict.fromkeys("ab", (stay / 2, 0)), None: (1 - stay, 0)}})
    group = align(exact, loop).groups[0]
    assert group.one.states == (0, 1, 2)
    traces = exact.sample(20_000, 1)
    expected = (1 - 1 / 21) / 2  # of 21 outcomes one is the end
    added = np.array([trace.count("a") - (len(trace) + 1) * expected for trace in traces])
    drawn = np.mean([len(trace) + 1 for trace in traces]) * expected * (1 - expected)
    assert Spread(exact).effects(group.one, ["a"])[0] == pytest.approx(added.var() / drawn, rel=0.05)
    assert Spread(loop).effects(group.other, ["a"]) == [1.0]
    said = 0
    for seed in range(20):
        merged = StreamLearner(states=1)
        merged.learn_many(exact.sample(300, seed))
        said += not diff(learned(exact, 2000, 100 + seed), merged.automaton).same
    assert said <= 3


def test_rare_ways_that_were_put_somewhere_by_guess_are_no_evidence_of_new_ones() -> None:
    """Five odd visits of a state come by ways that nobody can place: what follows them is not new."""
    one = PDFA("ab", [2000] * 3, [0, 0, 2000], [0, 1, 2, 2], [0, 1], [1, 2], [2000, 2000])
    believed, guess = (
        PDFA("abc", [300, 310, 300], [0, 0, 300], [0, 1, 3, 3], [0, 1, 2], [1, 2, 1], [300, 300, 10], guessed=guessed)
        for guessed in ([False] * 3, [False, False, True])
    )
    assert {change.symbol for change in diff(one, believed).changes} == {"b", "c"}
    assert diff(one, guess).same


def test_rare_ways_that_part_are_no_evidence_of_new_ones() -> None:
    """What ends after y x x in one automaton is a loop in the other, which has seen too little to know."""
    one = PDFA(
        "xy", [100_000, 100_000, 500, 500], [0, 100_000, 0, 0], [0, 2, 2, 3, 4], [0, 1, 0, 0], [1, 2, 3, 1],
        [99_500, 500, 500, 500],
    )  # fmt: skip
    other = PDFA("xy", [1000, 995, 15], [0, 995, 5], [0, 2, 2, 3], [0, 1, 0], [1, 2, 2], [995, 5, 10])
    found = diff(one, other)
    assert [(group.one.states, group.other.states) for group in found.alignment.groups][2] == ((2, 3), (2,))
    assert found.alignment.groups[2].other.strays == {(2, "x"): 10}
    assert found.same and diff(other, one).same


def test_visits_that_were_not_followed_are_no_evidence() -> None:
    """A small sample is followed less deep into a group of states with several laws than a large one."""
    problem = Problem.random("pdfa", Recipe(states=8, symbols=9), 9)
    source, symbols = problem.traces(), problem.target.symbols
    models = []
    for size in (1000, 5000):
        learner = StreamLearner()
        learner.learn_many(texts(source.batch(size), symbols))
        models.append(learner.automaton)
    found = diff(*models)
    group = found.alignment.groups[0]
    assert len(group.one.states) > 1 and group.one.lost > 100
    assert found.same


def test_states_of_an_exact_automaton_weigh_as_often_as_they_are_visited() -> None:
    """Of two states that stand for one of the other automaton, one is entered twenty times as often."""
    often = from_rows({0: {"a": (0.95, 0), "b": (0.05, 1)}, 1: {"a": (0.5, 0), None: (0.5, 0)}})
    group = align(often, from_rows({0: {"a": (0.93, 0), "b": (0.05, 0), None: (0.02, 0)}})).groups[0]
    assert group.one.states == (0, 1)
    assert group.one.counts["b"] / group.one.visits == pytest.approx(0.05 / 1.05)


def test_too_few_traces_show_nothing_and_say_so() -> None:
    found = diff(learned(machine(), 3, 1), learned(machine(setup=0.9), 3, 2))
    assert found.same and found.visible == 1.0


@pytest.mark.parametrize("error", [0, 1, -0.5, math.nan])
def test_an_error_that_is_none_is_refused(error: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        diff(machine(), machine(), error)


def test_models_of_other_events_are_refused() -> None:
    with pytest.raises(UsageError, match="no symbol in common"):
        diff(machine(), from_rows({0: {"x": (0.5, 0), None: (0.5, 0)}}))
    with pytest.raises(WrongTypeError, match="a PDFA or"):
        diff("model.json", machine())  # type: ignore[arg-type]


@given(st.lists(st.lists(st.sampled_from("ab"), max_size=4), min_size=1, max_size=30), st.permutations(range(3)))
def test_any_two_learned_automata_can_be_compared(traces: Sequence[list[str]], order: Sequence[int]) -> None:
    one, other = StreamLearner(), StreamLearner()
    one.learn_many(traces)
    other.learn_many([trace[::-1] for trace in traces[:: 1 + order[0]]])
    if (
        one.automaton.symbols
        and other.automaton.symbols
        and not set(one.automaton.symbols) & set(other.automaton.symbols)
    ):
        return
    document = diff(one.automaton, other.automaton).to_document()
    assert document["same"] == (not document["changes"])
    assert all(0 <= change["p_value"] <= 0.05 for change in document["changes"])
