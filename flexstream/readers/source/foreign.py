"""Files that are no logs, known by their first bytes: none of them is taken for text, and none of FlexStream's own."""

from __future__ import annotations

from ...errors import DataError
from ...patterns import late

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
    b"\x89FlexStream\r\n\x1a\n": (  # as in `flexstream.container`, which takes time to load
        "a checkpoint of FlexStream, or what it has counted",
        "a log; flexstream learn --resume, merge and verify take the folder",
    ),
    b"\xd4\xc3\xb2\xa1": ("a capture of packets", "text; try tshark -T fields"),
}
"""First bytes, what they stand for, and what was expected."""
_MODEL = "flexstream show takes it, score and alarm before a log, and diff beside another"
OWN = {
    "pdfa": ("a model of FlexStream", _MODEL),
    "ensemble": ("a model of FlexStream", _MODEL),
    "fleet": ("a fleet of models of FlexStream", "flexstream show and diff take it, and score and alarm before a log"),
    "accepted": ("a list of alarms marked as false", "flexstream alarm --accepted takes it"),
    "difference": ("a comparison of models by flexstream diff", "the models were learned from it"),
    "pac-plan": ("a plan of flexstream pac plan", "flexstream learn --pac takes it"),
    "pac-report": ("a report of FlexStream", "the model it is on was learned from it"),
    "frontier": ("a table of sizes by learn --frontier", "flexstream view --frontier takes it"),
}
"""What FlexStream writes as JSON, by its ``format`` without the name in front, and what to do with it."""
_OWN = late(rb'\s*\{\s*"format":\s*"flexstream-([a-z-]+)"')
_BEGINNING, _LONGEST = b'{"format":"flexstream-', 64
TAR, TAR_AT = b"ustar", 257
SETTLES = TAR_AT + len(TAR)
"""Bytes by which all is known."""


def may_be_own(first: bytes) -> bool:
    """Tell whether more bytes may make these the beginning of a file that FlexStream writes as JSON.

    >>> [may_be_own(text) for text in (b"{", b'{\\n "format": "flexstr', b'{"case": "fl', b"load")]
    [True, True, False, False]
    """
    bare = b"".join(first[:_LONGEST].split())
    begun = bare.startswith(_BEGINNING) and b'"' not in bare[len(_BEGINNING) :]
    return len(first) < _LONGEST and bool(bare) and (begun or _BEGINNING.startswith(bare))


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
    own = _OWN.match(first)
    if own is not None and (known := OWN.get(own[1].decode())) is not None:
        raise DataError(name, None, f"is {known[0]}", f"a log; {known[1]}")
    if first[TAR_AT:].startswith(TAR) and b"\0" in first[:TAR_AT]:  # which no text has there
        raise DataError(name, None, "is an archive of tar", "text or gzip; try tar -xOf")
