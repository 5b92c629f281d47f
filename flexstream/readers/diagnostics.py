"""Diagnostics: what the readers have to say and to count besides the data."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..classes import dataclass
from ..errors import DataError, Message, UsageError
from ..stream.manner import Manner
from .options import ReadOptions
from .prior import manner_of

MESSAGES_KEPT = 5


def shown(text: str, limit: int = 40) -> str:
    """Return a text quoted for a message: one line, shortened.

    Examples
    --------
    >>> shown("two\\nlines")
    "'two\\\\nlines'"
    """
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")


def own_number(line: int) -> int:
    """Return the number of a line."""
    return line


@dataclass(slots=True)
class ReadStats:
    """What a reading has counted so far.

    Attributes
    ----------
    traces, events : int
        In the batches handed on.
    closed_early : int
        Traces among them that are cases closed because too many were open.
    cut_short : int
        How many traces go on with a case that was, about so where there are many: what was before them was cut short.
    other_events : int
        Events among them whose symbol found no capacity in the alphabet and counts as its catch-all.
    skipped : int
        Bad lines and sources left out (only with ``on_error="skip"``).
    messages : list of Message
        The first few errors among them.
    rejected : int
        Abbadingo strings left out because their label says they are not in the language.
    late : int
        Events that came too late to be put in the order of the times: those behind them had been handed on.
    untimed : int
        Events whose time is missing or not understood, where this is no error; they keep their place.
    astray : int
        Events whose times lie years away from all others; they keep their place.
    continued : int
        Lines of a log that go on with what the line above says, such as those of a stack trace.
    """

    traces: int = 0
    events: int = 0
    closed_early: int = 0
    cut_short: int = 0
    other_events: int = 0
    skipped: int = 0
    messages: list[Message] = field(default_factory=list)
    rejected: int = 0
    late: int = 0
    untimed: int = 0
    astray: int = 0
    continued: int = 0


class Diagnostics:
    """Takes what is worth telling and the bad lines, and keeps the counts.

    Parameters
    ----------
    options : ReadOptions, optional
        What was guessed hangs on them, and what a bad line does.

    Attributes
    ----------
    stats : ReadStats
    notes : list of Message
        Lines worth telling the user, each once: guesses and defaults.
    encoding : str
        Of the source that is read.
    live : bool
        Whether what is read may be watched while it is written: it is followed, or no file.
    ahead : bool
        Whether a thread of its own reads ahead of what puts cases together.
    tells_untimed : bool
        Whether events without a time are counted: not where nothing says that they should have one.
    usual_window : int or None
        Length of the windows into which events without cases are cut where nobody says otherwise, if it is known.
    table : str or None
        What the source is called where it is a table, whose rows are written out as text.
    suggested : str or None
        A preset for what the source looks like.
    fleet : bool
        Whether traces are of members that are told apart.
    endless : bool
        Whether the events of a member of a fleet are one endless case, which has to be cut.
    usual_gap : float or None
        Seconds of silence that cut a case in two where nobody says otherwise, as is usual for a format; set before its
        first event.
    found : dict
        Options that were recognised in the sources, by name; None where these differ.
    doubtful : bool
        Whether the format of a source was guessed, and what it holds looks like something else.
    origins : bool
        Whether somebody asks where events stood.
    line_of : callable
        Returns the number that a line of a source has for the user.
    format : str or None
        Format of the source that was described last.
    columns : dict of str to str
        Its columns of case, event, time and sequence, as far as it has any.

    Examples
    --------
    >>> diagnostics = Diagnostics(ReadOptions(on_error="skip"))
    >>> diagnostics.bad("a.txt", 3, "no number", "a length")
    >>> diagnostics.stats.skipped, diagnostics.stats.messages
    (1, ['a.txt:3: no number (expected: a length)'])
    """

    def __init__(self, options: ReadOptions | None = None) -> None:
        self.options = options or ReadOptions()
        self.stats = ReadStats()
        self.notes: list[Message] = []
        self.format: str | None = None
        self.columns: dict[str, str] = {}
        self.encoding, self.doubtful, self.live, self.ahead = "utf-8", False, False, False
        self.tells_untimed = True
        self.origins, self.line_of = False, own_number
        self.found: dict[str, Any] = {}
        self._manner: Manner | None = None
        self.usual_window: int | None = None
        self.usual_gap: float | None = None
        self.endless = self.fleet = False
        self.table: str | None = None
        self.suggested: str | None = None
        self._described: str | None = None
        self._doubt: str | None = None

    def note(self, text: str) -> None:
        """Keep a line for the user, unless it has been said already."""
        message = Message(self._open(text))
        if message not in self.notes:
            self.notes.append(message)

    def _open(self, text: str) -> str:
        """Return a text as everybody may read it: without what it tells of people, where that is to be left out."""
        if not self.options.redact:
            return text
        from .texts.redaction import redacted_message

        return redacted_message(text)

    def without_data(self, error: DataError) -> DataError:
        """Return an error without what it quotes of the data."""
        return DataError(error.source, error.line, self._open(error.problem.marked), self._open(error.expected.marked))

    def describe(self, source: str, name: str, columns: Mapping[str, str | None] | None = None) -> None:
        """Note the format of a source and its columns, as far as they were guessed."""
        doubt, self._doubt = self._doubt, None
        self.format = name
        self.columns = found = {key: column for key, column in (columns or {}).items() if column is not None}
        before = self.found.get("format")
        self.resolve(format=name, **({"case": "", **found} if "event" in found else found))
        if self._described == source:
            self._described = None
            return
        details = ", ".join(f"{key}={column}" for key, column in found.items())
        sure = self.table is not None or self.options.format is not None or self.options.pattern is not None
        guessed = [] if sure else ["guessed"]
        if any(getattr(self.options, key) is None for key in found):
            guessed.append(f"columns {details}")
        if guessed:
            self.note(f"{source}: format {self.table or name} ({'; '.join(guessed)})")
        if before not in {None, name}:
            self.note(f"{source}: read as {name}, sources before it as {before}; all are taken for one stream")
        if doubt is not None:
            self.note(doubt)

    def resolve(self, **found: Any) -> None:
        """Keep options that were found in a source; what another source says otherwise is not known of all."""
        for name, value in found.items():
            if self.found.setdefault(name, value) != value:
                self.found[name] = None
        self._manner = None

    @property
    def manner(self) -> Manner:
        """How the sources are read: the options given, and those found so far."""
        if self._manner is None:
            self._manner = manner_of(self.options, self.found)
        return self._manner

    def doubt(self, text: str) -> None:
        """Keep what speaks against the guess of a format, until that is described."""
        self.doubtful, self._doubt = True, text

    def tell_continued(self, source: str) -> None:
        """Count a line that belongs to the one above."""
        if not self.stats.continued:
            self.note(f"{source}: lines without a time, such as those of stack traces, belong to the line above")
        self.stats.continued += 1

    def described(self, source: str) -> None:
        """Leave out the next description of a source, which is read on from its middle."""
        self._described = source

    def bad(self, source: str, line: int | None, problem: str, expected: str = "") -> None:
        """Raise a `DataError`, or count it where bad lines are to be skipped."""
        stops = self.options.on_error == "stop"
        self.stats.skipped += not stops
        if not stops and len(self.stats.messages) >= MESSAGES_KEPT:
            return
        error = DataError(source, line, self._open(problem), self._open(expected))
        if stops:
            raise error
        self.stats.messages.append(error.message)

    def state(self) -> dict[str, Any]:
        """Return notes and counts as a document of numbers and texts."""
        stats = dataclasses.asdict(dataclasses.replace(self.stats, messages=[]))
        stats["messages"] = [message.marked for message in self.stats.messages]
        notes = [note.marked for note in self.notes]
        found = {"encoding": self.encoding, "doubtful": self.doubtful, "found": dict(self.found)}
        last = {"format": self.format, "columns": dict(self.columns), "suggested": self.suggested}
        return {"notes": notes, "stats": stats, **found, **last}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over notes and counts; what holds them here stays the same object."""
        self.notes[:] = map(Message, state["notes"])
        self.encoding, self.doubtful = state.get("encoding", "utf-8"), state.get("doubtful", False)
        self.found, self._manner = dict(state.get("found", {})), None
        if not all(value is None or isinstance(value, str | int | float) for value in self.found.values()):
            raise UsageError("the state of a reading is damaged: its options (expected: one as it was written)")
        self.format, self.columns = state.get("format"), dict(state.get("columns", {}))
        self.suggested = state.get("suggested")
        for name, value in state["stats"].items():
            setattr(self.stats, name, list(map(Message, value)) if name == "messages" else value)
        if "cut_short" not in state["stats"]:  # of a version that did not look which came again
            self.stats.cut_short = self.stats.closed_early
