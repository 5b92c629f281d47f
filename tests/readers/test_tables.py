"""Frames, columns, rows and files of tables are read as the same rows in a file are."""

from __future__ import annotations

import builtins
import contextlib
import enum
import io
import itertools
import os
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import flexstream
from flexstream import DataError, ReadOptions, StreamLearner, UsageError
from flexstream.readers import Reading
from flexstream.stream.alphabet import Alphabet

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
arrow = pytest.importorskip("pyarrow")
feather = pytest.importorskip("pyarrow.feather")
parquet = pytest.importorskip("pyarrow.parquet")

CSV = Path(__file__).resolve().parents[2] / "datasets" / "events.csv"
Row = namedtuple("Row", "timestamp case_id activity")


@dataclass
class Event:
    """A row as somebody's program may have it."""

    timestamp: str
    case_id: str
    activity: str


class Stream:
    """Hands over Arrow's batches and can do nothing else."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


class Interchange:
    """Has the data frame protocol and nothing else."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __dataframe__(self, **options: Any) -> object:
        return self._frame.__dataframe__(**options)


def rows() -> list[dict[str, str]]:
    names, *lines = [line.split(",") for line in CSV.read_text().splitlines()]
    return [dict(zip(names, line, strict=True)) for line in lines]


def written(write: Callable[[Any, Any], Any]) -> Callable[[Any, Path], Path]:
    def file(frame: Any, folder: Path) -> Path:
        write(frame, folder / "table")
        return folder / "table"

    return file


def ipc(opened: Callable[[Any, Any], Any], table: Any, path: Path) -> None:
    with path.open("wb") as file, opened(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=100)


def whole(frame: Any) -> Any:
    return arrow.Table.from_pandas(frame, preserve_index=False)


def times(frame: Any) -> Any:
    return frame.assign(timestamp=pandas.to_datetime(frame.timestamp))


SAME: dict[str, Callable[[Any, Path], Any]] = {
    "pandas": lambda frame, _: frame,
    "pandas, times": lambda frame, _: times(frame),
    "pandas, categories": lambda frame, _: frame.assign(activity=frame.activity.astype("category")),
    "pandas, named index": lambda frame, _: frame.set_index("case_id"),
    "pandas, index of times": lambda frame, _: times(frame).set_index("timestamp").rename_axis("timestamp"),
    "polars": lambda frame, _: polars.from_dicts(frame.to_dict("records")),
    "polars, lazy": lambda frame, _: polars.from_dicts(frame.to_dict("records")).lazy(),
    "arrow": lambda frame, _: whole(frame),
    "arrow, times": lambda frame, _: whole(times(frame)),
    "arrow, dictionaries": lambda frame, _: whole(frame.assign(activity=frame.activity.astype("category"))),
    "arrow, reader": lambda frame, _: whole(frame).to_reader(max_chunksize=7),
    "arrow, one batch": lambda frame, _: whole(frame).combine_chunks().to_batches()[0],
    "arrow, stream of others": lambda frame, _: Stream(whole(frame)),
    "data frame protocol": lambda frame, _: Interchange(whole(frame)),
    "columns": lambda frame, _: frame.to_dict("list"),
    "columns of arrays": lambda frame, _: {name: frame[name].to_numpy() for name in frame},
    "columns of series": lambda frame, _: dict(frame.items()),
    "structured array": lambda frame, _: frame.to_records(index=False),
    "rows": lambda frame, _: frame.to_dict("records"),
    "named tuples": lambda frame, _: [Row(*row) for row in frame.itertuples(index=False)],
    "data classes": lambda frame, _: [Event(*row) for row in frame.itertuples(index=False)],
    "frames one by one": lambda frame, _: [frame[:1000], polars.from_dicts(frame[1000:].to_dict("records"))],
    "parquet": written(lambda frame, path: frame.to_parquet(path, row_group_size=100)),
    "parquet, times": written(lambda frame, path: times(frame).to_parquet(path)),
    "parquet, compressed columns": written(lambda frame, path: frame.to_parquet(path, compression="zstd")),
    "feather": written(feather.write_feather),
    "arrow file": written(lambda frame, path: ipc(arrow.ipc.new_file, whole(frame), path)),
    "arrow stream": written(lambda frame, path: ipc(arrow.ipc.new_stream, whole(frame), path)),
}


def learned(data: Any, **options: Any) -> tuple[str, list[str], Any]:
    found = flexstream.learn(data, **options)
    return found.model.to_json(), [verdict.code for verdict in found.verdicts], found.stats


