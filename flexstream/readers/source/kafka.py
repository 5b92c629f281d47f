"""Kafka: the messages of a topic as lines, all its partitions together, read on from their offsets."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from ...errors import ChangedSourceError, DataError, UnopenedError, UsageError
from .head import HEAD
from .kafka_client import ANSWER_SECONDS, Brokers, answer, client, opened_consumer, partitions_there, reason
from .known import Known
from .offsets import Offsets
from .raw import RawSource
from .stopping import StopSwitch
from .topic import topic_of

MESSAGES = 10_000
"""Messages that are taken at once."""
WAIT_SECONDS, LOST_SECONDS = 0.2, 30.0
"""How long a message, and brokers that are gone are waited for."""
TICK_SECONDS = 1.0
KEPT_PLACES = 1 << 19
"""Messages whose offsets are held until somebody looks which of them were taken."""


class KafkaSource(RawSource):
    """The messages of a topic, each a line.

    Line breaks within a message become blanks; messages without a value are passed over.  Without ``follow`` it ends
    where the partitions ended when it was opened.

    Parameters
    ----------
    address : str
        See `topic_of`.
    follow : bool
        Wait for more.
    switch : StopSwitch
        Ends it early.
    known : Offsets, optional
        Where to read on, once `skip_to` was called; before that there are only the first lines of then.
    encoding : str, optional
        Of the messages; UTF-8 by default.

    Raises
    ------
    UnopenedError
        If no broker answers, there is no such topic, or the library of the extra is not installed.
    ChangedSourceError
        If the topic does not hold the messages any more from which to read on.
    """

    def __init__(
        self, address: str, follow: bool, switch: StopSwitch, known: Known | None, encoding: str | None
    ) -> None:
        if known is not None and not isinstance(known, Offsets):
            raise UsageError(f"the state is of a file, not of {address} (expected: that of the topic)")
        super().__init__(_Nothing(), follow, switch)
        self.name, self._topic = address, topic_of(address)
        self._encoding, self._resumed = encoding, known is not None
        self._head = b"" if known is None else known.head
        self._failure: DataError | None = None
        self._client = client(address)
        self._connect(known)
        self._waiting: list[Any] = []  # messages that are here and not taken
        self._offset, self._ticked = 0, time.monotonic()
        self._base, self._taken = 0, dict(self._due)
        self._places = (array("q"), array("q"), array("q"))  # offset behind a line, its partition, the next message

    def _connect(self, known: Offsets | None) -> None:
        """Let messages come, from where they are to be read on."""
        self._brokers = Brokers(self._client.KafkaError._ALL_BROKERS_DOWN)
        self._consumer = opened_consumer(self.name, self._topic, self._brokers)
        self._due, self._ends = self._begin(known)
        self._open = {partition for partition, end in self._ends.items() if self._due[partition] < end}
        assigned = self._due if self._follow else self._open
        self._consumer.assign([self._partition(number, self._due[number]) for number in assigned])

    def _partition(self, number: int, *offset: int) -> Any:
        return self._client.TopicPartition(self._topic.name, number, *offset)

    def _begin(self, known: Offsets | None) -> tuple[dict[int, int], dict[int, int]]:
        """Return where all partitions are read from, and where they end by now."""
        numbers = self._partitions()
        ask, consumer = self._asked, self._consumer
        bounds = {
            number: ask(partial(consumer.get_watermark_offsets, self._partition(number), ANSWER_SECONDS))
            for number in numbers
        }
        begun = {} if known is None else known.next
        if known is None and self._topic.group is not None:
            found = ask(lambda: consumer.committed([self._partition(number) for number in numbers], ANSWER_SECONDS))
            begun = {one.partition: max(one.offset, bounds[one.partition][0]) for one in found if one.offset >= 0}
        for number, offset in begun.items():
            low, high = bounds.get(number, (0, 0))
            if not low <= offset <= high:
                what = f"partition {number} holds messages {low:,} to {high:,}, not {offset:,}, from which to read on"
                raise ChangedSourceError(self.name, None, what, "the topic as it was, or longer")
        starts = {number: begun.get(number, low) for number, (low, _) in bounds.items()}
        return starts, {number: high for number, (_, high) in bounds.items()}

    def _partitions(self) -> list[int]:
        """Return the numbers of the partitions that are read."""
        name, there = self._topic.name, partitions_there(self._client, self._consumer, self._topic, self.name)
        wanted = self._topic.partitions
        if wanted is None:
            return there
        chosen = sorted(set(chain.from_iterable(wanted)) & set(there)) if max(map(max, wanted)) <= there[-1] else []
        if not chosen:
            problem = f"topic {name} has partitions 0 to {there[-1]}, and not all that are asked for"
            raise UnopenedError(self.name, None, problem, "partitions that the topic has")
        return chosen

    def _asked(self, question: Callable[[], Any]) -> Any:
        """Return the answer of the brokers."""
        return answer(self._client, self._topic, self.name, question)

    @property
    def live(self) -> bool:
        """Whether it is followed."""
        return self._follow

    def close(self) -> None:
        """Close the connection, unless offsets may still be committed: then it closes with the source."""
        if self._topic.group is None:
            self._consumer.close()

    def chunks(self) -> Iterator[bytes]:
        """Yield lines as soon as some are there."""
        if self._resumed:
            if self._head:
                yield self._head
            return
        while chunk := self._lines():
            self._offset += len(chunk)
            if len(self._head) < HEAD:
                self._head += chunk[: HEAD - len(self._head)]
            yield chunk
            if len(self._places[0]) > KEPT_PLACES and (place := self.place()) is not None:
                self._take(place.offset)

    def _lines(self) -> bytes:
        """Return the next messages as lines; nothing once there are no more."""
        while not self.switch.requested and (self._follow or self._open):
            messages = self._arrived()
            lines = self._read_lines(messages)
            if lines:
                return lines
            if self._failure is not None:
                raise self._failure
            if not messages:
                self._tick()
        return b""

    def _arrived(self, wait: float = WAIT_SECONDS) -> list[Any]:
        """Return messages that are here, or the next one that comes within some seconds."""
        found, self._waiting = self._waiting, []
        try:
            found = found or self._consumer.consume(MESSAGES, 0)
            if not found and wait and (message := self._consumer.poll(wait)) is not None:
                found = [message]
        except (self._client.KafkaException, RuntimeError) as error:
            raise DataError(self.name, None, f"cannot be read: {reason(error)}", "a broker that answers") from None
        return found

    def _read_lines(self, messages: Iterable[Any]) -> bytes:
        lines, end = [], self._offset
        ends, partitions, following = self._places
        for message in messages:
            if message.error() is not None:
                self._failed(message.error(), message.partition())
                continue
            partition, offset = message.partition(), message.offset()
            if not self._follow and offset >= self._ends[partition]:
                self._reached_end(partition)
                continue
            if (value := message.value()) is not None:
                lines.append(self._as_line(value))
                end += len(lines[-1])
            self._due[partition] = offset + 1
            ends.append(end)
            partitions.append(partition)
            following.append(offset + 1)
            if not self._follow and offset + 1 >= self._ends[partition]:
                self._reached_end(partition)
        if lines:
            self._brokers.lost_since = None
        return b"".join(lines)

    def _as_line(self, value: bytes) -> bytes:
        """Return a message as a line in UTF-8."""
        if self._encoding is not None:
            value = value.decode(self._encoding, "replace").encode("utf-8", "replace")
        text = value.rstrip(b"\r\n")
        if b"\n" in text:
            text = text.replace(b"\r\n", b" ").replace(b"\n", b" ")
        return text + b"\n"

    def _failed(self, error: Any, partition: int) -> None:
        """Take the end of a partition, or what is wrong with it: that is said behind the messages before it."""
        if error.code() == self._client.KafkaError._PARTITION_EOF:
            self._reached_end(partition)
        else:
            problem = f"partition {partition} cannot be read: {error.str()}"
            self._failure = DataError(self.name, None, problem, "messages that are still there")

    def _reached_end(self, partition: int) -> None:
        if not self._follow and partition in self._open:
            self._open.remove(partition)
            self._consumer.incremental_unassign([self._partition(partition)])

    def _tick(self) -> None:
        now = time.monotonic()
        lost = self._brokers.lost_since
        if not self._follow and lost is not None and now - lost > LOST_SECONDS:
            problem = f"no broker at {self._topic.servers} answers any more"
            raise DataError(self.name, None, problem, "a broker until all messages are read")
        if self.switch.waited is not None and now - self._ticked >= TICK_SECONDS:
            self._ticked = now
            self.switch.waited()

    def is_idle(self) -> bool:
        """Whether no message is there for now, while it is followed."""
        if not self._follow:
            return False
        self._waiting = self._arrived(0)
        return not self._waiting

    def at_end_for_now(self) -> bool:
        """Whether the next message has not come yet."""
        return self.is_idle()

    def can_skip_to(self, offset: int) -> bool:
        """Return True: offsets say where it is read on."""
        return True

    def skip_to(self, offset: int) -> None:
        """Let the next bytes be the messages behind the place that was known."""
        self._resumed, self._base = False, offset

    def left_behind(self, offset: int) -> None:
        """Return None: how much is left in a topic changes."""

    def known_at(self, offset: int) -> Offsets:
        """Return which messages are to be read next behind an offset of the text; later calls are of later ones."""
        self._take(offset)
        return Offsets(dict(self._taken), self._head)

    def _take(self, offset: int) -> None:
        ends, partitions, following = self._places
        stop = int(np.searchsorted(np.frombuffer(ends, np.int64), offset - self._base, "right")) if ends else 0
        self._taken.update(zip(partitions[:stop], following[:stop], strict=True))
        for column in self._places:
            del column[:stop]

    def commit(self, offsets: Known | None = None) -> None:
        """Commit offsets to the group, if there is one; by default of all that was read.

        Raises
        ------
        DataError
            If the brokers do not take them.
        """
        if self._topic.group is None:
            return
        following = offsets.next if isinstance(offsets, Offsets) else dict(self._due)
        if self.switch.held is None:
            self._commit(following)
        else:
            self.switch.held.append(partial(self._commit, following))

    def _commit(self, following: dict[int, int]) -> None:
        try:
            changed = [self._partition(number, offset) for number, offset in following.items()]
            self._consumer.commit(offsets=changed, asynchronous=False)
        except (self._client.KafkaException, RuntimeError) as error:
            problem = f"offsets cannot be committed to group {self._topic.group}: {reason(error)}"
            raise DataError(self.name, None, problem, "a group that no other consumer has") from None


class _Nothing:
    """An open file without bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Return nothing."""
        return b""
