"""Profile of columns: what the first rows say about each, and which look like the case, the event and the time.

Names are judged by `fields`; here it is what the columns hold.  A column is a case if the events are most predictable,
each told after the one before it in its case: see `code_length`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import ge, gt, le

from ...patterns import late
from ..source.text import MOST_ROWS
from .code_length import begin_alike, code_length
from .counting import counts_rows
from .fields import plain
from .times import Clock

_FORETOLD = 0.02  # share of the bits that has to be saved
_MOST_COLUMNS = 8  # tried as case, and as event
_EXAMPLES = 3
_MOST_LEVELS = _MOST_KINDS = 10
_ALWAYS = 0.99  # share of the rows whose event has its usual value, if that is the kind of the event
_TIMES_TRIED = 40
_FEWEST_OF_TIMES = 0.9
_EARLIEST, _LATEST = 631_152_000, 4_102_444_800  # numbers that mean no time from 1990 to 2100 are ids, or amounts
# Digits are taken as a whole or not at all: a long run of them is looked through once.
_DECIMAL = re.compile(r"[+-]?(?:\d++[.,]\d++(?:[eE][+-]?\d+)?|[.,]?\d++[eE][+-]?\d+)\Z")
_INTEGER = re.compile(r"[+-]?\d+\Z")
_WHOLE = re.compile(
    r"\d++\.0\Z"
)  # an id, where a frame has made numbers with a point of integers of which one is missing
_DATE_OR_CLOCK = re.compile(
    r"\d{1,4}(?:([-/:])\d{1,2}\1\d{1,4}[\dTZ ,.:+-]*|\.\d{1,2}\.\d{1,4}(?:[T ,][\dZ ,.:+-]*)?)\Z"
)
_WORDS_OF_TEXT = 3
_FEWEST_IN_TURN, _MOST_LEFT_OUT = 20, 2  # numbers given in turn; how far they go, for each
_TIMED = late("time|zeit|stamp|stempel|date|datum|epoch|clock|uhr|utc|when|ts$")
# What cuts any log into parts, counts its rows or says of what kind they are, and is no case for that; compared as the
# names in `fields`.
_NO_CASES = frozenset(
    {
        *("date", "day", "month", "year", "week", "weekday", "hour", "minute", "second"),
        *("line", "lineid", "lineno", "row", "rowid", "rownumber", "index", "seq"),
        *("level", "loglevel", "severity", "priority", "keywords", "category", "taskcategory", "provider"),
        *("providername", "channel", "lfdnr", "zeile", "zeilennummer", "monat", "jahr", "woche", "stunde"),
        *("meldeklasse", "meldungsklasse", "meldungsart", "meldungstyp", "schweregrad", "priorität", "prioritaet"),
        *("ebene", "stufe", "kategorie", "aufgabenkategorie", "quelle"),
    }
)
LEVELS = frozenset(
    {
        *("trace", "verbose", "debug", "info", "inf", "information", "informational", "notice", "note", "warn", "wrn"),
        *("warning", "err", "error", "severe", "crit", "critical", "alert", "emerg", "emergency", "fatal", "panic"),
        *("low", "medium", "high", "minor", "major", "fault", "hint", "alarm", "ok", "normal"),
        *("informationen", "hinweis", "meldung", "betriebsmeldung", "warnung", "störung", "stoerung", "fehler"),
        *("kritisch", "schwerwiegend", "notfall", "niedrig", "mittel", "hoch", "ausführlich", "quittierung"),
    }
)
"""Words that say how grave something is, in lower case."""


@dataclass(frozen=True, slots=True)
class Column:
    """What the first rows say about a column.

    Attributes
    ----------
    name : str
    filled : int
        Rows in which it is not blank.
    distinct : int
        Values among these.
    single : int
        Values that stand in one row only.
    late : int
        Values that come up in the second half of the rows only.
    runs : int
        Rows whose value differs from the row before.
    kind : {"empty", "time", "decimal", "whole", "integer", "text", "word"}
        A text has more than three words a row.
    examples : tuple of str
        The first few values.
    """

    name: str
    filled: int
    distinct: int
    single: int
    late: int
    runs: int
    kind: str
    examples: tuple[str, ...]

    @property
    def unique(self) -> bool:
        """Whether next to every row has a value of its own."""
        return self.filled > 1 and self.distinct > 0.9 * self.filled

    @property
    def constant(self) -> bool:
        """Whether there are not two values."""
        return self.distinct < 2

    @property
    def digits(self) -> bool:
        """Whether values are digits alone, which may be ids though they might be times as well."""
        return all(map(str.isdecimal, self.examples))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column that may be the case or the event.

    Attributes
    ----------
    name : str
    values : int
        Different values among the rows.
    saved : float
        Share of the bits of the events that it saves: a case, against the order of the rows; an event, by the event
        before it.
    bits : float
        What the events take without.
    """

    name: str
    values: int
    saved: float
    bits: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What the first rows say.

    Attributes
    ----------
    rows : int
        How many were looked at.
    columns : tuple of Column
    cells : dict of lists of str
        What stands in the columns, by their names.
    scattered : bool
        Whether the rows stood in no order of their times, and were put in it, so that of each case there are some only.
    """

    rows: int
    columns: tuple[Column, ...]
    cells: dict[str, list[str]]
    scattered: bool = False

    def column(self, name: str) -> Column | None:
        """Return the column of a name, None if there is none."""
        return next((column for column in self.columns if column.name == name), None)

    def times(self) -> list[str]:
        """Return the columns that hold times."""
        return [column.name for column in self.columns if column.kind == "time"]

    def cases(self, event: Sequence[str]) -> list[Candidate]:
        """Return the columns that may be the case of an event, joined from columns, the best first.

        Some of these save nothing: they tell events apart, and no more.  What the value of a column tells about its
        events by itself, as that of a component or a level does, counts for nothing.
        """
        symbols = self.joined(event)
        alone = code_length(symbols, None)
        found = []
        for column in self.like_cases(event):
            cases = self.cells[column.name]
            if self._is_kind(column, symbols):
                continue
            least = min(alone, code_length(symbols, cases, by="case"))
            saved = (least - code_length(symbols, cases)) / least if least else 0.0
            found.append(Candidate(column.name, column.distinct, saved, least))
        return sorted(found, key=lambda candidate: -candidate.saved)

    def case_by_shape(self, event: Sequence[str]) -> Candidate | None:
        """Return the column that is the case of an event beyond doubt, None if there is none.

        To know the event before in the same case has to tell much more than to know that of the row before; where no
        new cases begin all the time, as with machines, even more.  Most cases have several events.  Where they follow
        one after the other, most begin alike.
        """
        symbols = self.joined(event)
        for candidate in self.cases(event):
            column = self.column(candidate.name)
            assert column is not None
            begins = column.distinct >= 5 and column.late >= 0.2 * column.distinct
            enough = 0.1 if self.scattered and begins else 0.15 if begins else 0.3
            saves = candidate.saved >= enough and candidate.saved * candidate.bits >= 20
            saves = saves or (
                begins and column.runs == column.distinct and begin_alike(self.cells[column.name], symbols)
            )
            if saves and 2 * column.single <= column.distinct:
                return candidate
        return None

    def events(self, case: str | None = None) -> list[Candidate]:
        """Return the columns that may be the event, that of which most can be told by the event before it first.

        Parameters
        ----------
        case : str, optional
            Column of the case, if it is known.
        """
        cases = None if case is None else self.cells.get(case)
        found = []
        for column in self._like_events(case):
            symbols = self.cells[column.name]
            # A column that stays the same for long is no better an event for that.
            apart = min(code_length(symbols, cases, by, repeats=False) for by in ("", "case"))
            told = code_length(symbols, cases, repeats=False)
            saved = (apart - told) / apart if apart else 0.0
            found.append(Candidate(column.name, column.distinct, saved, apart))
        return sorted(found, key=lambda candidate: -candidate.saved * candidate.bits)

    def foretells(self, name: str, case: str | None) -> bool:
        """Tell whether values of a column are easier to tell after the one before if repeats cost something as well.

        By chance alone a column of two values may alternate a little more often than not.
        """
        symbols, cases = self.cells[name], None if case is None else self.cells.get(case)
        apart = min(code_length(symbols, cases, by) for by in ("", "case"))
        return apart - code_length(symbols, cases) > _FORETOLD * apart

    def joined(self, names: Sequence[str]) -> list[str]:
        """Return what some columns hold, joined row by row."""
        columns = [self.cells[name] for name in names]
        return columns[0] if len(columns) == 1 else list(map("+".join, zip(*columns, strict=True)))

    def like_cases(self, event: Sequence[str] = ()) -> list[Column]:
        """Return the columns that may be a case by themselves: ids of several events each, none of the events."""
        found = [
            column
            for column in self.columns
            if column.name not in event
            and plain(column.name) not in _NO_CASES
            and not self._says_how_grave(column)
            and column.kind in {"integer", "whole", "word"}
            and not column.constant
            and 2 * column.filled >= self.rows
            and (2 * column.distinct <= column.filled or (self.scattered and 3 * column.distinct <= 2 * column.filled))
        ]
        return sorted(found, key=lambda column: -column.distinct)[:_MOST_COLUMNS]

    def _is_kind(self, column: Column, symbols: Sequence[str]) -> bool:
        """Tell whether a column says of what kind events are: one value comes with each, and no new ones come up."""
        if column.distinct > _MOST_KINDS or column.late:
            return False
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for symbol, value in zip(symbols, self.cells[column.name], strict=True):
            counts[symbol][value] += 1
        usual = sum(max(some.values()) for some in counts.values())
        return usual >= _ALWAYS * len(symbols) and len(counts) > column.distinct

    def _says_how_grave(self, column: Column) -> bool:
        """Tell whether the values of a column are levels: such a value comes all through a log, and ends nothing."""
        return column.distinct <= _MOST_LEVELS and LEVELS.issuperset(
            map(str.lower, filter(None, set(self.cells[column.name])))
        )

    def _like_events(self, case: str | None) -> list[Column]:
        """Return the columns that may be an event by themselves: some values that come again and again."""
        found = [
            column
            for column in self.columns
            if column.name != case
            and column.kind in {"integer", "text", "word"}
            and not column.constant
            and 2 * column.filled >= self.rows
            and 4 * column.distinct <= column.filled + 8
            and 4 * column.late <= column.distinct + 4
        ]
        found = [column for column in found if column.kind != "integer" or not self._counts_rows(column)]
        return sorted(found, key=lambda column: (column.kind == "integer", -column.distinct))[:_MOST_COLUMNS]

    def _counts_rows(self, column: Column) -> bool:
        """Tell whether a column counts the rows of whatever may be a case."""
        values = self.cells[column.name]
        return any(counts_rows(values, self.cells[one.name]) for one in self.like_cases((column.name,)))


def profile(names: Sequence[str], rows: Iterable[Sequence[str]], most: int = MOST_ROWS) -> Profile:
    """Look at the first rows below some names.

    Parameters
    ----------
    names : sequence of str
        Of the columns; of two with one name the first counts.
    rows : iterable of sequences of str
        As wide as the names.
    most : int
        Rows that are taken.

    Examples
    --------
    >>> rows = [(f"2026-01-31 10:{i:02}", f"L{i // 4}", ["load", "run"][i % 2]) for i in range(40)]
    >>> found = profile(["at", "lot", "what"], rows)
    >>> [(column.name, column.kind, column.distinct) for column in found.columns]
    [('at', 'time', 40), ('lot', 'word', 10), ('what', 'word', 2)]
    >>> found.times(), [candidate.name for candidate in found.events("lot")]
    (['at'], ['what'])
    """
    taken = [row for row, _ in zip(rows, range(most), strict=False)]
    cells: dict[str, list[str]] = {}
    for place, name in enumerate(names):
        cells.setdefault(name, [row[place].strip() for row in taken])
    return Profile(len(taken), tuple(_column(name, column) for name, column in cells.items()), cells)


def _column(name: str, cells: list[str]) -> Column:
    filled = [cell for cell in cells if cell]
    counts = Counter(filled)
    early = set(filled[: (len(filled) + 1) // 2])
    return Column(
        name,
        len(filled),
        len(counts),
        sum(count == 1 for count in counts.values()),
        len(counts.keys() - early),
        sum(before != cell for before, cell in zip(["", *filled], filled, strict=False)),
        _kind(list(counts), filled, _TIMED.search(plain(name)) is not None),
        tuple(counts)[:_EXAMPLES],
    )


def _kind(values: list[str], filled: list[str], timed: bool = False) -> str:
    """Return what most values are; ``timed`` says whether the column is called as times are."""
    if not values:
        return "empty"
    few = values[:_TIMES_TRIED]
    clock = Clock()
    most = _FEWEST_OF_TIMES * len(few)
    integers = sum(_INTEGER.match(value) is not None for value in few)
    if sum(_is_time(value, clock) for value in few) >= most and (
        integers < most or (_like_times(values, filled) and (timed or not counts_on(filled)))
    ):
        return "time"
    decimals = sum(_DECIMAL.match(value) is not None for value in few)
    if integers >= most:
        return "integer"
    if decimals + integers >= most:
        return "whole" if all(map(_WHOLE.match, few)) else "decimal"
    words = sum(len(value.split()) for value in filled[:MOST_ROWS])
    return "text" if words > _WORDS_OF_TEXT * len(filled) else "word"


def _like_times(values: list[str], filled: list[str]) -> bool:
    """Tell whether numbers are as times of events are: they hardly come again, or they rise or fall; ids do neither."""
    if 2 * len(values) > len(filled):
        return True
    keys = [(len(text), text) for text in filled]
    return any(all(map(one_way, keys, keys[1:])) for one_way in (ge, le))


def counts_on(filled: Sequence[str], down: bool = False) -> bool:
    """Tell whether numbers rise, or fall, from row to row and leave hardly one out, as ids do that are given in turn.

    Moments at which something happens leave out many, or some come twice; where they were as dense as that and none
    came twice, some clock would tick at each event.

    Examples
    --------
    >>> in_turn = [str(1764000000 + row) for row in range(40)]
    >>> counts_on(in_turn), counts_on(in_turn[::-1]), counts_on(in_turn[::-1], down=True)
    (True, False, True)
    >>> counts_on([str(1764000000 + 60 * row) for row in range(40)])
    False
    """
    if len(filled) < _FEWEST_IN_TURN or not all(map(str.isdecimal, filled)):
        return False
    numbers = list(map(int, reversed(filled) if down else filled))
    return all(map(gt, numbers[1:], numbers)) and numbers[-1] - numbers[0] <= _MOST_LEFT_OUT * len(numbers)


def is_epoch(text: str) -> bool:
    """Tell whether a text is a number that means a time from 1990 to 2100."""
    return _INTEGER.match(text) is not None and _is_time(text, Clock())


def _is_time(text: str, clock: Clock) -> bool:
    """Tell whether a text is a time, or a part of one; of plain numbers only epochs of our times."""
    if _DATE_OR_CLOCK.match(text):
        return True
    try:
        seconds = clock.seconds(text)
    except (ValueError, OverflowError):
        # What may be one day or another is one all the same; a number that may be a date need not be.
        return not text.isdecimal() and clock.tells(text) in {"date", "moment"}
    return _EARLIEST <= seconds < _LATEST or (not _INTEGER.match(text) and not _DECIMAL.match(text))
