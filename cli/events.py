"""Events of a trace that is given on the command line."""

from __future__ import annotations

import json
from collections.abc import Collection

from .console import say


def events_of(text: str, option: str, known: Collection[str]) -> list[str]:
    """Return the events of a trace, given as words or as a JSON list of texts.

    Words that a model knows together only are one event.  Of events that it does not know a line says which.

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
        If it is a JSON list of something else.

    Examples
    --------
    >>> known = {"load": 0, "GET /": 1, "GET /pay": 2}
    >>> events_of("load load", "--trace", known), events_of("load GET / GET /pay", "--trace", known)
    (['load', 'load'], ['load', 'GET /', 'GET /pay'])
    """
    found = _listed(text, option)
    if found is None:
        words = text.split()
        found = words if all(word in known for word in words) else _together(words, set(known))
    if unknown := [event for event in dict.fromkeys(found) if event not in known]:
        more = f" and {len(unknown) - 1:,} more" if len(unknown) > 1 else ""
        such = f", such as {next(iter(known))!r}" if known else ""
        say(f"{option}: the model knows no event {unknown[0]!r}{more} (expected: what it was learned from{such})")
    return found


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


def _together(words: list[str], known: set[str]) -> list[str]:
    """Return the events that words are, the longest that is known first; a word that begins none is one by itself."""
    longest, found, place = max((len(symbol.split()) for symbol in known), default=1), list[str](), 0
    while place < len(words):
        sizes = range(min(longest, len(words) - place), 1, -1)
        size = next((size for size in sizes if " ".join(words[place : place + size]) in known), 1)
        found.append(" ".join(words[place : place + size]))
        place += size
    return found
