"""One state, and states that the data contradict."""

from __future__ import annotations

from ...errors import Message
from ...writers.labels import counted
from ..facts import Facts
from ..verdict import Verdict

MOST_NAMED = 3
LEAST = 0.02
"""Share of the bits of events and ends that states have to save."""


def one_state(facts: Facts) -> Verdict | None:
    """Tell that next to nothing hangs on what came before, as in one state."""
    if len(facts.symbols) < 2 or facts.bits_by_state > LEAST:
        return None
    states = len(facts.automaton)
    found = "one state" if states == 1 else f"{states:,} states, and as good as one"
    text = (
        f"{found}: in {counted(facts.events, 'event')} next to nothing hangs on what came before, as where cases are "
        f"not told apart or symbols are no events{facts.in_vain}"
    )
    return Verdict("one_state", Message(text), verb="inspect")


def contradicted(facts: Facts) -> Verdict | None:
    """Tell that it is proven of some states that they are several."""
    states = facts.contradicted
    if not states:
        return None
    named = ", ".join(f"q{state}" for state in states[:MOST_NAMED]) + (", …" if len(states) > MOST_NAMED else "")
    text = (
        f"do not rely on {named}: the data prove that the ways in there do not lead to one state, or a state before "
        "them is several; a report says more"
    )
    return Verdict("contradicted", Message(text), {"report": "report.html"})
