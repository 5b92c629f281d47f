"""A run that goes on from a checkpoint ends in the model of one that nothing disturbed, whatever it reads."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

import flexstream
from flexstream.errors import ChangedSourceError, DataError, UsageError
from flexstream.learning.checkpoint import Checkpoints, Every, every_of
from flexstream.readers.sessions import packing, reorder
from flexstream.targets import reber, reentrant_line


class CrashError(BaseException):
    """What a test crashes with: nothing that anybody catches."""


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "BATCH_TRACES", 64)
    monkeypatch.setattr(reorder, "LEAST", 1)
    monkeypatch.setattr(reorder, "BYTES", 50 * reorder.EVENT_BYTES)


def traces(number: int) -> list[list[str]]:
    return reber().sample(number, seed=1)


def as_lines(rows: list[list[str]]) -> bytes:
    return "".join(" ".join(row) + "\n" for row in rows).encode()


def events_of(rows: list[list[str]]) -> list[dict[str, Any]]:
    """Return the events of cases that run side by side."""
    luck, found, rest = random.Random(5), [], [(f"c{number}", list(row)) for number, row in enumerate(rows) if row]
    while rest:
        at = luck.randrange(min(9, len(rest)))
        found.append({"case": rest[at][0], "event": rest[at][1].pop(0), "time": 1_700_000_000 + 60 * len(found)})
        if not rest[at][1]:
            del rest[at]
    return found


def as_csv(rows: list[list[str]]) -> bytes:
    lines = [f"{one['case']},{one['event']},{one['time']}" for one in events_of(rows)]
    return "\n".join(["case,event,time", *lines, ""]).encode()


def as_jsonl(rows: list[list[str]]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in events_of(rows)).encode()


def as_xes(rows: list[list[str]]) -> bytes:
    event = '<event><string key="concept:name" value="{}"/></event>'
    body = "".join(f"<trace>{''.join(map(event.format, row))}</trace>\n" for row in rows)
    return f"<log>{body}</log>".encode()


def changing(rows: list[list[str]]) -> bytes:
    return as_lines([*rows, *reentrant_line().sample(len(rows) // 2, seed=1)])


RUNS: dict[str, tuple[Any, dict[str, Any]]] = {
    "lines": (as_lines, {}),
    "windows": (as_lines, {"window": 5, "stride": 2}),
    "gzip": (lambda rows: gzip.compress(as_lines(rows)), {}),
    "csv": (as_csv, {"idle": 2000.0}),
    "few open cases": (as_csv, {"max_open_cases": 5}),
    "jsonl": (as_jsonl, {"idle": 2000.0}),
    "xes": (as_xes, {}),
    "css": (as_lines, {"heuristic": "css"}),
    "alergia": (as_lines, {"heuristic": "alergia"}),
    "ensemble": (as_lines, {"ensemble": 3}),
    "little memory": (as_lines, {"memory": "200KiB"}),
    "often refined": (as_lines, {"every": 170}),
    "drift": (changing, {"on_drift": "report"}),
    "restart": (changing, {"on_drift": "restart"}),
}


def crashed(monkeypatch: pytest.MonkeyPatch, after: int, *given: Any, **options: Any) -> bool:
    """Learn with checkpoints until so many were written, and crash; return whether there were so many."""
    written, write = [], Checkpoints._write

    def counting(self: Checkpoints, rest: Any) -> None:
        write(self, rest)
        written.append(1)
        if len(written) > after:
            raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr(Checkpoints, "_write", counting)
        try:
            flexstream.learn(*given, **options)
        except CrashError:
            return True
    return False


def model_of(learned: Any) -> str:
    return str(learned._judge(None).to_json())


@pytest.mark.parametrize("name", list(RUNS))
def test_a_run_that_crashes_again_and_again_ends_as_one_that_did_not(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, options = RUNS[name]
    paths = [tmp_path / "1", tmp_path / "2"]
    for path, rows in zip(paths, (traces(1500), traces(400)[200:]), strict=True):
        path.write_bytes(made(rows))
    expected = flexstream.learn(paths, **options)
    kept: dict[str, Any] = dict(checkpoint=tmp_path / "kept", checkpoint_every=170, resume=True)
    luck = random.Random(name)
    assert crashed(monkeypatch, 1, paths, **options, **kept)
    while crashed(monkeypatch, luck.randrange(1, 6), paths, **options, **kept):
        pass
    for _ in range(2):  # what is at its end stays there
        learned = flexstream.learn(paths, **options, **kept)
        assert learned.traces == expected.traces
        assert model_of(learned) == model_of(expected)
        assert learned.stats == expected.stats
        assert [one.code for one in learned.verdicts] == [one.code for one in expected.verdicts]


def test_seconds_count_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(as_csv(traces(1500)))
    kept: dict[str, Any] = dict(checkpoint=tmp_path / "kept", checkpoint_every="0.000001s", resume=True)
    assert crashed(monkeypatch, 2, path, max_open_cases=5, **kept)
    learned = flexstream.learn(path, max_open_cases=5, **kept)
    assert model_of(learned) == model_of(flexstream.learn(path, max_open_cases=5))


def test_a_source_that_has_grown_is_gone_on_with(tmp_path: Path) -> None:
    text, path, kept = as_csv(traces(600)), tmp_path / "events.csv", tmp_path / "kept"
    cut = text.index(b"\n", len(text) // 2) + 1
    path.write_bytes(text[:cut])
    flexstream.learn(path, checkpoint=kept)
    path.write_bytes(text)
    whole = flexstream.learn(path)
    assert model_of(flexstream.learn(path, checkpoint=kept, resume=True)) == model_of(whole)


def test_sources_may_follow(tmp_path: Path) -> None:
    paths = [tmp_path / "1", tmp_path / "2"]
    for path, rows in zip(paths, (traces(500), traces(300)), strict=True):
        path.write_bytes(as_lines(rows))
    flexstream.learn(paths[:1], checkpoint=tmp_path / "kept")
    learned = flexstream.learn(paths, checkpoint=tmp_path / "kept", resume=True)
    assert model_of(learned) == model_of(flexstream.learn(paths))
    with pytest.raises(UsageError, match="other sources"):
        flexstream.learn(paths[1:], checkpoint=tmp_path / "kept", resume=True)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seed": 4}, "another `seed`: the default, not 4"),
        ({"window": 3}, "another `window`: the default, not 3"),
        ({"heuristic": "css"}, "another `heuristic`: the default, not css"),
        ({"memory": "64MiB"}, "another `memory`: the default, not 67108864"),
    ],
)
def test_other_parameters_are_refused(changed: dict[str, Any], told: str, tmp_path: Path) -> None:
    path, kept = tmp_path / "lines", tmp_path / "kept"
    path.write_bytes(as_lines(traces(200)))
    flexstream.learn(path, checkpoint=kept)
    with pytest.raises(UsageError, match=told):
        flexstream.learn(path, checkpoint=kept, resume=True, **changed)
    with pytest.raises(UsageError, match="holds the checkpoint of a run"):
        flexstream.learn(path, checkpoint=kept)


@pytest.mark.parametrize("made", [as_lines, as_csv, as_xes])
def test_another_source_is_refused(made: Any, tmp_path: Path) -> None:
    path, kept = tmp_path / "source", tmp_path / "kept"
    path.write_bytes(made(traces(200)))
    flexstream.learn(path, checkpoint=kept, checkpoint_every=50, max_open_cases=3)
    path.write_bytes(made(traces(220)[10:]))
    with pytest.raises(ChangedSourceError, match="before"):
        flexstream.learn(path, checkpoint=kept, resume=True, max_open_cases=3)


@pytest.mark.parametrize("place", [6_000, 20_000])
def test_a_change_in_the_middle_of_what_has_none_is_refused(place: int, tmp_path: Path) -> None:
    """Of what is read from its beginning again all bytes count, not only those near its ends."""
    path, kept = tmp_path / "lines.gz", tmp_path / "kept"
    text = as_lines(traces(3000))
    path.write_bytes(gzip.compress(text))
    flexstream.learn(path, checkpoint=kept, checkpoint_every=500)
    at = text.index(b"\n", place) + 1
    path.write_bytes(gzip.compress(text[:at] + text[at : at + 1].swapcase() + text[at + 1 :]))
    with pytest.raises(ChangedSourceError, match="before"):
        flexstream.learn(path, checkpoint=kept, resume=True)


def test_the_older_of_two_is_used_where_the_newer_is_damaged(tmp_path: Path, caplog: Any) -> None:
    path, kept = tmp_path / "lines", tmp_path / "kept"
    path.write_bytes(as_lines(traces(2000)))
    expected = model_of(flexstream.learn(path, checkpoint=kept, checkpoint_every=700))
    newest = max(kept.glob("checkpoint-*"), key=lambda one: int(one.name.rpartition("-")[2]))
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes(bytes(data))
    with caplog.at_level("INFO", "flexstream"):
        assert model_of(flexstream.learn(path, checkpoint=kept, resume=True)) == expected
    assert "the one before, is used" in caplog.text
    assert "goes on behind trace" in caplog.text


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    from flexstream.generations import Generations

    path, kept = tmp_path / "lines", tmp_path / "kept"
    path.write_bytes(as_lines(traces(200)))
    flexstream.learn(path, checkpoint=kept)
    with Generations(kept) as folder:
        state, _ = folder.load()
    assert state is not None
    wrong: list[dict[str, Any]] = [
        {"traces": 3},
        {**state, "parts": {}},
        {**state, "parts": {**state["parts"], "learner": {}}},
        {**state, "parts": {**state["parts"], "reading": {"format": "flexstream-reading", "version": 1}}},
    ]
    for one in wrong:
        with Generations(kept) as folder:
            folder.save(one)
        with pytest.raises((DataError, UsageError)):
            flexstream.learn(path, checkpoint=kept, resume=True)


def test_a_checkpoint_that_cannot_be_written_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, kept = tmp_path / "lines", tmp_path / "kept"
    path.write_bytes(as_lines(traces(500)))
    told: list[str] = []
    from flexstream.generations import Generations

    def full(self: Generations, state: Any, settled: bool) -> None:
        raise DataError(str(self.folder), None, "cannot be written: No space left on device", "a disc with free space")

    monkeypatch.setattr(Generations, "save", full)
    monkeypatch.setattr("flexstream.learning.checkpoint.LOG.info", lambda text, *_: told.append(str(text)))
    assert flexstream.learn(path, checkpoint=kept, checkpoint_every=100).traces == 500
    assert [text for text in told if "No space left" in text] == [told[0]]


def test_times_are_read() -> None:
    assert [every_of(text) for text in ("2000", 7, "0.5h")] == [Every(2000, None), Every(7, None), Every(None, 1800.0)]
    for wrong in ("", "0", "-3", "2.5", "10d", "s", "1e3", "nan", "0s"):
        with pytest.raises(UsageError, match="checkpoint_every"):
            every_of(wrong)


def test_nothing_to_go_on_from_is_told(tmp_path: Path, caplog: Any) -> None:
    path = tmp_path / "lines"
    path.write_bytes(as_lines(traces(50)))
    with caplog.at_level("INFO", "flexstream"):
        flexstream.learn(path, checkpoint=tmp_path / "kept", resume=True)
    assert "holds no checkpoint: the run begins anew" in caplog.text
    with pytest.raises(UsageError, match="`resume` needs `checkpoint`"):
        flexstream.learn(path, resume=True)
