"""Requests in tables with the fields of W3C's extended log format, as IIS writes it: a case is a client."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ...errors import parameter
from ..options import ReadOptions
from .context import ReadContext
from .fields import Layout, layout
from .requests import SILENCE, told_request

CLIENT, EVENT = "c-ip", ("cs-method", "cs-uri-stem", "sc-status")


def of_clients(names: Sequence[str], options: ReadOptions) -> Layout | None:
    """Return which columns hold what, where requests stand in them and nobody says what the event is; else None.

    >>> names = ["date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status"]
    >>> of_clients(names, ReadOptions()).case, of_clients(names, ReadOptions(event="cs-uri-stem"))
    ('c-ip', None)
    """
    if not {CLIENT, *EVENT} <= {*names} or options.event is not None or options.sequence is not None:
        return None
    case = CLIENT if options.case is None else options.case
    return layout([*names], replace(options, case=case, event="+".join(EVENT)))


def told_visits(source: str, context: ReadContext) -> None:
    """Let a client that was silent for long begin a new trace, and tell it, unless the user says where traces end."""
    options = context.options
    if options.case is None and options.event is None and not options.cuts and options.idle is None:
        context.usual_gap = SILENCE
        context.resolve(gap=SILENCE)
        minutes = f"{SILENCE / 60:.0f} minutes"
        context.note(f"{source}: a client that was silent for {minutes} begins a new trace ({parameter('gap')})")


def as_request(event: Collection[str], mask: bool | None) -> Callable[[str, str, str], str] | None:
    """Return what makes a symbol of method, path and status where these are the event, unless nothing is to be masked.

    >>> as_request(EVENT, None)("GET", "/item/750", "304"), as_request(EVENT, False)
    ('GET /item/<*> 2xx', None)
    """
    return told_request if tuple(event) == EVENT and mask is not False else None
