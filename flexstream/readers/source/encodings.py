"""Encodings other than UTF-8: recognised by a mark or by where NULs stand, and made UTF-8 as the bytes arrive."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator

from ...errors import DataError, parameter
from ...patterns import late

UTF8 = "utf-8"
MARK = codecs.BOM_UTF8
"""The byte order mark in UTF-8."""

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_ALL_MARKS = {**_MARKS, MARK: UTF8}
_BEYOND = late(rb"[\x80-\xff]")
# Encodings of one byte to a character in which hardly any text is valid UTF-8 by chance; elsewhere more of it tells.
_OF_LETTERS = late(r"iso8859-(?!11)|cp12|cp4|cp8[5-6]|koi8|mac|latin")
_FEWEST = 6
"""Characters beyond ASCII in a line of UTF-8, where another encoding may have such bytes by chance."""
_LONGEST = 1 << 16
"""Bytes of a line by which it is told whether a text is UTF-8."""
_ENOUGH = 1 << 10
_OTHERS = 0.2
"""Share of characters that are neither of ASCII nor of the alphabet of a text at most, and of what is no character."""
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
    if _holds_rows(first[1::2], first[0::2]) and _plausible(first, "utf-16-le"):
        return "utf-16-le"
    return "utf-16-be" if _holds_rows(first[0::2], first[1::2]) and _plausible(first, "utf-16-be") else UTF8


def _marked(first: bytes, encoding: str) -> str:
    """Return the encoding of a text that begins with a mark, where that is of another; else the one that was said.

    >>> [_marked(MARK + b"a", name) for name in ("latin-1", "utf-8")]
    ['utf-8', 'utf-8']
    >>> [_marked("a".encode("utf-16"), name) for name in ("latin-1", "utf-16", "utf-16-le")]
    ['utf-16-le', 'utf-16', 'utf-16-le']

    A NUL after the mark of UTF-16 makes that of UTF-32: then what was said holds.

    >>> [_marked("\\0a".encode("utf-16"), name) for name in ("utf-16", "latin-1")]
    ['utf-16', 'utf-32-le']
    """
    marks = {name: mark for mark, name in _ALL_MARKS.items() if first.startswith(mark)}
    if not marks or any(name.startswith(encoding) or encoding.startswith(name) for name in marks):
        return encoding
    return next(iter(marks))


def _told_by(line: bytes, encoding: str) -> bool:
    """Whether a line with bytes beyond ASCII is UTF-8 rather than in an encoding that was used before.

    >>> [_told_by("Maß".encode(name), "latin-1") for name in ("utf-8", "latin-1")]
    [True, False]
    """
    try:
        text = codecs.getincrementaldecoder(UTF8)().decode(line)  # which a last character may be cut off from
    except UnicodeDecodeError:
        return False
    return sum(not character.isascii() for character in text) >= (1 if _OF_LETTERS.match(encoding) else _FEWEST)


def _has_ascii(encoding: str) -> bool:
    """Whether ASCII is the same in an encoding."""
    try:
        return encoding != UTF8 and bytes(range(128)).decode(encoding) == bytes(range(128)).decode("ascii")
    except UnicodeError:
        return False


def _holds_rows(half: bytes, other: bytes) -> bool:
    """Whether half of the bytes can be the rows of Unicode in which the characters stand, the other half their places.

    Most alphabets and punctuation stand in rows below 0x22, ASCII in row 0; text has few such bytes but for blanks.
    """
    rows = sum(1 for byte in half if byte < 0x22)
    return half.count(0) > 20 * other.count(0) and rows > 0.6 * len(half)


def _plausible(first: bytes, encoding: str) -> bool:
    """Whether bytes are text in an encoding: characters of one alphabet beside those of ASCII, and line ends as it has.

    NULs between words of other text make pairs with their neighbours, too: of anything.

    >>> [_plausible(b"a b\\0c d\\n", "utf-16-le"), _plausible("загрузка, пуск\\n".encode("utf-16-be"), "utf-16-be")]
    [False, True]
    """
    text = first[: len(first) // 2 * 2].decode(encoding, "replace")
    cut_off = encoding.endswith("le") and len(first) % 2 == 1 and first.endswith(b"\n")
    if 2 * text.count("\n") < first.count(b"\n") - cut_off:
        return False
    beyond = [character for character in text if ord(character) > 0xFF]
    of_one = max(Counter(ord(character) >> 8 for character in beyond).values(), default=0)
    known = sum(character.isprintable() or character.isspace() for character in beyond)
    return len(beyond) - of_one <= _OTHERS * len(text) and known >= (1 - _OTHERS) * len(beyond)


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
    doubted : bool
        Whether the encoding is that of other texts, so that this may be in UTF-8: its first line beyond ASCII tells.

    Attributes
    ----------
    encoding : str
        Known from the first chunk on, or, where it was doubted, from the first beyond ASCII on.
    said : str or None
        The encoding that was said, where it is another: a mark at the beginning always tells.

    Examples
    --------
    >>> chunks = AsUtf8(iter(["load ".encode("utf-16"), "run".encode("utf-16-le")]))
    >>> b"".join(chunks).decode("utf-8-sig"), chunks.encoding
    ('load run', 'utf-16-le')
    """

    def __init__(
        self,
        chunks: Iterator[bytes],
        encoding: str | None = None,
        is_utf8: Callable[[], bool] = lambda: False,
        doubted: bool = False,
    ) -> None:
        self._is_utf8, self._doubted, self._told = is_utf8, doubted, encoding
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

    @property
    def said(self) -> str | None:
        """The encoding that was said, where it is another."""
        return None if self._told == self.encoding or self._is_utf8() else self._told

    def _converted(self, first: bytes) -> Iterator[bytes]:
        while len(first) < _WIDEST and (self.encoding != UTF8 or any(mark.startswith(first) for mark in _ALL_MARKS)):
            if (chunk := next(self._chunks, None)) is None:
                break
            first += chunk
        self.encoding = UTF8 if self._is_utf8() else _marked(first, self.encoding)
        if self._doubted and _has_ascii(self.encoding):
            first = yield from self._while_ascii(first)
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

    def _while_ascii(self, first: bytes) -> Generator[bytes, None, bytes]:
        """Yield all lines before the first beyond ASCII, by which the encoding is told; return what is read of it."""
        while first.isascii():
            if first:
                yield first
            if (chunk := next(self._chunks, None)) is None:
                return b""
            first = chunk
        beyond = _BEYOND.search(first)
        start = 0 if beyond is None else first.rfind(b"\n", 0, beyond.start()) + 1
        if start:
            yield first[:start]
        line = first[start:]
        try:
            while b"\n" not in line and len(line) < _LONGEST and (chunk := next(self._chunks, None)) is not None:
                line += chunk
        except DataError as error:
            self._chunks = _raising(error)
        if _told_by(line[: line.find(b"\n") + 1 or _LONGEST], self.encoding):
            self.encoding = UTF8
        return line


