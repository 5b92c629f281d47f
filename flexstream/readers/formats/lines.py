"""Format ``lines``: one trace a line, symbols apart by blanks or a sign; an empty line is an empty trace."""

from __future__ import annotations

from collections.abc import Iterator

from ...stream.batch import TraceBatch
from ..format import Format
from ..items import Trace, split
from ..parsing.context import ReadContext
from ..placing import lined
from ..source.text import LINES, Head, Source, is_utf8


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
    if context.options.format is None:
        from ..parsing.aligned import ALIGNED, is_aligned

        if is_aligned(source.head(LINES).filled):
            context.note(f"{source.name}: {ALIGNED}")
    separator, tokeniser = _separator(source, context), context.tokeniser
    for number, block in source.blocks(context):
        if separator is None and tokeniser is not None and is_utf8(block):
            batch = tokeniser.split(block)
            if batch is not None:
                yield lined(batch, number) if context.origins else batch
        else:
            yield from (Trace(None, split(text, separator)) for _, text in source.decoded(block, number, context))


def _separator(source: Source, context: ReadContext) -> str | None:
    """Return what stands between symbols: what was given, or what is found; None for blanks."""
    given = context.options.delimiter
    if given is not None or context.options.format is not None:
        return given.strip() or None if given is not None else None
    return context.separator(source.name, "lines", source.head(LINES).filled)


FORMAT = Format(matches, read, uses=frozenset({"delimiter"}))
