"""Tables of one column: a name above events, or above whole traces."""

from __future__ import annotations

from collections.abc import Sequence

from .fields import plain, recognise
from .guessing import EVENTS as LIKELY


def is_column(name: str, rows: Sequence[str]) -> bool:
    """Whether rows below a name are traces under a usual name, or events, none of which is called like that.

    >>> is_column("status", ["up", "down", "up", "down"]), is_column("load", ["load", "run"])
    (True, False)
    """
    if recognise("sequence", [name]) is not None and name.lower() != "trace":
        return any(" " in row.strip() for row in rows)
    values = [row.strip() for row in rows]
    spaced = any(" " in value for value in values)
    # What may be a name, such as ``Status``, is one above single words that come again.
    likely = plain(name) in LIKELY and not spaced and 2 * len(set(values)) <= len(values)
    return (
        (recognise("event", [name]) is not None or likely)
        and len(values) > 1
        and name not in values
        and (not spaced or 2 * len(set(values)) <= len(values))
    )
