"""Sharing: partitions of a topic that come and go while it is read, so that each message is taken by one reader."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, FencedError, Message, PostponedError, UsageError
from ..files import is_topic
from ..stream.batch import TraceBatch
from ..stream.origins import lines_in
from .items import Event, Events, Item
from .open_lines import OpenLines
from .options import ReadOptions
from .sessions.assembler import Assembler
from .source.group import MOST_MARKS, PATIENCE_SECONDS, Membership, MovedError
from .source.group_offsets import Span
from .source.kafka_client import partitions_there
from .source.topic import topic_of
from .walk import Walk
from .watching import Watcher

PAUSE_SECONDS = 1.0
"""For which nothing comes, after which what waits for its order is handed on."""


def is_shared(sources: Sequence[Any], options: ReadOptions) -> bool:
    """Tell whether the partitions of a topic are those that its group gives: it is followed, and nobody names any.

    >>> is_shared(["kafka://h/lots?group=night"], ReadOptions(follow=True))
    True
    >>> is_shared(["kafka://h/lots?group=night&partitions=3"], ReadOptions(follow=True))
    False
    """
    if not sources or not is_topic(sources[-1]) or not options.follow:
        return False
    topic = topic_of(sources[-1])
    if topic.group is None or topic.partitions is not None:
        return False
    if len(sources) > 1:
        what = "files before a topic whose partitions are shared would be read by each of its readers"
        raise UsageError(f"{what} (expected: the topic alone, or ?partitions= beside the group)")
    return True


class Sharing:
    """What a reading does about the group that shares the partitions of its topic.

    Open cases belong to their partition, not to who reads it: they are in no commit and no checkpoint, and their events
    are read once more by whoever has the partition next.  What is handed on belongs to who read it.

    Parameters
    ----------
    walk, assembler, watcher
        Parts of the reading.
    take : callable
        Called with a batch that is handed on between two others.
    settle : callable
        Called where all that was handed on has to be kept, and `commit` called then.
    tell : callable
        Called with a line for the user.
    every : float, optional
        Seconds between two calls of ``settle`` while messages come; None: who keeps states sees to it.

    Attributes
    ----------
    member : str
        By what the checkpoints of this reader are known in commits; empty where it keeps none.
    number : int
        Of its last commit.
    """

    def __init__(
        self,
        walk: Walk,
        assembler: Assembler,
        watcher: Watcher | None,
        take: Callable[[TraceBatch], object],
        settle: Callable[[], object],
        tell: Callable[[Message], object],
        every: float | None = None,
    ) -> None:
        self._walk, self._assembler, self._watcher = walk, assembler, watcher
        self._take, self._settle, self._every, self._tell = take, settle, every, tell
        self.member, self.number = ("" if every is not None else secrets.token_hex(4)), 0
        self._lines = OpenLines()
        self._kept: tuple[dict[int, Span], int, NDArray[np.int64]] | None = None
        self._behind: dict[str, Any] | None = None  # where the walk goes on once partitions have moved
        self._committed = self._flushed = self._changed = self._warned = False
        self._rest: Callable[[], object] = lambda: None
        self._due = self._came = time.monotonic()
        self.membership = Membership(str(walk.sources[0]), self.hand_over, self._spans_now, tell)
        walk.switch.member = self

    def items(self, rest: Callable[[], object]) -> Iterator[Item]:
        """Yield what the formats read, while it is followed; call something between two items and in pauses."""
        self._rest = rest
        try:
            while True:
                try:
                    for item in self._walk.items():
                        self._walk.taken()  # what is in the item is open until it is handed on
                        yield item
                        rest()
                    break
                except MovedError:
                    self._go_on()
            self._end()
        finally:
            self.membership.close()

    def ending(self) -> Iterator[list[TraceBatch]]:
        """Yield what is open at the end, for a model and for who counts it: others leave it to who reads on."""
        if self.member or self._watcher is not None:
            yield from self._assembler.ending()

    def _go_on(self) -> None:
        """Forget what is open: it is read once more, as far as its partitions are read here."""
        self._assembler.forget()
        self._lines.forget()
        if self._watcher is not None:
            self._watcher.forget()
        if self._behind is not None:
            self._walk.restore(self._behind)

    def feed(self, item: Item, place: int | None) -> list[TraceBatch]:
        """Hand an item to the assembler; return what that returns."""
        self._changed = True
        cases = item.case if isinstance(item, Event) else item.cases if isinstance(item, Events) else ""
        if place is not None and not self._assembler.windowed(cases):
            self._lines.read(item, place)
        return self._assembler.feed(item, place)

    def handed_on(self, batch: TraceBatch) -> None:
        """Note what is handed on."""
        self._lines.handed_on(batch)

    def _now(self, more: TraceBatch | None = None) -> tuple[dict[int, Span], int, NDArray[np.int64]]:
        """Return the spans of all partitions by now, up to which line, and the lines before it that are open."""
        waiting = [lines_in(self._assembler.waiting())]
        if more is not None and more.origins is not None:
            waiting.append(lines_in(more.origins[:, 0]))
        opened = np.union1d(self._lines.now(), np.concatenate(waiting))
        self._behind = self._walk.state_taken() or self._behind
        line = 0 if self._behind is None else int(self._behind["place"][1])
        return self.membership.spans_at(line, opened), line, opened

    def _spans_now(self) -> dict[int, Span]:
        return self._now()[0]

    def state(self, more: TraceBatch | None = None) -> dict[str, Any]:
        """Return where the walk is, without what is open, by what this reader is known, and its next commit's number.

        Raises
        ------
        DataError
            If more is open than a commit can name.
        """
        self._kept = self._now(more)
        self.membership.check(self._marked(self._kept[0]))
        group = {"member": self.member, "number": self.number + bool(self._kept[0])}
        walk = self._behind or self._walk.beginning()
        sessions = self._assembler.state_without()
        return {"walk": {**walk, "ended": False}, "sessions": sessions, "ready": [], "group": group}

    def _marked(self, spans: dict[int, Span]) -> dict[int, Span]:
        """Return spans with the mark of the next commit."""
        own = {self.member: self.number + 1} if self.member else {}
        found = {number: replace(span, marks={**span.marks, **own}) for number, span in spans.items()}
        if any(len(span.marks) > MOST_MARKS for span in found.values()):
            what = f"the group has had more than {MOST_MARKS} readers with a checkpoint"
            raise UsageError(f"{what} (expected: folders that are gone on with, or a new group)")
        return found

    def restore(self, state: Mapping[str, Any]) -> None:
        """Be the reader whose state it is."""
        self.member, self.number = str(state["group"]["member"]), int(state["group"]["number"])

    def confirmed(self, state: Mapping[str, Any]) -> bool:
        """Tell whether the commit of a state has come to the group; none can come later, once this one has joined.

        Raises
        ------
        UsageError
            If the state is of a reading that shared nothing.
        """
        if "group" not in state:
            raise UsageError("the checkpoint is of a run that read all partitions (expected: another folder)")
        members, state = self.membership, state["group"]
        members.join(lambda: self._walk.switch.requested)
        numbers = partitions_there(members.client, members.consumer, members.topic, members.name)
        member, number = str(state["member"]), int(state["number"])
        marks = (span.marks.get(member, 0) for span in members.committed(numbers).values())
        return number == max(marks, default=0)

    def commit(self) -> None:
        """Commit what was handed on, or, once there was a `state`, what is in it."""
        spans, line, opened = self._now() if self._kept is None else self._kept
        self._kept = None
        try:
            self.membership.commit(self._marked(spans), line, opened)
        except (FencedError, PostponedError):
            raise
        except DataError as error:
            if not self.member:
                raise
            told = error.problem.marked, "the same command again, which finds out what became of it"
            raise FencedError(self.membership.name, None, *told) from None
        self.number += bool(spans)
        self._committed, self._changed = True, False

    def hand_over(self, last: bool = False) -> None:
        """Commit all that is done, before partitions go to others.

        Where that cannot be, what was counted since the last commit is theirs; at the end (``last``) that is no error:
        after a stop that has broken off a refinement the checkpoint before it counts.
        """
        self._give(self._assembler.rest())
        self._cut_if_crowded()
        self._committed = False
        try:
            self._settle()
        except FencedError as error:
            if self.member:
                raise
            self._tell(error.message)
        if self.member and not (last or self._committed) and self.membership.spans:
            problem = "partitions go to others, and what was counted of them could not be kept"
            raise FencedError(self.membership.name, None, problem, "a checkpoint that can be written")

    def _end(self) -> None:
        """Commit all that is done, once the group has divided its partitions."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.hand_over(last=True)
            except PostponedError:
                if time.monotonic() > until:
                    raise
                self.membership.wait()
            else:
                return

    def _give(self, batches: list[TraceBatch]) -> None:
        for batch in batches:
            self._lines.handed_on(batch)
            self._take(batch)

    def _cut_if_crowded(self) -> None:
        """Let all cases end where more are open than a commit can name."""
        self._warned = True  # of what comes now
        if self._is_crowded():
            self._tell(Message("warning: more cases are open than a commit of the group can name: they end here"))
            for found in self._assembler.ending():
                self._give(found)
        self._warned = False

    def _is_crowded(self) -> bool:
        """Tell whether more is open than a commit can name, which is told once."""
        try:
            self.membership.check(self._marked(self._now()[0]))
        except DataError as error:
            if not self._warned:
                self._tell(Message(f"warning: {error.message.marked}; nothing is committed until then"))
            self._warned = True
            return True
        self._warned = False
        return False

    def waited(self) -> None:
        """Hand on what has ended, as nothing has come for a while."""
        pause = PAUSE_SECONDS if self._watcher is None else 0.0
        if not self._flushed and time.monotonic() - self._came >= pause:
            self._flushed = True
            self._give(self._assembler.flush())
        if self._changed:
            self._rest()

    def came(self) -> None:
        """Let be kept what was handed on, where it is time."""
        now = time.monotonic()
        if self._every is not None and self._changed and now - self._due >= self._every:
            self._due = now
            if self._is_crowded():
                return
            try:
                self._settle()
            except PostponedError:
                self._due = now - self._every + PAUSE_SECONDS
            except FencedError as error:
                self._tell(error.message)

    def check(self, messages: bool) -> None:
        """Hear whether messages came; raise MovedError or FencedError if partitions went to others."""
        if messages:
            self._came, self._flushed = time.monotonic(), False
        if self.membership.lost and self.member:
            problem = "others of the group have got the partitions before what was counted was committed: it is dropped"
            raise FencedError(self.membership.name, None, problem, "the same command again, which goes on")
        if self.membership.moved:
            raise MovedError
