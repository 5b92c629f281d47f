"""What is to be left out of an automaton, and how a picture shows the rest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..arguments import check_fields
from ..errors import UsageError, parameter

READABLE = 40
"""Transitions up to which a picture shows how long they take, unless it is told to."""
BOXES = ("states", "activities")
COLOURS = {
    "visits": "how often a state is visited",
    "times": "how long transitions take, by their medians",
    "trust": "how sure the report is of what a state does next",
}
"""What the colours of a picture can stand for."""


class Trust(NamedTuple):
    """How sure the report is of each state: how far off what it does next can be, and whether evidence
    contradicts it."""

    widths: tuple[float, ...]
    contradicted: tuple[bool, ...]
    proven: bool = True
    """Whether the report lets its intervals stand; where it does not, widths are what counts alone would give."""

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> Trust:
        """Return it from a report, see :func:`flexstream.pac.report.report.make_report`.

        A width is the L1 radius within which all that a state does next lies, from 0 to 2.

        Examples
        --------
        >>> Trust.of({"states": [{"l1_radius": 0.1, "contradicted": False}]})
        Trust(widths=(0.1,), contradicted=(False,), proven=True)
        """
        rows = report["states"]
        widths = tuple(min(row["l1_radius"], 2.0) for row in rows)
        return cls(widths, tuple(row["contradicted"] for row in rows), report.get("intervals_hold", True))


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """What to leave out.

    Parameters
    ----------
    min_prob : float
        Transitions with a smaller probability are hidden.
    min_count : float
        Transitions with a smaller count are hidden.
    max_states : int, optional
        At most so many states are shown.
    times : bool, optional
        Whether pictures say how long half of each transition's events take at most; None: where the model knows it and
        at most `READABLE` transitions are shown.
    coverage : float, optional
        Share of the traces, above 0, that are to stay within what is shown: the most taken transitions, and no more of
        them than it takes.
    whole : bool
        Whether a picture shows everything.  Where nothing is said it shows what can be read, see
        :mod:`flexstream.writers.choice`; all other formats show everything.
    boxes : str
        What the boxes of a picture are: the states, or the activities, as in process mining.
    colour : str
        What the colours of a picture stand for, a key of `COLOURS`.
    trust : Trust, optional
        What the report says of the states; needed for the colours "trust".

    Raises
    ------
    UsageError
        If a value is out of range, or two of them contradict each other.

    Examples
    --------
    >>> ViewOptions(min_prob=0.05).hides, ViewOptions().hides
    (True, False)
    """

    min_prob: float = 0.0
    min_count: float = 0
    max_states: int | None = None
    times: bool | None = None
    coverage: float | None = None
    whole: bool = False
    boxes: str = "states"
    colour: str = "visits"
    trust: Trust | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if not 0 <= self.min_prob <= 1:
            raise UsageError(f"the least probability shown must lie between 0 and 1, not at {self.min_prob}")
        if not 0 <= self.min_count < math.inf:
            raise UsageError(f"the least count shown must be 0 or more, not {self.min_count}")
        if self.max_states is not None and self.max_states < 1:
            raise UsageError(f"the most states shown must be 1 or more, not {self.max_states}")
        if self.coverage is not None and not 0 < self.coverage <= 1:
            raise UsageError(f"the share of traces shown must be above 0 and at most 1, not {self.coverage}")
        self._check_look()

    def _check_look(self) -> None:
        if self.whole and self.hides:
            others = ", ".join(map(parameter, ("coverage", "max_states", "min_prob", "min_count")))
            raise UsageError(f"{parameter('whole')} leaves nothing out (expected: none of {others} beside it)")
        for name, value, known in (("boxes", self.boxes, BOXES), ("colour", self.colour, COLOURS)):
            if value not in known:
                raise UsageError(f"{parameter(name)} is {value!r} (expected: {' or '.join(known)})")
        if self.colour == "trust" and (self.trust is None or self.boxes != "states"):
            raise UsageError(
                f"{parameter('colour')} trust shows what the report says of states (expected: boxes that are states, "
                "of a model with its evidence, as flexstream learn -o writes it)"
            )

    @property
    def hides(self) -> bool:
        """Whether anything could be left out."""
        return self.min_prob > 0 or self.min_count > 0 or self.max_states is not None or self.coverage is not None

    @property
    def looks(self) -> tuple[str, ...]:
        """Names of the parameters given that only pictures heed."""
        given = {
            "times": self.times is not None,
            "whole": self.whole,
            "boxes": self.boxes != "states",
            "colour": self.colour != "visits",
        }
        return tuple(name for name, stands in given.items() if stands)
