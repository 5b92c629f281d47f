"""Spark: rounds over files that Spark reads, on as many machines as it has; the library pyspark is an extra.

Spark reads the columns, brings the events of a case together, and sorts those of a part by their times.  A round is a
job over some of the cases: the skeleton is broadcast, each part is read and counted by the readers and learners that
the workers have, and what parts add is summed up on the way back.  Spark runs again what was lost; a round is added
once, by its number.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError, parameter
from ..learning.additive import Summary
from ..learning.shard import Shard
from ..readers.options import ReadOptions
from ..readers.reading import Reading
from ..stream.hashing import blake2b
from .rounds import Rounds, combine
from .spark_session import one_line, session_of

if TYPE_CHECKING:
    from pyspark.rdd import RDD
    from pyspark.sql import Column, DataFrame, DataFrameReader
    from pyspark.sql.streaming.readwriter import DataStreamReader

    from ..learning.learner import StreamLearner

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
_FILE, _BLOCK, _ROUND, _MOMENT, _ROW = "__file", "__block", "__round", "__moment", "__row"


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
        with one_line(sources[0]), session_of(master) as session:
            frame = _opened(session.read, list(sources), read)
            rows = _rows(frame, read, sources[0], os.path.commonprefix(frame.inputFiles()))  # noqa: RUF071
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
    with one_line(folder), session_of(master) as session:
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


def _rows(frame: DataFrame, read: ReadOptions, source: str, folder: str = "") -> DataFrame:
    """Return the columns that are needed, and where each row stood: of its file's path not the folder of all."""
    from pyspark.sql import functions

    for name in _names(read):
        if name not in frame.columns:
            there = ", ".join(frame.columns)
            raise UsageError(f"{source} has no column {name!r} (expected: one of {there})")
    path, start = functions.col("_metadata.file_path"), functions.col("_metadata.file_block_start")
    path = functions.when(path.startswith(folder), functions.substring(path, 1 + len(folder), 1 << 16)).otherwise(path)
    return frame.select(*map(_column, _names(read)), path.alias(_FILE), start.alias(_BLOCK))


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
    """Return events with the events of a case in one part, each part by time and place, and each with its round.

    What crosses the network, is sorted and kept is each event: so nothing goes with it that is not needed there.
    """
    from pyspark.sql import functions

    added, order = [number.alias(_ROUND), functions.monotonically_increasing_id().alias(_ROW)], []
    if read.time is not None and dict(rows.dtypes)[read.time] == "string":
        added.append(_moment(read.time).alias(_MOMENT))
        order.append(_MOMENT)
    times = [] if read.time is None else [_column(read.time)]
    parts = parts or 2 * rows.sparkSession.sparkContext.defaultParallelism
    found = rows.select("*", *added).repartition(parts, _case(read))
    found = found.sortWithinPartitions(*order, *times, _FILE, _BLOCK, _ROW)
    return found.select(*map(_column, _names(read)), _ROUND)


def _moment(name: str) -> Column:
    """Return by what texts of times are sorted; what is no time ends the run, as it would be out of order."""
    from pyspark.sql import functions

    column = _column(name)
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
    parts = events.drop(_ROUND).mapInArrow(lambda batches: _count_part(begun.value, given, batches), "added binary")
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
