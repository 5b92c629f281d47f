"""The top of a table: which line is the header of CSV, what parts its cells, and what stands above it."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from ...patterns import late
from ...tuples import NamedTuple
from .fields import recognise

DELIMITERS = ",;\t|^"
COMMENT = "#"
BLANKS = " \t"
"""What is left out around a cell."""
_QUOTED = late(r'"[^"]*"')
# The first line by which Excel is told, and tells others, what parts the cells.
_SEPARATOR = late(r'"?sep=(.)"?\s*\Z', re.IGNORECASE)
# The comment by which logs of W3C's extended form, and of Zeek, name their fields.
_FIELDS = late(r"#(?:fields\b:?|[ \t]+fields:)[ \t]*(?=\S)", re.IGNORECASE)
# Between rows a sentence may begin with the word as well.
_FIELDS_AGAIN = late(r"#(?:[ \t]*fields:[ \t]*|fields\t)(?=\S)", re.IGNORECASE)
_NUMBERED = late(r"column [1-9]\d*\Z")
# A name in a header that is not known: words of letters, no sentence.
_NAME = late(r"[^\W\d]\S*(?: \S+){0,3}\Z")
UNNAMED, _FEWEST_NAMED = "unnamed", 2
"""What a column is called that a header does not name, and the columns that it has to name."""
_TITLES = 10  # lines among which a header is looked for
_LINES = 20  # of which those without a header are looked at, as many as a format is guessed from
_WORDS = 3  # in the cells of a table without a header: more are the message of a log, if there are few columns
_WIDE = 6  # columns that no message makes by its commas, all lines alike
_DOCUMENTED = 20  # columns of a table that may be a known one, at least
_TIMED = 50  # columns among which the time is
_PLAUSIBLE = late(r"1\d{9}(?:\d{3}){0,3}(?:\.\d+)?\Z")
"""Numbers of seconds, or of thousandths, since 1970, of the years 2001 to 2033."""


class Top(NamedTuple):
    """The top of a table.

    Attributes
    ----------
    above : int
        Lines above the header that are not blank.
    header : str
        The header, or its first line, without the sign of a comment.
    delimiter : str
    names : list of str
        What the header's first line names.
    declared : bool
        Whether the first line says what parts the cells.
    ruled : bool
        Whether a line of dashes stands below the header, as in Markdown.
    named : bool
        Whether there is a header; columns without one are called by their numbers.
    fielded : bool
        Whether the header is a comment that begins with ``#Fields``, so that no comment is a row.
    """

    above: int
    header: str
    delimiter: str
    names: list[str]
    declared: bool = False
    ruled: bool = False
    named: bool = True
    fielded: bool = False

    def from_header(self, lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        """Yield numbered lines from the header on, which comes without the sign of a comment, or from the first row."""
        rest, left = iter(lines), self.above + self.named
        while left and (found := next(rest, None)) is not None:
            number, line = found
            left -= bool(line.strip())
            if left == 0 and self.named:
                yield number, self.header + line[len(line.rstrip("\r")) :]
        yield from rest

    def rows(self, lines: Iterable[str], width: int) -> Iterator[list[str]]:
        """Yield the cells of the rows below the header that are as wide as this, up to one whose quotes are broken."""
        below = (line + "\n" for _, line in self.from_header(enumerate(lines)))
        with suppress(csv.Error):
            found = itertools.islice(csv.reader(below, delimiter=self.delimiter), self.named + self.ruled, None)
            same = itertools.takewhile(lambda row: not self._names_others(row), found) if self.fielded else found
            rows = (row for row in same if len(row) == width and not self.passes_over(row))
            yield from (row for row in rows if row[0].strip() != self.names[0] or [*map(str.strip, row)] != self.names)

    def _names_others(self, row: list[str]) -> bool:
        """Tell whether a row is a comment that names other fields than the header."""
        return bool(row) and row[0].startswith(COMMENT) and fields_named(row, self.delimiter) not in (None, self.names)

    def widened(self, lines: Iterable[str]) -> Top:
        """Return the top with a name for the column that a header lacks, where all rows have one cell more.

        It is the last, as in what Windows' Event Viewer writes, or the first where that counts rows, as R writes it.

        >>> top = find_top(["Event,Time", "4634,1/11,An account was logged off.", "4624,1/11,Logged on."])
        >>> top.widened(["Event,Time", "4634,1/11,An account was logged off.", "4624,1/11,Logged on."]).names
        ['Event', 'Time', 'unnamed']
        """
        width = len(self.names)
        if not self.named or self.fielded or self.ruled or width < _FEWEST_NAMED or UNNAMED in self.names:
            return self
        lines = list(lines)
        rows = list(self.rows(lines, width + 1))
        if not rows or next(self.rows(lines, width), None) is not None:
            return self
        first = [row[0].strip() for row in rows]
        counted = len(rows) > 1 and first in ([*map(str, range(at, at + len(rows)))] for at in (0, 1))
        return self._replace(names=[UNNAMED, *self.names] if counted else [*self.names, UNNAMED])

    def passes_over(self, row: Sequence[str]) -> bool:
        """Tell whether a row is a comment, or a rule of a drawn table, though it may be as wide as the others."""
        return (self.fielded and row[0].startswith(COMMENT)) or (self.ruled and _is_rule([self.delimiter.join(row)]))


def find_top(lines: Sequence[str], fields: Sequence[str] = (), delimiter: str | None = None) -> Top:
    """Return the top of a table that begins with some lines, none of which is blank.

    Above the header may stand ``sep=;``, comments that begin with ``#``, and titles of fewer cells than the rows have;
    the last comment may itself be the header, and so is one that begins with ``#Fields`` and names as many as a row
    below it has.  There is none where the first line is a row as those below it are: all have a time in the same place,
    or a column was given by its number, as in ``column 2``.

    Parameters
    ----------
    lines : sequence of str
        At least one.
    fields : sequence of str
        Column names that the user gave.
    delimiter : str, optional
        If it is known.

    Examples
    --------
    >>> find_top(["sep=;", "case;activity", "1;load"]).names
    ['case', 'activity']
    >>> find_top(["# exported 2026-01-31", "# case,activity", "1,load"]).header
    'case,activity'
    >>> find_top(["2026-01-31 10:00:00,7,load", "2026-01-31 10:00:05,7,run"]).names
    ['column 1', 'column 2', 'column 3']
    """
    at, separator = 0, _separator(lines[0])
    if separator is not None:
        at, delimiter = 1, delimiter or separator[1]
    start = at
    while at < len(lines) - 1 and _is_comment(lines[at], delimiter):
        if fielded := _fielded(lines, at, delimiter):
            return fielded
        at += 1
    if at > start and at == len(lines) - 1 and (fielded := _fielded(lines, at, delimiter)):
        return fielded  # of a log that has no rows yet
    header = lines[min(at, len(lines) - 1)]
    if at > start and (commented := _commented(lines[at - 1], header, fields, delimiter)):
        at, header = at - 1, commented
    elif unnamed := _without_header(lines[at:_LINES], fields, delimiter):
        return Top(at, "", *unnamed, separator is not None, named=False)
    elif _is_title(lines[at:_LINES], fields, delimiter):
        at = _below_titles(lines, at, fields, delimiter)
        header = lines[min(at, len(lines) - 1)]
    if delimiter in {None, "|"} and (drawn := _drawn(lines[:_TITLES])) is not None:
        return Top(drawn, lines[drawn], "|", cells(lines[drawn], "|"), ruled=True)
    names = cells(header, delimiter)
    sign = delimiter or (sniff(header) if len(names) > 1 else _unused(lines))
    return Top(at, header, sign, names, separator is not None, sign == "|" and _is_rule(lines[at + 1 : at + 2]))


def _drawn(lines: Sequence[str]) -> int | None:
    """Return which line is the header of a table that is drawn, None if none is."""
    if not any("|" in line for line in lines):
        return None
    from .drawn_tables import drawn_header  # which few tables need

    return drawn_header(lines)


def _is_rule(lines: Sequence[str]) -> bool:
    from .drawn_tables import is_rule  # likewise

    return is_rule(lines)


def _separator(line: str) -> re.Match[str] | None:
    return _SEPARATOR.match(line) if "=" in line[3:5] else None


def may_be_above(line: str, fields: Sequence[str] = (), delimiter: str | None = None) -> bool:
    """Whether a first line may stand above a header, or be a row, so that more lines have to be seen."""
    names = cells(line, delimiter)
    above = line.startswith(COMMENT) or _separator(line) is not None or len(names) == 1
    return above or not known(names, fields)


def numbered(width: int) -> list[str]:
    """Return what columns without a header are called.

    >>> numbered(2)
    ['column 1', 'column 2']
    """
    return [f"column {place}" for place in range(1, width + 1)]


def known(names: Sequence[str], fields: Sequence[str] = ()) -> bool:
    """Whether there is a name of an event or a trace among names, or one that the user gave.

    >>> known(["lot", "activity"]), known(["lot", "x"])
    (True, False)
    """
    return bool(recognise("event", names) or recognise("sequence", names) or set(names) & set(fields))


def like_names(cells: Sequence[str]) -> bool:
    """Whether all cells of a header, blanks around them included, look like names, though nobody knows them.

    >>> like_names(["Auftrag", "Schritt Nr"]), like_names(["Auftrag", "7"]), like_names([])
    (True, False, False)
    """
    return bool(cells) and all(map(_NAME.match, cells))


def cells(line: str, delimiter: str | None = None) -> list[str]:
    """Return the cells of a line, without blanks around them; none if its quotes are broken."""
    return [cell.strip() for cell in raw_cells(line, delimiter)]


def raw_cells(line: str, delimiter: str | None = None) -> list[str]:
    """Return the cells of a line as they are; none if its quotes are broken."""
    try:
        return next(csv.reader([line], delimiter=delimiter or sniff(line)), [])
    except csv.Error:
        return []


def sniff(header: str) -> str:
    """Return the delimiter that a header uses most, outside quotes.

    Examples
    --------
    >>> sniff('case;"event, or task";time')
    ';'
    """
    bare = _QUOTED.sub("", header) if '"' in header else header
    return max(DELIMITERS, key=bare.count)


def _is_comment(line: str, delimiter: str | None) -> bool:
    """Whether a line is a comment; a first column may be called ``#`` as well."""
    return line.startswith(COMMENT) and not line[1:].lstrip(COMMENT).startswith(delimiter or tuple(DELIMITERS))


