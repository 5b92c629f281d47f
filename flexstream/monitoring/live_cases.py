"""Cases that are still open, followed event by event: what alarms whatever is to come, and cases that wait too long."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import cache, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from ..automata.calibration import LATE, WORST
from ..automata.strangeness import rounded
from ..automata.time_contexts import FURTHEST
from ..stream.origins import origin_of, origins_of
from .alarm import Judge
from .least import least_bits, p_values_of
from .notice import EVENT, SILENCE, Notice, Notices, Odd, Thing
from .waits import Tail, waits_along, waits_in

SCAN_SECONDS, SCAN_SHARE = 1.0, 0.05
"""Seconds between two looks at all cases for silence, at least; share of the time that these take at most."""


NOTHING: frozenset[Thing] = frozenset()


class Followed:
    """An open case: where it is in the automaton, when its last event came, and what it has alarmed for."""

    __slots__ = ("arrived", "earlier", "guessed", "moment", "passed", "place", "position", "state", "timed", "told")

    def __init__(self) -> None:
        self.state = self.position = self.timed = 0
        self.moment, self.arrived, self.place = math.nan, 0.0, -1
        self.guessed = False  # its state is a guess, as an event that alarmed takes no transition
        self.told: frozenset[Thing] | None = None
        self.earlier: list[int] = []  # its last symbols, the newest first, where durations hang on them
        self.passed: frozenset[Thing] = NOTHING  # what would have alarmed, but was accepted


class LiveCases:
    """Watches a live source: a case that is open alarms as soon as nothing that may come can make it usual.

    An event is judged by its surprise alone, which the worst of the whole trace is at least, and by how long it took: a
    case is not judged as if it had ended.  A silent case alarms when so long a wait, or that none comes any more, is as
    rare as a step that alarms for being slow; event time counts as well as the clock of the wall.

    Parameters
    ----------
    judge : Judge
    notices : Notices
        Of the judge's automaton.
    raised : callable
        Called with each notice, once for each thing of a case, and whether it is the case's first; returns whether it
        counts.
    label : callable
        Returns what to call a case, by its name, None for what has none.
    ticked : callable
        Called about once a second while nothing comes.
    clock : callable
        Seconds that never run back.

    Attributes
    ----------
    cases : dict of str or None to Followed
        What is open, by name.
    events : int
        Told so far.
    newest : float
        The newest time of an event, in seconds; NaN before one has a time.
    arrived : float or None
        When the last event came, by the clock.
    """

    def __init__(
        self,
        judge: Judge,
        notices: Notices,
        raised: Callable[[Notice, bool], bool],
        label: Callable[[str | None], str | int] = lambda case: case or "",
        ticked: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._notices, self._raised, self._label, self._ticked, self._clock = notices, raised, label, ticked, clock
        self._automaton, self._calibration = notices.automaton, judge.calibration
        self.cases: dict[str | None, Followed] = {}
        self._done: deque[frozenset[Thing]] = deque()
        self.events, self.newest = 0, math.nan
        self.arrived: float | None = None
        self._lay_out()
        self.least_bits = judge.least_bits
        self._least_late = least_bits(judge.calibration, LATE, judge.rate)
        if self._automaton.durations is None:
            self._least_late = math.inf
        self._judges_times = math.isfinite(self._least_late)
        self._contexts = (
            self._automaton.durations.contexts if self._automaton.durations and self._judges_times else None
        )
        self._scanned, self._pause = clock(), SCAN_SECONDS
        self._silences = cache(partial(waits_in, self._automaton))
        self._steps = cache(partial(waits_along, self._automaton))
        self._p_values = lru_cache(1 << 14)(self._of_rounded)

    def _lay_out(self) -> None:
        """Lay the automaton out for single steps, as `flexstream.automata.walking.score_columns` does for many."""
        automaton, smoothing = self._automaton, self._automaton.smoothing
        width = self._width = max(1, len(automaton.symbols))
        keys = automaton.sources.astype(np.int64) * width + automaton.edge_symbols
        self._edges = dict(zip(keys.tolist(), range(len(keys)), strict=True))
        self._targets, self._bits = automaton.targets.tolist(), bits_of(automaton.probabilities).tolist()
        self._rare = bits_of(automaton.rest / automaton.mass).tolist()
        self._base, self._fallback = bits_of(smoothing.base[2:]).tolist(), smoothing.fallback.tolist()
        self._unknown = float(bits_of(smoothing.base[1:2])[0])

    def event(self, case: str | None, symbol: int, moment: float | None, place: int | None) -> None:
        """Take an event of a case; see `flexstream.readers.watching.Watcher`."""
        found = self.cases.get(case)
        if found is None:
            found = self.cases[case] = Followed()
        known = symbol < len(self._base)
        edge = self._edges.get(found.state * self._width + symbol) if known else None
        if edge is not None:
            bits, target = self._bits[edge], self._targets[edge]
        else:
            bits = self._rare[found.state] + (self._base[symbol] if known else self._unknown)
            target = self._fallback[symbol] if known else found.state
        now = self._clock()
        where = -1 if place is None else place
        if moment is not None and edge is not None and self._judges_times and not math.isnan(found.moment):
            self._judge_step(case, found, edge, symbol, moment, where)
        if bits >= self.least_bits and not found.guessed:
            thing = Thing(EVENT, found.state, self._notices.text(symbol))
            self._alarm(case, found, thing, WORST, bits, where, moment)
            found.guessed = found.told is not None and thing in found.told  # what was accepted hides nothing
        found.guessed = found.guessed and edge is None
        found.state, found.position, found.arrived, found.place = target, found.position + 1, now, where
        if self._contexts is not None:
            found.earlier = [symbol, *found.earlier[: FURTHEST - 1]]
        if moment is not None:
            found.moment = moment if math.isnan(found.moment) else max(found.moment, moment)
            self.newest = moment if math.isnan(self.newest) else max(self.newest, moment)
        self.events, self.arrived = self.events + 1, now
        if now - self._scanned > self._pause:
            self.look_for_silence()

    def ended(self, cases: Iterable[str | None]) -> None:
        """Take the names of cases that have ended."""
        for case in cases:
            found = self.cases.pop(case, None)
            self._done.append(NOTHING if found is None or found.told is None else found.told)

    @property
    def handed_on(self) -> int:
        """Cases that have ended, and are still to be handed on as traces, before those that are open."""
        return len(self._done)

    def forget(self) -> None:
        """Follow no case any more."""
        self.cases.clear()
        self._done.clear()

    def waited(self) -> None:
        """Look at the clock."""
        self.look_for_silence()
        self._ticked()

    def told_of(self, name: str | None) -> frozenset[Thing]:
        """Return for what the case has alarmed while it was open that is handed on as a trace now."""
        if self._done:
            return self._done.popleft()
        if name not in self.cases and self.cases and name is None:
            name = next(iter(self.cases))  # cases that end with the input do so in the order of their first events
        found = self.cases.pop(name, None)
        return NOTHING if found is None or found.told is None else found.told

    def look_for_silence(self) -> None:
        """Let the cases alarm that wait too long for their next event."""
        start = self._scanned = self._clock()
        if self._judges_times:
            for case, found in self.cases.items():
                self._judge_silence(case, found, start)
            self._pause = max(SCAN_SECONDS, (self._clock() - start) / SCAN_SHARE)

    def _judge_silence(self, case: str | None, found: Followed, now: float) -> None:
        since = self.newest - found.moment  # NaN where there are no times
        silence = max(now - found.arrived, 0.0 if math.isnan(since) else since)
        tail = self._silences(found.state)
        strange = self._strange(tail, silence, found.timed + 1)
        if strange > 0.0 and strange >= self._least_late:
            thing = Thing(SILENCE, found.state, None)
            said = LATE, strange, found.place, None if math.isnan(found.moment) else found.moment
            self._alarm(case, found, thing, *said, slow=(silence, tail.usual))

    def _judge_step(self, case: str | None, found: Followed, edge: int, symbol: int, moment: float, place: int) -> None:
        """Judge how long an event took, where a transition's times are known."""
        tail = self._steps(edge if self._contexts is None else self._contexts.place(edge, found.earlier))
        if not tail.total:
            return
        found.timed += 1
        seconds = moment - found.moment
        strange = self._strange(tail, seconds, found.timed)
        waited = found.told is not None and Thing(SILENCE, found.state, None) in found.told
        if strange > 0.0 and strange >= self._least_late and not waited:
            thing = Thing(LATE, found.state, self._notices.text(symbol))
            self._alarm(case, found, thing, LATE, strange, place, moment, slow=(seconds, tail.usual))

    def _strange(self, tail: Tail, seconds: float, steps: int) -> float:
        """Return how rare it is that a case of so many steps waits so long, in bits."""
        bits = tail.bits(seconds, self._calibration.beyond)
        return bits - math.log2(steps) if self._calibration.shared else bits

    def _alarm(
        self,
        case: str | None,
        found: Followed,
        thing: Thing,
        statistic: str,
        strange: float,
        place: int,
        moment: float | None,
        slow: tuple[float, float] | None = None,
    ) -> None:
        if thing in found.passed or (found.told is not None and thing in found.told):
            return
        origin = origin_of(origins_of([place], [math.nan if moment is None else moment])[0])
        odd = Odd(statistic, self._p_value(statistic, strange), found.position, found.state, strange)
        if slow is not None:
            odd = odd._replace(bits=math.nan, seconds=slow[0], usual=slow[1])
        notice = self._notices.notice(thing, odd, self._label(case), self._notices.place(origin), True)
        if self._raised(notice, found.told is None):
            found.told = (found.told or frozenset()) | {thing}
        else:
            found.passed |= {thing}

    def _p_value(self, statistic: str, bits: float) -> float:
        return self._p_values(statistic, int(rounded(np.array([bits]))[0]))

    def _of_rounded(self, statistic: str, value: int) -> float:
        return float(p_values_of(self._calibration, statistic, np.array([value], np.int32))[0])


def bits_of(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the surprise of outcomes in bits, infinite where one is impossible."""
    with np.errstate(divide="ignore"):
        return -np.log2(probabilities)
