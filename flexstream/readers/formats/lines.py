"""Format ``lines``: one trace a line, symbols apart by blanks; an empty line is an empty trace."""

from __future__ import annotations

from collections.abc import Iterator

from ...stream.batch import TraceBatch
from ..format import Format
from ..items import Trace, split
from ..parsing.context import ReadContext
from ..placing import lined
from ..source.text import Head, Source, is_utf8


def matches(head: Head) -> bool:
    """Any text will do, so this is the last format that is tried."""
    return bool(head.data)


def read(source: Source, context: ReadContext) -> Iterator[Trace | TraceBatch]:
    """Yield the traces of a source.

    Examples
    --------
    >>> import io
    >>> with Source(io.BytesIO(b"load run\\n\\nrun\\n")) as source:
    ...     [trace.symbols for trace in read(source, ReadContext())]
    [['load', 'run'], [], ['run']]
    """
    context.describe(source.name, "lines")
    tokeniser = context.tokeniser
    for number, block in source.blocks(context):
        if tokeniser is not None and is_utf8(block):
            batch = tokeniser.split(block)
            if batch is not None:
                yield lined(batch, number) if context.origins else batch
        else:
            yield from (Trace(None, split(text)) for _, text in source.decoded(block, number, context))


FORMAT = Format(matches, read)
