"""Events of which a part is read, and whole traces that are read as events."""

from __future__ import annotations

from ...errors import Message, parameter
from ...readers.formats import FORMATS, has_columns
from ...visible import visible
from ...writers.labels import shorten
from ..facts import Facts
from ..verdict import Verdict

MOST_SHOWN = 40
"""Characters of a trace that is shown."""
MOST_TEXTS = 200
"""Symbols that are looked at."""
NEARLY_ALL = 0.8
"""Share of them in which several stand."""
FEWEST = 3
"""Symbols of a trace, of the longest: what has two may be a change from one to the other."""


def whole_traces(facts: Facts) -> Verdict | None:
    """Tell that the values of the column of the event are traces, whose symbols are apart by arrows or other signs."""
    reading, event = facts.reading, facts.columns.get("event")
    if reading is None or event is None or reading.options.event is not None:
        return None
    if facts.format is None or "sequence" not in FORMATS[facts.format].uses:
        return None
    from ...readers.parsing.separators import separator_of  # whose patterns are compiled then

    texts = facts.symbols[:MOST_TEXTS]
    sign = None if "+" in event else separator_of(texts)
    if sign is None:
        return None
    lengths = [len(text.split(sign)) for text in texts]
    if max(lengths) < FEWEST or sum(length > 1 for length in lengths) < NEARLY_ALL * len(lengths):
        return None
    example = visible(shorten(texts[lengths.index(max(lengths))], MOST_SHOWN))
    text = (
        f"whole traces as events: column {visible(event)} was taken for the event, and holds several with "
        f"{visible(sign)} between them, such as {example}: {parameter('sequence')} takes each for a trace"
    )
    return Verdict("whole_traces", Message(text), {"sequence": event})


def phases_alone(facts: Facts) -> Verdict | None:
    """Tell that the column of the event says only whether something starts or ends, and another column what."""
    from ..whole_events import MOST_PHASES, what_it_is

    reading, event = facts.reading, facts.columns.get("event")
    if reading is None or event is None or reading.options.event is not None or not has_columns(facts.format):
        return None
    if not facts.last or not 2 <= len(facts.symbols) <= MOST_PHASES:
        return None
    from ..first_rows import first_rows

    rows = first_rows(reading)
    profile = None if rows is None else rows.profile
    if profile is None:
        return None
    case = facts.columns.get("case")
    what = what_it_is(profile, event, case)
    if what is None and case is not None and reading.options.case is None:
        what = (
            case if what_it_is(profile, event, None) == case else None
        )  # it was taken for the case, as it tells so much
    if what is None:
        return None
    phases = ", ".join(map(visible, facts.symbols))
    text = (
        f"half of what happens: column {visible(event)} says in which phase something is ({phases}), and "
        f"{visible(what)} what: {parameter('event')} joins them"
    )
    return Verdict("phases_alone", Message(text), {"event": f"{what}+{event}"})
