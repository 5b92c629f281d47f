"""A run of ``flexstream alarm``: traces judged as they end, cases while they are open, and what is counted."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from .attempts import Attempts
from .console import KEPT_SECONDS, Notes, put, say, tell
from .kept import endless
from .reading import alphabet_like, none_came, reading_like, tell_years, usual_on_error
from .score import Shared
from .stopping import stopping, to_the_end

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from flexstream.monitoring.accepted import Accepted
    from flexstream.monitoring.alarm import Alarm, Judge
    from flexstream.monitoring.exposition import Family
    from flexstream.monitoring.notice import Notice, Thing
    from flexstream.readers import Reading
    from flexstream.stream.batch import TraceBatch
    from flexstream.stream.origins import Origin

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
    output : Output
        Where alarms go.
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
        output: Output,
        accepted: Accepted | None,
        metrics: str | None,
        marks: bool = False,
    ) -> None:
        from flexstream.monitoring.live_cases import LiveCases
        from flexstream.monitoring.notice import Notices, judging
        from flexstream.monitoring.together import Together

        self._judge, self._accepted, self._metrics, self._sources = judge, accepted, metrics, sources
        self._together = Together(judge.calibration, judge.rate)
        self._alphabet = alphabet_like(judge.model)
        self.notices: Notices = Notices(judging(judge.model), self._alphabet.texts, self._source_name, self._shown_time)
        self.live: LiveCases = LiveCases(judge, self.notices, self._raised_open, self._label, self._ticked)
        skipping = usual_on_error(sources, given)
        more = {"origins": True, "watcher": self.live}
        self.reading: Reading = reading_like(path, judge.model, sources, self._alphabet, given, skipping, **more)
        self._path, self._shared = path, Shared(len(judge.model.symbols))
        self._goes_on = endless(sources, self.reading.options.follow)
        self._output = output
        self.reading.hold_commits()  # alarms have to be said before a group hears that their cases were read
        self.reading.share(lambda batch: self._judge_batch(batch, False), self._settle, tell, KEPT_SECONDS)
        self.by_id: dict[str, set[Thing]] = {}
        self._marks = marks
        self.attempts = Attempts()
        self.traces = self.events = self.alarms = self.accepted_alarms = self.runs = self.left_open = 0
        self.bits = self._indices = 0.0  # of dispersion, added up over alarms
        self._written = self._arrived = time.monotonic()

    def run(self) -> int:
        """Read and judge until the sources end; return the signal that ended them, 0 if none did."""
        notes = Notes(self.reading)
        with stopping(self.reading) as came:
            try:
                with to_the_end(notes, came):
                    for batch in self.reading:
                        notes.flush()
                        self._judge_batch(self._ended_of(batch) if came else batch, still_open=bool(came))
                        self._ticked()
                        if self._shared.settled:
                            self._tell_foreign()
            finally:
                self._write_metrics(last=True)
                self._output.let_go()
            if self._shared.foreign:
                self._tell_foreign()
            self._output.close()
            self.reading.commit_held()
            self._report(bool(came))
            self._tell_foreign()
            self.attempts.raise_first()
        return came[0] if came else 0

    def _tell_foreign(self) -> None:
        """Warn of symbols that the model does not know; raises DataError where it knows none of a source that ends."""
        manner = self.reading.manner
        self._shared.report(self._path, self._judge.model, self._alphabet, manner, self._goes_on)

    def _settle(self) -> None:
        """Let the group hear of cases whose alarms are said."""
        self._output.let_go()
        self.reading.commit()

    def _source_name(self, number: int) -> str:
        return self.reading.source_name(number)

    def _shown_time(self, origin: Origin) -> float | None:
        return self.reading.shown_time(origin)

    def _label(self, case: str | None) -> str | int:
        return self.traces + 1 if case is None or self.reading.options.redact else case

    def _ticked(self) -> None:
        """Say and write what is due."""
        self._output.waited()
        if self._metrics is not None and time.monotonic() - self._written >= METRICS_SECONDS:
            self._write_metrics()

    def _ended_of(self, batch: TraceBatch) -> TraceBatch:
        """Return the cases of a watched source that ended before it was stopped; others were judged as they came."""
        if not self.live.events or batch.names is None:
            return batch
        ended = min(len(batch), self.live.handed_on)
        self.left_open += len(batch) - ended
        return batch.part(0, ended)

    def _judge_batch(self, batch: TraceBatch, still_open: bool) -> None:
        """Judge traces that have ended, or cases that may be open when a file is not read to its end."""
        import numpy as np

        cut = still_open and batch.names is not None and not self.live.events
        ended = np.zeros(len(batch), np.bool_) if cut else None
        strangeness = self._judge.strangeness(batch)
        first, numbers = self.traces, range(self.traces + 1, self.traces + 1 + len(batch))
        found = self._judge.alarms(batch, self._alphabet.texts, ended, strangeness, numbers)
        if self.live.events:
            names: Sequence[str | None] = batch.names or [None] * len(batch)
            for row, name in enumerate(names):
                if self._raise(found[row], batch, row, self.live.told_of(name), True):
                    strangeness[row] = -1
                self.traces += 1
        else:
            for alarm in filter(None, found):
                if self._raise(alarm, batch, alarm.row, NOTHING, ended is None):
                    strangeness[alarm.row] = -1
            self.traces += len(batch)
        if ended is None:
            self._watch(batch, strangeness, first)
        self.events += batch.events
        self._shared.see(batch.symbols)
        self._arrived = time.monotonic()
        if self._metrics is not None:
            self.bits -= float(self._judge.model.score_batch(batch)[0].sum())

    def _watch(self, batch: TraceBatch, strangeness: NDArray[np.int32], first: int) -> None:
        """Tell of traces that are strange together; what was accepted counts as usual."""
        from flexstream.monitoring.notice import row_of

        for run in self._together.add(strangeness):
            self.runs += 1
            events = int(batch.offsets[run.row + 1] - batch.offsets[run.row])
            place = self.notices.place(row_of(batch, run.row, events))
            names = None if self.reading.options.redact else batch.names
            trace = first + run.row + 1 if names is None else names[run.row]
            self._output.together(run, trace, place, bool(self.live.events))

    def _raise(self, alarm: Alarm | None, batch: TraceBatch, row: int, told: Collection[Thing], ended: bool) -> bool:
        """Tell of the alarm of a trace, unless told while that was open; return whether it was accepted."""
        if alarm is None:
            return False
        name = None if batch.names is None else batch.names[row]
        first = self.traces + 1 + (0 if self.live.events else row)
        notice = self.notices.of(alarm, batch, first if name is None else name, ended)
        if self._accepted is not None and notice.thing in self._accepted:
            other = self.notices.next_odd(alarm, batch, notice, self.live.least_bits, self._accepted)
            if other is None:
                self.accepted_alarms += 1
                return True
            notice = other
        if not told or not (notice.thing in told or is_known(notice, told)):
            self._count(notice, not told)
            self._tell(notice, bool(self.live.events))
            if self._marks and notice.id in self.by_id:
                odd = self.notices.odd_events(batch, row, self.live.least_bits, ended)
                self.by_id[notice.id].update(thing for thing, _, _ in odd)
        return False

    def _raised_open(self, notice: Notice, first: bool) -> bool:
        """Tell of the alarm of a case that is open; return whether it was told: what was accepted is not."""
        from flexstream.monitoring.notice import SILENCE

        if notice.thing.kind != SILENCE and self._was_told(notice.place.line):
            return True
        if self._accepted is not None and notice.thing in self._accepted:
            self.accepted_alarms += 1
            return False
        self._count(notice, first)
        self._tell(notice, True)
        return True

    def _count(self, notice: Notice, first: bool) -> None:
        """Count an alarm, if it is the first of its trace."""
        self.alarms += first
        known = self._judge.calibration
        self._indices += first * float(known.index[known.statistics.index(notice.odd.statistic)])

    def _was_told(self, line: int | None) -> bool:
        """Tell whether who read a partition before has told of what is odd in a line of it."""
        sharing = self.reading.sharing
        return sharing is not None and line is not None and sharing.membership.read_before(line)

    def _tell(self, notice: Notice, live: bool) -> None:
        if self._marks and len(self.by_id) < MOST_IDS:
            self.by_id.setdefault(notice.id, set()).add(notice.thing)
        self._output.raised(notice, live)

    def _report(self, stopped: bool) -> None:
        """Print the summary."""
        from flexstream.monitoring.rate_test import LEFT_OUT, SURE, chance_of_as_many
        from flexstream.writers.labels import counted

        traces = self.traces
        if not traces:
            none_came(self._sources, self.reading, stopped, watched=True)
            return
        share, rate = self.alarms / traces, self._judge.rate
        say(
            f"{counted(traces, 'trace')}, {counted(self.events, 'event')}; {counted(self.alarms, 'alarm')} "
            f"({share:.2%} of the traces; of usual ones at most {100 * rate:g}%){self._left_out()}"
        )
        tell_years(self.reading)
        index = self._indices / self.alarms if self.alarms else 1.0
        chance = chance_of_as_many(self.alarms, traces, self._judge.calibration.traces, rate, index, LEFT_OUT)
        if chance < SURE:
            odds = f"less than {SURE:g}" if chance > SURE**4 else "next to nothing"
            say(
                f"warning: the stream is not what was learned; if it were, so many alarms had a chance of {odds} "
                "(expected: a model of traces like these; flexstream diff tells what has changed)"
            )

    def _left_out(self) -> str:
        """Say how many alarms were accepted, and how many cases have not ended."""
        from flexstream.writers.labels import counted

        accepted = f"; {counted(self.accepted_alarms, 'alarm')} accepted" if self.accepted_alarms else ""
        return accepted + (f"; {counted(self.left_open, 'case')} left open" if self.left_open else "")

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
            ("runs", COUNTER, "Times that traces were strange together.", self.runs),
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
