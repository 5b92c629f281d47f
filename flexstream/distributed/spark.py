"""Spark: rounds over files that Spark reads, on as many machines as it has; the library pyspark is an extra.

Spark reads the columns, brings the events of a case together, and sorts those of a part by their times.  A round is a
job over some of the cases: the skeleton is broadcast, each part is read and counted by the readers and learners that
the workers have, and what parts add is summed up on the way back.  Spark runs again what was lost; a round is added
once, by its number.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError, FlexStreamError, UsageError, parameter
from ..learning.additive import Summary
from ..learning.shard import Shard
from ..readers.options import ReadOptions
from ..readers.reading import Reading
from ..stream.hashing import blake2b
from .rounds import Rounds, combine

if TYPE_CHECKING:
    from pyspark.rdd import RDD
    from pyspark.sql import Column, DataFrame, DataFrameReader, SparkSession
    from pyspark.sql.streaming.readwriter import DataStreamReader

    from ..learning.learner import StreamLearner

EXTRA = "pip install 'flexstream[spark]'"
ROUNDS = 5
"""Rounds: the first two have a sixteenth of the cases each, every further one twice as many as the one before."""
FAN = 16
"""Sums of parts that are added in one place."""
TAKEN = frozenset(
    {"format", "case", "event", "time", "lifecycle", "delimiter", "mask", "redact", "idle", "gap", "start"}
    | {"longest_line", "max_open_cases", "max_open_events", "window", "stride", "cut", "durations", "on_error"}
)
"""Options of reading that can be followed where each part is read on its own."""
ENDINGS = {"csv": "csv", "tsv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl", "parquet": "parquet"}
_PACKINGS = {"gz", "bz2", "zst"}
_PLACE = ("_metadata.file_path", "_metadata.file_block_start")
_ROUND, _MOMENT, _ROW = "__round", "__moment", "__row"


def learn_on_spark(
    learner: StreamLearner,
    sources: Sequence[str],
    options: Mapping[str, Any],
    master: str | None = None,
    parts: int | None = None,
    kept: str | Path | None = None,
    resume: bool = False,
) -> StreamLearner:
    """Learn files of Parquet, CSV or JSON lines on Spark; return a learner that has seen all.

    Parameters
    ----------
    learner : StreamLearner
        Its parameters are used, in each part as much memory; it has learned nothing.
    sources : sequence of str
        Files of one format, folders or patterns, wherever Spark can read them.
    options : mapping
        Fields of `ReadOptions`; ``case`` and ``event`` must be among them.
    master : str, optional
        Such as ``local[2]`` or ``spark://host:7077``; by default what Spark is set up for, else all cores here.  A
        session that is active is used as it is.
    parts : int, optional
        In how many parts a round is counted; by default twice as many as there are cores.
    kept : str or Path, optional
        A folder for the sum after each round.
    resume : bool
        Whether to go on behind the last round that is there, of a run with the same options over the same files.

    Raises
    ------
    UsageError
        If pyspark is not installed, or the files are not to be read this way.
    FlexStreamError
        If they cannot be read, or Spark gives up.
    """
    read = _checked(options, sources)
    path = None if kept is None else _file_in(Path(kept), sources, read)
    if path is not None and not resume:
        path.unlink(missing_ok=True)
    rounds = Rounds(learner, path)
    if rounds.batch < ROUNDS:
        with _told(sources[0]), _session(master) as session:
            rows = _rows(_opened(session.read, list(sources), read), read, sources[0])
            events = _in_parts(rows, read, parts, _round(read)).persist()
            _count_rounds(rounds, events, read)
    return rounds.learner()


def learn_stream_on_spark(
    learner: StreamLearner,
    folder: str,
    options: Mapping[str, Any],
    kept: str | Path,
    master: str | None = None,
    parts: int | None = None,
    files: int = 1000,
) -> StreamLearner:
    """Learn what has come into a folder since the last time, by Spark's structured streaming; all of it the first time.

    Each micro-batch is a round, added once by its number, however often Spark runs it; a case must not go on in
    another file.

    Parameters
    ----------
    learner, options, master, parts
        As for `learn_on_spark`.
    folder : str
        Where files appear that are whole.
    kept : str or Path
        A folder for the sum, and for what Spark knows of the files that it has read.
    files : int
        In a micro-batch, at most.

    Raises
    ------
    UsageError
        If pyspark is not installed, or the files are not to be read this way.
    FlexStreamError
        If they cannot be read, or Spark gives up.
    """
    read = _checked({"format": _format_of(folder, None), **options}, [folder])
    Path(kept).mkdir(parents=True, exist_ok=True)
    rounds = Rounds(learner, Path(kept) / "rounds")
    with _told(folder), _session(master) as session:
        from pyspark.sql import functions

        def added(rows: DataFrame, batch: int) -> None:
            if batch >= rounds.batch:
                _count_round(rounds, _in_parts(rows, read, parts, functions.lit(batch)), read, batch)

        schema = _opened(session.read, [folder], read).schema
        reader = session.readStream.schema(schema).option("maxFilesPerTrigger", files)
        writer = _rows(_opened(reader, [folder], read), read, folder).writeStream.foreachBatch(added)
        place = str(Path(kept).resolve() / "spark")
        writer.option("checkpointLocation", place).trigger(availableNow=True).start().awaitTermination()
    return rounds.learner()


def _file_in(folder: Path, sources: Sequence[str], read: ReadOptions) -> Path:
    """Return the file for the rounds over some files: no two runs over different ones have the same."""
    folder.mkdir(parents=True, exist_ok=True)
    told = repr((ROUNDS, tuple(sources), read)).encode("utf-8", "surrogatepass")
    return folder / f"rounds-{blake2b(told, digest_size=8).hexdigest()}"


# --- what is read ----------------------------------------------------------------------------------------------------


def _checked(options: Mapping[str, Any], sources: Sequence[str]) -> ReadOptions:
    """Return the options of reading; raises UsageError where they are not for parts that are read apart."""
    read = ReadOptions(**options)
    for name in read.given:
        if name not in TAKEN:
            raise UsageError(f"{parameter(name)} is not for Spark, where each part is read on its own")
    if not (read.case and read.event):
        case, event = parameter("case"), parameter("event")
        raise UsageError(f"Spark needs {case} and {event} (expected: the names of the columns)")
    found = {path: _format_of(path, read.format) for path in sources}
    if len(set(found.values())) > 1:
        raise UsageError(f"{' and '.join(sorted(set(found.values())))} in one run (expected: files of one format)")
    if found[sources[0]] not in ENDINGS.values():
        raise UsageError(f"Spark does not read the format {read.format} (expected: csv, jsonl, or files of Parquet)")
    told = {**options, "format": found[sources[0]], "mask": bool(read.mask), "cut": bool(read.cuts and read.cut)}
    return ReadOptions(**told)


def _format_of(path: str, given: str | None) -> str:
    """Return the format of a file by what was said, or its ending; a folder without one is of Parquet.

    >>> _format_of("s3a://logs/2026-*/part.csv.gz", None), _format_of("hdfs:///logs", None)
    ('csv', 'parquet')
    """
    if given is not None:
        return given
    endings = path.rstrip("/").rpartition("/")[2].lower().split(".")[1:]
    while endings and endings[-1] in _PACKINGS:
        endings.pop()
    return ENDINGS.get(endings[-1], "parquet") if endings else "parquet"


def _names(read: ReadOptions) -> list[str]:
    """Return the columns that are needed, each once."""
    lifecycle = [] if read.lifecycle is None else ["lifecycle:transition"]
    given = [read.case, *(read.event or "").split("+"), *lifecycle, read.time]
    return list(dict.fromkeys(name for name in given if name))


def _column(name: str) -> Column:
    from pyspark.sql import functions

    return functions.col("`" + name.replace("`", "``") + "`")


def _opened(reader: DataFrameReader | DataStreamReader, paths: list[str], read: ReadOptions) -> DataFrame:
    """Return the rows of files, or those that come into a folder."""
    reader = reader.option("mode", "FAILFAST" if read.on_error == "stop" else "DROPMALFORMED")
    given: Any = paths if len(paths) > 1 else paths[0]  # a stream is of one
    if read.format == "csv":
        separator = read.delimiter or ("\t" if ".tsv" in paths[0] else ",")
        return reader.option("header", True).option("escape", '"').csv(given, sep=separator)
    if read.format == "jsonl":
        fields = ", ".join("`" + name.replace("`", "``") + "` string" for name in _names(read))
        return reader.schema(fields).json(given)
    return reader.parquet(given) if len(paths) == 1 else reader.parquet(*paths)


def _rows(frame: DataFrame, read: ReadOptions, source: str) -> DataFrame:
    """Return the columns that are needed, and where each row stood."""
    from pyspark.sql import functions

    for name in _names(read):
        if name not in frame.columns:
            there = ", ".join(frame.columns)
            raise UsageError(f"{source} has no column {name!r} (expected: one of {there})")
    return frame.select(*map(_column, _names(read)), *(functions.col(name) for name in _PLACE))


# --- rounds ----------------------------------------------------------------------------------------------------------


def _round(read: ReadOptions) -> Column:
    """Return in which round an event is counted, by a hash of its case."""
    from pyspark.sql import functions

    share = functions.pmod(functions.xxhash64(_case(read)), functions.lit(1 << (ROUNDS - 1)))
    return functions.ceil(functions.log2(share + 1)).cast("int")


def _case(read: ReadOptions) -> Column:
    assert read.case is not None
    return _column(read.case).cast("string")


def _in_parts(rows: DataFrame, read: ReadOptions, parts: int | None, number: Column) -> DataFrame:
    """Return events with the events of a case in one part, each part by rounds, within a round by time and place."""
    from pyspark.sql import functions

    moment = functions.lit(0) if read.time is None else _moment(rows, read.time)
    added = (functions.monotonically_increasing_id(), _ROW), (number, _ROUND), (moment, _MOMENT)
    parts = parts or 2 * rows.sparkSession.sparkContext.defaultParallelism
    found = rows.select("*", *(column.alias(name) for column, name in added)).repartition(parts, _case(read))
    times = [] if read.time is None else [_column(read.time)]
    places = [name.rpartition(".")[2] for name in _PLACE]
    return found.sortWithinPartitions(_ROUND, _MOMENT, *times, *places, _ROW)


def _moment(rows: DataFrame, name: str) -> Column:
    """Return by what the times of a column are sorted; what is no time ends the run, as it would be out of order."""
    from pyspark.sql import functions

    column = _column(name)
    if dict(rows.dtypes)[name] != "string":
        return column
    moment = functions.coalesce(column.try_cast("double"), functions.try_to_timestamp(column).cast("double"))
    told = functions.concat(
        functions.lit(f"flexstream.errors.DataError: column {name}: time '"),
        column,
        functions.lit("' (expected: ISO 8601, or a number of seconds, milli-, micro- or nanoseconds)"),
    )
    wrong = moment.isNull() & (functions.trim(column) != "")
    return functions.when(wrong, functions.raise_error(told).cast("double")).otherwise(moment)


def _count_rounds(rounds: Rounds, events: DataFrame, read: ReadOptions) -> None:
    """Run the rounds that are left."""
    while rounds.batch < ROUNDS:
        _count_round(rounds, events.where(_column(_ROUND) == rounds.batch), read)
    events.unpersist()


def _count_round(rounds: Rounds, events: DataFrame, read: ReadOptions, batch: int | None = None) -> None:
    """Count some events, each part on its own, and add what all of them add."""
    begun = events.sparkSession.sparkContext.broadcast(rounds.begin())
    given = {name: getattr(read, name) for name in read.given}
    given["format"] = None  # of batches of columns, whatever file they come from
    columns = events.select(*map(_column, _names(read)))
    parts = columns.mapInArrow(lambda batches: _count_part(begun.value, given, batches), "added binary")
    rounds.end(rounds.batch if batch is None else batch, _combined(parts.rdd.map(lambda row: bytes(row[0]))))
    begun.destroy()


def _count_part(begun: bytes, given: Mapping[str, Any], batches: Iterator[Any]) -> Iterator[Any]:
    """Yield, on a worker, what a part adds: a batch of one cell, none where it has no events."""
    import pyarrow
    from pyspark import TaskContext

    filled = (batch for batch in batches if batch.num_rows)
    if (first := next(filled, None)) is None:
        return
    task = TaskContext.get()
    assert task is not None
    number = task.partitionId()
    stream = pyarrow.RecordBatchReader.from_batches(first.schema, chain([first], filled))
    added = pyarrow.array([counted(begun, stream, given, number)], pyarrow.binary())
    yield pyarrow.RecordBatch.from_arrays([added], ["added"])


def counted(begun: bytes, source: Any, options: Mapping[str, Any], number: int) -> bytes:
    """Read and count a part of a stream from a skeleton on, as `Rounds.begin` returns it; return what it adds.

    >>> from flexstream import StreamLearner
    >>> rounds = Rounds(StreamLearner())
    >>> events = {"lot": [7, 8, 7], "step": ["load", "load", "run"]}
    >>> rounds.end(0, counted(rounds.begin(), events, {"case": "lot", "event": "step"}, 0)), rounds.total
    (True, <Summary: 2 traces, 3 events, 2 symbols>)
    """
    shard = Shard(Summary.from_bytes(begun), number)
    learner, budget = shard.learner, shard.learner.budget
    shares = budget.share("cases"), budget.share("line")
    reading = Reading(source, learner.alphabet.copy(), ReadOptions(**options), *shares)
    for batch in reading:
        learner.learn_many(batch, reading.alphabet)
    return shard.delta().to_bytes()


def _combined(parts: RDD[bytes]) -> bytes | None:
    """Return the sum of what parts add, so many of them added in one place that the driver adds few."""
    left = parts.getNumPartitions()
    while left > FAN:
        left = -(-left // FAN)
        parts = parts.mapPartitionsWithIndex(lambda number, found: ((number, part) for part in found))
        parts = (
            parts.partitionBy(left, lambda number: number)
            .values()
            .mapPartitions(lambda found: filter(None, [combine(found)]))
        )
    return combine(parts.collect())


# --- sessions and errors ---------------------------------------------------------------------------------------------


@contextmanager
def _session(master: str | None) -> Iterator[SparkSession]:
    """Yield the session that is active, or one that ends with the run."""
    try:
        from pyspark import SparkConf
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError(f"Spark needs pyspark, which is not installed (expected: {EXTRA})") from None
    if (active := SparkSession.getActiveSession()) is not None:
        yield active
        return
    master = master or SparkConf().get("spark.master", "local[*]") or "local[*]"
    builder = SparkSession.builder.appName("flexstream").master(master).config("spark.sql.session.timeZone", "UTC")
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.ui.enabled", False)
    session = builder.config("spark.ui.showConsoleProgress", False).getOrCreate()
    session.sparkContext.setLogLevel("OFF")  # what goes wrong is told in one line
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")  # which is not used
            yield session
    finally:
        session.stop()


@contextmanager
def _told(source: str) -> Iterator[None]:
    """Raise what Spark says of an error as one line: what a worker found wrong, or else the first line of Spark's."""
    try:
        yield
    except FlexStreamError:
        raise
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in {"pyspark", "py4j"}:
            raise
        raise _as_told(str(error), source) from None


def _as_told(text: str, source: str) -> FlexStreamError:
    """Return the error that a text of Spark's is about.

    >>> _as_told("x\\n  flexstream.errors.UsageError: `gap` needs times\\n  at org.apache.spark", "a.csv")
    UsageError('`gap` needs times')
    """
    if found := re.search(r"flexstream\.errors\.(\w+): ([^\n]*)", text):
        kind = UsageError if found[1] in {"UsageError", "WrongTypeError"} else FlexStreamError
        return kind(re.sub(r"^<\w+>(:\d+)?", lambda _: source, found[2]))  # rows of a part are no lines of a file
    if "No module named 'flexstream'" in text:
        return UsageError("Spark's workers have no flexstream (expected: it installed for the Python that they run)")
    if "JAVA_GATEWAY_EXITED" in text or "JAVA_HOME" in text:
        return UsageError("Spark found no Java (expected: Java 17 or newer, and JAVA_HOME if it is not on the PATH)")
    lines = [line for line in text.splitlines() if line.strip()]
    return DataError(source, None, f"Spark gives up: {lines[0].strip()[:300]}", "files that it can read")
