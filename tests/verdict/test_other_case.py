"""Two columns that may be the case: what another foretells far more simply is told, and nothing else."""

from __future__ import annotations

import io
import json
import random

import pytest

from flexstream import ReadOptions, StreamLearner, judge
from flexstream.readers.reading import Reading
from flexstream.verdict.other_case import other_case

CYCLE = ["arrived", "started", "changed", "ended", "gone"]
Rows = list[tuple[str, str, str]]
"""Lot, machine, event."""


def learned(data: bytes, **options) -> tuple[StreamLearner, Reading]:
    learner = StreamLearner()
    reading = Reading(io.BytesIO(data), learner.alphabet.copy(), ReadOptions(**options))
    for batch in reading:
        learner.learn_many(batch, reading.alphabet)
    return learner, reading


def as_csv(rows: Rows, lot: str = "lot", machine: str = "tool") -> bytes:
    return f"{lot};{machine};activity\n{''.join(';'.join(row) + chr(10) for row in rows)}".encode()


def as_jsonl(rows: Rows, lot: str = "lot", machine: str = "tool") -> bytes:
    return "".join(json.dumps(dict(zip((lot, machine, "activity"), row, strict=True))) + "\n" for row in rows).encode()


def side_by_side(machines: int = 3, rows: int = 600, jitter: float = 0.0) -> Rows:
    """Return machines that go through a cycle each at once; a lot is on all of them."""
    luck, at, found = random.Random(1), [0] * machines, Rows()
    while len(found) < rows:
        order = list(range(machines))
        if luck.random() < jitter:
            luck.shuffle(order)
        for machine in order:
            found.append((f"L{at[machine] // len(CYCLE)}", f"m{machine}", CYCLE[at[machine] % len(CYCLE)]))
            at[machine] += 1
    return found


@pytest.mark.parametrize("write", [as_csv, as_jsonl])
@pytest.mark.parametrize("machines", [2, 3, 7])
@pytest.mark.parametrize("jitter", [0.0, 1.0])
@pytest.mark.parametrize("names", [("lot", "tool"), ("LotID", "Anlage"), ("case_id", "resource")])
def test_machines_side_by_side_are_told_apart(write, machines, jitter, names):
    learner, reading = learned(write(side_by_side(machines, jitter=jitter), *names))
    assert reading.columns["case"] == names[0]
    (first, *_) = judge(learner, reading)
    assert (first.code, first.options) == ("wrong_case", {"case": names[1]})
    assert f"{machines:,} values in the first 500 rows" in first.text
    again = learned(write(side_by_side(machines, jitter=jitter), *names), **first.options)
    assert len(again[0].automaton) == len(CYCLE) < len(learner.automaton) or jitter
    assert judge(*again) == []


def test_who_names_the_case_is_believed():
    assert other_case(*reversed(learned(as_csv(side_by_side()), case="lot"))) is None


def routes(machines: int, rows: int = 600) -> Rows:
    """Return lots that go from step to step, each with its own machine or one of several."""
    luck, opened, found = random.Random(2), list[list[int]](), Rows()
    lots = 0
    while len(found) < rows:
        if len(opened) < 6:
            opened.append([lots, 0])
            lots += 1
        lot = luck.choice(opened)
        found.append((f"L{lot[0]}", f"m{lot[1] % machines}", CYCLE[lot[1]]))
        lot[1] += 1
        if lot[1] == len(CYCLE):
            opened.remove(lot)
    return found


@pytest.mark.parametrize("machines", [2, 3, 5])
@pytest.mark.parametrize("write", [as_csv, as_jsonl])
def test_lots_on_their_routes_are_the_case(write, machines):
    """Though each machine has few kinds of events, which its name tells by itself."""
    assert judge(*learned(write(routes(machines)))) == []


def test_without_other_columns_there_is_no_other_case():
    rows = b"case,activity\n" + b"".join(b"%d,%s\n" % (row // 5, CYCLE[row % 5].encode()) for row in range(100))
    assert other_case(*reversed(learned(rows))) is None


def test_what_is_the_same_in_every_row_is_no_case_where_another_tells_more():
    data = b"lot,unit,activity\n" + b"".join(
        b"L1,u%d,%s\n" % (machine, CYCLE[(step + machine) % 5].encode()) for step in range(200) for machine in range(4)
    )
    learner, reading = learned(data)
    assert (reading.columns["case"], judge(learner, reading)[0].options) == ("lot", {"case": "unit"})
