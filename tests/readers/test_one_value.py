"""Columns that are called like events and hold one value, and columns that say how grave something is."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable

import pytest

import flexstream
from flexstream.readers.parsing.profile import profile

from .conftest import read_all as read

DONE = ["arrive", "clamp", "run", "unclamp", "leave"]
Rows = list[dict[str, str]]


def read_all(text: bytes, **options: str) -> list[tuple[str, list[str]]]:
    found = read(io.BytesIO(text), **options)
    assert found.error is None
    return found.named


def symbols(found: list[tuple[str, list[str]]]) -> set[str]:
    return {symbol for _, trace in found for symbol in trace}


def as_csv(rows: Rows) -> bytes:
    return "".join(",".join(row) + "\n" for row in [[*rows[0]], *([*row.values()] for row in rows)]).encode()


def as_jsonl(rows: Rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_logfmt(rows: Rows) -> bytes:
    return "".join(" ".join(map("=".join, row.items())) + "\n" for row in rows).encode()


def as_nested(rows: Rows) -> bytes:
    return "".join(json.dumps({"lot": row["lot"], "data": {**row, "lot": ""}}) + "\n" for row in rows).encode()


def lots(step: Callable[[int], str]) -> Rows:
    return [{"lot": f"L{n // 5}", "step": step(n), "event_desc": DONE[n % 5], "tool": f"T{n % 3}"} for n in range(400)]


@pytest.mark.parametrize("written", [as_csv, as_jsonl, as_logfmt, as_nested])
@pytest.mark.parametrize("blank", [0, 7])
def test_what_is_always_the_same_is_not_what_happens(written: Callable[[Rows], bytes], blank: int) -> None:
    found = read_all(written(lots(lambda n: "" if blank and written is not as_logfmt and n % blank == 0 else "litho")))
    assert symbols(found) == set(DONE)


@pytest.mark.parametrize("written", [as_csv, as_jsonl, as_logfmt])
def test_a_name_is_believed_where_two_values_come(written: Callable[[Rows], bytes]) -> None:
    found = read_all(written(lots(lambda n: "etch" if n == 300 else "litho")))
    assert symbols(found) == {"etch", "litho"}


def test_frames_are_looked_at_alike() -> None:
    pandas = pytest.importorskip("pandas")
    learned = flexstream.learn(pandas.DataFrame(lots(lambda n: "litho")))
    assert {*learned.alphabet} == {*DONE}


@pytest.mark.parametrize("written", [as_csv, as_jsonl, as_logfmt])
def test_one_value_alone_is_read_and_told(written: Callable[[Rows], bytes]) -> None:
    rows = [{"lot": f"L{n // (4 + n % 3)}", "step": "litho"} for n in range(200)]
    learned = flexstream.learn(io.BytesIO(written(rows)))
    assert [*learned.alphabet] == ["litho"]
    assert learned.verdicts[0].code == "one_symbol"


def test_who_names_a_column_is_believed() -> None:
    found = read_all(as_csv(lots(lambda n: "litho")), event="step")
    assert symbols(found) == {"litho"}


@pytest.mark.parametrize(
    "words", [["Info", "Störung", "Warnung"], ["INFO", "WARN", "ERROR"], ["hint", "minor", "major"]]
)
@pytest.mark.parametrize("name", ["Meldeklasse", "what", "art"])
def test_a_level_is_no_case(words: list[str], name: str) -> None:
    rows = [(f"G{n // 5}", DONE[n % 5], words[n % 5 // 2]) for n in range(400)]
    seen = profile(["group", "text", name], rows)
    assert [column.name for column in seen.like_cases(["text"])] == ["group"]


@pytest.mark.parametrize("case", ["Charge", "Auftrags-Nr.", "Los", "Seriennummer", "Fertigungsauftrag"])
@pytest.mark.parametrize("event", ["Meldetext", "Ereignis", "Zustand", "Arbeitsgang", "Schritt", "Aktivität"])
def test_german_names_are_known(case: str, event: str) -> None:
    names = [case, "Anlage", event, "Meldeklasse"]
    rows = [dict(zip(names, [f"C{n // 5}", "VP3", DONE[n % 5], "Info"], strict=True)) for n in range(100)]
    found = read_all(as_csv(rows))
    assert symbols(found) == set(DONE)
    assert len(found) == 20


def test_a_kind_of_events_is_no_case() -> None:
    """Whatever its values are called: each event has one, and disturbances come at any time."""
    luck, rows = random.Random(1), []
    for number in range(150):
        for step in DONE:
            rows.append((f"G{number}", step, "red"))
            while luck.random() < 0.2:
                rows.append((f"G{number}", luck.choice(["door open", "film torn"]), "blue"))
    seen = profile(["group", "what", "art"], rows)
    assert "art" not in [candidate.name for candidate in seen.cases(["what"])]
    found = read_all(as_csv([dict(zip(["Gruppe", "text", "art"], row, strict=True)) for row in rows]), event="text")
    assert all("red" != name != "blue" for name, _ in found)
