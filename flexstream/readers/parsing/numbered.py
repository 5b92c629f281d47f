"""What the formats ``pautomac`` and ``abbadingo`` share: a header, and lines that state their length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ...errors import DataError
from ...stream.batch import TraceBatch
from ..diagnostics import shown
from ..items import Trace
from ..placing import lined
from ..source.cursor import lines_in
from ..source.text import LINES, Head, Source
from .context import ReadContext

# The largest number that fits 64 bits; nothing else in the house counts further.
LARGEST = (1 << 63) - 1
_DIGITS = len(str(LARGEST))
_KNOWN = 1 << 18  # symbols remembered as checked; others are checked again
_HEADER = "number_of_strings alphabet_size"


def number(text: str) -> int:
    """Return a non-negative decimal number.

    Raises
    ------
    ValueError
        With what is wrong, if it is none or does not fit 64 bits.

    Examples
    --------
    >>> number("17")
    17
    """
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{shown(text)} is not a non-negative number")
    if len(text) > _DIGITS or int(text) > LARGEST:
        raise ValueError(f"number {shown(text)} does not fit 64 bits")
    return int(text)


def header(text: str) -> tuple[int, int] | None:
    """Return the two numbers of a header line, or None if it is none.

    Examples
    --------
    >>> header("20000 18"), header("load run")
    ((20000, 18), None)
    """
    words = text.split()
    try:
        strings, size = (number(word) for word in words)
    except ValueError:
        return None
    return strings, size


def fit(head: Head, prefix: int) -> float:
    """Return which share of the first lines states its length right, 0 if the first one is no header.

    Parameters
    ----------
    prefix : int
        Numbers before the length: 0 in PAutomaC, 1 (the label) in Abbadingo.
    """
    lines = head.filled
    promised = header(lines[0]) if lines else None
    if promised is None:
        return 0.0
    body = lines[1:]
    if not body:
        return float(head.ended and promised[0] == 0)
    return sum(_states_length(line.split(), prefix) for line in body) / len(body)


def _states_length(words: list[str], prefix: int) -> bool:
    if len(words) <= prefix or (prefix and words[0] not in {"-1", "0", "1"}):
        return False
    return words[prefix] == str(len(words) - prefix - 1)


def counted(head: Head) -> bool:
    """Whether all is numbers, and the first of two says how many lines follow.

    Examples
    --------
    >>> counted(Head(b"2 9\\n1 3\\n9 9\\n", ended=True))
    True
    """
    lines = [line for line in head.lines if line.strip()] if head.ended else []
    promised = header(lines[0]) if len(lines) > 1 else None
    return (
        promised is not None
        and promised[0] == len(lines) - 1
        and all(word.isdigit() for line in lines for word in line.split())
    )


class Checker:
    """Checks the lines below a header against it; knows the symbols that have passed.

    Parameters
    ----------
    source : Source
        Where the lines come from.
    context : ReadContext
        Told about bad lines.
    at : int
        Where in a line its length stands.
    keep : callable, optional
        Called with the words of a line: whether to keep it. What it and all other checks raise is a
        ValueError of two texts: what is wrong and what was expected.
    """

    def __init__(
        self,
        source: Source,
        context: ReadContext,
        at: int = 0,
        keep: Callable[[list[str]], bool] | None = None,
    ) -> None:
        self._source = source
        self._context = context
        self._at = at
        self._keep = keep
        self._known: set[str] = set()
        # Where some strings are left out, traces are called by the numbers of theirs, so that both can be joined.
        self._named = keep is not None and any(map(_left_out, source.head(LINES, wait=False).data.splitlines()[1:]))
        self._cursor = source.cursor  # which counts the strings, so that they can be read on from the middle
        self._strings = self._size = self._header = 0

    def traces(self) -> Iterator[Trace | TraceBatch]:
        """Yield the lines that are kept."""
        for start, block in self._body():
            batch, rejected = self._fast(block)
            if batch is None:
                yield from self._line_by_line(start, block)
            else:
                self._named = self._named or rejected > 0
                if self._named:
                    batch = replace(batch, names=_numbers(block, self._cursor.records))
                self._cursor.records += len(batch) + rejected
                self._context.stats.rejected += rejected
                yield lined(batch, start) if self._context.origins else batch
        if self._cursor.records != self._strings:
            problem = f"{self._cursor.records} strings, but the header promises {self._strings}"
            line = max(self._cursor.line, self._header + 1)
            self._context.bad(self._source.name, line, problem, f"{self._strings} strings")

    def _body(self) -> Iterator[tuple[int, bytes]]:
        """Yield (number of the first line, bytes) of what stands below the header."""
        blocks = self._source.blocks(self._context)
        for start, block in blocks:
            number, rest = start, block
            while rest:
                head, _, rest = rest.partition(b"\n")
                if head.strip():
                    self._read_header(number, head.decode("utf-8", "replace"))
                    self._header = number
                    self._cursor.reach(len(rest), number)
                    self._cursor.end_header()
                    self._cursor.reach(0, number + (lines_in(rest) if rest else 0))
                    yield number + 1, rest
                    yield from blocks
                    return
                number += 1
        raise DataError(self._source.name, 1, "there is no header", f"a header '{_HEADER}'")

    def _read_header(self, line: int, text: str) -> None:
        words = text.split()
        try:
            if len(words) != 2:
                raise ValueError(f"{shown(text)} is no header")
            self._strings, self._size = number(words[0]), number(words[1])
        except ValueError as error:
            raise DataError(self._source.name, line, str(error), f"a header '{_HEADER}'") from None

    def _fast(self, block: bytes) -> tuple[TraceBatch | None, int]:
        """Return the traces of a block in which all is as it should be, else None, and how many lines were rejected."""
        tokeniser = self._context.tokeniser
        lines = lines_in(block)
        if tokeniser is None or not block.isascii() or self._cursor.records + lines > self._strings:
            return None, 0
        batch = tokeniser.split(block, 1 + self._at, self._fit)
        if self._context.origins and batch is not None and len(batch) < lines:
            return None, 0  # which trace is on which line is known line by line
        return batch, 0 if batch is None else tokeniser.rejected

    def _fit(self, symbols: list[str]) -> bool:
        try:
            self._learn([symbol for symbol in symbols if symbol not in self._known])
        except ValueError:
            return False
        return True

    def _line_by_line(self, start: int, block: bytes) -> Iterator[Trace]:
        skipping = self._context.options.on_error == "skip"
        for line, text in self._source.decoded(block, start, self._context):
            words = text.split()
            if not words:
                continue
            self._cursor.records += 1
            if self._cursor.records > self._strings and not skipping:
                problem = f"string {self._cursor.records}, but the header promises {self._strings}"
                self._context.bad(self._source.name, line, problem, f"{self._strings} strings")
            try:
                symbols = self._checked(words)
            except ValueError as error:
                self._context.bad(self._source.name, line, *error.args)
                continue
            if symbols is None:
                self._context.stats.rejected += 1
                self._named = True
            else:
                yield Trace(str(self._cursor.records) if self._named else None, symbols)

    def _checked(self, words: list[str]) -> list[str] | None:
        """Return the symbols of a line, or None if it is not kept."""
        kept = self._keep is None or self._keep(words)
        symbols = words[self._at + 1 :]
        if words[self._at] != str(len(symbols)):
            _check_length(words[self._at], len(symbols))
        if kept and not self._known.issuperset(symbols):
            self._learn(symbols)
        return symbols if kept else None

    def _learn(self, symbols: list[str]) -> None:
        size = self._size
        expected = f"numbers from 0 to {size - 1}" if size else "no symbols, for the alphabet is empty"
        for symbol in symbols:
            try:
                value = number(symbol)
            except ValueError as error:
                raise ValueError(f"symbol {error}", expected) from None
            if value >= size:
                raise ValueError(f"symbol {value} is outside the alphabet of {size}", expected)
            if symbol != str(value):
                raise ValueError(f"symbol {shown(symbol)} has leading zeros", expected)
            if len(self._known) < _KNOWN:
                self._known.add(symbol)


def _left_out(line: bytes) -> bool:
    return line.split(None, 1)[:1] == [b"0"]


def _numbers(block: bytes, before: int) -> list[str]:
    """Return the numbers of the strings in some lines that are not left out.

    >>> _numbers(b"1 1 0\\n0 1 1\\n\\n1 0\\n", 10)
    ['11', '13']
    """
    lines = (line for line in block.splitlines() if line.strip())
    return [str(number) for number, line in enumerate(lines, before + 1) if not _left_out(line)]


def _check_length(stated: str, length: int) -> None:
    try:
        value = number(stated)
    except ValueError as error:
        raise ValueError(f"length {error}", "the number of symbols on the line") from None
    if value != length:
        raise ValueError(f"length {value} stated, but {length} symbols on the line", f"{value} symbols")
