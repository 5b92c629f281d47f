"""Records of several lines: a stack trace, or what else stands on lines without a time, belongs to the line above."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest

from ...patterns import late
from ..source.cursor import Cursor
from .templates import LEVEL, STAMP

_NEAR_START = 100
# Seconds since the start, as kernels of systems write them.
_SECONDS = r"\[ *\d+\.\d{3,6}\] "
_STAMPED = late(rf"(?:.{{0,{_NEAR_START}}}?(?<!\w){STAMP}(?!\w)|\[{LEVEL}\]|{LEVEL.upper()}:|{_SECONDS})")
# A level without a sign behind it is a word as any other, where nothing else says that this is a log.
_LEVEL_FIRST = late(r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL)\s+\S")
_THROWN = late(r"[A-Za-z_][\w.$]{0,200}(?:Exception|Error)(?::|$)")
# A time that is a word by itself, and otherwise one that is part of a word, as of the name of a file.
_STAMP = late(rf".{{0,{_NEAR_START}}}?(?<![^\s\[(<\"',|])(?P<stamp>{STAMP})(?!\w)")
_STAMP_IN_WORD = late(rf".{{0,{_NEAR_START}}}?(?<!\w)(?P<stamp>{STAMP})(?!\w)")
# A line that is indented may hold a time as well, and says something by itself only if it begins with it.
_STAMP_FIRST = late(rf"\s*(?:[\[(<]?{STAMP}(?!\w)|{_SECONDS})")
_CONTINUING = late(
    r"\s|Traceback \(most recent call last\):|Caused by: |During handling of the above |The above exception "
    r"|\.\.\. \d+ more|at [\w$.<>]+\(|Stack trace:|Stacktrace:|[]})]+[,;]?$"
)
# From September 2001 to 2033.
_EPOCH = late(r"[\[(]?1\d{9}(?:\d{3}|\.\d+)?[\])]?[:,]?")
_PUNCTUATION = late(r"[,;:.!?)\]}>\"']$|[(\[{<\"'=@/\\]")
_FEW_WORDS = 10

MOST = 100
"""Lines without a time that belong to one above; beyond them a log is taken to have lines without a time."""
NOTHING, PLAIN, STAMPED = 0, 1, 2
"""What is above a line: no record, one without a time, or one with a time and, counted on from there, the plain lines
that belong to it."""


def stamped(line: str) -> bool:
    """Whether a line carries a time near its start, or begins with a level.

    Examples
    --------
    >>> stamped("2026-01-31 23:59:00 lot 7 loaded"), stamped("ERROR: lot 7 lost"), stamped("ValueError: 7")
    (True, True, False)
    """
    return _STAMPED.match(line) is not None


def thrown(line: str) -> bool:
    """Whether a line names what was thrown.

    >>> thrown("java.io.IOException: lot 7 lost"), thrown("ValueError: 7"), thrown("lot 7: lost")
    (True, True, False)
    """
    return _THROWN.match(line) is not None


def levelled(line: str) -> bool:
    """Whether a line begins with a level and goes on.

    >>> levelled("ERROR com.fab.Main lot 7 lost"), levelled("lot 7 lost")
    (True, False)
    """
    return _LEVEL_FIRST.match(line) is not None


def stamp(line: str) -> str:
    """Return the time near the start of a line, empty if there is none.

    Examples
    --------
    >>> stamp("[2026-01-31 23:59:00,125] lot 7 loaded"), stamp("lot 7 loaded")
    ('2026-01-31 23:59:00,125', '')
    """
    found = _STAMP.match(line) or _STAMP_IN_WORD.match(line)
    return found["stamp"] if found else ""


def stamp_first(line: str) -> bool:
    """Whether a line begins with a time."""
    return _STAMP_FIRST.match(line) is not None


def continuing(line: str) -> bool:
    """Whether a line looks as if it went on with what is said above: it is indented, or part of a stack trace.

    Examples
    --------
    >>> continuing("\\tat fab.Server.run(Server.java:7)"), continuing("lot 7 loaded"), continuing("  12:00:00 lot 7")
    (True, False, False)
    """
    return _CONTINUING.match(line) is not None and not stamp_first(line)


def indented(lines: Sequence[str]) -> bool:
    """Whether nearly all lines that are no comments are indented, as those of tables in columns.

    >>> indented([" worker-7 [001] 12.5: load", " worker-8 [000] 12.6: run"]), indented(["load 7", "  at run(7)"])
    (True, False)
    """
    some = [line for line in lines if not line.startswith("#")]
    return 10 * sum(line[:1].isspace() for line in some) >= 9 * len(some) > 0


def takes_all(pattern: re.Pattern[str]) -> bool:
    """Whether a pattern matches any line, so that it does not say which of them begin a record.

    >>> takes_all(late("(?P<message>.*)")), takes_all(re.compile(r"\\[(?P<case>.*?)\\]"))
    (True, False)
    """
    return pattern.search("x") is not None


def most_have_epochs(lines: list[str]) -> bool:
    """Whether one word of each line, always in the same place, is a time in seconds or milliseconds since 1970.

    Of ten lines one may be odd, as the first is of what a program prints.

    >>> most_have_epochs(["7 n-1 1077804742 up", "9 n-4 1084680778 down"]), most_have_epochs(["load 7", "run 8"])
    (True, False)
    >>> most_have_epochs(["OK", *["1077804742.125 up"] * 9]), most_have_epochs(["OK", "1077804742 up"])
    (True, False)
    """
    columns = zip_longest(*map(str.split, lines), fillvalue="")
    return any(sum(map(bool, map(_EPOCH.fullmatch, column))) >= len(lines) - len(lines) // 10 for column in columns)


def looks_like_text(lines: list[str]) -> bool:
    """Whether lines hold text: hardly a word comes twice, and many have punctuation; traces repeat their symbols.

    >>> looks_like_text(["Author: A <a@example.org>", "Date: 2026-11-24", "Tidying, and (again) less code"])
    True
    >>> looks_like_text(["load run unload", "load run run unload"])
    False
    """
    words = [word for line in lines for word in line.split()]
    marked = sum(1 for word in words if _PUNCTUATION.search(word))
    return len(words) >= _FEW_WORDS and len(set(words)) * 2 > len(words) and marked * 10 >= len(words)


class Records:
    """Tells the lines that begin a record from those that go on with the one above.

    A line goes on if it looks like that (see `continuing`), or if it carries no time while the record above does.

    Parameters
    ----------
    cursor : Cursor
        Of the source; its ``records`` say what is above, so that the source can be read on from any line.
    indented : bool
        Whether all lines are indented, so that this says nothing.

    Examples
    --------
    >>> records = Records(Cursor())
    >>> [records.goes_on(line) for line in ("12:00:00 ERROR lost", "  File 'a.py'", "ValueError: 7", "12:00:01 ok")]
    [False, True, True, False]
    """

    def __init__(self, cursor: Cursor, indented: bool = False) -> None:
        self._cursor = cursor
        self._bare: Callable[[str], str] = str.lstrip if indented else str

    def begin(self, stamped: bool) -> None:
        """Note a line that begins a record."""
        self._cursor.records = STAMPED if stamped else PLAIN

    def goes_on(self, line: str) -> bool:
        """Return whether a line goes on with the record above; if not, it begins one."""
        above = self._cursor.records
        if continuing(self._bare(line)):
            if above != NOTHING:
                return True
        elif stamped(line) or levelled(line):
            self._cursor.records = STAMPED
            return False
        elif STAMPED <= above < STAMPED + MOST:
            self._cursor.records = above + 1
            return True
        if above == NOTHING:
            self._cursor.records = PLAIN
        return False

    def unclear(self, lines: list[str]) -> bool:
        """Whether some of many lines may go on with others, so that one has to look at each; if not, all begin one."""
        if any(map(_CONTINUING.match, map(self._bare, lines))):
            return True
        beginning, above = sum(1 for line in lines if stamped(line) or levelled(line)), self._cursor.records
        if beginning < len(lines) and (beginning or STAMPED <= above < STAMPED + MOST):
            return True
        self._cursor.records = STAMPED if beginning else max(above, PLAIN)
        return False
