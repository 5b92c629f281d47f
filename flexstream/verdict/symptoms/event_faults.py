"""Events of which a part is read."""

from __future__ import annotations

from ...errors import Message, parameter
from ...readers.formats import has_columns
from ...visible import visible
from ..facts import Facts
from ..verdict import Verdict


def phases_alone(facts: Facts) -> Verdict | None:
    """Tell that the column of the event says only whether something starts or ends, and another column what."""
    from ..whole_events import MOST_PHASES, what_it_is  # with the profiles of columns

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
