"""Too few traces, or too few and long ones."""

from __future__ import annotations

import math

from ...errors import Message, parameter
from ...readers.parsing.code_length import WORTH
from ...readers.sessions.cuts import fitting_window
from ...writers.labels import counted
from ..facts import Facts
from ..foresight import saves_clearly
from ..verdict import Verdict

FEWEST = 20
"""Traces below which the start has been seen too seldom to say much."""
MANY = 40
"""Traces above which there are not too few, however long they are."""
SELDOM, OFTEN = 10, 50
"""Times that a symbol has to come before what follows it is known at all, and before it is known well.

On samples of grammars, fabs, random automata and process logs a model had half of what there is to gain with 10 to 20
visits of its states, and nine tenths with 30 to 50.
"""
COMMON = 0.75
"""Share of the events whose symbols are looked at, the most frequent first."""
LONG = 50
"""Events of a trace that is long enough to be cut."""
SHORT = 10
"""Events of the shortest pieces."""
MORE = 4
"""Times as many traces as there are that are worth a try where the model foretells nothing."""


def few_long_traces(facts: Facts) -> Verdict | None:
    """Tell that there are few traces, each with so many events that it may be cut, unless the model does well.

    Of what was cut by default, also that other pieces do better.
    """
    if facts.options is not None and facts.options.window:
        return None
    tried, others = facts.proposals.window, facts.traces > MANY or facts.mean_length < LONG
    if others and tried is None:
        return None
    now = facts.foresight  # worked out only where it is asked for: it takes a fifth of learning a small problem
    if others and now is None:
        return None
    saved = 0.0 if now is None or len(facts.automaton) < 2 else now.saved
    if facts.proposals.fruitless or (saved >= WORTH and (tried is None or tried.saved < saved + WORTH)):
        return None
    window = _window(facts) if tried is None else int(tried.options["window"] or 0)
    few = "few long traces" if facts.mean_length >= LONG else "events cut anywhere"
    text = (
        f"{few}: {_amount(facts)} {'says' if facts.traces == 1 else 'say'} little about what follows what; pieces of "
        f"{counted(window, 'event')}, {parameter('window')}, say more"
    )
    return Verdict("few_long_traces", Message(text), {"window": window})


def _window(facts: Facts) -> int:
    """Return how long pieces had best be, where that was not tried: shorter than the traces in any case."""
    return min(fitting_window(facts.events), max(SHORT, int(facts.mean_length) // 2))


def too_few_traces(facts: Facts) -> Verdict | None:
    """Tell that there are too few traces to know what follows what, and how many would do."""
    seen = facts.common(COMMON)
    if facts.traces >= FEWEST and seen >= SELDOM:
        return _foretells_nothing(facts)
    enough = max(OFTEN, rounded(facts.traces * OFTEN / max(seen, 1)))
    do = "does" if facts.traces == 1 else "do"
    text = f"too few traces: {_amount(facts)} {do} not say what follows what; about {enough:,} traces would do"
    return Verdict("too_few_traces", Message(text), verb="inspect")


def _amount(facts: Facts) -> str:
    return f"{counted(facts.traces, 'trace')} of {counted(facts.mean_length, 'event')}"


def _foretells_nothing(facts: Facts) -> Verdict | None:
    """Tell that states were found which traces held out do not bear out."""
    if len(facts.automaton) < 2 or saves_clearly(facts.automaton):
        return None
    if facts.foresight is None or facts.foresight.saved > 0:
        return None
    enough = rounded(MORE * facts.traces)
    what = "the symbols and the end are" if facts.cased else "the symbols are"
    text = (
        f"too few traces: four fifths of the {counted(facts.traces, 'trace')} foretell the others less well by their "
        f"states than by how frequent {what}; about {enough:,} traces may do{facts.in_vain}"
    )
    return Verdict("too_few_traces", Message(text), verb="inspect")


def rounded(number: float) -> int:
    """Return a number rounded up to one digit that counts.

    >>> rounded(34), rounded(150), rounded(20)
    (40, 200, 20)
    """
    unit = 10 ** int(math.log10(max(number, 1)))
    return unit * math.ceil(number / unit)
