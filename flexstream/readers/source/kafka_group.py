"""Kafka: the messages of those partitions of a topic that a group gives to this reader, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from .group import Membership
from .head import HEAD
from .kafka import MESSAGES, WAIT_SECONDS, KafkaSource
from .known import Known
from .offsets import Offsets
from .stopping import StopSwitch


class Member(Protocol):
    """What a source needs to know of the reading that it is a part of."""

    membership: Membership

    def waited(self) -> None:
        """Hear that no message has come for a while."""

    def came(self) -> None:
        """Hear that all messages before were taken, and others come."""

    def check(self, messages: bool) -> None:
        """Hear whether messages came; raise MovedError or FencedError if partitions went to others."""


class GroupSource(KafkaSource):
    """The messages of the partitions that are read here, each a line, for ever; without those that are done.

    Its lines are counted as those of the source before it, so that a line stands for a message.
    """

    def __init__(self, address: str, switch: StopSwitch, known: Known | None, encoding: str | None) -> None:
        self._member: Member = switch.member
        self._group = self._member.membership
        self._line = 0
        super().__init__(address, True, switch, known, encoding)

    def _connect(self, known: Offsets | None) -> None:
        self._brokers, self._consumer = self._group.brokers, self._group.consumer
        self._due, self._ends, self._open = {}, {}, set()
        self._group.join(lambda: self.switch.requested)
        self._group.begin_again()

    def chunks(self) -> Iterator[bytes]:
        """Yield lines as soon as some are there."""
        if self._resumed:
            yield from super().chunks()
            return
        while chunk := self._lines():
            if len(self._head) < HEAD:
                self._head += chunk[: HEAD - len(self._head)]
            yield chunk

    def skip_to(self, offset: int) -> None:
        """Let the next bytes be the messages that are to be read next."""
        super().skip_to(offset)
        self._line = self.first

    def _arrived(self, wait: float = WAIT_SECONDS) -> list[Any]:
        found, self._waiting = self._waiting, []
        if found:
            return found
        if wait:
            self._member.came()
        found = self._group.messages(MESSAGES, wait)
        self._member.check(bool(found))
        return found

    def _read_lines(self, messages: Iterable[Any]) -> bytes:
        lines, spans = [], self._group.spans
        for message in messages:
            if message.error() is not None:
                self._failed(message.error(), message.partition())
                continue
            partition, offset = message.partition(), message.offset()
            if partition not in spans or not spans[partition].holds(offset):
                continue
            if (value := message.value()) is not None:
                lines.append(self._as_line(value))
                self._line += 1
            self._group.took(self._line, partition, offset)
        return b"".join(lines)

    def _as_line(self, value: bytes) -> bytes:
        return super()._as_line(value).replace(b"\r", b" ")

    def _tick(self) -> None:
        super()._tick()
        self._member.waited()

    def is_idle(self) -> bool:
        """Return False: what has ended is handed on by the reading, which is told when nothing comes."""
        return False

    def at_end_for_now(self) -> bool:
        """Whether the next message has not come yet."""
        self._waiting = self._arrived(0)
        return not self._waiting

    def known_at(self, offset: int) -> Offsets:
        """Return the first lines; which messages are to be read next the group knows."""
        return Offsets({}, self._head)

    def commit(self, offsets: Known | None = None) -> None:
        """Do nothing: the reading commits."""

    def close(self) -> None:
        """Do nothing: the connection outlasts the source."""
