"""A cell: the machines of a class and the finite buffer they share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lots import Lot
    from .machines import Machine


class Cell:
    """A buffer for lots that wait for a machine, lots that wait for the carrier, and places promised to lots on it.

    Attributes
    ----------
    position : int
        Place in the line; START is 0.
    waiting, finished : list of Lot
        In the order in which they came.
    reserved : int
        Places promised to lots on the carrier or about to be.
    kept : int
        Places kept free for the lots on the machines.
    """

    __slots__ = (
        *("_shares", "_steps", "_taken", "finished", "kept", "kind", "machines", "name", "position", "reserved"),
        *("size", "waiting"),
    )

    def __init__(self, name: str, kind: str, position: int, size: int, shares: Mapping[str, int]) -> None:
        self.name, self.kind, self.position, self.size = name, kind, position, size
        self.waiting: list[Lot] = []
        self.finished: list[Lot] = []
        self.reserved = self.kept = 0
        self.machines: list[Machine] = []
        self._shares = shares
        self._steps: dict[int, str] = {}
        self._taken: dict[str, int] = {}

    def __len__(self) -> int:
        """Return the number of lots in the buffer."""
        return len(self.waiting) + len(self.finished)

    @property
    def free(self) -> int:
        """Places that nobody has and nobody was promised."""
        return self.size - len(self) - self.reserved - self.kept

    def takes(self, step: str) -> bool:
        """Tell whether a lot may come for a step: there is a place, and its step has not used up its share."""
        return self.free > 0 and self._taken.get(step, 0) < self._shares.get(step, self.size)

    def admit(self, lot: Lot) -> None:
        """Promise a lot a place; it belongs to the cell until it is let go."""
        self.reserved += 1
        self._steps[lot.number] = lot.step
        self._taken[lot.step] = self._taken.get(lot.step, 0) + 1

    def let_go(self, lot: Lot) -> None:
        """Forget a lot that leaves the cell or never came."""
        self._taken[self._steps.pop(lot.number)] -= 1
