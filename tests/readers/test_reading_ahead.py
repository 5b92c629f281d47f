"""Reading ahead of what puts cases together: the same batches, whatever the sources are."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from flexstream import Alphabet, DataError, ReadOptions, UsageError
from flexstream.readers import Reading
from flexstream.readers.parsing import case_names, fast_path
from flexstream.stream import ahead

EVENTS = [(f"lot {number // 3}", f"step {number * number % 11}", 1_700_000_000 + number) for number in range(3000)]
random.Random(1).shuffle(EVENTS)
FIELDS = ("lot", "step", "at")


def csv(odd: int = 0) -> str:
    """Return a table, of which some rows are none that compiled loops take."""
    rows = [
        f'"{lot}","new\nstep {place % 7}",{at}\n' if odd and place % odd < 2 else f"{lot},{step},{at}\n"
        for place, (lot, step, at) in enumerate(EVENTS)
    ]
    return "lot,step,at\n" + "".join(rows)


SOURCES: dict[str, tuple[list[tuple[str, str]], dict[str, Any]]] = {
    "csv": ([("a.csv", csv())], {"case": "lot", "event": "step"}),
    "timed": ([("a.csv", csv())], {"case": "lot", "event": "step", "time": "at"}),
    "mixed": ([("a.csv", csv(odd=50))], {"case": "lot", "event": "step"}),
    "mixed and timed": ([("a.csv", csv(odd=50))], {"case": "lot", "event": "step", "time": "at"}),
    "general": ([("a.csv", csv())], {"case": "lot", "event": "step+at"}),
    "windows": ([("a.csv", csv())], {"event": "step", "case": "", "window": 40}),
    "few open": ([("a.csv", csv())], {"case": "lot", "event": "step", "max_open_cases": 5}),
    "json": (
        [("a.jsonl", "".join(json.dumps(dict(zip(FIELDS, event, strict=True))) + "\n" for event in EVENTS))],
        {"case": "lot", "event": "step"},
    ),
    "log": (
        [("a.log", "".join(f"{lot}: {step}\n" for lot, step, _ in EVENTS))],
        {"pattern": r"(?P<case>.+): (?P<event>.+)"},
    ),
    "lines": ([("a.txt", "".join(f"{step} {lot}\n" for lot, step, _ in EVENTS))], {}),
    "several": (
        [
            ("a.csv", csv(odd=70)),
            ("b.txt", "load run\nload\n" * 40),
            ("c.csv", csv().replace("step", "phase")),
            ("d.txt", "step 3 phase 9\n"),
        ],
        {},
    ),
}


def read(paths: list[str], options: dict[str, Any], overlap: bool, case_bytes: int | None = None) -> list[Any]:
    alphabet = Alphabet()
    reading = Reading(paths, alphabet, ReadOptions(**options), case_bytes, overlap=overlap)
    found = [(batch.symbols.tolist(), batch.offsets.tolist(), batch.names, batch.closed_early) for batch in reading]
    return [found, list(alphabet), sorted(reading.notes), reading.stats, reading.state()["clock"]]


@pytest.fixture(params=[(1, 1), (3, 2), (1024, 2)])
def bundles(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in zip(("BUNDLE", "AHEAD"), request.param, strict=True):
        monkeypatch.setattr(ahead, name, size)
    for name in ("_MOST_ROWS", "_MOST_AHEAD"):
        monkeypatch.setattr(fast_path, name, 100)


@pytest.mark.usefixtures("bundles")
@pytest.mark.parametrize("kind", SOURCES)
def test_batches_are_the_same(tmp_path: Path, kind: str) -> None:
    paths = []
    for name, text in SOURCES[kind][0]:
        (tmp_path / name).write_text(text)
        paths.append(str(tmp_path / name))
    assert read(paths, SOURCES[kind][1], overlap=True) == read(paths, SOURCES[kind][1], overlap=False)


@pytest.mark.usefixtures("bundles")
@pytest.mark.parametrize("kind", ["csv", "timed", "mixed", "mixed and timed", "log"])
def test_names_of_cases_are_numbered_anew(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_names, "_MOST", 20_000)
    name, text = SOURCES[kind][0][0]
    (tmp_path / name).write_text(text)
    given = [str(tmp_path / name)], SOURCES[kind][1]
    assert read(*given, overlap=True, case_bytes=1 << 20) == read(*given, overlap=False, case_bytes=1 << 20)


def test_what_is_wrong_comes_behind_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("lot,step\n" + "a,load\n" * 5000 + "no event\n")
    reading = Reading([str(path)], Alphabet(), ReadOptions(), overlap=True)
    batch = next(reading)
    assert batch.events == 5000
    with pytest.raises(DataError, match=r"a\.csv:5002"):
        next(reading)


def test_there_is_no_state_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("lot,step\n" + "".join(f"{number},load\n" for number in range(9000)))
    reading = Reading([str(path)], Alphabet(), ReadOptions(max_open_cases=1), overlap=True)
    assert next(reading).position is None
    with pytest.raises(UsageError, match="it is read ahead"):
        reading.state()
