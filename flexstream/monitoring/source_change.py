"""A change of the source: where in the stream it was, how it was noticed, and what has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..writers.labels import percent, short_labels
from .watcher import GRADUAL

if TYPE_CHECKING:
    from ..difference import Difference

MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class SourceChange:
    """What is known of a change of the source; traces are counted from the beginning of the stream.

    Attributes
    ----------
    since : int
        Traces before the change, as far as that can be told.
    noticed : int
        Traces by which it was noticed.
    before, after : float
        Bits a trace before and after it, under the automaton of the last refinement before it.
    by : str
        What noticed it: ``bits`` (`Adwin`), ``outcomes`` (`OutcomeTest`), ``novelty`` (`NoveltyTest`) or ``gradual``
        (`GradualTest`), which tells but roughly since when.
    where : str or None
        Source and line at which it was noticed, where they are known.
    followed : int or None
        Traces after which learning began anew.
    difference : Difference or None
        From the automaton before to that of the first traces after it, once there are enough.
    """

    since: int
    noticed: int
    before: float
    after: float
    by: str = "bits"
    where: str | None = None
    followed: int | None = None
    difference: Difference | None = field(default=None, compare=False)

    @property
    def text(self) -> str:
        """The change in one sentence without a full stop.

        >>> SourceChange(6000, 6024, 24.8, 137.9).text
        'the source changed after trace 6,000 (noticed at 6,024): a trace takes 138 bits, 24.8 before'
        """
        since = "around" if self.by == GRADUAL else "after"
        at = "" if self.where is None else f", {self.where}"
        bits = f"a trace takes {self.after:.3g} bits, {self.before:.3g} before"
        return f"the source changed {since} trace {self.since:,} (noticed at {self.noticed:,}{at}): {bits}"

    @property
    def details(self) -> list[str]:
        """What has changed most certainly, in words; empty where that is not known, or nothing is beyond chance."""
        found = self.difference
        if found is None:
            return []
        from ..difference.places import Places  # most streams change never, and start sooner without it

        labels = short_labels(dict.fromkeys([*found.one.symbols, *found.other.symbols]))
        places = Places(labels, found.one, found.other)
        return [
            f"{places.where(change.group.path, change.group.one.states, change.group.other.states)}: "
            f"{'the end' if change.symbol is None else labels[change.symbol]} "
            f"{percent(change.one)} -> {percent(change.other)}"
            for change in found.changes[:MOST_TOLD]
        ]

    @property
    def summary(self) -> str:
        """What has changed, in one line."""
        found = self.difference
        if found is None or not found.changes:
            return "what changed cannot be told: no outcome did beyond chance, by the traces after it"
        more = len(found.changes) - MOST_TOLD
        return "what changed: " + "; ".join(self.details) + (f"; and {more:,} more" if more > 0 else "")

    def to_document(self) -> dict[str, Any]:
        """Return all of it as JSON values, but for the name of a source: a model is the same from a file or a pipe."""
        known = self.difference
        return {
            "since": self.since,
            "noticed": self.noticed,
            "before": self.before,
            "after": self.after,
            "by": self.by,
            **({} if self.followed is None else {"followed": self.followed}),
            **({} if known is None else {"changes": len(known.changes), "changed": self.details}),
        }
