"""Signals end the stream, not the program: what came before them is still written."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flexstream.readers import Reading

    from .console import Notes

HANGUP = getattr(signal, "SIGHUP", None)  # not on every system
SIGNALS = (signal.SIGINT, signal.SIGTERM, *(() if HANGUP is None else (HANGUP,)))


@contextmanager
def stopping(reading: Reading, abandon: Callable[[], None] | None = None) -> Iterator[list[int]]:
    """Let SIGINT, SIGTERM and SIGHUP end the stream; the list tells which came. A second one ends the program at once.

    Whoever ignores SIGHUP, as nohup lets programs do, goes on ignoring it.

    Parameters
    ----------
    reading : Reading
        Whose sources end.
    abandon : callable, optional
        Called first: lets go of work that takes long.
    """
    came: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        came.append(number)
        for sign in before:
            # A terminal that closes sends SIGHUP once for its shell and once for itself: only one of them is meant.
            signal.signal(sign, signal.SIG_IGN if sign == HANGUP else signal.SIG_DFL)
        if abandon is not None:
            abandon()
        reading.stop()

    heeded = [sign for sign in SIGNALS if sign != HANGUP or signal.getsignal(sign) != signal.SIG_IGN]
    before: dict[int, signal.Handlers | Callable[[int, FrameType | None], object] | int | None] = {}
    for sign in heeded:
        before[sign] = signal.getsignal(sign)
    for sign in heeded:
        signal.signal(sign, stop)
    try:
        yield came
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


@contextmanager
def to_the_end(notes: Notes, came: list[int]) -> Iterator[None]:
    """Let the block read until the sources end or break off, and put out what is left of its notes then.

    Parameters
    ----------
    notes : Notes
        Of the reading.
    came : list of int
        Signals that ended the stream, see `stopping`.
    """
    from flexstream.errors import DataError

    try:
        yield
    except DataError:
        # A stop may have cut a line or a block of gzip in two.
        if not came:
            raise
    finally:
        notes.close()


@contextmanager
def interrupted() -> Iterator[None]:
    """Let SIGTERM and SIGHUP interrupt the block as SIGINT does, so that it can end its files; a second one kills."""

    def stop(number: int, _: FrameType | None) -> None:
        for sign in before:
            signal.signal(sign, signal.SIG_DFL)
        raise SystemExit(128 + number)

    signs = [sign for sign in SIGNALS[1:] if signal.getsignal(sign) == signal.SIG_DFL]
    before = {sign: signal.signal(sign, stop) for sign in signs}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
