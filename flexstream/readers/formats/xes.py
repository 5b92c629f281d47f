"""Format ``xes``: event logs in XML (IEEE 1849), read as they stream by.

A parser reads the log's head; traces are read by a compiled loop, which understands what is usual and passes over
nothing but well-formed XML.  Where it meets anything else, the parser goes on from the last place that was clear, as
though what was passed over had not been there, up to the next trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, repeat

import numpy as np

from ...errors import DataError
from ..format import Format
from ..items import Trace, Traces
from ..options import FIELDS
from ..parsing.context import ReadContext
from ..parsing.lifecycle import KEY, told
from ..sessions.trace_block import TraceBlock, TraceTexts
from ..sessions.trace_order import TraceOrder
from ..source.encodings import UTF8
from ..source.text import MOST_ROWS, Head, Source
from ..xes_log import LONGEST_TOKEN, XesLog

ENOUGH = 1 << 14
"""Events of traces that are put in order at once, where nobody waits for them."""
_TRANSITION = re.compile(r"""key=["']lifecycle:transition["']\s+value=["']([^"'<>]*)["']""")
_LOG = re.compile(r"<(?:\w+:)?log[\s>]")


def matches(head: Head) -> bool:
    """Whether the text is XML; no other format begins with ``<?xml`` or a ``<log>`` element."""
    text = head.text.lstrip()
    return text.startswith(("<?xml", "<!DOCTYPE", "<!--")) or _LOG.match(text) is not None


def read(source: Source, context: ReadContext) -> Iterator[Trace | Traces]:
    """Yield the traces of a source in the order of their first times, as far as they have any.

    Those before a break are among them, and complete events of a broken trace.

    The parser cannot be set up in the middle of a document, so that its batches have no position to read on from.

    Examples
    --------
    >>> import io
    >>> event = b'<event><string key="concept:name" value="load"/></event>'
    >>> text = b'<log><trace><string key="concept:name" value="lot 7"/>' + event + b"</trace></log>"
    >>> with Source(io.BytesIO(text)) as source:
    ...     list(read(source, ReadContext()))
    [Trace(name='lot 7', symbols=['load'])]
    """
    context.describe(source.name, "xes")
    _tell_lifecycle(source, context)
    longest = source.longest if context.options.longest_line else min(source.longest, LONGEST_TOKEN)
    log = XesLog(source.name, context, source.encoding != UTF8, longest)
    order = TraceOrder(context, context.case_bytes, log.traces.texts)
    failure: DataError | None = None
    try:
        for chunk in source.chunks():
            source.tell_encoding(context)
            log.feed(chunk)
            if context.live or log.traces.events >= ENOUGH:
                yield from _items(order.sorted(log.take()), log.traces.texts, context)
        log.feed(b"", last=True)
    except DataError as error:
        failure = log.settle(error)
    rest = chain(order.sorted(log.take(broken=failure is not None)), order.rest())
    yield from _items(rest, log.traces.texts, context)
    if failure is not None:
        line = log.line if failure.line is None else failure.line
        context.bad(failure.source, line, failure.problem, failure.expected)


def _items(blocks: Iterable[TraceBlock], texts: TraceTexts, context: ReadContext) -> Iterator[Trace | Traces]:
    """Hand on traces: one by one where each needs a look, or has a place of its own."""
    for block in blocks:
        if context.tokeniser is not None and not context.origins:
            yield Traces(block.names, texts.ids(block.symbols), block.lengths, block.spans)
            continue
        stops, symbols = np.cumsum(block.lengths), texts.symbols(block.symbols)
        spans = repeat(None) if block.spans is None else np.split(block.spans, stops[:-1])
        for name, stop, length, own in zip(block.names, stops.tolist(), block.lengths.tolist(), spans, strict=False):
            yield Trace(name, symbols[stop - length : stop], own)


def _tell_lifecycle(source: Source, context: ReadContext) -> None:
    """Tell of lifecycles that are left out of the names of events."""
    if context.options.lifecycle is not None or KEY in (context.options.event or ""):
        return
    said = told(KEY, _TRANSITION.findall(source.head(MOST_ROWS).text))
    if said is not None:
        context.note(f"{source.name}: {said}")


FORMAT = Format(matches, read, uses=FIELDS | {"time_format", "lifecycle", "mask"}, opens=matches)
