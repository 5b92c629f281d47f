"""What some traces say before the model knows them: their bits, which are strange, whether the source changes."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..automata.mixture import Ensemble
from ..automata.pdfa import PDFA
from ..errors import ModelError
from ..learning.learner import StreamLearner
from ..monitoring.alarm import RATE, Judge
from ..monitoring.drift import REPORT, Drift
from ..monitoring.notice import Notices, ShownTime, judging, row_of
from ..monitoring.sentences import place_of, sentence, together
from ..monitoring.source_change import SourceChange
from ..monitoring.together import Together
from ..ordered import distinct
from ..stream.batch import TraceBatch
from ..stream.origins import Origin

TRACES, EVENTS = 100, 10_000
"""Traces that are looked at together, and about how many events they may have."""
TOLD = 3
"""Surprises of those that are told, the rarest."""
TOGETHER_RATE = 1e-6
"""Rate for traces that are strange together: hundreds are looked at in a second."""
_MOST_PLACES = 20_000


class Line(NamedTuple):
    """A line of a list: ``kind`` is surprise, drift or together; what, and where."""

    kind: str
    words: str
    place: str


class Looked(NamedTuple):
    """What some traces said: how many, the mean of their bits, the squares beside it, and lines."""

    scored: int
    mean: float
    squares: float
    lines: list[Line]


class Samples:
    """Looks at some of the traces of a stream.

    Parameters
    ----------
    learner : StreamLearner
        What learns the stream; it is asked nothing here but its symbols and its memory.
    drift : bool
        Whether to watch for changes of the source: a small learner of its own learns what is looked at.
    source_name : callable
        Returns what a source is called, by its number.

    Attributes
    ----------
    shown_time : callable or None
        Returns the times of events as they are shown, see `flexstream.readers.shown_times`; None: as they were read.

    Examples
    --------
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 200)
    >>> samples = Samples(learner)
    >>> samples.judge_by(learner.model)
    >>> looked = samples.look(TraceBatch.from_traces([["load", "run", "unload"], ["load"]], learner.alphabet), 400)
    >>> looked.scored, looked.lines[0].place
    (2, 'trace 402')
    >>> looked.lines[0].words
    'the end after load (q1), expected run (0.50) or setup (0.50)'
    """

    def __init__(
        self, learner: StreamLearner, drift: bool = True, source_name: Callable[[int], str] = "source {}".format
    ) -> None:
        self._learner, self._source_name = learner, source_name
        self._model: PDFA | Ensemble | None = None
        self._judge: Judge | None = None
        self._together: Together | None = None
        self._notices: Notices | None = None
        self.shown_time: ShownTime | None = None
        self._changes = _Changes(learner) if drift else None

    def judge_by(self, model: PDFA | Ensemble) -> None:
        """Take the newest model; alarms need one that is calibrated by enough traces."""
        self._model, self._judge, self._together = model, None, None
        try:
            self._judge = Judge(model, RATE)
        except ModelError:
            return
        self._together = Together(self._judge.calibration, TOGETHER_RATE)
        self._notices = Notices(judging(model), self._learner.alphabet.texts, self._source_name, self._shown_time)

    def _shown_time(self, origin: Origin) -> float | None:
        return origin.time if self.shown_time is None else self.shown_time(origin)

    def look(self, batch: TraceBatch, before: int, most: int = TRACES) -> Looked:
        """Return what some traces of a batch say, at most so many, which came after so many of the stream."""
        rows = _spread(batch, most)
        known = TraceBatch(batch.symbols, batch.offsets, durations=batch.durations, origins=batch.origins)
        part = known if len(rows) == len(batch) else known.chosen(rows)
        lines: list[Line] = []
        if self._changes is not None:
            lines += self._changes.after(part, before + 1 + rows)
        if self._model is None:
            return Looked(0, 0.0, 0.0, lines)
        bits = -self._model.score_batch(part)[0]
        bits = bits[np.isfinite(bits)]
        lines += self._strange(part, batch, rows, before)
        mean = float(bits.mean()) if len(bits) else 0.0
        return Looked(len(bits), mean, float(((bits - mean) ** 2).sum()), lines)

    def _strange(self, part: TraceBatch, batch: TraceBatch, rows: NDArray[np.int64], before: int) -> list[Line]:
        """Return what is strange about traces, the rarest of them."""
        judge, notices, runs = self._judge, self._notices, self._together
        if judge is None or notices is None or runs is None or not len(part):
            return []
        ranks = judge.strangeness(part)
        chances = judge.judged(part, strangeness=ranks).p_values

        def name(at: int) -> str | int:
            names = batch.part(int(rows[at]), int(rows[at]) + 1).names
            return before + 1 + int(rows[at]) if names is None or not names[0] else names[0]

        lines = []
        for at in np.argsort(chances, kind="stable")[:TOLD].tolist():
            one = part.part(at, at + 1)
            (alarm,) = judge.alarms(one, self._learner.alphabet.texts) if chances[at] <= judge.rate else (None,)
            if alarm is not None:
                found = notices.of(alarm, one, name(at), True)
                lines.append(Line("surprise", sentence(found), place_of(found)))
        for run in runs.add(ranks):
            end = row_of(part, run.row, int(part.offsets[run.row + 1] - part.offsets[run.row]))
            lines.append(Line("together", together(run, name(run.row), notices.place(end)), ""))
        return lines


def _spread(batch: TraceBatch, most: int) -> NDArray[np.int64]:
    """Return rows of a batch from all over it, so many that looking at them takes no long."""
    events = max(1, EVENTS * most // TRACES)
    most = min(most, max(1, math.floor(events * len(batch) / max(1, batch.events))))
    if len(batch) <= most:
        return np.arange(len(batch))
    return distinct(np.linspace(0, len(batch) - 1, most).astype(np.int64))


class _Changes:
    """Watches for changes of the source in the traces that are looked at."""

    def __init__(self, learner: StreamLearner) -> None:
        self._of = learner
        self._small = StreamLearner(memory=max(1 << 20, learner.budget.total // 32))
        self._drift = Drift(REPORT, tell=lambda _: None)
        self._small.observe(self._drift)
        self._mine, self._theirs = [0], [0]  # traces that were looked at, and of the stream by then
        self._told: list[SourceChange] = []

    def after(self, part: TraceBatch, numbers: NDArray[np.int64]) -> list[Line]:
        """Return what is new of changes after more traces, whose numbers in the stream are given."""
        self._small.alphabet = self._of.alphabet
        if len(part):
            self._mine.append(self._mine[-1] + len(part))
            self._theirs.append(int(numbers[-1]))
            self._small.learn_many(part)
        if len(self._mine) > _MOST_PLACES:
            self._mine, self._theirs = self._mine[::2], self._theirs[::2]
        news = [change for change in self._drift.changes if not any(_same(change, old) for old in self._told)]
        self._told = list(self._drift.changes)
        return [line for change in news for line in self._lines(change)]

    def _lines(self, change: SourceChange) -> list[Line]:
        if change.details:
            return [Line("drift", change.summary, f"after trace {self._at(change.since):,}")]
        told = replace(change, since=self._at(change.since), noticed=self._at(change.noticed))
        return [Line("drift", told.text, "")]

    def _at(self, mine: int) -> int:
        """Return which trace of the stream was looked at as such a one."""
        place = min(bisect_left(self._mine, mine), len(self._mine) - 1)
        if not place or self._mine[place] == mine:
            return self._theirs[place]
        share = (mine - self._mine[place - 1]) / (self._mine[place] - self._mine[place - 1])
        return round(self._theirs[place - 1] + share * (self._theirs[place] - self._theirs[place - 1]))


def _same(one: SourceChange, other: SourceChange) -> bool:
    return one == other and bool(one.details) == bool(other.details)
