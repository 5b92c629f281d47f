"""Ending a stream early as if it had ended by itself, so that nothing already read is lost."""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident
from typing import Any, TypeVar

T = TypeVar("T")


class _Stopped(BaseException):
    """Breaks off a call that waits for input."""


class StopSwitch:
    """Asked to stop, all sources that hold this switch end at the next chance.

    ``request`` may be called from a signal handler: it breaks off a read that waits for input, and nothing else.  From
    another thread it breaks off nothing: that read goes on until something comes; where a file is followed, a second.

    Attributes
    ----------
    requested : bool
        Whether it was asked to stop.
    waited : callable or None
        Called about once a second while a source waits for input.
    held : list of callable, or None
        Where there is one, what tells others that a source was read waits there until somebody calls it.
    member : object or None
        Of a group that shares the partitions of a topic, see `flexstream.readers.source.kafka_group.Member`.

    Examples
    --------
    >>> switch = StopSwitch()
    >>> switch.waiting(lambda: b"more")
    b'more'
    >>> switch.request()
    >>> switch.waiting(lambda: b"more") is None
    True
    """

    __slots__ = ("_waiting", "held", "member", "requested", "waited")

    def __init__(self) -> None:
        self.requested = False
        self._waiting: int | None = None  # the thread that does
        self.waited: Callable[[], None] | None = None
        self.held: list[Callable[[], None]] | None = None
        self.member: Any = None

    def request(self) -> None:
        """Let all sources end."""
        self.requested = True
        if self._waiting == get_ident():
            raise _Stopped

    def hold(self) -> None:
        """Let what tells others wait."""
        self.held = []

    def release(self) -> None:
        """Let them be told."""
        held, self.held = self.held, None
        for tell in held or ():
            tell()

    def waiting(self, call: Callable[[], T]) -> T | None:
        """Return what a call that may wait for input returns, or None once a stop was requested."""
        try:
            self._waiting = get_ident()
            return None if self.requested else call()
        except _Stopped:
            return None
        finally:
            self._waiting = None

    def breakable(self, call: Callable[[], object]) -> bool:
        """Call what may take long; return whether it came to its end, and was not broken off by a stop meanwhile."""
        try:
            self._waiting = get_ident()
            call()
        except _Stopped:
            return False
        finally:
            self._waiting = None
        return True
