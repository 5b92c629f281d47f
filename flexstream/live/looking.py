"""Looking at a learner while it learns: now and then, for a small share of its time."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from ..automata.pdfa import PDFA
from ..learning.learner import StreamLearner
from ..learning.observers import Observer
from ..learning.showing import shown
from ..merging.halt import AbandonedError
from ..merging.search import Refinement
from ..monitoring.notice import ShownTime
from ..stream.batch import TraceBatch
from ..visible import visible
from .board import Board
from .samples import TRACES, Looked, Samples
from .timeline import Point
from .waiting import MOST_TRACES, Waiting

FRAME, VERSION = 0.25, 1.0
"""Seconds at least between two looks at traces, and between two versions of the automaton."""
TIMES, IDLE = 50, 60
"""How many times as long as one look took the program works before the next: a fiftieth of its work is looking.
Where it mostly waits for its source, or others take the processor, so many times as long again is enough; where so
little comes that all can be looked at, a fiftieth of the time."""


class Seen(NamedTuple):
    """What a learner has seen: traces, events, symbols, states, and the bytes that it accounts for."""

    traces: int = 0
    events: int = 0
    symbols: int = 0
    states: int = 0
    used: int = 0


class Pace:
    """Says when it is time again for something that takes time.

    Parameters
    ----------
    least : float
        Seconds between two times.

    Examples
    --------
    >>> pace = Pace(3600)
    >>> pace.due()
    True
    >>> pace.took(0.1)
    >>> pace.due()
    False
    """

    def __init__(self, least: float) -> None:
        self._least, self._took = least, 0.0
        self._at = self._worked = -math.inf

    def due(self, idle: bool = False, growth: float = 1.0) -> bool:
        """Tell whether it is time; of a program that is idle the clock alone is asked.

        What comes next may take ``growth`` times as long as what came last.
        """
        passed, wait = time.monotonic() - self._at, TIMES * self._took * growth
        if passed < self._least:
            return False
        return passed >= (wait if idle else IDLE * wait) or time.process_time() - self._worked >= wait

    def took(self, seconds: float) -> None:
        """Be told how much of the processor it took this time."""
        self._took, self._at, self._worked = seconds, time.monotonic(), time.process_time()


class Newest:
    """A place for one automaton: what is put there takes the place of what nobody has taken.

    >>> newest = Newest()
    >>> newest.put(None), newest.get()
    (None, None)
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: PDFA | None = None
        self._there = False

    def put(self, automaton: PDFA | None) -> None:
        """Put it there."""
        with self._changed:
            self._held, self._there = automaton, True
            self._changed.notify_all()

    def get(self) -> PDFA | None:
        """Wait for one and take it."""
        with self._changed:
            self._changed.wait_for(lambda: self._there)
            self._there = False
            return self._held


