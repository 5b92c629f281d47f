"""Events of a trace that is given on the command line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING

from .console import say
from .splitting import Split, Splitter

if TYPE_CHECKING:
    from flexstream.automata.pdfa import PDFA

BETWEEN = (",", ";", "|", "->", "=>", ">", "→")
"""What stands between events in lines of traces."""


def events_of(text: str, option: str, automaton: PDFA, ended: bool = False) -> list[str]:
    """Return the events of a trace, given as words or as a JSON list of texts.

    Words that a model knows together only are one event; where there are several ways to part them a line says which
    was taken, the likeliest by the model.  Commas, semicolons, bars and arrows part events where the model then knows
    all of them.  A message is the event as which a log's own would count, see `event_named`.  Of events that the model
    does not know a line says which.

    Parameters
    ----------
    text : str
    option : str
        Where it was given.
    automaton : PDFA
        The model's, which knows its events.
    ended : bool
        Whether it is a whole trace, and no beginning.

    Raises
    ------
    UsageError
        If it is a JSON list of something else, if the model knows none of the events, or if what it does not know are
        words of events whose names hold blanks.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> shares = {"load": 0.5, "GET /": 0.2, "GET /pay": 0.1, "lot <*> done": 0.1, None: 0.1}
    >>> model = from_rows({0: {symbol: (share, 0) for symbol, share in shares.items()}})
    >>> events_of("load load", "--trace", model), events_of("load, GET / GET /pay", "--trace", model)
    (['load', 'load'], ['load', 'GET /', 'GET /pay'])
    >>> events_of('["load", "lot 7 done"]', "--trace", model), events_of("load lot 7 done", "--trace", model)
    (['load', 'lot <*> done'], ['load', 'lot <*> done'])
    """
    known, listed = dict.fromkeys(automaton.symbols), _listed(text, option)
    if listed is not None:
        found = [event_named(event, known) for event in listed]
    else:
        found = _parted(text, option, automaton, ended)
    if unknown := [event for event in dict.fromkeys(found) if event not in known]:
        _tell(option, found, unknown, known, listed is not None)
    return found


def _parted(text: str, option: str, automaton: PDFA, ended: bool) -> list[str]:
    """Return the events that words are, of several ways to part them the likeliest, and say then which it is."""
    splits = list(_readings(text, automaton, ended))
    split = next((one for one in splits if not one.unknown), splits[0])
    if split.ways > 1:
        events = json.dumps(split.events, ensure_ascii=False)
        say(
            f"{option}: read as {events}, the likeliest of {split.ways:,} ways to part these words; a JSON list says "
            "which is meant"
        )
    return split.events


def event_named(text: str, known: Collection[str]) -> str:
    """Return the event that a text names: itself, or if the model knows that only, what masking makes of it.

    >>> known = ["lot <*> done", "idle"]
    >>> [event_named(text, known) for text in ("idle", "lot 7 done", "Jan 31 23:59:00.008 INFO lot 7 done", "lot 7")]
    ['idle', 'lot <*> done', 'lot <*> done', 'lot 7']
    """
    if text in known or not any("<*>" in event for event in known):
        return text
    from flexstream.readers.parsing.masking import masked
    from flexstream.readers.parsing.templates import message

    return next((event for event in (masked(text), masked(message(text))) if event in known), text)


def _tell(option: str, events: list[str], unknown: list[str], known: Collection[str], listed: bool) -> None:
    """Say what the model does not know; raise where that is all, or no event but a part of one's name."""
    from flexstream.errors import UsageError

    more = f" and {len(unknown) - 1:,} more" if len(unknown) > 1 else ""
    such = f", such as {next(iter(known))!r}" if known else ""
    said = f"{option}: the model knows no event {unknown[0]!r}{more} (expected: what it was learned from{such}"
    blanks = [event for event in known if " " in event]
    pieces = {word for event in blanks for word in event.split()}
    if blanks and not listed:
        example = json.dumps(blanks[:2], ensure_ascii=False)
        said += f"; names that hold blanks as a JSON list: '{example}'"
    cut = not listed and any(event.strip(",;") in pieces for event in unknown)
    if cut or all(event in unknown for event in events):
        raise UsageError(f"{said})")
    say(f"{said})")


def _listed(text: str, option: str) -> list[str] | None:
    """Return a JSON list of texts; None if it is none, as events may begin with a bracket."""
    from flexstream.errors import UsageError

    if not text.lstrip().startswith("["):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, list) or not all(isinstance(symbol, str) for symbol in found):
        raise UsageError(f"{option} holds something else than texts (expected: a JSON list of texts, or words)")
    return found


def _readings(text: str, automaton: PDFA, ended: bool) -> Iterator[Split]:
    """Yield what a text may mean: words, alone or together, and the same of parts between marks."""
    known = dict.fromkeys(automaton.symbols)
    splitter = Splitter(automaton, partial(event_named, known=known))
    yield splitter.split([text.split()], ended)
    for mark in BETWEEN:
        if mark in text:
            parts = [part.split() for part in text.split(mark)]
            events = [event_named(" ".join(part), known) for part in parts]
            whole = all(event in known for event in events)
            yield Split(events, 0, 1) if whole else splitter.split(parts, ended)
