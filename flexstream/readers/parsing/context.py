"""ReadContext: what a format is given besides its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..diagnostics import Diagnostics, shown
from ..options import ReadOptions
from .fields import Layout, layout
from .guessing import Guesses, complete
from .times import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .profile import Profile
    from .tokeniser import Tokeniser


class ReadContext(Diagnostics):
    """Diagnostics with the services that formats share.

    Parameters
    ----------
    options : ReadOptions, optional
        How to read.
    tokeniser : Tokeniser, optional
        The fast path for formats of plain words; without it they take the general path.
    case_bytes : int, optional
        Bytes for open cases, of which tables of case names may take a quarter; no limit by default.
    clock : Clock, optional
        Turns texts into seconds; kept over all sources so that years without a name go on.

    Attributes
    ----------
    guesses : Guesses
        What columns were taken for; kept over all sources likewise.

    Examples
    --------
    >>> context = ReadContext(ReadOptions(format="lines"))
    >>> context.clock.seconds("1970-01-01T00:01:00Z"), context.tokeniser
    (60.0, None)
    """

    def __init__(
        self,
        options: ReadOptions | None = None,
        tokeniser: Tokeniser | None = None,
        case_bytes: int | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(options)
        self.tokeniser, self.case_bytes = tokeniser, case_bytes
        self.clock = Clock(self.options.time_format) if clock is None else clock
        self.guesses = Guesses()
        self._to_tell: list[str] = []
        self._riddled = False

    def layout(self, source: str, names: list[str], look: Callable[[], Profile]) -> Layout:
        """Return which columns of a source hold what: named, recognised, or guessed, which is told.

        Parameters
        ----------
        source : str
            Its name, for the user.
        names : list of str
            Of the columns.
        look : callable
            Returns the profile of the columns; called only if something has to be guessed.
        """
        known = self.guesses.known(tuple(names))
        if known is not None:
            return known
        recognised = layout(names, self.options)
        found, guesses = complete(recognised, self.options, look)
        self._to_tell = [f"{source}: {guess.told()}" for guess in guesses]
        if guesses:
            self.guesses.keep(tuple(names), found)
        return found

    def tell_riddle(self, source: str) -> None:
        """Say once what a time looks like that is not understood, where this is no error."""
        if self.clock.riddle is None or self._riddled:
            return
        self._riddled = True
        text, problem, expected = self.clock.riddle
        self.note(f"{source}: the time {shown(text)} {problem}; such events keep their place ({expected})")

    def describe(self, source: str, name: str, columns: Mapping[str, str | None] | None = None) -> None:
        """Note the format of a source and its columns, as far as they were guessed, and why."""
        super().describe(source, name, columns)
        for text in self._to_tell:
            self.note(text)
        self._to_tell = []
