"""Whether the states explain the stream: Pearson's statistic against its definition, its level and its power."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import PDFA, StreamLearner
from flexstream.explanation import Explainer
from flexstream.explanation.prose import edge_text, state_text
from flexstream.pac.report import page
from flexstream.pac.report.evidence import with_evidence
from flexstream.pac.report.report import make_report
from flexstream.pac.statistics.fit import BY_LENGTH, LEAST_VISITS, ORDERS, chi_square_tail, fits, pearson
from flexstream.pac.statistics.special import log_normal_tail
from flexstream.pac.statistics.state_tree import StateTree
from flexstream.targets import PFA, from_rows
from flexstream.writers.colours import Colours
from flexstream.writers.view import View, ViewOptions
from flexstream.writers.view_options import Trust

TWO_COINS = from_rows(
    {0: {"a": (0.5, 1), "b": (0.3, 0), None: (0.2, 0)}, 1: {"a": (0.2, 0), "b": (0.5, 1), None: (0.3, 0)}}
)
EMITTED, MOVED = (
    [[0.6, 0.3, 0.1], [0.1, 0.6, 0.3], [0.3, 0.1, 0.6]],
    [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]],
)
CELLS = [(state, symbol, target) for state in range(3) for symbol in range(3) for target in range(3)]
HIDDEN = PFA.from_edges(
    ["a", "b", "c"],
    [1 / 3, 1 / 3, 1 / 3],
    [0.1, 0.1, 0.1],
    *map(list, zip(*CELLS, strict=True)),
    [0.9 * EMITTED[state][symbol] * MOVED[state][target] for state, symbol, target in CELLS],
)
"""A hidden Markov model: no automaton with finitely many states, however far it is followed."""


def slowly(
    group: list[int], outcome: list[int], counts: list[int], owner: list[int]
) -> list[tuple[float, float, float]]:
    """The same, cell by cell in fractions."""
    table = {(g, o): c for g, o, c in zip(group, outcome, counts, strict=True)}
    visits = [sum(c for (g, _), c in table.items() if g == one) for one in range(len(owner))]
    rows = []
    for one, state in enumerate(owner):
        alike = [g for g, other in enumerate(owner) if other == state]
        total = sum(visits[g] for g in alike)
        kinds = sorted({o for g, o in table if owner[g] == state})
        share = {o: Fraction(sum(table.get((g, o), 0) for g in alike), total) for o in kinds}
        often = [o for o in kinds if share[o] * visits[one] >= 1]
        cells = [(share[o], table.get((one, o), 0)) for o in often]
        if len(often) < len(kinds):
            rest = [o for o in kinds if o not in often]
            cells.append((sum(share[o] for o in rest), sum(table.get((one, o), 0) for o in rest)))
        k, n = len(cells), visits[one]
        statistic = sum((c - n * p) ** 2 / (n * p) for p, c in cells)
        variance = 2 * (k - 1) + (sum(1 / p for p, _ in cells) - k * k - 2 * k + 2) / Fraction(n)
        rows.append((float(statistic), float((k - 1) * (1 - Fraction(1, len(alike)))), float(max(variance, 0))))
    return rows


@settings(max_examples=60)
@given(st.data())
def test_pearson_is_what_its_definition_says(data: st.DataObject) -> None:
    owner = data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=6))
    cells = {}
    for group in range(len(owner)):
        for outcome in data.draw(st.sets(st.integers(0, 4), min_size=1, max_size=5)):
            cells[group, outcome] = data.draw(st.integers(1, 40))
    group, outcome = (list(part) for part in zip(*sorted(cells), strict=True))
    counts = [cells[key] for key in sorted(cells)]
    arrays = (np.array(part, np.int64) for part in (group, outcome, counts, owner))
    state, *found = pearson(*arrays)
    assert state.tolist() == owner
    for row, wanted in zip(zip(*found, strict=True), slowly(group, outcome, counts, owner), strict=True):
        assert row == pytest.approx(wanted, abs=1e-9)


def test_mean_and_variance_are_those_of_multinomial_draws() -> None:
    """With known shares; 20,000 tables of 10 visits, a chi-square of which would be too rough."""
    random, share = np.random.default_rng(3), np.array([0.6, 0.25, 0.15])
    drawn = random.multinomial(10, share, 20_000)
    statistic = ((drawn - 10 * share) ** 2 / (10 * share)).sum(1)
    variance = 2 * 2 + ((1 / share).sum() - 9 - 6 + 2) / 10
    assert statistic.mean() == pytest.approx(2, abs=4 * math.sqrt(variance / 20_000))
    assert statistic.var() == pytest.approx(variance, rel=0.06)


@pytest.mark.parametrize(("freedom", "quantile"), [(2, 9.2103), (10, 23.2093), (100, 135.8067)])
def test_the_tail_of_a_chi_square(freedom: float, quantile: float) -> None:
    assert math.exp(chi_square_tail(quantile, freedom, 2 * freedom)) == pytest.approx(0.01, rel=0.05)


def test_far_tails_are_continuous() -> None:
    assert log_normal_tail(29.999999) == pytest.approx(log_normal_tail(30.000001), abs=1e-2)
    assert log_normal_tail(1e6) < log_normal_tail(1e3) < -1e5
    assert chi_square_tail(0, 1, 1) == chi_square_tail(1, 0, 1) == chi_square_tail(1, 1, 0) == 0


def placed(target: PFA, strings: int, seed: int, right: bool) -> StateTree:
    """The tree of a sample, each node in the target's state, or all in one."""
    learner = StreamLearner()
    learner.learn_many(target.sample(strings, seed=seed))
    automaton, tree = learner.automaton, learner.tree
    goal = {(row.source, row.symbol): row.target for row in TWO_COINS.transitions()}
    columns, names = tree.columns, list(learner.alphabet)
    states = np.zeros(len(tree), np.int32)
    for node in range(1, len(tree) if right else 0):
        states[node] = goal[int(states[columns.parent[node]]), names[columns.symbol[node]]]
    return StateTree.of(tree, states, 2, len(automaton.symbols))


