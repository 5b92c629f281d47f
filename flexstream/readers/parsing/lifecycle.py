"""Lifecycles: an activity is scheduled, started, completed …, each an event (IEEE 1849, the lifecycle extension).

So are the stages of a request in an audit log of Kubernetes, of which one alone is the request, and the beginning and
the end of what lasts in a trace of Chrome's form (Trace Event Format).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ...errors import UsageError, parameter
from ...tuples import NamedTuple
from .fields import plain

KEY = "lifecycle:transition"
_KNOWN = ("lifecycle:transition", "lifecycletransition", "eventlifecycletransition", "transition", "lifecycle")
_COMPLETE = "complete"
JOIN, ALL = "join", "all"


class Stages(NamedTuple):
    """Events that come in stages, of which one alone counts.

    Attributes
    ----------
    beside : frozenset of str
        Columns that are there as well.
    column : str
        That of the stages.
    kept : str
        The stages that count, with ``|`` between them.
    why : str
        What to tell the user.
    """

    beside: frozenset[str]
    column: str
    kept: str
    why: str


_STAGES = (
    Stages(
        frozenset({"auditid"}),
        "stage",
        "ResponseComplete|Panic",
        "each request has an event for each of its stages, of which that alone is read in which it is over",
    ),
    Stages(
        frozenset({"ts", "pid"}),
        "ph",
        "B|X|I|N",
        "what lasts has an event where it begins and one where it ends, of which the first alone is read",
    ),
)


def lifecycle_column(names: Sequence[str]) -> str | None:
    """Return which of some columns holds the lifecycle, None if there is none.

    Examples
    --------
    >>> lifecycle_column(["case", "activity", "lifecycle:transition"]), lifecycle_column(["case"])
    ('lifecycle:transition', None)
    """
    found = {plain(name): name for name in reversed(names)}
    stages = _stages(names)
    stage = None if stages is None else found[stages.column]
    return next((found[known] for known in _KNOWN if known in found), stage)


def _stages(names: Iterable[str]) -> Stages | None:
    """Return which stages there are, by the names of columns."""
    known = {*map(plain, names)}
    return next((one for one in _STAGES if one.column in known and one.beside <= known), None)


def staged(names: Collection[str]) -> bool:
    """Tell whether events are told stage by stage.

    >>> staged(["auditID", "stage", "verb"]), staged(["stage", "verb"])
    (True, False)
    """
    return _stages(names) is not None


class Lifecycle(NamedTuple):
    """What becomes of events with a lifecycle: it is joined to their name, or only those with a certain one are kept.

    Attributes
    ----------
    wanted : str
        ``"join"``, or the lifecycle of the events to keep, or several with ``|`` between them; one that is not given is
        ``complete``.

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
        return symbol if (given or _COMPLETE).lower() in self.wanted.lower().split("|") else None


def of_requests(wanted: str | None, names: Sequence[str], rows: Iterable[Sequence[str]]) -> Lifecycle | None:
    """Return what keeps one event of several stages, unless a user said what to keep; None where none is to be kept.

    >>> names, rows = ["auditID", "stage"], [("7", "RequestReceived"), ("7", "ResponseComplete")]
    >>> of_requests(None, names, rows).symbol("get pods", "RequestReceived") is None
    True
    >>> [of_requests(None, names, rows[:1]), of_requests("all", names, rows), of_requests(None, ["stage"], rows)]
    [None, None, None]
    """
    stages = _stages(names)
    if wanted is not None or stages is None:
        return None
    place = [plain(name) for name in names].index(stages.column)
    kinds = {row[place].strip().lower() for row in rows} - {""}
    kept = {*stages.kept.lower().split("|")}
    return Lifecycle(stages.kept) if kinds & kept and kinds - kept else None


def told_requests(names: Iterable[str]) -> str:
    """Return what to tell the user where one event of several stages is kept."""
    stages = _stages(names) or _STAGES[0]
    return f"{stages.why} ({stages.kept.replace('|', ' or ')}); {parameter('lifecycle')} all reads all of them"


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
