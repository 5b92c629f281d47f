"""What the boxes of a difference are called: as its text calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from ..automata.pdfa import PDFA
from ..visible import visible
from ..writers.naming import state_names
from .difference import Difference
from .places import Places


def namers(difference: Difference, labels: Mapping[str, str]) -> tuple[Callable[[int], str], Callable[[int], str]]:
    """Return what names the states of the first automaton that are gone, and what names those of the second.

    A state that the traces of both automata come to is called as in the text, by the way there.  Others have the names
    of pictures of their automaton.

    Parameters
    ----------
    difference : Difference
    labels : mapping of str to str
        What symbols are called.

    Examples
    --------
    >>> from flexstream.difference import diff
    >>> from flexstream.targets import from_rows
    >>> old = from_rows({0: {"load": (900, 1), "setup": (100, 0)}, 1: {None: (900, 0)}})
    >>> _, name = namers(diff(old, old), {"load": "load", "setup": "setup"})
    >>> name(0), name(1)
    ('at the start', 'after load')
    """
    groups = {state: group for group in difference.alignment.groups for state in group.other.states}
    places = Places(labels, difference.one, difference.other)

    @cache
    def own(automaton: PDFA) -> tuple[str, ...]:
        return state_names(automaton, labels)

    def here(state: int) -> str:
        group = groups.get(state)
        if group is None:
            return visible(own(difference.other)[state])
        return visible(places.where(group.path, group.one.states, group.other.states))

    return lambda state: visible(own(difference.one)[state]), here