class Looking(Observer):
    """Takes numbers, looks at traces before the model knows them, and takes versions of the automaton.

    Parameters
    ----------
    learner : StreamLearner
    board : Board
        Where lines go.
    drift : bool
        See `Samples`.
    sources : sequence of str

    Attributes
    ----------
    seen : Seen
    looked : int
        Traces that were scored.
    versions : Newest
        Automata to be drawn.
    """

    def __init__(self, learner: StreamLearner, board: Board, drift: bool, sources: Sequence[str]) -> None:
        self.seen, self.looked, self.versions = Seen(), 0, Newest()
        self._board = board
        names = [visible(source) for source in sources]
        self._samples = Samples(learner, drift, lambda at: names[at] if at < len(names) else f"source {at}")
        self._lock = threading.Lock()
        self._scored = Point(0, 0)  # since somebody asked
        self._frames, self._versions = Pace(FRAME), Pace(VERSION)
        self._waiting = Waiting()  # to be looked at
        self._behind = False  # whether at the last look more waited than could be looked at
        self._share = 1.0  # of what was looked at last, that which is looked at where not all can be
        self._counted_at = 0.0
        self._version_of, self._version_nodes = 0, 1  # traces, and nodes of the tree
        self._drawing = 0.0
        self._told: set[str] = set()
        self._stopped = False

    def show_times(self, shown_time: ShownTime) -> None:
        """Let the times of events be shown as this says."""
        self._samples.shown_time = shown_time

    def stop(self) -> None:
        """Look no more."""
        self._stopped = True

    # --- what the learner tells

    def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
        """Take numbers; look at the traces and at the automaton, where it is time to."""
        if self._stopped:
            return
        before = learner.forgotten + learner.traces - len(batch)
        self.seen = self.seen._replace(
            traces=learner.forgotten + learner.traces,
            events=self.seen.events + batch.events if learner.forgotten else learner.events,
            symbols=len(learner.alphabet),
            states=learner.states,
        )
        self._counted_at = time.monotonic()
        self._waiting.add(batch, before)
        behind = self._behind or self._waiting.behind  # else the stream leaves the time to look at all
        if self._frames.due(idle=not behind, growth=self._share if behind else 1.0):
            self._behind = self._waiting.behind
            self._look(learner)
        if self.due(not behind, growth=max(1.0, len(learner.tree) / self._version_nodes)):
            self.take_version(learner)

    def refined(self, learner: StreamLearner, refinement: Refinement) -> None:
        """Take the automaton of one that runs by a plan, which is asked for none between two refinements."""
        if not self._stopped and hasattr(learner, "plan"):
            self._take(learner, refinement.automaton(learner.tree, learner.alphabet, learner.smoothing))

    # --- looks

    def _look(self, learner: StreamLearner) -> None:
        """Look at the traces that wait for it."""
        started = time.thread_time()
        self.seen = self.seen._replace(used=sum(use.used for use in learner.budget.usage().values()))
        most, waiting = TRACES if self._waiting.behind else MOST_TRACES, self._waiting.take()
        self._share = min(1.0, TRACES / max(1, sum(min(most, len(batch)) for batch, _ in waiting)))
        for batch, before in waiting:
            found = self._samples.look(batch, before, most)
            self.looked += found.scored
            with self._lock:
                self._scored = self._scored.plus(Point(0, 0, 0, 0, found.scored, found.mean, found.squares))
            for line in found.lines:
                self._board.tell(*line)
        self.tell_drift(learner)
        self._frames.took(time.thread_time() - started)

    def tell_drift(self, learner: StreamLearner) -> None:
        """Tell the changes that one has found who watches all traces, those that were not told yet."""
        for change in (learner.drift or {}).get("changes", ()):
            since, noticed = change["since"], change["noticed"]
            words = f"the source changed after trace {since:,} (noticed at {noticed:,})"
            words += f": a trace takes {change['after']:.3g} bits, {change['before']:.3g} before"
            details = change.get("changed") or ()
            said = [words, f"after trace {since:,}: {'; '.join(details)}" if details else ""]
            if change.get("followed"):
                said.append(f"learning began anew at trace {change['followed']:,}")
            for line in filter(None, said):
                if line not in self._told:
                    self._told.add(line)
                    self._board.tell("drift", line)

    def taken(self) -> Looked:
        """Return what was scored since this was asked last."""
        with self._lock:
            found, self._scored = self._scored, Point(0, 0)
        return Looked(found.scored, found.mean, found.squares, [])

    def due(self, idle: bool = False, growth: float = 1.0) -> bool:
        """Tell whether it is time for a version, and there is something new in it."""
        return not self._stopped and self.seen.traces != self._version_of and self._versions.due(idle, growth)

    def waits(self) -> bool:
        """Tell whether no trace has come for a while, and it is time for a version of those that came."""
        return time.monotonic() >= self._counted_at + FRAME and self.due(idle=True)

    def take_version(self, learner: StreamLearner) -> None:
        """Take what the learner would answer now; by nobody but who uses the learner."""
        if hasattr(learner, "plan"):  # each answer of these is a look, and looks are what the plan counts
            return
        self._look(learner)  # before the model knows them
        started = time.thread_time()
        try:
            model = shown(learner)
        except AbandonedError:  # a stop came: the end shows what there is
            return
        self._take(learner, model)
        self._versions.took(time.thread_time() - started + self._drawing)

    def _take(self, learner: StreamLearner, model: PDFA) -> None:
        self._version_of, self._version_nodes = learner.forgotten + learner.traces, max(1, len(learner.tree))
        self.seen = self.seen._replace(states=len(model))
        self._samples.judge_by(model)
        self.versions.put(model)

    def took(self, seconds: float) -> None:
        """Be told how long drawing took."""
        self._drawing = seconds
