"""What somebody who watches a live source is told before cases end, while events wait for nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Watcher(Protocol):
    """Is told of every event of a live source, in the order in which cases get them, and of every case that ends."""

    def event(self, case: str | None, symbol: int, moment: float | None, place: int | None) -> None:
        """Take an event: its case (None where there are none), symbol, time in seconds and place, where known."""

    def ended(self, cases: Iterable[str | None]) -> None:
        """Take the names of cases that have ended, before the event with which they did; of windows they are None."""

    def forget(self) -> None:
        """Follow no case any more: those that are open come once more, or are others' now."""

    def waited(self) -> None:
        """Look at the clock: nothing has come for a while; called about once a second."""
