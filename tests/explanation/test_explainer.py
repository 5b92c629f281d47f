"""Explanations: names that people recognise and no two alike, ways that lead there, traces step by step."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA, StreamLearner
from flexstream.errors import UsageError, WrongTypeError
from flexstream.explanation import Explainer, state_names
from flexstream.explanation.prose import edge_text, overview, state_text, trace_text
from flexstream.pac.report.evidence import with_evidence
from flexstream.targets import from_rows
from flexstream.writers.ways import Ways

TRACES = [
    *([["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 300),
    *([["load", "run", "break", "repair"], ["load", "setup", "run", "break", "repair"]] * 150),
]
TEXTS = st.lists(st.lists(st.sampled_from(["a", "b", "", " x ", "\n", "é"]), max_size=5), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def learned() -> PDFA:
    learner = StreamLearner()
    learner.learn_many(TRACES)
    return with_evidence(learner)


def test_states_are_named_as_people_would(learned: PDFA) -> None:
    names = state_names(learned)
    told = {names[learned.state_after(way)]: way for way in ([], ["load"], ["load", "setup"], ["load", "run"])}
    assert list(told) == ["start", "after load", "after setup", "after run"]
    assert names[learned.state_after(["load", "run", "break"])] == "after break"
    assert names[learned.state_after(["load", "run", "unload"])] == "end"


def test_what_follows_tells_states_apart_where_what_came_before_does_not() -> None:
    rows = {
        0: {"diffusion": (1.0, 1)},
        1: {"implant": (1.0, 2)},
        2: {"diffusion": (1.0, 3)},
        3: {"litho": (1.0, 4)},
        4: {None: (1.0, 0)},
    }
    names = state_names(from_rows(rows))
    assert names[1:4] == ("between diffusion and implant", "after implant", "between diffusion and litho")


def test_a_start_that_traces_come_back_to_says_so() -> None:
    rows = {0: {"load": (0.9, 1), None: (0.1, 0)}, 1: {"run": (1.0, 2)}, 2: {"unload": (1.0, 0)}}
    assert state_names(from_rows(rows)) == ("start or after unload", "after load", "after run")


def test_names_do_not_differ_by_the_order_of_their_symbols_only() -> None:
    rows = {
        0: {"a": (0.3, 1), "b": (0.2, 1), "x": (0.5, 2)},
        1: {"go": (1.0, 4)},
        2: {"b": (0.3, 3), "a": (0.2, 3), "end": (0.5, 4)},
        3: {"go": (0.5, 4), "stay": (0.5, 1)},
        4: {None: (1.0, 0)},
    }
    named = [frozenset(name.split(" ")) for name in state_names(from_rows(rows))]
    assert len(set(named)) == len(named)


def test_a_name_holds_for_all_ways_in_where_these_are_few() -> None:
    """Two copies of a line: one for b alone, one for a and b, as where merging has not joined them."""
    rows = {
        0: {"a": (0.4, 1), "b": (0.3, 1), "x": (0.3, 4)},
        1: {"run": (1.0, 2)},
        2: {"done": (0.4, 3), "stop": (0.3, 3), "wait": (0.3, 3)},
        3: {None: (1.0, 0)},
        4: {"b": (1.0, 5)},
        5: {"run": (1.0, 6)},
        6: {"done": (0.4, 3), "stop": (0.3, 3), "wait": (0.3, 3)},
    }
    names = state_names(from_rows(rows))
    assert names[1:3] == ("after a or b", "after a or b, then run")
    assert names[5:7] == ("after b", "after b run")


def test_traces_that_have_only_begun_count_against_an_earlier_event() -> None:
    rows = {
        0: {"run": (0.5, 1), "load": (0.5, 2)},
        1: {"stop": (0.4, 4), "end": (0.3, 4), "wait": (0.3, 4)},
        2: {"run": (1.0, 3)},
        3: {"pause": (0.3, 0), "end": (0.3, 4), "wait": (0.4, 4)},
        4: {None: (1.0, 0)},
    }
    names = state_names(from_rows(rows))
    assert names[1] != "after pause run" and names[3] == "after load run"


def test_an_earlier_event_tells_states_apart_where_the_last_ones_do_not() -> None:
    steps = ["process", "process-done", "unload", "unload-done"]
    rows: dict[int, dict[str | None, tuple[float, int]]] = {0: {"load-S1": (0.5, 1), "load-S5": (0.5, 6)}}
    for first in (1, 6):
        rows |= {first + at: {step: (1.0, first + at + 1)} for at, step in enumerate(steps)}
    rows[5], rows[10] = {"go": (1.0, 11)}, {"go": (1.0, 11)}
    rows[11] = {None: (1.0, 0)}
    names = state_names(from_rows(dict(sorted(rows.items()))))
    assert (names[5], names[10]) == ("after load-S1 … unload-done", "after load-S5 … unload-done")
    assert (names[3], names[8]) == ("after load-S1 … process-done", "after load-S5 … process-done")


@given(TEXTS)
def test_no_two_names_are_alike_and_every_way_leads_where_it_says(traces: list[list[str]]) -> None:
    learner = StreamLearner()
    learner.learn_many(traces)
    automaton = learner.automaton
    names, ways = state_names(automaton), Ways(automaton)
    assert len(set(names)) == len(names) == len(automaton)
    assert names[0].startswith("start")
    for state in range(len(automaton)):
        for way in (ways.shortest(state), ways.likeliest(state)):
            assert automaton.state_after(way) == state
        assert len(ways.shortest(state)) <= len(ways.likeliest(state))
        assert ways.probability(ways.likeliest(state)) >= ways.probability(ways.shortest(state)) * (1 - 1e-9)
    explainer = Explainer(automaton)
    for text in (overview(explainer, 30), *(state_text(explainer, state) for state in range(len(automaton)))):
        assert text.isprintable() or "\n" in text


def test_the_likeliest_way_is_likelier_than_all_others(learned: PDFA) -> None:
    ways = Ways(learned)
    for state in range(len(learned)):
        best = max(
            (
                ways.probability(way)
                for length in range(5)
                for way in itertools.product(learned.symbols, repeat=length)
                if not learned.score_one(way).unseen and learned.state_after(way) == state
            ),
            default=0.0,
        )
        assert ways.probability(ways.likeliest(state)) == pytest.approx(best)


def test_a_state_tells_what_follows_and_what_was_decided(learned: PDFA) -> None:
    state = learned.state_after(["load", "run"])
    found = Explainer(learned).state(state)
    assert [(outcome.symbol, outcome.weight) for outcome in found.outcomes] == [("unload", 600.0), ("break", 300.0)]
    for outcome in found.outcomes:
        assert outcome.least is not None and outcome.most is not None
        assert outcome.least < outcome.probability < outcome.most
    merged = [row for row in found.decisions if row["kind"] == "merge"]
    assert [row["symbol"] for row in merged] == ["run"]  # that after setup
    assert sum(float(outcome.weight) for outcome in found.outcomes) == found.visits
    text = state_text(Explainer(learned), state)
    assert "what comes after run after setup (" in text and " for one state, " in text
    assert " to 1 for it by how its visits divide alone; wrong with probability 0.0" in text


def test_a_trace_is_told_step_by_step(learned: PDFA) -> None:
    explainer = Explainer(learned)
    trace = ["load", "setup", "unload"]
    steps = explainer.trace(trace)
    assert sum(step.bits for step in steps) == pytest.approx(-learned.log2_prob(trace))
    assert [step.known for step in steps] == [True, True, False, True]
    assert steps[2].expected[0][0] == "run"
    text = trace_text(explainer, trace)
    assert "It leaves the beaten path at event 2: unload after setup, where run (" in text
    assert "It keeps to the beaten path." in trace_text(explainer, TRACES[0])
    assert "(an event that the model does not know)" in trace_text(explainer, ["load", "boom"])
    assert "event 1: the end, after load" in trace_text(explainer, ["load"])


def test_a_transition_is_told_with_where_it_leads(learned: PDFA) -> None:
    explainer = Explainer(learned)
    text = edge_text(explainer, learned.state_after(["load", "run"]), "break")
    assert text.startswith("break in state q") and "after break" in text.splitlines()[0]
    assert "repair" in text


def test_without_evidence_it_says_so(learned: PDFA) -> None:
    bare = PDFA.from_json(learned.to_json())
    object.__setattr__(bare, "evidence", {})
    assert "what was decided is not in this model" in state_text(Explainer(bare), 0)
    exact = from_rows({0: {"a": (0.5, 0), None: (0.5, 0)}})
    assert "0.50  a -> start" in state_text(Explainer(exact), 0)


def test_what_is_not_there_is_refused(learned: PDFA) -> None:
    explainer = Explainer(learned)
    with pytest.raises(UsageError, match=f"no state {len(learned)} .expected: 0 to {len(learned) - 1}"):
        explainer.state(len(learned))
    with pytest.raises(UsageError, match="no transition 'repair'"):
        explainer.edge(0, "repair")
    with pytest.raises(WrongTypeError):
        explainer.trace("load")
    with pytest.raises(WrongTypeError):
        Explainer("model.json")  # type: ignore[arg-type]


def test_all_states_are_told(learned: PDFA) -> None:
    lines = overview(Explainer(learned), 2).splitlines()
    assert lines[1].startswith("q0  start: 900 visits") and lines[2].split() == [">0.999", "load", "->", "q1"]
    assert lines[-1].startswith(f"... and {len(learned) - 2} states")


@pytest.mark.parametrize(
    ("heuristic", "words"), [("alergia", "mean cosine of the frequencies"), ("css", "mean cosine of the futures")]
)
def test_scores_that_are_no_odds_are_told_in_the_words_of_their_heuristic(heuristic: str, words: str) -> None:
    traces = [["a", "x"], ["b", "x"], ["b", "y"], ["c", "x"], ["c", "x"], ["c", "y"]] * 30
    learner = StreamLearner(heuristic=heuristic)
    learner.learn_many(traces)
    explainer = Explainer(with_evidence(learner))
    told = "\n".join(state_text(explainer, state) for state in range(len(explainer.automaton)))
    assert words in told
    assert ": evidence " not in told
    assert "probability 1" not in told
    foreign = learner.automaton.provenance | {"parameters": {"heuristic": "one's own"}}
    other = Explainer(replace(explainer.automaton, provenance=foreign))
    assert ": evidence " in "\n".join(state_text(other, at) for at in range(len(other.automaton)))


@pytest.mark.parametrize(
    "parameters", [1.5, None, [], {"heuristic": []}, {"heuristic": "css", "options": 3}, {"heuristic": "none"}]
)
def test_odd_parameters_of_a_model_leave_the_bare_score(parameters: object) -> None:
    from flexstream.explanation.prose import _score

    automaton = replace(PDFA(["a"], [1.0], [1.0], [0, 0], [], [], []), provenance={"parameters": parameters})
    assert _score(2.5, automaton) == "evidence 2.5"
