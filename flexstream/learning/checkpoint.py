"""Checkpoints: all that a run has come to, kept now and then, so that another goes on where it stood."""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from ..arguments import fitting_path
from ..container import write
from ..errors import DataError, FencedError, Message, PostponedError, UsageError, parameter
from ..generations import Generations
from ..tuples import NamedTuple
from .given import SOURCES, check_same
from .keeping import Kept

if TYPE_CHECKING:
    from ..readers.reading import Reading
    from ..stream.batch import TraceBatch
    from ..stream.overlap import Overlap

EVERY = "10s"
"""How often a checkpoint is written unless somebody says otherwise."""
LOG = logging.getLogger("flexstream")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_NOT_ONE = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, AssertionError)


class Stateful(Protocol):
    """A part of a run that has a state."""

    def state(self) -> dict[str, Any]:
        """Return the state: numbers, texts, bytes and arrays, in dicts and lists."""

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over a state, before anything else."""


class Every(NamedTuple):
    """How often: every so many traces, or every so many seconds; the other is None."""

    traces: int | None
    seconds: float | None


def every_of(given: str | int) -> Every:
    """Return how often checkpoints are to be written, as people say it.

    Raises
    ------
    UsageError
        If it is neither a number of traces nor a time.

    Examples
    --------
    >>> every_of("2000"), every_of("1.5m")
    (Every(traces=2000, seconds=None), Every(traces=None, seconds=90.0))
    """
    match = re.fullmatch(r"\s*(\d{1,15}(?:\.\d+)?)\s*([smh]?)\s*", str(given), re.ASCII)
    amount = float(match[1]) if match else 0.0
    if match is None or not amount or not (match[2] or amount.is_integer()):
        expected = "traces, such as 2000, or a time, such as 10s or 5m"
        raise UsageError(f"{parameter('checkpoint_every')} is {given!r} (expected: {expected})")
    return Every(None, amount * _UNITS[match[2]]) if match[2] else Every(int(amount), None)


class Checkpoints:
    """Writes checkpoints of a run into a folder, and lets a run go on from the last of them.

    Parameters
    ----------
    folder : str or Path
        Belongs to one run; made if there is none.
    every : str or int
        See `every_of`.
    resume : bool
        Whether to go on from the last checkpoint; where there is none the run begins anew.
    tell : callable, optional
        Called with a line for the user; None: it goes to the logger ``flexstream``.

    Attributes
    ----------
    failure : DataError or None
        Why the last checkpoint could not be written.
    busy : context manager
        Entered while the learner is written: a lock where others look at it.

    Raises
    ------
    UsageError
        If ``every`` is neither traces nor a time.
    DataError
        If the folder cannot be used, or another process has it.
    """

    def __init__(
        self,
        folder: str | Path,
        every: str | int = EVERY,
        resume: bool = False,
        tell: Callable[[Message], object] | None = None,
    ) -> None:
        self._every, self._resume = every_of(every), resume
        self._tell = LOG.info if tell is None else tell
        self._folder = Generations(fitting_path(folder, "checkpoint", "the path of a folder"))
        self._parts: dict[str, Stateful] = {}
        self._given: dict[str, Any] = {}
        self._taken = 0  # traces of the stream that are counted, or on the way to be
        self._kept = 0  # of these in the last checkpoint
        self._begun = False  # whether anything was read: a trace may end long after
        self._counting: Overlap[TraceBatch] | None = None
        self._settles = False  # partitions of a topic, which go to others
        self.failure: DataError | None = None
        self.busy: AbstractContextManager[object] = nullcontext()

    def __enter__(self) -> Checkpoints:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._folder.close()

    def begin(self, given: Mapping[str, Any], parts: Mapping[str, Stateful]) -> bool:
        """Let the parts of a run go on from the last checkpoint; return whether there was one.

        Parameters
        ----------
        given : mapping
            The parameters of the run, as `given.parameters_of` returns them.
        parts : mapping of str to Stateful
            All that has a state, the learner and the reading among them, in the order in which they are restored.

        Raises
        ------
        UsageError
            If the parameters are others than those of the checkpoint, or there is one and nobody asked to go on.
        DataError
            If no checkpoint is whole, or what it holds does not fit.
        """
        self._given, self._parts = dict(given), dict(parts)
        reading: Any = self._parts[READING]
        reading.share(self._take, self._settle, self._tell)
        state, note = self._folder.load(self._is_confirmed)
        if note is not None:
            self._tell(note)
        if state is None or not (self._resume or _begun(state) or self._folder.counted().exists()):
            if self._resume:
                self._tell(Message(f"{self._folder.folder} holds no checkpoint: the run begins anew"))
            self._write(None)
            return False
        if not self._resume:
            raise UsageError(
                f"{self._folder.folder} holds the checkpoint of a run (expected: {parameter('resume')} to go on with "
                f"it, or another folder)"
            )
        self._restore(state)
        self._tell(Message(f"goes on behind trace {self._taken:,}, where the checkpoint in {self._folder.folder} ends"))
        return True

    def _is_confirmed(self, state: Mapping[str, Any]) -> bool:
        """Tell whether a group that shares the partitions of a topic has heard of a checkpoint."""
        sharing = self._parts[READING].sharing  # type: ignore[attr-defined]
        if sharing is None or not (_begun(state) or self._resume):
            return True
        try:
            return bool(sharing.confirmed(state["parts"][READING]))
        except _NOT_ONE as error:
            raise self._other(error) from None

    def _other(self, error: Exception) -> DataError:
        problem = f"holds something else than the state of such a run ({type(error).__name__})"
        expected = "the checkpoint of a run of the same kind"
        return DataError(str(self._folder.folder), None, problem, expected)

    def _restore(self, state: Mapping[str, Any]) -> None:
        """Let all parts take over their states."""
        name = str(self._folder.folder)
        try:
            kept: dict[str, Any] = {**state["given"], SOURCES: list(state["given"][SOURCES])}
            self._taken = self._kept = int(state["traces"])
            states = [(part, state["parts"][name]) for name, part in self._parts.items()]
            check_same(kept, self._given, name)
            for part, own in states:
                part.restore(own)
        except _NOT_ONE as error:
            raise self._other(error) from None

    def follow(self, reading: Reading, counting: Overlap[TraceBatch]) -> None:
        """Count all batches of a reading, and write checkpoints now and then, the last before what is open ends.

        Parameters
        ----------
        reading : Reading
            One of the parts, made resumable.
        counting : Overlap
            Counts batches; while a checkpoint is made it rests.
        """

        def at_rest() -> None:
            try:
                self._save(counting)
            except Exception as error:  # not one of the sources, as which the reading would take it
                raise _CountingError(error) from error
            reading.rest_at = self._next_rest()

        self._begun = True
        reading.at_rest, reading.rest_at = at_rest, self._next_rest()
        self._counting = counting
        try:
            for batch in reading:
                self._count(reading, batch, counting)
            counting.wait()
            self._write_counted()
        except _CountingError as error:
            raise error.reason from None

    def _take(self, batch: TraceBatch) -> None:
        """Count a batch that is handed on between two others."""
        assert self._counting is not None
        self._hand_on(batch, self._counting)

    def _settle(self) -> None:
        """Write a checkpoint before partitions go to others."""
        if self._counting is not None:
            self._settles = True
            try:
                self._save(self._counting)
            finally:
                self._settles = False

    def _next_rest(self) -> float:
        return math.inf if self._every.seconds is None else time.monotonic() + self._every.seconds

    def _count(self, reading: Reading, batch: TraceBatch, counting: Overlap[TraceBatch]) -> None:
        """Let a batch be counted, in parts where a checkpoint is due within it.

        There is none while what is open ends: its sources may have grown when it is gone on with.
        """
        start, every = 0, None if reading.ending else self._every.traces
        while every is not None and (stop := start + every - self._taken % every) <= len(batch):
            self._hand_on(batch.part(start, stop), counting)
            self._save(counting, batch.part(stop, len(batch)) if stop < len(batch) else None)
            start = stop
        if start < len(batch):
            self._hand_on(batch if not start else batch.part(start, len(batch)), counting)
        if time.monotonic() >= reading.rest_at and not reading.ending:
            self._save(counting)
            reading.rest_at = self._next_rest()

    def _hand_on(self, batch: TraceBatch, counting: Overlap[TraceBatch]) -> None:
        counting.do(batch)
        self._taken += len(batch)

    def _save(self, counting: Overlap[TraceBatch], rest: TraceBatch | None = None) -> None:
        """Write a checkpoint; where that fails it is told, once, and the next one is tried."""
        counting.wait()
        with self.busy:
            self._write(rest)

    def _write(self, rest: TraceBatch | None) -> None:
        if getattr(self._parts[LEARNER], "gave_up", False):  # it is no more what its traces make of it
            return
        states = {name: part.state() for name, part in self._parts.items() if name != READING}
        try:
            states[READING] = self._parts[READING].state(rest)  # type: ignore[call-arg]
            shared = self._parts[READING].sharing is not None  # type: ignore[attr-defined]
            kept = {"given": self._given, "traces": self._taken, "begun": self._begun, "parts": states}
            self._folder.save(kept, settled=not shared)
            self._parts[READING].commit()  # type: ignore[attr-defined]
            self._folder.settle()
            self._kept = self._taken
        except FencedError:
            raise
        except PostponedError:
            self._folder.give_up()
            if self._settles:  # else the next one is early enough
                raise
        except DataError as error:
            if self.failure is None:
                self._tell(
                    Message(f"warning: {error.message.marked}; learning goes on, and the next checkpoint is tried")
                )
            self.failure = error
            return
        self.failure = None

    def _write_counted(self) -> None:
        """Write what was counted, those traces included that ended with the input; parts of a stream add up so.

        Who goes on with the run goes on with the checkpoint, in which these have not ended.
        """
        learner: Any = self._parts[LEARNER]
        shared = self._parts[READING].sharing is not None  # type: ignore[attr-defined]
        adds_up = isinstance(learner, Kept) and getattr(learner, "plan", None) is None
        if self._taken == self._kept or shared or self.failure is not None or not adds_up:
            return
        from ..summary.narrowed import narrowed
        from .additive import SUMMARY, Summary  # of those runs only that end with something open

        try:
            with self.busy:
                write(self._folder.counted(), narrowed(Summary.of(learner).state()), SUMMARY)
        except DataError as error:
            self._tell(Message(f"warning: {error.message.marked}; what ended with the input is in the model alone"))
            self.failure = error


def _begun(state: Mapping[str, Any]) -> bool:
    """Tell whether a checkpoint holds anything: one that is written before anything is read is of no run yet."""
    return bool(state.get("traces") or state.get("begun"))  # older ones have only traces


class _CountingError(Exception):
    """What was raised while the reading rests."""

    def __init__(self, reason: Exception) -> None:
        self.reason = reason


LEARNER, READING = "learner", "reading"
"""Which of the parts are these."""
