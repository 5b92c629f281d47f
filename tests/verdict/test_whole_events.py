"""Columns of phases, beside those that say of what."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable

import pytest

import flexstream

Rows = list[dict[str, str]]


def as_csv(rows: Rows) -> bytes:
    return "".join(";".join(row) + "\n" for row in [[*rows[0]], *([*row.values()] for row in rows)]).encode()


def as_jsonl(rows: Rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_logfmt(rows: Rows) -> bytes:
    return "".join(" ".join(f'{name}="{value}"' for name, value in row.items()) + "\n" for row in rows).encode()


def operations() -> Rows:
    """Return rows of four machines, each of which does one thing after the other; each starts and ends."""
    luck, rows = random.Random(1), []
    todo: dict[str, list[tuple[str, str]]] = {f"M{number}": [] for number in range(4)}
    for second in range(800):
        machine = luck.choice([*todo])
        if not todo[machine]:
            what = luck.choice(["setup", "run", "clean"])
            todo[machine] = [(what, "Beginn"), (what, "Ende")]
        job, phase = todo[machine].pop(0)
        rows.append({"at": f"{second}", "Anlage": machine, "program": job, "Ereignis": phase})
    return rows


def alarms() -> Rows:
    """Return rows of alarms that come, are acknowledged and go, several at once."""
    luck, rows, places = random.Random(2), [], dict.fromkeys(["pressure low", "door open", "film torn"], 0)
    for second in range(900):
        text = luck.choice([*places])
        rows.append({"at": f"{second}", "alarm_no": f"{len(text)}", "what": text, "state": "KQG"[places[text] % 3]})
        places[text] += 1
    return rows


@pytest.mark.parametrize("written", [as_csv, as_jsonl, as_logfmt])
@pytest.mark.parametrize(("rows", "joined"), [(operations, "program+Ereignis"), (alarms, "what+state")])
def test_what_starts_and_ends_is_joined(
    written: Callable[[Rows], bytes], rows: Callable[[], Rows], joined: str
) -> None:
    learned = flexstream.learn(io.BytesIO(written(rows())))
    first = learned.verdicts[0]
    assert (first.code, first.options) == ("phases_alone", {"event": joined})
    again = flexstream.learn(io.BytesIO(written(rows())), **first.options)
    assert len(again.alphabet) == (6 if joined == "program+Ereignis" else 9)
    assert "phases_alone" not in [one.code for one in again.verdicts]


def test_states_by_themselves_are_no_phases() -> None:
    """Neither where they follow in any order, nor where the other column is the same all through a case."""
    luck = random.Random(3)
    rows = [
        {"machine": f"M{n % 3}", "hall": luck.choice("ab"), "state": luck.choice(["up", "down"])} for n in range(600)
    ]
    orders = [{"order": f"O{n // 2}", "product": f"p{n // 2 % 3}", "state": ["new", "done"][n % 2]} for n in range(600)]
    for some in (rows, orders):
        learned = flexstream.learn(io.BytesIO(as_csv(some)))
        assert "phases_alone" not in [one.code for one in learned.verdicts]


@pytest.mark.parametrize("written", [as_csv, as_jsonl])
@pytest.mark.parametrize("sign", [" > ", "->", ",", "|"])
def test_a_column_of_traces_is_none_of_events(written: Callable[[Rows], bytes], sign: str) -> None:
    rows = [{"id": f"x{n}", "Schritte": sign.join("abc" if n % 2 else "ac")} for n in range(200)]
    first = flexstream.learn(io.BytesIO(written(rows))).verdicts[0]
    assert (first.code, first.options) == ("whole_traces", {"sequence": "Schritte"})
    again = flexstream.learn(io.BytesIO(written(rows)), **first.options)
    assert ([*again.alphabet], again.traces) == (["a", "c", "b"], 200)


def test_changes_from_one_to_another_are_events() -> None:
    states = ["idle", "run", "down", "idle", "down", "run"]
    rows = [{"id": f"x{n // 6}", "change": f"{states[n % 6]} -> {states[(n + 1) % 6]}"} for n in range(240)]
    learned = flexstream.learn(io.BytesIO(as_csv(rows)))
    assert "whole_traces" not in [one.code for one in learned.verdicts]
