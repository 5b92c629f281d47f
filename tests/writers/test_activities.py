"""Activities as boxes: what follows what directly, as the automaton has it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given

from flexstream import StreamLearner
from flexstream.automata.pdfa import PDFA
from flexstream.errors import UsageError
from flexstream.targets import Recipe, from_rows, random_pdfa
from flexstream.writers import ViewOptions, write
from flexstream.writers.activities import MOST_STEPS, by_activity
from flexstream.writers.figure import figure

from .strategies import pdfas
from .test_times import TIMED, timed


def named(automaton: PDFA) -> dict[tuple[str, str], float]:
    """Return the counts of what follows what, by names."""
    names = ("(start)", *automaton.provenance["activities"])
    return {(names[row.source], row.symbol): row.weight for row in automaton.transitions()}


def test_counts_are_those_of_the_traces() -> None:
    traces = random_pdfa(Recipe(states=6, symbols=4, mean_length=6), seed=4).sample(3000, seed=1)
    lines = [[str(symbol) for symbol in trace] for trace in traces]
    learner = StreamLearner()
    learner.learn_many(lines)
    found = named(by_activity(learner.automaton))
    counted = Counter(pair for line in lines for pair in pairwise(["(start)", *line]))
    assert set(found) == set(counted)
    for pair, number in counted.items():  # states that traces pass with different pasts mix what follows
        assert found[pair] == pytest.approx(number, rel=0.25, abs=40)
    for symbol in {symbol for line in lines for symbol in line}:  # but not how often it happens
        total = sum(weight for (_, after), weight in found.items() if after == symbol)
        assert total == pytest.approx(sum(line.count(symbol) for line in lines), rel=1e-6)


@given(pdfas())
def test_nothing_is_lost_of_what_is_reached(automaton: PDFA) -> None:
    found = by_activity(automaton)
    arrived = {0, *automaton.targets[automaton.weights > 0].tolist()}
    rows = [row for row in automaton.transitions() if row.weight > 0 and row.source in arrived]
    assert sum(row.weight for row in found.transitions()) == pytest.approx(sum(row.weight for row in rows))
    assert len(set(found.targets.tolist())) == len({row.symbol for row in rows} | set())
    for row in found.transitions():
        assert found.provenance["activities"][row.target - 1] == row.symbol


def test_boxes_carry_the_names_of_activities() -> None:
    line = from_rows({0: {"load": (9, 1)}, 1: {"run": (5, 1), "ship": (4, 2)}, 2: {None: (9, 0)}})
    drawing = figure(line, ViewOptions(boxes="activities"))
    assert [box.name for box in drawing.boxes if box.kind == "activity"] == [("start",), ("load",), ("run",), ("ship",)]
    arrows = {(arrow.source, arrow.target): arrow.lines for arrow in drawing.arrows if arrow.kind == "sure"}
    assert arrows["q1", "q3"] == ("0.44",) and arrows["q2", "q2"] == ()
    assert drawing.boxes[2].loops == ("↻ 0.56",)
    assert "Box: an activity" in drawing.legend[0]


def test_times_are_those_of_the_steps_between_activities() -> None:
    text = str(write(TIMED, "dot", ViewOptions(boxes="activities", times=True)))
    assert "1 · 120 min" in text or "0.90 · 120 min" in text


def test_colours_for_times_need_times() -> None:
    slow = str(write(TIMED, "dot", ViewOptions(colour="times")))
    assert 'color="#a63c06"' in slow and "from grey to rust" in slow
    with pytest.raises(UsageError, match="does not know how long"):
        write(from_rows({0: {"a": (1, 0), None: (1, 0)}}), "dot", ViewOptions(colour="times"))


def many(symbols: int) -> PDFA:
    """One state that all of many symbols come back to, the first of them most often."""
    row = {f"w{symbol:04}": (float(symbols - symbol), 0) for symbol in range(symbols)}
    return from_rows({0: {**row, None: (float(symbols), 0)}})


def test_of_very_many_symbols_the_rarest_have_one_box() -> None:
    automaton = many(3000)
    found = by_activity(automaton)
    names = found.provenance["activities"]
    assert len(found.targets) <= MOST_STEPS and found.provenance["rarer"] == 3000 - len(names) + 1
    assert names[:2] == ("w0000", "w0001") and names[-1] == f"{found.provenance['rarer']:,} rarer symbols"
    assert found.weights.sum() == pytest.approx(automaton.weights.sum())
    rare = sum(row.weight for row in found.transitions() if row.symbol == names[-1])
    assert rare == pytest.approx(sum(automaton.weights[len(names) - 1 :]))
    drawing = figure(automaton, ViewOptions(boxes="activities"))
    assert f"{found.provenance['rarer']:,} symbols, those that are rarest, are one box" in " ".join(drawing.legend)


def test_a_symbol_called_as_the_box_of_the_rarer_ones_is_told_from_it() -> None:
    row = {f"w{symbol}": (1.0, 0) for symbol in range(40)} | {"11 rarer symbols": (9.0, 0)}
    found = by_activity(from_rows({0: {**row, None: (9.0, 0)}}), most_steps=1)
    assert found.provenance["rarer"] == 11 and found.provenance["activities"][-1] == "11 rarer symbols …"


def test_rarer_symbols_together_take_as_long_as_they_do_one_by_one() -> None:
    automaton = timed(
        from_rows({0: {"go": (80, 1)}, 1: {f"w{n:02}": (2, 2) for n in range(40)}, 2: {None: (80, 0)}}),
        {edge: [1.0, 90.0 * edge] for edge in range(1, 41)},
    )
    whole, part = by_activity(automaton), by_activity(automaton, most_steps=1)
    assert part.provenance["rarer"] == 11 and len(part.targets) == 31
    for found in (whole, part):
        assert sum(found.durations.of(edge)[1].sum() for edge in range(len(found.targets))) == 80