def _raising(error: DataError) -> Iterator[bytes]:
    raise error
    yield b""


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


def undecodable(content: bytes, at: int, encoding: str, among: bytes = b"") -> tuple[str, str]:
    """Return what is wrong with a line that has a byte at a place that is no text in an encoding, and what to do.

    Parameters
    ----------
    content : bytes
        The line.
    at : int
        Where it stands there.
    encoding : str
    among : bytes
        Lines around it, which tell the encoding better than one alone, and as `flexstream inspect` tells it.

    Examples
    --------
    >>> undecodable(b"caf\\xe9", 3, UTF8)
    ('invalid UTF-8 (byte 0xe9 at column 4)', 'text in UTF-8, or \ufdd0encoding\ufdd1 latin-1, as it looks')
    """
    option, column = parameter("encoding"), len(content[:at].decode("utf-8")) + 1
    if encoding != UTF8:
        return f"invalid {encoding} at column {column}", f"text in it, or another {option}"
    problem = f"invalid UTF-8 (byte 0x{content[at]:02x} at column {column})"
    return problem, f"text in UTF-8{_or_another(among or content)}"


def beyond_utf8(content: bytes) -> str:
    """Return what to add to what was expected of a text that is wrong from here on, where its encoding may be why.

    >>> beyond_utf8(b"</b>"), beyond_utf8(b"\\xe9 ")
    ('', ' in UTF-8, or \ufdd0encoding\ufdd1 latin-1, as it looks')
    """
    if content[:1] < b"\x80":
        return ""
    try:
        codecs.getincrementaldecoder(UTF8)().decode(content)
    except UnicodeDecodeError:
        return f" in UTF-8{_or_another(content)}"
    return ""


