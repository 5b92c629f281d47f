"""Inspection: what the first bytes of a source are taken for, and what else they may be, before anything is learned."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..errors import DataError, Message, parameter
from ..learning.learner import StreamLearner
from ..readers.formats import guess, has_columns
from ..readers.listing import Data, listed
from ..readers.options import ReadOptions
from ..readers.parsing.profile import Candidate, Column, Profile
from ..readers.parsing.templates import template
from ..readers.parsing.wide import numbered
from ..readers.reading import Reading
from ..readers.source.encodings import UTF8, instead_of_utf8
from ..readers.source.foreign import NoLogError
from ..readers.source.text import Head, Source
from ..readers.tables.tabular import Table
from .first_rows import MOST_ROWS, first_rows
from .judge import judge
from .verdict import Value, Verdict, quoted, typed

TRACES = 3
LOOK_AGAIN = frozenset({"all_masked", "symbols_as_events"})
"""Verdicts on how the first rows are read that no option mends which is known: a user has to look."""
MANY_ONCE = 0.5
"""Symbols for each event of the first rows of a longer source, above which symbols are names."""
MOST_EVENTS = 12
"""Events of a trace that are shown."""

PACKED = ".gz"
"""What a file ends in that ``gunzip`` unpacks beside itself."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of a source from its first lines.

    Attributes
    ----------
    source : str
    whole : bool
        Whether these lines are all there is.
    format : str or None
        None where nothing could be read.
    encoding : str
    columns : tuple of Column
        What stands in the columns, fields or groups of a pattern; empty where there are none.
    roles : dict of str to str
        The columns of case, event, time and sequence.
    span : (str, str) or None
        The first and the last time.
    cases, events : tuple of Candidate
        Columns that may be the case, those that make the events most predictable first, and the event.
    traces : list of (name or None, list of str)
        The first few, with their first events.
    counts : dict of str to int
        Traces, events and symbols in the first lines.
    notes : tuple of Message
        What the reader has to say: guesses, and what is left out.
    problem : Message or None
        What ended the reading, if something did.
    verdict : Verdict or None
        What speaks for reading it otherwise.
    better : mapping
        Options that promise a better reading, that of the verdict among them; empty where the present one will do.
    whole_columns : Profile or None
        The columns with their cells.
    preset : str or None
        One for what the source looks like.
    foreign : bool
        Whether it is no log at all, but a file of another kind.
    taken_by : str or None
        Of such a file the command that takes it, with ``{}`` for its name; None: none of FlexStream's does.
    """

    source: str
    whole: bool
    format: str | None
    encoding: str
    columns: tuple[Column, ...]
    roles: dict[str, str]
    span: tuple[str, str] | None
    cases: tuple[Candidate, ...]
    events: tuple[Candidate, ...]
    traces: list[tuple[str | None, list[str]]]
    counts: dict[str, int]
    notes: tuple[Message, ...]
    problem: Message | None
    verdict: Verdict | None
    better: Mapping[str, Value]
    whole_columns: Profile | None
    preset: str | None = None
    foreign: bool = False
    taken_by: str | None = None

    def command(self, source: str, given: Mapping[str, Any] | None = None) -> list[str]:
        """Return the command that learns from the source, with the options given and those that are better.

        Where there is a problem, or a model would say nothing, it is the one that looks again once that is mended.
        """
        flexstream, learn, *others = self._learning.command([source], given)
        return [flexstream, learn if self.learnable else "inspect", *others]

    def line(self, source: str, given: Mapping[str, Any] | None = None) -> str:
        """Return the command as one types it, with the program that the source goes through first, where one helps."""
        return self._learning.line([source], given) if self.learnable else typed(self.command(source, given))

    @property
    def _learning(self) -> Verdict:
        through = self.verdict.through if self.verdict is not None and self.learnable else ""
        return Verdict("", Message(""), self.better, through=through)

    @property
    def learnable(self) -> bool:
        """Whether there is no problem, and nothing that would make a model say nothing."""
        verdict = self.verdict
        again = verdict is not None and verdict.verb == "inspect" and verdict.code in LOOK_AGAIN
        return self.problem is None and not again

    def to_document(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return {
            "source": self.source,
            "whole": self.whole,
            "format": self.format,
            "encoding": self.encoding,
            "columns": [asdict(column) for column in self.columns],
            "roles": self.roles,
            "span": self.span,
            "cases": [asdict(candidate) for candidate in self.cases],
            "events": [asdict(candidate) for candidate in self.events],
            "traces": [{"trace": name, "events": events} for name, events in self.traces],
            "first": self.counts,
            "notes": [str(note) for note in self.notes],
            "problem": None if self.problem is None else str(self.problem),
            "verdict": None if self.verdict is None else self.verdict.to_document(),
            "better": dict(self.better),
            "log": not self.foreign,
            "taken_by": None if self.taken_by is None else self.taken_by.format(quoted([self.source])),
        }


def inspected(source: Data, options: ReadOptions | None = None) -> Inspection:
    """Return what the first 64 KiB of a source are taken for.

    Parameters
    ----------
    source : path, ``"-"`` for stdin, binary file object, or frame
        Of a pipe so much is waited for.
    options : ReadOptions, optional
        How to read it.

    Raises
    ------
    DataError
        If the source cannot be opened.

    Examples
    --------
    >>> found = inspected(io.BytesIO(b"lot,task\\n" + b"7,load\\n8,load\\n7,run\\n" * 20))
    >>> found.format, found.roles, found.traces[1][1][:2]
    ('csv', {'case': 'lot', 'event': 'task'}, ['load', 'load'])
    """
    wanted = replace(options or ReadOptions(), follow=False)
    with Source(listed(source)[0], encoding=wanted.encoding) as opened:
        head, table, failure = opened.head(MOST_ROWS, wanted.fields), opened.table, opened.failure
        first = _First(head, opened.encoding, table)
    read_as = _encoding(first, wanted)
    found = _with_better(first if read_as is None else first.decoded(read_as), wanted)
    if read_as is not None:
        text = f"is no UTF-8, and here read as {read_as}, which learning takes by {parameter('encoding')}"
        note = Message(f"{first.head.name}: {text}")
        found = replace(found, notes=(note, *found.notes), better={**found.better, "encoding": read_as})
    if failure is not None:
        found = replace(found, problem=failure.message)
    if isinstance(failure, NoLogError):
        found = replace(found, foreign=True, taken_by=_unpacked(failure.command, found.source))
    if found.preset is not None:
        found = replace(found, better={"preset": found.preset, **_only(found.better, "encoding")})
    if wanted.redact:
        found = replace(found, columns=tuple(replace(one, examples=()) for one in found.columns), whole_columns=None)
    return found if table is None else replace(found, format=table.title)


@dataclass(frozen=True, slots=True)
class _First:
    """The first rows of a source, to be read in one way or another."""

    head: Head
    encoding: str
    table: Table | None

    @property
    def data(self) -> bytes:
        """Its lines; one that the end of the head cuts in two is none, unless it is the only one."""
        head = self.head
        return head.data if head.ended else head.data[: head.data.rfind(b"\n") + 1] or head.data

    def decoded(self, encoding: str) -> _First:
        """Return them as they are in another encoding than UTF-8."""
        head = self.head
        data = self.data.decode(encoding, "replace").encode()
        return _First(Head(data, head.ended, head.name, head.fields), encoding, self.table)

    def opened(self) -> Data:
        """Return them as a source."""
        head, data = self.head, self.data
        if self.table is None:
            return _Named(data, head.name)
        return Table(head.name, self.table.title, self.table.form, lambda: iter([data]))


def _encoding(first: _First, wanted: ReadOptions) -> str | None:
    """Return the encoding of rows that are no UTF-8, where nobody has said which; None for the one they are read by."""
    if wanted.encoding is not None or first.encoding != UTF8 or first.table is not None:
        return None
    return instead_of_utf8(first.data)


def _only(options: Mapping[str, Value], name: str) -> dict[str, Value]:
    return {name: options[name]} if name in options else {}


def _with_better(first: _First, wanted: ReadOptions) -> Inspection:
    """Return what is found, with the options that promise more."""
    found = _read(first, wanted)
    messages = _messages(found)
    if messages is not None and not (again := _read(first, replace(wanted, event=messages, mask=True))).problem:
        return replace(again, better={"event": messages, "mask": True, **again.better})
    spread = _spread(found)
    if spread is not None and not (again := _read(first, replace(wanted, sequence=spread))).problem:
        return replace(again, better={"sequence": spread, **again.better})
    return found


def _spread(found: Inspection) -> str | None:
    """Return the pattern of columns that each hold an event of a trace, where nothing else can be the event."""
    if not has_columns(found.format) or found.traces or found.problem is None:
        return None
    return numbered([column.name for column in found.columns if column.kind not in {"decimal", "whole", "time"}])


def _messages(found: Inspection) -> str | None:
    """Return the column of messages that are events once they are masked, where nothing else can be the event."""
    if not has_columns(found.format) or found.traces or found.problem is None or found.whole_columns is None:
        return None
    cells = found.whole_columns.cells
    forms = {name: len(set(map(template, values))) for name, values in cells.items()}
    fitting = [
        column.name
        for column in found.columns
        if column.kind in {"text", "word"} and 1 < forms[column.name] <= column.distinct / 4
    ]
    return min(fitting, key=lambda name: forms[name], default=None)


class _Named(io.BytesIO):
    """Bytes that come from somewhere."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


