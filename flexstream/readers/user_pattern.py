"""Patterns of the user: whatever they say, the search for one in a line ends, and a stop is heeded meanwhile.

Python's ``re`` may take exponential time, as for ``(a+)+$`` in a line of forty characters.  It looks for signals as it
goes, so that a timer of the processor time that is used breaks it off.  Signals come to the main thread alone: in
another one, and where the program itself has a use for that timer, patterns run without a limit.
"""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, TypeVar

from ..errors import parameter

if TYPE_CHECKING:
    from .source.stopping import StopSwitch

LIMIT = 0.4
"""Seconds of processor time that a search in a line, or a search in many at once, may take."""
GRACE = 1.0
"""Seconds for which patterns are searched for after a stop, in lines that were there before it."""

_A = TypeVar("_A")
_T = TypeVar("_T")


class SlowPatternError(ValueError):
    """A search was broken off: what is wrong, and what was expected."""


class StoppedError(Exception):
    """A search was broken off because the reading is to stop; its line was not read."""


class _CutOff(BaseException):
    """Breaks off a search."""


class _Timer:
    """What the handler of the timer's signal looks at."""

    running = False


def _cut_off(_: int, __: FrameType | None) -> None:
    if _Timer.running:
        raise _CutOff


def _can_be_limited() -> bool:
    """Whether there is a timer that nobody else has a use for; it is taken."""
    if threading.get_ident() != threading.main_thread().ident or _Timer.running:
        return False
    handler = signal.getsignal(signal.SIGVTALRM)
    if handler is signal.SIG_DFL:
        signal.signal(signal.SIGVTALRM, _cut_off)
    return handler in (signal.SIG_DFL, _cut_off)


def limited(call: Callable[[_A], _T], text: _A, seconds: float | None = None) -> _T:
    """Return what a method of a pattern returns for a text, or for many; within `LIMIT` unless less is allowed.

    Raises
    ------
    SlowPatternError
        If it takes too long.

    Examples
    --------
    >>> limited(re.compile("l.t").search, "one lot")[0]
    'lot'
    """
    if not _can_be_limited():
        return call(text)
    try:
        _Timer.running = True
        signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT if seconds is None else seconds)
        try:
            return call(text)
        finally:
            _Timer.running = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _CutOff:
        problem = f"{parameter('pattern')} takes more than {LIMIT:g} s"
        raise SlowPatternError(problem, "one without repeats inside repeats, such as (a+)+") from None
    finally:
        _Timer.running = False


def found_in(pattern: str | re.Pattern[str], lines: Iterable[str]) -> Iterator[re.Match[str]]:
    """Yield where a pattern is found in lines, up to the first for which it takes too long, which is told elsewhere.

    >>> [found[0] for found in found_in("[0-9]+", ["lot 7", "idle", "lot 8"])]
    ['7', '8']
    """
    search = re.compile(pattern).search
    for line in lines:
        try:
            found = limited(search, line)
        except SlowPatternError:
            return
        if found is not None:
            yield found


class Searches:
    """Searches for patterns in lines of a source, see `limited`.

    Parameters
    ----------
    switch : StopSwitch
        Of the source: once a stop was asked for, a search that is long is broken off.

    Examples
    --------
    >>> from flexstream.readers.source.stopping import StopSwitch
    >>> Searches(StopSwitch())(re.compile(r"\\d+").search, "lot 7")[0]
    '7'
    """

    def __init__(self, switch: StopSwitch) -> None:
        self._switch = switch
        self._last: float | None = None

    def __call__(self, call: Callable[[_A], _T], text: _A) -> _T:
        """Return what a method of a pattern returns for a text.

        Raises
        ------
        SlowPatternError
            If it takes too long.
        StoppedError
            If it is broken off by a stop, or that was a while ago.
        """
        if self._switch.requested:
            return self._at_last(call, text)
        found: list[_T] = []
        if not self._switch.breakable(lambda: found.append(limited(call, text))):
            raise StoppedError
        return found[0]

    def _at_last(self, call: Callable[[_A], _T], text: _A) -> _T:
        now = time.monotonic()
        self._last = self._last or now + GRACE
        try:
            if now < self._last:
                return limited(call, text, min(LIMIT, self._last - now))
        except SlowPatternError:
            pass
        raise StoppedError
