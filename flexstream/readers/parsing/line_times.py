"""The times that lines of a log begin with, where a pattern takes the lines apart and has no group for one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ...patterns import late
from .records import stamp
from .templates import STAMP, parted

_FIRST = late(rf"\[?(?P<stamp>{STAMP})(?!\w)")
# Each of those times has one of these in it; most lines without a time are done with it.
_MAY_HOLD_ONE = late(r"\d\d[:.]\d\d|\d{6} \d{6}|(?:19|20)\d{6}")


def line_time(line: str) -> str:
    """Return the time near the start of a line, as a log that is read without a pattern has it; empty without one.

    >>> line_time("[2026-01-31 23:59:00,125] lot 7 loaded"), line_time("lot 7 loaded")
    ('2026-01-31 23:59:00,125', '')
    >>> line_time("Jan 31 23:59:00 host sshd[4711]: session opened")
    'Jan 31 23:59:00'
    """
    found = _FIRST.match(line)
    if found is not None:
        return found["stamp"]
    if _MAY_HOLD_ONE.search(line) is None:
        return ""
    time, said = parted(line)
    return time or (stamp(line) if len(said) == len(line) else "")


def line_times(lines: Sequence[str], named: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the time of each line; empty where it has none, or where it is a name that a group gives.

    Parameters
    ----------
    lines : sequence of str
    named : mapping of str to sequence of str
        What each group but that of the message took of the lines.

    Examples
    --------
    >>> line_times(["12:00:01 load", "12:00:02 run"], {"event": ["load", "12:00:02 run"]})
    ['12:00:01', '']
    """
    times = list(map(line_time, lines))
    for taken in named.values():
        times = ["" if time in name else time for time, name in zip(times, taken, strict=True)]
    return times


def naming(groups: Collection[str]) -> list[str]:
    """Return the groups whose text is a name: the time of a line is part of it there, and not that of the event.

    >>> naming(["case", "message"])
    ['case']
    """
    return [name for name in groups if name != "message"]
