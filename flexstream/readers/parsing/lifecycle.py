"""Lifecycles: an activity is scheduled, started, completed …, each an event (IEEE 1849, the lifecycle extension)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...errors import UsageError, parameter
from ...tuples import NamedTuple
from .fields import plain

KEY = "lifecycle:transition"
_KNOWN = ("lifecycle:transition", "lifecycletransition", "eventlifecycletransition", "transition", "lifecycle")
_COMPLETE = "complete"
JOIN, ALL = "join", "all"


def lifecycle_column(names: Sequence[str]) -> str | None:
    """Return which of some columns holds the lifecycle, None if there is none.

    Examples
    --------
    >>> lifecycle_column(["case", "activity", "lifecycle:transition"]), lifecycle_column(["case"])
    ('lifecycle:transition', None)
    """
    found = {plain(name): name for name in reversed(names)}
    return next((found[known] for known in _KNOWN if known in found), None)


class Lifecycle(NamedTuple):
    """What becomes of events with a lifecycle: it is joined to their name, or only those with a certain one are kept.

    Attributes
    ----------
    wanted : str
        ``"join"``, or the lifecycle of the events to keep; one that is not given is ``complete``.

    Examples
    --------
    >>> Lifecycle("join").symbol("load", "start"), Lifecycle("complete").symbol("load", "start")
    ('load+start', None)
    >>> Lifecycle("complete").symbol("load", "COMPLETE"), Lifecycle("complete").symbol("load", "")
    ('load', 'load')
    """

    wanted: str

    @classmethod
    def of(cls, wanted: str | None) -> Lifecycle | None:
        """Return what a user asked for, None where all events keep their names."""
        return None if wanted is None or wanted == ALL else cls(wanted)

    def symbol(self, symbol: str, lifecycle: str) -> str | None:
        """Return the symbol of an event, None if it is left out."""
        given = lifecycle.strip()
        if self.wanted == JOIN:
            return f"{symbol}+{given}" if given else symbol
        return symbol if (given or _COMPLETE).lower() == self.wanted.lower() else None


def lacking(where: str) -> UsageError:
    """Return the error of an option that has nothing to work on."""
    return UsageError(f"{parameter('lifecycle')} needs {where} that holds one (expected: {KEY}, or no such option)")


def told(name: str, lifecycles: Iterable[str]) -> str | None:
    """Return what to tell the user of lifecycles that are left out of the names of events, None if there is one only.

    Examples
    --------
    >>> told("lifecycle:transition", ["start", "complete", "start"]).split(",")[0]
    'events have a lifecycle (lifecycle:transition: complete'
    >>> told("lifecycle:transition", ["complete", ""]) is None
    True
    """
    kinds = sorted({one.strip().lower() for one in lifecycles} - {"", "unknown"})
    if len(kinds) < 2:
        return None
    kept = _COMPLETE if _COMPLETE in kinds else kinds[0]
    return (
        f"events have a lifecycle ({name}: {', '.join(kinds)}), which their names do not tell: "
        f"{parameter('lifecycle')} {kept} keeps these alone, join adds it to the names"
    )