def _read(first: _First, options: ReadOptions) -> Inspection:
    head, learner = first.head, StreamLearner()
    reading = Reading(first.opened(), learner.alphabet.copy(), replace(options, encoding=None))
    traces: list[tuple[str | None, list[str]]] = []
    problem = None
    try:
        for batch in reading:
            learner.learn_many(batch, reading.alphabet)
            for row, trace in zip(range(TRACES - len(traces)), batch, strict=False):
                name = None if batch.names is None else batch.names[row]
                traces.append((name, [reading.alphabet.text(symbol) for symbol in trace[:MOST_EVENTS].tolist()]))
    except DataError as error:
        # XML that breaks off where the head ends is no problem of the source.
        problem = None if not head.ended and learner.traces else error.message
    if problem is None and head.ended and not learner.traces:
        problem = DataError(head.name, None, "no trace came", "at least one trace or event").message
    format = reading.format or options.format or (guess(head) if head.data else None)
    rows = first_rows(reading, format)
    profile = None if rows is None else rows.profile
    verdict = _better(judge(learner, reading), _many_once(learner, head)) if learner.traces else None
    return Inspection(
        source=head.name,
        whole=head.ended,
        format=format,
        encoding=first.encoding,
        traces=traces,
        counts={"traces": learner.traces, "events": learner.events, "symbols": len(learner.alphabet)},
        notes=tuple(reading.notes),
        problem=problem,
        verdict=verdict,
        better={} if verdict is None else verdict.options,
        preset=reading.suggested,
        **_of_columns(profile, _roles(reading, profile)),
    )


