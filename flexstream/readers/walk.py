"""From sources to items: one source after the other, each read by its format."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..errors import DataError, UnopenedError, UsageError, parameter
from ..stream.batch import TraceBatch
from ..stream.origins import place_of
from ..stream.position import Position
from .beside import Beside
from .format import Format
from .formats import FORMATS, guess, opening
from .items import Events, Item
from .listing import Data, listed, title
from .options import ALWAYS, encoding_name
from .parsing.context import ReadContext
from .parsing.log_top import OF_LOGS, are_messages, comments_above, is_mail
from .parsing.membership import FILE, check_visible, of_file
from .redacted import redacted
from .refusals import check_repeatable, check_topics, nothing, without_effect
from .source.cleaning import blanked
from .source.cursor import Mark, Place
from .source.encodings import UTF8
from .source.known import Known, known_of
from .source.raw import EMPTIED, POLL_SECONDS, Where
from .source.rotation import File, identity
from .source.stopping import StopSwitch
from .source.text import LINES, LONGEST_LINE, PAUSE, SAMPLE, Head, Source
from .source.trail import Print
from .suggesting import suggest
from .tables.tabular import Table


class Walk:
    """Goes through sources and knows where it is.

    Parameters
    ----------
    sources : path, ``"-"`` for stdin, binary file object, frame, rows, or an iterable of sources
        What to read, see `flexstream.readers.listing.Data`. With ``options.follow`` the last one is waited for.
    context : ReadContext
        Told about guesses and bad lines.
    switch : StopSwitch, optional
        Ends the walk early; what was read by then is handed on.
    line_bytes : int
        Bytes that the longest line may take, unless the options say.
    resumable : bool
        Whether all bytes of sources without a middle count when they are read on.

    Attributes
    ----------
    last_line : callable, optional
        Called before the last line of all is handed on, if it lacks its line feed: `state` is that before it then.
    """

    def __init__(
        self,
        sources: Data,
        context: ReadContext,
        switch: StopSwitch | None = None,
        line_bytes: int = LONGEST_LINE,
        resumable: bool = False,
    ) -> None:
        self._sources = listed(sources)
        check_topics(self._sources)
        self._context, self._resumable = context, resumable
        self._line_bytes = int(context.options.longest_line or line_bytes)
        self.switch = StopSwitch() if switch is None else switch
        self._number, self._source, self._format = 0, cast("Source | None", None), ""
        self._start: Place | None = None
        self._name, self._encoding = "", UTF8
        self.names: dict[int, str] = {}
        self._sample: bytearray | None = None
        self._unopened = 0  # sources that could not be opened
        self._file: File | None = None
        self._beside = Beside(self.switch)
        self._kept: Known | None = None
        self.last_line: Callable[[], None] | None = None
        self._mark = self._held = cast("Mark | None", None)
        self._behind: dict[str, Any] | None = None  # the state at the end of the file before, where one was rotated

    def items(self, between: Callable[[], object] = lambda: None) -> Iterator[Item]:
        """Yield what the formats read, source by source, from where the walk is; call something between two sources."""
        first = self._number
        for number in range(first, len(self._sources)):
            # What a pipe already held when the stop came counts, so the first source is always looked at.
            if number > first and (between() or self.switch.requested):
                return
            self._number, follow = number, self._context.options.follow and number == len(self._sources) - 1
            try:
                yield from self._read(self._sources[number], follow)
            except UnopenedError as error:
                self._leave_out(error)

    def _leave_out(self, error: UnopenedError) -> None:
        """Leave out a source that cannot be opened, if bad ones are skipped and others are left."""
        self._unopened += 1
        everything = self._unopened == len(self._sources)
        if everything and self._unopened > 1 and self._context.options.on_error == "skip":
            problem = f"{error.problem.marked}, and so for all {self._unopened} sources: none can be read"
            raise UnopenedError(error.source, None, problem, error.expected.marked)
        if everything:
            raise error
        self._context.bad(error.source, None, error.problem.marked, error.expected.marked)
        self._context.note(f"{error.source}: {error.problem.marked}; it is left out, the others are read")

    def _read(self, where: Where | Table, follow: bool) -> Iterator[Item]:
        start, self._start = self._start, None
        known, file = None if start is None or not isinstance(start.known, Print) else start.known, self._file
        remember = (follow or self._resumable) and self._number == len(self._sources) - 1
        files, self._behind = self._beside.begin(where, known, file, remember), None
        self._file = None
        if start is None:
            self._context.begin()
        options = self._context.options
        name, again = (self._format if start is not None else options.format), False
        while True:
            encoding = options.encoding if start is None else self._encoding
            with self._opened(files, follow, start, encoding) as source:
                last = not files
                self._source, self._name, self._context.live = source, source.name, source.live
                source.count_all, self._mark = self._resumable, source.cursor.mark()
                source.last_line = self._before_last_line if last and not follow else None
                self.names[self._number] = source.name
                if start is not None and self._sample is not None and self._number == 0:
                    source.sample = self._sample
                self._sample = source.sample if self._sample is None else self._sample
                head = source.head(fields=self._context.fields) if start is None else None
                if head is not None and not head.data and not source.rotated and last:
                    if not self.switch.requested and not again:
                        nothing(source, self._context)
                    return
                if head is None or head.data:
                    self._tell_encoding(source)
                    name = self._format = self._of_table(source) or name or self._guess(source)
                    if name in OF_LOGS and head is not None:
                        source.comments = comments_above(source, options.pattern, self._context.fields)
                    self._context.settle(source.name, name, FORMATS[name].uses | ALWAYS)
                    items = self._fitting(name, source).read(source, self._context)
                    self._context.fleet = self._context.fleet or self._context.options.per is not None
                    if self._context.options.per == FILE:
                        items = of_file(items, source.name, self._context)
                    elif self._context.options.per is not None:
                        check_visible(self._context, self._context.options.per)
                    yield from redacted(items, self._context) if self._context.options.redact else items
                if last and not source.rotated:
                    return
                self._behind = self.state() or self._behind
                told, start = source.rotation(), None
                copies, self._start = self._beside.copied(source) if told == EMPTIED else ([], None)
                if self._start is not None:
                    start, told = self._start, f"was emptied while it was followed: its rest is read from {copies[0]}"
                if told is not None:
                    self._context.note(f"{source.name}: {told}")
                files = copies or self._beside.after(source) or files or [where]
            self._start, again = None, True
            self._await(where)

    def _opened(self, files: list[Any], follow: bool, start: Place | None, encoding: str | None) -> Source:
        """Open the first of some files, wherever it is by now; they become those that came after it."""
        doubted = "encoding" not in self._context.told
        while True:
            one = files.pop(0)
            source = Source(one, follow and not files, self.switch, self._line_bytes, start, encoding, doubted)
            if not (moved := self._beside.moved(one, source.file)):
                return source
            source.close()
            files[:] = moved

    def _await(self, where: Where | Table) -> None:
        """Wait until a file is there again that was there when another was seen to have taken its path."""
        while isinstance(where, str | os.PathLike) and not os.path.lexists(where) and not self.switch.requested:
            self.switch.waiting(lambda: time.sleep(POLL_SECONDS))

    def _tell_encoding(self, source: Source) -> None:
        self._context.encoding = self._encoding = source.encoding
        if source.encoding != UTF8 and self._context.options.encoding is None:
            self._context.note(f"{source.name}: encoding {source.encoding} (guessed)")
            self._context.resolve(encoding=source.encoding)

    def _of_table(self, source: Source) -> str | None:
        """Return the format in which the rows of a table are written; None for a source that is none."""
        table = source.table
        if table is None:
            return None
        self._context.table = table.title
        told = self._context.told
        useless = ("pattern", "delimiter", "encoding", *(() if table.grows else ("follow",)))
        without = [option for option in useless if option in told]
        if without or told.get("format", table.form) != table.form:
            option = parameter(without[0] if without else "format")
            raise UsageError(f"{source.name} is read as {table.title}, on which {option} has no effect; leave it out")
        return table.form

    def _guess(self, source: Source) -> str:
        """Return the format of a source: by its first line, where that leaves no doubt, or else by more of them."""
        fields = self._context.fields
        if self._context.fits_pattern(lambda: source.head(LINES, fields)):
            return "log"
        name = opening(source.head(1, fields))
        if name is None:
            head = source.head(LINES, fields)
            name = guess(head)
            if is_mail(head.filled):
                subjects = f"{parameter('pattern')} '^Subject: (?P<message>.*)' {parameter('on_error')} skip"
                raise DataError(source.name, 1, "mail, of many lines a message", f"its subjects, by {subjects}")
            if name in {"lines", "log"} and (above := comments_above(source, None, fields)):
                more = source.head(above + LINES, fields)
                below = guess(Head(blanked(more.data, above), more.ended, more.name, fields))
                name = below if below in OF_LOGS else name
            name = "log" if name == "lines" and are_messages(source, head, self._context) else name
            if name == "lines" and _looks_like_text(head):
                remedy = f"if it is a log: {parameter('format')} log, or {parameter('pattern')} with a group event"
                self._context.doubt(f"{source.name}: each word is a symbol, but they look like text; {remedy}")
        suggest(name, source, self._context)
        return name

    def _fitting(self, name: str, source: Source) -> Format:
        """Return a format, unless the user gave options that have no effect on it."""
        format, options = FORMATS[name], self._context.options
        if options.fields and not format.has_fields:
            by_group = f"groups in {parameter('pattern')} name them"
            how = by_group if name == "log" else f"{parameter('format')} says what it is instead"
            given = ", ".join(options.fields)
            raise UsageError(f"{source.name} is read as {name}, which has no columns ({given}); {how}")
        for option in options.given:
            if option == "per" and options.per == FILE:
                continue
            if option not in format.uses | ALWAYS and getattr(options, option) != "":
                raise UsageError(without_effect(option, name, source.name))
        return format

    @property
    def sample(self) -> bytes:
        """The first lines of the first source that was opened, in UTF-8; empty where a format takes no lines."""
        held = bytes(self._sample or b"")
        return held if len(held) < SAMPLE else held[: held.rfind(b"\n") + 1]

    def taken(self) -> None:
        """Note that all that was yielded so far is in whatever is made of it."""
        if self._source is not None:
            self._mark = self._source.cursor.mark()

    def _before_last_line(self) -> None:
        """Let those rest who want to before a last line that may not be whole yet."""
        if self.last_line is not None and self._number == len(self._sources) - 1:
            self._held = self._mark
            self.last_line()
            self._held = None

    def place_of(self, item: Item) -> int:
        """Return the place of an item that was yielded just now; of many with lines of their own that of line 0."""
        if self._source is None or isinstance(item, Events | TraceBatch):
            return place_of(self._number, 0)
        return place_of(self._number, self._context.line_of(self._source.cursor.here))

    def is_idle(self, at_once: bool) -> bool:
        """Whether a source that may be watched while it is written holds nothing more for now, or pauses."""
        return self._context.live and self._source is not None and self._source.is_idle(0.0 if at_once else PAUSE)

    def is_read(self) -> bool:
        """Whether a file that is followed is gone on with from its end, so that nothing comes for now."""
        where, start = self._sources[self._number] if self._sources else "-", self._start
        if start is None or not self._context.options.follow or self._number < len(self._sources) - 1:
            return False
        if not isinstance(where, str | os.PathLike) or identity(Path(where)) != self._file or self._file is None:
            return False
        return Path(where).stat().st_size == start.offset

    def position(self) -> Position | None:
        """Return where the walk is; None inside a source that cannot be read on from its middle."""
        place = self._place()
        left = None if self._source is None else self._source.left
        return None if place is None else Position(self._number, self._name, place.offset, place.line, left)

    def _place(self) -> Place | None:
        if self._source is None:
            return self._start or Place(0, 0)
        return self._source.cursor.place(self._held)

    def state(self) -> dict[str, Any] | None:
        """Return where the walk is as a document of numbers and texts; None as `position`."""
        place = self._place()
        if place is None:
            return self._behind
        file = self._first_file() if self._source is None else self._source.file
        known = place.known if self._source is None else self._source.known_at(place.offset)
        encoding = self._encoding if self._source is None else self._source.encoding  # which a later line may tell
        found: dict[str, Any] = {"format": self._format, "name": self._name, "encoding": encoding}
        known_by = None if known is None else known.state()
        found |= {"file": None if file is None else list(file), **self._beside.state()}
        self._kept = known
        return {
            "source": self._number,
            "place": list(place[:4]),
            "known": known_by,
            **found,
            **self._sampled(),
            **self._beside.state(),
        }

    def state_taken(self) -> dict[str, Any] | None:
        """Return `state` as it was when `taken` was called last, whatever was read of the source since."""
        self._held = self._mark
        try:
            return self.state()
        finally:
            self._held = None

    def commit(self) -> None:
        """Tell the source that is read that the state returned last is kept."""
        if self._source is not None and self._kept is not None:
            self._source.commit(self._kept)

    def check_repeatable(self) -> None:
        """Raise UsageError where the sources would not come in the same order once more."""
        check_repeatable(self._sources)

    def _first_file(self) -> File | None:
        """Return which file comes first, while none is open."""
        where = self._sources[self._number] if self._sources else "-"
        if self._file is not None or not isinstance(where, str | os.PathLike) or where == "-":
            return self._file
        return identity(Path(where))

    def _sampled(self) -> dict[str, Any]:
        return {} if self._sample is None else {"sample": np.frombuffer(bytes(self._sample), np.uint8)}

    def beginning(self) -> dict[str, Any]:
        """Return the state at the beginning of the source that is read."""
        found = self._sampled() if self._number else {}
        return {"source": self._number, "place": [0, 0, 0, 0], "format": "", "name": "", "ended": False, **found}

    @property
    def sources(self) -> list[Any]:
        """All that are read."""
        return self._sources

    @property
    def number(self) -> int:
        """Which source is read, from 0."""
        return self._number

    @property
    def title(self) -> str:
        """What messages call all sources together."""
        return title(self._sources)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Let `items` go on from where another walk through the same sources was."""
        self._number, self._format, self._name = state["source"], str(state["format"]), str(state["name"])
        if not 0 <= self._number < max(1, len(self._sources)):
            raise UsageError("the state is of another number of sources (expected: those of that reading)")
        if self._format:
            FORMATS.known(self._format)
        self._encoding = encoding_name(state.get("encoding", UTF8))
        if "sample" in state:
            self._sample = bytearray(np.asarray(state["sample"], np.uint8).tobytes())
        self._beside.restore(state)
        file = state.get("file")
        self._file = None if file is None else (int(file[0]), int(file[1]))
        known = state.get("known")
        offset, line, header, records = map(int, state["place"])
        if min(offset, line, header, records) < 0:
            raise UsageError("the state is of no place (expected: one as it was written)")
        place = Place(offset, line, header, records)._replace(known=None if known is None else known_of(known))
        if place.line:
            self._start = place
            self._context.described(self._name)


def read_items(sources: Data, context: ReadContext, switch: StopSwitch | None = None) -> Iterator[Item]:
    """Yield what the formats read, source by source: `read_batches` before cases are put together.

    Examples
    --------
    >>> import io
    >>> list(read_items(io.BytesIO(b"load run\\n"), ReadContext()))
    [Trace(name=None, symbols=['load', 'run'])]
    """
    return Walk(sources, context, switch).items()


def _looks_like_text(head: Head) -> bool:
    from .parsing.records import looks_like_text  # whose patterns take as long to compile as a small file to learn

    return looks_like_text(head.filled)
