"""What a picture shows unless it is told otherwise: what can be read, and most of the traces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream.automata.pdfa import PDFA
from flexstream.errors import UsageError
from flexstream.targets import Recipe, from_rows, random_pdfa
from flexstream.writers import View, ViewOptions, choice, write
from flexstream.writers.choice import ARROWS, COVERAGE, STATES, Flow, covering, readable

from .strategies import pdfas


def random_automaton(states: int, symbols: int = 8) -> PDFA:
    return random_pdfa(Recipe(states=states, symbols=symbols), seed=states).to_pdfa()


def naive_coverage(automaton: PDFA, shown: np.ndarray, steps: int = 3000) -> float:
    """Follow the share of the traces that are still within what is shown, event by event."""
    flow = Flow(automaton)
    at, lost = np.eye(len(automaton))[0], 0.0
    for _ in range(steps):
        moved = at[automaton.sources] * flow.leaving
        lost += float(moved[~shown].sum())
        at = np.bincount(automaton.targets[shown], moved[shown], len(automaton))
    return 1.0 - lost


@settings(max_examples=40)
@given(pdfas(), st.data())
def test_coverage_is_the_share_of_traces_that_stay_within(automaton: PDFA, data: st.DataObject) -> None:
    size = len(automaton.targets)
    shown = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), np.bool_)
    assert Flow(automaton).coverage(shown) == pytest.approx(naive_coverage(automaton, shown), abs=1e-2)


@settings(max_examples=40)
@given(pdfas(), st.floats(0.05, 1))
def test_no_more_is_shown_than_the_share_takes(automaton: PDFA, share: float) -> None:
    shown, flow = covering(automaton, share, None), Flow(automaton)
    reached = View.of(automaton, ViewOptions(coverage=share))
    assert flow.coverage(shown) >= share - 1e-9
    assert reached.coverage == pytest.approx(flow.coverage(shown))
    if shown.any():
        pairs = np.unique(flow.pair[shown])
        least = pairs[np.argmin(flow.weights[pairs])]
        fewer = shown & (flow.pair != least)
        assert flow.coverage(fewer) <= flow.coverage(shown) + 1e-12


@pytest.mark.parametrize("states", [8, 15, 26, 40, 76, 250, 1000])
def test_what_is_drawn_can_be_read_and_holds_most_traces(states: int) -> None:
    automaton = random_automaton(states)
    view = View.picture(automaton)
    assert len(view.states) <= STATES and len(view.edges) <= ARROWS
    assert view.coverage >= COVERAGE or len(view.states) >= STATES - 2 or len(view.edges) == ARROWS
    assert bool(view.caption) == (view.hidden_transitions > 0)


def test_small_automata_are_drawn_whole() -> None:
    automaton = from_rows({n: {"a": (5, (n + 1) % 15), "b": (4, n), None: (1, 0)} for n in range(15)})
    assert readable(automaton).all()
    assert View.picture(automaton).caption == ""


def test_rare_steps_of_a_dense_automaton_are_left_out() -> None:
    size = 20
    rows = {
        n: {f"s{m}": (1000 if m == (n + 1) % size else 1, m) for m in range(size)} | {None: (50, 0)}
        for n in range(size)
    }
    view = View.picture(from_rows(rows))
    assert {(n, (n + 1) % size) for n in range(size - 1)} <= {(edge.source, edge.target) for edge in view.edges}
    assert len(view.edges) <= ARROWS


def test_all_that_is_hidden_is_told() -> None:
    view = View.picture(random_automaton(250))
    for state in view.states:
        rows = slice(view.automaton.offsets[state], view.automaton.offsets[state + 1])
        hidden = float(view.automaton.probabilities[rows][~view.shown[rows]].sum())
        assert view.stubs.get(state, 0.0) == pytest.approx(hidden)


def test_everything_where_it_is_asked_for() -> None:
    automaton = random_automaton(76)
    assert View.picture(automaton, ViewOptions(whole=True)).transitions == tuple(automaton.transitions())
    assert View.of(automaton).transitions == tuple(automaton.transitions())
    assert str(write(automaton, "prism")).count("[] q=") == 77


def test_the_same_is_drawn_in_every_format() -> None:
    automaton = random_automaton(76)
    view = View.picture(automaton)
    dot, mermaid, svg = (str(write(automaton, name)) for name in ("dot", "mermaid", "svg"))
    for state in range(len(automaton)):
        shown = state in view.states
        assert (f"\n  q{state} [" in dot) == (f"\n  q{state}(" in mermaid) == shown
        assert (f">q{state}</title>" in svg or f'id="q{state}"' in svg) == shown


def test_long_automata_are_solved_step_by_step_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    automaton = random_automaton(40)
    shown = readable(automaton)
    exact = Flow(automaton).coverage(shown)
    monkeypatch.setattr(choice, "_DENSE", 3)
    assert Flow(automaton).coverage(shown) == pytest.approx(exact, abs=1e-4)


def test_traces_that_never_end_stay_within_if_nothing_hidden_is_reached() -> None:
    ring = PDFA(["a", "b"], [9, 9], [0, 0], [0, 1, 2], [0, 0], [1, 0], [9, 9])
    assert Flow(ring).coverage(np.array([True, True])) == 1.0
    assert Flow(ring).coverage(np.array([True, False])) == 0.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"coverage": 0.0}, "above 0"),
        ({"coverage": 1.5}, "above 0"),
        ({"whole": True, "min_prob": 0.1}, "leaves nothing out"),
        ({"whole": True, "coverage": 0.5}, "leaves nothing out"),
        ({"boxes": "events"}, "states or activities"),
        ({"colour": "red"}, "visits or times or trust"),
        ({"colour": "trust"}, "what the report says"),
    ],
)
def test_options_that_do_not_fit(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ViewOptions(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"whole": True}, {"boxes": "activities"}, {"colour": "times"}])
@pytest.mark.parametrize("name", ["json", "prism", "graphml", "node-link"])
def test_what_only_pictures_heed_is_refused_elsewhere(name: str, options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="has no effect on"):
        write(random_automaton(8), name, ViewOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("most", [None, 5, 20, STATES])
def test_of_traces_longer_than_a_picture_its_beginning_is_drawn(most: int | None) -> None:
    size = 41
    rows = {at: {f"step{at:02}": (1.0, at + 1)} for at in range(size - 1)}
    chain = from_rows({**rows, size - 1: {None: (1.0, 0)}})
    shown = readable(chain) if most is None else covering(chain, COVERAGE, most)
    assert np.flatnonzero(shown).tolist() == list(range((most or STATES) - 1))
