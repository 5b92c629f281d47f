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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    from pyspark import Broadcast
    from pyspark.rdd import RDD
    from pyspark.sql import Column, DataFrame, SparkSession

    from ..learning.learner import StreamLearner

EXTRA = "pip install 'flexstream[spark]'"
ROUNDS = 5
"""Rounds: the first two have a sixteenth of the cases each, every further one twice as many as the one before."""
FAN = 16
"""Sums of parts that are added in one place."""
TAKEN = frozenset(
    {"format", "case", "event", "time", "lifecycle", "delimiter", "mask", "redact", "idle", "gap", "start"}
    | {"max_open_cases", "max_open_events", "window", "stride", "cut", "durations", "on_error"}
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
            _count_rounds(rounds, _in_rounds(_rows(session, sources, read), read, parts), read)
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


def _rows(session: SparkSession, sources: Sequence[str], read: ReadOptions) -> DataFrame:
    """Return the events of files: the columns that are needed, and where each stood."""
    from pyspark.sql import functions

    bad = "FAILFAST" if read.on_error == "stop" else "DROPMALFORMED"
    names, paths = _names(read), list(sources)
    if read.format == "csv":
        reader = session.read.option("header", True).option("escape", '"').option("mode", bad)
        frame = reader.csv(paths, sep=read.delimiter or ("\t" if ".tsv" in paths[0] else ","))
    elif read.format == "jsonl":
        fields = ", ".join("`" + name.replace("`", "``") + "` string" for name in names)
        frame = session.read.schema(fields).option("mode", bad).json(paths)
    else:
        frame = session.read.parquet(*paths)
    for name in names:
        if name not in frame.columns:
            there = ", ".join(frame.columns)
            raise UsageError(f"{paths[0]} has no column {name!r} (expected: one of {there})")
    row = functions.monotonically_increasing_id().alias(_ROW)
    return frame.select(*map(_column, names), *(functions.col(name) for name in _PLACE), row)


# --- rounds ----------------------------------------------------------------------------------------------------------


def _in_rounds(rows: DataFrame, read: ReadOptions, parts: int | None) -> DataFrame:
    """Return events with the events of a case in one part, each part by rounds, within a round by time and place."""
    from pyspark.sql import functions

    assert read.case is not None
    case = _column(read.case).cast("string")
    share = functions.pmod(functions.xxhash64(case), functions.lit(1 << (ROUNDS - 1)))
    number = functions.ceil(functions.log2(share + 1)).cast("int").alias(_ROUND)
    moment = (functions.lit(0) if read.time is None else _moment(rows, read.time)).alias(_MOMENT)
    parts = parts or 2 * rows.sparkSession.sparkContext.defaultParallelism
    found = rows.select("*", number, moment).repartition(parts, case)
    times = [] if read.time is None else [_column(read.time)]
    places = [name.rpartition(".")[2] for name in _PLACE]
    return found.sortWithinPartitions(_ROUND, _MOMENT, *times, *places, _ROW).persist()


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
    context, names = events.sparkSession.sparkContext, _names(read)
    while rounds.batch < ROUNDS:
        begun = context.broadcast(rounds.begin())
        counted = _counted(events.where(_column(_ROUND) == rounds.batch).select(*map(_column, names)), begun, read)
        rounds.end(rounds.batch, _combined(counted))
        begun.destroy()
    events.unpersist()


def _counted(events: DataFrame, begun: Broadcast[bytes], read: ReadOptions) -> RDD[bytes]:
    """Return what each part of some events adds to a skeleton."""
    given = {name: getattr(read, name) for name in read.given}
    given["format"] = None  # of batches of columns, whatever file they come from
    parts = events.mapInArrow(lambda batches: _count_part(begun.value, given, batches), "added binary")
    return parts.rdd.map(lambda row: bytes(row[0]))


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
    stream = pyarrow.RecordBatchReader.from_batches(first.schema, _behind(first, filled))
    added = pyarrow.array([counted(begun, stream, given, number)], pyarrow.binary())
    yield pyarrow.RecordBatch.from_arrays([added], ["added"])


def _behind(first: Any, others: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from others


def counted(begun: bytes, source: Any, options: Mapping[str, Any], number: int) -> bytes:
    """Read and count a part of a stream from a skeleton on; return what it adds.

    Parameters
    ----------
    begun : bytes
        What `Rounds.begin` returned.
    source : path, frame or rows
        As for `read_batches`.
    options : mapping
        Fields of `ReadOptions`.
    number : int
        Which part it is: no two of a round the same.

    Examples
    --------
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
        parts = parts.partitionBy(left, lambda number: number).values().mapPartitions(_sum)
    return combine(parts.collect())


def _sum(parts: Iterable[bytes]) -> list[bytes]:
    total = combine(parts)
    return [] if total is None else [total]


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
