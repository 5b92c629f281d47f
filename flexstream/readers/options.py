"""ReadOptions: everything a user can say about how to read a source."""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from ..arguments import check_fields, written
from ..budget import format_memory, parse_memory
from ..classes import dataclass
from ..errors import UsageError, parameter

LIMITS = frozenset({"max_open_cases", "max_open_events", "longest_line"})
"""Options that are never exceeded, whether or not anything comes near them."""
ALWAYS = LIMITS | {
    "preset",
    "format",
    "redact",
    "encoding",
    "follow",
    "on_error",
    "window",
    "stride",
    "start",
    "cut",
    "durations",
}
"""Options that may be given for all formats."""
EVENTS = frozenset({"gap", "idle", "time_format", "lifecycle"})
"""Options for single events, which say nothing where traces are whole."""
FIELDS = frozenset({"case", "event", "time", "per"})
"""Options that name columns or fields of events."""
LEAST_LINE = 1 << 19
"""Bytes of a line that are held in any case: those of a chunk."""
RIVALS = {
    "event": ("sequence",),
    "sequence": ("event",),
    "window": ("stride",),
    "pattern": ("format",),
    "format": ("pattern",),
}
"""Options beside which others, of a model or a preset, mean nothing or something else."""


def encoding_name(name: str) -> str:
    """Return the usual name of an encoding of text.

    Raises
    ------
    UsageError
        If there is none of this name.

    Examples
    --------
    >>> encoding_name("Latin1"), encoding_name("UTF8")
    ('iso8859-1', 'utf-8')
    """
    try:
        found = codecs.lookup(name)
        "".encode(name)  # which refuses what encodes no text, such as hex
    except (LookupError, ValueError, TypeError):
        expected = "such as utf-8, utf-16, latin-1, cp1252 or shift_jis"
        raise UsageError(f"no {parameter('encoding')} {name!r} (expected: one that Python knows, {expected})") from None
    return "utf-8" if found.name in {"utf-8", "utf-8-sig"} else found.name


def line_bytes(size: str | int) -> int:
    """Return the bytes of a longest line as people write them.

    Raises
    ------
    UsageError
        If it is no amount, or less than is held in any case.

    Examples
    --------
    >>> line_bytes("8MiB")
    8388608
    """
    try:
        found = parse_memory(size)
    except UsageError:
        found = 0
    if found < LEAST_LINE:
        expected = f"a number and a unit, such as 64MiB; {format_memory(LEAST_LINE)} or more"
        raise UsageError(f"{parameter('longest_line')} is {written(size)} (expected: {expected})")
    return found


class Applied(str):
    """The name of a preset whose options stand beside it."""

    __slots__ = ()


