"""Reading: sources in, batches out, with what was counted and told, and a state to read on from."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..arguments import expect
from ..errors import ChangedSourceError, FlexStreamError, Message, UsageError, WrongTypeError
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from ..stream.manner import Manner
from ..stream.position import Position
from .diagnostics import ReadStats
from .formats import FORMATS
from .items import Item
from .listing import Data
from .options import ReadOptions
from .parsing.context import ReadContext
from .pending import batch_of, document_of
from .prior import Prior
from .redacted import handed_on
from .sessions.assembler import Assembler
from .shown_times import ShownTimes
from .source.encodings import UTF8
from .source.text import LONGEST_LINE
from .walk import Walk
from .watching import Watcher

if TYPE_CHECKING:
    from .replay import Replay
    from .sharing import Sharing

FORMAT, VERSION = "flexstream-reading", 1


class Reading(Iterator[TraceBatch]):
    """The batches of some sources, one by one; nothing is opened before the first is asked for.

    Parameters
    ----------
    sources, alphabet, options
        As for `read_batches`.
    case_bytes : int, optional
        Bytes for open cases, their names and events; no limit by default but those of the options.
    line_bytes : int
        Bytes that the longest line may take, unless the options say.
    prior : Prior, optional
        How the stream of a model was read, with the options to read by; then ``options`` are not looked at.
    origins : bool
        Whether batches tell where each event stood, and when it happened, see :mod:`flexstream.stream.origins`.
    watcher : Watcher, optional
        Is told of the events of live sources before their cases end.  Of such sources nothing waits for more then:
        batches are handed on as soon as all that is there was read.
    resumable : bool
        Whether `state` is to be had wherever the reading is: where it cannot be read on from there it can be read once
        more, and what comes is counted.
    overlap : bool
        Whether a second thread reads what comes next while cases are put together, which takes files that nobody
        writes to; then batches do not tell up to where the reading is, and there is no state before the end.

    Attributes
    ----------
    alphabet, options, case_bytes
        As given.
    ending : bool
        Whether all was read that there is, and what is still open ends.
    at_rest : callable or None
        Called, of a resumable reading, where all that was read is handed on or in `state`: between two items, once the
        clock has come to ``rest_at`` (see `time.monotonic`), and before what is still open ends, a last line without
        its line feed among it.
    sharing : Sharing or None
        What is done about a group that shares the partitions of a topic.

    Examples
    --------
    >>> import io
    >>> reading = Reading(io.BytesIO(b"load run\\nload\\n"), Alphabet())
    >>> [len(batch) for batch in reading], reading.stats.events, reading.notes
    ([2], 3, ['<input>: format lines (guessed)'])
    """

    def __init__(
        self,
        sources: Data,
        alphabet: Alphabet,
        options: ReadOptions | None = None,
        case_bytes: int | None = None,
        line_bytes: int = LONGEST_LINE,
        prior: Prior | None = None,
        origins: bool = False,
        watcher: Watcher | None = None,
        resumable: bool = False,
        overlap: bool = False,
    ) -> None:
        from .parsing.tokeniser import Tokeniser  # compiled loops, which only those need who read

        if prior is not None:
            options = prior.options
        self.options = ReadOptions() if options is None else expect("options", options, ReadOptions)
        expect("alphabet", alphabet, Alphabet)
        if self.options.format is not None:
            FORMATS.known(self.options.format)  # told before anything is opened
        self.alphabet, self.case_bytes = alphabet, case_bytes
        ahead = alphabet.copy()  # what is read ahead of the events that are handed on
        # The fast paths hand on symbols before anything could be left out of them.
        tokeniser = None if self.options.redact else Tokeniser(alphabet, ahead)
        self._context = ReadContext(self.options, tokeniser, case_bytes, prior=prior)
        self._context.origins = origins
        self._walk = Walk(sources, self._context, line_bytes=min(line_bytes, LONGEST_LINE), resumable=resumable)
        self._assembler = Assembler(alphabet, None, self._context, case_bytes, ahead, watcher)
        self._walk.last_line = self._end if resumable else None
        self._walk.switch.waited = None if watcher is None else watcher.waited
        # What a pattern of the user takes too long for is broken off in the main thread alone.
        self._context.ahead = self._overlap = overlap and self.options.pattern is None
        self._watcher, self._watched = watcher, watcher is not None
        self._ready: deque[TraceBatch] = deque()
        self._resumable, self._base = resumable, -1
        self.sharing: Sharing | None = None
        self._replay: Replay | None = None
        if resumable and origins:  # what stood where is in no state: then all is read once more
            self._begin_replay(None)
        self._passed_over: Mapping[str, Any] | None = None  # while that is read once more
        self.at_rest: Callable[[], None] | None = None
        self.rest_at, self._batches = math.inf, self._read()
        self.ending = self._ended = self._failed = False
        self.shown_time = ShownTimes(self._context.clock, self._walk.names)

    def __iter__(self) -> Iterator[TraceBatch]:
        return self

    def __next__(self) -> TraceBatch:
        batch = next(self._batches)
        self._passed_over = None
        if self._replay is not None:
            self._replay.take(batch)
        if self.sharing is not None:
            self.sharing.handed_on(batch)
        return batch

    @property
    def stats(self) -> ReadStats:
        """What has been counted so far."""
        return self._context.stats

    @property
    def notes(self) -> list[Message]:
        """Lines worth telling the user; more may come."""
        return self._context.notes

    @property
    def format(self) -> str | None:
        """Format of the last source, None before one was opened."""
        return self._context.format

    @property
    def columns(self) -> Mapping[str, str]:
        """Columns of case, event, time and sequence of the last source, as far as it has any."""
        return self._context.columns

    @property
    def suggested(self) -> str | None:
        """A preset for what the last source looks like, None if there is none or the user said how to read it."""
        return self._context.suggested

    @property
    def sample(self) -> bytes:
        """The first lines of the first source, in UTF-8, at most 512 KiB; empty where a format takes no lines."""
        return self._walk.sample

    @property
    def manner(self) -> Manner:
        """How the sources are read, as far as they have been opened: options given and options found."""
        return self._context.manner

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._walk.switch.requested

    @property
    def position(self) -> Position | None:
        """Up to where it has read; None inside a source that cannot be read on from its middle, or is read ahead."""
        return None if self._overlap and not self._ended else self._walk.position()

    def source_name(self, number: int) -> str:
        """Return what messages call one of the sources that have been opened."""
        return self._walk.names[number]

    def stop(self) -> None:
        """Let the sources end at the next chance, as if no more were there; may be called from a signal handler.

        Called from another thread than the one that reads, it waits for nothing and breaks nothing off.
        """
        self._walk.switch.request()

    def _read(self) -> Iterator[TraceBatch]:
        """Yield batches; what the items raised comes after everything read before it, open cases included."""
        failure: FlexStreamError | None = None
        tracing, takes = self._context.origins, self.sharing or self._assembler
        while self._ready:  # of a state that was restored
            yield self._ready.popleft()
        try:
            for item in () if self._ended else self._items():
                found = takes.feed(item, self._walk.place_of(item) if tracing else None)
                if not self._overlap and self._walk.is_idle(self._watched):
                    found += self._assembler.flush()
                if found:
                    position = self.position
                    self._ready.extend(self._placed(batch, position) for batch in found)
                    while self._ready:
                        yield self._ready.popleft()
        except ChangedSourceError:  # what was read before is none of it
            raise
        except FlexStreamError as error:
            failure = error
        else:
            self._end()
        # After a stop the sources have more: what is open ends here all the same, and a state goes on behind it.
        self._ended, self._failed = not self.stopped, failure is not None
        position = None if self._failed else self._walk.position()
        for found in takes.ending():
            self._ready.extend(self._placed(batch, position) for batch in found)
            while self._ready:
                yield self._ready.popleft()
        if failure is not None:
            raise failure

    def _items(self) -> Iterator[Item]:
        """Yield what the formats read; of a resumable reading, with a rest now and then."""
        if self._overlap:
            from .reading_ahead import read_ahead  # which only those need who have a core for it

            yield from read_ahead(self._walk, self._context.tokeniser)
            return
        if self.sharing is not None:
            yield from self.sharing.items(self._rest)
            return
        if not self._resumable:
            yield from self._walk.items()
            return
        for item in self._walk.items():
            if self._walk.number != self._base:
                self._enter()
            yield item
            self._walk.taken()
            self._rest()

    def _rest(self) -> None:
        """Rest if it is time to."""
        if time.monotonic() >= self.rest_at and self.at_rest is not None and not self.ending:
            self.at_rest()

    def _end(self) -> None:
        """Rest for the last time, unless that was done before a last line."""
        rests, self.ending = not (self.ending or self._ended or self.sharing), True
        if rests and self.at_rest is not None:
            self.at_rest()

    def _enter(self) -> None:
        """Keep the state at the beginning of a source that cannot be read on from its middle."""
        self._base = self._walk.number
        if self._context.origins:
            return
        self._replay = None
        if self._walk.state() is None:
            self._begin_replay(self._beginning())

    def _begin_replay(self, base: dict[str, Any] | None) -> Replay:
        self._walk.check_repeatable()
        from .replay import Replay  # of those only that are gone on with

        self._replay = Replay(base)
        return self._replay

    def _begins(self) -> bool:
        """Whether nothing was handed on of the source that is read."""
        return self._resumable and not self._failed and self._base != self._walk.number

    def _beginning(self, first: tuple[TraceBatch, ...] = ()) -> dict[str, Any]:
        """Return the state at the beginning of the source that is read, nothing of which was handed on yet."""
        walk = {**self._walk.beginning(), "ended": self._ended}
        base, begun = self._document(walk, first), dict(self._context.begun)
        base["sessions"]["diagnostics"] = begun.pop("diagnostics", None) or base["sessions"]["diagnostics"]
        return {**base, **begun}

    def _placed(self, batch: TraceBatch, position: Position | None) -> TraceBatch:
        fleet = self._context.fleet or self.options.per is not None
        return handed_on(batch.at(position, self.manner), fleet, bool(self.options.redact))

    def __reduce__(self) -> str:
        raise WrongTypeError("a reading cannot be copied or pickled, its sources are open (expected: its state())")

    def share(self, take: Callable[[TraceBatch], object], *how: Any) -> None:
        """Share the partitions of a topic with others of its group, if it is to, see `sharing.Sharing`."""
        if not self.options.follow:  # there is no group, and what it takes to be in one is not loaded
            return
        from .sharing import Sharing, is_shared

        if is_shared(self._walk.sources, self.options):
            given = self._walk, self._assembler, self._watcher, lambda batch: take(self._placed(batch, self.position))
            self.sharing, self._context.origins = Sharing(*given, *how), True

    def state(self, rest: TraceBatch | None = None) -> dict[str, Any]:
        """Return all it takes to read on behind the batch that was handed out last.

        Parameters
        ----------
        rest : TraceBatch, optional
            The last traces of that batch, which are to come once more.

        Returns
        -------
        dict
            A document of numbers, texts and arrays; see `restore`.

        Raises
        ------
        UsageError
            If the sources cannot be read on from here: after an error, and, where it is not resumable, inside XES.
        """
        if self._replay is not None and not self._failed:
            left = 0 if rest is None else len(rest)
            replay = self._passed_over or self._replay.state(self.alphabet, left)
            return {"format": FORMAT, "version": VERSION, "replay": replay}
        if self.sharing is not None and not self._failed:
            return {"format": FORMAT, "version": VERSION, **self._context.learned(), **self.sharing.state(rest)}
        apart = self._overlap and not self._ended
        walk = None if self._failed or apart else self._walk.state()
        if walk is None and self._begins():
            return self._beginning(() if rest is None else (rest,))
        if walk is None:
            why = "its format is read as a whole" if not apart else "it is read ahead"
            why = "it ended with an error" if self._failed else why
            raise UsageError(f"this reading cannot be gone on with from here: {why}")
        return self._document({**walk, "ended": self._ended}, () if rest is None else (rest,))

    def _document(self, walk: Mapping[str, Any], first: tuple[TraceBatch, ...] = ()) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "walk": dict(walk),
            **self._context.learned(),
            "sessions": self._assembler.state(),
            "ready": [document_of(batch) for batch in (*first, *self._ready)],
        }

    def commit(self) -> None:
        """Tell the sources that the state returned last is kept: a group of Kafka goes on behind it."""
        (self.sharing or self._walk).commit()

    def hold_commits(self) -> None:
        """Let groups of Kafka hear what was read once `commit_held` is called, and not at the end of their topic."""
        self._walk.switch.hold()

    def commit_held(self) -> None:
        """Tell groups what was read, where that was held back."""
        self._walk.switch.release()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where another reading of the same sources with the same options was; before the first batch.

        The sources are given whole, as they were the first time: what was read is passed over.  The alphabet is one
        that has seen no other symbols than that of the other reading.

        Raises
        ------
        UsageError
            If the state is none of a reading, or the alphabet does not fit.
        """
        if not isinstance(state, Mapping) or state.get("format") != FORMAT or state.get("version") != VERSION:
            raise UsageError("not the state of a reading (expected: what Reading.state returned)")
        if "replay" in state:
            self._restore_replay(state["replay"])
            return
        from .shapes import check_like

        check_like(dict(state), self._document({**self._walk.beginning(), "encoding": UTF8}))
        self._assembler.restore(state["sessions"])
        self._walk.restore(state["walk"])
        self._context.take_over(state)
        if self.sharing is not None:
            self.sharing.restore(state)
        self._ended = state["walk"]["ended"]
        ready = [*map(batch_of, state["ready"]), *(self._assembler.flush() if self._walk.is_read() else ())]
        self._ready.extend(self._placed(batch, self._walk.position()) for batch in ready)

    def _restore_replay(self, state: Mapping[str, Any]) -> None:
        """Read once more what was handed out since a state, and go on behind it."""
        from .replay import behind

        base = state["base"]
        if base is not None:
            self.restore(base)
            self._base = self._walk.number
        self._passed_over = state
        self._batches = behind(self._read(), state, self.alphabet, self._begin_replay(base), self._walk.title)
