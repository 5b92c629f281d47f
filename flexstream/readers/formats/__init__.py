"""Input formats, one a file.

A format is a :class:`~flexstream.readers.format.Format`, a file of this folder with a constant ``FORMAT``.  To add one,
add its file and one line in `FORMATS`, the more specific before the more general.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...registry import Registry
from ..format import Format
from ..source.text import Head

FORMATS: Registry[Format] = Registry(
    __name__,
    "input format",
    {
        "xes": "xes.FORMAT",
        "jsonl": "jsonl.FORMAT",
        "pautomac": "pautomac.FORMAT",
        "abbadingo": "abbadingo.FORMAT",
        "access": "access.FORMAT",
        "cef": "cef.FORMAT",
        "logfmt": "logfmt.FORMAT",
        "logjson": "logjson.FORMAT",
        "csv": "csv.FORMAT",
        "log": "log.FORMAT",
        "lines": "lines.FORMAT",
    },
)
"""The formats by name, in the order in which they are tried."""
BEGINNINGS = {"xes": "<", "jsonl": "[{", "pautomac": "0123456789", "abbadingo": "0123456789"}
"""The characters with which a source of a format may begin, blanks aside, where these are few: without one of them the
format is ruled out, and need not be imported."""
_ASKS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT")
SIGNS = {
    "access": ('] "', "TCP_", *(f'"{method} ' for method in _ASKS)),
    "cef": ("CEF:", "LEEF:"),
    "logfmt": ("=",),
    "logjson": ("}",),
}
"""What the first line of a format that is not blank has in it, one of these at least: without it, likewise."""


def has_columns(name: str | None) -> bool:
    """Tell whether the rows of a format have columns or fields by name.

    >>> has_columns("csv"), has_columns("logfmt"), has_columns("lines"), has_columns(None)
    (True, True, False, False)
    """
    return name is not None and (name == "csv" or FORMATS[name].objects is not None)


def opening(head: Head) -> str | None:
    """Return the only format that a source can be in whose first line is in the head; None if more must be seen.

    Examples
    --------
    >>> opening(Head(b"case,event\\n")), opening(Head(b"load run\\n"))
    ('csv', None)
    """
    first = head.first
    return next((name for name, format in _possible(first) if format.opens(first)), None)


def guess(head: Head) -> str:
    """Return the name of the first format that matches.

    Examples
    --------
    >>> guess(Head(b"2 5\\n3 4 0 4\\n0\\n")), guess(Head(b"case,event\\n")), guess(Head(b"load run\\n"))
    ('pautomac', 'csv', 'lines')
    """
    matching = (name for name, format in _possible(head) if format.matches(head))
    return opening(head) or next(matching, "lines")


def _possible(head: Head) -> Iterator[tuple[str, Format]]:
    """Yield the formats that the first character and the first line of a source leave."""
    first, line = head.text.lstrip()[:1], head.filled[0] if head.filled else ""
    return (
        (name, FORMATS[name])
        for name in FORMATS
        if first in BEGINNINGS.get(name, first) and any(sign in line for sign in SIGNS.get(name, ("",)))
    )
