"""Input formats: from bytes to batches of traces.

A format is a :class:`~flexstream.readers.format.Format`, a file of ``formats/`` with a constant ``FORMAT``.  To add
one, add its file and one line in `FORMATS`, the more specific before the more general.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import cast

from ..errors import DataError, UsageError
from ..registry import Registry
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from .context import ReadContext
from .format import Format
from .items import Event, Item, Trace
from .options import ReadOptions
from .sessions.assembler import assemble
from .source.raw import Where
from .source.text import Head, Source

__all__ = [
    "FORMATS",
    "Event",
    "Head",
    "ReadContext",
    "ReadOptions",
    "Source",
    "Trace",
    "assemble",
    "guess",
    "read_batches",
    "read_items",
]

FORMATS: Registry[Format] = Registry(
    f"{__name__}.formats",
    "input format",
    {
        "xes": "xes.FORMAT",
        "jsonl": "jsonl.FORMAT",
        "pautomac": "pautomac.FORMAT",
        "abbadingo": "abbadingo.FORMAT",
        "csv": "csv.FORMAT",
        "log": "log.FORMAT",
        "lines": "lines.FORMAT",
    },
)
"""The formats by name, in the order in which they are tried."""

# A first line of two numbers may be a header or a trace; the lines below it tell.
_LINES_BELOW_HEADER = 4


def guess(head: Head) -> str:
    """Return the name of the first format that matches.

    Examples
    --------
    >>> guess(Head(b"2 5\\n3 4 0 4\\n0\\n")), guess(Head(b"case,event\\n")), guess(Head(b"load run\\n"))
    ('pautomac', 'csv', 'lines')
    """
    return next((name for name, format in FORMATS.items() if format.matches(head)), "lines")


def read_batches(
    sources: Where | Iterable[Where],
    alphabet: Alphabet,
    options: ReadOptions | None = None,
    context: ReadContext | None = None,
) -> Iterator[TraceBatch]:
    """Read sources one after the other; cases and windows go on from one to the next.

    Parameters
    ----------
    sources : path, ``"-"`` for stdin, binary file object, or an iterable of them
        What to read. With ``options.follow`` the last one is waited for at its end.
    alphabet : Alphabet
        Grows by the symbols it has not seen.
    options : ReadOptions, optional
        How to read; by default those of the context.
    context : ReadContext, optional
        Receives notes and counts.

    Yields
    ------
    TraceBatch
        Traces in the order in which they end.

    Raises
    ------
    DataError
        At the first bad line (unless bad lines are skipped) or unreadable source, after all that was
        read before it has been yielded.
    UsageError
        If the options do not fit the data.

    Examples
    --------
    >>> import io
    >>> alphabet = Alphabet()
    >>> for batch in read_batches(io.BytesIO(b"load run\\nload\\n"), alphabet):
    ...     [[alphabet.text(symbol) for symbol in trace] for trace in batch]
    [['load', 'run'], ['load']]
    """
    if context is None:
        context = ReadContext()
    if options is not None:
        context.options = options
    if context.options.format is not None:
        FORMATS.known(context.options.format)  # told before anything is opened
    from .parsing.tokeniser import Tokeniser  # compiled loops, which only those need who read

    context.tokeniser = Tokeniser(alphabet)
    return assemble(read_items(sources, context), alphabet, context=context)


def read_items(sources: Where | Iterable[Where], context: ReadContext) -> Iterator[Item]:
    """Yield what the formats read, source by source: `read_batches` before cases are put together."""
    listed = _listed(sources)
    for position, where in enumerate(listed):
        # What a pipe already held when the stop came counts, so the first source is always looked at.
        if position and context.switch.requested:
            return
        follow = context.options.follow and position == len(listed) - 1
        yield from _read_source(where, context, follow)


def _listed(sources: Where | Iterable[Where]) -> list[Where]:
    """Return the sources one by one; an open file is itself an iterable, of lines."""
    if isinstance(sources, str | os.PathLike) or hasattr(sources, "read"):
        return [cast(Where, sources)]
    return list(sources)


def _read_source(where: Where, context: ReadContext, follow: bool) -> Iterator[Item]:
    name = context.options.format
    while True:
        with Source(where, follow, context.switch) as source:
            head = _head(source, context)
            if not head.data and not source.rotated:
                if not context.switch.requested:
                    _nothing(source, context)
                return
            if head.data:
                name = name or ("log" if context.options.pattern is not None else guess(head))
                yield from _fitting(name, source, context).read(source, context)
            if not source.rotated:
                return


def _fitting(name: str, source: Source, context: ReadContext) -> Format:
    """Return a format, unless the user named columns that it cannot have."""
    format = FORMATS[name]
    if context.options.fields and not format.has_fields:
        how = "groups in --pattern name them" if name == "log" else "--format says what it is instead"
        given = ", ".join(context.options.fields)
        raise UsageError(f"{source.name} is read as {name}, which has no columns ({given}); {how}")
    return format


def _nothing(source: Source, context: ReadContext) -> None:
    """Say why a source has no first byte."""
    error = DataError(source.name, None, "is empty", "at least one trace or event")
    try:
        next(source.chunks(), None)
    except DataError as failure:
        error = failure
    context.bad(error.source, error.line, error.problem, error.expected)


def _head(source: Source, context: ReadContext) -> Head:
    head = source.head(fields=context.options.fields)
    if head.filled and head.filled[0].replace(" ", "").isdigit():
        head = source.head(_LINES_BELOW_HEADER, context.options.fields)
    return head
