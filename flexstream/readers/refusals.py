"""What is said of sources that cannot be read, or not as they are asked to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import DataError, UsageError, parameter
from ..files import is_topic
from .formats import FORMATS
from .parsing.context import ReadContext
from .source.text import Source


def check_topics(sources: Sequence[Any]) -> None:
    """Raise UsageError where a topic is not the last source, up to whose end nobody can wait.

    >>> check_topics(["old.csv", "kafka://broker/lots"])
    """
    if any(map(is_topic, sources[:-1])):
        raise UsageError("a topic of Kafka is the last of all sources (expected: files before it, and no other topic)")


def check_repeatable(sources: Sequence[Any]) -> None:
    """Raise UsageError where all would have to be read once more, and a topic comes in another order each time."""
    if any(map(is_topic, sources)):
        what = "a topic that is not read line by line cannot be gone on with"
        raise UsageError(f"{what} (expected: messages of one line, without {parameter('checkpoint')} otherwise)")


def without_effect(option: str, name: str, source: str) -> str:
    """Say that an option has no effect on a format, and on which it has."""
    others = [other for other, format in FORMATS.items() if option in format.uses]
    remedy = f"leave it out, or say with {parameter('format')} what it is ({', '.join(others)})"
    return f"{source} is read as {name}, on which {parameter(option)} has no effect; {remedy}"


def nothing(source: Source, context: ReadContext) -> None:
    """Say why a source has no first byte."""
    error = DataError(source.name, None, "is empty", "at least one trace or event")
    try:
        next(source.chunks(), None)
    except DataError as failure:
        error = failure
    context.bad(error.source, error.line, error.problem, error.expected)
