"""Cases in raw log lines: which pattern takes a case out of each line so that the messages become predictable."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..readers.parsing.code_length import WORTH, begin_alike, code_length
from ..readers.parsing.records import stamp, stamp_first

PLACES = 8
"""Words from the start of a line that may be the case each."""
COVERED = 0.15
"""Share of the lines that a pattern has to find something in."""
MOST_HAVE = 0.5
"""Share where a word and a number alone look like an id: other lines would be left out."""
EVENTS = 2.0
"""Events of a case, on average, below which there is nothing to learn from."""
IDS = 0.75
"""Share of the words found that have to look like ids."""
MOST_KEYS = 8

_KEYED = re.compile(r"\b([A-Za-z_][\w.-]{0,40})(=|: ?|#)\"?[\w-][\w.-]*")
_BEFORE = re.compile(r"\b([A-Za-z]{2,20})( )\d+\b(?![-:/])")
_PREFIXED = re.compile(r"(?<![\w-])([A-Za-z]{2,20}[_-]|[A-Z]{2,10}(?=\d{2}))-?(?=[A-Za-z_]{0,20}\d)\w+")
_TIME = re.compile(r"\W*\d{1,4}[-/:.]\d{1,2}[-/:.]\d")
_ADDRESS = re.compile(r"\W*\d{1,3}(?:\.\d{1,3}){3}(?!\d)")
_ANYWHERE = (
    r"\w\[(?P<case>\d+)\]",  # sshd[24200]:
    r"\[(?P<case>[^\[\]\s]+)\]",  # [req-7], [main]
    r"(?<![\w-])(?P<case>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?![\w-])",
    r"(?<![\w.])(?P<case>\d{1,3}(?:\.\d{1,3}){3})(?![\w.])",
)
_ANY_WORD = r"(?P<case>\S+)"
_NUMBER = r"\d+(?!\S)"
_WITH_NUMBER = r"[^\s\d]*\d\S*"
_ALIKE = 0.95


@dataclass(frozen=True, slots=True)
class LogCase:
    """A pattern with the group ``case``.

    Attributes
    ----------
    pattern : str
    values : int
        Different cases in the lines looked at.
    lines : int
        Lines among them that have one.
    saved : float
        Share of the bits of the messages that it saves, against their order and against what the case tells by itself.
    bits : float
        How many that are.
    example : str
        The first case that looks like an id.
    cases : tuple of str or None
        Of each line looked at.
    """

    pattern: str
    values: int
    lines: int
    saved: float
    bits: float
    example: str
    cases: tuple[str | None, ...]


def log_cases(lines: Sequence[str], symbols: Sequence[str]) -> list[LogCase]:
    """Return the patterns that make the messages of a log more predictable, that which saves most first.

    Parameters
    ----------
    lines : sequence of str
        The first lines of the log.
    symbols : sequence of str
        The event of each.

    Examples
    --------
    >>> steps = ["begin", "check", "end"]
    >>> lines = [f"10:00:{i % 60:02} app[{100 + j}]: {steps[i]}" for i in range(3) for j in range(40)]
    >>> log_cases(lines, [line.split()[-1] for line in lines])[0].pattern
    '\\\\w\\\\[(?P<case>\\\\d+)\\\\]'
    """
    found: dict[tuple[str | None, ...], LogCase] = {}
    times, begins = [stamp(line).split() for line in lines], [stamp_first(line) for line in lines]
    for pattern in _patterns(lines):
        cases = _cases(pattern, lines)
        if 2 * sum(case in time for case, time in zip(cases, times, strict=True)) > len(lines):
            continue  # a day of a month
        if cases not in found and (case := _judged(pattern, cases, symbols)) is not None:
            found[cases] = _beginning(_narrowed(case), begins)
    return sorted(found.values(), key=lambda case: -case.bits)


def _cases(pattern: str, lines: Iterable[str]) -> tuple[str | None, ...]:
    search = re.compile(pattern).search
    return tuple(None if (match := search(line)) is None else match["case"] for line in lines)


def _judged(pattern: str, cases: tuple[str | None, ...], symbols: Sequence[str]) -> LogCase | None:
    """Return what a pattern is worth, None if it is nothing."""
    having = [(case, symbol) for case, symbol in zip(cases, symbols, strict=True) if case is not None]
    known, events = [case for case, _ in having], [symbol for _, symbol in having]
    values = set(known)
    if len(having) < COVERED * len(cases) or len(values) < 2 or len(having) < EVENTS * len(values):
        return None
    if sum(map(_is_id, known)) < IDS * len(known):
        return None
    least = min(code_length(events, None), code_length(events, known, by="case"))
    bits = least - code_length(events, known)
    if bits < WORTH * least and not (bits > -WORTH * least and begin_alike(known, events)):
        return None
    return LogCase(pattern, len(values), len(having), bits / least, bits, next(filter(_is_id, known)), cases)


def _narrowed(case: LogCase) -> LogCase:
    """Return a case whose pattern takes no word of a header, where nearly all words in its place are numbers."""
    words = [word for word in case.cases if word is not None]
    numbers = sum(map(str.isdecimal, words))
    if not case.pattern.endswith(_ANY_WORD) or not _ALIKE * len(words) <= numbers < len(words):
        return case
    cases = tuple(word if word is not None and word.isdecimal() else None for word in case.cases)
    pattern = f"{case.pattern.removesuffix(_ANY_WORD)}(?P<case>{_NUMBER})"
    return replace(case, pattern=pattern, cases=cases, lines=numbers, values=len({*cases} - {None}))


def _beginning(case: LogCase, begins: Sequence[bool]) -> LogCase:
    """Return a case whose pattern takes no word of lines that go on with one above, such as those of a stack trace."""
    wrong = [word for word, first in zip(case.cases, begins, strict=True) if word is not None and not first]
    if not case.pattern.endswith(_ANY_WORD) or not wrong or 2 * sum(begins) < len(begins):
        return case
    if any(any(map(str.isdigit, word)) for word in wrong):
        return case
    cases = tuple(word if word is not None and any(map(str.isdigit, word)) else None for word in case.cases)
    known = [word for word in cases if word is not None]
    pattern = f"{case.pattern.removesuffix(_ANY_WORD)}(?P<case>{_WITH_NUMBER})"
    return replace(case, pattern=pattern, cases=cases, lines=len(known), values=len({*known}))


def _is_id(case: str) -> bool:
    """Tell whether a word may be an id: it has a digit, and is no time."""
    return any(map(str.isdigit, case)) and (_ADDRESS.match(case) is not None or not _TIME.match(case))


def _patterns(lines: Sequence[str]) -> Iterator[str]:
    """Yield patterns that may find the case: known shapes, names before a value, prefixes of ids, and places."""
    yield from _ANYWHERE
    for key, sign in _common(lines, _KEYED):
        yield rf"""\b{re.escape(key)}{sign}"?(?P<case>[\w.-]+)"""
    for key, blank in _common(lines, _BEFORE, MOST_HAVE):
        yield rf"\b{key}{blank}(?P<case>\d+)\b"
    for (prefix,) in _common(lines, _PREFIXED):
        yield rf"(?<![\w-])(?P<case>{re.escape(prefix)}[\w-]+)"
    for place in range(PLACES):
        yield rf"^(?:\S+\s+){{{place}}}(?P<case>\S+)" if place else r"^(?P<case>\S+)"


def _common(lines: Sequence[str], kind: re.Pattern[str], covered: float = COVERED) -> list[tuple[str, ...]]:
    """Return what stands before a value in many lines, the most frequent first."""
    counts = Counter(found for line in lines for found in {match.groups() for match in kind.finditer(line)})
    return [found for found, number in counts.most_common(MOST_KEYS) if number >= covered * len(lines)]
