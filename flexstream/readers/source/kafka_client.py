"""The client of Kafka: an extra, its properties, and what it says is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import UnopenedError
from .topic import Topic

ANSWER_SECONDS = 10.0
"""How long the answer to a question is waited for."""


def client(name: str) -> Any:
    """Return the library that speaks to brokers."""
    try:
        import confluent_kafka
    except ImportError:
        problem = "topics of Kafka need confluent-kafka, which is not installed"
        raise UnopenedError(name, None, problem, "pip install 'flexstream[kafka]'") from None
    return confluent_kafka


def properties_in(path: str) -> dict[str, str]:
    """Return the properties in a file: ``name=value`` lines; those that begin with # are comments."""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no text"
        raise UnopenedError(path, None, f"cannot be read: {why}", "a file of properties, name=value") from None
    found = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        name, equals, value = line.partition("=")
        if line and not line.startswith("#"):
            if not equals:
                raise UnopenedError(path, number, "no property", "name=value, such as security.protocol=ssl")
            found[name.strip()] = value.strip()
    return found


class Brokers:
    """Hears of the brokers; the client holds it, and would hold a source."""

    def __init__(self, all_down: int) -> None:
        self._all_down = all_down
        self.lost_since: float | None = None

    def heard(self, error: Any) -> None:
        """Note since when no broker is there."""
        if error.code() == self._all_down and self.lost_since is None:
            self.lost_since = time.monotonic()


def opened_consumer(name: str, topic: Topic, brokers: Brokers, **more: Any) -> Any:
    """Return a consumer that commits nothing by itself.

    Parameters
    ----------
    name : str
        For messages.
    topic : Topic
    brokers : Brokers
        Hears of them.
    **more
        Further properties, with underscores.

    Raises
    ------
    UnopenedError
        If the client does not take the properties.
    """
    properties = {} if topic.config is None else properties_in(topic.config)
    own = {
        "bootstrap.servers": topic.servers,
        "group.id": topic.group or "flexstream",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "error",
        "error_cb": brokers.heard,
        **{key.replace("_", "."): value for key, value in more.items()},
    }
    library = client(name)
    try:
        return library.Consumer({"log_level": 0, **properties, **own})
    except (library.KafkaException, ValueError, TypeError) as error:
        problem = f"{topic.config or 'its address'} is refused by the client: {reason(error)}"
        raise UnopenedError(name, None, problem, "properties of librdkafka, such as security.protocol=ssl") from None


def answer(library: Any, topic: Topic, name: str, question: Callable[[], Any]) -> Any:
    """Return what brokers answer to a question; UnopenedError where they do not."""
    try:
        found = question()
    except library.KafkaException as error:
        problem = f"no answer from {topic.servers}: {reason(error)}"
        raise UnopenedError(name, None, problem, "a Kafka broker that can be reached") from None
    if found is None:
        problem = f"no answer from {topic.servers} within {ANSWER_SECONDS:g} seconds"
        raise UnopenedError(name, None, problem, "a Kafka broker that can be reached")
    return found


def partitions_there(library: Any, consumer: Any, topic: Topic, name: str) -> list[int]:
    """Return the numbers of the partitions of a topic; UnopenedError where there is none."""
    asked = answer(library, topic, name, lambda: consumer.list_topics(topic.name, ANSWER_SECONDS))
    found = asked.topics.get(topic.name)
    if found is None or found.error is not None or not found.partitions:
        why = "no such topic" if found is None or found.error is None else str(found.error.str())
        raise UnopenedError(name, None, f"topic {topic.name}: {why}", "the name of a topic that the broker has")
    return sorted(found.partitions)


def reason(error: Exception) -> str:
    """Return what the client says is wrong, in one line."""
    first = error.args[0] if error.args else error
    text = first.str() if hasattr(first, "str") else first
    return " ".join(str(text).split())
