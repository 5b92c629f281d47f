"""The first lines of a source, from which its format is guessed."""

from __future__ import annotations

from functools import cached_property

from ...classes import dataclass
from .encodings import MARK

HEAD = 1 << 16
LINES = 20
"""Lines that are not blank, from which a format is guessed: a pipe is not waited for beyond them."""


@dataclass(frozen=True)
class Head:
    """The first bytes of a source, for guessing its format.

    Attributes
    ----------
    data : bytes
        Decompressed, in UTF-8, without NULs and colour codes; so many lines as were asked for, at most 64 KiB.
    ended : bool
        Whether this is all there is.
    name : str
        Name of the source; it may only break ties.
    fields : tuple of str
        Column and field names that the user gave.

    Examples
    --------
    >>> Head(b"load run\\nloa").lines
    ['load run']
    """

    data: bytes
    ended: bool = False
    name: str = ""
    fields: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """The decoded head, without byte order mark; undecodable bytes replaced."""
        return self.data.removeprefix(MARK).decode("utf-8", "replace").replace("\r\n", "\n")

    @cached_property
    def lines(self) -> list[str]:
        """The lines that are there as a whole."""
        lines = self.text.split("\n")
        if not self.ended or not lines[-1]:
            lines.pop()
        return lines

    @cached_property
    def filled(self) -> list[str]:
        """The first lines that are not blank, at most `LINES` of them."""
        return [line for line in self.lines if line.strip()][:LINES]

    @property
    def first(self) -> Head:
        """The head as it is once the first line has come that is not blank."""
        stop = end_of(self.data, 1)
        return Head(self.data[:stop], self.ended and stop == len(self.data), self.name, self.fields)


def end_of(data: bytes, lines: int) -> int:
    """Return where so many lines that are not blank end; where the data end, if there are fewer.

    >>> end_of(b"load\\n\\nrun\\nrun", 2)
    10
    """
    start = 0
    while lines and (stop := data.find(b"\n", start) + 1):
        lines -= bool(data[start:stop].removeprefix(MARK).strip())
        start = stop
    return len(data) if lines else start


def filled(data: bytes, most: int) -> int:
    """Return how many whole lines of the data are not blank, counting up to so many: a head may hold thousands.

    >>> filled(b"load\\n\\nrun\\nunload", 9), filled(b"load\\nrun\\n", 1)
    (2, 1)
    """
    found = start = 0
    while found < most and (stop := data.find(b"\n", start) + 1):
        found += bool(data[start:stop].removeprefix(MARK).strip())
        start = stop
    return found
