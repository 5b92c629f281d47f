"""A stream that repeats itself."""

from __future__ import annotations

from ...errors import Message
from ...visible import visible
from ...writers.labels import counted, shorten
from ..facts import Facts
from ..verdict import Verdict

LEAST = 0.01
"""Share of the traces that have to be repeats."""
LONGEST_EXAMPLE = 60


def repeats(facts: Facts) -> Verdict | None:
    """Tell that many traces say again what was said before, how often, and one of them."""
    held = facts.repeated
    least = max(1, LEAST * facts.traces)
    if held.traces < least or not facts.cased or facts.said_again < least:  # pieces of a stream may well be alike
        return None
    often, example = facts.multiplicity, facts.example
    rate = "" if often is None else f"; a rare trace comes {often:.3g} times for each that is expected"
    shown = "" if example is None else f"; {quoted_trace(example[0])} came again {counted(example[1], 'time')}"
    text = (
        f"the stream repeats itself: {held.traces:,} of {counted(facts.traces, 'trace')} say again what came before"
        f"{rate}{shown}; they count for probabilities, not for states"
    )
    return Verdict("repeats", Message(text), verb="inspect")


def quoted_trace(trace: list[str]) -> str:
    """Return a trace as it is shown in a sentence.

    >>> quoted_trace(["load", "run"]), quoted_trace([])
    ("'load run'", 'the empty trace')
    """
    return f"'{shorten(visible(' '.join(trace)), LONGEST_EXAMPLE)}'" if trace else "the empty trace"
