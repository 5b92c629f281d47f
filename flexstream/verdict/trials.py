"""Trials: what came of other ways to cut the events of a source into traces; `proposals` makes them."""

from __future__ import annotations

from collections.abc import Mapping

from ..tuples import NamedTuple
from .verdict import Value

WINDOWS = (5, 10, 20, 50)
"""Events of the pieces that are tried."""


class Proposal(NamedTuple):
    """A way to cut events into traces.

    Attributes
    ----------
    options : mapping
        Fields of `ReadOptions`.
    name, example : str
        Of a column, and the first case; of lines the name is empty.
    values, rows : int
        Cases among the first rows, and rows that have one.
    saved : float
        Share of the bits of an event that a model of the first rows saves on traces held out.
    bits : float
        How many that are for all events of the first rows.
    of : int
        Rows that were looked at, of which those without a case would be left out.
    """

    options: Mapping[str, Value]
    name: str = ""
    example: str = ""
    values: int = 0
    rows: int = 0
    saved: float = 0.0
    bits: float = 0.0
    of: int = 0

    @property
    def lacking(self) -> float:
        """The share of the rows that have no case.

        >>> Proposal({}, rows=30, of=120).lacking, Proposal({}).lacking
        (0.75, 0.0)
        """
        return 1 - self.rows / self.of if self.of else 0.0


class Proposals(NamedTuple):
    """The best case and the best window, as far as there are any that are worth it.

    Attributes
    ----------
    case, window : Proposal or None
    tried : bool
        Whether any were tried: where all did badly, there is nothing that would do.
    """

    case: Proposal | None = None
    window: Proposal | None = None
    tried: bool = False

    @property
    def fruitless(self) -> bool:
        """Whether all that was tried did badly."""
        return self.tried and self.case is None and self.window is None
