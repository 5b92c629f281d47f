"""A pattern that is searched for once in each of many lines, by one call for all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FLAGS = re.compile(r"\(\?[aimu]+\)")
# A class of characters, what is escaped, what says what a group is, and any other character.
_PARTS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]|\\(?:\d+|.)|\(\?(?:P[<=]|[:=!>(]|<[=!])|\(\?|.", re.DOTALL)
# The same within a line; of several lines these are ends of one as well.
_WITHIN = {r"\s": r"[^\S\n]", r"\D": r"[^\d\n]", r"\W": r"[^\w\n]", r"\A": "^", r"\Z": "$", r"\z": "$"}
_MAY_BE_LINE_FEED = re.compile(r"\\(?:[nxuUN0]|\d\d)|\(\?$|\n")
_PLAIN_CLASS = re.compile(r"\[(?:\\(?:[wdS]|t(?!-)|[^\w\s])|[^\\\x00-\x1f])*\]")
_MOST_FAILURES = 8


class WholeText:
    """Finds what `re.Pattern.search` finds in each line, in all lines at once; up to three times as fast.

    The pattern is searched for in the text of all lines, with nothing in it that a line feed could be, so that none of
    its ways to match leads out of a line, and takes the rest of its line each time.  Where it is found as often as
    there are lines, it is found once in each, and as in the line alone.

    Parameters
    ----------
    pattern : re.Pattern
        Has groups with names.

    Examples
    --------
    >>> text = WholeText(re.compile(r"\\[(?P<case>[^]]+)\\] (?P<event>\\w+)"))
    >>> text.columns("x [7] load y\\n[8] run", 2)
    {'case': ('7', '8'), 'event': ('load', 'run')}
    >>> text.columns("[7] load\\nrun", 2) is None
    True
    """

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._groups = dict(pattern.groupindex)
        self._alone = pattern.groups == 1
        self._failures = 0
        self._pattern = _taking_lines(pattern) if self._groups else None

    def columns(self, text: str, lines: int) -> dict[str, Sequence[str]] | None:
        """Return what the groups match in each line, group by group; None where it takes a search line by line.

        Parameters
        ----------
        text : str
            Lines, none of which is blank; the last without a line feed.
        lines : int
            How many there are.
        """
        if self._pattern is None or not lines:
            return None
        rows = self._pattern.findall(text)
        if len(rows) == lines + 1 and not any(rows[-1]):  # nothing, found behind the last line
            rows.pop()
        columns: list[Sequence[str]] = [rows] if self._alone else list(zip(*rows, strict=True))
        found = {name: columns[group - 1] for name, group in self._groups.items()} if len(rows) == lines else {}
        if found and not any("" in column for column in found.values()):  # which may be a group that matches nothing
            self._failures = 0
            return found
        self._failures += 1
        if self._failures == _MOST_FAILURES:
            self._pattern = None
        return None


def _taking_lines(pattern: re.Pattern[str]) -> re.Pattern[str] | None:
    """Return a pattern that takes the rest of the line as well, None where lines may not be apart.

    >>> _taking_lines(re.compile("(?i)load|run")).findall("a LOAD b RUN\\nrun load")
    ['LOAD b RUN\\n', 'run load']
    """
    flags = _FLAGS.match(pattern.pattern)
    text = within_line(pattern.pattern[flags.end() if flags else 0 :])
    if text is None or pattern.flags & (re.VERBOSE | re.DOTALL):
        return None
    return re.compile(rf"(?:{text})[^\n]*(?:\n|\Z)", pattern.flags | re.MULTILINE)


def within_line(pattern: str) -> str | None:
    r"""Return a pattern that matches in any line of a text what this one does in the line alone; None if unsure.

    >>> print(within_line(r"\A\s+(?P<case>[^]]+)(?=\s|\Z)"))
    ^[^\S\n]+(?P<case>[^\n\]]+)(?=[^\S\n]|$)
    >>> within_line("(?s:.)"), within_line(r"[\s\S]"), within_line(r"\x0a")
    (None, None, None)
    """
    parts = _PARTS.findall(pattern)
    for place, part in enumerate(parts):
        if part.startswith("[^"):
            parts[place] = r"[^\n" + (rf"\{part[2:]}" if part[2] in "]-" else part[2:])  # both mean more elsewhere
        elif _MAY_BE_LINE_FEED.match(part) or (part[0] == "[" and not _PLAIN_CLASS.fullmatch(part)):
            return None
        else:
            parts[place] = _WITHIN.get(part, part)
    return "".join(parts)
