"""Rounds on Spark: the counts and the model of one process, whatever the files are."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flexstream import Alphabet, FlexStreamError, ReadOptions, StreamLearner, UsageError, read_batches
from flexstream.distributed import spark
from flexstream.distributed.spark import learn_on_spark
from flexstream.learning.additive import Summary
from flexstream.targets import reentrant_line

COLUMNS = {"case": "lot", "event": "step", "time": "at"}
EVENTS = [
    {"lot": f"lot{number}", "step": step, "at": (datetime(2026, 1, 1, tzinfo=UTC) + moment).isoformat()}
    for number, lot in enumerate(reentrant_line().sample(600, seed=4))
    for place, step in enumerate(lot)
    for moment in [timedelta(minutes=number + 7 * place)]
]
EVENTS.sort(key=lambda event: event["at"][::-1])  # in no order at all


def learner(**params: Any) -> StreamLearner:
    return StreamLearner(repeats=False, **params)


def parts_of(value: StreamLearner) -> tuple[Any, ...]:
    document = json.loads(value.automaton.to_json())
    return value.traces, value.events, document["symbols"], document["states"], document["transitions"]


def write(folder: Path, form: str) -> Path:
    path = folder / f"lots.{form}"
    if form == "jsonl":
        path.write_text("".join(json.dumps(event) + "\n" for event in EVENTS))
    elif form == "csv":
        rows = "".join(f'{event["at"]},"{event["step"]}",{event["lot"]}\n' for event in EVENTS)
        path.write_text("at,step,lot\n" + rows)
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        import pyarrow

        columns = {name: [event[name] for event in EVENTS] for name in ("lot", "step")}
        columns["at"] = [datetime.fromisoformat(event["at"]) for event in EVENTS]
        parquet.write_table(pyarrow.table(columns), path)
    return path


@pytest.fixture(scope="module")
def session() -> Iterator[None]:
    """Have a session of two threads, which all runs use."""
    pyspark = pytest.importorskip("pyspark.sql", reason="pyspark is not installed: make spark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java, which is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        builder = pyspark.SparkSession.builder.master("local[2]").config("spark.ui.enabled", False)
        made = builder.config("spark.ui.showConsoleProgress", False).getOrCreate()
        made.sparkContext.setLogLevel("OFF")
        yield
        made.stop()


pandas_is_newer = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")


@pytest.fixture(scope="module")
def counted_here(tmp_path_factory: pytest.TempPathFactory) -> StreamLearner:
    path = write(tmp_path_factory.mktemp("here"), "csv")
    made = learner()
    for batch in (reading := read_batches([str(path)], Alphabet(), ReadOptions(**COLUMNS))):
        made.learn_many(batch, reading.alphabet)
    return Summary.of(made).close().learner()


@pandas_is_newer
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_the_model_is_that_of_one_machine(
    session: None, tmp_path: Path, form: str, counted_here: StreamLearner
) -> None:
    found = learn_on_spark(learner(), [str(write(tmp_path, form))], COLUMNS, parts=3)
    assert parts_of(found) == parts_of(counted_here)
    assert found.traces == 600


@pandas_is_newer
def test_a_run_that_was_killed_goes_on(
    session: None, tmp_path: Path, counted_here: StreamLearner, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: tuple[Any, ...] = ([str(write(tmp_path, "csv"))], COLUMNS, None, 2, tmp_path / "kept")
    end, numbers = spark.Rounds.end, []

    def dies(self: Any, batch: int, added: bytes | None) -> bool:
        numbers.append(batch)
        if numbers == [0, 1, 2, 3]:
            raise KeyboardInterrupt
        return end(self, batch, added)

    monkeypatch.setattr(spark.Rounds, "end", dies)
    with pytest.raises(KeyboardInterrupt):
        learn_on_spark(learner(), *given)
    found = learn_on_spark(learner(), *given, resume=True)
    assert numbers == [0, 1, 2, 3, 3, 4]
    assert parts_of(found) == parts_of(counted_here)


@pandas_is_newer
@pytest.mark.parametrize("columns", [COLUMNS, {"case": "lot", "event": "step"}])
def test_events_of_one_moment_come_by_file_and_place(session: None, tmp_path: Path, columns: dict[str, str]) -> None:
    steps = ["load", "run", "check", "unload"]
    for number in (0, 1):
        rows = [f"{lot},{step},2026-01-01\n" for step in steps[2 * number : 2 * number + 2] for lot in range(40)]
        (tmp_path / f"{number}.csv").write_text("lot,step,at\n" + "".join(rows))
    found = learn_on_spark(learner(), [str(path) for path in sorted(tmp_path.iterdir())], columns, parts=2)
    assert (found.traces, found.events) == (40, 160)
    assert found.automaton.log2_prob(steps) > -1


@pandas_is_newer
def test_sums_of_sums_are_the_sum(session: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(write(tmp_path, "csv"))
    monkeypatch.setattr(spark, "ROUNDS", 1)
    found = learn_on_spark(learner(), [path], COLUMNS, parts=spark.FAN + 1)
    assert (found.traces, found.events) == (600, len(EVENTS))


@pandas_is_newer
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_comes_into_a_folder_is_learned_once(
    session: None, tmp_path: Path, form: str, counted_here: StreamLearner, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, end, numbers = tmp_path / "in", spark.Rounds.end, []
    folder.mkdir()
    lines = write(tmp_path, form).read_text().splitlines(keepends=True)
    head = lines.pop(0) if form == "csv" else ""

    def appears(number: int) -> None:
        mine = [line for line, event in zip(lines, EVENTS, strict=True) if int(event["lot"][3:]) % 3 == number]
        (folder / f"{number}.{form}").write_text(head + "".join(mine))

    def dies(self: Any, batch: int, added: bytes | None) -> bool:
        found = end(self, batch, added)
        numbers.append(batch)
        if numbers == [0, 1]:  # the sum is kept, and Spark does not know it
            raise FlexStreamError("the disc is gone")
        return found

    def learned() -> StreamLearner:
        options = {**COLUMNS, "format": form}
        return spark.learn_stream_on_spark(learner(), str(folder), options, tmp_path / "kept", parts=2, files=1)

    monkeypatch.setattr(spark.Rounds, "end", dies)
    appears(0), appears(1)
    with pytest.raises(FlexStreamError, match="the disc is gone"):
        learned()
    assert learned().traces == 400
    appears(2)
    assert parts_of(learned()) == parts_of(counted_here)
    assert numbers == [0, 1, 2]


@pandas_is_newer
@pytest.mark.parametrize(
    ("text", "columns", "told"),
    [
        ("lot,step,at\n7,load,soon\n", COLUMNS, "column at: time 'soon'"),
        ("lot,step,at\n7,load,2026-01-01\n", {**COLUMNS, "event": "name"}, "no column 'name'"),
        ("lot,step,at\n,,2026-01-01\n", COLUMNS, "lots.csv: no case in column 'lot'"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    session: None, tmp_path: Path, text: str, columns: dict[str, str], told: str
) -> None:
    path = tmp_path / "lots.csv"
    path.write_text(text)
    with pytest.raises(FlexStreamError) as caught:
        learn_on_spark(learner(), [str(path)], columns, parts=1)
    assert told in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("sources", "options", "told"),
    [
        (["a.csv"], {"event": "step"}, "the names of the columns"),
        (["a.csv", "b.parquet"], COLUMNS, "files of one format"),
        (["a.csv"], {**COLUMNS, "format": "xes"}, "does not read the format xes"),
        (["a.csv"], {**COLUMNS, "time_format": "%Y"}, "`time_format` is not for Spark"),
    ],
)
def test_what_cannot_be_read_in_parts_is_refused(sources: list[str], options: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        learn_on_spark(learner(), sources, options)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(UsageError, match=r"pip install 'flexstream\[spark\]'"):
        learn_on_spark(learner(), ["a.csv"], COLUMNS)
