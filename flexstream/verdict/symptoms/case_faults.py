"""Cases that never end, and cases of one event."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ...errors import Message, parameter
from ...ordered import quantile
from ...readers.parsing.times import Clock
from ...visible import visible
from ...writers.labels import counted, shorten
from ..facts import Facts
from ..verdict import Verdict
from .trace_faults import rounded

if TYPE_CHECKING:
    from ...readers.options import ReadOptions

CUT = 0.01
"""Share of the cases that may be cut short."""
SHORT = 1.2
"""Events of a case below which nearly all cases have one."""
SILENCE = 3600
"""Seconds after which a case may be taken for ended, where nothing better is known."""
CUTS = ("idle", "gap", "start", "window")
"""Options that cut cases into traces."""
ANY_EVENT = r"(?P<event>\S.*)"
"""Takes a line for an event."""
LEFT_OUT = 0.05
"""Share of the rows without a case that is told where they would be left out."""
MOST_SHOWN = 40
"""Characters of an id that is shown."""
PAIR, MOST_LINES = 2.0, 2000
"""Words of a line that may be a case and an event, and lines that are looked at."""
FEWEST = 20
"""Cases below which nothing is said of them."""


def no_case(facts: Facts) -> Verdict | None:
    """Tell that events were cut by default, though something in the rows tells which of them belong together."""
    case = facts.proposals.case
    if case is None:
        return None
    example = f" such as {visible(shorten(case.example, MOST_SHOWN))}"
    if facts.options is not None and facts.options.redact:
        from ...readers.texts.redaction import redacted  # whose patterns are compiled when it is imported

        example, pattern = "", str(case.options.get("pattern", ""))
        if redacted(pattern) != pattern:  # what leads to an id may be the name of somebody
            return None
    ids = f"{case.values:,} ids{example} in the first {case.rows:,}"
    if case.name:
        text = f"no case: column {visible(case.name)} looks like one, {ids} rows: {parameter('case')}"
    else:
        text = f"no case: {ids} lines that have one look like cases: {parameter('pattern')}"
    left = f", without the {100 * case.lacking:.0f} % that have none" if case.lacking >= LEFT_OUT else ""
    return Verdict("no_case", Message(f"{text} makes traces of them{left}"), case.options)


def wrong_case(facts: Facts) -> Verdict | None:
    """Tell that the column that was taken for the case says far less of what comes next than another."""
    other = facts.other_case
    if other is None:
        return None
    case, ids = visible(facts.columns["case"]), f"{other.values:,} values in the first {other.rows:,} rows"
    text = (
        f"perhaps the wrong case: {case} was taken for it, but in column {visible(other.name)} ({ids}) far more hangs "
        f"on the event before: {parameter('case')} makes traces of it"
    )
    return Verdict("wrong_case", Message(text), other.options)


def cases_cut_short(facts: Facts) -> Verdict | None:
    """Tell that cases were closed because too many were open, as where none ever ends."""
    if "case" in facts.columns and _single(facts):
        return None  # said by `one_event_a_case`, before all that follows from it
    return _cut_short(facts, SILENCE)


def _cut_short(facts: Facts, silence: int | None) -> Verdict | None:
    """Tell that cases were cut short, and which silence ends them, one that is given where the rows tell none."""
    early, cut, options = facts.learner.closed_early, facts.cut_short, facts.options
    least = max(1, CUT * facts.traces)
    if options is None or early < least or (cut is not None and cut < least):
        return None
    amount = f"cases that never end: {early if cut is None else cut:,} of {counted(facts.traces, 'trace')} were"
    if cut is None:
        text = f"{amount} closed because too many were open, and those of which more came are cut short"
    else:
        text = f"{amount} cut short because too many were open: more of their cases came"
    if "time" in facts.columns and options.idle is None:
        silence = _silence(facts) or silence
        if silence is not None:
            text = f"{text}; let silence end them, {parameter('idle')}"
            return Verdict("cases_never_closed", Message(text), {"idle": silence})
    return _hold_more(facts, options, text)


def _hold_more(facts: Facts, options: ReadOptions, text: str) -> Verdict:
    """Return the verdict that more cases have to be held open."""
    memory = facts.reading is not None and facts.reading.case_bytes is not None
    how = f"{parameter('max_open_cases')}{' and ' + parameter('memory') if memory else ''}"
    most = {"max_open_cases": 10 * options.max_open_cases, "max_open_events": 10 * options.max_open_events}
    return Verdict("cases_never_closed", Message(f"{text}; hold more of them, {how}"), most)


def _silence(facts: Facts) -> int | None:
    """Return the seconds of silence after which a case is over: ten times the longest of nearly all pauses so far.

    None where the first rows have too few.
    """
    from ..first_rows import first_rows  # with the profiles of columns, which others can do without

    rows = None if facts.reading is None else first_rows(facts.reading)
    profile = None if rows is None else rows.profile
    case, time = (facts.columns.get(name, "") for name in ("case", "time"))
    if profile is None or not (profile.column(case) and profile.column(time)):
        return None
    clock, before, pauses = Clock(None if facts.options is None else facts.options.time_format), dict[str, float](), []
    for name, text in zip(profile.cells[case], profile.cells[time], strict=True):
        with suppress(ValueError, OverflowError):
            now = clock.seconds(text)
            if name in before:
                pauses.append(abs(now - before[name]))
            before[name] = now
    return max(1, rounded(10 * quantile(pauses, 0.95))) if len(pauses) >= FEWEST else None


def one_event_a_case(facts: Facts) -> Verdict | None:
    """Tell that the column of the case has nearly as many values as there are events."""
    if "case" not in facts.columns or not _single(facts):
        return None
    if (cut := _cut_short(facts, None)) is not None:
        return cut  # how many values the column has is not known then
    by_option = _cut_by_option(facts)
    if by_option is not None:
        return by_option
    text = (
        f"cases of one event: column {visible(facts.columns['case'])} has {facts.traces:,} values in "
        f"{counted(facts.events, 'event')}; name another with {parameter('case')}"
    )
    return Verdict("one_event_a_case", Message(text), verb="inspect")


def _cut_by_option(facts: Facts) -> Verdict | None:
    """Tell that an option cut the cases into single events, where the first rows have several events of each case."""
    given = [name for name in CUTS if facts.options is not None and getattr(facts.options, name) is not None]
    known = _first_cases(facts) if given else []
    values, rows = len(set(known)), len(known)
    if rows < SHORT * values or not rows:
        return None
    names, cut, them = " and ".join(map(parameter, given)), *(("cuts", "it") if len(given) == 1 else ("cut", "them"))
    text = (
        f"cases of one event: {names} {cut} them, as column {visible(facts.columns['case'])} has {values:,} values in "
        f"the first {rows:,} rows; leave {them} out, or let more be one trace"
    )
    return Verdict("one_event_a_case", Message(text), dict.fromkeys(given))


def _first_cases(facts: Facts) -> list[str]:
    """Return the case of each of the first rows, as far as they are known."""
    from ..first_rows import first_rows  # with the profiles of columns, which others can do without

    rows = None if facts.reading is None else first_rows(facts.reading)
    profile = None if rows is None else rows.profile
    case = facts.columns["case"]
    return [] if profile is None or not profile.column(case) else list(profile.cells[case])


def one_event_a_line(facts: Facts) -> Verdict | None:
    """Tell that lines were taken for traces, and each holds one event, perhaps beside its case."""
    if facts.guessed_lines and facts.mean_length == PAIR and facts.last and facts.reading is not None:
        return _paired(facts.reading.sample)
    if not facts.guessed_lines or not _single(facts):
        return None
    text = (
        f"traces of one event: if the {counted(facts.traces, 'line')} are the events of one stream, read them with "
        f"{parameter('pattern')} as such"
    )
    return Verdict("one_event_a_line", Message(text), {"pattern": ANY_EVENT})


def _paired(sample: bytes) -> Verdict | None:
    """Tell that lines hold a case and an event each."""
    from ..paired_words import paired  # which few logs need

    pattern = paired(sample.decode("utf-8", "replace").splitlines()[:MOST_LINES])
    if pattern is None:
        return None
    text = (
        f"traces of two words: if one is a case, and the other what happens to it, {parameter('pattern')} takes them so"
    )
    return Verdict("one_event_a_line", Message(text), {"pattern": pattern})


def _single(facts: Facts) -> bool:
    return facts.traces >= FEWEST and 0.5 < facts.mean_length < SHORT
