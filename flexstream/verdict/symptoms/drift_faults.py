"""A source that changed while it was learned: it was watched for that, or its traces show it."""

from __future__ import annotations

from ...errors import Message, parameter
from ...writers.labels import counted
from ..facts import Facts
from ..verdict import Verdict

LEAST = 0.01
"""Share of the traces that have to come far more often than was to be expected, where nobody watches."""


def source_changed(facts: Facts) -> Verdict | None:
    """Tell that the source changed among the traces that the model stands for."""
    found = facts.learner.drift
    if found is None:
        return _unwatched(facts)
    within = [change for change in found["changes"] if change["since"] > facts.learner.forgotten]
    if not within:
        return None
    last = within[-1]
    often = "" if len(within) == 1 else f" {counted(len(within), 'time')}, last"
    text = (
        f"the source changed{often} after trace {last['since']:,}: a trace takes {last['after']:.3g} bits, "
        f"{last['before']:.3g} before; the model mixes what was before it and after it"
    )
    follows = found["on_drift"] != "report"
    return Verdict("source_changed", Message(text), {} if follows else {"on_drift": "restart"}, _verb(follows))


def _unwatched(facts: Facts) -> Verdict | None:
    """Tell it where nobody watches, but traces came that what was learned before them does not explain."""
    more = facts.given_back
    if more < max(1, LEAST * facts.traces) or not facts.cased:
        return None
    text = (
        f"the source changed: {more:,} of {counted(facts.traces, 'trace')} come far more often than what was learned "
        f"before them lets expect; the model mixes what was before and after; {parameter('on_drift')} finds the change"
    )
    fleet = facts.options is not None and facts.options.per is not None  # whose members stand for the whole stream
    return Verdict("source_changed", Message(text), {"on_drift": "report" if fleet else "restart"})


def _verb(follows: bool) -> str:
    """Return what comes next: one who follows already may look at what is read."""
    return "inspect" if follows else "learn"
