"""Drift: notices while learning that the source has changed, and follows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import fitting
from ..errors import UsageError, parameter
from ..learning.learner import StreamLearner
from ..learning.observers import Observer
from ..learning.schedule import FIRST, NEVER
from ..stream.batch import TraceBatch
from ..stream.origins import origin_of
from ..visible import visible
from .adwin import DELTA
from .gradual import GradualTest
from .recent import RecentTraces
from .source_change import SourceChange
from .watcher import GRADUAL, OUTCOMES, Alarm, Look, Watcher

if TYPE_CHECKING:
    from ..automata.pdfa import PDFA
    from ..merging.search import Refinement
    from ..saved import Saved

REPORT, RESTART, DECAY = FOLLOW = ("report", "restart", "decay")
EARLY = 250
"""Traces after which somebody watches where no refinement has come, and least ones between two that watch."""
MATURE = 1000
"""Traces after which an automaton watches alone, and the one before it no more."""
COMPARED = 8000
"""Traces before a change with which those after it are compared, if the last refinement did not have more."""
FEWEST = 16
"""Traces after a change without which nothing is begun anew."""
MOST_CHANGES = 100
"""Changes that are kept."""
LOG = logging.getLogger("flexstream")


class Drift(Observer):
    """Watches whether traces are still what was learned from; where they are not, tells so and follows.

    The automaton of a refinement scores the traces that come after it: what they cost beyond the entropy of the states
    on their way (`Excess`), watched by `Adwin`; what its states do next is tested (`OutcomeTest`), and whether traces
    with steps that hardly ever came now come in a row (`NoveltyTest`).  That automaton is fixed, so that all this keeps
    its law as long as the source does: what is learned meanwhile plays no part.  With the next refinement another
    automaton takes over, once it has seen 1,000 traces of its own.  What changes too slowly for one automaton is found
    in the traces themselves, the newer against the older (`GradualTest`).  How long steps take is not watched.

    Parameters
    ----------
    follow : {"report", "restart", "decay"}
        What to do about a change but telling it.  ``restart``: learning begins anew with the traces after the change,
        as soon as an automaton of these foretells the stream better than the old one.  ``decay``: likewise, but of the
        traces before it as many are kept, the newest, as came after it; each time that twice as many have come half of
        these go, or all where the rest foretells better, so that what was before the change fades.
    delta : float
        See `Adwin`, `OutcomeTest`, `NoveltyTest` and `GradualTest`: a smaller one makes fewer false alarms, and later
        ones.
    tell : callable, optional
        Called with a line for each thing that is noticed; None: they go to the logger ``flexstream`` as warnings.
    sources : sequence of str
        What the sources of batches that know their origins are called.

    Attributes
    ----------
    changes : list of SourceChange
        The last hundred.

    Raises
    ------
    UsageError
        If there is no such way to follow, ``delta`` is out of range, or, at the first trace, a learner runs by a plan.

    Examples
    --------
    >>> from flexstream.targets import reber, reentrant_line
    >>> learner, drift = StreamLearner(), Drift("restart", tell=print)
    >>> learner.observe(drift)
    >>> learner.learn_many(reber().sample(3000, seed=1))
    >>> learner.learn_many(reentrant_line().sample(1500, seed=1))  # doctest: +ELLIPSIS
    the source changed after trace 3,000 (noticed at 3,0...
    learning begins anew with trace 3,001, at trace 3,0...
    what changed: ...
    >>> learner.traces, learner.forgotten
    (1500, 3000)
    """

    name = "drift"

    def __init__(
        self,
        follow: str = REPORT,
        delta: float = DELTA,
        tell: Callable[[str], object] | None = None,
        sources: Sequence[str] = (),
    ) -> None:
        if fitting("follow", follow, str) not in FOLLOW:
            raise UsageError(f"no way {follow!r} to follow a change (expected: one of {', '.join(FOLLOW)})")
        if not 0 < fitting("delta", delta, float) < 1:
            raise UsageError(f"{parameter('delta')} is {delta} (expected: a number between 0 and 1)")
        self.follow, self.delta, self._tell = follow, delta, LOG.warning if tell is None else tell
        self.changes: list[SourceChange] = []
        self._sources = tuple(sources)
        self._begin_at(0)
        self.seen = -1  # until it has joined a learner

    def _begin_at(self, seen: int, capacity: int = 0) -> None:
        """Know nothing of what came before so many traces."""
        self.seen, self.recent = seen, RecentTraces(capacity, seen)
        self._watchers: list[Watcher] = []  # an older one and a younger one at most
        self._looks: list[Look] = []
        self.gradual = GradualTest(self.delta, seen)
        self._old: PDFA | None = None  # the automaton before the last change, while there is to compare
        self._compare_at = NEVER
        self._before: PDFA | None = None  # the same, while it is open whether to begin anew
        self._try_at = NEVER  # traces of the stream after which to try whether to begin anew pays
        self._fade_at = NEVER  # traces of the stream after which less of what was before the change is kept

    def check(self, learner: StreamLearner) -> None:
        """Raise UsageError if a learner's changes cannot be followed."""
        if self.follow != REPORT and hasattr(learner, "plan"):
            wrong = f"{parameter('on_drift')} is {self.follow}, but a plan counts on a source that does not change"
            raise UsageError(f"{wrong} (expected: {REPORT}, or no plan)")

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes, between two batches."""
        from .drift_state import state_of

        return state_of(self)

    def restore(self, saved: Saved, learner: StreamLearner) -> None:
        """Be what was saved, beside the learner that was watched; see `flexstream.monitoring.drift_state.restore`."""
        from .drift_state import restore

        restore(self, saved, learner)

    # --- what the learner tells -----------------------------------------------------------------------------------

    def until(self, traces: int) -> int:
        """Return how many traces are missing to the next look or comparison."""
        early = NEVER if self._watchers or self.seen >= EARLY else EARLY
        looks = [watcher.until(self.seen) for watcher in self._watchers]
        planned = min(self._try_at, self._fade_at, self._compare_at, self.gradual.at) - self.seen
        return max(1, min([planned, early - self.seen, *looks]))

    def ahead(self, learner: StreamLearner, batch: TraceBatch) -> int:
        """Return after how many of the next traces an alarm comes, or a look; all of them where none does."""
        self._join(learner)
        most = min(len(batch), self.until(0))  # the learner may have asked before this one had joined it
        self._looks = [watcher.look(batch.part(0, most)) for watcher in self._watchers]
        return min((look.traces for look in self._looks), default=most)

    def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
        """Notice what there is to notice by these traces."""
        self.recent.add(batch)
        self.seen += len(batch)
        self._take(learner, batch)
        if self.seen == EARLY and not self._watchers and not hasattr(learner, "plan"):
            self._watch_by(learner.answer().automaton_alone, learner)
        if self.seen >= self.gradual.at:
            self._look_back(learner, batch)
        if self.seen >= self._try_at:
            self._try(learner)
        if self.seen >= self._fade_at:
            self._fade(learner)
        if self.seen >= self._compare_at:
            self._compare(learner)

    def refined(self, learner: StreamLearner, refinement: Refinement) -> None:
        """Let the new automaton watch, unless one that is as young does."""
        self._join(learner)
        starts = [watcher.start for watcher in self._watchers]
        if not starts or (len(starts) < 2 and self.seen - starts[0] >= EARLY):  # else two watch, or one as young
            self._watch_by(refinement.automaton(learner.tree, learner.alphabet, learner.smoothing), learner)

    def _watch_by(self, automaton: PDFA, learner: StreamLearner) -> None:
        """Let another automaton watch as well."""
        self._watchers.append(Watcher(automaton, self.seen, learner.traces, self.delta))

    # --- noticing -------------------------------------------------------------------------------------------------

    def _join(self, learner: StreamLearner) -> None:
        """Begin to watch; anew where something else than traces one by one has been learned."""
        seen = learner.forgotten + learner.traces
        if self.seen == seen:
            return
        self.check(learner)
        self._begin_at(seen, learner.budget.share("drift") // 2)
        learner.budget.watch("drift", self, lambda own: own.recent.nbytes)
        self._write(learner)

    def _take(self, learner: StreamLearner, batch: TraceBatch) -> None:
        """Let the watchers take in traces; where one alarms it is the only one from there on."""
        looks, self._looks = self._looks, []
        for watcher, look in zip(self._watchers, looks, strict=True):
            found = look if look.traces == len(batch) else watcher.look(batch)
            if (alarm := watcher.take(found, batch, self.seen)) is not None:
                self._watchers = [watcher]
                self._alarm(learner, watcher, alarm, self._place(batch))
                return
        if len(self._watchers) > 1 and self.seen - self._watchers[1].start >= MATURE:
            del self._watchers[0]

    def _look_back(self, learner: StreamLearner, batch: TraceBatch) -> None:
        """Look whether newer traces differ from older ones; of a change the watcher that is left begins anew."""
        since = self.gradual.look(self.recent, learner.drawn, learner.forgotten)
        if since is None or not self._watchers:
            return
        del self._watchers[1:]
        self._watchers[0].start_after(self.recent.since(since), self.seen)
        self._alarm(learner, self._watchers[0], Alarm(since, GRADUAL), self._place(batch))

    def _place(self, batch: TraceBatch) -> str | None:
        """Return in words where the last trace of a batch ended; None where that is not known."""
        if batch.origins is None:
            return None
        origin = origin_of(batch.origins[-1])
        if origin.source is None or origin.source >= len(self._sources) or not origin.line:
            return None
        return f"line {origin.line:,} of {visible(self._sources[origin.source])}"

    def _alarm(self, learner: StreamLearner, watcher: Watcher, alarm: Alarm, place: str | None) -> None:
        """Tell a change, and compare what came before it with what comes after it once that is enough."""
        since = alarm.since if alarm.by in (OUTCOMES, GRADUAL) else self._dated(watcher, alarm.since)
        if self._old is not None:  # what came after the change before this one is all there will be of it
            self._compare(learner, last=True, stop=since)
        change = replace(self._told_in_bits(watcher, since), by=alarm.by, where=place)
        self.changes = [*self.changes, change][-MOST_CHANGES:]
        before = self.recent.since(since - COMPARED, since)
        self._old = _learned(learner, before) if len(before) > watcher.traces else watcher.automaton
        self._compare_at = max(self.seen + 1, since + FIRST)
        if self.follow != REPORT:
            self._fade_at = NEVER
            self._before, self._try_at = self._old, max(self.seen, since + FEWEST)
        self.gradual.start_over(self.seen)
        self._tell(self.changes[-1].text)
        self._write(learner)

    def _told_in_bits(self, watcher: Watcher, since: int) -> SourceChange:
        """Return a change, and what the newest traces before it and those after it cost on average."""
        sides = self.recent.since(since - MATURE, since), self.recent.since(since)
        costs = [-watcher.automaton.score_batch(side)[0] for side in sides]
        before, after = (float(bits.mean()) if len(bits) else 0.0 for bits in costs)
        return SourceChange(since, self.seen, before, after)

    def _dated(self, watcher: Watcher, since: int) -> int:
        """Return where within twice the window the means of the scores on both sides are furthest apart.

        The window begins at the boundary of a bucket, or with a trace that was new; the change need not.  It comes
        after the last one that was told: else one change would be told twice.
        """
        told = self.changes[-1].since if self.changes else 0
        traces = self.recent.since(max(told, since - 2 * (self.seen - since)))
        values = watcher.excess.scaled(traces)
        before = np.arange(1, len(values))
        if not len(before):
            return since
        means = np.cumsum(values)[:-1] / before, np.cumsum(values[::-1])[-2::-1] / before[::-1]
        apart = np.abs(means[0] - means[1]) * np.sqrt(before * before[::-1])
        return self.seen - len(values) + int(before[np.argmax(apart)])

    # --- following ------------------------------------------------------------------------------------------------

    def _kept_from(self) -> int:
        """Return the number of the first trace that is learned anew."""
        since = self.changes[-1].since
        return since if self.follow == RESTART else max(0, since - (self.seen - since))

    def _try(self, learner: StreamLearner) -> None:
        """Begin anew if that pays; otherwise try it again when twice as many traces have come after the change."""
        since = self.changes[-1].since
        if not self._pays(learner):
            self._try_at = self.seen + max(1, self.seen - since)
            return
        self._before, self._try_at = None, NEVER
        learner.restart(self.recent.since(self._kept_from()))
        self.changes[-1] = replace(self.changes[-1], followed=self.seen)
        self._fade_at = self.next_fading(learner)
        self._tell(f"learning begins anew with trace {learner.forgotten + 1:,}, at trace {self.seen:,}")
        self._write(learner)

    def next_fading(self, learner: StreamLearner) -> int:
        """Return after how many traces of the stream less of those before the last change is to be kept."""
        change = self.changes[-1] if self.changes and self.follow == DECAY else None
        if change is None or change.followed is None or learner.forgotten >= change.since:
            return NEVER
        after = max(1, change.followed - change.since)
        while change.since + after <= self.seen:
            after *= 2
        return change.since + after

    def _fade(self, learner: StreamLearner) -> None:
        """Keep half of the traces before the change, or none where those after it foretell themselves better."""
        since = self.changes[-1].since
        if self.recent.first > since:  # so many have come that those before weigh little
            self._fade_at = NEVER
            return
        middle = self.seen - (self.seen - since) // 2
        newer, half = self.recent.since(middle), min((since - learner.forgotten) // 2, since - self.recent.first)

        def bits(old: int) -> float:
            return float(-_learned(learner, self.recent.since(since - old, middle)).score_batch(newer)[0].sum())

        old = half if half >= FEWEST and bits(half) < bits(0) else 0
        learner.restart(self.recent.since(since - old))
        self._fade_at = self.next_fading(learner)
        if not old:
            self._tell(f"nothing from before trace {since + 1:,} is kept any more, at trace {self.seen:,}")
        self._write(learner)

    def _pays(self, learner: StreamLearner) -> bool:
        """Tell whether a new automaton foretells the newer half of what came after the change better than the old one.

        The new one is made of what learning would begin anew with, but for these.
        """
        middle = self.seen - (self.seen - self.changes[-1].since) // 2
        newer = self.recent.since(middle)
        new = _learned(learner, self.recent.since(self._kept_from(), middle))
        assert self._before is not None
        return bool(new.score_batch(newer)[0].sum() > self._before.score_batch(newer)[0].sum())

    def settle(self, learner: StreamLearner) -> None:
        """Tell what has changed with the last change as far as that is known; asked for at the end of a stream."""
        if self._old is not None:
            self._compare(learner, last=True)

    def _compare(self, learner: StreamLearner, last: bool = False, stop: int | None = None) -> None:
        """Tell what has changed; where nothing is beyond chance look again when four times as many traces have come."""
        change, old = self.changes[-1], self._old
        assert old is not None
        new = _learned(learner, self.recent.since(change.since, stop))
        if set(old.symbols) & set(new.symbols):
            from ..difference import diff  # most streams change never, and start sooner without it

            change = replace(change, difference=diff(old, new))
        later = change.since + 4 * (self.seen - change.since)
        if not (change.details or last) and self.recent.first <= change.since:
            self._compare_at = later
            return
        self._old, self._compare_at, self.changes[-1] = None, NEVER, change
        self._tell(change.summary)
        self._write(learner)

    def _write(self, learner: StreamLearner) -> None:
        """Let models say what was noticed."""
        changes = [change.to_document() for change in self.changes]
        learner.drift = {"on_drift": self.follow, "changes": changes}


def _learned(learner: StreamLearner, traces: TraceBatch) -> PDFA:
    """Return the automaton that a learner like this one makes of some of its traces."""
    params: dict[str, Any] = {**learner.settings.to_dict(), "ensemble": 1, "every": 0, "states": None, "repeats": False}
    other = StreamLearner(**params)
    other.learn_many(traces, learner.alphabet)
    return other.answer().automaton_alone
