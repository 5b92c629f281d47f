"""Messages to a topic of Kafka."""

from __future__ import annotations

from typing import Any

from ..errors import DataError, UnopenedError, UsageError
from ..readers.source.kafka_client import client, properties_in, reason
from ..readers.source.topic import topic_of

ANSWER_SECONDS, WAIT_SECONDS = 10.0, 30.0
"""How long the brokers' first answer is waited for, and later until messages are taken."""


class Messages:
    """Writes messages to a topic, in their order and each once as far as the brokers see to it (idempotence).

    They are there once `flush` has returned; it says how many are not.

    Parameters
    ----------
    address : str
        ``kafka://HOST[:PORT]/TOPIC``, with ``?config=FILE`` for properties of the client.

    Raises
    ------
    UsageError
        If it names no topic, or a group or partitions, which only those have who read.
    UnopenedError
        If no broker answers, or the library of the extra is not installed.
    """

    def __init__(self, address: str) -> None:
        self.name, self._topic = address, topic_of(address)
        for name in ("group", "partitions"):
            if getattr(self._topic, name) is not None:
                raise UsageError(f"{address} names a {name.rstrip('s')}, which only those have who read; leave it out")
        self._client = client(address)
        own = {"bootstrap.servers": self._topic.servers, "enable.idempotence": True, "linger.ms": 5, "log_level": 0}
        given = {} if self._topic.config is None else properties_in(self._topic.config)
        try:
            self._producer = self._client.Producer({**own, **given, "bootstrap.servers": self._topic.servers})
        except (self._client.KafkaException, ValueError, TypeError) as error:
            problem = f"{self._topic.config or 'its address'} is refused by the client: {reason(error)}"
            expected = "properties of librdkafka, such as security.protocol=ssl"
            raise UnopenedError(address, None, problem, expected) from None
        try:
            self._producer.list_topics(self._topic.name, ANSWER_SECONDS)
        except self._client.KafkaException as error:
            problem = f"no answer from {self._topic.servers}: {reason(error)}"
            raise UnopenedError(address, None, problem, "a Kafka broker that can be reached") from None
        self._lost, self._why = 0, ""

    def send(self, value: bytes, key: str | None = None) -> None:
        """Hand over a message; messages of one key go to one partition.

        Raises
        ------
        DataError
            If an earlier one was refused, or the brokers take none.
        """
        asked = {"value": value, "on_delivery": self._delivered, **({} if key is None else {"key": key.encode()})}
        try:
            self._producer.produce(self._topic.name, **asked)
        except BufferError:
            self.flush()
            self._producer.produce(self._topic.name, **asked)
        except self._client.KafkaException as error:
            self._delivered(error.args[0], None)
        self.poll()

    def poll(self) -> None:
        """Hear what became of messages; raises DataError if one was refused."""
        self._producer.poll(0)
        self._check()

    def flush(self) -> None:
        """Wait until all messages are there; raises DataError if they are not."""
        left = self._producer.flush(WAIT_SECONDS)
        if left:
            self._lost, self._why = self._lost + left, f"no answer from {self._topic.servers}"
            self._producer.purge()
        self._check()

    def _delivered(self, error: Any, _: object) -> None:
        if error is not None:
            self._lost, self._why = self._lost + 1, str(error.str())

    def _check(self) -> None:
        lost, self._lost = self._lost, 0
        if lost:
            problem = f"{lost:,} messages could not be written: {self._why}"
            raise DataError(self.name, None, problem, "a topic that may be written to, and brokers that take them")
