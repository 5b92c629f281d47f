"""Frames as tables, by what they can do: pandas and polars write their own CSV, others hand over Arrow's batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ...errors import WrongTypeError
from .cell_text import csv_lines, encoded, is_nested, json_line, json_lines, text
from .from_columns import of_columns, of_structured
from .tabular import Table

ROWS = 1 << 14
"""Rows that are written out at once."""
ARROW = ("__arrow_c_stream__", "__arrow_c_array__", "__dataframe__")
"""What frames of other libraries have by which Arrow takes them over."""


def as_table(data: Any) -> Table | None:
    """Return a frame, or columns, as a table; None for what is none.

    Examples
    --------
    >>> as_table({"event": ["load"]}).name, as_table("events.csv")
    ('<dict>', None)
    """
    if isinstance(data, Table | type):
        return data if isinstance(data, Table) else None
    if hasattr(data, "to_native"):  # narwhals' frames hold another
        data = data.to_native()
    name, library = f"<{type(data).__name__}>", type(data).__module__.partition(".")[0]
    if hasattr(data, "iloc") and hasattr(data, "to_csv"):
        return _pandas(_of_series(data) if data.ndim == 1 else data, name)
    return _polars(data, name) if library == "polars" else _other(data, name)


def _other(data: Any, name: str) -> Table | None:
    if isinstance(data, np.ndarray):
        return _array(data, name)
    if any(hasattr(data, protocol) for protocol in ARROW):
        from .from_arrow import of_arrow

        return of_arrow(data, name)
    return of_columns(data, name) if isinstance(data, Mapping) else None


def _array(data: np.ndarray[Any, Any], name: str) -> Table:
    if data.dtype.names:
        return of_structured(data, name)
    raise WrongTypeError(
        f"{name}: an array without named fields has no columns (expected: a mapping of names to columns, or traces as "
        "lists, such as array.tolist())"
    )


# --- pandas ------------------------------------------------------------------------------------------------------


def _pandas(frame: Any, name: str) -> Table:
    frame = _with_index(frame)
    if any(_holds_lists(frame[column]) for column in _objects(frame)):
        names = list(map(str, frame.columns))
        return Table(name, "table", "jsonl", lambda: _records(frame, names))
    return Table(name, "table", "csv", lambda: _pandas_rows(_as_text(frame)))


def _of_series(series: Any) -> Any:
    """Return a series as a frame; one without a name holds events, or whole traces."""
    named = series.name not in {None, ""}
    return series.to_frame() if named else series.to_frame("events" if _holds_lists(series) else "event")


def _with_index(frame: Any) -> Any:
    """Return a frame in which the index is a column where it has a name, or holds times; headers of one line."""
    if frame.columns.nlevels > 1:
        frame = frame.set_axis([".".join(filter(None, map(str, names))) for names in frame.columns], axis=1)
    index = frame.index
    if any(title is not None for title in index.names):
        return frame.reset_index()
    if getattr(index, "inferred_type", "").startswith("datetime") and "time" not in frame.columns:
        return frame.rename_axis("time").reset_index()
    return frame


def _objects(frame: Any) -> list[Any]:
    """Return the columns that may hold anything."""
    if not frame.columns.is_unique:
        return []
    return [column for column, kind in frame.dtypes.items() if str(kind) == "object" or "list" in str(kind)]


def _holds_lists(column: Any) -> bool:
    return is_nested(_first(column))


def _first(column: Any) -> Any:
    """Return the first cell that is filled, None if there is none."""
    return None if column.first_valid_index() is None else column.dropna().iloc[0]


def _as_text(frame: Any) -> Any:
    """Return a frame with columns of bytes as text, as other frames are: pandas would write them as Python does."""
    held = [column for column in _objects(frame) if isinstance(_first(frame[column]), bytes)]
    frame = frame.copy(deep=False) if held else frame
    for column in held:
        frame[column] = frame[column].map(text)
    return frame


def _pandas_rows(frame: Any) -> Iterator[bytes]:
    yield encoded(frame.iloc[:0].to_csv(index=False, lineterminator="\r\n")) if len(frame.columns) else b""
    for start in range(0, len(frame) if len(frame.columns) else 0, ROWS):
        part = frame.iloc[start : start + ROWS]
        yield encoded(part.to_csv(index=False, header=False, lineterminator="\r\n"))


def _records(frame: Any, names: list[str]) -> Iterator[bytes]:
    for start in range(0, len(frame), ROWS):
        yield json_lines(names, frame.iloc[start : start + ROWS].itertuples(index=False, name=None))


# --- polars ------------------------------------------------------------------------------------------------------


def _polars(data: Any, name: str) -> Table | None:
    if hasattr(data, "collect"):  # a lazy frame: what it promises is fetched
        data = data.collect()
    if hasattr(data, "to_frame"):
        unnamed = "events" if str(data.dtype).startswith(("List", "Array")) else "event"
        data = data.to_frame(data.name or unnamed)
    if not hasattr(data, "write_csv"):
        return None
    if any(str(kind).startswith(("List", "Array", "Struct", "Object")) for kind in data.dtypes):
        return Table(name, "table", "jsonl", lambda: _json(_parts(data)))
    return Table(name, "table", "csv", lambda: _polars_rows(data))


def _parts(frame: Any) -> Iterator[Any]:
    return (frame.slice(start, ROWS) for start in range(0, frame.height, ROWS))


def _polars_rows(frame: Any) -> Iterator[bytes]:
    binary = any(str(kind).startswith("Binary") for kind in frame.dtypes)  # which polars does not write
    yield csv_lines([frame.columns]) if binary else encoded(frame.head(0).write_csv())
    for part in _parts(frame):
        lines = "\r" if binary else part.write_csv(include_header=False)
        # A carriage return at the end of a row would be taken for a part of the line's end.
        yield csv_lines(part.iter_rows()) if "\r" in lines else encoded(lines)


def _json(parts: Iterable[Any]) -> Iterator[bytes]:
    for part in parts:
        yield encoded("".join(map(json_line, part.iter_rows(named=True))))