def _fielded(lines: Sequence[str], at: int, delimiter: str | None) -> Top | None:
    """Return the top of a table whose fields a comment names; None if no row below has as many.

    Names may be apart by blanks where cells are by tabs.

    >>> _fielded(["#Fields: date time", "2026-01-31\\t10:00"], 0, None).delimiter
    '\\t'
    >>> _fielded(["#Fields are told", "1"], 0, None)
    """
    found = _FIELDS.match(lines[at])
    if found is None:
        return None
    header = lines[at][found.end() :].rstrip()
    rows = [line for line in lines[at + 1 : at + 1 + _LINES] if not line.startswith(COMMENT)]
    for sign in (delimiter,) if delimiter else ("\t", " "):
        apart = sign if sign in header else " "
        names = cells(header, apart)
        fits = any(len(cells(row, sign)) == len(names) for row in rows) if rows else sign == apart
        if len(names) > 1 and fits:
            return Top(at, sign.join(names), sign, names, declared=True, fielded=True)
    return None


def fields_named(row: Sequence[str], delimiter: str) -> list[str] | None:
    """Return the fields that a comment between rows names, None if it names none.

    >>> fields_named(["#Fields:", "date", "time"], " "), fields_named(["#Date:", "2026-01-31"], " ")
    (['date', 'time'], None)
    """
    text = delimiter.join(row).rstrip()
    found = _FIELDS_AGAIN.match(text)
    if found is None:
        return None
    names = text[found.end() :]
    return cells(names, delimiter if delimiter in names else " ")


