"""Names of columns and fields: the one table of what is recognised, for CSV and JSON alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..options import ReadOptions

# In the order of preference; compared in lower case without blanks, underscores, hyphens and dots.
# An activity comes before an event id, which may be unique to each event.
RECOGNISED: dict[str, tuple[str, ...]] = {
    "case": (
        *("case:concept:name", "caseid", "case", "casename", "traceid", "sessionid", "session"),
        *("lotid", "lot", "blockid", "instanceid", "requestid", "trace"),
    ),
    "event": (
        *("concept:name", "activity", "activityname", "task", "event", "eventname", "eventtype"),
        *("action", "operation", "step", "eventid", "symbol"),
    ),
    "time": (
        *("time:timestamp", "timestamp", "starttimestamp", "time", "starttime", "datetime", "eventtime"),
        *("completetimestamp", "endtimestamp", "date", "ts", "@timestamp", "eventtimestamp", "logtimestamp"),
        *("createdat", "occurredat", "utctime", "localtime", "zeitstempel", "zeit", "datum"),
    ),
    "sequence": ("sequence", "eventsequence", "trace", "symbols", "events"),
}
# A column called so may hold the time of day alone, and the date stand in others.
_TIMES_OF_DAY = frozenset({"time", "zeit", "uhrzeit", "logtime", "localtime"})
_PARTS_OF_DATES = frozenset({"date", "datum", "day", "month", "year"})
_NOISE = str.maketrans("", "", " _-.")


def plain(name: str) -> str:
    """Return a name as it is compared.

    Examples
    --------
    >>> plain("Case_ID")
    'caseid'
    """
    return name.strip().lower().translate(_NOISE)


def recognise(kind: str, names: Iterable[str]) -> str | None:
    """Return which of the names is of a kind (case, event, time, sequence), the preferred one first.

    Examples
    --------
    >>> recognise("event", ["Event ID", "Activity", "Costs"])
    'Activity'
    """
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(plain(name), name)
    return next((found[known] for known in RECOGNISED[kind] if known in found), None)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns hold what; ``event`` is a tuple, since several columns may be joined."""

    case: str | None = None
    event: tuple[str, ...] = ()
    time: str | None = None
    sequence: str | None = None


def parts(event: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that ``event`` joins with ``+``, unless it is itself the name of a column.

    Examples
    --------
    >>> parts("name+phase", ["name", "phase"]), parts("a+b", ["a+b"])
    (('name', 'phase'), ('a+b',))
    """
    return (event,) if event in names else tuple(event.split("+"))


def layout(names: list[str], options: ReadOptions) -> Layout:
    """Return which columns hold what: those the user named, and otherwise those recognised.

    A name that the user gave is taken as it is, whether there is such a column or not; a blank one stands for no case.

    Examples
    --------
    >>> layout(["caseid", "task", "start_timestamp"], ReadOptions())
    Layout(case='caseid', event=('task',), time='start_timestamp', sequence=None)
    >>> layout(["Sequence", "label"], ReadOptions())
    Layout(case=None, event=(), time=None, sequence='Sequence')
    """
    case, sequence = options.case, options.sequence
    event = parts(options.event, names) if options.event else ()
    if not event and sequence is None:
        free = [name for name in names if name != case]
        found = recognise("event", free)
        event = (found,) if found else ()
        sequence = None if found else recognise("sequence", free)
    taken = {*event, sequence}
    if case == "":
        case = None
    elif case is None:
        case = recognise("case", [name for name in names if name not in taken])
    if sequence is not None:
        return Layout(case, (), None, sequence)
    taken.add(case)
    time = options.time or _time([name for name in names if name not in taken])
    return Layout(case, event, time)


def _time(names: list[str]) -> str | None:
    """Return the column of the time; one of the time of day has those of its date in front, joined with ``+``.

    >>> _time(["Month", "Date", "Time"]), _time(["Date", "Timestamp"]), _time(["day", "when"])
    ('Month+Date+Time', 'Timestamp', None)
    """
    found = recognise("time", names)
    if found is None or plain(found) not in _TIMES_OF_DAY:
        return found
    return "+".join([*(name for name in names if plain(name) in _PARTS_OF_DATES and "+" not in name), found])
