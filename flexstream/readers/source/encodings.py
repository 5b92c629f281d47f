"""Encodings other than UTF-8: recognised by a mark or by where NULs stand, and made UTF-8 as the bytes arrive."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator

from ...errors import DataError, parameter
from ...patterns import late

UTF8 = "utf-8"
MARK = b"\xef\xbb\xbf"
"""The byte order mark in UTF-8."""

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_ENOUGH = 1 << 10
_WIDEST = 4
"""Bytes of the longest mark."""
BAD = "\udcff"
"""Stands for what cannot be decoded: half of a pair, which UTF-8 does not have."""
# A line that is not blank, its line feed included: for more than this a pipe is never waited for.
_LINE = late(rb"[^\0\r\n][^\n]*\n")


def recognised(first: bytes) -> str:
    """Return the encoding of a text that begins so: by its mark, or by the NULs beside its ASCII characters.

    Examples
    --------
    >>> recognised("load\\n".encode("utf-16-be")), recognised(b"load\\n")
    ('utf-16-be', 'utf-8')
    """
    for mark, name in _MARKS.items():
        if first.startswith(mark):
            return name
    # No more of it than a pipe would be waited for; a look through all of a long line would begin at each byte anew.
    line = _LINE.search(first, 0, _ENOUGH)
    first = first[: _ENOUGH if line is None else min(line.end(), _ENOUGH)]
    if _holds_rows(first[1::2], first[0::2]):
        return "utf-16-le"
    return "utf-16-be" if _holds_rows(first[0::2], first[1::2]) else UTF8


def _holds_rows(half: bytes, other: bytes) -> bool:
    """Whether half of the bytes can be the rows of Unicode in which the characters stand, the other half their places.

    Most alphabets and punctuation stand in rows below 0x22, ASCII in row 0; text has few such bytes but for blanks.
    """
    rows = sum(1 for byte in half if byte < 0x22)
    return half.count(0) > 20 * other.count(0) and rows > 0.6 * len(half)


class AsUtf8(Iterator[bytes]):
    """Chunks of bytes in any encoding, as UTF-8; those in UTF-8 are handed on as they are.

    What is not valid in the encoding becomes bytes that are not valid in UTF-8 either, so that the line is found bad.

    Parameters
    ----------
    chunks : iterator of bytes
        The bytes as they arrive.
    encoding : str, optional
        As Python names it; recognised from the first line by default, which does not hang on how bytes arrive.
    is_utf8 : callable
        Says, once the first chunk has come, whether they are UTF-8 whatever was said.

    Attributes
    ----------
    encoding : str
        Known from the first chunk on.

    Examples
    --------
    >>> chunks = AsUtf8(iter(["load ".encode("utf-16"), "run".encode("utf-16-le")]))
    >>> b"".join(chunks).decode("utf-8-sig"), chunks.encoding
    ('load run', 'utf-16-le')
    """

    def __init__(
        self, chunks: Iterator[bytes], encoding: str | None = None, is_utf8: Callable[[], bool] = lambda: False
    ) -> None:
        self._is_utf8 = is_utf8
        self.encoding = UTF8 if encoding is None else encoding
        self._chunks = chunks
        self._rest = self._recognised() if encoding is None else self._converted(b"")

    def __next__(self) -> bytes:
        return next(self._rest)

    def _recognised(self) -> Iterator[bytes]:
        """Yield the chunks, the first of which holds as much as it takes to know the encoding."""
        first, failure = b"", None
        try:
            while len(first) < _ENOUGH and not _LINE.search(first) and (chunk := next(self._chunks, None)) is not None:
                first += chunk
        except DataError as error:
            failure = error
        self.encoding = recognised(first)
        if failure is not None:
            self._chunks = iter(())
        yield from self._converted(first)
        if failure is not None:
            raise failure

    def _converted(self, first: bytes) -> Iterator[bytes]:
        while self.encoding != UTF8 and len(first) < _WIDEST and (chunk := next(self._chunks, None)) is not None:
            first += chunk
        if self._is_utf8():
            self.encoding = UTF8
        if self.encoding == UTF8:
            if first:
                yield first
            yield from self._chunks
            return
        decoder = codecs.getincrementaldecoder(_with_order(self.encoding, first))(_LONE)
        for chunk in _and_then(first, self._chunks):
            if text := _decoded(decoder, chunk):
                yield text.encode("utf-8", "surrogatepass")
        if text := _decoded(decoder, b"", True):
            yield text.encode("utf-8", "surrogatepass")


def _with_order(encoding: str, first: bytes) -> str:
    """Return an encoding whose order of bytes is known: where no mark tells it, that of the first character.

    >>> [_with_order("utf-16", text) for text in ("a".encode("utf-16-be"), "a".encode("utf-16"), b"")]
    ['utf-16-be', 'utf-16', 'utf-16-le']
    """
    marks = [mark for mark, name in _MARKS.items() if name.startswith(encoding)]
    if encoding not in {"utf-16", "utf-32"} or first.startswith(tuple(marks)):
        return encoding
    return f"{encoding}-be" if first[:1] == b"\0" else f"{encoding}-le"


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> str:
    """Return the text of a chunk; what stands for one that is none, where the codec asks nobody what to do then."""
    try:
        return decoder.decode(chunk, final)
    except (UnicodeError, ValueError):
        return BAD


def _and_then(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _lone(error: UnicodeError) -> tuple[str, int]:
    """Return half of a surrogate pair, which UTF-8 does not have, for what cannot be decoded."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return BAD, error.end


_LONE = "flexstream.lone"
codecs.register_error(_LONE, _lone)


def undecodable(content: bytes, at: int, encoding: str) -> tuple[str, str]:
    """Return what is wrong with a line that has a byte at a place that is no text in an encoding, and what to do.

    >>> undecodable(b"caf\\xe9", 3, UTF8)[0]
    'invalid UTF-8 (byte 0xe9 at column 4)'
    """
    option, column = parameter("encoding"), len(content[:at].decode("utf-8")) + 1
    if encoding != UTF8:
        return f"invalid {encoding} at column {column}", f"text in it, or another {option}"
    other = "latin-1" if _mostly_utf8(content) else of_eight_bits(content)
    problem = f"invalid UTF-8 (byte 0x{content[at]:02x} at column {column})"
    return problem, f"text in UTF-8, or another {option}, such as {other}"


def of_eight_bits(content: bytes) -> str:
    """Return the encoding that a western text with a byte to each character is likely to have.

    >>> of_eight_bits(b"M\\xfcnchen"), of_eight_bits(b"5 \\x80")
    ('latin-1', 'cp1252')
    """
    # Latin-1 has no printable characters where Windows has its quotes and its euro.
    return "cp1252" if any(0x80 <= byte < 0xA0 for byte in content) else "latin-1"


def instead_of_utf8(content: bytes) -> str | None:
    """Return the encoding of a text that is no UTF-8, as far as it is known; None where that is, or is mostly, UTF-8.

    >>> [instead_of_utf8(text) for text in (b"caf\\xe9", "caf\xe9".encode(), "caf\xe9".encode() + b" \\xe9")]
    ['latin-1', None, None]
    """
    try:
        content.decode(UTF8)
    except UnicodeDecodeError:
        return None if _mostly_utf8(content) else of_eight_bits(content)
    return None


def _mostly_utf8(content: bytes) -> bool:
    """Whether a line has characters of UTF-8 beside what is none."""
    return any(ord(character) > 0x7F for character in content.decode("utf-8", "ignore"))
