"""Learning by several processes: the model of one, whatever they are."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import FlexStreamError, StreamLearner, UsageError
from flexstream.distributed import local
from flexstream.distributed.dividing import Blocks
from flexstream.distributed.local import Job, learn_in_jobs
from flexstream.distributed.rounds import Rounds, combine, count
from flexstream.errors import Message
from flexstream.targets import reentrant_line

LOTS = reentrant_line().sample(1500, seed=4)


def learner(**params: Any) -> StreamLearner:
    return StreamLearner(repeats=False, **params)


def lines(folder: Path) -> Path:
    path = folder / "lots.txt"
    path.write_text("".join(" ".join(lot) + "\n" for lot in LOTS))
    return path


def parts_of(value: StreamLearner) -> tuple[Any, ...]:
    document = json.loads(value.automaton.to_json())
    return document["symbols"], document["states"], document["transitions"], document["smoothing"]


def learned(sources: list[Path], jobs: int, **params: Any) -> tuple[StreamLearner, list[Message]]:
    found = learn_in_jobs(learner(**params), list(map(str, sources)), {}, jobs)
    assert found is not None
    return found


@pytest.mark.parametrize("heuristic", ["evidence", "css"])
def test_the_model_is_the_same_however_many_there_are(tmp_path: Path, heuristic: str) -> None:
    found = [learned([lines(tmp_path)], jobs, heuristic=heuristic)[0] for jobs in (1, 2, 3)]
    assert parts_of(found[0]) == parts_of(found[1]) == parts_of(found[2])
    assert {one.traces for one in found} == {1500} and {one.events for one in found} == {sum(map(len, LOTS))}
    if heuristic == "evidence":
        assert found[0].automaton.equivalent(reentrant_line(), tolerance=0.05)


def test_several_files_are_one_stream(tmp_path: Path) -> None:
    paths = []
    for number in range(3):
        paths.append(tmp_path / f"{number}.txt")
        paths[-1].write_text("".join(" ".join(lot) + "\n" for lot in LOTS[number::3]))
    whole, _ = learned([lines(tmp_path)], 2)
    found, notes = learned(paths, 2)
    assert parts_of(found) == parts_of(whole)
    assert any("format lines" in note for note in notes)


@pytest.mark.parametrize("jobs", [2, 5])
def test_more_jobs_than_lines(tmp_path: Path, jobs: int) -> None:
    path = tmp_path / "lots.txt"
    path.write_text("load run\n\nload\n")
    found, _ = learned([path], jobs)
    assert (found.traces, found.events) == (3, 3)


def test_what_is_wrong_in_a_part_is_told(tmp_path: Path) -> None:
    path = lines(tmp_path)
    with path.open("ab") as file:
        file.write(b"load \xff\n")
    with pytest.raises(FlexStreamError, match=r"lots.txt"):
        learned([path], 2)


@pytest.mark.parametrize("text", ["case,event\na,load\nb,load\n", "time,event\n2026-01-01,load\n2026-01-02,run\n"])
def test_what_has_no_blocks_is_not_divided(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lots.csv"
    path.write_text(text)
    assert learn_in_jobs(learner(), [str(path)], {}, 2) is None


def test_a_job_that_is_killed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(Job):
        def start(self, traces: int, begun: bytes) -> None:
            self._process.kill()
            super().start(traces, begun)

    monkeypatch.setattr(local, "Job", Killed)
    with pytest.raises(FlexStreamError, match="a job ended by signal 9"):
        learned([lines(tmp_path)], 2)


@settings(max_examples=30)
@given(st.lists(st.text("ab ", max_size=9), max_size=30), st.integers(1, 4), st.integers(1, 40), st.booleans())
def test_every_line_is_in_one_part(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], parts: int, block: int, ended: bool
) -> None:
    path = tmp_path_factory.mktemp("lines") / "lots.txt"
    text = "\n".join(rows) + ("\n" if ended and rows else "")
    path.write_text(text)
    found = [Blocks(path, number, parts, block).read().decode().splitlines() for number in range(parts)]
    assert sorted(line for part in found for line in part) == sorted(text.splitlines())


# --- rounds ------------------------------------------------------------------------------------------------------


def batches(number: int) -> Iterator[list[list[str]]]:
    """Yield lots in rounds that grow."""
    start, size = 0, 100
    while start < len(LOTS):
        yield LOTS[start : start + size]
        start, size = start + size, 2 * size


def counted(rounds: Rounds, lots: list[list[str]], shards: int, draw: random.Random) -> bytes | None:
    begun = rounds.begin()
    parts = [count(begun, [lots[number::shards]], number) for number in range(shards)]
    draw.shuffle(parts)
    half = len(parts) // 2
    return combine([part for part in (combine(parts[:half]), combine(parts[half:])) if part is not None])


@pytest.mark.parametrize("shards", [1, 8, 64])
@pytest.mark.parametrize("params", [{}, {"heuristic": "css"}, {"memory": "1MiB"}])
def test_rounds_count_each_batch_once(tmp_path: Path, shards: int, params: dict[str, Any]) -> None:
    path, draw = tmp_path / "rounds", random.Random(shards)
    for number, lots in enumerate(batches(shards)):
        rounds = Rounds(learner(**params), path)  # another process each time
        added = counted(rounds, lots, shards, draw)
        assert rounds.end(number, added)
        again = Rounds(learner(**params), path)  # one that does not know that it ended
        assert not again.end(number, added)
    found = Rounds(learner(**params), path).learner()
    assert (found.traces, found.events) == (1500, sum(map(len, LOTS)))
    if "heuristic" not in params:
        assert found.automaton.equivalent(reentrant_line(), tolerance=0.05)


def test_a_batch_that_is_not_the_next_is_refused() -> None:
    with pytest.raises(UsageError, match="batch 2 came where batch 0 is the next"):
        Rounds(learner()).end(2, None)


def test_rounds_of_other_parameters_are_refused(tmp_path: Path) -> None:
    rounds = Rounds(learner(), tmp_path / "rounds")
    rounds.end(0, count(rounds.begin(), [LOTS[:10]], 0))
    with pytest.raises(UsageError, match="`grow_at`"):
        Rounds(learner(grow_at=7), tmp_path / "rounds")
