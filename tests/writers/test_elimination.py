"""What is left out of a picture is what takes the fewest traces with it."""

from __future__ import annotations

import numpy as np
import pytest

from flexstream.automata.pdfa import PDFA
from flexstream.targets import Recipe, random_pdfa
from flexstream.writers import View
from flexstream.writers.choice import ARROWS, STATES, Flow, Part, elimination, growth
from flexstream.writers.elimination import Elimination


def random_automaton(states: int) -> PDFA:
    return random_pdfa(Recipe(states=states, symbols=6, mean_length=8), seed=states).to_pdfa()


def part_of(automaton: PDFA) -> Part:
    found = elimination(Flow(automaton))
    assert found is not None
    return found


def naive_loss(part: Elimination, state: int = -1, arrow: tuple[int, int] | None = None) -> float:
    """Leave one state or arrow out and follow the traces anew."""
    steps = part.steps.copy()
    if arrow is not None:
        steps[arrow] = 0.0
    else:
        steps[:, state] = 0.0
    ends = np.linalg.solve(np.eye(len(steps)) - steps, part._stops)
    return part.coverage - float(ends[0])


def test_losses_are_those_of_leaving_out_one_thing() -> None:
    part = part_of(random_automaton(25))
    for state, lost in enumerate(part._by_state()[1:], start=1):
        assert lost == pytest.approx(naive_loss(part, state), abs=1e-9)
    lost, (sources, targets) = part._by_arrow()
    for one, source, target in zip(lost, sources, targets, strict=True):
        assert one == pytest.approx(naive_loss(part, arrow=(source, target)), abs=1e-9)


@pytest.mark.parametrize("states", [40, 76, 250])
def test_coverage_of_what_is_left_and_more_of_it_than_the_most_taken_arrows_have(states: int) -> None:
    automaton = random_automaton(states)
    flow, part = Flow(automaton), part_of(automaton)
    part.shrink(STATES, ARROWS)
    assert len(part.states) <= STATES and part.arrows <= ARROWS
    assert flow.coverage(part.shown()) == pytest.approx(part.coverage, abs=1e-6)
    shown = np.isin(flow.pair, growth(flow, STATES, ARROWS))
    assert part.coverage >= flow.coverage(shown) - 1e-9
    assert View.picture(automaton).coverage >= min(part.coverage, 0.8) - 0.005


def test_traces_that_do_not_end_are_not_judged_so() -> None:
    endless = PDFA(["a", "b"], [10, 10], [0, 0], [0, 1, 2], [0, 1], [1, 0], [10, 10])
    assert elimination(Flow(endless)) is None
    hardly = PDFA(["a", "b"], [10, 10], [0, 1e-300], [0, 1, 2], [0, 1], [1, 0], [10, 10])
    assert elimination(Flow(hardly)) is None


def test_the_start_stays_and_so_much_as_is_asked_for() -> None:
    part = part_of(random_automaton(40))
    part.thin(0.0)
    assert part.states.tolist() == [0] and part.arrows == 0
    part = part_of(random_automaton(40))
    part.thin(0.0, 15, 30)
    assert len(part.states) >= 14 and part.arrows <= 30 + 14
