"""Files of tables: Parquet and Arrow, recognised by their first bytes and read batch by batch."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from .from_arrow import pyarrow, table, told
from .tabular import Table

ROWS = 1 << 14
"""Rows of Parquet that are decoded at once; a row group may have millions."""


def of_file(kind: str, name: str, path: Path | None, chunks: Iterator[bytes]) -> Iterator[Table]:
    """Yield the table that a file holds, which stays open as long as the iterator is.

    Parameters
    ----------
    kind : str
        A value of `flexstream.readers.source.opening.KINDS`.
    name : str
        For messages.
    path : Path or None
        Where the file is; None where only its bytes are at hand, of a pipe or decompressed.  They are put into a
        temporary file, since Parquet tells at its end what it holds.
    chunks : iterator of bytes
        All of them.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    arrow = pyarrow(name, f"is {kind}")
    with ExitStack() as stack:
        with told(arrow, name, kind):
            file = stack.enter_context(_seekable(path, chunks))
            schema, batches = _OPENERS[kind](arrow, file)
            found = table(name, kind, schema, lambda: map(_checked, batches))
        yield found


def _seekable(path: Path | None, chunks: Iterator[bytes]) -> IO[bytes]:
    if path is not None:
        return path.open("rb")
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        file.writelines(chunks)
        file.seek(0)
        stack.pop_all()
    return file


def _checked(batch: Any) -> Any:
    """Return a batch; Arrow trusts what a file says of where its texts are, and would look there."""
    batch.validate(full=True)
    return batch


def _parquet(arrow: Any, file: IO[bytes]) -> tuple[Any, Iterator[Any]]:
    import pyarrow.parquet  # part of the extra

    opened = pyarrow.parquet.ParquetFile(file, pre_buffer=False, buffer_size=1 << 16)
    return opened.schema_arrow, opened.iter_batches(batch_size=ROWS, use_threads=False)


def _arrow_file(arrow: Any, file: IO[bytes]) -> tuple[Any, Iterator[Any]]:
    opened = arrow.ipc.open_file(file)
    return opened.schema, (opened.get_batch(number) for number in range(opened.num_record_batches))


def _arrow_stream(arrow: Any, file: IO[bytes]) -> tuple[Any, Iterator[Any]]:
    opened = arrow.ipc.open_stream(file)
    return opened.schema, iter(opened)


_OPENERS: dict[str, Callable[[Any, IO[bytes]], tuple[Any, Iterator[Any]]]] = {
    "parquet": _parquet,
    "arrow": _arrow_file,
    "arrow stream": _arrow_stream,
}
