"""Events of a trace that is given on the command line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from .console import say

BETWEEN = (",", ";", "|", "->", "=>", ">", "→")
"""What stands between events in lines of traces."""


def events_of(text: str, option: str, known: Collection[str]) -> list[str]:
    """Return the events of a trace, given as words or as a JSON list of texts.

    Words that a model knows together only are one event; commas, semicolons, bars and arrows part events where the
    model then knows all of them.  A message is the event as which a log's own would count, see `event_named`.  Of
    events that the model does not know a line says which.

    Parameters
    ----------
    text : str
    option : str
        Where it was given.
    known : collection of str
        Events of the model.

    Raises
    ------
    UsageError
        If it is a JSON list of something else, if the model knows none of the events, or if what it does not know are
        words of events whose names hold blanks.

    Examples
    --------
    >>> known = {"load": 0, "GET /": 1, "GET /pay": 2, "lot <*> done": 3}
    >>> events_of("load load", "--trace", known), events_of("load, GET / GET /pay", "--trace", known)
    (['load', 'load'], ['load', 'GET /', 'GET /pay'])
    >>> events_of('["load", "lot 7 done"]', "--trace", known), events_of("load lot 7 done", "--trace", known)
    (['load', 'lot <*> done'], ['load', 'lot <*> done'])
    """
    known, listed = dict.fromkeys(known), _listed(text, option)
    if listed is not None:
        found = [event_named(event, known) for event in listed]
    else:
        readings = list(_readings(text, known))
        found = next((events for events in readings if all(event in known for event in events)), readings[0])
    if unknown := [event for event in dict.fromkeys(found) if event not in known]:
        _tell(option, found, unknown, known, listed is not None)
    return found


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


def _readings(text: str, known: Collection[str]) -> Iterator[list[str]]:
    """Yield what a text may mean: words, the same with those together that are one event, parts between marks."""
    words = text.split()
    if all(word in known for word in words):
        yield words
        return
    yield _together(words, known)
    for mark in BETWEEN:
        if mark in text:
            parts = [part.split() for part in text.split(mark)]
            yield [event for part in parts for event in _together(part, known)]


def _together(words: list[str], known: Collection[str]) -> list[str]:
    """Return the events that words are, the longest that is known first; a word that begins none is one by itself."""
    longest, found, place = max((len(symbol.split()) for symbol in known), default=1), list[str](), 0
    while place < len(words):
        for size in range(min(longest, len(words) - place), 0, -1):
            event = event_named(" ".join(words[place : place + size]), known)
            if event in known or size == 1:
                break
        found.append(event)
        place += size
    return found
