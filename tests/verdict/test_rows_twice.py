"""Rows that are delivered twice are told, and those that only look so are not."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from flexstream.errors import Message
from flexstream.learning.learner import StreamLearner
from flexstream.readers import Reading, ReadOptions
from flexstream.verdict.inspection import inspected
from flexstream.verdict.judge import judge
from flexstream.verdict.verdict import Verdict
from flexstream_cli.main import main

Row = tuple[str, str, str]
STEPS = ["load", "align", "run", "check", "unload"]


def rows(every: int, seconds: float = 7.5) -> list[Row]:
    """Return two hundred cases, some of whose rows stand twice; times have milliseconds, or are a day's."""
    chance = random.Random(3)
    moments = (datetime.fromtimestamp(1_769_900_000 + seconds * place, UTC) for place in range(1000))
    form = "%Y-%m-%d" if seconds == 0 else "%Y-%m-%d %H:%M:%S.%f"
    found = [(f"c{place // 5}", STEPS[place % 5], moment.strftime(form)) for place, moment in enumerate(moments)]
    return [row for row in found for _ in range(1 + (every > 0 and chance.randrange(every) == 0))]


def as_csv(written: list[Row]) -> bytes:
    return "".join(",".join(row) + "\n" for row in [("case", "event", "time"), *written]).encode()


def as_jsonl(written: list[Row]) -> bytes:
    return "".join(
        json.dumps(dict(zip(("case", "event", "time"), row, strict=True))) + "\n" for row in written
    ).encode()


def codes(content: bytes, **options: str) -> dict[str, str]:
    learner = StreamLearner()
    reading = Reading(io.BytesIO(content), learner.alphabet, ReadOptions(**options))
    for batch in reading:
        learner.learn_many(batch)
    return {verdict.code: str(verdict.text) for verdict in judge(learner, reading)}


@pytest.mark.parametrize("write", [as_csv, as_jsonl])
def test_rows_that_stand_twice_are_counted_and_told(write: Callable[[list[Row]], bytes]) -> None:
    written = rows(20)
    twice = len(written) - 1000
    told = codes(write(written))["rows_twice"]
    assert f"{twice:,} of the first {len(written):,} are the same as the row above in every column" in told
    assert "uniq" in told
    assert "rows_twice" not in codes(write(rows(0)))
    found = inspected(io.BytesIO(write(written)))
    assert found.verdict is not None
    assert found.verdict.code == "rows_twice"


@pytest.mark.parametrize("write", [as_csv, as_jsonl])
def test_rows_without_times_or_with_coarse_ones_may_come_again(write: Callable[[list[Row]], bytes]) -> None:
    assert "rows_twice" not in codes(write(rows(20, 0.0)))
    assert "rows_twice" not in codes(
        write([(case, event, "x") for case, event, _ in rows(20)]), case="case", event="event"
    )


@pytest.mark.parametrize("write", [as_csv, as_jsonl])
def test_what_is_said_to_do_does_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], write: Any) -> None:
    path = tmp_path / "twice.log"
    path.write_bytes(write(rows(20)))
    main(["learn", str(path), "-o", str(tmp_path / "m.json")])
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.endswith(f"; next: uniq {path} | flexstream learn - --output {tmp_path / 'm.json'}")
    main(["inspect", str(path)])
    assert capsys.readouterr().out.splitlines()[-1] == f"next:    uniq {path} | flexstream learn -"
    once = b"".join(line for line, _ in groupby(path.read_bytes().splitlines(keepends=True)))
    assert "rows_twice" not in codes(once)
    (verdict,) = (row for row in json.loads((tmp_path / "m.json").read_text())["provenance"]["verdict"][:1])
    assert (verdict["code"], verdict["through"], verdict["command"][:3]) == (
        "rows_twice",
        "uniq",
        ["flexstream", "learn", "-"],
    )


@pytest.mark.parametrize(
    ("sources", "line"),
    [
        (["-"], "... | uniq | flexstream learn -"),
        (["a b.csv"], "uniq 'a b.csv' | flexstream learn -"),
        (["-a.csv"], "uniq ./-a.csv | flexstream learn -"),
        (["a.csv.gz"], "gunzip -c a.csv.gz | uniq | flexstream learn -"),
        (["a.csv", "b.csv"], "cat a.csv b.csv | uniq | flexstream learn -"),  # uniq would write into the second
        (["a.csv", "b.csv.gz"], "flexstream inspect a.csv b.csv.gz"),
        (["a.parquet"], "flexstream inspect a.parquet"),
        (["kafka://broker/lots"], "flexstream inspect kafka://broker/lots"),
    ],
)
def test_the_command_sends_all_sources_through_the_program(sources: list[str], line: str) -> None:
    assert Verdict("rows_twice", Message("twice"), verb="inspect", through="uniq").line(sources) == line
