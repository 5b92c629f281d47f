"""Format ``lines``: one trace a line, symbols apart by blanks; an empty line is an empty trace."""

from __future__ import annotations

from collections.abc import Iterator

from .context import ReadContext
from .items import Trace, split
from .sources import Head, Source


def matches(head: Head) -> bool:
    """Any text will do, so this is the last format that is tried."""
    return bool(head.data)


def read(source: Source, context: ReadContext) -> Iterator[Trace]:
    """Yield the traces of a source.

    Examples
    --------
    >>> import io
    >>> with Source(io.BytesIO(b"load run\\n\\nrun\\n")) as source:
    ...     [trace.symbols for trace in read(source, ReadContext())]
    [['load', 'run'], [], ['run']]
    """
    context.describe(source.name, "lines")
    for _, text in source.lines(context):
        yield Trace(None, split(text))
