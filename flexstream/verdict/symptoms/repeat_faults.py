"""A stream that repeats itself."""

from __future__ import annotations

from ...errors import Message, parameter
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
    if not facts.cased:  # pieces of a stream may well be alike
        return None
    if held.traces < least:
        return _counted(facts)
    if facts.said_again < least:
        return None
    often, example = facts.multiplicity, facts.example
    rate = "" if often is None else f"; a rare trace comes {often:.3g} times for each that is expected"
    shown = "" if example is None else f"; {quoted_trace(example[0])} came again {counted(example[1], 'time')}"
    text = (
        f"the stream repeats itself: {held.traces:,} of {counted(facts.traces, 'trace')} say again what came before"
        f"{rate}{shown}; they count for probabilities, not for states"
    )
    return Verdict("repeats", Message(text), verb="inspect")


def _counted(facts: Facts) -> Verdict | None:
    """Tell that traces come in copies that count as evidence, as the learner does not hold all of them whole."""
    repeats, tree = facts.learner.repeats, facts.learner.tree
    whole = not (tree.evicted_nodes or tree.evicted_tails)
    if whole or repeats.looked_at < facts.traces or (copies := repeats.copies_of_each()) is None:
        return None
    thinned = 0 < tree.thinned_nodes == tree.evicted_nodes
    text = (
        f"the stream repeats itself: about {copies} copies of each trace come, in any order; as some traces are not "
        f"held whole, each copy counts as evidence of states; learn one of each, or let all be held, "
        f"{parameter('no_thin' if thinned else 'memory')}"
    )
    return (
        Verdict("repeats", Message(text), {"thin": False})
        if thinned
        else Verdict("repeats", Message(text), verb="inspect")
    )


def quoted_trace(trace: list[str]) -> str:
    """Return a trace as it is shown in a sentence.

    >>> quoted_trace(["load", "run"]), quoted_trace([])
    ("'load run'", 'the empty trace')
    """
    return f"'{shorten(visible(' '.join(trace)), LONGEST_EXAMPLE)}'" if trace else "the empty trace"
