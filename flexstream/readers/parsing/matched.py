"""The fast path for lines that a pattern takes apart: many at once, nothing but the search for each by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from operator import methodcaller
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..items import Event, Events
from ..source.cursor import lines_in
from ..source.text import Source, is_utf8
from ..user_pattern import Searches, SlowPatternError, StoppedError
from .blank import is_no_case, is_no_event
from .case_names import CaseNames
from .context import ReadContext
from .line_times import line_times, naming
from .many_templates import ManyTemplates
from .masking import as_it_is, for_events, for_messages
from .records import Records, stamped, takes_all
from .templates import message
from .tokeniser import Tokeniser
from .whole_text import WholeText
from .word_table import joined

# Bytes taken at once, so that an odd line holds up few others; twice as many after each piece without, up to a limit.
_PIECE, _LARGEST_PIECE = 1 << 16, 1 << 20

General = Callable[[Iterator[tuple[int, str]]], Iterator[Event]]
"""Reads numbered lines one by one."""


def _taker(pattern: re.Pattern[str]) -> Callable[[Any], Any]:
    """Return what takes the groups with a name out of a match, the text of one or a tuple of several."""
    names = pattern.groupindex
    return re.Match.groups if len(names) == pattern.groups > 1 else methodcaller("group", *names.values())


def _text(piece: bytes) -> str:
    text = piece.decode("utf-8")
    return text.replace("\r\n", "\n") if "\r" in text else text


def _each(mask: Callable[[str], str], texts: Sequence[str]) -> Sequence[str]:
    """Return what is made of some texts; those that are alike are looked at once."""
    if mask is as_it_is:
        return texts
    made = {text: mask(text) for text in set(texts)}
    return [made[text] for text in texts]


class MatchedLines:
    """The events of lines; a piece of the source in which one is odd is left to the general path.

    Parameters
    ----------
    source : Source
        Where the lines come from.
    context : ReadContext
        Its tokeniser numbers the symbols.
    pattern : re.Pattern
        May have groups ``case``, ``event``, ``time`` and ``message``, and no others with a name.  Without ``time``
        the times are those that the lines begin with.
    general : callable
        The general path.
    records : Records
        Knows which lines go on with the one above.
    searches : Searches
        Breaks off what takes too long.
    """

    def __init__(
        self,
        source: Source,
        context: ReadContext,
        pattern: re.Pattern[str],
        general: General,
        records: Records,
        searches: Searches,
    ) -> None:
        self._source, self._context, self._general, self._records = source, context, general, records
        self._searches = searches
        self._search, self._groups, self._whole = pattern.search, tuple(pattern.groupindex), WholeText(pattern)
        self._of_match = _taker(pattern)
        self._says_nothing = takes_all(pattern)
        self._of_event, self._of_message = for_events(context.options), for_messages(context.options)
        self._cases, self._templates = CaseNames(context.case_bytes), ManyTemplates()

    def events(self, tokeniser: Tokeniser) -> Iterator[Event | Events]:
        """Yield the events of the source."""
        cursor, clock, size = self._source.cursor, self._context.clock, _PIECE
        for first, block in self._source.blocks(self._context):
            number, start = first, 0
            while start < len(block):
                stop = block.find(b"\n", min(start + size, len(block)) - 1) + 1 or len(block)
                piece = block[start:stop]
                lines = lines_in(piece)
                cursor.reach(len(block) - stop, number + lines - 1)
                before, odd = clock.state(), (clock.riddle, clock.ambiguous)
                found = self._taken(piece, tokeniser, number) if is_utf8(piece) else None
                size = _PIECE if found is None else min(2 * size, _LARGEST_PIECE)
                if found is not None:
                    yield found
                else:
                    clock.restore(before)
                    clock.riddle, clock.ambiguous = odd  # which comes again, in its place
                    yield from self._general(self._source.decoded(piece, number, self._context))
                number, start = number + lines, stop

    def _taken(self, piece: bytes, tokeniser: Tokeniser, number: int) -> Events | None:
        """Return the events of a piece; None if a line in it is odd or goes on with the one above, or all are blank."""
        text = _text(piece).removesuffix("\n")
        lines = text.split("\n")
        places = np.arange(number, number + len(lines)) if self._context.origins else None
        if not all(map(str.strip, lines)):
            if places is not None:
                places = places[[bool(line.strip()) for line in lines]]
            lines = [line for line in lines if line.strip()]
            text = "\n".join(lines)
        columns = self._found(text, lines)
        if columns is None or any(None in column for column in columns.values()):
            return None
        times = self._times(columns["time"]) if "time" in columns else self._times_of_lines(lines, columns)
        if times is None:
            return None
        texts, which = self._said(lines, columns)
        named = self._named(columns)
        cases = None if named is None else self._cases.find(*joined(named), 0)
        if any(map(is_no_event, set(texts))) or (cases is not None and self._cases.lacking(cases)):
            return None
        if self._says_nothing:
            if self._records.unclear(lines):
                return None
        else:
            self._records.begin(stamped(lines[-1]))
        if "time" not in columns:
            self._context.tell_ambiguous(self._source.name)
        symbols = tokeniser.find(*joined(texts), 0)
        return Events(self._cases.names, cases, symbols if which is None else symbols[which], times, places)

    def _named(self, columns: dict[str, Sequence[str]]) -> Sequence[str] | None:
        """Return the case of each line, behind its member where there are some; None without any."""
        per, cases = self._context.per, columns.get("case")
        if per is None:
            return cases
        if any(map(is_no_case, set(columns[per]))) or (cases is not None and any(map(is_no_case, set(cases)))):
            return [""] * len(columns[per])  # which are looked at one by one
        found = [None] * len(columns[per]) if cases is None else cases
        return list(map(self._context.of_member, columns[per], found))

    def _said(
        self, lines: list[str], columns: dict[str, Sequence[str]]
    ) -> tuple[Sequence[str], NDArray[np.intp] | None]:
        """Return the symbol of each line: what the pattern calls the event, or the template of its message.

        Where lines with the same symbol were found together, these are the different ones, and which of them each has.
        """
        if "event" in columns:
            return _each(self._of_event, columns["event"]), None
        messages = columns.get("message") or list(map(message, lines))
        return (messages, None) if self._of_message is as_it_is else self._templates.of(messages)

    def _found(self, text: str, lines: list[str]) -> dict[str, Sequence[str]] | None:
        """Return what the groups match, group by group; None if a line does not match, or it takes too long."""
        try:
            columns = self._searches(lambda text: self._whole.columns(text, len(lines)), text)
            return self._searches(self._columns, lines) if columns is None else columns
        except (SlowPatternError, StoppedError):
            return None

    def _columns(self, lines: list[str]) -> dict[str, Sequence[str]] | None:
        """Return what the groups match, group by group; None if a line does not match, or there is none."""
        groups = self._groups
        try:
            rows = list(map(self._of_match, map(self._search, lines)))
        except (AttributeError, TypeError):  # no match
            return None
        if not rows or not groups:
            return {} if rows else None
        return {groups[0]: rows} if len(groups) == 1 else dict(zip(groups, zip(*rows, strict=True), strict=True))

    def _times(self, texts: Sequence[str]) -> NDArray[np.float64] | None:
        """Return times in seconds, None if one of the texts is none."""
        seconds = self._context.clock.many(*joined(texts), 0)
        return seconds if len(seconds) == len(texts) else None

    def _times_of_lines(self, lines: list[str], columns: dict[str, Sequence[str]]) -> NDArray[np.float64] | None:
        """Return the times that lines begin with, NaN where there is none; None if one is lacking that is needed."""
        texts = line_times(lines, {name: columns[name] for name in naming(columns)})
        if not any(texts):
            seconds = np.full(len(texts), np.nan)
        else:
            seconds = self._context.clock.many(*joined(texts), 0, lenient=True)
        if self._context.options.silence is not None and np.isnan(seconds).any():
            return None
        return seconds
