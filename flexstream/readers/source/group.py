"""The group of a topic's readers: which partitions are read here, from where, and what is told when others get them."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import (
    ChangedSourceError,
    DataError,
    FencedError,
    FlexStreamError,
    Message,
    PostponedError,
    UnopenedError,
)
from .group_offsets import CrowdedError, Span, read, written
from .kafka_client import ANSWER_SECONDS, Brokers, answer, client, opened_consumer, reason
from .topic import topic_of

PATIENCE_SECONDS, AGAIN_SECONDS = 60.0, 0.1
"""How long a commit is tried while the group divides its partitions anew, and how often."""
SAID_SECONDS = 5.0
"""After which one that has no partition says that it waits."""
_UNKNOWN = "UNKNOWN_MEMBER_ID"
"""What brokers say to one that is not of the group any more."""
_LATER = ("REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION")
"""And to one while partitions are divided anew, as it does not know the outcome yet."""
MOST_MARKS = 150
"""Members that are named beside an offset."""


class MovedError(Exception):
    """Partitions went to others: what was read and not handed on is to be read once more, by whoever has them now."""


class Membership:
    """Is one of a group, and reads the partitions that the group's brokers give it.

    Partitions are divided step by step (cooperative-sticky): who keeps one goes on reading it while others move.  One
    that moves does so between two calls of `messages`, once ``hand_over`` has returned.

    Parameters
    ----------
    address : str
        See `topic_of`; with a group.
    hand_over : callable
        Called before partitions go to others: commits what is done of them.
    now : callable
        Returns the spans of the partitions by now.
    tell : callable
        Called with a line for the user.

    Attributes
    ----------
    spans : dict of int to Span
        Of the partitions that are read here, as they were committed last.
    moved, lost : bool
        Whether partitions went to others since `begin_again`; whether they did so without a commit.
    """

    def __init__(
        self,
        address: str,
        hand_over: Callable[[], None],
        now: Callable[[], dict[int, Span]],
        tell: Callable[[Message], object],
    ) -> None:
        self.name, self.topic, self.client = address, topic_of(address), client(address)
        self.brokers = Brokers(self.client.KafkaError._ALL_BROKERS_DOWN)
        self.consumer = opened_consumer(
            address, self.topic, self.brokers, partition_assignment_strategy="cooperative-sticky"
        )
        self._hand_over, self._now, self._tell = hand_over, now, tell
        self.spans: dict[int, Span] = {}
        self.moved = self.lost = False
        self._failure: FlexStreamError | None = None
        self._joined = self._subscribed = self._leaving = self._closing = self._said = False
        self._before: dict[int, tuple[int, str]] = {}  # what the group holds of the partitions, as far as is known here
        self._id = ""
        self._held: list[Any] = []  # messages that came while it joined
        self._since = time.monotonic()
        self._clear()

    def _clear(self) -> None:
        """Forget what was read."""
        self._rows = array("q"), array("q"), array("q")  # a line, its partition, the offset behind its message
        self._again = array("q")  # lines of messages that were read before

    def join(self, stopped: Callable[[], bool]) -> None:
        """Be one of the group once this returns, unless it was stopped: then no older commit can come any more."""
        if not self._subscribed:
            called = {"on_assign": self._assigned, "on_revoke": self._revoked, "on_lost": self._gone}
            self.consumer.subscribe([self.topic.name], **called)
            self._subscribed, self._since = True, time.monotonic()
        while not self._joined and not stopped():
            self._held = self.messages(1, AGAIN_SECONDS)

    def messages(self, most: int, wait: float) -> list[Any]:
        """Return messages that are here, or that come within some seconds; meanwhile partitions come and go."""
        found, self._held = self._held, []
        if found:
            return found
        try:
            found = self.consumer.consume(most, 0)
            if not found and wait and (message := self.consumer.poll(wait)) is not None:
                found = [message]
        except (self.client.KafkaException, RuntimeError) as error:
            raise DataError(self.name, None, f"cannot be read: {reason(error)}", "a broker that answers") from None
        if self._failure is not None:
            raise self._failure
        if not self.spans and not self._said and time.monotonic() - self._since > SAID_SECONDS:
            self._said = True
            self._tell(
                Message(f"{self.topic.name}: others of the group read all partitions; waits until one of them leaves")
            )
        return found

    def _asked(self, question: Callable[[], Any]) -> Any:
        return answer(self.client, self.topic, self.name, question)

    def _partition(self, number: int, *more: Any) -> Any:
        return self.client.TopicPartition(self.topic.name, number, *more)

    def committed(self, numbers: list[int]) -> dict[int, Span]:
        """Return the spans that were committed of partitions."""
        found = {}
        for number, (offset, text) in self._there(numbers).items():
            try:
                found[number] = read(offset, text)
            except ValueError:
                problem = f"what group {self.topic.group} holds of partition {number} is damaged"
                raise ChangedSourceError(self.name, None, problem, "what a reader of this version wrote") from None
        return found

    def _there(self, numbers: list[int]) -> dict[int, tuple[int, str]]:
        """Return the offsets that the group holds of partitions, with their texts."""
        asked = [self._partition(number) for number in numbers]
        found = self._asked(lambda: self.consumer.committed(asked, ANSWER_SECONDS)) if asked else []
        return {one.partition: (one.offset, one.metadata or "") for one in found if one.offset >= 0}

    def _assigned(self, consumer: Any, partitions: list[Any]) -> None:
        """Read partitions from where they were committed."""
        self._joined = True
        if self._closing or not partitions:
            return
        numbers = sorted(one.partition for one in partitions)
        try:
            begun, self._id = self.committed(numbers), consumer.memberid()
            self._before |= self._there(numbers)
            for number in numbers:
                ask = partial(consumer.get_watermark_offsets, self._partition(number), ANSWER_SECONDS)
                self.spans[number] = self._within(number, begun.get(number), *self._asked(ask))
        except FlexStreamError as error:
            self._failure = error
            return
        consumer.incremental_assign([self._partition(number, self.spans[number].begin) for number in numbers])
        self._tell(Message(f"{self.topic.name}: {_named(numbers)} from here on, of group {self.topic.group}"))

    def _within(self, number: int, span: Span | None, low: int, high: int) -> Span:
        """Return from where a partition is read that holds messages from an offset up to another."""
        if span is None or span.end < low:
            return Span(low) if span is None else Span(low, marks=span.marks)
        if span.end > high:
            what = f"partition {number} holds messages {low:,} to {high:,}, not {span.end:,}, from which to read on"
            raise ChangedSourceError(self.name, None, what, "the topic as it was, or longer")
        return replace(span, open=span.open[span.open >= low])

    def _revoked(self, _: Any, partitions: list[Any]) -> None:
        """Commit what is done, and let partitions go."""
        if self._closing or not partitions:
            return
        self._leaving = True
        try:
            self._hand_over()
        except FlexStreamError as error:
            self._failure = error
        self._leaving = False
        self._give_up(partitions)

    def _gone(self, _: Any, partitions: list[Any]) -> None:
        """Note that others read partitions without having been told what is done of them."""
        if not self._closing and partitions:
            self.spans, self.lost = self._now(), True
            self._give_up(partitions)

    def _give_up(self, partitions: list[Any]) -> None:
        numbers = sorted(one.partition for one in partitions)
        for number in numbers:
            self.spans.pop(number, None)
            self._before.pop(number, None)
        self.moved, self._said, self._since = True, False, time.monotonic()
        self._tell(Message(f"{self.topic.name}: {_named(numbers)} to others of group {self.topic.group}"))

    def wait(self) -> None:
        """Let partitions come and go for a moment; messages that come are to be read by whoever has them next."""
        self.messages(1, AGAIN_SECONDS)

    def begin_again(self) -> None:
        """Read all partitions anew from where they were committed last."""
        if self.moved:
            self._clear()
            self._held, self.moved, self.lost = [], False, False
            for number, span in self.spans.items():
                self._seek(number, span.begin)

    def _seek(self, number: int, offset: int) -> None:
        until = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                self.consumer.seek(self._partition(number, offset))
            except self.client.KafkaException as error:  # one that was given just now is not fetched yet
                if time.monotonic() > until:
                    problem = f"partition {number} cannot be read from {offset:,}: {reason(error)}"
                    raise DataError(self.name, None, problem, "a broker that answers") from None
                time.sleep(AGAIN_SECONDS)
            else:
                return

    def took(self, line: int, partition: int, offset: int) -> None:
        """Note that a message is the one of a line, or stands behind it and has none."""
        if offset < self.spans[partition].end:
            self._again.append(line)
        for column, value in zip(self._rows, (line, partition, offset + 1), strict=True):
            column.append(value)

    def read_before(self, line: int) -> bool:
        """Tell whether the message of a line was read before, by whoever had its partition then."""
        at = bisect_left(self._again, line)
        return at < len(self._again) and self._again[at] == line

    def spans_at(self, line: int, opened: NDArray[np.int64]) -> dict[int, Span]:
        """Return the spans of all partitions up to a line, where some lines before it are open."""
        lines, partitions, following = (np.array(column, np.int64) for column in self._rows)
        stop = int(np.searchsorted(lines, line, "right"))
        still = np.isin(lines[:stop], opened)
        found = {}
        for number, span in self.spans.items():
            mine = partitions[:stop] == number
            behind = following[:stop][mine]
            left = span.open[~np.isin(span.open, behind - 1)]  # not read once more yet
            end = max(span.end, int(behind.max(initial=0)))
            found[number] = Span(end, np.union1d(left, behind[still[mine]] - 1), span.marks)
        return found

    def check(self, spans: Mapping[int, Span]) -> None:
        """Raise DataError if spans cannot be committed, as more messages are open than a commit can name."""
        for number, span in spans.items():
            try:
                written(span)
            except CrowdedError as error:
                problem = f"partition {number} has more than a commit of the group can name: {error}"
                raise DataError(self.name, None, problem, "cases that end sooner (idle), or more partitions") from None

    def commit(self, spans: dict[int, Span], line: int, opened: NDArray[np.int64]) -> None:
        """Commit spans, those up to a line.

        Raises
        ------
        PostponedError
            If partitions are divided anew just now, and none of those has to go before it is committed.
        FencedError
            If others have got the partitions.
        DataError
            If the brokers do not take it.
        """
        self.check(spans)
        if spans:
            asked = {number: written(span) for number, span in spans.items()}
            self._commit(asked)
            self._before |= asked
        self.spans = dict(spans)
        lines = np.array(self._rows[0], np.int64)
        kept = (lines > line) | np.isin(lines, opened)
        for column in self._rows:
            held = np.array(column, np.int64)[kept]
            del column[:]
            column.frombytes(held.tobytes())

    def _commit(self, asked: dict[int, tuple[int, str]]) -> None:
        """Commit offsets with their texts until it is known what became of it."""
        until, why, unknown = time.monotonic() + PATIENCE_SECONDS, "", False
        while not (found := self._is_committed(asked, why)):
            if time.monotonic() > until:
                problem = f"offsets cannot be committed to group {self.topic.group}: {why or 'no answer'}"
                raise DataError(self.name, None, problem, "brokers that answer, and a group of such readers alone")
            if why:
                time.sleep(AGAIN_SECONDS)
            if found is None:
                continue
            try:
                done = self.consumer.commit(
                    offsets=[self._partition(number, *one) for number, one in asked.items()], asynchronous=False
                )
            except (self.client.KafkaException, RuntimeError) as error:
                why = f"{error.args[0].name()}: {reason(error)}" if hasattr(error.args[0], "name") else reason(error)
                refused = why.startswith(_LATER)
                if refused and not (self._leaving or unknown):
                    raise PostponedError(self.name, None, why, "a group whose partitions are divided") from None
                unknown |= not refused  # it may come to the brokers late
            else:
                why = ", ".join(one.error.str() for one in done if one.error is not None)
                if not why:
                    return

    def _is_committed(self, asked: dict[int, tuple[int, str]], why: str) -> bool | None:
        """Tell whether offsets were committed, None where brokers do not answer.

        Raises FencedError if what is there is neither they nor those before.

        Nobody commits who is not one of the group, but one that was stopped for long might hear late that it is not:
        so what is there is looked at before each commit.
        """
        try:
            there = self._there(list(asked))
        except UnopenedError:
            return None
        if there == asked:
            return True
        same = all(there.get(number) == self._before.get(number) for number in asked)
        if not same or self.consumer.memberid() != self._id or _UNKNOWN in why:
            problem = f"others of group {self.topic.group} have got the partitions meanwhile{why and ': '}{why}"
            raise FencedError(self.name, None, problem, "the same command again, which goes on")
        return False

    def close(self) -> None:
        """Leave the group."""
        if not self._closing:
            self._closing = True
            self.consumer.close()


def _named(numbers: list[int]) -> str:
    """Return partitions in words.

    >>> _named([3]), _named([0, 2])
    ('partition 3', 'partitions 0, 2')
    """
    return f"partition{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
