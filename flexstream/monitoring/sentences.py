"""Notices in words, without anything that a terminal would take for a command."""

from __future__ import annotations

import math

from ..automata.calibration import BITS, COUNTS, LATE, WORST
from ..stream.durations import in_words, told_apart
from ..visible import visible
from ..writers.labels import counted, probability, shorten
from .notice import SILENCE, Notice, Outcome, Place, stamp
from .together import Run

_LONGEST, _LONGEST_PLACE = 48, 80
_TOGETHER = {
    BITS: "all their events",
    WORST: "their least expected events",
    COUNTS: "how often their symbols come",
}


def shown(text: str, length: int = _LONGEST) -> str:
    """Return a text from the data as people may see it: short, on one line, with control characters written out.

    >>> print(shown("load\\x1b[31m"), shown(""))
    load\\x1b[31m ''
    """
    return shorten(visible(text), length) or "''"


def sentence(notice: Notice) -> str:
    """Say what is odd: the event, the state, and what was expected."""
    kind, state, symbol, times = notice.thing
    if kind == COUNTS:
        what = "a symbol that the model does not know" if symbol is None else shown(symbol)
        share = 0.0 if notice.odd.share is None else notice.odd.share
        often = "is missing" if not times else "comes once" if times == 1 else f"comes {times} times"
        return f"{what} {often}, as in {probability(share)} of the traces learned from"
    where = f"{at_state(notice.name)} (q{state})"
    if kind == SILENCE:
        return f"nothing came for {_took(notice)} {where}, expected {likely(notice.expected)}"
    what = "the end" if symbol is None else shown(symbol)
    if kind == LATE:
        return f"{what} {where} took {_took(notice)}"
    return f"{what}{_instead(symbol, where, notice.expected, notice.odd.statistic == BITS)}"


def _instead(symbol: str | None, where: str, expected: tuple[Outcome, ...], together: bool = False) -> str:
    """Say where an event came, and what was likelier there: what came is not what was expected in its stead.

    Where all events of a trace alarm together, that is the reason, however likely the least expected of them is.

    >>> _instead("run", "at start", (("load", 0.9), ("run", 0.1))), _instead("test", "at start", (("load", 0.9),))
    (' (0.10) at start, expected load (0.90)', ' at start, expected load (0.90)')
    >>> _instead("load", "at start", (("load", 0.9), ("run", 0.1)))
    ' (0.90) at start, the least expected event of a trace that is odd as a whole'
    >>> _instead("run", "at start", (("load", 0.8), ("run", 0.2)), together=True)
    ' (0.20) at start, expected load (0.80), the least expected event of a trace that is odd as a whole'
    """
    share = next((share for one, share in expected if one == symbol), None)
    likelier = tuple(outcome for outcome in expected if outcome[0] != symbol and outcome[1] >= (share or 0.0))
    own = "" if share is None else f" ({probability(share)})"
    instead = f", expected {likely(likelier)}" if likelier or share is None else ""
    whole = ", the least expected event of a trace that is odd as a whole" if together or not instead else ""
    return f"{own} {where}{instead}{whole}"


def at_state(name: str) -> str:
    """Return the name of a state as it follows an event.

    >>> at_state("after load"), at_state("as after load"), at_state("start"), at_state("end after run")
    ('after load', 'as after load', 'at start', 'at end after run')
    """
    return visible(name) if name.startswith(("after ", "as after ", "before ", "between ")) else f"at {visible(name)}"


def _took(notice: Notice) -> str:
    return took(0.0 if notice.odd.seconds is None else notice.odd.seconds, notice.odd.usual, notice.odd.p_value)


def took(seconds: float, usual: float | None, p_value: float) -> str:
    """Say how long something took, beside what is usual, which a high rate of alarms may leave above it.

    >>> took(3300, 2700, 0.001), took(60, None, 0.001)
    ('55 min (99.9 % take at most 45 min)', '60 s')
    >>> took(1920, 2700, 0.012)
    '32 min, as late as something in 1.2 % of the traces (99.9 % take at most 45 min)'
    >>> took(167, 167, 0.02)
    '2.8 min, as late as something in 2 % of the traces (99.9 % take no longer)'
    >>> took(167.5, 166.5, 0.001)
    '168 s (99.9 % take at most 166 s)'
    """
    if not usual or math.isnan(usual):
        return in_words(seconds)
    rare = "" if seconds > usual else f", as late as something in {100 * p_value:.2g} % of the traces"
    if seconds == usual:
        return f"{in_words(seconds)}{rare} (99.9 % take no longer)"
    said, limit = told_apart(seconds, usual)
    return f"{said}{rare} (99.9 % take at most {limit})"


def likely(expected: tuple[Outcome, ...]) -> str:
    """Return likely outcomes with their probabilities.

    >>> likely((("run", 0.5), ("setup", 0.25), (None, 0.25)))
    'run (0.50), setup (0.25) or the end (0.25)'
    """
    said = [f"{'the end' if one is None else shown(one)} ({probability(share)})" for one, share in expected]
    return " or ".join(filter(None, (", ".join(said[:-1]), said[-1]))) if said else "nothing"


def together(run: Run, trace: str | int, place: Place) -> str:
    """Say that traces are strange together, up to the last of them: on average, not each by itself.

    >>> together(Run(9, 12, "bits", 2.5, 2.381), 57, Place("today.csv", 400, None))
    'strange together, for 12 traces up to trace 57, today.csv:400: all their events, on average 2.5 times as usual'
    """
    what = f"{_TOGETHER[run.statistic]}, on average {run.mean:.1f} times as usual"
    return f"strange together, for {counted(run.traces, 'trace')} up to {_where(trace, place)}: {what}"


def place_of(notice: Notice) -> str:
    """Return which trace it was, and where and when."""
    return _where(notice.trace, notice.place)


def _where(trace: str | int, place: Place) -> str:
    source, line, time = place
    where = None if source is None else shown(source, _LONGEST_PLACE) + (f":{line}" if line is not None else "")
    return ", ".join(filter(None, (f"trace {shown(str(trace))}", where, stamp(time))))