def _commented(comment: str, below: str, fields: Sequence[str], delimiter: str | None) -> str | None:
    """Return the header that a comment holds: it names what the line below, as wide as it, does not."""
    bare = comment.lstrip(COMMENT).lstrip()
    names, row = cells(bare, delimiter), cells(below, delimiter)
    return bare if len(names) == len(row) and known(names, fields) and not known(row, fields) else None


def _is_title(lines: Sequence[str], fields: Sequence[str], delimiter: str | None) -> bool:
    """Whether the first of some lines names nothing known and has one cell, or fewer than most rows further down."""
    names = cells(lines[0], delimiter) if lines else []
    if len(names) == 1 or known(names, fields):
        return len(names) == 1
    below = [len(cells(line, delimiter)) for line in lines[1:]]
    wider = {one for one, other in itertools.pairwise(below) if one == other > len(names)}
    return any(below.count(one) > below.count(len(names)) for one in wider)


def _without_header(lines: Sequence[str], fields: Sequence[str], delimiter: str | None) -> tuple[str, list[str]] | None:
    """Return what parts the cells of rows that have no header, and how their columns are called; None with a header."""
    if not lines or known(cells(lines[0], delimiter), fields):
        return None
    if any(map(_NUMBERED.match, fields)):
        sign = delimiter or sniff(lines[0])
        widths = Counter(len(cells(line, sign)) for line in lines)  # a row that goes on in the next line has others
        return sign, numbered(widths.most_common(1)[0][0])
    for sign in (delimiter,) if delimiter else DELIMITERS:
        rows = [cells(line, sign) for line in lines]
        width = len(rows[0])
        if width > 1 and len(rows) > 1 and {*map(len, rows)} == {width} and are_rows(rows):
            return sign, _names_of(rows)
    return None


