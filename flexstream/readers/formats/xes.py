"""Format ``xes``: event logs in XML (IEEE 1849), read as they stream by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...errors import DataError, parameter
from ..diagnostics import shown
from ..format import Format
from ..items import Trace
from ..parsing.context import ReadContext
from ..source.text import Head, Source

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

NAME = "concept:name"
_LOG = re.compile(r"<(?:\w+:)?log[\s>]")


def matches(head: Head) -> bool:
    """Whether the text is XML; no other format begins with ``<?xml`` or a ``<log>`` element."""
    text = head.text.lstrip()
    return text.startswith(("<?xml", "<!DOCTYPE", "<!--")) or _LOG.match(text) is not None


def read(source: Source, context: ReadContext) -> Iterator[Trace]:
    """Yield the traces of a source; those before a break, complete events of a broken trace included.

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
    log = _Log(source.name, context)
    failure: DataError | None = None
    try:
        for chunk in source.chunks():
            log.feed(chunk)
            yield from log.take()
        log.feed(b"", last=True)
    except DataError as error:
        failure = error
    yield from log.take(broken=failure is not None)
    if failure is not None:
        line = log.line if failure.line is None else failure.line
        context.bad(failure.source, line, failure.problem, failure.expected)


class _Log:
    """Follows the tags down to ``log/trace/event`` and the attributes directly inside the last two."""

    def __init__(self, name: str, context: ReadContext) -> None:
        self._name = name
        self._context = context
        wanted = context.options.event or NAME
        self._keys = wanted.split("+")
        self._wanted = frozenset(self._keys)
        self._case = context.options.case or NAME
        self._parser = self._new_parser()
        self._depth = 0
        self._in_trace = self._in_event = False
        self._done: list[Trace] = []
        self._trace: str | None = None
        self._symbols: list[str] = []
        self._event: dict[str, str] = {}

    def _new_parser(self) -> XMLParserType:
        from xml.parsers import expat

        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        self._broken = expat.ExpatError
        self._why = expat.ErrorString
        return parser

    @property
    def line(self) -> int:
        """Where the parser is."""
        return self._parser.CurrentLineNumber

    def feed(self, chunk: bytes, last: bool = False) -> None:
        """Parse some more bytes."""
        try:
            self._parser.Parse(chunk, last)
        except self._broken as error:
            problem = f"broken XML: {self._why(error.code)}"
            expected = "a well-formed XES file"
            raise DataError(self._name, error.lineno, problem, expected) from None
        except (LookupError, ValueError) as error:  # the encoding that the XML declaration names
            problem = f"broken XML: {shown(str(error), 60)}"
            raise DataError(self._name, self.line, problem, "a well-formed XES file in UTF-8") from None

    def take(self, broken: bool = False) -> list[Trace]:
        """Return the traces that have ended since the last call, and at a break what there is of the last."""
        if broken and self._symbols:
            self._finish()
        done, self._done = self._done, []
        return done

    def _doctype(self, *_: object) -> None:
        # Entities defined in a DTD can expand to gigabytes or pull in other files; XES has no use for them.
        problem = "document type declarations and entities are refused"
        raise DataError(self._name, self.line, problem, "XES without a DOCTYPE")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        # Most tags are attributes of events that nobody asked for: they leave through the first test.
        depth = self._depth = self._depth + 1
        if depth == 4:
            if self._in_event and attributes.get("key") in self._wanted:
                self._event[attributes["key"]] = attributes.get("value", "")
        elif depth == 3 and self._in_trace:
            if _local(tag) == "event":
                self._in_event, self._event = True, {}
            elif attributes.get("key") == self._case:
                self._trace = attributes.get("value")
        elif depth == 2 and _local(tag) == "trace":
            self._in_trace, self._trace, self._symbols = True, None, []
        elif depth == 2 and _local(tag) == "event":
            self._context.bad(self._name, self.line, "event outside a trace", "events inside <trace>")
        elif depth == 1 and _local(tag) != "log":
            raise DataError(self._name, self.line, f"root element {shown(tag)}", "an XES <log> element")

    def _end(self, _: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        if depth == 3 and self._in_event:
            self._in_event = False
            self._add()
        elif depth == 2 and self._in_trace:
            self._in_trace = False
            self._finish()

    def _add(self) -> None:
        missing = [key for key in self._keys if key not in self._event]
        if missing:
            problem = f"event without {shown(missing[0])}"
            self._context.bad(self._name, self.line, problem, f"this attribute; name another with {parameter('event')}")
            return
        self._symbols.append("+".join([self._event[key] for key in self._keys]))

    def _finish(self) -> None:
        self._done.append(Trace(self._trace, self._symbols))
        self._symbols = []


def _local(tag: str) -> str:
    """Return the name of a tag without its namespace prefix."""
    return tag.rpartition(":")[2]


FORMAT = Format(matches, read, has_fields=True)
