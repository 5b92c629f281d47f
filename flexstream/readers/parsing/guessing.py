"""Guesses at case, event and time: by names that may mean them, where the columns agree, and by the columns alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..options import ReadOptions
from .code_length import WORTH
from .fields import LASTS, RECOGNISED, Layout, inner, parts, plain, recognise

if TYPE_CHECKING:
    from .profile import Candidate, Column, Profile
    from .times import Clock
    from .told_guesses import Doubt, Guess, InTurn, NoneFirst

# In the order of preference, compared as the names in `fields`.  What a case may be called: a thing that is worked on,
# which comes and goes, and one that is there all the time, to which it has to matter what happened to it before.
THINGS = (
    *("caseno", "casenumber", "casenr", "caseref", "caseident", "processinstance", "processinstanceid", "instance"),
    *("workflowid", "workflowrunid", "runid", "jobid", "job", "ticketid", "ticket", "incidentid", "incident"),
    *("incidentnumber", "orderid", "order", "ordernumber", "orderno", "purchaseorder", "salesorder", "invoiceid"),
    *("waferid", "wafer", "batchid", "batch", "carrierid", "carrier", "foupid", "foup", "serialnumber", "serialno"),
    *("serial", "partid", "part", "unitid", "productid", "parcel", "shipmentid", "packageid", "package"),
    *("request", "reqid", "correlationid", "transactionid", "transaction", "txid", "conversationid"),
    *("conversation", "dialogid", "callid", "flowid", "connectionid", "connection", "block", "blk", "visitid"),
    *("visit", "encounterid", "patientid", "patient", "applicationid", "claimid", "bookingid", "tripid"),
    *("fallid", "fallnr", "fallnummer", "chargeid", "chargenid", "chargennr", "chargennummer", "losid"),
    *("losnr", "losnummer", "auftrag", "auftragid", "auftragsid", "auftragsnr", "auftragsnummer", "fertigungsauftrag"),
    *("vorgangsid", "vorgangsnr", "vorgangsnummer", "seriennr", "seriennummer", "werkstück", "werkstueck", "bauteil"),
    *("palette", "behälter", "behaelter", "sendung", "sendungsnr", "sendungsnummer", "bestellung", "bestellnr"),
    *("bestellnummer", "rechnung", "rechnungsnr", "rechnungsnummer", "antrag", "antragsnr", "antragsnummer"),
    *("ticketnr", "ticketnummer", "prozessinstanz", "sitzung", "sitzungsid"),
)
LASTING = (
    *("userid", "user", "username", "customerid", "customer", "accountid", "account", "memberid", "studentid"),
    *("clientid", "client", "clientip", "cip", "idorigh", "remoteaddr", "remotehost", "sourceip", "srcip"),
    *("ip", "ipaddress"),
    *("pid", "processid", "threadid", "tid", "thread", "deviceid", "device", "vehicleid", "vehicle", "machineid"),
    *("machine", "equipmentid", "equipment", "eqpid", "eqp", "toolid", "tool", "chamber", "robot", "station"),
    *("containerid", "container", "pod", "podname", "hostname", "host", "nodeid", "node", "instanceid"),
    *("charge", "los", "fall"),  # of German, a batch, a lot and a case; of English money, length of stay, autumn
    *("anlage", "anlagenid", "anlagennr", "anlagenname", "maschine", "maschinenid", "maschinennr", "maschinennummer"),
    *("gerät", "geraet", "geräteid", "geraeteid", "fahrzeug", "arbeitsplatz", "kammer", "werkzeug", "prozessid"),
    *("benutzer", "benutzername", "nutzer", "kunde", "kundennr", "kundennummer", "konto", "rechner", "rechnername"),
)
EVENTS = (
    *("verb", "transition", "status", "state", "statename", "newstate", "phase", "stage", "type", "kind", "category"),
    *("ereignis", "ereignisname", "ereignistyp", "ereignisart", "aktivität", "aktivitaet", "aktion"),
    *("tätigkeit", "taetigkeit", "arbeitsgang", "arbeitsschritt", "prozessschritt", "schritt", "zustand", "befehl"),
    *("method", "command", "cmd", "call", "apicall", "function", "template", "eventtemplate"),
    *("eventdesc", "eventdescription", "eventtext", "ereignistext", "ceid", "eventcode"),
    *("meldetext", "meldungstext", "alarmtext", "meldung", "alarmnummer", "alarmnr", "störung", "stoerung"),
    *("alarm", "alarmid", "alarmcode", "errorcode", "statuscode", "code", "name", "label", "page", "pagename"),
    *("connstate", "endpoint", "path", "url", "uri", "csuristem", "csmethod", "message", "msg", "log"),
    *("shortmessage", "textpayload", "body", "bodystringvalue", "@m", "content", "description", "text", "logger"),
    "raw",
)
# Messages, of which hardly one may come twice before what varies in them is masked.
MESSAGES = (
    *("message", "msg", "log", "shortmessage", "textpayload", "body", "bodystringvalue", "@m", "text", "content"),
    *("meldung", "meldetext", "meldungstext", "nachricht", "raw"),
)
# Names that say as much where they are the last part of the name of a field inside an object.
_INNER_EVENTS = ("verb", "methodname", "eventtemplate", "template", "message", "msg")
_FEW = 20  # rows; with fewer a name is believed


def incomplete(found: Layout, options: ReadOptions, names: Collection[str] = ()) -> bool:
    """Tell whether a layout lacks a case or an event that the user did not name, or a time that a column may hold.

    Parameters
    ----------
    found : Layout
    options : ReadOptions
    names : collection of str
        Of the columns.

    Examples
    --------
    >>> incomplete(Layout(event=("run",)), ReadOptions()), incomplete(Layout(event=("run",)), ReadOptions(case=""))
    (True, False)
    """
    if found.sequence is not None:
        return False
    lacking = (not found.event and options.event is None) or (found.case is None and options.case is None)
    return lacking or (found.time is None and options.time is None and bool({*names} - {found.case, *found.event}))


def complete(
    found: Layout, options: ReadOptions, look: Callable[[], Profile], names: Collection[str] = ()
) -> tuple[Layout, list[Guess | Doubt | NoneFirst | InTurn]]:
    """Return a layout with the case and the event guessed where they were not recognised, and the guesses.

    Why a column is not taken for the time that looks like it is among these.

    Parameters
    ----------
    found : Layout
        What is known.
    options : ReadOptions
        What the user named is not guessed.
    look : callable
        Returns the profile of the columns; called where it is needed only.
    names : collection of str
        Of the columns, among which the time may be.

    Examples
    --------
    >>> rows = [(f"O{i // 4}", ["new", "paid", "sent", "done"][i % 4]) for i in range(40)]
    >>> complete(Layout(), ReadOptions(), lambda: profiled(["Order", "Status"], rows))[0]
    Layout(case='Order', event=('Status',), time=None, sequence=None)
    """
    if not incomplete(found, options, names):
        return found, []
    from .told_guesses import Guess  # late: most tables name their columns

    seen, guesses = look(), list[Any]()
    ordered = seen if found.event and found.case is not None else _in_time_order(seen, found, options)
    taken = {found.time, found.case, options.per}
    if not found.event and options.event is None:
        from .wide import numbered_columns  # late: most tables name their columns

        event = _event(ordered, found.case, taken)
        if event is None or event.name in numbered_columns(list(names)):  # each of these holds an event of a trace
            return found, []
        found = found._replace(event=(event.name,))
        guesses.append(Guess("event", event.name, event.distinct, seen.rows))
    if found.case is None and options.case is None and all(seen.column(name) for name in found.event):
        case = _case(ordered, found.event, taken)
        if case is not None:
            found = found._replace(case=case.name)
            guesses.append(Guess("case", case.name, case.distinct, seen.rows))
    if found.time is None and options.time is None and names:
        from .guessed_times import time_column  # late: most tables name their times

        told = time_column(seen, {found.case, options.per, *found.event}, options.time_format)
        if isinstance(told, Guess):
            found = found._replace(time=told.name)
        guesses += [told] if told is not None else []
    return found, guesses


def _in_time_order(seen: Profile, found: Layout, options: ReadOptions) -> Profile:
    from .scattered import in_time_order  # late: of most tables the names tell all

    return in_time_order(seen, found, options)


def whole_time(found: Layout, names: Sequence[str], row: Sequence[str], clock: Clock) -> Layout:
    """Return a layout whose time has a date and a time of day, though they stand in columns of their own.

    Parameters
    ----------
    found : Layout
    names, row : sequence of str
        Of the columns, and a first row.
    clock : Clock

    Examples
    --------
    >>> from flexstream.readers.parsing.times import Clock
    >>> names, found = ["day", "shift", "hour"], Layout("lot", ("step",), "day")
    >>> whole_time(found, names, ["31.01.2026", "early", "10:00:05"], Clock()).time
    'day+hour'
    >>> whole_time(found, names, ["2026-01-31 10:00", "early", "10:00:05"], Clock()).time
    'day'
    >>> whole_time(found, ["day", "shift", "duration"], ["31.01.2026", "early", "00:00:05"], Clock()).time
    'day'
    """
    if found.time is None:
        return found
    cells = dict(zip(names, row, strict=True))
    joined = parts(found.time, names)
    if len(joined) > 1 and clock.tells(cells.get(joined[-1], "")) == "moment":
        return found._replace(time=joined[-1])
    if len(joined) > 1 or clock.tells(cells.get(found.time, "")) != "date":
        return found
    taken = {found.case, *found.event}
    free = [name for name in names if name not in taken and not LASTS.search(plain(name))]
    clocks = [name for name in free if clock.tells(cells[name]) == "time of day"]
    best = recognise("time", clocks) or next(iter(clocks), None)
    return found if best is None else found._replace(time=f"{found.time}+{best}")


def with_clock(
    found: Layout,
    names: Sequence[str],
    table: tuple[list[str], list[list[str]]],
    options: ReadOptions,
    clock: Clock,
) -> Layout:
    """Return a layout of some fields with the `whole_time` that the first of all objects has, unless a time is named.

    >>> from flexstream.readers.parsing.times import Clock
    >>> table = ["day", "step", "hour", "tool"], [["31.01.2026", "load", "10:00:05", ""]]
    >>> with_clock(Layout(None, ("step",), "day"), ["day", "hour", "step"], table, ReadOptions(), Clock()).time
    'day+hour'
    """
    titles, rows = table
    if not rows or found.time is None or options.time is not None:
        return found
    first = dict(zip(titles, rows[0], strict=True))
    return whole_time(found, names, [first.get(name, "") for name in names], clock)


def profiled(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Profile:
    """Return the profile of some columns by their first rows; it takes as long to import as a small file to read."""
    from .profile import profile

    return profile(names, rows)


def telling(names: Iterable[str]) -> int:
    """Return how many names are such as cases, events or times have.

    >>> telling(["tool", "ceid", "clock"]), telling(["load", "run"])
    (2, 0)
    """
    usual = {*THINGS, *LASTING, *EVENTS, *RECOGNISED["case"], *RECOGNISED["event"], *RECOGNISED["time"]}
    return sum(plain(name) in usual for name in names)


class Guesses:
    """Remembers what was guessed: columns that are called the same are taken for the same, in all sources.

    Attributes
    ----------
    texts : dict
        Whether columns of events hold free text, by their names.

    Examples
    --------
    >>> guesses = Guesses()
    >>> guesses.known(("a", "b")) is None
    True
    """

    _MOST = 100

    def __init__(self) -> None:
        self._layouts: dict[tuple[str, ...], Layout] = {}
        self.texts: dict[str, bool] = {}

    def known(self, names: tuple[str, ...]) -> Layout | None:
        """Return what was guessed for columns, None if nothing was."""
        return self._layouts.get(names)

    def keep(self, names: tuple[str, ...], found: Layout) -> None:
        """Remember a layout; of very many only some."""
        if len(self._layouts) < self._MOST:
            self._layouts[names] = found

    def state(self) -> list[list[Any]]:
        """Return the guesses as a document of texts."""
        return [[list(names), found.case, list(found.event), found.time] for names, found in self._layouts.items()]

    def restore(self, state: Iterable[Any]) -> None:
        """Take over the guesses of another reading."""
        self._layouts = {tuple(names): Layout(case, tuple(event), time) for names, case, event, time in state}


def _named(seen: Profile, known: Sequence[str], taken: set[str | None], inside: Sequence[str] = ()) -> list[Column]:
    """Return the columns with known names, in the order of these; behind them those inside objects."""
    order = {name: (0, place) for place, name in enumerate(known)}
    further = {name: (1, place) for place, name in enumerate(inside)}
    places = {one.name: order.get(plain(one.name)) or further.get(inner(one.name)) for one in seen.columns}
    found = [column for column in seen.columns if places[column.name] and column.name not in taken]
    return sorted(found, key=lambda column: places[column.name] or (2, 0))


def _event(seen: Profile, case: str | None, taken: set[str | None]) -> Column | None:
    """Return the column that is taken for the event."""
    for column in _named(seen, EVENTS, taken, _INNER_EVENTS):
        if column.kind not in {"time", "decimal", "whole"} and not column.constant and _comes_again(column, seen.rows):
            return column
    alike: Column | None = None  # messages of one form: told apart by something else, if there is anything
    for column in _named(seen, MESSAGES, taken, MESSAGES):
        if column.kind in {"word", "text"} and (seen.rows < _FEW or _has_forms(seen.cells[column.name])):
            if seen.rows < _FEW or _has_forms(seen.cells[column.name], 2):
                return column
            alike = alike or column
    best: tuple[tuple[bool, bool, float], Candidate] | None = None
    cases = [case] if case is not None else [None, *(column.name for column in seen.like_cases())]
    for one in cases:
        for candidate in seen.events(one)[:1]:
            if candidate.name in taken or candidate.saved < 0.1:
                continue
            found = seen.column(candidate.name)
            full = found is not None and 20 * found.filled >= 19 * seen.rows  # a row without an event is a bad one
            worth = full, seen.foretells(candidate.name, one), candidate.saved * candidate.bits
            if best is None or worth > best[0]:
                best = worth, candidate
    return alike or _last(seen, taken) if best is None else seen.column(best[1].name)


def _last(seen: Profile, taken: set[str | None]) -> Column | None:
    """Return the last column with words that come again, masked or not, where columns have no names that could tell."""
    from .table_top import numbered  # which only tables need

    if [column.name for column in seen.columns] != numbered(len(seen.columns)):
        return None
    words = [one for one in seen.columns if one.kind in {"word", "text"} and one.name not in taken]
    known = (one for one in reversed(words) if not one.constant)
    return next((one for one in known if _comes_again(one, seen.rows) or _has_forms(seen.cells[one.name])), None)


def _comes_again(column: Column, rows: int) -> bool:
    """Tell whether the values of a column come twice on average, and it is filled, as far as that can be known."""
    return rows < _FEW or (2 * column.distinct <= column.filled and 2 * column.filled >= rows)


def _has_forms(cells: list[str], least: int = 1) -> bool:
    """Tell whether texts come again once what varies in them is masked, and have so many forms then."""
    from .templates import template  # whose patterns take as long to compile as a small file to learn

    filled = [cell for cell in cells if cell]
    return 2 * least <= 2 * len(set(map(template, filled))) <= len(filled)


def _case(seen: Profile, event: tuple[str, ...], taken: set[str | None]) -> Column | None:
    """Return the column that is taken for the case."""
    taken = {*taken, *event}
    for column in _named(seen, THINGS, taken):
        if (column.kind in {"integer", "whole", "word"} or column.digits) and not (column.constant or column.unique):
            return column
    saved = {candidate.name: candidate.saved for candidate in seen.cases(event)}
    for column in _named(seen, LASTING, taken, LASTING):
        if saved.get(column.name, 0.0) >= WORTH and 2 * column.single <= column.distinct:
            return column
    best = seen.case_by_shape(event)
    return None if best is None or best.name in taken else seen.column(best.name)
