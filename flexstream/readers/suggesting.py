"""What is told of a source that a preset would read better."""

from __future__ import annotations

from ..errors import parameter
from .parsing.context import ReadContext
from .source.text import LINES, Source

FORMATS_OF_THEIR_OWN = frozenset({"xes", "pautomac", "abbadingo", "lines"})
"""Formats that are not read in one way or another."""
PARTICULAR = frozenset({"preset", "case", "event", "sequence", "pattern"})
"""Options by which a user says how to read."""


def suggest(name: str, source: Source, context: ReadContext) -> None:
    """Tell of a preset for what the first line of a source in a format looks like, unless the user says how to read."""
    if name in FORMATS_OF_THEIR_OWN or context.told.keys() & PARTICULAR:
        return
    from .presets import suggested  # of which whole traces have no use

    head = source.head()
    lines = head.filled or [head.text]
    if lines[0].strip() in {"[", "{"}:  # a document over many lines
        lines = source.head(LINES).filled
    context.suggested = found = suggested(lines)
    if found is not None:
        context.note(f"{source.name}: looks like what {parameter('preset')} {found} is for")
