"""Two things at once: a second thread does one piece of work after another while the caller prepares the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

AHEAD = 2
"""Pieces that may wait, so that neither side stands still where the other takes longer for once."""


class Overlap(Generic[T]):
    """Does work in a second thread, piece by piece in the order given; compiled kernels let both threads run.

    Use it as a context manager: at its end all pieces are done.  After a piece that failed none is begun.

    Parameters
    ----------
    work : callable
        What to do with a piece.
    ahead : int
        Pieces that may wait before ``do`` waits too.

    Examples
    --------
    >>> done = []
    >>> with Overlap(done.append) as overlap:
    ...     for number in range(5):
    ...         overlap.do(number)
    >>> done
    [0, 1, 2, 3, 4]
    """

    def __init__(self, work: Callable[[T], object], ahead: int = AHEAD) -> None:
        self._work, self._ahead = work, ahead
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()
        self._failed = False

    def __enter__(self) -> Overlap[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        try:
            self.wait()
        finally:
            self._thread.shutdown()

    def do(self, piece: T) -> None:
        """Let a piece be done once its turn has come; raise what an earlier one raised."""
        while len(self._waiting) > self._ahead or (self._waiting and self._waiting[0].done()):
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._try, piece))

    def wait(self) -> None:
        """Return when all is done; raise what a piece raised."""
        while self._waiting:
            self._waiting.popleft().result()

    def _try(self, piece: T) -> None:
        if self._failed:
            return
        try:
            self._work(piece)
        except BaseException:
            self._failed = True
            raise
