"""ReadContext: what a format is given besides its source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...errors import UsageError, parameter
from ..diagnostics import Diagnostics, own_number, shown
from ..options import EVENTS, ReadOptions
from ..prior import SEPARATOR, changed
from ..texts import MASK
from .blank import is_no_case
from .fields import Layout, layout, parts
from .guessing import Guesses, complete
from .membership import FILE, joined
from .times import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from ..prior import Prior
    from ..source.text import Head
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
    prior : Prior, optional
        How the stream of a model was read; in it are the options then.

    Attributes
    ----------
    guesses : Guesses
        What columns were taken for; kept over all sources likewise.
    begun : dict
        What was known, noted and counted before the source that is read.

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
        prior: Prior | None = None,
    ) -> None:
        super().__init__(options if prior is None else prior.options)
        self._prior, self._columns = prior, dict[str, str]()
        self._masks: bool | None = None
        self.usual_window = None if prior is None else prior.window
        self.tokeniser, self.case_bytes = tokeniser, case_bytes
        self.clock = Clock(self.options.time_format) if clock is None else clock
        self.guesses = Guesses()
        self._to_tell: list[str] = []
        self._riddled = False
        self.begun: dict[str, Any] = {}

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of columns by which the format of a source is recognised."""
        per = () if self.options.per in {None, FILE} else (str(self.options.per),)
        return (*self.options.fields, *per, *(() if self._prior is None else self._prior.fields))

    @property
    def per(self) -> str | None:
        """The column, field or group that says which member of a fleet an event is of, if there is one."""
        return None if self.options.per == FILE else self.options.per

    def of_member(self, member: str, case: str | None) -> str:
        """Return the name of a case of a member; without a case all its events are one, which has to be cut."""
        if case is None:
            self.endless = True
        return joined(member, case)

    @property
    def delimiter(self) -> str | None:
        """What parts the cells of CSV, if it is known."""
        return self.options.delimiter if self.table is None else ","

    @property
    def told(self) -> Mapping[str, Any]:
        """The options that are given for these sources, and not taken over from a model."""
        return changed(self.options) if self._prior is None else self._prior.told

    def begin(self) -> None:
        """Forget what held for the source before."""
        self.begun = {**self.learned(), "diagnostics": self.state()}
        self.tells_untimed = True
        self.table, self.suggested, self.line_of = None, None, own_number
        if self._prior is not None:
            self.options, self._columns, self._masks = self._prior.options, {}, None

    def learned(self) -> dict[str, Any]:
        """Return what the sources before have taught about the next ones, as a document of numbers and texts."""
        guesses = {"guesses": self.guesses.state(), "texts": dict(self.guesses.texts)}
        return {"clock": self.clock.state(), **guesses}

    def take_over(self, learned: Mapping[str, Any]) -> None:
        """Know what another context has learned."""
        self.clock.restore(learned["clock"])
        self.guesses.restore(learned.get("guesses", ()))
        self.guesses.texts = dict(learned.get("texts", {}))

    def fits_pattern(self, head: Callable[[], Head]) -> bool:
        """Tell whether a source with this head is a log to be read by the pattern that was given, or by the model's."""
        return self.options.pattern is not None or (self._prior is not None and self._prior.matches(head().filled))

    def settle(self, source: str, name: str, used: Collection[str] | None = None) -> None:
        """Let the model's options hold for a source, as far as its format has a use for them, and tell them."""
        if self._prior is None:
            return
        self.options, self._columns = self._prior.for_format(name, used), self._prior.columns(name)
        self._masks = self._prior.masks(name)
        for text in (self._prior.taken_over(name, used), *self._prior.against()):
            if text is not None:
                self.note(text)

    def options_for(self, names: Collection[str]) -> ReadOptions:
        """Return the options for a source with these columns: what was guessed for the model is named, if it is there.

        Examples
        --------
        >>> from ..prior import Prior
        >>> manner = {"format": "csv", "case": "Pid", "event": "call", "guessed": ["format", "case", "event"]}
        >>> context = ReadContext(prior=Prior(manner, {}))
        >>> context.settle("log.csv", "csv")
        >>> [context.options_for(names).case for names in (["Pid", "call"], ["lot", "call"])]
        ['Pid', None]
        """
        named = {"event", "sequence"} if self.options.event is not None or self.options.sequence is not None else set()
        found: dict[str, Any] = {}
        for kind, column in self._columns.items():
            there = not column or set(parts(column, names)) <= set(names)
            if there and kind not in named and getattr(self.options, kind) is None:
                found[kind] = column
        return replace(self.options, **found) if found else self.options

    def unclear(self, time: str) -> bool:
        """Tell whether more times have to be looked at than one: it may mean several, or is none, and all are there."""
        return not self.live if is_no_case(time) else self.clock.doubtful(time)

    def layout(
        self,
        source: str,
        names: list[str],
        look: Callable[[], Profile],
        inside: Collection[str] = (),
        empty: Collection[str] = (),
    ) -> Layout:
        """Return which columns of a source hold what: named, recognised, or guessed, which is told.

        Parameters
        ----------
        source : str
            Its name, for the user.
        names : list of str
            Of the columns.
        look : callable
            Returns the profile of the columns; called only if something has to be guessed.
        inside : collection of str
            Names of fields inside objects of which the last part counts as well.
        empty : collection of str
            Names of times that hold none, and of events that hold one value.
        """
        known = self.guesses.known(tuple(names))
        if known is not None:
            return known
        options = self.options_for(names)
        dated, others = ([name for name in some if name not in empty] for some in (names, inside))
        found, guesses = complete(layout(dated, options, others), options, look, names)
        if not found.event and found.sequence is None and empty:  # what holds one value is better than nothing
            event = layout(names, options, inside).event
            found = found._replace(event=event if found.case not in event else ())
        if any(guess.kind == "time" for guess in guesses):
            cells = look().cells
            self.clock.prime(map(" ".join, zip(*(cells[name] for name in parts(found.time or "", cells)), strict=True)))
        self._to_tell = [f"{source}: {guess.told()}" for guess in guesses]
        if guesses and not any(guess.kind == "no time" for guess in guesses):  # the next source may tell
            self.guesses.keep(tuple(names), found)
        return found

    def masks(self, event: Sequence[str]) -> bool:
        """Tell whether the symbols of some columns are masked: as was said, or where one is free text."""
        if self.options.mask is not None:
            return self.options.mask
        return len(event) == 1 and self.guesses.texts.get(event[0], False)

    def masking(self, event: Sequence[str]) -> list[Callable[[str], str]]:
        """Return what is done to the texts of the columns of an event, one by one."""
        from .masking import masking  # compiled loops, which only those need who read

        usual, hidden = masking(self.masks(event)), self.hidden(event)
        return [(lambda text: MASK) if name in hidden else usual for name in event]

    def hidden(self, event: Sequence[str]) -> frozenset[str]:
        """Return which columns of an event hold nothing that anybody may read, by their names."""
        if not self.options.redact:
            return frozenset()
        from ..texts.redaction import personal

        return frozenset(filter(personal, event))

    def asks_for_text(self, event: Sequence[str], first: Callable[[], str]) -> bool:
        """Tell whether more rows have to be looked at to know whether a column is free text.

        Parameters
        ----------
        event : sequence of str
            The columns of the event; of several none is masked by itself.
        first : callable
            Returns the first cell.
        """
        if self.options.mask is not None or len(event) != 1 or event[0] in self.guesses.texts:
            return False
        if self._masks is None:
            from .free_text import may_be_text

            return may_be_text(event[0], first())
        self._know_text(event[0], self._masks)
        return False

    def look_for_text(self, source: str, event: Sequence[str], cells: Sequence[str]) -> None:
        """Find out whether a column of events is free text, which is masked then; that is told.

        Parameters
        ----------
        source : str
            Its name, for the user.
        event : sequence of str
            The columns of the event.
        cells : sequence of str
            The first of the column, if it is one.
        """
        if not self.asks_for_text(event, lambda: cells[0] if cells else ""):
            return
        from .free_text import is_text

        found = is_text(cells)
        self._know_text(event[0], found)
        if found:
            off = f"{parameter('no_mask')} keeps them as they are"
            self._to_tell.append(f"{source}: the texts of {event[0]} are free text, so what varies is masked; {off}")

    def _know_text(self, name: str, found: bool) -> None:
        self.guesses.texts[name] = found
        if found or "mask" in self.found:
            self.resolve(mask=found)

    def separator(self, source: str, name: str, traces: Iterable[str]) -> str | None:
        """Return what stands between the symbols of traces that are texts; None for blanks.

        It is what stood there for the model, or what the first traces tell; where they do not, what stood there in the
        sources before.

        Parameters
        ----------
        source, name : str
            Its name, and its format.
        traces : iterable of str
            The first.
        """
        if self._prior is not None and name == self._prior.format:
            found = self._prior.separator
        else:
            from .separators import separator_of  # whose patterns are compiled then

            first = [text for text in traces if text.strip()]
            found, before = separator_of(first), self.found.get(SEPARATOR)
            if found is None and before and all(before in text or len(text.split()) == 1 for text in first):
                found = before
        if found is not None:
            self.resolve(**{SEPARATOR: found})
            blanks = f"; {parameter('delimiter')} ' ' parts at blanks" if name == "lines" else ""
            self.note(f"{source}: symbols are apart by {shown(found)}{blanks}")
        return found

    def whole_traces(self, source: str, timed: bool = False) -> None:
        """Note that a source holds whole traces, the events of which may have times.

        Raises
        ------
        UsageError
            If options are given that are for single events.
        """
        lost = [name for name in self.options.given if name in EVENTS or (name == "time" and not timed)]
        if lost:
            told = ", ".join(map(parameter, lost))
            raise UsageError(f"{source} holds whole traces, on which {told} has no effect; leave it out")

    def tell_riddle(self, source: str) -> None:
        """Say once what a time looks like that is not understood, where this is no error."""
        if self.clock.riddle is None or self._riddled:
            return
        self._riddled = True
        text, problem, expected = self.clock.riddle
        self.note(f"{source}: the time {shown(text)} {problem}; such events keep their place ({expected})")

    def tell_ambiguous(self, source: str) -> None:
        """Say once what a time looks like that may mean several, where nothing is said of those that are none."""
        if self.clock.ambiguous is not None and not self._riddled:
            self.clock.riddle = self.clock.ambiguous
            self.tell_riddle(source)

    def describe(self, source: str, name: str, columns: Mapping[str, str | None] | None = None) -> None:
        """Note the format of a source and its columns, as far as they were guessed, and why."""
        super().describe(source, name, columns)
        for text in self._to_tell:
            self.note(text)
        self._to_tell = []
        self.tell_chosen(source)

    def tell_chosen(self, source: str) -> None:
        """Say how a time is read that may mean several, where something else than its day tells."""
        if self.clock.chosen is not None:
            text, form, why = self.clock.chosen
            other = f"{parameter('time_format')} overrules it"
            self.note(f"{source}: times such as {shown(text)} are read as {form}, {why}; {other}")
