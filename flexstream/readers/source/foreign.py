"""Files that are no logs, known by their first bytes: none of them is taken for text, and none of FlexStream's own."""

from __future__ import annotations

from ...errors import DataError
from ...own_files import LONGEST, MARK, OWN, kind_of

_COUNTED = b"\x89FlexStream\r\n\x1a\n"  # as in `flexstream.container`, which takes time to load
_TEXT = "text, gzip, or tables of Parquet and Arrow"
KINDS = {
    b"SQLite format 3\0": ("a database of SQLite", "rows of it; try sqlite3 -csv -header FILE 'select …'"),
    b"ElfFile\0": ("a log of Windows in its own form", "text; try wevtutil, or Get-WinEvent, and CSV or JSON"),
    b"LPKSHHRH": ("a journal of systemd", "text; try journalctl --file FILE -o json"),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("a workbook or document of Office", "text; save it as CSV"),
    b"\x89HDF\r\n\x1a\n": ("a file of HDF5", _TEXT),
    b"\x89PNG\r\n\x1a\n": ("a picture", _TEXT),
    b"%PDF-": ("a PDF", _TEXT),
    b"\x04\x22\x4d\x18": ("a file of lz4", "text or gzip; try lz4cat"),
    b"\x1f\x9d": ("a file of compress", "text or gzip; try zcat"),
    b"7z\xbc\xaf\x27\x1c": ("an archive of 7-Zip", "text or gzip; try 7z x -so"),
    b"Rar!\x1a\x07": ("an archive of RAR", "text or gzip; try unrar p -inul"),
    b"\x7fELF": ("a program", _TEXT),
    b"<!DOCTYPE html": ("a page of HTML", "text; save a table as CSV"),
    b"<!doctype html": ("a page of HTML", "text; save a table as CSV"),
    b"<html": ("a page of HTML", "text; save a table as CSV"),
    b"<HTML": ("a page of HTML", "text; save a table as CSV"),
    _COUNTED: (
        "a checkpoint of FlexStream, or what it has counted",
        "a log; flexstream learn --resume, merge and verify take the folder",
    ),
    b"\xd4\xc3\xb2\xa1": ("a capture of packets", "text; try tshark -T fields"),
}
"""First bytes, what they stand for, and what was expected."""
_BEGINNING = b'{"format":"flexstream-'
_MARKS = tuple(MARK[:length] for length in range(1, len(MARK) + 1))
TAR, TAR_AT = b"ustar", 257
SETTLES = TAR_AT + len(TAR)
"""Bytes by which all is known."""


class NoLogError(DataError):
    """A file that is no log, whatever is done to it.

    Attributes
    ----------
    command : str or None
        The command that takes it, with ``{}`` for its name; None: none of FlexStream's does.
    """

    command: str | None = None

    def taken_by(self, command: str | None) -> NoLogError:
        """Return it with the command that takes such a file."""
        self.command = command
        return self


def may_be_own(first: bytes) -> bool:
    """Tell whether more bytes may make these the beginning of a file that FlexStream writes as JSON.

    >>> [may_be_own(text) for text in (b"{", b'{\\n "format": "flexstr', b'{"case": "fl', b"load")]
    [True, True, False, False]
    """
    bare = b"".join(first[:LONGEST].removeprefix(MARK).split())
    begun = bare.startswith(_BEGINNING) and b'"' not in bare[len(_BEGINNING) :]
    return len(first) < LONGEST and (first in _MARKS or (bool(bare) and (begun or _BEGINNING.startswith(bare))))


def refuse(first: bytes, name: str) -> None:
    """Raise DataError where the first bytes of a source are those of a file that is no log.

    >>> refuse(b"load run", "a.txt")
    >>> refuse(b"%PDF-1.4", "a.pdf")
    Traceback (most recent call last):
    flexstream.readers.source.foreign.NoLogError: a.pdf: is a PDF (expected: text, gzip, or tables of Parquet and Arrow)
    """
    for magic, (kind, expected) in KINDS.items():
        if first.startswith(magic):
            command = "flexstream verify {}" if magic == _COUNTED else None
            raise NoLogError(name, None, f"is {kind}", expected).taken_by(command)
    own = kind_of(first)
    if own is not None:
        raise NoLogError(name, None, f"is {OWN[own].what}", f"a log; {OWN[own].use}").taken_by(OWN[own].command)
    if first[TAR_AT:].startswith(TAR) and b"\0" in first[:TAR_AT]:  # which no text has there
        raise NoLogError(name, None, "is an archive of tar", "text or gzip; try tar -xOf")
