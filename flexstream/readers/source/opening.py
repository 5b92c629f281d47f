"""Files of tables, recognised by their first bytes as they arrive, and handed on as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...patterns import late
from .foreign import KINDS as FOREIGN
from .foreign import SETTLES, may_be_own, refuse

if TYPE_CHECKING:
    from ..tables.tabular import Table

JOURNAL = "journal export"
KINDS = {
    b"PAR1\x15": "parquet",
    b"ARROW1\0\0": "arrow",
    b"\xff\xff\xff\xff": "arrow stream",
    b"__CURSOR=": JOURNAL,
}
"""First bytes and what they stand for: none can be text of another kind.  Behind Parquet's comes the first field of a
page's header."""
VERBOSE, WINDOWS, MXML = "journal", "events of Windows", "MXML"
ENTRIES = {
    VERBOSE: rb"(?:-- [^\n]* --\r?\n)?[^\s\d\[]{2,8} \d{4}-\d\d-\d\d [\d:.]+ [^\n\[]{1,40}\[s=[0-9a-f]+;i=",
    WINDOWS: rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<Events[^>]*>\s*)?<Event[\s>]",
    MXML: rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*<Work[Ff]lowLog[\s>]",
}
"""What entries of several lines, or in XML, begin with."""
LONGEST = 512
"""Bytes by which one knows what such a file is."""
_BEGUN = late(rb"(?:\xef\xbb\xbf)?\s*(?:<(?:[?EW!]|\Z)|-- |[^\s\d\[<\xef]{2,8} (?:\d{4}-|\Z))|\xef\xbb?\xbf?\Z")
_SHORT = 12  # bytes in which a day and the century stand
# What stands above the first element of events in XML, as far as it has come, or above the first line of an entry.
_ABOVE = late(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--[^>]*-->\s*|<Events(?:\s[^>]*)?>\s*)*+(?:<[^>]*)?\Z"
    rb"|(?:-- [^\n]*\n)?[^\n<]*\Z"
)


def kind_of(first: bytes) -> str | None:
    """Return which kind of table begins with some bytes; None for text.

    >>> kind_of(b"PAR1\\x15\\0"), kind_of(b"PAR1 is a name")
    ('parquet', None)
    """
    found = next((kind for magic, kind in KINDS.items() if first.startswith(magic)), None)
    if found is not None or not _may_be_entries(first):
        return found
    return next((kind for kind, shape in ENTRIES.items() if re.match(shape, first[:LONGEST])), None)


def unsettled(first: bytes) -> bool:
    """Tell whether more bytes may make these the beginning of a table, or of a file that is no log.

    >>> unsettled(b"SQL"), unsettled(b"PAR"), unsettled(b"SQL said"), unsettled(b"PAR1\\x15")
    (True, True, False, False)
    """
    begun = any(len(first) < len(magic) and magic.startswith(first) for magic in (*KINDS, *FOREIGN))
    entries = len(first) < LONGEST and _may_be_entries(first) and _ABOVE.match(first) is not None
    return begun or may_be_own(first) or (entries and kind_of(first) is None)


def _may_be_entries(first: bytes) -> bool:
    """Tell whether bytes may be the beginning of entries; nearly all text is ruled out without a pattern.

    >>> [_may_be_entries(text) for text in (b"Mon 2026-01-31", b"<Even", b"2026-01-31 10:00:00", b"load run unload")]
    [True, True, False, False]
    """
    like = first[:1] in {b"<", b"-", b"\xef"} or b" 20" in first[:_SHORT] or len(first) < _SHORT
    return like and _BEGUN.match(first) is not None


class AsText(Iterator[bytes]):
    """Chunks of bytes; those of a file that holds a table become the text of its rows.

    Parameters
    ----------
    chunks : iterator of bytes
        As they arrive, decompressed.
    name : str
        The source's name, for errors.
    path : callable
        Returns where the file is, None if only its bytes are at hand.

    Attributes
    ----------
    table : Table or None
        Known from the first chunk on.

    Examples
    --------
    >>> chunks = AsText(iter([b"load run\\n", b"run"]), "a.txt", lambda: None)
    >>> list(chunks), chunks.table
    ([b'load run\\n', b'run'], None)
    """

    def __init__(self, chunks: Iterator[bytes], name: str, path: Callable[[], Path | None]) -> None:
        self.table: Table | None = None
        self._chunks, self._name, self._path = chunks, name, path
        self._rest = self._opened()

    def __next__(self) -> bytes:
        return next(self._rest)

    def is_table(self) -> bool:
        """Whether the text is that of a table's rows; known from the first chunk on."""
        return self.table is not None

    def _opened(self) -> Iterator[bytes]:
        first = b""
        while unsettled(first):
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            first += chunk
        kind = kind_of(first)
        if kind is None:
            yield from self._text(first)
            return
        if kind in {JOURNAL, *ENTRIES}:
            self.table = _of_entries(kind, self._name, self._with(first))
            yield from self.table.pieces()
            return
        from ..tables.from_files import of_file  # which loads a library that is an extra

        for table in of_file(kind, self._name, self._path(), self._with(first)):
            self.table = table
            yield from table.pieces()

    def _text(self, first: bytes) -> Iterator[bytes]:
        """Yield what has come and what comes, as long as it may be text."""
        seen, chunk = first, first
        while len(seen) < SETTLES:
            refuse(seen, self._name)
            yield chunk
            chunk = next(self._chunks, b"")
            if not chunk:
                return
            seen += chunk
        refuse(seen[:SETTLES], self._name)
        yield chunk
        yield from self._chunks

    def _with(self, first: bytes) -> Iterator[bytes]:
        yield first
        yield from self._chunks


def _of_entries(kind: str, name: str, chunks: Iterator[bytes]) -> Table:
    """Return entries of a kind as a table; what reads them hardly anybody needs."""
    if kind == JOURNAL:
        from ..tables.from_journal import of_journal

        return of_journal(name, chunks)
    if kind == VERBOSE:
        from ..tables.from_verbose import of_verbose

        return of_verbose(name, chunks)
    from ..tables.from_xml import of_xml

    return of_xml(name, kind, chunks)
