"""The stream as JSON lines: of one event, and of all that a view shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..parameters import Parameters
from .events import Event
from .views import View, ViewOptions, check_only, whole_cases

SECONDS = 60
"""Seconds of a minute: the simulator counts minutes, the stream seconds, as readers of logs expect."""


def seconds(minutes: float) -> str:
    """Return a time as the stream writes it.

    >>> seconds(2.0), seconds(0.12345)
    ('120', '7.407')
    """
    value = round(float(minutes) * SECONDS, 3)
    return str(int(value)) if value.is_integer() else repr(value)


def line(event: Event, case: str, activity: str) -> str:
    """Return an event as a line of JSON; names hold nothing that JSON would have to escape.

    >>> line(Event(7, 1.5, "lot", "Pa-00001", "out", "complete", "", "Pa", "", "", "Pa-00001", "OUT", "out"), "c", "a")
    ... # doctest: +ELLIPSIS
    '{"seq":7,"time":90,"entity_kind":"lot","entity":"Pa-00001","event":"out",..."case":"c","activity":"a"}\\n'
    """
    return (
        f'{{"seq":{event.seq},"time":{seconds(event.time)},"entity_kind":"{event.entity_kind}",'
        f'"entity":"{event.entity}","event":"{event.event}","lifecycle":"{event.lifecycle}","step":"{event.step}",'
        f'"product":"{event.product}","machine":"{event.machine}","batch":"{event.batch}","lot":"{event.lot}",'
        f'"cause":"{event.cause}","case":"{case}","activity":"{activity}"}}\n'
    )


def state_line(event: Event) -> str:
    """Return the ground truth of an event as a line of JSON: the state of its entity after it."""
    return (
        f'{{"seq":{event.seq},"entity_kind":"{event.entity_kind}","entity":"{event.entity}","state":"{event.state}"}}\n'
    )


def stream(
    events: Iterable[Event],
    parameters: Parameters,
    *,
    by: str = "lot",
    only: str = "",
    per: str = "cycle",
    timed: bool = False,
    cut: bool = False,
) -> Iterator[tuple[float, str]]:
    """Yield (minute, line) of every event that a view shows.

    Parameters
    ----------
    events : iterable of Event
    parameters : Parameters
    by, only, per, timed
        The view, as in ``ViewOptions``; or ``all``, which shows every event, of whatever it is, under its own name.
    cut : bool
        Whether to show cases as well that do not end, as soon as their events come.

    Raises
    ------
    UsageError
        If there is no such view.

    Examples
    --------
    >>> from flexstream.fab.plant import Plant
    >>> minutes, lines = zip(*stream(Plant(Parameters(), seed=1).events(1440), Parameters(), by="all"))
    >>> len(lines), lines[0][:50]
    (795, '{"seq":0,"time":0,"entity_kind":"lot","entity":"Pa')
    """
    if by == "all":
        check_only(by, only, parameters)
        classes = parameters.classes()
        for event in events:
            if only in ("", event.entity, event.machine, classes.get(event.machine)):
                yield event.time, line(event, event.entity, event.event)
        return
    shown = View(ViewOptions(by, only, per, timed), parameters).over(events)
    for one in shown if cut else whole_cases(shown):
        yield one.event.time, line(one.event, one.case, one.activity)
