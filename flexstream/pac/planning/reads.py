"""How many strings are read until all is sure: by Balle's learner, and by the search, told neither n nor μ."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator

from ...errors import UsageError
from ..demand import Demand
from ..sizes import amount, exact, no_overflow
from ..theorems.balle import look_share, strings_read
from ..theorems.guesses import Guess, Terms

MOST_DOUBLINGS = 100
"""Of n·(1/μ), up to which a search is followed: there are some square of it many ways that it may go."""


def search_strings(demand: Demand) -> float:
    """Return in how many strings the search surely has the target, with what is left out by ε (theorem 9).

    A round whose μ is above the target's may find any number of states, so the longest of all ways is taken.  One whose
    μ is not finds the target, unless its n is too small.

    Examples
    --------
    >>> reber = Demand(states=6, symbols=5, mu=0.2, length=7.6, eps=0.1, delta=0.05)
    >>> 1 < search_strings(reber.with_(mu=0.1)) / search_strings(reber) < 20
    True
    """
    if math.log2(demand.states) - math.log2(demand.mu) > MOST_DOUBLINGS:
        raise OverflowError

    @functools.cache
    def longest(guess: Guess, number: int) -> float:
        share = look_share(demand.delta / 2, number)
        own = Terms(*guess, demand.eps, share).strings(demand.symbols)
        large, coarse = guess.states >= demand.states, guess.mu > demand.mu
        next_ones = {guess.after(int(guess.states))} if coarse or not large else set()
        if coarse:
            next_ones.add(guess.after(0))
        return own + max((longest(one, number + 1) for one in next_ones), default=0.0)

    return longest(Guess.first(), 1)


def reads(demand: Demand) -> dict[str, float | None]:
    """Return the numbers of strings read, by what is sure then; None where one passes all numbers."""
    found: dict[str, float | None] = {}
    for name, compute in (
        ("balle_states_found", lambda: strings_read(demand).states),
        ("balle_pairs_decided", lambda: strings_read(demand).pairs),
        ("search", lambda: search_strings(demand)),
    ):
        try:
            with no_overflow("the plan"):
                value = float(compute())
            found[name] = exact(value) if math.isfinite(value) else None
        except UsageError:
            found[name] = None
    return found


def reads_text(demand: Demand) -> Iterator[str]:
    """Yield what a plan says of the strings read until all is sure."""
    found = {name: "more than 10^308" if value is None else amount(value) for name, value in reads(demand).items()}
    yield f"strings read until it is sure, but with probability {demand.delta:g}:"
    yield (
        f"  balle-castro-gavalda: all states found {found['balle_states_found']}, all pairs decided "
        f"{found['balle_pairs_decided']}"
    )
    yield f"  flexstream pac search, which is told neither states nor mu: {found['search']}"