def _or_another(content: bytes) -> str:
    """Return what else than UTF-8 is expected of a text that is none."""
    if _mostly_utf8(content):
        return f" like the rest; {parameter('on_error')} skip leaves such lines out"
    return f", or {parameter('encoding')} {of_eight_bits(content)}, as it looks"


def of_eight_bits(content: bytes) -> str:
    """Return the encoding that a western text with a byte to each character is likely to have.

    >>> of_eight_bits(b"M\\xfcnchen"), of_eight_bits(b"5 \\x80")
    ('latin-1', 'cp1252')
    """
    if (found := _of_several_bytes(content)) is not None:
        return found
    # Latin-1 has no printable characters where Windows has its quotes and its euro.
    return "cp1252" if any(0x80 <= byte < 0xA0 for byte in content) else "latin-1"


_COMMON = ((0xAC00, 0xD7A3, 2), (0x4E00, 0x9FFF, 1))
"""First and last of Hangul and of Han, and what each counts."""
_FEWEST_PAIRS = 4


def _of_several_bytes(content: bytes) -> str | None:
    """Return the encoding of East Asia that a text is likely to have, None of one with a byte to each character.

    There most bytes beyond ASCII stand beside another one, and stand for what is common in one of these encodings.

    >>> text = "\u88c5\u7f6e\u306e\u8d77\u52d5, \u505c\u6b62\u3057\u307e\u3057\u305f"
    >>> _of_several_bytes(text.encode("shift_jis")), _of_several_bytes("\u00fcber \u00e4u\u00dferst".encode("latin-1"))
    ('shift_jis', None)
    """
    high = [byte >= 0x80 for byte in content]
    beside = sum(
        one and (before or after) for before, one, after in zip([False, *high], high, [*high[1:], False], strict=False)
    )
    if beside < 2 * _FEWEST_PAIRS or 2 * beside < sum(high):
        return None
    # Second bytes of common characters are all beyond ASCII in one of these, half of them in the other.
    even = all(len(run) % 2 == 0 for run in re.findall(rb"[\x80-\xff]+", content))
    worth = {}
    for encoding in ("shift_jis", "gb18030" if even else "big5", "euc_jp", "euc_kr"):
        try:
            beyond = [ord(sign) for sign in content.decode(encoding) if ord(sign) >= 0x80]
        except UnicodeDecodeError:
            continue
        kana = -1 if encoding in {"gb18030", "big5"} else 2  # which nobody writes there
        common = ((0x3040, 0x30FF, kana), *_COMMON)
        said = sum(next((weight for low, top, weight in common if low <= sign <= top), -1) for sign in beyond)
        worth[encoding] = said / max(1, len(beyond))
    best = max(worth, key=lambda encoding: worth[encoding], default=None)
    return best if best is not None and worth[best] > 0.5 else None


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
    """Whether a line has characters of UTF-8 beside what is none, and as many of these at least."""
    good = sum(ord(character) > 0x7F for character in content.decode("utf-8", "ignore"))
    return good > 0 and good >= content.decode("utf-8", "replace").count("\ufffd")
