"""Cases in parts: cut where the user said, or, if they are few and long, so that they can be learned from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...errors import UsageError, parameter
from ...stream.alphabet import Alphabet
from ..diagnostics import Diagnostics, shown
from ..items import Events
from .cases import Cases
from .cuts import Cutter
from .ended import Ended
from .few import FewCases
from .windows import DEFAULT_WINDOW


class DividedCases:
    """Collects events by case as `Cases` does, which has the same methods, and hands the cases out in parts.

    Parameters
    ----------
    alphabet : Alphabet
        Knows the symbol that starts a trace.
    diagnostics : Diagnostics
        With the options; told about cuts that nobody asked for.
    case_bytes : int, optional
        Bytes for open cases, their names and events; no limit by default.

    Examples
    --------
    >>> from flexstream.readers import ReadOptions
    >>> cases = DividedCases(Alphabet(), Diagnostics(ReadOptions(window=2)))
    >>> [ended.traces() for symbol in range(5) for ended in cases.add("a", symbol, None)]
    [[('a', [0, 1], False)], [('a', [2, 3], False)]]
    >>> [ended.traces() for ended in cases.close()]
    [[('a', [4], False)]]
    """

    def __init__(self, alphabet: Alphabet, diagnostics: Diagnostics, case_bytes: int | None = None) -> None:
        self._alphabet, self._diagnostics, self._options = alphabet, diagnostics, diagnostics.options
        options = self._options
        self._cases, self._few = Cases(options, case_bytes), FewCases(diagnostics)
        self._starting: int | None = None
        self._endless = False
        self._seeks = options.start is not None
        self.cutter = Cutter(options.window, options.stride, None if options.start is None else self._find)

    def end_after(self, silence: float) -> None:
        """End cases that have been silent for so many seconds."""
        self._cases.end_after(silence)

    def cut_endless(self) -> None:
        """Cut cases that would not end otherwise, the events of a member of a fleet, which is told."""
        options, usual = self._options, self._diagnostics.usual_window
        if self._endless or options.cuts or options.idle is not None:
            return
        self._endless, window = True, usual or DEFAULT_WINDOW
        self._cases.end_at(window)
        self._diagnostics.resolve(window=window)
        self._diagnostics.note(
            f"events without cases: those of each member cut into traces of {window} ({parameter('window')},"
            f" {parameter('gap')} or {parameter('start')} cut elsewhere)"
        )

    def _find(self) -> int | None:
        """Return the symbol that starts a trace, None as long as it has not been seen."""
        if self._starting is None and self._options.start is not None:
            self._starting = self._alphabet.ids.get(self._options.start)
            if self._starting is not None:
                self._cases.start_with(self._starting)
        return self._starting

    @property
    def bytes(self) -> int:
        """What the open cases take."""
        return self._cases.bytes

    def add(self, name: str, symbol: int, time: float | None, place: int | None = None) -> list[Ended]:
        """Add an event; return the cases, or parts, that end with it."""
        if self._seeks:
            self._find()
        self._check(time is not None)
        ended = self._cases.add(name, symbol, time, place)
        return list(self._parts(ended)) if ended else []

    def add_all(self, events: Events) -> Iterator[Ended]:
        """Add events; yield the cases, or parts, that end with them."""
        if self._seeks:
            self._find()
        self._check(events.times is not None)
        yield from self._parts(self._cases.add_all(events))

    def _check(self, timed: bool) -> None:
        if self._options.gap is not None and not timed:
            gap, pattern = parameter("gap"), parameter("pattern")
            raise UsageError(
                f"{gap} needs times, which these events lack (expected: a column {parameter('time')}, in a"
                f" log a group (?P<time>…) in {pattern})"
            )

    def _parts(self, ended: Any) -> Iterator[Ended]:
        for cases in ended:
            yield from self._few.pass_on(self.cutter.ended(cases))

    def close(self, room: Callable[[], tuple[int, int]] | None = None) -> Iterator[Ended]:
        """Yield all cases still open, in the order of their first events; see `Cases.close`."""
        yield from self._parts(self._cases.close(room))
        yield from self._few.close()
        if self._seeks and self._find() is None and len(self._alphabet):
            self._diagnostics.note(
                f"no event is called {shown(self._options.start or '')}, so that {parameter('start')} had no effect"
            )

    def state(self) -> dict[str, Any]:
        """Return what is open, and what waits."""
        return {**self._cases.state(), "few": self._few.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Hold open what other cases held open; none may be here."""
        self._cases.restore(state)
        self._few.restore(state["few"])
        self._find()