def _unpacked(command: str | None, source: str) -> str | None:
    """Return a command that takes a file, behind one that unpacks it where it is packed: what we write is not."""
    if command is None or "{}" not in command or not source.endswith(PACKED):
        return command
    bare = quoted([source.removesuffix(PACKED)]).replace("{", "{{").replace("}", "}}")
    return f"gunzip -k {{}} && {command.format(bare)}"


def _roles(reading: Reading, profile: Profile | None) -> dict[str, str]:
    """Return which column is what; of a pattern each group says so itself."""
    if reading.columns or profile is None or reading.options.pattern is None:
        return dict(reading.columns)
    return {column.name: column.name for column in profile.columns}


def _of_columns(profile: Profile | None, roles: dict[str, str]) -> dict[str, Any]:
    """Return what the columns say."""
    if profile is None:
        return {"columns": (), "roles": roles, "span": None, "cases": (), "events": (), "whole_columns": None}
    named = [name for name in roles.get("event", "").split("+") if profile.column(name)]
    times = [cell for cell in profile.cells.get(roles.get("time", ""), []) if cell]
    return {
        "columns": profile.columns,
        "whole_columns": profile,
        "roles": roles,
        "span": (times[0], times[-1]) if times else None,
        "cases": tuple(profile.cases(named)) if named else (),
        "events": tuple(profile.events(roles.get("case"))),
    }


def _many_once(learner: StreamLearner, head: Head) -> bool:
    """Whether there are too many symbols, as far as the first rows tell: a few come again later."""
    return head.ended or len(learner.alphabet) > MANY_ONCE * learner.events


def _better(verdicts: Sequence[Verdict], many_once: bool) -> Verdict | None:
    """Return the first verdict that says how to read otherwise, or what to mend, or that rows stand twice.

    How many traces there are tells the whole source alone.
    """
    learn = next((verdict for verdict in verdicts if verdict.verb == "learn"), None)
    mend = next((one for one in verdicts if one.code in LOOK_AGAIN and (many_once or one.code == "all_masked")), None)
    return learn or mend or next((verdict for verdict in verdicts if verdict.code == "rows_twice"), None)
