"""Few long cases: too few to learn from as they are, so that they are cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import parameter
from ...stream.durations import UNKNOWN
from ..diagnostics import Diagnostics
from .cuts import cut_all, fitting_window, windows
from .ended import Ended

FEW = 8
"""Cases that are not few: on cycles of five events this many gave five states uncut, and fewer than five only one."""
LONG = 50
"""Events of a long case, on average."""
_MOST_HELD = 1 << 16  # events; with so many, what few cases there are is long


class FewCases:
    """Holds back the first cases that end until it is known whether they are few, and cuts them if they are long, too.

    Parameters
    ----------
    diagnostics : Diagnostics
        With the options; told if cases are cut.

    Examples
    --------
    >>> few = FewCases(Diagnostics())
    >>> ended = Ended(["a", "b"], np.array([200, 200]), np.zeros(2, np.int64), np.zeros(400, np.int32))
    >>> list(few.pass_on(ended)), [part.lengths.tolist() for part in few.close()]
    ([], [[20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20]])
    """

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        options = diagnostics.options
        self._waits = options.cut and not (options.cuts or options.follow)
        self._held: list[Ended] = []
        self._window: int | None = None

    def pass_on(self, ended: Ended) -> Iterator[Ended]:
        """Take cases that have ended; yield those that need not wait, or wait no longer."""
        if not self._waits and not self._held:
            yield self._cut(ended)
            return
        self._held.append(ended)
        cases, events = self._size()
        if cases >= FEW or not self._waits:  # those that are held are of a state that was restored
            yield from self._release()
        elif events >= _MOST_HELD:
            self._decide(cases, events)
            yield from self._release()

    def close(self) -> Iterator[Ended]:
        """Yield the cases that still wait."""
        cases, events = self._size()
        if self._waits and events >= LONG * cases > 0:
            self._decide(cases, events)
        yield from self._release()
        self._waits = self._waits and self._window is None

    def _size(self) -> tuple[int, int]:
        return sum(len(ended.lengths) for ended in self._held), sum(len(ended.symbols) for ended in self._held)

    def _decide(self, cases: int, events: int) -> None:
        """Say that cases are cut, and how."""
        self._window = fitting_window(events, self._held[0].symbols.tolist())
        told = "one case" if cases == 1 else f"{cases} cases"
        self._diagnostics.note(
            f"{told} of {events // cases:,} events are too few to learn from: cut into traces of {self._window}"
            f" ({parameter('window')}, {parameter('gap')} or {parameter('start')} cut elsewhere,"
            f" {parameter('cut=False')} nowhere)"
        )

    def _release(self) -> Iterator[Ended]:
        self._waits = False
        while self._held:  # what is not handed out yet stays in the state
            yield self._cut(self._held.pop(0))

    def _cut(self, ended: Ended) -> Ended:
        if self._window is None:
            return ended
        window = self._window
        return ended.in_parts(*cut_all(ended.lengths, ended.symbols, lambda one: windows(0, len(one), window, window)))

    def state(self) -> dict[str, Any]:
        """Return the cases that wait as texts and arrays."""
        held = self._held
        return {
            "waits": self._waits,
            "window": self._window,
            "names": [name for ended in held for name in ended.names],
            "lengths": _joined([ended.lengths for ended in held], np.int64),
            "early": _joined([ended.early for ended in held], np.int64),
            "symbols": _joined([ended.symbols for ended in held], np.int32),
            **({"durations": _joined(list(map(_spans, held)), np.int16)} if any(map(_timed, held)) else {}),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on with the cases that wait of others."""
        self._waits, self._window = state["waits"], state["window"]
        lengths, early = np.asarray(state["lengths"], np.int64), np.asarray(state["early"], np.int64)
        symbols = np.asarray(state["symbols"], np.int32)
        spans = np.asarray(state["durations"], np.int16) if "durations" in state else None
        self._held = [Ended(list(state["names"]), lengths, early, symbols, spans)] if len(lengths) else []


def _timed(ended: Ended) -> bool:
    return ended.durations is not None


def _spans(ended: Ended) -> NDArray[np.int16]:
    return np.full(len(ended.symbols), UNKNOWN, np.int16) if ended.durations is None else ended.durations


def _joined(arrays: list[Any], kind: type[np.generic]) -> Any:
    return np.concatenate([np.empty(0, kind), *arrays])
