"""Columns that are called like events and hold one value: what happened is in another column, where there is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from ..source.text import LINES
from .blank import is_no_event
from .fields import INNER, RECOGNISED, Layout, inner, plain

_MOST = 0.8  # share of rows that have the value: objects of another kind have another field
Table = tuple[Sequence[str], Iterable[Sequence[str]]]
"""Names of columns, and rows of cells."""


def of_one_value(names: Sequence[str], rows: Iterable[Sequence[str]]) -> frozenset[str]:
    """Return the names of events below which the same stands in all of some rows; none where rows are too few to tell.

    >>> rows = [("L7", "litho", event) for event in ("load", "run") * 10]
    >>> sorted(of_one_value(["lot", "step", "event"], rows)), of_one_value(["lot", "step", "event"], rows[:5])
    (['step'], frozenset())
    """
    known, nested = {*RECOGNISED["event"]}, {*INNER["event"]}
    places = [place for place, name in enumerate(names) if plain(name) in known or inner(name) in nested]
    first: dict[int, str | None] = dict.fromkeys(places)
    seen, filled = 0, Counter[int]()
    for row in rows if first else ():
        seen += 1
        for place in [place for place in first if not is_no_event(row[place])]:
            filled[place] += 1
            if first[place] not in {None, row[place]}:
                del first[place]
            else:
                first[place] = row[place]
        if not first:
            break
    return frozenset(names[place] for place in first if filled[place] >= _MOST * seen) if seen >= LINES else frozenset()


def doubtful_event(found: Layout, told: str | None, look: Callable[[], Table]) -> bool:
    """Tell whether an event that is known by its name alone is the same in the first rows, so that more have to tell.

    Parameters
    ----------
    found : Layout
    told : str, optional
        The event as a user or a model names it: that is taken as it is.
    look : callable
        Returns the names of the columns and the first rows.
    """
    return bool(found.event) and told is None and bool({*found.event} & of_one_value(*look()))
