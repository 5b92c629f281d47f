"""Lines of two words, of which one is a case and the other what happens to it: they are no traces of two events."""

from __future__ import annotations

from collections.abc import Sequence

from ..readers.parsing.code_length import WORTH, code_length

FEWEST = 50
"""Lines that tell."""
PATTERNS = (r"^\s*(?P<case>\S+)\s+(?P<event>\S+)", r"^\s*(?P<event>\S+)\s+(?P<case>\S+)")
"""Takes the case first, or the event."""


def paired(lines: Sequence[str]) -> str | None:
    """Return the pattern that takes case and event of each line, None where lines may be traces.

    Words stand first or second, never both, and what happens is told better by what happened before to the same case.

    Examples
    --------
    >>> lines = [f"line1/tool{n % 3}/state {('idle', 'load', 'run')[n // 3 % 3]}" for n in range(90)]
    >>> paired(lines), paired(["load run"] * 90)
    ('^\\\\s*(?P<case>\\\\S+)\\\\s+(?P<event>\\\\S+)', None)
    """
    rows = [line.split() for line in lines if line.strip()]
    if len(rows) < FEWEST or any(len(row) != 2 for row in rows):
        return None
    first, second = ([row[place] for row in rows] for place in (0, 1))
    if not {*first}.isdisjoint(second):
        return None
    saved = {}
    for pattern, cases, events in zip(PATTERNS, (first, second), (second, first), strict=True):
        least = min(code_length(events, None), code_length(events, cases, by="case"))
        several = 1 < len({*cases}) <= len(rows) / 2 and len({*events}) > 1
        saved[pattern] = least - code_length(events, cases) - WORTH * least if several else 0.0
    best = max(PATTERNS, key=lambda pattern: saved[pattern])
    return best if saved[best] > 0 else None
