"""Addresses of topics of Kafka."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote

from ...errors import UsageError
from ...files import TOPIC
from ...tuples import NamedTuple

PORT = 9092
EXPECTED = "kafka://HOST[:PORT]/TOPIC, with ?group=NAME or ?config=FILE"


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
    """

    servers: str
    name: str
    group: str | None
    config: str | None


def topic_of(address: str) -> Topic:
    """Return what an address says.

    Raises
    ------
    UsageError
        If it is none.

    Examples
    --------
    >>> topic_of("kafka://one,two:9093/lots?group=night")
    Topic(servers='one:9092,two:9093', name='lots', group='night', config=None)
    """
    rest, _, query = address.removeprefix(TOPIC).partition("?")
    servers, _, name = rest.partition("/")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    hosts = [host if _has_port(host) else f"{host}:{PORT}" for host in servers.split(",")]
    if not all(servers.split(",")) or not name or "/" in name or asked.keys() - {"group", "config"}:
        raise UsageError(f"{address} names no topic (expected: {EXPECTED})")
    if not all(asked.values()):
        raise UsageError(f"{address} has an empty group or config (expected: {EXPECTED})")
    return Topic(",".join(hosts), unquote(name), asked.get("group"), asked.get("config"))


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]
