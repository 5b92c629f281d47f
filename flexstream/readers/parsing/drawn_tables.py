"""Tables that are drawn with bars and rules, as by Markdown, databases (``psql``, ``mysql``) and lists of SAP."""

from __future__ import annotations

from collections.abc import Sequence

_RULES, _LINE = frozenset("-+|:= \t"), ("-", "=")
"""What a rule is drawn with, in Markdown and by tools of databases."""


def is_rule(lines: Sequence[str]) -> bool:
    """Tell whether the first of some lines is a rule, as between a header and its rows in Markdown, or drawn around.

    >>> is_rule(["|---|:-:|"]), is_rule(["- | -"]), is_rule(["+----+---+"]), is_rule(["| 7 | load |"]), is_rule([])
    (True, True, True, False, False)
    """
    return bool(lines) and any(sign in lines[0] for sign in _LINE) and _RULES.issuperset(lines[0])


def drawn_header(lines: Sequence[str]) -> int | None:
    """Return which line is the header of a table that is drawn with bars and a rule below it, None if there is none.

    >>> drawn_header(["Orders", "+----+-----+", "| id | at  |", "+----+-----+", "|  7 | 10h |"])
    2
    >>> drawn_header(["a|b", "1|2", "3|4"])
    """
    for at, line in enumerate(lines[:-2]):
        bars = line.count("|")
        if bars and is_rule(lines[at + 1 : at + 2]) and not is_rule([line]) and lines[at + 2].count("|") == bars:
            return at
    return None
