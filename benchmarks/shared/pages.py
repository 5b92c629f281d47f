"""Figures in Markdown pages: where they stand, and what the results say should stand there.

Tables stand between comments that a reader of the page does not see and a reader of the text does not stumble over::

    <!-- figures: speed/throughput.json commands -->

    | ... |

    <!-- /figures -->

Figures in sentences stay plain text.  ``docs/figures.toml`` lists the phrases that hold them: the page, the phrase with
``{}`` in the place of each figure, and where each is taken from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

BLOCK = re.compile(r"<!-- figures: (?P<name>[^>]*?) -->\n(?P<body>.*?)<!-- /figures -->", re.DOTALL)
NUMBER = r"[-−]?\d(?:[\d,]*\d)?(?:\.\d+)?"
APART = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)\s]*\)|<!--.*?-->|arXiv:? ?[\d.]+|^#.*?$", re.DOTALL | re.MULTILINE)
MEASURED = re.compile(
    r"(?<![\w.,^/-])(?:\d[\d,]*\.\d+|\d{1,3}(?:,\d{3})+|"
    rf"{NUMBER}(?=\s(?:%|s\b|ms\b|ns\b|MiB|KiB|times\b)))(?![\w/])"
)
"""What looks like a measurement: decimals, thousands, and numbers with a unit; not in code, links and headings."""


class Phrase(NamedTuple):
    """A phrase of a page; ``take`` has a source for each ``{}``, and is empty where somebody else has measured it."""

    page: str
    text: str
    take: list[str]

    def pattern(self) -> re.Pattern[str]:
        """Return what finds the phrase, whatever its figures and wherever its lines end."""
        parts = [re.sub(r"(\\\s|\s)+", r"\\s+", re.escape(part)) for part in self.text.split("{}")]
        return re.compile(rf"({NUMBER})".join(parts))


class Fault(NamedTuple):
    """A figure that is not what it should be."""

    page: str
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.words}"


class Mending(NamedTuple):
    """A fault, where it can be mended without a hand, and by what."""

    fault: Fault
    place: tuple[int, int] | None = None
    wanted: str = ""


def line_of(text: str, at: int) -> int:
    """Return the number of the line in which a position lies."""
    return text.count("\n", 0, at) + 1


def value_at(document: Any, path: list[str]) -> Any:
    """Return what a path leads to: keys, places in lists, or ``key=value`` for the item of a list that has it.

    Raises
    ------
    KeyError
        If it leads nowhere.

    Examples
    --------
    >>> value_at({"rows": [{"name": "a", "size": 1}, {"name": "b", "size": 2}]}, ["rows", "name=b", "size"])
    2
    """
    for step in path:
        if isinstance(document, dict):
            document = document[step]
        elif "=" in step:
            key, _, wanted = step.partition("=")
            document = next((one for one in document if str(one.get(key)) == wanted), None)
        else:
            document = document[int(step)]
        if document is None:
            raise KeyError(step)
    return document


def figure(source: str, read: Callable[[str], Any]) -> str:
    """Return the figure of a source, ``FILE > key > ... : FORMAT``; before the format ``* FACTOR`` may stand.

    >>> figure("a.json > share * 100 : .1f", lambda name: {"share": 0.256})
    '25.6'
    """
    path, _, form = source.rpartition(" : ")
    path, _, factor = path.partition(" * ")
    name, *steps = path.split(" > ")
    value = value_at(read(name), steps)
    return format(value * float(factor) if factor else value, form)


def blocks(page: str, text: str, table: Callable[[str], str]) -> Iterator[Mending]:
    """Yield the tables that are not as they should be."""
    for match in BLOCK.finditer(text):
        line = line_of(text, match.start("body"))
        try:
            wanted = f"\n{table(match['name'])}\n"  # blank lines, without which some take the table for text
        except (OSError, LookupError) as error:
            yield Mending(Fault(page, line, f"no table {match['name']!r} in the results: {error}"))
            continue
        if match["body"] != wanted:
            at, words = first_difference(match["body"].splitlines(), wanted.splitlines())
            told = f"the table {match['name']!r} is not that of the results{words}"
            yield Mending(Fault(page, line + at, told), match.span("body"), wanted)


def first_difference(has: list[str], wants: list[str]) -> tuple[int, str]:
    """Return in which line two texts differ first, and in words how."""
    for at, (one, other) in enumerate(zip(has, wants, strict=False)):
        if one != other:
            return at, f": has {one!r}, expected {other!r}"
    return min(len(has), len(wants)), f": has {len(has)} lines, expected {len(wants)}"


def phrases(text: str, found: list[Phrase], read: Callable[[str], Any]) -> Iterator[Mending]:
    """Yield the figures in phrases that are not as they should be, and the phrases that are not there."""
    for phrase in found:
        match = phrase.pattern().search(text)
        if match is None:
            yield Mending(Fault(phrase.page, 1, f"the phrase {phrase.text!r} of docs/figures.toml is not there"))
            continue
        for place, source in enumerate(phrase.take, start=1):
            line = line_of(text, match.start(place))
            try:
                wanted = figure(source, read)
            except (OSError, LookupError) as error:
                yield Mending(Fault(phrase.page, line, f"nothing at {source!r} in the results: {error}"))
                continue
            if match[place] != wanted:
                fault = Fault(phrase.page, line, f"has {match[place]}, expected {wanted} ({source})")
                yield Mending(fault, match.span(place), wanted)


def bare(page: str, text: str, known: list[Phrase], sections: list[str]) -> Iterator[Mending]:
    """Yield the numbers that look measured and that neither a table nor a phrase accounts for, in these sections."""
    covered = [match.span() for pattern in (BLOCK, APART) for match in pattern.finditer(text)]
    covered += [match.span() for phrase in known for match in phrase.pattern().finditer(text)]
    for match in MEASURED.finditer(text):
        at = match.start()
        if sections and section_at(text, at) not in sections:
            continue
        if not any(start <= at < stop for start, stop in covered):
            words = f"nothing says where {match[0]} comes from (list it in docs/figures.toml)"
            yield Mending(Fault(page, line_of(text, at), words))


def section_at(text: str, at: int) -> str:
    """Return the last heading of the second level before a position."""
    heads = re.findall(r"^## (.*)$", text[:at], re.MULTILINE)
    return heads[-1] if heads else ""
