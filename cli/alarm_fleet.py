"""A run of ``flexstream alarm`` on a fleet: each trace is judged by its member's model as it ends."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from .alarm_output import Grouped, each_to
from .console import KEPT_SECONDS, Notes, put, say, tell
from .fleet import Strangers
from .kept import endless
from .reading import alphabet_like, none_came, reading_like, tell_years, usual_on_error
from .score import Shared
from .stopping import stopping, to_the_end

if TYPE_CHECKING:
    from flexstream.monitoring.alarm import Judge
    from flexstream.monitoring.fleet_alarm import FleetJudge
    from flexstream.monitoring.notice import Notice, Notices
    from flexstream.stream.batch import TraceBatch

MOST_TOLD = 5
"""Members that are named in the summary, those with most alarms first."""


class FleetRun:
    """A run of the command on a fleet.

    Parameters
    ----------
    path : str
        Of the fleet.
    judge : FleetJudge
    sources : tuple of str
    given : dict
        Reading options.
    ungrouped : bool
        Whether each alarm is printed by itself.
    topic : str, optional
        Where alarms go instead of stdout, each by itself.
    """

    def __init__(
        self,
        path: str,
        judge: FleetJudge,
        sources: tuple[str, ...],
        given: dict[str, Any],
        *,
        ungrouped: bool,
        topic: str | None = None,
    ) -> None:
        self._judge, self._fleet, self._sources = judge, judge.fleet, sources
        self._each = each_to(ungrouped, topic)
        self._alphabet = alphabet_like(self._fleet)
        skipping = usual_on_error(sources, given)
        self.reading = reading_like(path, self._fleet, sources, self._alphabet, given, skipping, origins=True)
        self._path, self._shared = path, Shared(len(self._fleet.symbols))
        self._goes_on = endless(sources, self.reading.options.follow)
        self.reading.hold_commits()
        self.reading.share(self._judge_batch, self._settle, tell, KEPT_SECONDS)
        self._notices: dict[int, Notices] = {}
        self._outputs: dict[str, Grouped] = {}
        self._strangers = Strangers(self._fleet)
        self.traces = self.events = 0
        self._alarms: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    @property
    def alarms(self) -> int:
        """Traces that alarmed."""
        return self._alarms.total()

    def run(self) -> int:
        """Read and judge until the sources end; return the signal that ended them, 0 if none did."""
        notes = Notes(self.reading)
        with stopping(self.reading) as came:
            try:
                with to_the_end(notes, came):
                    for batch in self.reading:
                        notes.flush()
                        self._judge_batch(batch)
                        if self._shared.settled:
                            self._tell_foreign()
            finally:
                if self._each is not None:
                    self._each.close()
            if self._shared.foreign:
                self._tell_foreign()
            for name, output in sorted(self._outputs.items()):
                if name:
                    put("-", f"\n{self._fleet.by} {name}, by states of its own:\n")
                output.close()
            self.reading.commit_held()
            self._report(bool(came))
            self._tell_foreign()
        return came[0] if came else 0

    def _tell_foreign(self) -> None:
        """Warn of symbols that the fleet does not know; raises DataError where it knows none of a source that ends."""
        self._shared.report(self._path, self._fleet, self._alphabet, self.reading.manner, self._goes_on)

    def _settle(self) -> None:
        """Let the group hear of cases whose alarms are said."""
        if self._each is not None:
            self._each.let_go()
        self.reading.commit()

    def _judge_batch(self, batch: TraceBatch) -> None:
        found: dict[int, tuple[str | None, Notice]] = {}
        for name, rows, part in self._fleet.groups(batch):
            judge = self._judge.of(name)
            notices = self._noticing(judge)
            for alarm in judge.alarms(part, self._alphabet.texts, numbers=rows + self.traces + 1):
                if alarm is not None:
                    row = int(rows[alarm.row])
                    found[row] = name, notices.of(alarm, part, self._label(batch, row), True)
        for row in sorted(found):
            self._tell(batch.members[row] if batch.members else "", *found[row])
        self.traces += len(batch)
        self.events += batch.events
        self._seen.update(batch.members or ())
        self._strangers.see(batch)
        self._shared.see(batch.symbols)

    def _noticing(self, judge: Judge) -> Notices:
        """Return what makes notices of a judge's alarms."""
        from flexstream.monitoring.notice import Notices, judging

        if id(judge) not in self._notices:
            automaton = judging(judge.model)
            self._notices[id(judge)] = Notices(
                automaton, self._alphabet.texts, self.reading.source_name, self.reading.shown_time
            )
        return self._notices[id(judge)]

    def _label(self, batch: TraceBatch, row: int) -> str | int:
        """Return what a trace is called."""
        name = "" if batch.names is None else batch.names[row]
        label = name or self.traces + 1 + row
        return f"{batch.members[row]}: {label}" if batch.members and batch.members[row] else label

    def _tell(self, member: str, name: str | None, notice: Notice) -> None:
        from flexstream.automata.fleet import OWN

        self._alarms[member] += 1
        if self._each is not None:
            self._each.put({"member": member, **notice.to_document()}, str(notice.trace))
            return
        own = name is not None and self._fleet.kind(name) == OWN and self._judge.by_itself(name)
        self._outputs.setdefault(name if own and name else "", Grouped()).raised(notice, False)

    def _report(self, stopped: bool) -> None:
        """Print the summary."""
        from flexstream.readers.diagnostics import shown
        from flexstream.writers.labels import counted

        if not self.traces:
            none_came(self._sources, self.reading, stopped, watched=True)
            return
        by_themselves = sum(self._judge.by_itself(name) for name in self._seen)
        others = len(self._seen) - by_themselves
        pool = f", {counted(others, 'member')} by the pool's calibration" if others else ""
        say(
            f"{counted(self.traces, 'trace')}, {counted(self.events, 'event')}; {counted(self.alarms, 'alarm')} "
            f"({self.alarms / self.traces:.2%} of the traces; of a member's usual ones at most "
            f"{100 * self._judge.rate:g}%{pool})"
        )
        tell_years(self.reading)
        most = [f"{shown(name)} {count:,}" for name, count in self._alarms.most_common(MOST_TOLD)]
        if most:
            more = ", …" if len(self._alarms) > MOST_TOLD else ""
            say(f"alarms by {self._fleet.by}: {', '.join(most)}{more}")
        self._strangers.report()
