"""Reading ahead: a second thread fetches what comes next while the caller works on what came before."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

AHEAD = 2
"""Bundles that may wait: few, which are still in a cache when their turn comes."""
BUNDLE = 1024
"""Small pieces that change hands at once: each change takes as long as a few of them."""


class Ahead(Iterator[T], Generic[T]):
    """The pieces of an iterator in their order, fetched by a second thread; compiled kernels let both threads run.

    Use it as a context manager, in which it fetches.  What the iterator raises comes behind the pieces before
    it.

    Parameters
    ----------
    pieces : iterator
        Runs in the second thread.
    apart : callable
        Tells of a piece whether it is large, and done with without a change of what the iterator looks at: it is handed
        over by itself, and needs no `settle`.

    Examples
    --------
    >>> with Ahead(iter("abc"), lambda piece: piece == "b") as ahead:
    ...     list(ahead)
    ['a', 'b', 'c']
    """

    def __init__(self, pieces: Iterator[T], apart: Callable[[T], bool]) -> None:
        self._pieces, self._apart = pieces, apart
        self._bundle: list[T] = []  # of the thread that fetches
        self._unsettled = False
        self._taken: Iterator[T] = iter(())
        self._waiting: deque[list[T]] = deque()
        self._changed = threading.Condition()
        self._error: BaseException | None = None
        self._over = self._closed = self._idle = False
        self._thread = threading.Thread(target=self._fetch, name="ahead", daemon=True)

    def __enter__(self) -> Ahead[T]:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def __iter__(self) -> Ahead[T]:
        return self

    def __next__(self) -> T:
        for piece in self._taken:
            return piece
        with self._changed:
            self._idle = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._over)
            self._idle = False
            if self._waiting:
                self._taken = iter(self._waiting.popleft())
                self._changed.notify_all()
        for piece in self._taken:
            return piece
        error, self._error = self._error, None
        if error is not None:
            raise error
        raise StopIteration

    def settle(self) -> None:
        """Wait until the caller is done with what was fetched, if any of it is not `apart`; called by the iterator."""
        if self._unsettled:
            self.settle_all()

    def settle_all(self) -> None:
        """Wait until the caller is done with all that was fetched; called by the iterator."""
        self._hand_over()
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._idle and not self._waiting))
        self._unsettled = False

    def _fetch(self) -> None:
        try:
            for piece in self._pieces:
                if self._closed:
                    return
                apart = self._apart(piece)
                if apart:
                    self._hand_over()
                self._unsettled |= not apart
                self._bundle.append(piece)
                if apart or len(self._bundle) == BUNDLE:
                    self._hand_over()
            self._hand_over()
        except BaseException as error:
            self._hand_over()
            self._error = error
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def _hand_over(self) -> None:
        """Let the caller have what was fetched; wait where too much waits for it."""
        if self._bundle:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or len(self._waiting) < AHEAD)
                self._waiting.append(self._bundle)
                self._bundle = []
                self._changed.notify_all()
