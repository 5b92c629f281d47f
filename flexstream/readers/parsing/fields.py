"""Names of columns and fields: the one table of what is recognised, for CSV and JSON alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...patterns import late
from ...tuples import NamedTuple
from ..options import ReadOptions
from .blank import is_no_case

# In the order of preference; compared in lower case without blanks, underscores, hyphens and dots.
# An activity comes before an event id, which may be unique to each event.
RECOGNISED: dict[str, tuple[str, ...]] = {
    "case": (
        *("case:concept:name", "caseid", "case", "casename", "traceid", "sessionid", "session"),
        *("lotid", "lot", "blockid", "instanceid", "requestid", "trace"),
    ),
    "event": (
        *("concept:name", "activity", "activityname", "task", "event", "eventname", "eventtype"),
        *("action", "operation", "operationname", "step", "eventtemplate", "messagetemplate", "@mt"),
        *("logrecordtemplate", "eventid", "ereignisid", "symbol"),
        *("iddel’événement", "iddel'événement", "iddelevento", "idevento", "iddoevento", "gebeurtenisid"),
    ),
    "time": (
        *("time:timestamp", "timestamp", "starttimestamp", "time", "starttime", "datetime", "eventtime"),
        *("completetimestamp", "endtimestamp", "date", "ts", "@timestamp", "eventtimestamp", "logtimestamp"),
        *("createdat", "occurredat", "utctime", "localtime", "zeitstempel", "zeit", "datum", "@t", "timelocal"),
        *("timeiso8601", "starttimeunixnano", "timeunixnano", "observedtimeunixnano", "realtimetimestamp"),
        *("sourcerealtimetimestamp", "requestreceivedtimestamp", "stagetimestamp", "timegenerated", "timecreated"),
        *("dateandtime", "datumunduhrzeit", "dateetheure", "fechayhora", "dataeora", "dataehora", "datumentijd"),
    ),
    "sequence": ("sequence", "eventsequence", "trace", "symbols", "events"),
}
# What counts where it is the last part of the name of a field inside an object: a user may have a date of his own.
INNER: dict[str, tuple[str, ...]] = {
    "case": ("caseid", "case", "traceid", "sessionid", "session", "lotid", "lot", "blockid", "requestid", "auditid"),
    "event": ("activity", "event", "eventname", "eventtype", "action", "operation", "eventid"),
    "time": ("timestamp", "eventtime", "datetime", "time", "ts", "@timestamp", "systemtime"),
}
# A column called so may hold the time of day alone, and the date stand in others.
_TIMES_OF_DAY = frozenset({"time", "zeit", "uhrzeit", "logtime", "localtime"})
_PARTS_OF_DATES = frozenset({"date", "datum", "day", "month", "year"})
# How long something took looks like a time of day.
LASTS = late("duration|elapsed|taken|took|dauer|laufzeit|runtime|(?:wait|lead|cycle|process|response)(?:ing)?time")
_NOISE = str.maketrans("", "", " _-.")
_NAMES_TOLD = 30
_FEWEST_ROWS = 3  # by which it is told that a column holds nothing


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


def undated(names: Sequence[str], rows: Iterable[Sequence[str]]) -> frozenset[str]:
    """Return the names of times below which nothing stands in some rows: others are the time then.

    >>> sorted(undated(["eventTime", "ts", "note"], [("", "2026-01-31", ""), (" ", "", ""), ("", "", "")]))
    ['eventTime']
    """
    known = {*RECOGNISED["time"]}
    blank = {place for place, name in enumerate(names) if plain(name) in known or inner(name) in INNER["time"]}
    seen = 0
    for row in rows if blank else ():
        seen += 1
        blank -= {place for place in blank if not is_no_case(row[place])}
        if not blank:
            break
    return frozenset(names[place] for place in blank) if seen >= _FEWEST_ROWS else frozenset()


class Layout(NamedTuple):
    """Which columns hold what; ``event`` is a tuple, since several columns may be joined."""

    case: str | None = None
    event: tuple[str, ...] = ()
    time: str | None = None
    sequence: str | None = None


def told_names(names: Iterable[str]) -> str:
    """Return the first names there are, as an error tells them.

    >>> told_names(["case", "event"])
    'one of case, event'
    """
    known = list(names)
    return "one of " + ", ".join(known[:_NAMES_TOLD]) + (", …" if len(known) > _NAMES_TOLD else "")


def parts(event: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that ``event`` joins with ``+``, unless it is itself the name of a column.

    Examples
    --------
    >>> parts("name+phase", ["name", "phase"]), parts("a+b", ["a+b"])
    (('name', 'phase'), ('a+b',))
    """
    return (event,) if event in names else tuple(event.split("+"))


