"""Two things at once: a second thread does one piece of work after another while the caller prepares the next."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
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
        self._waiting: deque[T] = deque()  # the first of them is being done
        self._changed = threading.Condition()
        self._error: BaseException | None = None
        self._failed = self._over = False
        # A bare thread: concurrent.futures takes as long to import as a small problem takes to learn.
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Overlap[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        try:
            self.wait()
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()
            if self._thread is not None:
                self._thread.join()

    def do(self, piece: T) -> None:
        """Let a piece be done once its turn has come; raise what an earlier one raised."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._do_all, name="overlap")
            self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._error is not None or len(self._waiting) <= self._ahead)
            self._raise()
            self._waiting.append(piece)
            self._changed.notify_all()

    def wait(self) -> None:
        """Return when all is done; raise what a piece raised."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting)
            self._raise()

    def _raise(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _do_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._over)
                if not self._waiting:
                    return
            self._try(self._waiting[0])
            with self._changed:
                self._waiting.popleft()
                self._changed.notify_all()

    def _try(self, piece: T) -> None:
        if self._failed:
            return
        try:
            self._work(piece)
        except BaseException as error:
            self._failed = True
            self._error = error
