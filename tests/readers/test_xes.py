"""Event logs in XML: the compiled way gives what the parser of XML gives, whatever stands in the file."""

from __future__ import annotations

import gzip
import io
import itertools
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flexstream.readers.parsing.xml_scanner import CLOSED, NAMED, OPENED, UNNAMED, Scan, Scanner, texts_of

from .. import naive

Both = Callable[..., tuple[Any, ...]]

NAME = '<string key="concept:name" value="{}"/>'
VALUES = ["a", "b&amp;c", "&#233;", "&#x1F600;&apos;&quot;&lt;&gt;", "ü€😀", "q'", "", "x\ny", "x\r\ny", "\t&#10;&#13;"]
PLAIN = [
    *(NAME.format(value) for value in VALUES),
    "<string key='concept:name' value='q\"'/>",
    '<string key="concept&#58;name" value="coded key"/>',
    '<string key="concept:&#x6e;ame" value="other key"/>',
    '<string\nvalue = "turned"\tkey="concept:name" ></string >',
    '<string key="concept:name"/>',
    '<date key="n" value="2026-01-31T23:59:00Z" />',
    '<list key="n" value="list"><values>text<string key="concept:name" value="nested"/></values></list>',
    "<!-- a comment, <trace> -->",
    "<![CDATA[ <trace> & ]] > ]]>",
    "\n",
    "\r\n\t",
    "a text > ü 'in' \"it\"",
]
ODD = [
    *("<trace>", "</trace>", "<event>", "</event>", "<event/>", "<x:trace a='1'>", "</x:trace>", "<trace/>", "</log>"),
    *("<?pi x?>", "&amp;", "&x;", "]]>", "]", "\ufffe", "\x01", "<!-- a--b -->", "<![CDATA[ ]]]]><![CDATA[", "<!x>"),
    *('<a a="1" a="2"/>', '<a b="<"/>', '<a b="&#xD800;"/>', '<a b="&#0;"/>', '<a b="&#0000000065;"/>', "<ä/>"),
    *("<a b='1'c='2'/>", "<a b/>", "<a b=1/>", '<a b="&amp"/>', "<a/ >", "< a>", "<", ">", '"', "<a", "<!DOCTYPE x>"),
    "".join(f"<e{depth}>" for depth in range(40)) + "".join(f"</e{depth}>" for depth in reversed(range(40))),
    "<a " + " ".join(f"a{number}='{number}'" for number in range(20)) + "/>",
    f"<{'long' * 99}:trace></{'long' * 99}:trace>",
    "\r",
]
HEADS = [
    "<log>",
    '<?xml version="1.0" encoding="utf-8"?>\n<log a="1">\r\n<global><string key="concept:name" value="no"/></global>',
    '<?xml version="1.0" encoding="ISO-8859-1"?><log>',
    "\ufeff<xes:log>",
    "<!-- <trace> --><log><![CDATA[<trace>]]><!-- <trace> -->",
]


def element(name: str) -> st.SearchStrategy[str]:
    """Draw an element that holds what is usual."""
    return st.lists(st.sampled_from(PLAIN), max_size=4).map(lambda parts: f"<{name}>{''.join(parts)}</{name}>")


