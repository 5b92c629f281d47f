"""What stands below a picture: how much of the automaton it shows, and what its marks mean."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from .activities import RARER
from .labels import percent, picture_labels
from .view import View

#: The mark of what is hidden.
STUB = "⋯"
#: Share hidden of what follows a state from which on its box is open: its outline is dotted.
OPEN = 0.5
_WIDTH = 96


def legend(view: View, guessed: bool, colours: Iterable[str] = ()) -> Iterator[str]:
    """Yield the lines below a picture; of its marks only those that occur.

    Parameters
    ----------
    view : View
    guessed : bool
        Whether any arrow is dashed.
    colours : iterable of str
        What the colours stand for, where these are not the usual ones.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> list(legend(View.picture(reber()), False))[0][:53]
    'Box: a state, by number and what leads to it; double '
    """
    for parts in (_shown(view), [*_marks(view, guessed), *colours]):
        yield from textwrap.wrap("; ".join(parts), _WIDTH)
    yield from view.time_legend


def _shown(view: View) -> Iterator[str]:
    if view.caption:
        yield view.caption
        yield f"{percent(view.coverage)} of the traces stay within what is shown"
    if view.stubs:
        yield f"{STUB} share of what follows that is hidden" + (
            "; dotted outline: most of it" if max(view.stubs.values()) >= OPEN else ""
        )


def _marks(view: View, guessed: bool) -> Iterator[str]:
    of_states = view.options.boxes == "states"
    yield (
        "Box: a state, by number and what leads to it"
        if of_states
        else "Box: an activity, all states it leads to in one"
    )
    if rarer := view.automaton.provenance.get(RARER):
        yield f"{rarer:,} symbols, those that are rarest, are one box"
    if view.counted and view.options.colour != "visits":
        yield "visits"
    elif view.counted:
        yield "visits, darker for more"
    if any(view.ends(state) for state in view.states):
        yield "double outline: traces end here, with this probability"
    yield (
        "arrow: symbol and probability, thicker for more" if of_states else "arrow: what follows directly, how probably"
    )
    if guessed:
        yield "dashed, ?: too little evidence to say where it leads"
    prefix = picture_labels(dict.fromkeys(row.symbol for row in view.transitions))[1]
    if prefix and of_states:
        yield f"…: {prefix}"