@pytest.mark.parametrize("kind", SAME)
def test_a_table_gives_the_model_of_the_same_rows_in_csv(kind: str, tmp_path: Path) -> None:
    assert learned(SAME[kind](pandas.read_csv(CSV), tmp_path)) == learned(CSV)


@pytest.mark.parametrize("kind", SAME)
def test_options_serve_tables_as_they_serve_csv(kind: str, tmp_path: Path) -> None:
    options = {"case": "", "event": "activity", "window": 5, "stride": 2}
    assert learned(SAME[kind](pandas.read_csv(CSV), tmp_path), **options) == learned(CSV, **options)


def test_rows_that_come_once_give_the_same_automaton() -> None:
    found = flexstream.learn(row for row in rows())
    assert found.automaton.equivalent(flexstream.learn(CSV).automaton)
    assert found.reading is not None and found.reading["case"] == "case_id"


def test_guesses_are_the_same_where_no_name_is_known() -> None:
    renamed = pandas.read_csv(CSV).rename(columns={"case_id": "x", "activity": "y", "timestamp": "z"})
    text = renamed.to_csv(index=False).encode()
    assert learned(renamed) == learned(io.BytesIO(text))
    assert learned(polars.from_dicts(renamed.to_dict("records"))) == learned(io.BytesIO(text))


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1b"), max_size=6)


@example([("0", "0\r")], "csv")
@example([("0", "0\r")], "arrow")
@example([("0", "0\r"), ("\r", "\n")], "polars")
@example([("0", "0\r"), ("\r", "\n")], "pandas")
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8), st.sampled_from(["csv", "pandas", "polars", "arrow"]))
def test_whatever_stands_in_a_cell_is_read_alike(found: list[tuple[str, str]], kind: str) -> None:
    """One that quotes, line ends, delimiters and blanks are in included."""
    columns = {"case": [case for case, _ in found], "event": [event for _, event in found]}
    made = {
        # With these ends a carriage return in a cell gets quotes; with line feeds alone it would be part of the end.
        "csv": lambda: pandas.DataFrame(columns).to_csv(index=False, lineterminator="\r\n").encode(),
        "pandas": lambda: pandas.DataFrame(columns),
        "polars": lambda: polars.DataFrame(columns),
        "arrow": lambda: arrow.table(columns),
    }[kind]()

    def traces(data: Any) -> list[tuple[str | None, list[str]]]:
        options = {"case": "case", "event": "event", "on_error": "skip"}
        if isinstance(data, bytes):
            data, options["delimiter"] = io.BytesIO(data), ","
        return list(flexstream.read(data, **options).items())

    assert traces(made) == traces(columns)


def test_a_column_of_lists_holds_whole_traces() -> None:
    wanted = [["load a lot", "run"], ["load a lot"]]
    frame = pandas.DataFrame({"lot": [7, 8], "events": wanted})
    for data in (
        frame,
        polars.from_pandas(frame),
        arrow.Table.from_pandas(frame),
        frame.to_dict("list"),
        [*frame.T.to_dict().values()],
    ):
        assert list(flexstream.read(data)) == wanted
    assert list(flexstream.read(wanted)) == wanted
    assert list(flexstream.read(iter(wanted), window=1)) == [["load a lot"], ["run"], ["load a lot"]]


def test_cells_that_are_missing_are_blank() -> None:
    columns = {"case": ["7", "7", "8"], "event": ["load", None, "run"]}
    for data in (columns, pandas.DataFrame(columns), polars.DataFrame(columns), arrow.table(columns)):
        traces = flexstream.read(data, on_error="skip")
        assert (list(traces), traces.reading.stats.skipped) == ([["load"], ["run"]], 1)
        with pytest.raises(DataError, match="event"):
            list(flexstream.read(data))


def test_a_series_is_a_column() -> None:
    wanted = [["load", "run"], ["load", "run"]]
    series = pandas.Series(["load", "run"] * 2, name="event")
    assert list(flexstream.read(series, start="load")) == wanted
    assert list(flexstream.read(polars.Series("event", list(series)), start="load")) == wanted


def test_a_series_without_a_name_holds_events_or_traces() -> None:
    wanted = [["load", "run"], ["load", "run"]]
    events = ["load", "run"] * 2
    for series in (pandas.Series(events), polars.Series(events)):
        assert list(flexstream.read(series, start="load")) == wanted
    for series in (pandas.Series(wanted), polars.Series(wanted)):
        assert list(flexstream.read(series)) == wanted


