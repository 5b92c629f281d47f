"""Columns that number the rows of a case, as of a session of a database: they say nothing of what happened."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 0.9  # share of the rows that are numbered on, of those that can be


def counts_rows(values: Sequence[str], cases: Sequence[str]) -> bool:
    """Tell whether numbers count on from row to row of each case, and from the same number in most.

    Examples
    --------
    >>> counts_rows(["1", "1", "2", "3", "2"], ["a", "b", "a", "a", "b"]), counts_rows(["1", "1", "2"], ["a", "a", "b"])
    (True, False)
    """
    last: dict[str, int] = {}
    first: list[int] = []
    on = 0
    for value, case in zip(values, cases, strict=True):
        if not value.isdecimal() or not case:
            return False
        number = int(value)
        if case in last:
            on += number == last[case] + 1
        else:
            first.append(number)
        last[case] = number
    later = len(values) - len(last)
    alike = first.count(max(first, key=first.count)) if first else 0
    return later > 0 and on >= _MOST * later and 2 * alike > len(first)
