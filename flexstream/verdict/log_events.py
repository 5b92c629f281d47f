"""Events in log lines that have one form once they are masked: a word in quotes or behind a key tells them apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ..readers.parsing.profile import LEVELS
from .log_cases import log_cases

COVERED = 0.9
"""Share of the lines that have such a word at least."""
AGAIN = 20
"""Times that each comes, on average, at least."""
_WORD = re.compile(r"[^\W\d_][^\d\"]*")
_KEY = re.compile(r"\b([A-Za-z_][\w.-]{0,40})=")
_MOST_KEYS = 8
_QUOTED = r'"(?P<event>[^"]*)"'


def event_pattern(lines: Sequence[str]) -> str | None:
    r"""Return a pattern for what happens in some lines, and for the case where there is one; None where nothing tells.

    Examples
    --------
    >>> lines = [f'17724{i:05} [0 10.0.0.9:{i % 40}] "{("GET", "SET")[i // 40 % 2]}" "k:{i}"' for i in range(400)]
    >>> event_pattern(lines)
    '^(?:\\S+\\s+){2}(?P<case>\\S+).*?"(?P<event>[^"]*)"'
    >>> event_pattern([f"lot {number} done" for number in range(100)]) is None
    True
    """
    for pattern in _patterns(lines):
        words = _found(pattern, lines, "event")
        known = [word for word in words if word]
        values = set(known)
        if len(known) < COVERED * len(lines) or len(values) < 2 or len(known) < AGAIN * len(values):
            continue
        if all(map(_WORD.fullmatch, values)) and not LEVELS.issuperset(map(str.lower, values)):
            return _with_case(pattern, lines, words)
    return None


def _with_case(pattern: str, lines: Sequence[str], words: Sequence[str | None]) -> str:
    """Return a pattern with that of the case in front, or behind, where there is one of nearly all lines."""
    having = [(line, word) for line, word in zip(lines, words, strict=True) if word]
    kept = [line for line, _ in having]
    for case in log_cases(kept, [word for _, word in having]):
        if case.lines < COVERED * len(kept):
            continue
        anchored = case.pattern.startswith("^")
        for both in (f"{case.pattern}.*?{pattern}", *(() if anchored else (f"{pattern}.*?{case.pattern}",))):
            right = [a == b for a, b in zip(_found(both, kept, "case"), case.cases, strict=True)]
            if sum(right) >= COVERED * len(kept) and _found(both, kept, "event") == [word for _, word in having]:
                return both
    return pattern


def _found(pattern: str, lines: Iterable[str], group: str) -> list[str | None]:
    search = re.compile(pattern).search
    return [None if (match := search(line)) is None else match[group] for line in lines]


def _patterns(lines: Sequence[str]) -> Iterator[str]:
    """Yield patterns that may find what happens: the first word in quotes, or what stands behind a key."""
    yield _QUOTED
    counts = Counter(key for line in lines for key in set(_KEY.findall(line)))
    for key, count in counts.most_common(_MOST_KEYS):
        if count >= COVERED * len(lines):
            yield rf'\b{re.escape(key)}="?(?P<event>[\w.-]+)'