def test_columns_in_levels_and_series_with_any_index() -> None:
    frame = pandas.DataFrame({("lot", "case"): ["7", "8"], ("lot", "event"): ["load", "run"], ("x", ""): [1, 2]})
    assert dict(flexstream.read(frame, case="lot.case", event="lot.event").items()) == {"7": ["load"], "8": ["run"]}
    series = pandas.Series(["load", "run", "unload"], index=[2.5, 0.5, 1.5])
    assert list(flexstream.read({"event": series}, start="load")) == [["load", "run", "unload"]]
    late = pandas.Series(["load", "run"], index=[90_000, 3])
    assert list(flexstream.read({"event": late}, start="load")) == [["load", "run"]]


class Step(enum.Enum):
    """Symbols as somebody's program may have them."""

    LOAD = "load"
    RUN = "run"


def test_fields_of_structs_and_maps_are_found() -> None:
    values = [{"name": "load", "id": "7"}, {"name": "run", "id": "7"}]
    maps = arrow.array([list(value.items()) for value in values], arrow.map_(arrow.string(), arrow.string()))
    tables = [make({"call": values}) for make in (arrow.table, dict, pandas.DataFrame, polars.DataFrame)]
    for data in (*tables, arrow.table({"call": maps})):
        assert list(flexstream.read(data, case="call.id", event="call.name").items()) == [("7", ["load", "run"])]


def test_cells_of_any_class_have_a_text() -> None:
    masked = np.ma.array(["load", "run"], mask=[0, 1])
    assert list(flexstream.read({"event": masked}, window=2, on_error="skip")) == [["load"]]
    for cells in ([Step.LOAD, Step.RUN], [b"load", b"run"], np.array(["load", "run"], object)):
        assert list(flexstream.read({"event": cells}, window=2)) == [["load", "run"]]


def test_a_pipe_of_parquet_is_read_as_the_file(tmp_path: Path) -> None:
    pandas.read_csv(CSV).to_parquet(tmp_path / "file")
    content = (tmp_path / "file").read_bytes()
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[content])
    writer.start()
    wanted = learned(CSV)
    assert learned(tmp_path / "pipe") == wanted
    writer.join()
    import gzip

    (tmp_path / "file.gz").write_bytes(gzip.compress(content))
    assert learned(tmp_path / "file.gz") == wanted
    assert learned(io.BytesIO(content)) == wanted


def test_parquet_is_read_on_from_where_a_reading_was(tmp_path: Path) -> None:
    pandas.concat([pandas.read_csv(CSV)] * 20).to_parquet(tmp_path / "file", row_group_size=1000)

    def all_of(reading: Reading) -> list[list[str]]:
        return [[reading.alphabet.text(symbol) for symbol in trace] for batch in reading for trace in batch]

    options = ReadOptions(idle=1e9, max_open_cases=10)
    whole = all_of(Reading(tmp_path / "file", Alphabet(), options))
    first = Reading(tmp_path / "file", Alphabet(), options)
    start = [[first.alphabet.text(symbol) for symbol in trace] for trace in next(first)]
    again = Reading(tmp_path / "file", first.alphabet.copy(), options)
    again.restore(first.state())
    assert start + all_of(again) == whole


def test_a_broken_file_is_one_line(tmp_path: Path) -> None:
    pandas.read_csv(CSV).to_parquet(tmp_path / "file", row_group_size=100)
    feather.write_feather(pandas.read_csv(CSV), tmp_path / "other", chunksize=100)
    for name in ("file", "other"):
        content = (tmp_path / name).read_bytes()
        middle = len(content) // 2
        for damaged in (
            content[:-1],
            content[:20],
            content[:middle],
            content[:middle] + b"\xff" * 200 + content[middle + 200 :],
        ):
            (tmp_path / "damaged").write_bytes(damaged)
            with pytest.raises(DataError, match=r"broken|invalid") as caught:
                list(flexstream.read(tmp_path / "damaged"))
            assert "\n" not in str(caught.value)


def test_without_the_extra_one_line_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pandas.read_csv(CSV)
    frame.to_parquet(tmp_path / "file")
    table, imported = Stream(whole(frame)), builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    for data in (tmp_path / "file", table):
        with pytest.raises(DataError, match=r"takes pyarrow to read.*pip install 'flexstream\[parquet\]'"):
            flexstream.learn(data)
    assert flexstream.learn(frame.to_dict("list")).traces == 300


@pytest.mark.parametrize(
    "option", [{"delimiter": ";"}, {"encoding": "latin-1"}, {"follow": True}, {"format": "xes"}, {"pattern": "x"}]
)
def test_options_for_text_have_no_effect_on_tables(option: dict[str, Any], tmp_path: Path) -> None:
    frame = pandas.read_csv(CSV)
    frame.to_parquet(tmp_path / "file")
    for data in (frame, tmp_path / "file"):
        with pytest.raises(UsageError, match=f"`{next(iter(option))}` has no effect"):
            list(flexstream.read(data, **option))


