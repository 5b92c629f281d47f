"""Times without a year are shown in the newest that their file allows; what is learned does not hang on it."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flexstream.readers import Reading, ReadOptions
from flexstream.readers.shown_times import in_newest_year
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.origins import origin_of


def shown(source: Any, **options: Any) -> tuple[list[str | None], list[Any]]:
    """Return the times of the events of a source as they are shown, and what was read."""
    reading = Reading(source, Alphabet(), ReadOptions(format="log", **options), origins=True)
    found: list[str | None] = []
    read = []
    for batch in reading:
        read.append((batch.symbols.tolist(), batch.offsets.tolist()))
        assert batch.origins is not None
        for row in np.delete(batch.origins, batch.offsets[1:] + np.arange(len(batch)), axis=0):
            time = reading.shown_time(origin_of(row))
            found.append(None if time is None else datetime.fromtimestamp(time, UTC).isoformat(" ")[:19])
    return found, read


def written(tmp_path: Path, text: str, at: str) -> str:
    path = tmp_path / "auth.log"
    path.write_text(text)
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))
    return str(path)


@pytest.mark.parametrize("pattern", [None, r"(?P<time>\w+ [ \d]\d [\d:]+) (?P<message>.*)"])
def test_the_year_is_the_newest_in_which_no_line_is_after_its_file(tmp_path: Path, pattern: str | None) -> None:
    text = "Dec 31 23:59:00 host app[7]: ready\nJan  1 00:01:00 host app[7]: run\n" * 1
    path = written(tmp_path, text, "2024-01-01T00:02:00")
    found, read = shown(path, pattern=pattern)
    assert found == ["2023-12-31 23:59:00", "2024-01-01 00:01:00"]
    later = written(tmp_path, text, "2025-07-01T00:00:00")
    again, same = shown(later, pattern=pattern)
    assert again == ["2024-12-31 23:59:00", "2025-01-01 00:01:00"] and same == read


def test_what_comes_from_no_file_is_not_after_now() -> None:
    (time,), _ = shown(io.BytesIO(b"Apr 15 01:17:45 host app[7]: run\n"))
    assert time is not None
    assert -1 <= (datetime.now(UTC) - datetime.fromisoformat(f"{time}+00:00")).days <= 366


def test_years_that_are_there_are_kept_and_days_that_are_not_are_not_made_up(tmp_path: Path) -> None:
    path = written(tmp_path, "2001-03-04 05:06:07 INFO run\n2001-03-04 05:06:08 INFO run\n", "2026-01-01")
    assert shown(path)[0] == ["2001-03-04 05:06:07", "2001-03-04 05:06:08"]
    assert shown(written(tmp_path, "05:06:07 INFO run\n05:06:08 INFO run\n", "2026-01-01"))[0] == [None, None]


def test_the_29th_of_february_is_of_a_leap_year() -> None:
    day = datetime(2000, 2, 29, 12, tzinfo=UTC).timestamp()
    newest = in_newest_year(day, datetime(2027, 1, 1, tzinfo=UTC).timestamp())
    assert newest == datetime(2024, 2, 29, 12, tzinfo=UTC).timestamp()
