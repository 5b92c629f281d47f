"""What has ended is handed on while a live source pauses, though all events of the source so far would fit."""

from __future__ import annotations

import os
import queue
import threading
from pathlib import Path

import pytest

from flexstream import Alphabet, ReadOptions
from flexstream.readers.reading import Reading
from flexstream.stream.batch import TraceBatch

ROWS = "".join(f"{at},{at // 30},{step}\n" for at in range(0, 9000, 10) for step in ["run"])
HEADER = "time,case,event\n"


def taken(reading: Reading) -> tuple[queue.Queue[TraceBatch | None], threading.Thread]:
    """Read in a thread of its own; return what comes of it as it comes, and None at the end."""
    found: queue.Queue[TraceBatch | None] = queue.Queue()

    def read() -> None:
        for batch in reading:
            found.put(batch)
        found.put(None)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return found, thread


@pytest.mark.parametrize("kind", ["pipe", "followed"])
def test_cases_that_have_ended_do_not_wait(kind: str, tmp_path: Path) -> None:
    """Of the 300 cases all but those of the last minute are there while the source is still open."""
    path, (end, begin) = tmp_path / "log.csv", os.pipe()
    path.write_text(HEADER + ROWS)
    os.write(begin, (HEADER + ROWS).encode())
    with os.fdopen(end, "rb", buffering=0) as pipe, os.fdopen(begin, "wb", buffering=0) as writer:
        followed = kind == "followed"
        reading = Reading(path if followed else pipe, Alphabet(), ReadOptions(idle=60.0, follow=followed))
        found, thread = taken(reading)
        came = 0
        while came < 290:
            batch = found.get(timeout=30)
            assert batch is not None
            came += len(batch)
        writer.close()
        if followed:
            reading.stop()
        while (batch := found.get(timeout=30)) is not None:
            came += len(batch)
        thread.join(30)
    assert came == 300
