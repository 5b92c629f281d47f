"""Decompression of gzip as it arrives, losing nothing that could be read before a break."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from ...errors import DataError

MAGIC = b"\x1f\x8b"
# At most this much at once: a few bytes of gzip can stand for gigabytes.
_PIECE = 1 << 18
_GZIP = 31  # zlib's code for "gzip header, largest window"

_CUT_SHORT = "gzip data end in the middle"

_OTHERS = {
    b"BZh": ("bzip2", "bzcat"),
    b"\xfd7zXZ\x00": ("xz", "xzcat"),
    b"\x28\xb5\x2f\xfd": ("zstd", "zstdcat"),
    b"PK\x03\x04": ("zip", "unzip -p, or save a workbook as CSV"),
}


def decompressed(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Yield the bytes of a source, decompressed where its first bytes say gzip.

    Parameters
    ----------
    chunks : iterator of bytes
        The bytes as they arrive.
    name : str
        The source's name, for errors.

    Raises
    ------
    DataError
        If the gzip data are broken or cut short, after all that could be read; or at once if the bytes
        are compressed in another way.

    Examples
    --------
    >>> import gzip
    >>> b"".join(decompressed(iter([gzip.compress(b"load run")]), "a.gz"))
    b'load run'
    """
    first = b""
    while len(first) < len(MAGIC) and MAGIC.startswith(first):
        chunk = next(chunks, None)
        if chunk is None:
            break
        first += chunk
    if first.startswith(MAGIC):
        yield from _inflate(_chain(first, chunks), name)
        return
    for magic, (kind, program) in _OTHERS.items():
        # Text never holds bytes like these, except the letters BZh; the next bytes settle it.
        if first.startswith(magic) and (kind != "bzip2" or first[4:10] == b"1AY&SY"):
            raise DataError(name, None, f"is compressed with {kind}", f"text or gzip; try {program}")
    if first:
        yield first
    yield from chunks


def is_cut_short(error: Exception) -> bool:
    """Tell whether an error says that data end too early, as those of a file do that is being compressed."""
    return _CUT_SHORT in str(error)


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _inflate(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    member = zlib.decompressobj(_GZIP)
    for chunk in chunks:
        data, more = chunk, False
        while data or more:
            if member.eof:
                # Zero bytes may pad the end of a member; anything else starts the next one.
                data = data.lstrip(b"\0")
                if not data:
                    break
                member = zlib.decompressobj(_GZIP)
            before = member.copy()
            try:
                text = member.decompress(data, _PIECE)
            except zlib.error:
                yield from _salvage(before, data)
                raise DataError(name, None, "corrupt gzip data", "an intact .gz file") from None
            if text:
                yield text
            data = member.unused_data if member.eof else member.unconsumed_tail
            more = len(text) == _PIECE  # the rest may wait inside, its input used up
    if not member.eof:
        raise DataError(name, None, _CUT_SHORT, "a complete .gz file")


def _salvage(member: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Yield what comes before a break: byte by byte, since a failing call gives nothing back."""
    out = bytearray()
    try:
        for position in range(len(data)):
            out += member.decompress(data[position : position + 1])
    except zlib.error:
        pass
    if out:
        yield bytes(out)
