"""The top of a table: which line is the header of CSV, what parts its cells, and what stands above it."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from ...tuples import NamedTuple
from .fields import recognise

DELIMITERS = ",;\t|^"
COMMENT = "#"
BLANKS = " \t"
"""What is left out around a cell."""
_QUOTED = re.compile(r'"[^"]*"')
# The first line by which Excel is told, and tells others, what parts the cells.
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*\Z', re.IGNORECASE)
# A name in a header that is not known: words of letters, no sentence.
_NAME = re.compile(r"[^\W\d]\S*(?: \S+){0,3}\Z")
# The line of Markdown between a table's header and its rows.
_RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*\Z")
_TITLES = 10  # lines among which a header is looked for


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
    """

    above: int
    header: str
    delimiter: str
    names: list[str]
    declared: bool = False
    ruled: bool = False

    def from_header(self, lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        """Yield numbered lines from the header on, which comes without the sign of a comment."""
        rest, left = iter(lines), self.above
        for number, line in rest:
            if line.strip() and left == 0:
                yield number, self.header + line[len(line.rstrip("\r")) :]
                break
            left -= bool(line.strip())
        yield from rest

    def rows(self, lines: Iterable[str], width: int) -> Iterator[list[str]]:
        """Yield the cells of the rows below the header that are as wide as this, up to one whose quotes are broken."""
        below = (line + "\n" for _, line in self.from_header(enumerate(lines)))
        with suppress(csv.Error):
            found = itertools.islice(csv.reader(below, delimiter=self.delimiter), 1 + self.ruled, None)
            yield from (row for row in found if len(row) == width)


def find_top(lines: Sequence[str], fields: Sequence[str] = (), delimiter: str | None = None) -> Top:
    """Return the top of a table that begins with some lines, none of which is blank.

    Above the header may stand ``sep=;``, comments that begin with ``#``, and titles of one cell; the last comment may
    itself be the header.

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
    """
    at, separator = 0, _SEPARATOR.match(lines[0])
    if separator is not None:
        at, delimiter = 1, delimiter or separator[1]
    start = at
    while at < len(lines) - 1 and _is_comment(lines[at], delimiter):
        at += 1
    header = lines[min(at, len(lines) - 1)]
    if at > start and (commented := _commented(lines[at - 1], header, fields, delimiter)):
        at, header = at - 1, commented
    elif len(cells(header, delimiter)) == 1:
        at = _below_titles(lines, at, fields, delimiter)
        header = lines[min(at, len(lines) - 1)]
    names = cells(header, delimiter)
    sign = delimiter or (sniff(header) if len(names) > 1 else _unused(lines))
    return Top(at, header, sign, names, separator is not None, sign == "|" and is_rule(lines[at + 1 : at + 2]))


def may_be_above(line: str, delimiter: str | None = None) -> bool:
    """Whether a first line may stand above a header, so that more lines have to be seen."""
    return line.startswith(COMMENT) or _SEPARATOR.match(line) is not None or len(cells(line, delimiter)) == 1


def is_rule(lines: Sequence[str]) -> bool:
    """Tell whether the first of some lines is that of Markdown between a header and its rows.

    >>> is_rule(["|---|:-:|"]), is_rule(["- | -"]), is_rule(["| 7 | load |"]), is_rule([])
    (True, True, False, False)
    """
    return bool(lines) and _RULE.match(lines[0]) is not None


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
    bare = _QUOTED.sub("", header)
    return max(DELIMITERS, key=bare.count)


def _is_comment(line: str, delimiter: str | None) -> bool:
    """Whether a line is a comment; a first column may be called ``#`` as well."""
    return line.startswith(COMMENT) and not line[1:].lstrip(COMMENT).startswith(delimiter or tuple(DELIMITERS))


def _commented(comment: str, below: str, fields: Sequence[str], delimiter: str | None) -> str | None:
    """Return the header that a comment holds: it names what the line below, as wide as it, does not."""
    bare = comment.lstrip(COMMENT).lstrip()
    names, row = cells(bare, delimiter), cells(below, delimiter)
    return bare if len(names) == len(row) and known(names, fields) and not known(row, fields) else None


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
