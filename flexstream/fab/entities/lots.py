"""Lots, and when they are started."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..parameters import OUT, START, WEEK

if TYPE_CHECKING:
    from ..parameters import Parameters


class Lot:
    """A lot on its way.

    Attributes
    ----------
    name, product : str
    steps : list of str
        Steps still to come; the first one is the lot's step.
    place : str
        START, a cell, a machine or the carrier.
    since : float
        Minute at which it came to where it waits.
    started : float
        Minute of its start.
    visited : set of str
        Machines it has been on.
    claimed : bool
        True once a machine, or the carrier, is going to take it.
    alive : bool
        False once it is scrapped.
    """

    __slots__ = (
        *("alive", "batch", "claimed", "name", "number", "place", "product", "since", "started", "steps"),
        *("test", "visited"),
    )

    def __init__(self, number: int, product: str, steps: list[str], test: bool, now: float) -> None:
        self.number, self.product, self.steps, self.test = number, product, steps, test
        self.name = f"{product}-{number:05d}"
        self.place, self.since, self.started = START, now, now
        self.visited: set[str] = set()
        self.claimed, self.alive, self.batch = False, True, ""

    def __repr__(self) -> str:
        return f"Lot({self.name} at {self.place}, {self.steps[0] if self.steps else OUT})"

    @property
    def step(self) -> str:
        """The step it waits for or is in; empty when all are done."""
        return self.steps[0] if self.steps else ""


def starts(parameters: Parameters, seed: int) -> Iterator[tuple[float, str]]:
    """Yield (minute, product) of every start, for ever; the order of products is shuffled anew each week.

    Shares of a lot are carried over, so that 1.5 lots a week are three in two weeks.

    Examples
    --------
    >>> from flexstream.fab.parameters import Parameters
    >>> from itertools import islice
    >>> week = list(islice(starts(Parameters(), seed=1), 84))
    >>> [sum(product == name for _, product in week) for name in ("Pa", "Pb", "TW")], week[1][0]
    ([51, 30, 3], 120.0)
    """
    draws = random.Random(f"{seed} starts")
    due = dict.fromkeys(parameters.starts, 0.0)
    number = 0
    while True:
        products: list[str] = []
        for product, rate in parameters.starts.items():
            due[product] += rate
            whole = int(due[product] + 1e-9)
            due[product] -= whole
            products += [product] * whole
        draws.shuffle(products)
        distance = WEEK / max(1, len(products)) if parameters.release == "spread" else 0.0
        for position, product in enumerate(products):
            yield number * WEEK + position * distance, product
        number += 1
