"""ReadContext: what the readers have to say besides the data, for whoever asked them to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import DataError
from .options import ReadOptions
from .parsing.times import Clock
from .source.stopping import StopSwitch

if TYPE_CHECKING:
    from .parsing.tokeniser import Tokeniser

MESSAGES_KEPT = 5


def shown(text: str, limit: int = 40) -> str:
    """Return a text quoted for a message: one line, shortened.

    Examples
    --------
    >>> shown("two\\nlines")
    "'two\\\\nlines'"
    """
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")


@dataclass(slots=True)
class ReadContext:
    """Options in, notes and counts out.

    Attributes
    ----------
    options : ReadOptions
        How to read.
    notes : list of str
        Lines worth telling the user, each once: guesses and defaults.
    skipped : int
        Bad lines left out so far (only with ``on_error="skip"``).
    messages : list of str
        The first few errors among them.
    rejected : int
        Abbadingo strings left out because their label says they are not in the language.
    room : int or None
        Bytes for open cases, their names and events; None for no limit but that of the options.
    forced_closed : int
        Cases closed early because too many were open.
    traces, events : int
        Handed on so far.
    clock : Clock
        Turns texts into seconds; kept over all sources so that years without a name go on.
    switch : StopSwitch
        Ends the reading early; what was read by then is handed on.
    tokeniser : Tokeniser, optional
        The quick way for formats of plain words; without it they go the general one.

    Examples
    --------
    >>> context = ReadContext(ReadOptions(on_error="skip"))
    >>> context.bad("a.txt", 3, "no number", "a length")
    >>> context.skipped, context.messages
    (1, ['a.txt:3: no number (expected: a length)'])
    """

    options: ReadOptions = field(default_factory=ReadOptions)
    notes: list[str] = field(default_factory=list)
    skipped: int = 0
    messages: list[str] = field(default_factory=list)
    rejected: int = 0
    room: int | None = None
    forced_closed: int = 0
    traces: int = 0
    events: int = 0
    clock: Clock = field(default_factory=Clock)
    switch: StopSwitch = field(default_factory=StopSwitch)
    tokeniser: Tokeniser | None = None

    def note(self, text: str) -> None:
        """Keep a line for the user, unless it has been said already."""
        if text not in self.notes:
            self.notes.append(text)

    def describe(self, source: str, name: str, columns: Mapping[str, str | None] | None = None) -> None:
        """Note the format of a source and its columns, as far as they were guessed."""
        found = {key: column for key, column in (columns or {}).items() if column is not None}
        details = ", ".join(f"{key}={column}" for key, column in found.items())
        guessed = [] if self.options.format is not None or self.options.pattern is not None else ["guessed"]
        if any(getattr(self.options, key) is None for key in found):
            guessed.append(f"columns {details}")
        if guessed:
            self.note(f"{source}: format {name} ({'; '.join(guessed)})")

    def bad(self, source: str, line: int | None, problem: str, expected: str = "") -> None:
        """Raise a `DataError`, or count it where bad lines are to be skipped."""
        error = DataError(source, line, problem, expected)
        if self.options.on_error == "stop":
            raise error
        self.skipped += 1
        if len(self.messages) < MESSAGES_KEPT:
            self.messages.append(str(error))
