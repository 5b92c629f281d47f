"""A source whose records are unwrapped: for the readers of lines it has one on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from ..diagnostics import Diagnostics
from ..source.cleaning import cleaned, left_out
from ..source.encodings import MARK
from ..source.text import SAMPLE, Head, Source
from .unwrap import Unwrapped, Value
from .wrappers import Steps


class RecordSource:
    """Hands out the records of a source as blocks of lines.

    Its batches have no position to read on from: what is around a record is not known in the middle of a document.

    Parameters
    ----------
    source : Source
    steps : tuple of str
        How the records are wrapped.
    wanted : iterable of str
        Fields of what is around a record that it is to have as well.

    Attributes
    ----------
    name, cursor
        Of the source.
    """

    def __init__(self, source: Source, steps: Steps, wanted: Iterable[str] = ()) -> None:
        self.name, self.cursor = source.name, source.cursor
        self._source, self._steps, self._wanted = source, steps, tuple(wanted)
        self._first, self._numbers = 1, list[int]()

    def number(self, line: int) -> int:
        """Return the number of the line of the source on which the record of a line began."""
        place = line - self._first
        return self._numbers[place] if 0 <= place < len(self._numbers) else line

    def blocks(self, diagnostics: Diagnostics) -> Iterator[tuple[int, bytes]]:
        """Yield (number of the first record, records one a line); see `Source.blocks`."""
        unwrapped = Unwrapped(self._chunks(diagnostics), self._steps, self._source.longest, self._wanted)
        going_on, diagnostics.line_of = True, self.number
        while going_on:
            try:
                for values in filter(None, unwrapped.values()):
                    yield self._block(values)
                return
            except ValueError as error:
                if self._source.stopped:
                    return
                diagnostics.bad(self.name, unwrapped.tape.line, *error.args)
            going_on = unwrapped.tape.recover()

    def _block(self, values: list[Value]) -> tuple[int, bytes]:
        self._first += len(self._numbers)
        texts, numbers = zip(*values, strict=True)
        self._numbers = list(numbers)
        block = b"\n".join(texts) + b"\n"
        self.cursor.reach(0, self._first + len(values) - 1)
        if len(self._source.sample) < SAMPLE:
            self._source.sample += block[: SAMPLE - len(self._source.sample)]
        return self._first, block

    def decoded(
        self, block: bytes, number: int, diagnostics: Diagnostics, keep_returns: bool = False
    ) -> Iterator[tuple[int, str]]:
        """Yield (line number, text) of the lines of a block; see `Source.decoded`."""
        return self._source.decoded(block, number, cast(Diagnostics, _Renumbered(diagnostics, self)), keep_returns)

    def _chunks(self, diagnostics: Diagnostics) -> Iterator[bytes]:
        first = True
        for chunk in self._source.chunks():
            self._source.tell_encoding(diagnostics)
            found = left_out(chunk)
            for what in found:
                diagnostics.note(f"{self.name}: {what} are left out")
            text = cleaned(chunk, lines=False) if found else chunk
            yield text.removeprefix(MARK) if first else text
            first = False


class _Renumbered:
    """Tells of bad lines by their numbers in the source."""

    def __init__(self, told: Diagnostics, source: RecordSource) -> None:
        self._told, self._source = told, source

    def bad(self, source: str, line: int, problem: str, expected: str = "") -> None:
        self._told.bad(source, self._source.number(line), problem, expected)


def records_in(head: Head, steps: Steps, wanted: Iterable[str] = ()) -> list[str]:
    """Return the records that a head holds as a whole, one a line.

    >>> records_in(Head(b'[{"event": "a"},\\n {"event": "b"}, {"ev'), ("[]",))
    ['{"event": "a"}', '{"event": "b"}']
    """
    found: list[str] = []
    try:
        for values in Unwrapped([head.data.removeprefix(MARK)], steps, len(head.data), wanted).values():
            found += (text.decode("utf-8", "replace") for text, _ in values)
    except ValueError:  # cut off
        pass
    return found
