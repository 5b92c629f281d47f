"""Symbols that are no events: words of a text, or names that hardly ever come again."""

from __future__ import annotations

import dataclasses

from ...errors import Message, parameter
from ...readers.diagnostics import shown
from ...readers.formats import FORMATS, has_columns
from ...readers.options import ReadOptions
from ...readers.texts import MASK
from ...writers.labels import counted
from ..facts import Facts
from ..verdict import Verdict

MANY = 20
"""Symbols below which there are never too many."""
RARE = 0.1
"""Share of the events whose symbol comes once, above which symbols are names rather than events."""
NEARLY_ALL = 0.99
"""Share of the events that are one symbol, beside which odd lines are no others."""
MOST_TEXTS = 10_000
"""Symbols of which the templates are looked at."""


def words_as_symbols(facts: Facts) -> Verdict | None:
    """Tell that lines were guessed to be traces, and their words do not come again as symbols do."""
    if not facts.guessed_lines or not _rare(facts):
        return None
    text = (
        f"words as symbols: {_how_rare(facts)}; if each line is a message and no trace, read it as "
        f"{parameter('format')} log"
    )
    return Verdict("words_as_symbols", Message(text), {"format": "log"})


def all_masked(facts: Facts) -> Verdict | None:
    """Tell that all messages have one form once what varies in them is masked: what happened is among that."""
    symbol, count = _most_frequent(facts)
    if facts.events < MANY or count < NEARLY_ALL * facts.events or MASK not in symbol or not _masked(facts):
        return None
    named = parameter("event" if has_columns(facts.format) else "pattern")
    all_of = "all" if count == facts.events else f"{count:,} of"
    text = (
        f"one symbol: {all_of} {counted(facts.events, 'event')} are {shown(symbol)} once what varies is masked; "
        f"name what happens with {named}, or keep the words with {parameter('no_mask')}"
    )
    found = _event_pattern(facts)
    if found is None and (program := _joining(facts)) is not None:
        text = f"{text}; what happens may stand on the lines below each, which awk joins to it"
        return Verdict("all_masked", Message(text), verb="inspect", through=program)
    if found is None:
        return Verdict("all_masked", Message(text), verb="inspect")
    return Verdict("all_masked", Message(text), {"pattern": found, "on_error": "skip"})


def _most_frequent(facts: Facts) -> tuple[str, int]:
    """Return the most frequent symbol, and how often it came; a blank one where several are frequent."""
    if len(facts.symbols) == 1:
        return facts.symbols[0], facts.events
    if not len(facts.symbols) or len(facts.symbols) > 1 + (1 - NEARLY_ALL) * facts.events:
        return "", 0
    place = int(facts.occurrences.argmax())
    return facts.symbols[place], int(facts.occurrences[place])


def _event_pattern(facts: Facts) -> str | None:
    """Return a pattern that finds what happens in the first lines of a log, unless they were read by one."""
    if facts.reading is None or facts.format != "log" or not facts.last:
        return None
    from ..first_rows import first_rows
    from ..log_events import event_pattern  # which few logs need

    rows = first_rows(facts.reading)
    found = None if rows is None or rows.profile is not None else event_pattern(rows.lines)
    if found is not None and facts.reading.options.redact:
        from ...readers.texts.redaction import redacted  # whose patterns are compiled when it is imported

        return found if redacted(found) == found else None
    return found


def _joining(facts: Facts) -> str | None:
    """Return what joins the lines of each record of a log, unless it was read by a pattern."""
    if facts.reading is None or facts.format != "log" or not facts.last or facts.reading.options.redact:
        return None
    from ..first_rows import first_rows
    from ..joined_lines import joining  # which few logs need

    rows = first_rows(facts.reading)
    return None if rows is None or rows.profile is not None else joining(rows.lines)


def one_symbol(facts: Facts) -> Verdict | None:
    """Tell that the column of the event holds one value throughout, so that only how often it comes can be learned."""
    if len(facts.symbols) != 1 or facts.events < MANY or MASK in facts.symbols[0] or "event" not in facts.columns:
        return None
    text = (
        f"one symbol: all {counted(facts.events, 'event')} are {shown(facts.symbols[0])}, so that a model tells how "
        f"many come and no more; name with {parameter('event')} what tells them apart"
    )
    return Verdict("one_symbol", Message(text), verb="inspect")


def symbols_as_events(facts: Facts) -> Verdict | None:
    """Tell that there are nearly as many symbols as events."""
    if not _rare(facts):
        return None
    patterns = _patterns(facts)
    if patterns is not None:
        forms = f"the messages have {counted(len(facts.symbols), 'form')} of {counted(patterns, 'pattern')}"
        text = f"{forms}: {parameter('mask')} makes one symbol of each"
        return Verdict("unmasked_symbols", Message(text), {"mask": True})
    text = f"symbols as many as events: {_how_rare(facts)}{_named(facts)}"
    return Verdict("symbols_as_events", Message(text), verb="inspect")


def _named(facts: Facts) -> str:
    """Return in words how to name what comes again, where the format has a way to."""
    if facts.format is None:
        return ""
    from ..new_words import new_words  # which few logs need

    new = new_words(facts.symbols[:MOST_TEXTS])
    if new is not None:
        places, left = new
        which = f"word {places[0]} is" if len(places) == 1 else f"words {', '.join(map(str, places))} are"
        forms = f"{counted(left, 'form')} left without"
        return f"; their {which} new each time, and {forms}: cut that out before they are read"
    option = parameter("event" if "event" in FORMATS[facts.format].uses else "pattern")
    return f"; name with {option} what comes again, without what is new each time"


def _rare(facts: Facts) -> bool:
    most = len(facts.symbols)  # so many of them come once at most; how many, takes a look at all that is held
    return most >= MANY and most > RARE * facts.events and facts.once > RARE


def _how_rare(facts: Facts) -> str:
    once = int((facts.occurrences == 1).sum())
    return (
        f"{counted(len(facts.symbols), 'symbol')} in {counted(facts.events, 'event')}, {once:,} of which came only once"
    )


def _masked(facts: Facts) -> bool:
    """Whether symbols may be masked in the format that was read."""
    return facts.format is not None and "mask" in FORMATS[facts.format].uses


def _patterns(facts: Facts) -> int | None:
    """Return how many patterns the symbols have, if masking can be asked for and makes few of them, but not one."""
    known = {one.name for one in dataclasses.fields(ReadOptions)}
    if "mask" not in known or not _masked(facts) or getattr(facts.options, "mask", None):
        return None
    from ...readers.parsing.templates import template  # its patterns are compiled when it is imported

    texts = facts.symbols[:MOST_TEXTS]
    patterns = len(set(map(template, texts)))
    return patterns if 1 < patterns <= len(texts) / 2 else None
