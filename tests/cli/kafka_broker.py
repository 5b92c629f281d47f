"""A Kafka broker for tests: librdkafka's mock, in a process of its own that produces what it is told.

A line on stdin is a list of [topic, partition, value or null]; once all of them are there a line is printed.
"""

from __future__ import annotations

import json
import sys

from confluent_kafka import Producer


def main() -> None:
    """Print the address of the broker, then produce until stdin ends."""
    settings = {"bootstrap.servers": "none:1", "test.mock.num.brokers": 1, "log_level": 0, "linger.ms": 1}
    producer = Producer(settings)
    broker = next(iter(producer.list_topics(timeout=10).brokers.values()))
    print(f"{broker.host}:{broker.port}", flush=True)
    for line in sys.stdin:
        for topic, partition, value in json.loads(line):
            producer.produce(topic, None if value is None else value.encode("latin-1"), partition=partition)
            producer.poll(0)
        print(producer.flush(30), flush=True)


if __name__ == "__main__":
    main()
