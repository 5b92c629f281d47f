"""Another case: a column by which the events are foretold far more simply than by that which was taken for the case."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

from ..errors import FlexStreamError
from ..learning.learner import StreamLearner
from ..readers.parsing.code_length import WORTH, code_length
from ..readers.parsing.profile import Candidate, Profile
from ..readers.reading import Reading
from ..stream.batch import TraceBatch
from .first_rows import first_bytes, first_rows
from .foresight import foresight
from .proposals import FEWEST, NEARLY, of_column
from .trials import Proposal

ROWS = 500
"""Rows that are looked at: enough to see what is far better, and soon done."""
SAVED = 0.3
"""Share of the bits of the events that the other case saves at least, or saves more of those held out."""
FAR = 0.5
"""Share of the bits, and of the states, that the other case takes at most."""


@dataclass(frozen=True, slots=True)
class _Trial:
    states: int
    saved: float


def other_case(reading: Reading, learner: StreamLearner) -> Proposal | None:
    """Return a column that is far better a case than that which was taken for it, None if there is none.

    After the event before it in the other case each event takes at most half of the bits; and a model of the first rows
    has at most half as many states and foretells what is held out as well, or it foretells far more.

    Parameters
    ----------
    reading : Reading
        At its end.
    learner : StreamLearner
        What it was made with is taken for the trials.
    """
    case, events = reading.columns.get("case"), reading.columns.get("event", "").split("+")
    if case is None or reading.options.case is not None:
        return None
    rows = first_rows(reading, most=ROWS)
    seen = None if rows is None else rows.profile
    if seen is None or not all(map(seen.column, [case, *events])):
        return None
    found = _simplest(seen, case, events)
    if found is None:
        return None
    proposal = of_column(seen, found)
    now, then = (_tried(reading, learner, one) for one in (Proposal({}), proposal))
    if then is None or then.saved < WORTH:
        return None
    simpler = now is not None and then.states <= FAR * now.states and then.saved >= NEARLY * now.saved
    return proposal if now is None or simpler or then.saved >= now.saved + SAVED else None


def _simplest(seen: Profile, case: str, events: list[str]) -> Candidate | None:
    """Return the column in which each event, told after the one before it, takes far fewer bits than in the case."""
    found = [one for one in seen.cases(events) if one.name != case and one.saved >= SAVED]
    if not found:
        return None
    best = min(found, key=_bits)
    return best if _bits(best) <= FAR * code_length(seen.joined(events), seen.cells[case]) else None


def _bits(candidate: Candidate) -> float:
    return (1 - candidate.saved) * candidate.bits


def _tried(reading: Reading, learner: StreamLearner, proposal: Proposal) -> _Trial | None:
    """Return how a proposal does on the first rows, None where it makes too few traces to tell."""
    blank = learner.clone()
    wanted = replace(reading.options, follow=False, encoding=None, **proposal.options)  # type: ignore[arg-type]
    try:
        traces = TraceBatch.joined(Reading(io.BytesIO(first_bytes(reading)), blank.alphabet, wanted))
    except FlexStreamError:
        return None
    return _trial(traces, blank)


def _trial(traces: TraceBatch, blank: StreamLearner) -> _Trial | None:
    found = foresight(traces, blank) if len(traces) >= FEWEST else None
    if found is None:
        return None
    whole = blank.clone()
    whole.learn_many(traces, blank.alphabet.copy())
    return _Trial(len(whole.automaton), found.saved)
