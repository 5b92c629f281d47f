"""What an input format is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..tuples import NamedTuple
from .items import Item
from .parsing.context import ReadContext
from .source.text import Head, Source


def _never(_: Head) -> bool:
    return False


class Format(NamedTuple):
    """An input format: how it is recognised, and how it is read.

    Attributes
    ----------
    matches : callable
        Says from the first lines of a source whether it is in this format.  It looks at the content, so that a pipe
        and a file are guessed alike; the name may only break ties.
    read : callable
        Yields items as it reads.  It takes its text from ``source.lines(context)`` or its bytes from
        ``source.chunks()``, holds only what the present item needs, tells every bad line to ``context.bad`` and goes on
        when that returns, and calls ``context.describe`` once it knows what it reads.
    uses : frozenset of str
        The fields of `ReadOptions` that have an effect on this format beside those that have one on all (`ALWAYS`); to
        give another is an error.
    opens : callable
        Says from the first line that is not blank whether the source can be in no other format, so that a pipe is not
        waited for; by default it never can.
    objects : callable, optional
        Returns the fields that lines hold, where each line holds some by name.
    """

    matches: Callable[[Head], bool]
    read: Callable[[Source, ReadContext], Iterator[Item]]
    uses: frozenset[str] = frozenset()
    opens: Callable[[Head], bool] = _never
    objects: Callable[[Iterable[str]], list[dict[str, Any]]] | None = None

    @property
    def has_fields(self) -> bool:
        """Whether there are columns or fields that the user may name."""
        return "event" in self.uses
