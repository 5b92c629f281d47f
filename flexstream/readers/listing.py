"""What is to be read, one by one: files, pipes, frames, columns, rows."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable
from typing import Any, TypeAlias, cast

from ..arguments import written
from ..errors import WrongTypeError
from .source.raw import Where
from .tables.tabular import Table

Data: TypeAlias = Any
"""A source that is a `Where`, a frame (pandas, polars, Arrow, or what hands over Arrow's batches), a mapping of names
to columns, or an iterable of them; or an iterable of rows, which are mappings, named tuples, data classes or traces."""
_EXPECTED = "a path, - for stdin, a file open in binary mode, a frame, or rows"


def listed(data: Data) -> list[Where | Table]:
    """Return sources one by one; an open file is itself an iterable, of lines.

    Raises
    ------
    WrongTypeError
        If there is something that cannot be read.

    Examples
    --------
    >>> listed(["a.csv", "-"])
    ['a.csv', '-']
    >>> [source.name for source in listed([{"case": 7, "event": "load"}])]
    ['<list>']
    """
    source = _source(data)
    if source is not None:
        return [source]
    if isinstance(data, bytes | bytearray) or not isinstance(data, Iterable):
        raise _wrong(data)
    many = iter(data)
    first = list(itertools.islice(many, 1))
    if first and not _is_file(first[0]) and not isinstance(data, set | frozenset):
        from .tables.from_rows import is_row, of_rows

        if is_row(first[0]):
            again = data if iter(data) is not many else itertools.chain(first, many)
            return [of_rows(again, f"<{type(data).__name__}>")]
    found = []
    for one in itertools.chain(first, many):
        source = _source(one)
        if source is None:
            raise _wrong(one)
        found.append(source)
    return found


def title(sources: Iterable[Where | Table]) -> str:
    """Return what messages call some sources together.

    >>> title(["a.csv", "-"])
    'a.csv, -'
    """
    names = [os.fspath(where) for where in sources if isinstance(where, str | os.PathLike)]
    return ", ".join(map(str, names)) or "the input"


def _source(data: Any) -> Where | Table | None:
    """Return what is one source; None for what may hold several, or rows."""
    if _is_file(data):
        return cast(Where, data)
    if type(data) in (list, tuple):
        return None
    from .tables.from_frames import as_table  # which takes a while to load, and few have tables

    return as_table(data)


def _is_file(data: Any) -> bool:
    """Tell whether something is a path or an open file."""
    return isinstance(data, str | os.PathLike) or (hasattr(data, "read") and not isinstance(data, Table))


def _wrong(data: object) -> WrongTypeError:
    what = f"a source is {_EXPECTED}, not {written(data)}"
    return WrongTypeError(f"{what}; bytes can be read as io.BytesIO" if isinstance(data, bytes) else what)
