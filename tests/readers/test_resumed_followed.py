"""A followed log that is gone on with hands its traces on as soon as nothing more is there, as it did before."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from flexstream.container import decode, encode
from flexstream.readers import Reading, ReadOptions, walk
from flexstream.stream.alphabet import Alphabet

CASES = 200


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "PAUSE", 0.1)


def rows(first: int, last: int, header: str = "") -> str:
    """Return cases of two events each, of which one ends before the next begins."""
    found = (f"c{case},{word},{1_700_000_000 + 100 * case + at}\n" for case in range(first, last) for at, word in PAIR)
    return header + "".join(found)


PAIR = ((0, "load"), (1, "unload"))
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "csv": ("case,event,time\n", {"format": "csv"}),
    "log": ("", {"pattern": r"(?P<case>\w+),(?P<event>\w+),(?P<time>\d+)"}),
}


def reading(log: Path, options: dict[str, Any], state: Any = None) -> Reading:
    found = Reading(log, Alphabet(), ReadOptions(**options, follow=True, idle=20.0), resumable=True)
    if state is not None:
        found.restore(state)
    return found


def stopped(log: Path, options: dict[str, Any]) -> tuple[int, Any]:
    """Return how many traces come of a reading that is stopped while it waits for more, and its state then."""
    found, states = reading(log, options), []
    found.at_rest = lambda: states.append(found.state())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "PAUSE", 60.0)
        count = before_a_stop(found, 0.3)
    return count, decode(encode(states[-1]))


def before_a_stop(found: Reading, seconds: float = 0.6) -> int:
    """Return how many traces come before it is stopped after so many seconds."""
    timer, count = threading.Timer(seconds, found.stop), 0
    timer.start()
    for batch in found:
        count += 0 if found.stopped else len(batch)
    return count


@pytest.mark.parametrize("more", [0, CASES])
@pytest.mark.parametrize("name", FORMATS)
def test_what_has_ended_is_handed_on_once_nothing_more_is_there(name: str, more: int, tmp_path: Path) -> None:
    log, (header, options) = tmp_path / "app.log", FORMATS[name]
    log.write_text(rows(0, CASES, header))
    before, state = stopped(log, options)
    assert before < CASES / 2
    with log.open("a") as file:
        file.write(rows(CASES, CASES + more))
    assert before + before_a_stop(reading(log, options, state)) == CASES + more - 1  # the last one may go on