def expanded(given: Mapping[str, Any], told: Collection[str] | None = None) -> dict[str, Any]:
    """Return options with those of the preset that is among them.

    Parameters
    ----------
    given : mapping
        Options by their names.
    told : collection of str, optional
        Which of them come before those of the preset, and before what goes ill with them; by default all.

    Raises
    ------
    UsageError, DataError
        If there is no such preset.

    Examples
    --------
    >>> options = expanded({"preset": "otel", "case": "spanId"})
    >>> options["case"], options["event"]
    ('spanId', 'name')
    """
    name = given.get("preset")
    if name is None or isinstance(name, Applied):
        return dict(given)
    from .presets import preset  # which hardly anybody needs

    first = set(given if told is None else told)
    known = {field.name for field in fields(ReadOptions)} - {"preset", "follow"}
    displaced = {rival for option in first for rival in RIVALS.get(option, ())} - first
    read = {option: value for option, value in preset(name, known).read.items() if option not in displaced}
    return {
        **given,
        **{option: value for option, value in read.items() if option not in first},
        "preset": Applied(name),
    }


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read; every field has a default that fits a file which explains itself.

    Attributes
    ----------
    preset : str or None
        Name of a preset, or the path of one's own, see `flexstream.readers.presets`: its options hold where none are
        given here.
    format : str or None
        Name of an input format; None guesses it from the content, source by source.
    case, event, time, sequence : str or None
        Column, field or attribute names; None recognises the usual ones. ``event`` may join several
        with ``+``, as in ``concept:name+lifecycle:transition``. ``sequence`` holds a whole trace. An empty ``case``
        says that there is none: all events are one endless sequence; an empty ``time`` that events keep their places.
    time_format : str or None
        The form of all times, as for ``strptime``; ``%s`` is a number of seconds, milli-, micro- or nanoseconds since
        1970.  None recognises the usual forms.
    per : str or None
        Column, field, group of the pattern, or attribute that says which member of a fleet an event is of, a host or
        tool, whose cases are its own; ``"@file"``: its source.  Batches then name the member of each trace.
    lifecycle : str or None
        ``"join"`` adds the lifecycle of an event (``start``, ``complete`` …) to its name; the name of a lifecycle keeps
        only the events that have it; ``"all"`` keeps all under their names, as None does, which tells it.
    pattern : str or None
        Regular expression for raw log lines, with the named groups ``case``, ``event``, ``time``,
        ``lifecycle`` and ``message``, all optional. It implies the format ``log``.
    delimiter : str or None
        One character between CSV columns, or one or an arrow such as ``->`` between the symbols of lines; None chooses
        among comma, semicolon, tab and bar, and for lines among blanks, these and arrows.
    mask : bool or None
        Whether the symbol of an event is its template, in which what varies is masked; None masks the messages of
        logs, and a column or field of CSV and JSON that holds free text by its first rows; that is told.
    redact : bool
        Whether names of people and users, addresses, queries, secrets and long numbers are left out of symbols and
        messages, and names of cases altogether.
    encoding : str or None
        Encoding of the text, as Python names it; None takes UTF-16 and UTF-32 where a source begins like
        them, and otherwise UTF-8.
    idle : float or None
        Seconds of event time after which a silent case counts as finished.
    longest_line : str, int or None
        Bytes, such as ``"8MiB"``, of the longest line, record of JSON, row of CSV, and tag or comment of XML; None: a
        share of the memory, and 256 MiB where none is given.
    max_open_cases : int
        Cases held open at once; beyond it the case that has been silent longest is closed.
    max_open_events : int
        Events held in open cases at once; beyond it the case that has been silent longest is closed.
    gap : float or None
        Seconds of silence that cut a case in two, or events that have none.
    start : str or None
        An event that begins a trace, in its case or where there are none.
    window, stride : int or None
        Cut what is longer into traces of ``window`` events, one every ``stride`` events (default: ``window``), within
        each case, or trace, if there are any.
    cut : bool
        Cut few long cases, and few events without cases, into traces so short that states can be found in them, unless
        ``window``, ``gap`` or ``start`` say where.
    durations : bool
        Whether the time from each event of a trace to the next is handed on where times are known.
    follow : bool
        At the end of the last source wait for more.
    on_error : {"stop", "skip"}
        What a bad line does: end the reading, or be counted and left out.

    Raises
    ------
    UsageError
        If the options make no sense together.

    Examples
    --------
    >>> ReadOptions(window=10, stride=5).window
    10
    >>> ReadOptions(stride=5)
    Traceback (most recent call last):
    flexstream.errors.UsageError: `stride` needs `window`
    """

    preset: str | None = None
    format: str | None = None
    case: str | None = None
    event: str | None = None
    time: str | None = None
    sequence: str | None = None
    per: str | None = None
    lifecycle: str | None = None
    time_format: str | None = None
    pattern: str | None = None
    delimiter: str | None = None
    mask: bool | None = None
    redact: bool = False
    encoding: str | None = None
    idle: float | None = None
    gap: float | None = None
    start: str | None = None
    longest_line: str | int | None = None
    max_open_cases: int = 100_000
    max_open_events: int = 10_000_000
    window: int | None = None
    stride: int | None = None
    cut: bool = True
    durations: bool = True
    follow: bool = False
    on_error: str = "stop"

    def __post_init__(self) -> None:
        applied = isinstance(self.preset, Applied)
        check_fields(self)
        self._check_preset(applied)
        self._check_windows()
        self._check_cases()
        self._check_names()
        if self.longest_line is not None:
            object.__setattr__(self, "longest_line", line_bytes(self.longest_line))
        if self.on_error not in {"stop", "skip"}:
            raise UsageError(f"{parameter('on_error')} is stop or skip, not {self.on_error!r}")

    def _check_preset(self, applied: bool) -> None:
        """Take over the options of the preset, unless that was done when it was given."""
        if self.preset is None:
            return
        if not applied:
            told = {field.name: getattr(self, field.name) for field in fields(self)}
            for name, value in expanded(told, self.given).items():
                object.__setattr__(self, name, value)
            check_fields(self)
        object.__setattr__(self, "preset", Applied(self.preset))

    def _check_windows(self) -> None:
        if self.stride is not None and self.window is None:
            raise UsageError(f"{parameter('stride')} needs {parameter('window')}")
        if self.window is not None and self.window < 1:
            raise UsageError(f"{parameter('window')} must be at least 1, not {self.window}")
        if self.stride is not None and self.stride < 1:
            raise UsageError(f"{parameter('stride')} must be at least 1, not {self.stride}")

    def _check_cases(self) -> None:
        for name, seconds in (("idle", self.idle), ("gap", self.gap)):
            if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
                raise UsageError(f"{parameter(name)} must be a positive number of seconds, not {seconds}")
        if self.start is not None and not self.start.strip():
            raise UsageError(f"{parameter('start')} is the event with which a trace starts, not {self.start!r}")
        if self.max_open_cases < 1:
            raise UsageError(f"{parameter('max_open_cases')} must be at least 1, not {self.max_open_cases}")
        if self.max_open_events < 1:
            raise UsageError(f"{parameter('max_open_events')} must be at least 1, not {self.max_open_events}")

    def _check_names(self) -> None:
        if self.lifecycle is not None and (not self.lifecycle.strip() or self.sequence is not None):
            raise UsageError(
                f"{parameter('lifecycle')} is join, all, or the lifecycle of the events to keep, which whole "
                f"traces ({parameter('sequence')}) lack"
            )
        if self.sequence is not None and self.event is not None:
            sequence, event = parameter("sequence"), parameter("event")
            raise UsageError(f"{sequence} names whole traces and {event} single events: give one of them")
        if self.per is not None and not self.per.strip():
            raise UsageError(f"{parameter('per')} names what tells the members of a fleet apart, not {self.per!r}")
        arrow = self.delimiter is not None and re.fullmatch(r"[-=]{1,2}>", self.delimiter)
        if self.delimiter is not None and not arrow and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise UsageError(f"{parameter('delimiter')} must be one character, or an arrow, not {self.delimiter!r}")
        if self.redact and self.start is not None:
            from .texts.redaction import redacted  # whose patterns are compiled when it is imported

            object.__setattr__(self, "start", redacted(self.start))  # as the symbol will be
        if self.encoding is not None:
            object.__setattr__(self, "encoding", encoding_name(self.encoding))
        if self.time_format is not None:
            from .time_shapes import named_shape  # compiled loops, which only those need who read

            named_shape(self.time_format)
        if self.pattern is None:
            return
        if self.format not in {None, "log"}:
            raise UsageError(f"{parameter('pattern')} is for the format log, not {self.format}")
        try:
            re.compile(self.pattern)
        except (re.error, ValueError, OverflowError, RecursionError) as error:
            raise UsageError(f"{parameter('pattern')} is not a regular expression: {error}") from None

    @property
    def needs_times(self) -> str | None:
        """The parameter for which every event needs a time; None where times that can be read are welcome, and no more.

        >>> ReadOptions(idle=60).needs_times, ReadOptions().needs_times
        ('idle', None)
        """
        names = ("time", "idle", "gap", "time_format")
        return next((name for name in names if getattr(self, name) not in {None, ""}), None)

    @property
    def silence(self) -> float | None:
        """Seconds after which a silent case ends, whatever is to come of it."""
        given = [seconds for seconds in (self.idle, self.gap) if seconds is not None]
        return min(given, default=None)

    @property
    def cuts(self) -> bool:
        """Whether the user said where traces are cut."""
        return self.window is not None or self.gap is not None or self.start is not None

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the options that are not as they are by default.

        >>> ReadOptions(idle=60, case="lot").given
        ('case', 'idle')
        """
        return tuple(field.name for field in fields(self) if getattr(self, field.name) != field.default)

    @property
    def fields(self) -> tuple[str, ...]:
        """The column and field names the user gave."""
        given = (self.case, self.event, self.time, self.sequence)
        return tuple(name for name in given if name)