def times_in(rows: Iterable[Sequence[str]], names: Sequence[str], time: str | None) -> list[str]:
    """Return the times of rows, of columns that are joined as one text; none where a column is not there.

    >>> times_in([("load", "31.01.2026", "10:00")], ["event", "date", "clock"], "date+clock")
    ['31.01.2026 10:00']
    """
    columns = parts(time, names) if time is not None else ()
    if not columns or not set(columns) <= set(names):
        return []
    places = list(map(names.index, columns))
    return [" ".join(row[place] for place in places) for row in rows]


def inner(name: str) -> str:
    """Return the last part of the name of a field inside an object, as it is compared; blank where it is not inside.

    >>> inner("userIdentity.userName"), inner("user")
    ('username', '')
    """
    return plain(name.rpartition(".")[2]) if "." in name else ""


def recognise_inner(kind: str, names: Iterable[str]) -> str | None:
    """Return which of the names of fields inside objects is of a kind, by its last part; that furthest out first.

    >>> recognise_inner("event", ["payload.log.event", "payload.action", "action"])
    'payload.action'
    """
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda name: name.count(".")):
        found.setdefault(inner(name), name)
    depths = {name: found[name].count(".") for name in INNER[kind] if name in found}
    return found[min(depths, key=lambda name: depths[name])] if depths else None


def layout(names: list[str], options: ReadOptions, inside: Iterable[str] = ()) -> Layout:
    """Return which columns hold what: those the user named, and otherwise those recognised.

    A name that the user gave is taken as it is, whether there is such a column or not; a blank one stands for no case.

    Parameters
    ----------
    names : list of str
        Of the columns.
    options : ReadOptions
        Names that the user gave are in them.
    inside : iterable of str
        Names of fields inside objects of which the last part counts, where the names as a whole do not tell.

    Examples
    --------
    >>> layout(["caseid", "task", "start_timestamp"], ReadOptions())
    Layout(case='caseid', event=('task',), time='start_timestamp', sequence=None)
    >>> layout(["Sequence", "label"], ReadOptions())
    Layout(case=None, event=(), time=None, sequence='Sequence')
    >>> layout(["payload.session", "payload.action"], ReadOptions(), ["payload.session", "payload.action"]).event
    ('payload.action',)
    """
    if options.per in names and options.case != options.per:  # what members are called is no case of theirs
        names, inside = ([name for name in some if name != options.per] for some in (names, inside))
    found = _of_names(names, options)
    return _with_inner(found, options, list(inside)) if found.sequence is None else found


def _with_inner(found: Layout, options: ReadOptions, names: list[str]) -> Layout:
    """Return a layout that lacks less, by the last parts of names."""
    event, case, time = found.event, found.case, found.time
    if not event and options.event is None and (inner_event := recognise_inner("event", names)) is not None:
        event = (inner_event,)
    if case is None and options.case is None:
        case = recognise_inner("case", [name for name in names if name not in event])
    if time is None and options.time is None:
        time = recognise_inner("time", [name for name in names if name not in {*event, case}])
    return Layout(case, event, time)


def _of_names(names: list[str], options: ReadOptions) -> Layout:
    """Return which columns hold what, by their names as a whole."""
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
    if options.time == "":
        return Layout(case, event)
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
