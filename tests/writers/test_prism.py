"""PRISM models, checked against a small grammar of the language."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given

from flexstream.automata.pdfa import PDFA
from flexstream.writers import View, ViewOptions, write

from .strategies import pdfas, view_options

NUMBER = r"\d+(?:\.\d+)?(?:e-\d+)?"
UPDATE = rf"({NUMBER}) : \(q'=(\d+)\)"
COMMAND = re.compile(rf"  \[\] q=(\d+) -> ({UPDATE}(?:\s+\+ {UPDATE})*);")
MODEL = re.compile(
    rf"\s*dtmc\s+module pdfa\s+q : \[0\.\.(?P<end>\d+)\] init 0;\s+"
    rf"(?P<commands>(?:{COMMAND.pattern}\s+)+)endmodule\s+"
    rf'label "end" = q=(?P=end);\s+rewards "events"\s+(?P<rewards>(?:q=\d+ : {NUMBER};\s+)*)endrewards\s+'
)

Rows = dict[int, list[tuple[float, int]]]


def parse(text: str) -> tuple[int, Rows, dict[int, float]]:
    """Return the end state, the probabilities and targets by state, and the rewards by state."""
    model = MODEL.fullmatch(re.sub(r"//[^\n]*", "", text))
    assert model, text
    found = COMMAND.findall(model["commands"])
    rows = {int(state): [(float(p), int(q)) for p, q in re.findall(UPDATE, part)] for state, part, *_ in found}
    assert len(rows) == len(found), "two commands for one state"
    rewards = re.findall(rf"q=(\d+) : ({NUMBER});", model["rewards"])
    return int(model["end"]), rows, {int(state): float(value) for state, value in rewards}


@given(pdfas(), view_options)
def test_rows_sum_to_one(automaton: PDFA, options: ViewOptions) -> None:
    end, rows, rewards = parse(str(write(automaton, "prism", options)))
    view = View.of(automaton, options)
    assert end == len(automaton)
    assert set(rows) == {*view.states, end}
    assert rows[end] == [(1.0, end)]
    for state, parts in rows.items():
        assert abs(math.fsum(chance for chance, _ in parts) - 1) < 1e-9
        assert all(0 < chance <= 1 and target in rows for chance, target in parts)
        stays = 1 - math.fsum(chance for chance, target in parts if target == end)
        assert rewards.get(state, 0.0) == pytest.approx(stays, abs=1e-9)


@given(pdfas(), view_options)
def test_symbols_stand_in_comments_only(automaton: PDFA, options: ViewOptions) -> None:
    text = str(write(automaton, "prism", options))
    assert text.isascii()
    noted = [json.loads(note) for note in re.findall(r' // (".*")$', text, re.MULTILINE)]
    assert noted == [row.symbol for row in View.of(automaton, options).transitions if row.weight > 0]


def test_a_state_without_data_ends() -> None:
    _, rows, rewards = parse(str(write(PDFA(["a"], [2, 0], [0, 0], [0, 1, 1], [0], [1], [2]), "prism")))
    assert rows == {0: [(1.0, 1)], 1: [(1.0, 2)], 2: [(1.0, 2)]}
    assert rewards == {0: 1.0}


def test_smoothing_is_left_out_and_said_so(automaton: PDFA) -> None:
    text = str(write(automaton, "prism"))
    assert "without smoothing" in text
    _, rows, _ = parse(text)
    assert rows[4] == [(6000 / 18100, 1), (2 / 18100, 0), (12098 / 18100, 5)]


def test_mean_length_by_the_rewards(automaton: PDFA) -> None:
    end, rows, rewards = parse(str(write(automaton, "prism")))
    step = np.zeros((end, end))
    for state in range(end):
        for chance, target in rows[state]:
            if target < end:
                step[state, target] += chance
    gain = np.array([rewards.get(state, 0.0) for state in range(end)])
    mean = np.linalg.solve(np.eye(end) - step, gain)[0]
    lengths = [len(trace) for trace in automaton.sample(4000, seed=1)]
    assert mean == pytest.approx(np.mean(lengths), rel=0.05)


def test_what_is_hidden_is_said(automaton: PDFA) -> None:
    text = str(write(automaton, "prism", ViewOptions(max_states=3)))
    assert "// 3 of 5 states, 3 of 9 transitions shown; 53.3 % of the events hidden" in text
