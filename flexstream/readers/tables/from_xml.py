"""Events in XML that is no XES, each read as an object: those of Windows, and of MXML, the form before XES.

Sources: Microsoft, Event Schema, as ``wevtutil`` and the Event Viewer write it; van Dongen & van der Aalst, "A meta
model for process mining data", 2005.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from ...errors import DataError
from .tabular import Table

WINDOWS, MXML = "events of Windows", "MXML"
_EVENT = {WINDOWS: "Event", MXML: "AuditTrailEntry"}
_CASE = "ProcessInstance"
_NAMES = {"EventType": "lifecycle:transition", "WorkflowModelElement": "activity", "WorkFlowModelElement": "activity"}
"""What MXML calls what has a usual name."""
_DECLARATION = re.compile(rb"\s*<\?xml[^>]*\?>")
_DEEPEST = 100
_MOST, _TAG, _MOST_FIELDS = 1 << 24, 1 << 22, 1 << 12
"""Characters of the longest text, and bytes of the longest tag."""


def of_xml(name: str, kind: str, chunks: Iterator[bytes]) -> Table:
    """Return events in XML as rows.

    Parameters
    ----------
    name : str
        Of the source, for errors.
    kind : str
        What they are, `WINDOWS` or `MXML`.
    chunks : iterator of bytes
        All of it, as they arrive; without one element around all events, too.

    Examples
    --------
    >>> text = b"<Event><System><EventID>7036</EventID></System><Data Name='param1'>Spooler</Data></Event>"
    >>> list(of_xml("a", WINDOWS, iter([text])).pieces())
    [b'{"EventID": "7036", "param1": "Spooler"}\\n']
    """
    return Table(name, kind, "jsonl", lambda: _pieces(name, kind, chunks), grows=True)


def _pieces(name: str, kind: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the events that end in each chunk."""
    events = _Events(name, _EVENT[kind])
    first = True
    for chunk in chunks:
        if found := events.of(_DECLARATION.sub(b"", chunk, count=1) if first else chunk):
            yield found
        first = False


class _Events:
    """Takes events as their bytes arrive."""

    def __init__(self, name: str, event: str) -> None:
        from xml.parsers import expat  # which few sources need

        self._name, self._event, self._broken = name, event, expat.ExpatError
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._fields: dict[str, str] | None = None
        self._open: list[tuple[str, dict[str, str]]] = []
        self._texts: list[str] = []
        self._found: list[str] = []
        self._case: str | None = None
        self._fed = self._size = 0
        self._parser.Parse(b"<all>", False)

    def of(self, chunk: bytes) -> bytes:
        """Return the events that end with a chunk, an object of JSON a line."""
        self._fed += len(chunk)
        try:
            self._parser.Parse(chunk, False)
        except self._broken as error:
            problem = f"broken XML: {error.args[0] if error.args else error}"
            raise DataError(self._name, None, problem, f"elements <{self._event}> that are closed") from None
        if self._fed - self._parser.CurrentByteIndex > _TAG:
            raise self._endless()
        found, self._found = "".join(self._found), []
        return found.encode("utf-8")

    def _start(self, tag: str, given: Mapping[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == _CASE:
            self._case = given.get("id")
        if name == self._event and self._fields is None:
            self._fields, self._open = {}, []
        elif self._fields is not None:
            self._open.append((name, dict(given)))
            if len(self._open) > _DEEPEST:
                raise self._endless()
        self._texts, self._size = [], 0

    def _text(self, text: str) -> None:
        if self._open:
            self._texts.append(text)
            self._size += len(text)
            if self._size > _MOST:
                raise self._endless()

    def _endless(self) -> DataError:
        return DataError(self._name, None, "an event that goes on and on", f"<{self._event}> of a usual size")

    def _end(self, tag: str) -> None:
        if self._fields is None:
            return
        if self._open:
            self._add(*self._open.pop(), "".join(self._texts).strip())
            if len(self._fields) > _MOST_FIELDS:
                raise self._endless()
        else:
            case = {} if self._case is None else {"case": self._case}
            self._found.append(json.dumps({**case, **self._fields}, ensure_ascii=False) + "\n")
            self._fields = None
        self._texts = []

    def _add(self, name: str, given: dict[str, str], text: str) -> None:
        """Take over an element: its text by its name, that of data by the name they have, or else its attributes."""
        assert self._fields is not None
        if text:
            self._fields.setdefault(
                _NAMES.get(given.get("Name", name), given.get("Name", given.get("name", name))), text
            )
        elif len(given) == 1 and not {"Name", "SystemTime"}.isdisjoint(given):
            if name != "Data":
                self._fields.setdefault(name, *given.values())
        else:
            for attribute, value in given.items():
                self._fields.setdefault(attribute if attribute != "Name" else name, value)
