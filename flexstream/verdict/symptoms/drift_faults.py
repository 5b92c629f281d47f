"""A source that changed while it was learned."""

from __future__ import annotations

from ...errors import Message
from ...writers.labels import counted
from ..facts import Facts
from ..verdict import Verdict


def source_changed(facts: Facts) -> Verdict | None:
    """Tell that the source changed among the traces that the model stands for, where somebody watched for that."""
    found = facts.learner.drift
    if found is None:
        return None
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


def _verb(follows: bool) -> str:
    """Return what comes next: one who follows already may look at what is read."""
    return "inspect" if follows else "learn"
