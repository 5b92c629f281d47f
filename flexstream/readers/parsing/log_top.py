"""The top of a log: comments above its first line, and what is no log but mail."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..source.text import LOOKED_AT, Head, Source
from .context import ReadContext

OF_LOGS = frozenset({"access", "cef", "logfmt", "logjson", "log"})
"""Formats above whose first line comments may stand; tables have their own ways with them."""
# ``#5 loaded`` and ``#main hello`` are messages; a sign by itself, or apart from what follows, begins a comment.
_COMMENT = r"#+(?:\s|\Z|[A-Z][\w-]*: )"
# Compiled where they are looked for: that takes as long as a small file to learn.
_ENVELOPE = r"From \S+ +[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d"
_FIELD = r"[A-Z][\w-]*: "
_SIGNS = frozenset("([:=<")
_MOST, _FEWEST = 0.9, 10  # share of the lines that are of a kind where all are, and lines that tell


def comments_above(source: Source, pattern: str | None, fields: tuple[str, ...]) -> int:
    """Return how many lines of comments, and blank ones between, stand above the first line of a log.

    Parameters
    ----------
    source : Source
    pattern : str or None
        The user's; what it finds is no comment.
    fields : tuple of str
        Names that the user gave.

    Examples
    --------
    >>> import io
    >>> with Source(io.BytesIO(b"# agent 7\\n#\\n12:00:01 load\\n")) as source:
    ...     comments_above(source, None, ())
    2
    """
    for wanted in range(1, LOOKED_AT):  # a pipe is not waited for beyond the first line that is no comment
        lines = source.head(wanted, fields).lines
        filled = [line for line in lines if line.strip()]
        if len(filled) < wanted:
            return 0
        if not re.match(_COMMENT, filled[-1]) or (pattern is not None and _finds(pattern, filled[-1])):
            return len(lines) - 1 if wanted > 1 else 0
    return 0


def _finds(pattern: str, line: str) -> bool:
    from ..user_pattern import found_in

    try:
        return any(found_in(pattern, [line]))
    except (re.error, ValueError, OverflowError, RecursionError):  # which is told where it is used
        return False


def is_mail(lines: Sequence[str]) -> bool:
    """Tell whether lines that are not blank are the beginning of a mailbox (RFC 4155).

    >>> is_mail(["From ann@example.org Mon Jan  1 00:00:00 2024", "Subject: load", "please"])
    True
    >>> is_mail(["From here to there", "load run"])
    False
    """
    return len(lines) > 1 and bool(re.match(_ENVELOPE, lines[0]) and re.match(_FIELD, lines[1]))


def are_messages(source: Source, head: Head, context: ReadContext) -> bool:
    """Tell whether lines without a time are messages all the same, and say so; if they may be, more are looked at.

    Parameters
    ----------
    source : Source
        Of which nothing was taken.
    head : Head
        Its first lines.
    context : ReadContext
    """
    if not may_be_messages(without_comments(head.lines)):
        return False
    from .of_messages import told_as_log  # whose patterns take as long to compile as a small file to learn

    return told_as_log(source.name, without_comments(source.head(LOOKED_AT).lines), context)


def without_comments(lines: Sequence[str]) -> list[str]:
    """Return the lines that are not blank and no comments."""
    return [line for line in lines if line.strip() and not line.startswith("#")]


def may_be_messages(lines: Sequence[str]) -> bool:
    """Tell whether nearly all of some lines hold numbers, and signs that part messages, as traces of words do not.

    >>> may_be_messages(["I/Lots( 7): loaded in 3 s"] * 10), may_be_messages(["load run 7"] * 10)
    (True, False)
    """
    like = sum(any(map(str.isdecimal, line)) and not _SIGNS.isdisjoint(line) for line in lines)
    return len(lines) >= _FEWEST and like >= _MOST * len(lines)