def _names_of(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return what the columns of rows without a header are called: as documented, where that is known."""
    if len(rows[0]) < _DOCUMENTED:
        return numbered(len(rows[0]))
    from .known_tables import known_names  # which few tables need

    found = known_names(rows)
    return numbered(len(rows[0])) if found is None else found[1]


def may_be_row(line: str) -> bool:
    """Tell whether a line may be a row of a table without a header, as far as one line tells.

    >>> may_be_row("2026-01-31 10:00:00;7;load"), may_be_row("2026-01-31 10:00:00,250 INFO lot 7 loaded")
    (True, False)
    """
    rows = [cells(line, sign) for sign in DELIMITERS if sign in line]
    return any(len(row) > 1 and are_rows([row]) for row in rows)


def are_rows(rows: Sequence[Sequence[str]]) -> bool:
    """Whether all of some rows have a date or a time in one place, and no messages."""
    if not are_dated(rows):
        return False
    from .times import Clock  # loaded by now

    clock = Clock()
    # Such as Python's logs have: behind the comma of a time come its thousandths, and then a message.
    if any(cell[:3].isdecimal() and cell[3:4] == " " for cell in rows[0][1:_TIMED]):
        return False
    if len(rows[0]) >= _WIDE:
        return True
    return all(len(cell.split()) <= _WORDS or clock.tells(cell) for row in rows for cell in row)


def are_dated(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether all of some rows have a date or a time in one place.

    >>> are_dated([["7", "2026-01-31 10:00:00"], ["8", "2026-01-31 10:00:05"]]), are_dated([["7", "load"]])
    (True, False)
    """
    if not any(map(str.isdecimal, "".join(rows[0]))):
        return False
    from .times import Clock  # which takes as long to import as a small file to read

    clock = Clock()

    def has_date(cell: str) -> bool:
        return clock.tells(cell) in {"date", "moment"} or _PLAUSIBLE.match(cell) is not None

    return any(all(has_date(row[place]) for row in rows) for place in range(len(rows[0][:_TIMED])))


def _below_titles(lines: Sequence[str], at: int, fields: Sequence[str], delimiter: str | None) -> int:
    """Return where the first line is that names what is known, and has a row below it; else the line as given.

    Names that nobody knows have two rows below them.
    """
    if at < len(lines) and not known(cells(lines[at], delimiter), fields):
        for number in range(at + 1, min(at + _TITLES, len(lines) - 1)):
            names = cells(lines[number], delimiter)
            sign = delimiter or sniff(lines[number])
            below = [len(cells(line, sign)) == len(names) for line in lines[number + 1 : number + 3]]
            if len(names) < 2 or not below[0]:
                continue
            if known(names, fields) or (below == [True, True] and len(set(names)) == len(names) and like_names(names)):
                return number
    return at


def _unused(lines: Sequence[str]) -> str:
    """Return a delimiter that does not occur, for a table of one column."""
    return next((sign for sign in DELIMITERS if not any(sign in line for line in lines)), DELIMITERS[0])