def test_a_right_structure_is_called_wrong_as_seldom_as_stated() -> None:
    """Of 150 samples the smallest p-value of four, times four, is below a tenth in a tenth of them at most."""
    found = [min(row.log_p for row in fits(placed(TWO_COINS, 400, seed, True))) for seed in range(150)]
    assert sum(value < math.log(0.1 / 4) for value in found) <= 25  # 15 expected, 25 has a probability of 1 %


def test_states_that_are_two_are_seen() -> None:
    rows = fits(placed(TWO_COINS, 400, 1, False))
    assert [row.order for row in rows] == [*ORDERS, BY_LENGTH]
    assert rows[0].log_p < math.log(1e-3)
    assert rows[0].state == 0 and rows[0].groups == 3  # the start, behind a, behind b
    assert rows[0].excess > 3


def test_groups_that_are_too_small_say_nothing() -> None:
    rows = fits(placed(TWO_COINS, LEAST_VISITS - 1, 1, True))
    assert all(row.groups == 0 and row.log_p == 0 and row.state == -1 for row in rows)


def test_a_source_that_counts_gets_no_bound() -> None:
    """As many b as a: closed into loops no last events tell it, but strings end at even lengths."""
    numbers = np.random.default_rng(8).geometric(0.3, 1000) - 1
    learner = StreamLearner()
    learner.learn_many([["a"] * n + ["b"] * n for n in numbers.tolist()])
    model = with_evidence(learner)
    assert [row["log_p"] < -9 for row in model.evidence["fit"]] == [False, False, False, True]
    told = make_report(model)
    assert told["fit"]["order"] == BY_LENGTH and told["guarantee"]["l1"] == 2.0
    assert "what comes next hangs on how many events came before it and not on the" in told["headline"]


def test_a_hidden_markov_source_gets_no_bound() -> None:
    learner = StreamLearner()
    learner.learn_many(HIDDEN.sample(10_000, seed=4))
    told = make_report(with_evidence(learner))
    assert told["fit"] is not None and told["guarantee"]["l1"] == 2.0 and told["guarantee"]["kl"] is None
    assert told["headline"].startswith("No automaton was found that explains the stream")
    assert "it foretold about as well as counting pairs (" in told["headline"]
    assert not any(row["met"] for row in told["theorems"])


def test_intervals_that_the_headline_doubts_are_called_so_wherever_they_stand() -> None:
    learner = StreamLearner()
    learner.learn_many(HIDDEN.sample(10_000, seed=4))
    for model, holds in ((with_evidence(learner), False), (_known(), True)):
        told = make_report(model)
        said = [page.text(told), page.html(told)]
        assert told["intervals_hold"] is holds and ("nor bounds are proven" in told["headline"]) is not holds
        assert all(
            ("intervals hold together" in text) is holds and ("none is proven" in text) is not holds for text in said
        )
        explainer, symbol = Explainer(model), model.symbols[model.edge_symbols[0]]
        for words in (state_text(explainer, 0), edge_text(explainer, 0, symbol).splitlines()[0]):
            assert ("not proven: see the report" in words) is not holds
        assert Trust.of(told).proven is holds
        view = View.of(model, ViewOptions(colour="trust", trust=Trust.of(told)))
        assert any("none of it is proven" in line for line in Colours(view).legend()) is not holds


def _known() -> PDFA:
    learner = StreamLearner()
    learner.learn_many([["a", "b"] if even else ["b"] for even in np.random.default_rng(1).random(600) < 0.5])
    return with_evidence(learner)


def test_a_source_that_is_an_automaton_keeps_its_bound() -> None:
    learner = StreamLearner()
    learner.learn_many(TWO_COINS.sample(10_000, seed=4))
    told = make_report(with_evidence(learner))
    assert told["fit"] is None and told["guarantee"]["l1"] < 0.5
