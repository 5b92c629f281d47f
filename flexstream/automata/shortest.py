"""The best ways from one state to all others, the likeliest or the shortest: Dijkstra's algorithm (1959)."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

State = TypeVar("State", bound=Hashable)
Cost = tuple[float, float]
"""What is made as small as can be, and what decides between equals."""


class BestWays(Generic[State]):
    """The best way from a state to each that can be reached from it.

    Of ways that are as good in both respects the one found first is taken.

    Parameters
    ----------
    start : hashable
        The state from which the ways lead.
    following : callable
        Gives for a state the steps that leave it: what each costs, its symbol and where it leads.

    Attributes
    ----------
    costs : dict
        What the best way to each state costs in all, the nearest state first.

    Examples
    --------
    >>> steps = {0: [((3.0, 1), "skip", 2), ((1.0, 1), "load", 1)], 1: [((1.0, 1), "run", 2)], 2: []}
    >>> ways = BestWays(0, steps.__getitem__)
    >>> ways.to(2), ways.costs[2]
    (('load', 'run'), (2.0, 2))
    """

    def __init__(self, start: State, following: Callable[[State], Iterable[tuple[Cost, str, State]]]) -> None:
        self.costs: dict[State, Cost] = {}
        self._last: dict[State, tuple[State, str] | None] = {}
        waiting: list[tuple[Cost, int, State, tuple[State, str] | None]] = [((0, 0), 0, start, None)]
        pushed = 1
        while waiting:
            cost, _, state, by = heapq.heappop(waiting)
            if state in self.costs:
                continue
            self.costs[state], self._last[state] = cost, by
            for more, symbol, target in following(state):
                if target not in self.costs:
                    heapq.heappush(waiting, ((cost[0] + more[0], cost[1] + more[1]), pushed, target, (state, symbol)))
                    pushed += 1

    def to(self, state: State, most: int | None = None) -> tuple[str, ...]:
        """Return the symbols of the way to a state, at most so many, its last; none where no way or step leads."""
        found: list[str] = []
        while len(found) != most and (step := self._last.get(state)) is not None:
            state, symbol = step
            found.append(symbol)
        return tuple(reversed(found))
