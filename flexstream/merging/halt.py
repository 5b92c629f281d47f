"""Halt: lets go of work that takes long, between two decisions of it."""

from __future__ import annotations

import numpy as np

from ..errors import FlexStreamError


class AbandonedError(FlexStreamError):
    """Work that was let go of because somebody asked for it; what was there before it is as it was."""


class Halt:
    """Asked to halt, a search ends before its next decision with an `AbandonedError`, until it is told to go on.

    ``request`` may be called by a signal handler or by another thread, while compiled loops look at ``flag``.

    Attributes
    ----------
    flag : int64 array, shape (1,)
        0 as long as work may go on.

    Examples
    --------
    >>> halt = Halt()
    >>> halt.check()
    >>> halt.request()
    >>> halt.check()
    Traceback (most recent call last):
    flexstream.merging.halt.AbandonedError: abandoned before its end, as was asked for
    >>> halt.go_on()
    >>> halt.check()
    """

    def __init__(self) -> None:
        self.flag = np.zeros(1, np.int64)
        self._requested = False

    def request(self) -> None:
        """Let work that goes on end, and begin none."""
        self._requested = True
        self.flag[0] = 1

    def go_on(self) -> None:
        """Let work be done again."""
        self._requested = False
        self.flag[0] = 0

    def check(self) -> None:
        """Raise AbandonedError if work is to be let go of."""
        if self._requested:
            raise AbandonedError("abandoned before its end, as was asked for")

    def settle(self) -> None:
        """Let the flag, which a judge that failed has set as well, say again what was asked for."""
        self.flag[0] = int(self._requested)
