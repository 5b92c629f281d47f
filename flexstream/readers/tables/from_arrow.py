"""Arrow: batches of record columns as a table, with the library pyarrow, which is an extra."""

from __future__ import annotations

import io
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ...errors import DataError
from .cell_text import csv_lines, encoded, json_line, text
from .tabular import Table

EXTRA = "pip install 'flexstream[parquet]'"


def pyarrow(name: str, what: str) -> types.ModuleType:
    """Return the library; raises DataError, which says how to get it, where it is not installed."""
    try:
        import pyarrow.csv
    except ImportError:
        raise DataError(name, None, f"{what}, which takes pyarrow to read", EXTRA) from None
    return pyarrow


def of_arrow(data: Any, name: str) -> Table:
    """Return what hands over Arrow's batches as a table.

    Raises
    ------
    DataError
        If pyarrow is not installed.
    """
    arrow = pyarrow(name, "is handed over by Arrow")
    open_batches = _opener(arrow, data)
    schema, once = open_batches()
    held = [once]

    def batches() -> Iterator[Any]:
        return held.pop() if held else open_batches()[1]

    return table(name, "table", schema, batches)


def _opener(arrow: types.ModuleType, data: Any) -> Callable[[], tuple[Any, Iterator[Any]]]:
    """Return what opens the data: their schema, and their batches from the start, as often as these can be had."""
    if isinstance(data, arrow.RecordBatch) or not hasattr(data, "__arrow_c_stream__"):
        whole = _whole(arrow, data)
        return lambda: (whole.schema, iter(whole.to_batches()))

    def opened() -> tuple[Any, Iterator[Any]]:
        reader = arrow.RecordBatchReader.from_stream(data)
        return reader.schema, iter(reader)

    return opened


def _whole(arrow: types.ModuleType, data: Any) -> Any:
    """Return data without a stream as Arrow's table."""
    if hasattr(data, "__arrow_c_array__"):
        return arrow.Table.from_batches([arrow.record_batch(data)])
    import pyarrow.interchange  # part of the extra

    return pyarrow.interchange.from_dataframe(data)


def table(name: str, title: str, schema: Any, batches: Callable[[], Iterator[Any]]) -> Table:
    """Return batches of a schema as a table."""
    arrow = pyarrow(name, f"is {title}")
    names = list(schema.names)
    nested = any(arrow.types.is_nested(field.type) for field in schema)

    def pieces() -> Iterator[bytes]:
        with told(arrow, name, title):
            yield from map(_json, _small(batches())) if nested else _csv(arrow, names, batches())

    return Table(name, title, "jsonl" if nested else "csv", pieces)


@contextmanager
def told(arrow: types.ModuleType, name: str, title: str) -> Iterator[None]:
    """Raise what Arrow cannot read, or Python has no value for, as a DataError of one line."""
    try:
        yield
    except (arrow.ArrowException, OSError, ValueError, KeyError, OverflowError, MemoryError) as error:
        problem = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise DataError(name, None, f"broken {title}: {problem[:200]}", "one that is intact") from None


def _small(batches: Iterator[Any], rows: int = 1 << 14) -> Iterator[Any]:
    """Yield batches in parts of no more than so many rows."""
    for batch in batches:
        for start in range(0, batch.num_rows, rows):
            yield batch.slice(start, rows)


def _json(batch: Any) -> bytes:
    return encoded("".join(map(json_line, batch.to_pylist(maps_as_pydicts="lossy"))))


def _csv(arrow: types.ModuleType, names: list[str], batches: Iterator[Any]) -> Iterator[bytes]:
    yield csv_lines([names]) if names else b""
    for batch in _small(batches):
        yield _rows(arrow, batch)


def _rows(arrow: types.ModuleType, batch: Any) -> bytes:
    """Return rows as Arrow writes them, without quotes where no cell needs them: these are read fastest."""
    columns = [_written(arrow, column) for column in batch.columns]
    if len(columns) == 1:  # whose missing cells would be lines that are blank
        return csv_lines([[cell] for cell in columns[0].to_pylist()])
    lines = io.BytesIO()
    quoting = "needed" if any(_needs_quotes(arrow, column) for column in columns) else "none"
    options = arrow.csv.WriteOptions(include_header=False, quoting_style=quoting)
    arrow.csv.write_csv(arrow.RecordBatch.from_arrays(columns, batch.schema.names), lines, options)
    return lines.getvalue()


def _written(arrow: types.ModuleType, column: Any) -> Any:
    """Return a column in a type that Arrow writes as others read it."""
    kinds, kind = arrow.types, column.type
    if kinds.is_dictionary(kind):
        return _written(arrow, column.dictionary_decode())
    plain = (kinds.is_string, kinds.is_large_string, kinds.is_integer, kinds.is_floating, kinds.is_boolean)
    if any(fits(kind) for fits in (*plain, kinds.is_timestamp, kinds.is_date32, kinds.is_null)):
        return column
    return arrow.array([None if cell is None else text(cell) for cell in column.to_pylist()], arrow.string())


def _needs_quotes(arrow: types.ModuleType, column: Any) -> bool:
    import pyarrow.compute  # part of the extra

    if not (arrow.types.is_string(column.type) or arrow.types.is_large_string(column.type)):
        return False
    found = pyarrow.compute.any(pyarrow.compute.match_substring_regex(column, '[",\r\n]'))
    return bool(found.as_py())