traces = st.lists(element("event") | st.sampled_from(PLAIN), max_size=4).map(
    lambda parts: ["<trace>", *parts, "</trace>\n"]
)
bodies = st.lists(traces, max_size=5).map(lambda found: list(itertools.chain(*found)))
bounds = st.tuples(st.sampled_from([1, 7, 100, 300, 1 << 18]))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw a log with a few odd things in it, perhaps a broken byte, perhaps cut short, perhaps compressed."""
    parts = draw(bodies)
    for odd in draw(st.lists(st.sampled_from(ODD), max_size=3)):
        parts.insert(draw(st.integers(0, len(parts))), odd)
    content = bytearray("".join([draw(st.sampled_from(HEADS)), *parts, "</log>\n"]).encode())
    if draw(st.integers(0, 4)) == 0:
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    whole = gzip.compress(bytes(content), 1) if draw(st.integers(0, 4)) == 0 else bytes(content)
    return whole[: draw(st.integers(min(20, len(whole)), len(whole)))] if draw(st.integers(0, 4)) == 0 else whole


@given(damaged(), bounds, st.sampled_from(["stop", "skip"]), st.sampled_from([None, "concept:name+n", "n+n", "ü"]))
@example(b"<log><trace></trace>\n<trace><event></event></trace></log>", (1 << 18,), "skip", None)
@example(b'<log><trace></trace>\n<trace a="1', (1 << 18,), "skip", None)
@example(b"<log></log>\ntext<trace>\xd9</log>", (1 << 18,), "skip", None)
def test_the_compiled_way_is_that_of_the_parser(
    both: Both, content: bytes, bounds: Any, on_error: str, event: str | None
) -> None:
    both(content, bounds, format="xes", on_error=on_error, event=event)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("", ""),
        ("<trace>", "</trace>"),
        ("<trace><event>", "</event></trace>"),
        ("<trace><event><a>", "</a></event></trace>"),
    ],
)
@pytest.mark.parametrize("on_error", ["stop", "skip"])
def test_each_oddity_at_each_depth(both: Both, odd: str, start: str, end: str, on_error: str) -> None:
    good = f"<trace><event>{NAME.format('x')}</event></trace>\n"
    content = f"<log>{good}{start}{odd}{end}\n{good}</log>".encode()
    both(content, format="xes", on_error=on_error)


def _symbols(events: list[ET.Element]) -> list[str]:
    """Return the names of the events that have one."""
    named = [[inner.get("value", "") for inner in event if inner.get("key") == "concept:name"] for event in events]
    return [names[-1] for event, names in zip(events, named, strict=True) if event.tag == "event" and names]


def traces_of(scan: Scan) -> list[tuple[str | None, list[str]]]:
    """Put the traces of a scan together."""
    found: list[tuple[str | None, list[str]]] = []
    name: str | None = None
    first, names, texts = 0, iter(texts_of(scan.names)), texts_of(scan.texts)
    for kind, symbols, _, _ in scan.steps.tolist():
        if kind == OPENED:
            name, first = None, symbols
        elif kind in (NAMED, UNNAMED):
            name = next(names) if kind == NAMED else None
        elif kind == CLOSED:
            found.append((name, texts[first:symbols]))
    return found


@pytest.mark.twin("xml.split_traces")
@given(bodies)
def test_the_time_of_each_event_is_where_it_stands(parts: list[str]) -> None:
    """As an attribute of the symbol and as its time, a value is the same; one with references counts as none."""
    body = "".join(parts).encode()
    scan = Scanner("concept:name", ["concept:name"], "n").scan(body, 0)
    wanted = naive.split_log(f"<log>{body.decode()}</log>", "concept:name", ["concept:name"])
    assert traces_of(scan) == wanted
    trees = [event for trace in ET.fromstring(b"<log>" + body + b"</log>").findall("trace") for event in trace]
    times = [
        {inner.get("key"): inner.get("value", "") for inner in event}.get("n")
        for event in trees
        if event.tag == "event" and any(inner.get("key") == "concept:name" for inner in event)
    ]
    named = [found for found, symbol in zip(times, _symbols(trees), strict=True) if symbol.strip()]
    for found, (start, stop) in zip(named, scan.moments.tolist(), strict=True):
        if start >= 0:
            assert body[start:stop].decode() == found
        else:
            assert not found or b"&" in body or b"\n" in body


@pytest.mark.twin("xml.split_traces")
@given(bodies, st.sampled_from([["concept:name"], ["concept:name", "n"], ["n", "n"]]))
def test_a_log_is_split_as_a_tree_of_elements_is(parts: list[str], keys: list[str]) -> None:
    body = "".join(parts)
    scan = Scanner("concept:name", keys).scan(body.encode(), 0)
    assert (scan.usual, body.encode()[scan.stop :].strip()) == (True, b"")
    assert traces_of(scan) == naive.split_log(f"<log>{body}</log>", "concept:name", keys)


def logged(names: list[str], events: int = 3, odd: str = "") -> bytes:
    """Write traces with these names, perhaps with something odd in each."""
    event = "<event>" + "".join(f'\n<string key="k{number}" value="some text"/>' for number in range(9)) + "</event>"
    event = event.replace("k4", "concept:name")
    trace = "<trace><string key='concept:name' value={}/>" + odd + events * event + "</trace>\n"
    return ("<log>\n" + "".join(trace.format(quoteattr(name)) for name in names) + "</log>\n").encode()


class Counting:
    """Counts the bytes that a parser of XML gets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parsed = 0
        create = expat.ParserCreate
        monkeypatch.setattr(expat, "ParserCreate", lambda: _Counted(self, create()))


class _Counted:
    def __init__(self, counting: Counting, parser: Any) -> None:
        self.__dict__.update(_counting=counting, _parser=parser)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._parser, name, value)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)

    def Parse(self, data: bytes, last: bool) -> None:  # noqa: N802
        self._counting.parsed += len(data)
        self._parser.Parse(data, last)


class TestWhoReads:
    def test_what_is_usual_does_not_reach_the_parser(self, read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        counting, content = Counting(monkeypatch), logged([f"c{number} & ü" for number in range(1000)])
        assert len(content) > 1 << 20
        assert read(io.BytesIO(content)).names == [f"c{number} & ü" for number in range(1000)]
        assert counting.parsed < 100

    def test_the_compiled_way_goes_on_behind_an_oddity(
        self, read: Any, both: Both, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usual, odd = logged(["a"] * 200), logged(["b"] * 3, odd="<?x?>")
        content = usual.replace(b"</log>\n", odd.removeprefix(b"<log>\n").removesuffix(b"</log>\n") * 2 + usual[6:])
        both(content)
        counting = Counting(monkeypatch)
        assert len(read(io.BytesIO(content)).traces) == 406
        assert counting.parsed < 3 * len(odd)

    def test_a_long_trace_is_read_in_pieces(self, read: Any, both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
        content = logged(["a"], events=2000)
        both(content)
        counting = Counting(monkeypatch)
        assert len(read(io.BytesIO(content)).traces[0]) == 2000
        assert counting.parsed < 100

    @pytest.mark.parametrize("piece", [1, 100, 5000])
    def test_bytes_that_wait_are_looked_at_a_bounded_number_of_times(
        self, dripping: Any, read: Any, monkeypatch: pytest.MonkeyPatch, piece: int
    ) -> None:
        content = logged(["a"] * 20).replace(b"some text", b"some text" * 40)
        seen, scan = 0, Scanner.scan

        def noted(self: Scanner, data: bytes, start: int) -> Scan:
            nonlocal seen
            seen += len(data) - start
            return scan(self, data, start)

        monkeypatch.setattr(Scanner, "scan", noted)
        assert len(read(dripping(content, piece)).traces) == 20
        assert seen <= 3 * len(content)
