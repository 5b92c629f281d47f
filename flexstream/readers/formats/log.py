"""Format ``log``: raw log lines, by a pattern with named groups or by the template of each message.

The pattern's groups are ``case``, ``event``, ``time`` and ``message``. Without ``event`` the symbol is the
template of the message: of that group, or of the line without its usual prefix. Without ``time`` the time is the
one near the start of the line, if it has one there. Without ``case`` the lines are one endless sequence. Lines of
a stack trace and the like belong to the line above.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ...errors import DataError, UsageError, parameter
from ..diagnostics import shown
from ..format import Format
from ..items import Event, Events
from ..options import EVENTS
from ..parsing.blank import is_no_case, is_no_event, no_case, no_event
from ..parsing.context import ReadContext
from ..parsing.lifecycle import JOIN, Lifecycle, lacking
from ..parsing.line_times import line_time, line_times, naming
from ..parsing.many_templates import ManyTemplates
from ..parsing.masking import as_it_is, for_events, for_messages
from ..parsing.matched import MatchedLines
from ..parsing.membership import no_member
from ..parsing.records import (
    Records,
    continuing,
    indented,
    levelled,
    most_have_epochs,
    stamp,
    stamp_first,
    stamped,
    takes_all,
    thrown,
)
from ..parsing.table_top import may_be_row
from ..parsing.templates import LONGEST, message, parted
from ..parsing.word_table import joined
from ..placing import lines_of
from ..source.text import LINES, MOST_ROWS, Head, Source, is_utf8
from ..user_pattern import Searches, SlowPatternError, StoppedError, found_in

_EXPECTED = f"lines that match {parameter('pattern')}"
_GROUPS = ("case", "event", "time", "lifecycle", "message")


def matches(head: Head) -> bool:
    """Whether the first line begins with a time, most of the first records carry one near there, or begin with a level.

    A level that is a word by itself counts where there are stack traces as well.
    """
    if head.filled and stamp_first(head.filled[0]):
        return True
    lines = [line for number, line in enumerate(head.filled) if not number or not continuing(line)]
    if sum(map(stamped, lines)) * 2 > len(lines) or (len(lines) > 2 and most_have_epochs(lines)):
        return True
    beginning = [line for line in lines if not thrown(line)]
    return len(lines) < len(head.filled) and sum(map(levelled, beginning)) * 2 > len(beginning)


def opens(head: Head) -> bool:
    """Whether the first line begins with a time, and is no row of a table without a header and no request."""
    if not head.filled or not stamp_first(head.filled[0]):
        return False
    return not may_be_row(head.filled[0]) and not _asks(head.filled[0])


def _asks(line: str) -> bool:
    if " /" not in line or '"' not in line:
        return False
    from ..parsing.requests import asks  # whose patterns are compiled then

    return asks(line)


def read(source: Source, context: ReadContext) -> Iterator[Event | Events]:
    """Yield the events of a source.

    Examples
    --------
    >>> import io
    >>> with Source(io.BytesIO(b"2026-01-31 23:59:00 INFO lot 7 loaded in 3.5 s\\n")) as source:
    ...     list(read(source, ReadContext()))
    [Event(case=None, symbol='lot <*> loaded in <*>', time=1769903940.0)]
    """
    context.describe(source.name, "log")
    records = Records(source.cursor, _is_indented(source))
    if context.options.pattern is None:
        if context.per is not None:
            raise _without_members(context.per)
        yield from _messages(source, context, records)
        return
    pattern = _compiled(context)
    if "time" in pattern.groupindex:
        _prime(source, lambda lines: [found["time"] or "" for found in found_in(pattern, lines)], context)
    else:
        context.tells_untimed = context.options.silence is not None
        _prime(source, lambda lines: list(map(line_time, lines)), context)
    searches = Searches(source.switch)

    def one_by_one(lines: Iterator[tuple[int, str]]) -> Iterator[Event]:
        return _events(source, lines, pattern, searches, context, records)

    if context.tokeniser is None or "lifecycle" in pattern.groupindex:
        yield from one_by_one(source.lines(context))
    else:
        yield from MatchedLines(source, context, pattern, one_by_one, records, searches).events(context.tokeniser)


def _is_indented(source: Source) -> bool:
    """Tell whether all lines are indented; more than the first is waited for where that is."""
    first = next((line for line in source.head(1 + source.comments).filled if not line.startswith("#")), "")
    return first[:1].isspace() and indented([line for line in source.head(LINES).lines if line.strip()])


def _messages(source: Source, context: ReadContext, records: Records) -> Iterator[Event | Events]:
    """Yield an event for each record of a source, by the template of its message; many at once where no line is odd.

    Where a line has a time, it is that of its event; nobody has asked for one, so that nothing is said where there is
    none, unless silence is to cut the events.
    """
    tokeniser, clock, needed = context.tokeniser, context.clock, context.options.silence is not None
    context.tells_untimed = needed
    _prime(source, lambda lines: list(map(stamp, lines)), context)
    mask, many = for_messages(context.options), ManyTemplates()
    for number, block in source.blocks(context):
        found = _said(source, source.decoded(block, number, context), context, records)
        if needed or tokeniser is None or not is_utf8(block):
            each = ((line, mask(said), text) for line, said, text in found)
            if needed:
                yield from _with_moments(source, each, context)
            else:
                yield from (Event(None, symbol, clock.seconds_or_nan(text)) for _, symbol, text in each)
                context.tell_ambiguous(source.name)
        elif rows := list(found):
            said = [said for _, said, _ in rows]
            told = None if mask is as_it_is else many.of(said)
            symbols = tokeniser.find(*joined(said if told is None else told.texts), 0)
            symbols = symbols if told is None else symbols[told.places]
            moments = clock.many(*joined([text for _, _, text in rows]), 0, lenient=True)
            context.tell_ambiguous(source.name)
            places = lines_of([line for line, _, _ in rows]) if context.origins else None
            yield Events([], None, symbols, moments, places)


def _said(
    source: Source, lines: Iterator[tuple[int, str]], context: ReadContext, records: Records
) -> Iterator[tuple[int, str, str]]:
    """Yield the records of numbered lines of a source: its line, what it says, and the text of its time."""
    for number, text in lines:
        if not text.strip():
            continue
        time, said = parted(text)
        if len(said) > LONGEST:
            context.note(f"{source.name}: of messages longer than {LONGEST:,} characters the rest is left out")
        if len(said) < len(text) and text[0].isdigit():  # a time was taken off
            records.begin(True)
        elif records.goes_on(text):
            context.tell_continued(source.name)
            continue
        yield (
            number,
            said if said and not said.isspace() else text,
            time or (stamp(text) if len(said) == len(text) else ""),
        )


def _with_moments(source: Source, found: Iterator[tuple[int, str, str]], context: ReadContext) -> Iterator[Event]:
    """Yield the events of records each of which has to have a time."""
    for number, symbol, text in found:
        if not text:
            expected = "one near the start of each line, since silence is to cut them"
            context.bad(source.name, number, f"no time in the line of {shown(symbol)}", expected)
            continue
        try:
            yield Event(None, symbol, context.clock.seconds(text))
        except ValueError as error:
            context.bad(source.name, number, f"{shown(text)} {error.args[0]}", error.args[1])


def _events(
    source: Source,
    lines: Iterator[tuple[int, str]],
    pattern: re.Pattern[str],
    searches: Searches,
    context: ReadContext,
    records: Records,
) -> Iterator[Event]:
    """Yield the events of numbered lines of a source, as far as a stop leaves time for them."""
    says_nothing = takes_all(pattern)
    lifecycle = Lifecycle.of(context.options.lifecycle or JOIN) if "lifecycle" in pattern.groupindex else None
    for line, text in lines:
        if not text.strip():
            continue
        if says_nothing and records.goes_on(text):
            context.tell_continued(source.name)
            continue
        try:
            event = _event(searches(pattern.search, text), text, context, lifecycle)
            if "time" not in pattern.groupindex:
                context.tell_ambiguous(source.name)
        except DataError:
            raise
        except StoppedError:
            source.cursor.give_back()
            return
        except SlowPatternError as error:
            problem, expected = error.args
            context.bad(source.name, line, f"{problem} on {shown(text)}", expected)
            continue
        except ValueError as error:
            if not says_nothing and records.goes_on(text):
                context.tell_continued(source.name)
            else:
                context.bad(source.name, line, *error.args)
            continue
        if not says_nothing:
            records.begin(stamped(text))
        if event is not None:
            yield event


def _compiled(context: ReadContext) -> re.Pattern[str]:
    options = context.options
    pattern = re.compile(options.pattern or "")
    unknown = sorted(set(pattern.groupindex) - {*_GROUPS, context.per})
    if unknown:
        raise UsageError(f"{parameter('pattern')} has a group {unknown[0]!r}; it may have {', '.join(_GROUPS)}")
    if context.per is not None and context.per not in pattern.groupindex:
        raise _without_members(context.per)
    if options.lifecycle is not None and "lifecycle" not in pattern.groupindex:
        raise lacking(f"a group (?P<lifecycle>…) in {parameter('pattern')}")
    needed = next((name for name in ("time", "time_format") if getattr(options, name) is not None), None)
    if needed is not None and "time" not in pattern.groupindex:
        raise UsageError(f"{parameter(needed)} needs a group (?P<time>…) in {parameter('pattern')}")
    return pattern


def _without_members(per: str) -> UsageError:
    return UsageError(f"{parameter('per')} {per} needs a group (?P<{per}>…) in {parameter('pattern')}")


def _prime(source: Source, times_of: Callable[[list[str]], list[str]], context: ReadContext) -> None:
    """Let the first times tell what one of them alone does not: which is the day, and which the month."""

    def times(lines: list[str]) -> list[str]:
        return list(filter(None, times_of(lines)))

    if any(map(context.clock.doubtful, times(source.head().filled[:1]))):
        context.clock.prime(times(source.head(MOST_ROWS).lines[:MOST_ROWS]))
        context.tell_chosen(source.name)


def _event(
    found: re.Match[str] | None, text: str, context: ReadContext, lifecycle: Lifecycle | None = None
) -> Event | None:
    """Return the event of a line in which a pattern was found, None if its lifecycle is not wanted.

    Raises
    ------
    ValueError
        With what is wrong and what was expected.
    """
    if found is None:
        raise ValueError(f"no match for the pattern in {shown(text)}", _EXPECTED)
    groups = found.groupdict()
    for name, value in groups.items():
        if value is None:
            raise ValueError(f"group {name!r} matches nothing in {shown(text)}", _EXPECTED)
    time = _time(groups, text, context)
    mask = for_messages(context.options)
    if "event" in groups:
        symbol = for_events(context.options)(groups["event"])
    else:
        symbol = mask(groups["message"]) if "message" in groups else mask(message(text)) or mask(text)
    if is_no_event(symbol):
        raise ValueError(*no_event("", f"group {'event' if 'event' in groups else 'message'!r}"))
    if "case" in groups and is_no_case(groups["case"]):
        raise ValueError(*no_case(groups["case"], "group 'case'"))
    kept = symbol if lifecycle is None else lifecycle.symbol(symbol, groups["lifecycle"])
    case = groups.get("case")
    if context.per is not None:
        if wrong := no_member(groups[context.per], f"group {context.per!r}"):
            raise ValueError(*wrong)
        case = context.of_member(groups[context.per], case)
    return None if kept is None else Event(case, kept, time)


def _time(groups: dict[str, str], text: str, context: ReadContext) -> float:
    """Return the time of a line: that of its group, or the one it begins with, NaN if none is there nor needed."""
    found, needed = groups.get("time"), context.options.silence is not None
    if found is None:
        found = line_times([text], {name: [groups[name]] for name in naming(groups)})[0]
        if not needed:
            return context.clock.seconds_or_nan(found)
        if not found:
            group = f"a group (?P<time>…) in {parameter('pattern')}, or a time near the start of each line"
            raise ValueError(f"no time in {shown(text)}", f"{group}, since silence is to cut them")
    try:
        return context.clock.seconds(found)
    except ValueError as error:
        raise ValueError(f"{shown(found)} {error.args[0]}", error.args[1]) from None


FORMAT = Format(matches, read, uses=EVENTS | {"pattern", "mask", "per"}, opens=opens)
