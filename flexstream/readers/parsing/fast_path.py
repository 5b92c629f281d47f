"""The fast path for events one a line: compiled loops take what is plain, the general path gets the lines between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ..._kernels.events import CASE, EVENT, LINE, SPAN_COLUMNS, TIME
from ...tuples import NamedTuple
from ..diagnostics import Diagnostics, own_number
from ..items import Events
from ..source.cursor import LINE_FEED, Cursor, lines_in
from ..source.text import is_utf8
from .blank import NO_CASE
from .case_names import CaseNames
from .context import ReadContext
from .masking import MaskedTexts

if TYPE_CHECKING:
    from .member_cases import MemberCases

# A run that ends after fewer rows than this was not worth its while; after some of them the rest of a block takes the
# general path.
_FEW_ROWS = 32
_MOST_FAILURES = 8
# Rows that are taken at once: what is known of them stays near the processor from one step to the next.  Where another
# thread works on those before, each step lets it wait for the interpreter, and fewer steps are quicker.
_MOST_ROWS, _MOST_AHEAD = 1 << 14, 1 << 16
_CHARACTER = 8  # bytes that are free before one is written
# Larger blocks hold a line so long that it is no plain event.
_LARGEST_BLOCK = 1 << 22

Split = Callable[[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]], None]
"""Called with buffer, spans and state, as `split_rows` or `split_fields` without what is fixed."""


Find = Callable[[NDArray[np.uint8], NDArray[np.int64], int], NDArray[np.int32]]
"""Called with buffer, spans and the column of these, as `Tokeniser.find`."""


class Splitter(NamedTuple):
    """How plain lines are taken apart, and what of it is wanted beside the event."""

    split: Split
    cased: bool
    timed: bool
    lenient: bool = False  # go on behind what is no time
    masked: bool = False  # what varies in the text of an event is left out
    decodes: bool = False  # needs room behind the lines for texts without their escapes
    split_members: Split | None = None  # finds the member of each event where the others find its case


class Lines(Protocol):
    """What hands out blocks of whole lines: a source, or the records of one."""

    name: str
    cursor: Cursor

    def blocks(self, diagnostics: Diagnostics) -> Iterator[tuple[int, bytes]]:
        """Yield (number of its first line, bytes of whole lines)."""

    def decoded(
        self, block: bytes, number: int, diagnostics: Diagnostics, keep_returns: bool = False
    ) -> Iterator[tuple[int, str]]:
        """Yield (line number, text) of the lines of a block."""

    def number(self, line: int) -> int:
        """Return the number that a line has for the user."""


class Feed:
    """The lines of a source, of which a splitter takes as many as it can and the general path the others.

    Parameters
    ----------
    source : Lines
        Where the lines come from.
    context : ReadContext
        Told about bad lines; without a tokeniser all lines take the general path.
    keep_returns : bool
        Leave the carriage return before a line feed in the text of the general path.

    Attributes
    ----------
    splitter : Splitter or None
        The fast path, as soon as it is known.
    last : int
        Number of the last line that was handed out.
    """

    def __init__(self, source: Lines, context: ReadContext, keep_returns: bool = False) -> None:
        self.splitter: Splitter | None = None
        self.last = 0
        self._source, self._context, self._keep_returns = source, context, keep_returns
        self._blocks = source.blocks(context)
        self._block, self._position, self._number = b"", 0, 1
        self._last = 0  # number of the last line of the block
        self._upto = 0  # number of the last line of the piece that the general path has
        self._failures, self._clean, self._blanks_told = 0, False, False
        tokeniser = context.tokeniser
        self._slow = tokeniser is None
        self._masked: MaskedTexts | None = None
        self._cases = CaseNames(context.case_bytes, sorted(NO_CASE))
        self._spans = np.empty((0, SPAN_COLUMNS), np.int64)
        self._room = np.empty(0, np.uint8)

    @cached_property
    def _members(self) -> CaseNames:
        """Members by their names, where they are told apart."""
        return CaseNames(None, sorted(NO_CASE))

    @cached_property
    def _pairs(self) -> MemberCases:
        """Cases of members, where these are told apart."""
        from .member_cases import MemberCases

        return MemberCases(self._context.case_bytes)

    @property
    def one_by_one(self) -> bool:
        """Whether the general path gets single lines, and the fast path tries after each of them."""
        return not self._slow and self._failures < _MOST_FAILURES

    def propose(self, splitter: Splitter | None) -> None:
        """Set the fast path that the last line suggests; None counts as a failure."""
        self.splitter = splitter
        self._failures += splitter is None

    def general_only(self) -> None:
        """Leave the fast path alone from here on."""
        self._slow, self.splitter = True, None

    def tell_blanks(self) -> None:
        """Say that blanks around cells are left out."""
        self._blanks_told = True
        self._context.note(f"{self._source.name}: blanks around cells are left out")

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield (line number, text) of what the general path has to read."""
        while self._filled():
            number, piece = self._piece()
            for line, text in self._source.decoded(piece, number, self._context, self._keep_returns):
                self.last = line
                yield line, text

    def events(self) -> Iterator[Events]:
        """Yield the events of the lines that come next as long as the fast path understands them."""
        while self.splitter is not None and self.last == self._upto and self._filled():
            if not (self._clean and self.one_by_one):
                return
            events = self._taken(self.splitter)
            if events is not None:
                yield events
            elif self._position < len(self._block):
                return

    def _filled(self) -> bool:
        """Get the next block if the present one is used up; return whether there is one."""
        while self._position >= len(self._block):
            found = next(self._blocks, None)
            if found is None:
                return False
            self._number, self._block = found
            self._last = self._source.cursor.line
            self._position, self._failures = 0, 0
            self._clean = not self._slow and len(self._block) <= _LARGEST_BLOCK and is_utf8(self._block)
            if self._clean and not len(self._spans):
                rows = _MOST_AHEAD if self._context.ahead else _MOST_ROWS
                self._spans = np.empty((rows, SPAN_COLUMNS), np.int64)
        return True

    def _piece(self) -> tuple[int, bytes]:
        """Return the number of the first line, and the bytes, of what the general path gets next."""
        start, stop = self._position, len(self._block)
        if self.one_by_one:
            stop = self._block.find(b"\n", start) + 1 or stop
        number, piece = self._number, self._block[start:stop]
        self._advance(stop)
        self._upto = self._number - 1
        return number, piece

    def _advance(self, stop: int) -> None:
        whole = stop == len(self._block)
        self._number = self._last + 1 if whole else self._number + lines_in(self._block[self._position : stop])
        self._position = stop
        self._source.cursor.reach(len(self._block) - stop, self._number - 1)

    def _taken(self, splitter: Splitter) -> Events | None:
        """Return the events of as many lines as the splitter understands, None if these are none."""
        buffer = self._with_room() if splitter.decodes else np.frombuffer(self._block, np.uint8)
        start, first = self._position, self._number
        state = np.array([start, 0, 0, len(self._block), 0, len(self._block)])
        splitter.split(buffer, self._spans, state)
        stop, rows, blanks = state[:3].tolist()
        if blanks and not self._blanks_told:
            # Only row by row it is known what is to be told before: of times, and of rows that are bad.
            self._failures += 1
            return None
        spans = self._spans[:rows]
        times = self._context.clock.many(buffer, spans, TIME, splitter.lenient) if splitter.timed else None
        if splitter.lenient:
            self._context.tell_riddle(self._source.name)
        if times is not None and len(times) < rows:
            stop, spans = int(spans[len(times), LINE]), spans[: len(times)]
        cases = self._numbered(buffer, spans) if splitter.cased and len(spans) else None
        if cases is not None and len(cases) < len(spans):
            stop, spans = int(spans[len(cases), LINE]), spans[: len(cases)]
            times = None if times is None else times[: len(cases)]
        names: Sequence[str] = self._cases.names
        if splitter.split_members is not None and len(spans):
            owners = self._owned(buffer, spans, splitter.split_members)
            if len(owners) < len(spans):
                stop, spans = int(spans[len(owners), LINE]), spans[: len(owners)]
                times = None if times is None else times[: len(owners)]
                cases = None if cases is None else cases[: len(owners)]
            self._context.endless = self._context.endless or cases is None
            cases = self._pairs.of(self._members.names, owners, None if cases is None else names, cases)
            names = self._pairs.names
        self._failures += int(stop < len(self._block) and len(spans) < _FEW_ROWS)
        if stop > self._position:
            self._advance(stop)
            self.last = self._upto = self._number - 1
        if not len(spans):
            return None
        symbols = self._find(splitter.masked)(buffer, spans, EVENT)
        places = self._lines_of(spans, start, first) if self._context.origins else None
        return Events(names, cases, symbols, times, places)

    def _owned(self, buffer: NDArray[np.uint8], spans: NDArray[np.int64], split: Split) -> NDArray[np.int32]:
        """Return the member of each event as a position in the names, up to the first that has none."""
        found = np.empty_like(spans)
        state = np.array([self._position, 0, 0, len(self._block), 0, len(self._block)])
        split(buffer, found, state)
        rows = min(int(state[1]), len(spans))
        same = found[:rows, LINE] == spans[:rows, LINE]
        rows = rows if same.all() else int(np.argmin(same))
        if not rows:
            return np.empty(0, np.int32)
        ids = self._members.find(buffer, found[:rows], CASE)
        return ids if ids.min() >= len(NO_CASE) else ids[: int(np.argmax(ids < len(NO_CASE)))]

    def _lines_of(self, spans: NDArray[np.int64], start: int, first: int) -> NDArray[np.int64]:
        """Return the numbers of the lines of events, the first of which has a number and begins in the block."""
        taken = np.frombuffer(self._block, np.uint8, self._position - start, start)
        feeds = np.flatnonzero(taken == LINE_FEED) + start
        lines = first + np.searchsorted(feeds, spans[:, LINE])
        own = self._source.number
        return lines if self._context.line_of is own_number else np.array(list(map(own, lines.tolist())), np.int64)

    def _find(self, masked: bool) -> Find:
        """Return what looks up the symbols of texts."""
        assert self._context.tokeniser is not None
        if not masked:
            return self._context.tokeniser.find
        if self._masked is None:
            self._masked = MaskedTexts(self._context.tokeniser)
        return self._masked.find

    def _with_room(self) -> NDArray[np.uint8]:
        """Return the block with as many bytes behind it, which may be written to."""
        if len(self._room) < 2 * len(self._block) + _CHARACTER:
            self._room = np.empty(2 * len(self._block) + _CHARACTER, np.uint8)
        self._room[: len(self._block)] = np.frombuffer(self._block, np.uint8)
        return self._room

    def _numbered(self, buffer: NDArray[np.uint8], spans: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the case of each event as a position in the names, up to the first that has none."""
        ids = self._cases.find(buffer, spans, CASE)
        if ids.min() >= len(NO_CASE):
            return ids
        return ids[: int(np.argmax(ids < len(NO_CASE)))]
