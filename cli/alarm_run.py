"""A run of ``flexstream alarm``: traces judged as they end, cases while they are open, and what is counted."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from .attempts import Attempts
from .console import Notes, put, say
from .reading import alphabet_like, reading_like
from .stopping import stopping

if TYPE_CHECKING:
    from flexstream.monitoring.accepted import Accepted
    from flexstream.monitoring.alarm import Alarm, Judge
    from flexstream.monitoring.exposition import Family
    from flexstream.monitoring.notice import Notice, Thing
    from flexstream.readers import Reading
    from flexstream.stream.batch import TraceBatch

    from .alarm_output import Output

METRICS_SECONDS = 10.0
"""Between two writings of the metrics."""
MOST_IDS = 100_000
"""Alarms that are remembered to be accepted."""
NOTHING: frozenset[Any] = frozenset()


class Run:
    """A run of the command.

    Parameters
    ----------
    path : str
        Of the model.
    judge : Judge
    sources : tuple of str
    given : dict
        Reading options.
    ungrouped : bool
        Whether each alarm is printed by itself.
    accepted : Accepted, optional
        Alarms that do not come again.
    metrics : str, optional
        File for counts.
    marks : bool
        Whether alarms are to be marked as false: then what is odd in traces that alarm is remembered.
    """

    def __init__(
        self,
        path: str,
        judge: Judge,
        sources: tuple[str, ...],
        given: dict[str, Any],
        *,
        ungrouped: bool,
        accepted: Accepted | None,
        metrics: str | None,
        marks: bool = False,
    ) -> None:
        from flexstream.monitoring.live_cases import LiveCases
        from flexstream.monitoring.notice import Notices, judging

        from .alarm_output import Grouped, Ungrouped

        self._judge, self._accepted, self._metrics = judge, accepted, metrics
        self._alphabet = alphabet_like(judge.model)
        self.notices: Notices = Notices(judging(judge.model), self._alphabet.texts, self._source_name)
        self.live: LiveCases = LiveCases(judge, self.notices, self._raised_open, self._label, self._ticked)
        skipping = {"on_error": "skip"} if given.get("follow") else {}
        more = {"origins": True, "watcher": self.live}
        self.reading: Reading = reading_like(path, judge.model, sources, self._alphabet, given, skipping, **more)
        self._output: Output = Ungrouped() if ungrouped else Grouped()
        self.by_id: dict[str, set[Thing]] = {}
        self._marks = marks
        self.attempts = Attempts()
        self.traces = self.events = self.alarms = self.accepted_alarms = 0
        self.bits = 0.0
        self._written = self._arrived = time.monotonic()

    def run(self) -> int:
        """Read and judge until the sources end; return the signal that ended them, 0 if none did."""
        from flexstream.errors import DataError

        notes = Notes(self.reading)
        with stopping(self.reading) as came:
            try:
                for batch in self.reading:
                    notes.flush()
                    self._judge_batch(batch, still_open=bool(came))
                    self._ticked()
            except DataError:
                # A stop may have cut a line or a block of gzip in two.
                if not came:
                    raise
            finally:
                notes.close()
                self._write_metrics(last=True)
            self._output.close()
            self._report()
            self.attempts.raise_first()
        return came[0] if came else 0

    def exceeds(self, limit: float | int) -> bool:
        """Tell whether more traces have alarmed than a share or a count allows."""
        return self.alarms > (limit if isinstance(limit, int) else limit * self.traces)

    def _source_name(self, number: int) -> str:
        return self.reading.source_name(number)

    def _label(self, case: str | None) -> str | int:
        return self.traces + 1 if case is None or self.reading.options.redact else case

    def _ticked(self) -> None:
        """Say and write what is due."""
        self._output.waited()
        if self._metrics is not None and time.monotonic() - self._written >= METRICS_SECONDS:
            self._write_metrics()

    def _judge_batch(self, batch: TraceBatch, still_open: bool) -> None:
        """Judge traces that have ended, or cases that are still open when the stream is stopped."""
        import numpy as np

        ended = np.zeros(len(batch), np.bool_) if still_open and batch.names is not None else None
        found = self._judge.alarms(batch, self._alphabet.texts, ended)
        if self.live.events:
            names: Sequence[str | None] = batch.names or [None] * len(batch)
            for row, name in enumerate(names):
                self._raise(found[row], batch, row, self.live.told_of(name), ended is None)
                self.traces += 1
        else:
            for alarm in filter(None, found):
                self._raise(alarm, batch, alarm.row, NOTHING, True)
            self.traces += len(batch)
        self.events += batch.events
        self._arrived = time.monotonic()
        if self._metrics is not None:
            self.bits -= float(self._judge.model.score_batch(batch)[0].sum())

    def _raise(self, alarm: Alarm | None, batch: TraceBatch, row: int, told: Collection[Thing], ended: bool) -> None:
        """Tell of the alarm of a trace, unless that was told while the trace was open, or was accepted."""
        if alarm is None:
            return
        name = None if batch.names is None else batch.names[row]
        first = self.traces + 1 + (0 if self.live.events else row)
        notice = self.notices.of(alarm, batch, first if name is None else name, ended)
        if self._accepted is not None and notice.thing in self._accepted:
            other = self.notices.next_odd(alarm, batch, notice, self.live.least_bits, self._accepted)
            if other is None:
                self.accepted_alarms += 1
                return
            notice = other
        if not told or not (notice.thing in told or is_known(notice, told)):
            self.alarms += not told
            self._tell(notice, bool(self.live.events))
            if self._marks and notice.id in self.by_id:
                odd = self.notices.odd_events(batch, row, self.live.least_bits, ended)
                self.by_id[notice.id].update(thing for thing, _, _ in odd)

    def _raised_open(self, notice: Notice, first: bool) -> bool:
        """Tell of the alarm of a case that is open; return whether it was told: what was accepted is not."""
        if self._accepted is not None and notice.thing in self._accepted:
            self.accepted_alarms += 1
            return False
        self.alarms += first
        self._tell(notice, True)
        return True

    def _tell(self, notice: Notice, live: bool) -> None:
        if self._marks and len(self.by_id) < MOST_IDS:
            self.by_id.setdefault(notice.id, set()).add(notice.thing)
        self._output.raised(notice, live)

    def _report(self) -> None:
        """Print the summary."""
        from flexstream.monitoring.rate_test import SURE, chance_of_as_many
        from flexstream.writers.labels import counted

        traces = self.traces
        if not traces:
            say("no trace came")
            return
        share, rate = self.alarms / traces, self._judge.rate
        say(
            f"{counted(traces, 'trace')}, {counted(self.events, 'event')}; {counted(self.alarms, 'alarm')} "
            f"({share:.2%} of the traces; of usual ones at most {100 * rate:g}%){self._left_out()}"
        )
        chance = chance_of_as_many(self.alarms, traces, self._judge.calibration.traces, rate)
        if chance < SURE:
            odds = f"less than {SURE:g}" if chance > SURE**4 else "next to nothing"
            say(
                f"warning: the stream is not what was learned; if it were, so many alarms had a chance of {odds} "
                "(expected: a model of traces like these; flexstream diff tells what has changed)"
            )

    def _left_out(self) -> str:
        """Say how many alarms were accepted."""
        from flexstream.writers.labels import counted

        return f"; {counted(self.accepted_alarms, 'alarm')} accepted" if self.accepted_alarms else ""

    def _write_metrics(self, last: bool = False) -> None:
        """Write the metrics; what fails while the stream goes on is tried again at the next time."""
        if self._metrics is None:
            return
        from flexstream.monitoring.exposition import exposition

        self._written, path, text = time.monotonic(), self._metrics, exposition(self._families())
        self.attempts.begin(last)
        self.attempts.make(path, lambda: put(path, text))
        if self.attempts.reader_left:
            raise BrokenPipeError

    def _families(self) -> list[Family]:
        from flexstream.monitoring.exposition import COUNTER, GAUGE, Family

        events, bits = max(self.events, self.live.events), self.bits / self.traces if self.traces else None
        arrived = self._arrived if self.live.arrived is None else max(self._arrived, self.live.arrived)
        age = time.monotonic() - arrived if events or self.traces else None
        skipped, still_open = self.reading.stats.skipped, len(self.live.cases)
        rows: tuple[tuple[str, str, str, float | None], ...] = (
            ("traces", COUNTER, "Traces that have ended and were judged.", self.traces),
            ("events", COUNTER, "Events judged.", events),
            ("alarms", COUNTER, "Traces that alarmed.", self.alarms),
            ("accepted_alarms", COUNTER, "Alarms that were marked as false.", self.accepted_alarms),
            ("bad_lines", COUNTER, "Bad lines and sources left out.", skipped),
            ("open_cases", GAUGE, "Cases that are open, of a source that is watched.", still_open),
            ("bits_per_trace", GAUGE, "Surprise of a trace on average.", bits),
            ("alarm_rate", GAUGE, "Share of usual traces that alarm at most.", self._judge.rate),
            ("last_event_age_seconds", GAUGE, "Time since the last event came.", age),
        )
        unit = "seconds"
        return [
            Family(f"flexstream_{name}", kind, told, value, unit if name.endswith(unit) else "")
            for name, kind, told, value in rows
        ]


def is_known(notice: Notice, told: Collection[Thing]) -> bool:
    """Tell whether a case has alarmed for as much while it was open: for anything where all of it is odd."""
    from flexstream.automata.calibration import BITS, COUNTS, LATE
    from flexstream.monitoring.notice import SILENCE, Thing

    thing = notice.thing
    whole = notice.odd.statistic in (COUNTS, BITS)
    return bool(told) and (whole or (thing.kind == LATE and Thing(SILENCE, thing.state, None) in told))
