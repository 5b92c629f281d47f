"""Addresses of topics of Kafka."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

from ...errors import UsageError
from ...files import TOPIC
from ...tuples import NamedTuple

PORT = 9092
EXPECTED = "kafka://HOST[:PORT]/TOPIC, with ?group=NAME, ?partitions=0-3,7 or ?config=FILE"


class Topic(NamedTuple):
    """Where a topic is.

    Attributes
    ----------
    servers, name : str
        Brokers as ``host:port``, joined by commas, and the topic.
    group : str or None
        Whose offsets are begun from and committed.
    config : str or None
        A file of further properties of the client.
    partitions : tuple of range, or None
        Those that are read; all by default.
    """

    servers: str
    name: str
    group: str | None
    config: str | None
    partitions: tuple[range, ...] | None = None


def topic_of(address: str) -> Topic:
    """Return what an address says.

    Raises
    ------
    UsageError
        If it is none.

    Examples
    --------
    >>> topic_of("kafka://one,two:9093/lots?group=night")
    Topic(servers='one:9092,two:9093', name='lots', group='night', config=None, partitions=None)
    >>> topic_of("kafka://one/lots?partitions=0-3,7").partitions
    (range(0, 4), range(7, 8))
    """
    rest, _, query = address.removeprefix(TOPIC).partition("?")
    servers, _, name = rest.partition("/")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    hosts = [host if _has_port(host) else f"{host}:{PORT}" for host in servers.split(",")]
    if not all(servers.split(",")) or not name or "/" in name or asked.keys() - {"group", "config", "partitions"}:
        raise UsageError(f"{address} names no topic (expected: {EXPECTED})")
    if not all(asked.values()):
        raise UsageError(f"{address} has an empty group, config or partitions (expected: {EXPECTED})")
    partitions = None if "partitions" not in asked else _ranges(asked["partitions"])
    if partitions is not None and not all(partitions):
        raise UsageError(f"{address} names no partitions (expected: {EXPECTED})")
    return Topic(",".join(hosts), unquote(name), asked.get("group"), asked.get("config"), partitions)


def _ranges(text: str) -> tuple[range, ...]:
    """Return the ranges that a text such as 0-3,7 names; an empty one for what is none.

    >>> _ranges("0-3,7"), _ranges("3-0"), _ranges("all")
    ((range(0, 4), range(7, 8)), (range(0, 0),), (range(0, 0),))
    """
    found = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        whole = re.fullmatch("[0-9]{1,9}(-[0-9]{1,9})?", part)
        found.append(range(int(first), int(last or first) + 1) if whole else range(0))
    return tuple(one or range(0) for one in found)


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]