def test_a_model_of_a_file_reads_frames_and_the_other_way_round(tmp_path: Path) -> None:
    frame = pandas.read_csv(CSV)
    other = CSV.read_text().replace(",", ";").encode("utf-16")
    of_file = flexstream.learn(io.BytesIO(other), delimiter=";", encoding="utf-16", case="case_id", gap=1e9)
    frame.to_parquet(tmp_path / "file")
    wanted = list(flexstream.read(io.BytesIO(other), like=of_file.model).items())
    assert len(wanted) == 300
    assert list(flexstream.read(frame, like=of_file.model).items()) == wanted
    assert list(flexstream.read(tmp_path / "file", like=of_file).items()) == wanted
    assert list(flexstream.read(CSV, like=flexstream.learn(frame, case="case_id", gap=1e9)).items()) == wanted


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (7, "a source is a path"),
        (None, "a source is a path"),
        (b"load run", r"io\.BytesIO"),
        ([7], "a source is a path"),
        ({7, 8}, "a source is a path"),
        (object(), "a source is a path"),
        (pandas.DataFrame, "a source is a path"),
        ({"event": "load"}, "no column"),
        ({"event": 7}, "no column"),
        (np.zeros(3), "without named fields"),
        ([{"event": "load"}, 7], r"<list>\[1\]"),
        ([["load"], [2.5]], r"<list>\[1\]"),
    ],
)
def test_what_cannot_be_read_is_refused(data: Any, what: str) -> None:
    with pytest.raises(TypeError, match=what):
        flexstream.learn(data)


def test_columns_of_different_lengths_are_told() -> None:
    with pytest.raises(UsageError, match="'case' has 1, 'event' has 2"):
        flexstream.learn({"case": [1], "event": ["a", "b"]})


@pytest.mark.parametrize("nothing", [{}, {"event": []}, pandas.DataFrame(), polars.DataFrame(), arrow.table({}), []])
def test_nothing_is_told(nothing: Any) -> None:
    with pytest.raises(DataError):
        flexstream.learn(nothing)


def test_rows_are_taken_as_they_come() -> None:
    """Of an endless source no more than a part is held."""
    taken = 0

    def endless() -> Iterator[dict[str, str]]:
        nonlocal taken
        for number in itertools.count():
            taken = number
            yield {"event": "load"}
            yield {"event": "run"}

    traces = flexstream.read(endless(), start="load")
    assert next(traces) == ["load", "run"]
    assert taken < 100_000


def test_a_column_is_named_as_in_the_frame() -> None:
    for name in ("sep=;", "# remark", "a,b", 'say "hi"', "PAR1\x15", "\xff\xfe", "BZh91AY&SY"):
        frame = pandas.DataFrame({name: ["load", "run"] * 20})
        assert next(flexstream.read(frame, event=name, window=2)) == ["load", "run"]


def test_learners_keep_no_frame_alive(tmp_path: Path) -> None:
    import pickle

    found = flexstream.learn(pandas.read_csv(CSV))
    again = pickle.loads(pickle.dumps(found))
    assert again.automaton.equivalent(found.automaton)
    assert isinstance(found.clone(), StreamLearner)


def test_whatever_byte_of_a_table_is_wrong_it_is_told(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"case": ["7", "8"] * 4, "event": ["load", "run"] * 4})
    for name, opened in (("file", arrow.ipc.new_file), ("stream", arrow.ipc.new_stream)):
        ipc(opened, whole(frame), tmp_path / name)
    frame.to_parquet(tmp_path / "parquet", compression=None)
    for name in ("file", "stream", "parquet"):
        content = (tmp_path / name).read_bytes()
        for place in range(8, len(content), 7):
            damaged = bytearray(content)
            damaged[place] ^= 0xA4
            with contextlib.suppress(DataError):
                list(flexstream.read(io.BytesIO(bytes(damaged)), case="", event="event", on_error="skip"))


def test_times_beyond_those_of_python_are_told_or_kept() -> None:
    far = arrow.table({"event": [["load"], ["run"]], "at": arrow.array([2**62, 0], arrow.timestamp("s"))})
    with pytest.raises(DataError, match="broken table"):
        list(flexstream.read(far, event="event"))
    days = arrow.table({"event": ["load", "run"], "at": arrow.array([2**30, 0], arrow.date32())})
    assert list(flexstream.read(days, start="load")) in ([["load", "run"]], [["run"], ["load"]])
