"""The state of what watches for drift: recent traces, automata that watch, changes that were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from .._kernels import adwin as kernels
from .._kernels.adwin import AdwinColumns
from ..automata.pdfa import PDFA
from ..difference import diff
from ..errors import UsageError, parameter
from ..learning.schedule import NEVER
from ..stream.batch import TraceBatch
from ..stream.durations import BINS, UNKNOWN
from .novelty import EARLIER, TOGETHER
from .recent import RecentTraces
from .source_change import SourceChange
from .watcher import NOTICED_BY, Watcher

if TYPE_CHECKING:
    from ..learning.learner import StreamLearner
    from ..saved import Saved
    from .adwin import Adwin
    from .drift import Drift
    from .gradual import GradualTest
    from .novelty import NoveltyTest
    from .outcomes import OutcomeTest

_MOST_SUM = 1e300


def state_of(drift: Drift) -> dict[str, Any]:
    """Return the state of one who watches, between two batches."""
    return {
        "follow": drift.follow,
        "delta": drift.delta,
        "seen": drift.seen,
        "recent": [_state_of_batch(batch) for batch in _grouped(drift.recent.held())],
        "gradual": {"start": drift.gradual.start, "looks": drift.gradual.looks, "at": drift.gradual.at},
        "watchers": [_state_of_watcher(watcher) for watcher in drift._watchers],
        "old": _text(drift._old),
        "compare_at": drift._compare_at,
        "before": _text(drift._before),
        "try_at": drift._try_at,
        "changes": [_state_of_change(change) for change in drift.changes],
    }


def restore(drift: Drift, saved: Saved, learner: StreamLearner) -> None:
    """Let one who watches a learner be what was saved of one.

    Raises
    ------
    UsageError
        If that one had other parameters.
    StateError
        If nothing can have been so.
    """
    theirs: tuple[str | float, ...] = (saved.text("follow"), saved.number("delta"))
    for name, own, other in zip(("on_drift", "delta"), (drift.follow, drift.delta), theirs, strict=True):
        if other != own:
            raise UsageError(f"{parameter(name)} is {own!r}, but was {other!r} in what was saved (expected: the same)")
    seen = saved.whole("seen", -1)
    if seen < 0:  # it had not joined the learner yet
        drift._begin_at(0)
        drift.seen = seen
        return
    drift._begin_at(seen, learner.budget.share("drift") // 2)
    learner.budget.watch("drift", drift, lambda own: own.recent.nbytes)
    drift.recent = _recent(saved, drift.recent.capacity, seen, len(learner.alphabet))
    drift._watchers = [_watcher(part, seen, drift.delta) for part in saved.parts("watchers")]
    saved.check(len(drift._watchers) <= 2, "too many watch")
    if "gradual" in saved:  # else it begins here, as for those that know nothing of novelties
        _restore_gradual(drift.gradual, saved.part("gradual"), seen)
    drift._old, drift._before = _automaton(saved, "old"), _automaton(saved, "before")
    drift._compare_at, drift._try_at = saved.whole("compare_at", 0, NEVER), saved.whole("try_at", 0, NEVER)
    drift.changes = [_change(part) for part in saved.parts("changes")]
    drift._fade_at = NEVER if drift._before is not None else drift.next_fading(learner)
    known = (drift._old is not None) == (drift._compare_at < NEVER)
    known = known and (drift._before is not None) == (drift._try_at < NEVER)
    saved.check(known and (drift.changes or (drift._old is None and drift._before is None)), "a change is missing")


def _text(automaton: PDFA | None) -> bytes | None:
    return None if automaton is None else automaton.to_json().encode()


def _automaton(saved: Saved, name: str) -> PDFA | None:
    found: PDFA | None = saved.optional(name, lambda name: saved.automaton(name, PDFA.from_json))
    return found


# --- recent traces ---------------------------------------------------------------------------------------------


def _grouped(batches: list[TraceBatch]) -> list[TraceBatch]:
    """Return batches joined where neighbours were read alike."""
    groups = groupby(batches, lambda batch: (batch.durations is None, dict(batch.manner or {})))
    return [TraceBatch.joined(group) for _, group in groups]


def _state_of_batch(batch: TraceBatch) -> dict[str, Any]:
    start, stop = int(batch.offsets[0]), int(batch.offsets[-1])
    return {
        "symbols": batch.symbols[start:stop].astype(np.int32),
        "offsets": batch.offsets - start,
        "durations": None if batch.durations is None else batch.durations[start:stop],
        "manner": None if batch.manner is None else dict(batch.manner),
    }


def _recent(saved: Saved, capacity: int, seen: int, alphabet: int) -> RecentTraces:
    batches = [_batch(part, alphabet) for part in saved.parts("recent")]
    recent = RecentTraces(capacity, seen - sum(map(len, batches)))
    saved.check(recent.seen >= 0, "more traces are recent than came")
    for batch in batches:
        recent.add(batch)
    return recent


def _batch(saved: Saved, alphabet: int) -> TraceBatch:
    symbols, offsets = saved.ids("symbols", np.int32, alphabet, None), saved.column("offsets", np.int64, None)
    saved.check(len(offsets) >= 1, "there are no offsets")
    saved.bounds("offsets", len(offsets) - 1, len(symbols))
    bins = saved.optional("durations", lambda name: saved.ids(name, np.int16, BINS, len(symbols), least=UNKNOWN))
    return TraceBatch(symbols, offsets, manner=saved.raw("manner", dict, type(None)), durations=bins)


# --- watchers --------------------------------------------------------------------------------------------------


def _state_of_watcher(watcher: Watcher) -> dict[str, Any]:
    adwin, test, novelty = watcher.adwin, watcher.outcomes, watcher.novelty
    return {
        "automaton": _text(watcher.automaton),
        "start": watcher.start,
        "traces": watcher.traces,
        "tested_from": watcher._tested_from,
        "adwin": {"seen": adwin.seen, **adwin._columns._asdict()},
        "novelty": {"traces": novelty.traces, "found": novelty.found, "newest": np.array(novelty.newest, np.int64)},
        "outcomes": {
            "traces": test.traces,
            "looks": test.looks,
            "next_look": test.next_look,
            "counts": test._counts,
            "sizes": np.array(test._sizes, np.int64),
            "newest": test._newest,
        },
    }


def _watcher(saved: Saved, seen: int, delta: float) -> Watcher:
    automaton = saved.automaton("automaton", PDFA.from_json)
    watcher = Watcher(automaton, saved.whole("start", 0, max(0, seen)), saved.whole("traces"), delta)
    watcher._tested_from = saved.whole("tested_from", watcher.start, max(watcher.start, seen))
    _restore_adwin(watcher.adwin, saved.part("adwin"))
    if "novelty" in saved:  # else it begins here: what was saved is of a version that did not ask for that
        _restore_novelty(watcher.novelty, saved.part("novelty"))
    _restore_test(watcher.outcomes, saved.part("outcomes"))
    return watcher


def _restore_adwin(adwin: Adwin, saved: Saved) -> None:
    levels, buckets = kernels.LEVELS, kernels.BUCKETS
    held, size = saved.ids("held", np.int64, buckets + 1, levels), saved.counts("size", kernels.SIZES)
    width = sum(int(number) << level for level, number in enumerate(held))
    saved.check(width == size[kernels.WIDTH], "the window has another width")
    found = {name: saved.column(name, np.float64, levels, buckets + 1) for name in ("sums", "spreads")}
    found["amounts"] = saved.column("amounts", np.float64, kernels.AMOUNTS)
    for name, values in found.items():
        saved.check(np.abs(values) <= _MOST_SUM, f"{name} is out of range")
    adwin.seen, adwin._columns = saved.whole("seen"), AdwinColumns(**found, held=held, size=size)


def _restore_novelty(novelty: NoveltyTest, saved: Saved) -> None:
    novelty.traces, novelty.found = saved.whole("traces"), saved.whole("found")
    groups = saved.counts("newest", min(novelty.found, EARLIER[-1]), most=novelty.traces // TOGETHER)
    saved.check(np.diff(groups) > 0, "the groups that were new are not in order")
    novelty.newest = groups.tolist()


def _restore_gradual(gradual: GradualTest, saved: Saved, seen: int) -> None:
    gradual.start, gradual.looks = saved.whole("start", 0, seen), saved.whole("looks")
    gradual.at = saved.whole("at", seen + 1)


def _restore_test(test: OutcomeTest, saved: Saved) -> None:
    sizes = saved.counts("sizes", None)
    counts = saved.column("counts", np.float64, len(sizes), test._rows)
    newest = saved.column("newest", np.float64, test._rows)
    for values in (counts, newest):
        saved.check((values >= 0) & (values <= _MOST_SUM), "an outcome came less often than never")
    test.traces, test.looks = saved.whole("traces"), saved.whole("looks")
    saved.check(int(sizes.sum()) <= test.traces, "more was tested than came")
    test.next_look = saved.whole("next_look", test.traces + 1)
    test._counts, test._sizes, test._newest = counts, sizes.tolist(), newest


# --- changes ---------------------------------------------------------------------------------------------------


def _state_of_change(change: SourceChange) -> dict[str, Any]:
    """Return the state of a change; what two automata differ in is found again."""
    plain = {part.name: getattr(change, part.name) for part in fields(change) if part.name != "difference"}
    found = change.difference
    return {**plain, "difference": None if found is None else [_text(found.one), _text(found.other)]}


def _change(saved: Saved) -> SourceChange:
    since, noticed = map(saved.whole, ("since", "noticed"))
    before, after = map(saved.number, ("before", "after"))
    by, where = saved.text("by"), saved.optional("where", saved.text)
    saved.check(by in NOTICED_BY, "noticed by nobody")
    change = SourceChange(since, noticed, before, after, by, where, saved.optional("followed", saved.whole))
    pair: Sequence[Any] | None = saved.raw("difference", list, type(None))
    if pair is None:
        return change
    saved.check(len(pair) == 2, "a difference of more than two automata")
    one, other = (saved.model(text, PDFA.from_json) for text in pair)
    saved.check(set(one.symbols) & set(other.symbols), "nothing to compare")
    return replace(change, difference=diff(one, other))
