"""What the formats ``pautomac`` and ``abbadingo`` share: a header, and lines that state their length."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..errors import DataError
from .context import ReadContext, shown
from .items import Trace
from .sources import Head, Source

# The largest number that fits 64 bits; nothing else in the house counts further.
LARGEST = (1 << 63) - 1
_DIGITS = len(str(LARGEST))
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

    def traces(self) -> Iterator[Trace]:
        """Yield the lines that are kept."""
        lines = self._source.lines(self._context)
        strings, size = self._header(lines)
        name, bad, known, at, keep = self._source.name, self._context.bad, self._known, self._at, self._keep
        skipping = self._context.options.on_error == "skip"
        seen, line = 0, 1
        for line, text in lines:
            words = text.split()
            if not words:
                continue
            seen += 1
            if seen > strings and not skipping:
                bad(name, line, f"string {seen}, but the header promises {strings}", f"{strings} strings")
            try:
                kept = keep is None or keep(words)
                symbols = words[at + 1 :]
                if words[at] != str(len(symbols)):
                    _check_length(words[at], len(symbols))
                if not kept:
                    self._context.rejected += 1
                    continue
                if not known.issuperset(symbols):
                    self._learn(symbols, size)
            except ValueError as error:
                bad(name, line, *error.args)
                continue
            yield Trace(None, symbols)
        if seen != strings:
            bad(name, line, f"{seen} strings, but the header promises {strings}", f"{strings} strings")

    def _header(self, lines: Iterator[tuple[int, str]]) -> tuple[int, int]:
        for line, text in lines:
            words = text.split()
            if not words:
                continue
            try:
                if len(words) != 2:
                    raise ValueError(f"{shown(text)} is no header")
                return number(words[0]), number(words[1])
            except ValueError as error:
                raise DataError(self._source.name, line, str(error), f"a header '{_HEADER}'") from None
        raise DataError(self._source.name, 1, "there is no header", f"a header '{_HEADER}'")

    def _learn(self, symbols: list[str], size: int) -> None:
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
            self._known.add(symbol)


def _check_length(stated: str, length: int) -> None:
    try:
        value = number(stated)
    except ValueError as error:
        raise ValueError(f"length {error}", "the number of symbols on the line") from None
    if value != length:
        raise ValueError(f"length {value} stated, but {length} symbols on the line", f"{value} symbols")
