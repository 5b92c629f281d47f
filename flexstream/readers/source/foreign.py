"""Files that are no logs, known by their first bytes: none of them is taken for text."""

from __future__ import annotations

from ...errors import DataError

_TEXT = "text, gzip, or tables of Parquet and Arrow"
KINDS = {
    b"SQLite format 3\0": ("a database of SQLite", "rows of it; try sqlite3 -csv -header FILE 'select …'"),
    b"ElfFile\0": ("a log of Windows in its own form", "text; try wevtutil, or Get-WinEvent, and CSV or JSON"),
    b"LPKSHHRH": ("a journal of systemd", "text; try journalctl --file FILE -o json"),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("a workbook or document of Office", "text; save it as CSV"),
    b"\x89HDF\r\n\x1a\n": ("a file of HDF5", _TEXT),
    b"\x89PNG\r\n\x1a\n": ("a picture", _TEXT),
    b"%PDF-": ("a PDF", _TEXT),
    b"\x7fELF": ("a program", _TEXT),
    b"\xd4\xc3\xb2\xa1": ("a capture of packets", "text; try tshark -T fields"),
}
"""First bytes, what they stand for, and what was expected."""
TAR, TAR_AT = b"ustar", 257
SETTLES = TAR_AT + len(TAR)
"""Bytes by which all is known."""


def refuse(first: bytes, name: str) -> None:
    """Raise DataError where the first bytes of a source are those of a file that is no log.

    >>> refuse(b"load run", "a.txt")
    >>> refuse(b"%PDF-1.4", "a.pdf")
    Traceback (most recent call last):
    flexstream.errors.DataError: a.pdf: is a PDF (expected: text, gzip, or tables of Parquet and Arrow)
    """
    for magic, (kind, expected) in KINDS.items():
        if first.startswith(magic):
            raise DataError(name, None, f"is {kind}", expected)
    if first[TAR_AT:].startswith(TAR) and b"\0" in first[:TAR_AT]:  # which no text has there
        raise DataError(name, None, "is an archive of tar", "text or gzip; try tar -xOf")
