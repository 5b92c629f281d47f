"""Schedule: after which traces a learner refines, and when a long stream's tree may be thinned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..saved import Saved

NEVER = (1 << 63) - 1
FIRST = 1000
"""Traces before the first refinement."""
SECOND = 8
"""Times `FIRST` after which the second comes, the third being that of `LONG`, while nothing hangs on those between:
while each starts afresh and memory holds all that was seen."""
EACH = 1000
"""Traces for each state known, less of which make no stream long: searching costs more the more states there are."""
LONG = 128_000
"""Traces after which, once a scheduled refinement finds no new states, the tree is kept near those that are known."""


class Schedule:
    """When to refine: every so many traces, or after 1,000, 8,000 and 128,000 and then each doubling.

    Where more hangs on a refinement than where the tree grows (an ensemble, decisions that are replayed, a tree that
    is not whole) it is after each doubling from the beginning.  What was asked of the learner in between plays no part.

    Parameters
    ----------
    every : int or None
        Traces between refinements; 0: only when told to; None: as above.
    sparse : bool
        Whether nothing hangs on a refinement but where the tree grows, as long as the tree is whole.
    thin : bool
        Whether a long stream's tree is thinned once no new states are found, for speed.

    Examples
    --------
    >>> schedule, times, traces = Schedule(None), [], 0
    >>> while traces < 600_000:
    ...     traces += schedule.until(traces)
    ...     if schedule.due(traces, whole=True):
    ...         schedule.refined(traces, states=9)
    ...         times.append(traces)
    >>> times
    [1000, 8000, 128000, 256000, 512000, 1024000]
    """

    def __init__(self, every: int | None, sparse: bool = True, thin: bool = True) -> None:
        self.every, self._sparse, self._thin = every, sparse, thin
        self._states = 0  # at the last scheduled refinement
        self._settled = False

    def until(self, traces: int) -> int:
        """Return after how many more traces the next refinement may be due, >= 1."""
        if self.every is not None:
            return self.every - traces % self.every if self.every else NEVER
        return (FIRST << (traces // FIRST).bit_length()) - traces

    def due(self, traces: int, whole: bool) -> bool:
        """Tell whether to refine after so many traces; ``whole``: whether the tree holds all that was seen."""
        if self.every is not None:
            return bool(self.every) and traces % self.every == 0
        times, rest = divmod(traces, FIRST)
        doubled = not rest and times.bit_count() == 1
        enough = max(LONG, EACH * self._states)
        return doubled and (times in (1, SECOND) or traces >= enough or not (self._sparse and whole))

    def refined(self, traces: int, states: int) -> None:
        """Learn what a refinement that was due has found."""
        self._settled = self._thin and traces >= LONG and states <= self._states
        self._states = states

    @property
    def settled(self) -> bool:
        """Whether the tree is to be thinned before more is counted."""
        return self._settled

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes."""
        return {"states": self._states, "settled": self._settled}

    def restore(self, saved: Saved) -> None:
        """Be a schedule that was saved; raises StateError if none can have been so."""
        self._states, self._settled = saved.whole("states"), saved.flag("settled") and self._thin

    def thins(self) -> bool:
        """Tell, once, whether the tree is to be thinned before more is counted."""
        settled, self._settled = self._settled, False
        return settled
