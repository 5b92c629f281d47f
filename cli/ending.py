"""The end of learning: the last refinement, for which a stop waits a second and no longer."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from signal import Signals
from threading import Timer
from typing import TYPE_CHECKING, NoReturn

from flexstream.merging.halt import AbandonedError
from flexstream.stream.overlap import Overlap

from .console import say

if TYPE_CHECKING:
    from flexstream.automata.model_file import Model
    from flexstream.errors import FlexStreamError
    from flexstream.learning.learner import StreamLearner

    from .outputs import Outputs

STOP_SECONDS = 0.6
"""Seconds that the last refinement may take after a stop; after that something smaller is written."""
LESS_SECONDS = 1.4
"""Seconds after the stop by which that has to be there, or else what was found before is written."""
ALONE_SHARE = 0.6
"""Of the time that is left, the part for the best member of an ensemble; the rest is for the states found before."""


class Ending:
    """Ends learning.

    Parameters
    ----------
    learner : StreamLearner
    outputs : Outputs
    """

    def __init__(self, learner: StreamLearner, outputs: Outputs) -> None:
        self._learner, self._outputs = learner, outputs
        self._refines_last = False
        self._timer: Timer | None = None
        self._until = math.inf  # when a stop is over

    def stop(self) -> None:
        """Be told by a signal handler of a stop: a refinement that goes on is given up, the last one a little later."""
        self._until = time.monotonic() + LESS_SECONDS
        if not self._refines_last:
            self._learner.abandon()
        elif self._timer is None:
            self._limit(STOP_SECONDS)

    def prepare(self, came: list[int], failure: FlexStreamError | None) -> None:
        """Refine for the last time, and work out what is written.

        If a stop comes, or has come, and that takes long, something smaller is written: of an ensemble the best member,
        or the states of the refinement before with the counts of all that was read, or else its automaton as it was;
        where there was none the stop has to wait for one.

        Parameters
        ----------
        came : list of int
            The signals that came, and those to come.
        failure : FlexStreamError or None
            What ended the reading.
        """
        outputs, self._refines_last = self._outputs, True
        outputs.stopped, outputs.partial = bool(came), _why_partial(came, failure, outputs)
        self._tell_place()
        slow = bool(came) and self._learner.lasted > STOP_SECONDS
        if slow or not self._within(STOP_SECONDS if came else None, self._refine):
            outputs.stopped, outputs.partial = True, _why_partial(came, failure, outputs)
            self._tell_place()
            self._do_with_less()

    def _tell_place(self) -> None:
        """Let a model that a stop has ended say up to where its stream was read, unless that is all that there is."""
        reading = self._outputs.reading
        position = reading.position if self._outputs.stopped and reading is not None else None
        self._outputs.position = None if position is None or position.left == 0 else position

    def _refine(self) -> None:
        self._learner.refine()  # the stream has ended, so that what is asked of the learner may change it
        self._outputs.prepare(self._learner)

    def _do_with_less(self) -> None:
        """Prepare to write something that takes no long."""
        last, members, until = self._last(), self._learner.settings.ensemble, self._until
        if last is None and members == 1:
            say("there was no refinement yet: what was learned is written after it (a second signal ends at once)")
            self._within(None, self._refine)
        elif members > 1 and self._within(None if last is None else ALONE_SHARE * _left(until), self._ask_the_best):
            say(f"the stop did not wait for the last refinement of {members:,} automata: the best one is written alone")
        elif last is not None and last.provenance["traces"] == self._learner.traces:
            say("the stop did not wait for the last refinement: the first of its automata is written alone")
            self._outputs.replace(last)
        elif self._within(_left(until), self._ask_as_decided):
            say("the stop did not wait for the last refinement: all that was read counts, in the states found before")
        elif last is not None:
            say("the stop did not wait for the last refinement: what was found before is written, as it was")
            self._outputs.replace(last, older=True)

    def _last(self) -> Model | None:
        """Return the newest of what was found before: by a refinement of the schedule, or to be written meanwhile."""
        found = [model for model in (self._outputs.newest, self._learner.last_automaton) if model is not None]
        return max(found, key=lambda model: model.provenance["traces"], default=None)

    def _ask_the_best(self) -> None:
        self._outputs.replace(self._learner.best_alone())

    def _ask_as_decided(self) -> None:
        self._outputs.replace(self._learner.as_decided())

    def _within(self, seconds: float | None, work: Callable[[], None]) -> bool:
        """Do what can be abandoned, within so many seconds if they are given; return whether it was done.

        It is done in a second thread: signals are heeded between two steps of Python, and compiled loops have none.
        """
        self._learner.go_on()
        if seconds is not None:
            self._limit(seconds)
        try:
            with Overlap[None](lambda _: work()) as working:
                working.do(None)
        except AbandonedError:
            return False
        finally:
            if self._timer is not None:
                self._timer.cancel()
        return True

    def _limit(self, seconds: float) -> None:
        self._timer = Timer(seconds, self._learner.abandon)
        self._timer.daemon = True
        self._timer.start()


def _left(until: float) -> float:
    """Return the seconds until a moment of the clock, at least a little."""
    return max(0.1, until - time.monotonic())


def leave(came: list[int], traces: int) -> NoReturn:
    """End a program that signals have stopped, behind so many traces."""
    if not traces:
        say(f"{_stopped_by(came)} before a trace came, so nothing was written")
    sys.exit(128 + came[0])


def _stopped_by(came: list[int]) -> str:
    return f"stopped by {Signals(came[0]).name}"


def _why_partial(came: list[int], failure: FlexStreamError | None, outputs: Outputs) -> str | None:
    """Say what ended the stream before its end, if something did."""
    if came:
        return _stopped_by(came)
    if failure is not None:
        return "an error ended the reading"
    return "nobody read stdout any more" if outputs.attempts.reader_left else None


def left_out(model: Model | None) -> Iterator[str]:
    """Yield in words how many automata of an ensemble did not fit."""
    if model is not None and (number := model.provenance.get("members_left_out", 0)):
        yield f"gave up {number} of the {number + len(model)} automata of the ensemble"


def what_is_partial(outputs: Outputs) -> Iterator[str]:
    """Yield in words of which part of its stream a model is, and what it has not replaced."""
    if outputs.partial is None or outputs.last is None:
        return
    from flexstream.automata.completeness import part_of

    if (told := part_of(outputs.last)) is not None:
        written = outputs.place(outputs.model) if outputs.model else "the automaton"
        yield f"{written}: {told} (provenance: complete false)"
    if (kept := outputs.kept.told()) is not None:
        yield kept
