"""An event log in XML as its bytes stream by, read by the compiled loop where that can, by a parser elsewhere."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..budget import format_memory
from ..errors import DataError, parameter
from .diagnostics import shown
from .parsing.blank import LEFT_OUT, is_no_case, is_no_event
from .parsing.context import ReadContext
from .parsing.lifecycle import KEY, Lifecycle
from .parsing.masking import masked, remembering
from .parsing.membership import joined
from .parsing.xml_beyond import TRACE_OR_END, Beyond, LimitError
from .parsing.xml_scanner import (
    CLOSED,
    NAMED,
    OPENED,
    UNNAMED,
    Scan,
    Scanner,
    Whole,
    name_of,
    names_of,
    spans_of_texts,
    texts_of,
    whole_traces,
)
from .sessions.gathering import Gatherer
from .sessions.trace_block import TraceBlock, TraceTexts
from .source.blocks import raised
from .source.cursor import lines_ended
from .source.encodings import beyond_utf8
from .texts import MASK

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

NAME, TIME = "concept:name", "time:timestamp"
LONGEST_TOKEN = 1 << 22
"""Bytes of a tag or a comment: expat looks at what is not whole yet again and again, from its beginning."""
_DEEPEST = 1000
"""Elements inside one another; lists in the attributes of events are a few deep."""
_EVENT_BYTES = 128  # of a trace that is read


class XesLog:
    """Follows the tags down to ``log/trace/event`` and the attributes directly inside the last two."""

    def __init__(self, name: str, context: ReadContext, converted: bool = False, longest: int = LONGEST_TOKEN) -> None:
        self._name, self._context, self._converted, self._longest = name, context, converted, longest
        wanted = context.options.event or NAME
        self._keys = wanted.split("+")
        self._time = TIME if context.options.time is None else context.options.time
        self._lifecycle = Lifecycle.of(context.options.lifecycle)
        self._most = sys.maxsize if context.case_bytes is None else max(1000, context.case_bytes // _EVENT_BYTES)
        self._left_out = False
        self._mask = remembering(masked) if context.options.mask else None
        self._hidden = context.hidden(self._keys)
        self._wanted = frozenset((*self._keys, self._time, *(() if self._lifecycle is None else (KEY,))))
        self._case = context.options.case or NAME
        self._per, self._member = context.per, ""
        if self._per is not None:
            self._wanted |= {self._per}
        self._timed = context.options.needs_times is not None
        self._parser = self._new_parser()
        self._depth = 0
        self._in_trace = self._in_event = False
        self.traces = Gatherer(TraceTexts(context.tokeniser), context)  # that have ended
        self._trace: str | None = None
        self._symbols: list[str] = []
        self._moments: list[float] = []  # when they happened, NaN where that is not known
        self._event: dict[str, str] = {}
        # The fast path: bytes that wait for more, lines passed over, bytes that the parser has had.
        self._scanner = Scanner(self._case, self._keys, self._time)
        whole = self._lifecycle is None and (self._mask is None or len(self._keys) == 1)  # symbols are not put together
        self._may_scan = context.tokeniser is not None and self._scanner.possible and whole and self._per is None
        self._scanning = self._in_section = False
        self._rest, self._lines, self._parsed = b"", 0, 0
        self._root, self._token, self._ended = "", b"", 0  # of what the parser has had: root, open token, lines
        self._beyond: Beyond | None = None  # looks for the next trace

    def _new_parser(self) -> XMLParserType:
        from xml.parsers import expat

        # What was made UTF-8 still says what it was before.
        parser = expat.ParserCreate("utf-8") if self._converted else expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        parser.XmlDeclHandler = self._declaration
        parser.StartCdataSectionHandler = lambda: self._section(True)
        parser.EndCdataSectionHandler = lambda: self._section(False)
        self._broken = expat.ExpatError
        self._why = expat.ErrorString
        return parser

    @property
    def line(self) -> int:
        """Where the parser is."""
        return self._lines + self._parser.CurrentLineNumber

    def feed(self, chunk: bytes, last: bool = False) -> None:
        """Read some more bytes."""
        data, at = self._rest + chunk, 0
        if last or len(chunk) < len(self._rest):  # looked at again and again, bytes would take quadratic time
            self._hand_over()
        self._rest = b""
        if last and self._beyond is None:
            self._parse(data)
            self._parse(b"", last=True)
            return
        while at < len(data):
            if self._beyond is not None:
                at = self._pass_over(self._beyond, data, at)
                if self._beyond is not None:
                    self._rest = data[at:]
                    return
            elif self._scanning:
                at = self._scan(data, at)
                if self._scanning:
                    self._rest = data[at:]
                    return
            else:
                at = self._parse_within(data, at)

    def _parse_within(self, data: bytes, at: int) -> int:
        """Parse some bytes; what is beyond a limit is left out with the trace that holds it, if bad lines are."""
        before, ended = self._parsed, self._ended
        try:
            return self._parse_some(data, at)
        except LimitError as error:
            self._context.bad(self._name, error.line, error.problem, error.expected)
            known = self._parser.CurrentByteIndex - before  # where it begins in these bytes, if it does
            begin = at + max(0, known)
            self._lines += ended + lines_ended(data, at, begin)
            self._beyond = Beyond(data[begin : begin + 4] if known >= 0 else self._token)
            self._parser, self._parsed, self._ended, self._depth = self._new_parser(), 0, 0, 0
            self._in_trace = self._in_event = self._in_section = self._scanning = self._left_out = False
            self._symbols, self._moments = [], []
            return begin + int(known >= 0)  # which is no trace to go on with

    def _pass_over(self, beyond: Beyond, data: bytes, at: int) -> int:
        """Go on behind what is beyond a limit, at the next trace; return where that is, or up to where it is looked."""
        stop = beyond.behind(data, at)
        self._lines += lines_ended(data, at, stop)
        if beyond.found:
            self._beyond = None
            self._parse(f"<{self._root}>".encode())
            self._scanning = self._may_scan and not data.startswith(b"</", stop)
        return stop

    def settle(self, failure: DataError) -> DataError:
        """Return what ended the reading: the parser may find something in what still waited for more bytes."""
        rest, self._rest = self._rest, b""
        try:
            self._hand_over()
            self._parse(rest)
        except DataError as error:
            return error if rest else failure
        return failure

    def _scan(self, data: bytes, at: int) -> int:
        """Read traces by the compiled loop; return up to where, and go over to the parser where it has to go on."""
        scan = self._scanner.scan(data, at)
        moments, whole, steps = self._seconds(data, scan), whole_traces(scan.steps), len(scan.steps)
        names = [] if whole is None else names_of(scan, whole)
        if whole is None or not self._may_add(whole, names, moments):
            self._follow(data, at, scan, moments, (0, steps))
        else:
            self._follow(data, at, scan, moments, (0, whole.start))
            self._add_whole(scan, whole, names, moments)
            self._follow(data, at, scan, moments, (whole.stop, steps))
        if len(self._symbols) > self._most:
            self._leave_out(self.line + lines_ended(data, at, scan.stop))
        self._lines += lines_ended(data, at, scan.stop)
        if not scan.usual:
            self._hand_over()
        return scan.stop

    def _follow(self, data: bytes, at: int, scan: Scan, moments: NDArray[np.float64], part: tuple[int, int]) -> None:
        """Go through some of the steps of a scan, one by one, and take the symbols up to where the next are."""
        start, stop = part
        first = int(scan.steps[start - 1, 1]) if start else 0
        last = int(scan.steps[stop, 1]) if stop < len(scan.steps) else len(scan.moments)
        texts = texts_of(scan.texts, first, last)
        if self._mask is not None:
            texts = list(map(self._mask, texts))
        times, taken = moments[first:last].tolist(), 0
        names = iter(texts_of(scan.names)[int((scan.steps[:start, 0] == NAMED).sum()) :]) if stop > start else iter(())
        for kind, symbols, position, key in scan.steps[start:stop].tolist():
            self._symbols += texts[taken : symbols - first]
            self._moments += times[taken : symbols - first]
            taken = symbols - first
            if kind == OPENED:
                self._trace, self._symbols, self._moments = None, [], []
            elif kind == CLOSED:
                self._finish(data, at, position)
            elif kind in (NAMED, UNNAMED):
                self._trace = name_of(next(names)) if kind == NAMED else None
            else:
                self._lacks(self._keys[key], self.line + lines_ended(data, at, position))
        self._symbols += texts[taken:]
        self._moments += times[taken:]

    def _may_add(self, whole: Whole, names: list[str | None], moments: NDArray[np.float64]) -> bool:
        """Tell whether nothing has to be said of any of many traces."""
        if self._context.options.case and None in names:
            return False
        events = moments[whole.symbols : whole.symbols + int(whole.lengths.sum())]
        return not (self._timed and np.isnan(events).any())

    def _add_whole(self, scan: Scan, whole: Whole, names: list[str | None], moments: NDArray[np.float64]) -> None:
        """Take many traces."""
        start, stop = whole.symbols, whole.symbols + int(whole.lengths.sum())
        if self._mask is None:
            numbers = self.traces.texts.find_spans(scan.texts, spans_of_texts(scan.texts)[start:stop])
        else:
            numbers = self.traces.texts.find(list(map(self._mask, texts_of(scan.texts, start, stop))))
        self.traces.add_all(names, numbers, whole.lengths, moments[start:stop])

    def _seconds(self, data: bytes, scan: Scan) -> NDArray[np.float64]:
        """Return when the events of a scan happened."""
        seconds = self._context.clock.many(np.frombuffer(data, np.uint8), scan.moments, 0, lenient=True)
        self._context.tell_riddle(self._name)
        return seconds

    def _hand_over(self) -> None:
        """Let the parser go on where the compiled loop has stopped, inside a trace if one is open."""
        self._scanning = False
        if self._scanner.tag:
            trace, symbols, moments = self._trace, self._symbols, self._moments
            self._parse(b"<" + self._scanner.tag + b">")
            self._trace, self._symbols, self._moments = trace, symbols, moments
            self._scanner.close()

    def _parse_some(self, data: bytes, at: int) -> int:
        """Parse bytes up to the next trace; return where that begins, from where on they can be scanned, or their end.

        They can if the parser has used up all it has had and is right inside the log.
        """
        start = at if data.startswith(b"</", at) else at + 1
        # Within a comment, which may hold many that are none, the parser would begin anew at each.
        found = TRACE_OR_END.search(data, start) if self._may_scan and not self._token else None
        # What the parser says of bytes behind the log hangs on where they are cut.
        ends = found is None or found[0].startswith(b"</")
        stop = len(data) if found is None or ends else found.start()
        self._parse(data[at:stop])
        used_up = self._parser.CurrentByteIndex == self._parsed
        self._scanning = not ends and used_up and self._depth == 1 and self._may_scan and not self._in_section
        return stop

    def _parse(self, data: bytes, last: bool = False) -> None:
        before, self._parsed = self._parsed, self._parsed + len(data)
        try:
            self._parser.Parse(data, last)
        except self._broken as error:
            problem = f"broken XML: {self._why(error.code)}"
            expected = f"a well-formed XES file{beyond_utf8(data[self._parser.ErrorByteIndex - before :])}"
            raise DataError(self._name, self._lines + error.lineno, problem, expected) from None
        except (LookupError, ValueError) as error:  # the encoding that the XML declaration names
            problem = f"broken XML: {shown(str(error), 60)}"
            raise DataError(self._name, self.line, problem, "a well-formed XES file in UTF-8") from None
        self._ended += lines_ended(data, 0, len(data))
        index = self._parser.CurrentByteIndex
        self._token = data[index - before :][:4] if index >= before else (self._token + data)[:4]
        if self._parsed - index > self._longest:
            problem = f"a tag or a comment longer than {format_memory(self._longest)}"
            raise LimitError(self._name, self.line, problem, f"shorter ones; {raised()}")

    def _declaration(self, _: str, encoding: str | None, __: int) -> None:
        readable = self._converted or encoding is None or encoding.lower() == "utf-8"
        self._may_scan = self._may_scan and readable

    def _section(self, inside: bool) -> None:
        self._in_section = inside

    def take(self, broken: bool = False) -> list[TraceBlock]:
        """Return the traces that have ended since the last call; at a break also the open one."""
        if broken and self._symbols:
            self._finish()
        return self.traces.take()

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
            else:
                self._attribute(attributes.get("key"), attributes.get("value", ""))
        elif depth == 2 and _local(tag) == "trace":
            self._in_trace, self._trace, self._symbols, self._moments, self._member = True, None, [], [], ""
        elif depth == 2 and _local(tag) == "event":
            self._context.bad(self._name, self.line, "event outside a trace", "events inside <trace>")
        elif depth > _DEEPEST:
            raise LimitError(
                self._name, self.line, f"{_DEEPEST} elements inside one another", "elements that are closed"
            )
        elif depth == 1:
            self._root = tag
            if _local(tag) != "log":
                raise DataError(self._name, self.line, f"root element {shown(tag)}", "an XES <log> element")

    def _attribute(self, key: str | None, value: str) -> None:
        """Take an attribute of a trace."""
        if key == self._case:
            self._trace = name_of(value)
        if key == self._per:
            self._member = value

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
            self._lacks(missing[0], self.line)
            return
        if self._per is not None:
            self._member = self._member or self._event.get(self._per, "")
        symbols = [MASK if key in self._hidden else self._event[key] for key in self._keys]
        if all(map(is_no_event, symbols)):
            self._lacks(self._keys[0], self.line)
            return
        symbol = "+".join(symbols if self._mask is None else map(self._mask, symbols))
        kept = symbol if self._lifecycle is None else self._lifecycle.symbol(symbol, self._event.get(KEY, ""))
        if kept is not None:
            self._symbols.append(kept)
            self._moments.append(self._context.clock.seconds_or_nan(self._event.get(self._time, "")))
            if len(self._symbols) > self._most:
                self._leave_out(self.line)
            self._context.tell_riddle(self._name)

    def _leave_out(self, line: int) -> None:
        """Leave out a trace of more events than are held."""
        if not self._left_out:
            problem = f"a trace of more than {self._most:,} events"
            more = f"shorter ones; more {parameter('memory')} holds longer ones"
            self._context.bad(self._name, line, problem, more)
        self._left_out, self._symbols, self._moments = True, [], []

    def _lacks(self, key: str, line: int) -> None:
        problem = f"event without {shown(key)}"
        expected = f"this attribute; name another with {parameter('event')}, {LEFT_OUT}"
        self._context.bad(self._name, line, problem, expected)

    def _finish(self, data: bytes = b"", start: int = 0, stop: int = 0) -> None:
        """Hand on the trace that has ended, a part of some bytes behind where the parser is."""
        symbols, moments, left_out = self._symbols, self._moments, self._left_out
        self._symbols, self._moments, self._left_out = [], [], False
        if left_out:
            return
        lost = self._without_effect(moments)
        if lost is not None:
            key, option = lost
            expected = f"this attribute; name another with {parameter(option)}, {LEFT_OUT}"
            self._context.bad(
                self._name, self.line + lines_ended(data, start, stop), f"trace without {shown(key)}", expected
            )
            return
        name = self._trace if self._per is None else joined(self._member, self._trace)
        self.traces.add(name, symbols, moments)

    def _without_effect(self, moments: list[float]) -> tuple[str, str] | None:
        """Return the attribute that a trace lacks though the user named it, and the option that did."""
        options = self._context.options
        if options.case and self._trace is None:
            return options.case, "case"
        if self._timed and moments and all(map(math.isnan, moments)):
            return self._time, "time"
        if self._per is not None and is_no_case(self._member):
            return self._per, "per"
        return None


def _local(tag: str) -> str:
    """Return the name of a tag without its namespace prefix."""
    return tag.rpartition(":")[2]
