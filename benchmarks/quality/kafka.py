"""Claim: of a topic of Kafka every message is learned once, however often the consumer is killed.

    python benchmarks/quality/kafka.py [--messages 1000000] [--kills 20] [--seed 0] [--json OUT]

A mock broker (librdkafka's) in a process of its own is told to produce messages into four partitions, in step with
those who read: it keeps 5 MiB a partition.  ``flexstream learn --follow --checkpoint`` is killed (SIGKILL) at moments
drawn at random and goes on with ``--resume``; at the end traces, events and the traces by their first symbol, which
tells the partition, have to be those that were produced.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM
from shared.tables import Table

PARTITIONS, GROUP, TOPIC = 4, "learning", "lots"
AHEAD = 300_000
"""Messages that may wait: so many the broker surely keeps."""
END_SECONDS = 10.0
"""After which all that was produced is taken to be read."""


def message(number: int) -> str:
    """Return a trace whose first symbol tells its partition."""
    return " ".join([f"p{number % PARTITIONS}", *["run"] * (number % 7)])


def broker(connection: Connection) -> None:
    """Tell the address of a broker, then produce the ranges that come, and tell how many were not taken."""
    from confluent_kafka import Producer

    settings = {"bootstrap.servers": "none:1", "test.mock.num.brokers": 1, "log_level": 0, "linger.ms": 5}
    producer = Producer({**settings, "queue.buffering.max.messages": 1_000_000})
    one = next(iter(producer.list_topics(timeout=10).brokers.values()))
    connection.send(f"{one.host}:{one.port}")
    while (asked := connection.recv()) is not None:
        for number in range(*asked):
            producer.produce(TOPIC, message(number).encode(), partition=number % PARTITIONS)
        connection.send(producer.flush(60))


class Run:
    """One topic and those who read it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.sent = folder, 0
        self._connection, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=broker, args=(theirs,), daemon=True)
        self._process.start()
        self._address = self._connection.recv()
        from confluent_kafka import Consumer, TopicPartition

        self._asked = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
        self._client = Consumer(
            {"bootstrap.servers": self._address, "group.id": GROUP, "enable.auto.commit": False, "log_level": 0}
        )

    def produce(self, count: int) -> None:
        """Return once so many more messages are there."""
        self._connection.send((self.sent, self.sent + count))
        if self._connection.recv():
            raise RuntimeError("the broker did not take all messages")
        self.sent += count

    def committed(self) -> int:
        """Return how many messages the group has behind it."""
        return sum(max(0, one.offset) for one in self._client.committed(self._asked, 10))

    def start(self) -> subprocess.Popen[bytes]:
        """Start a consumer, which goes on where the one before was."""
        source, model = f"kafka://{self._address}/{TOPIC}?group={GROUP}", self._folder / "model.json"
        kept = ("--checkpoint", str(self._folder / "kept"), "--checkpoint-every", "0.2s", "--resume")
        command = [FLEXSTREAM, "learn", source, "--follow", "--no-repeats", "-o", str(model), *kept]
        return subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def end(self) -> dict[str, Any]:
        """End the broker; return what the model counted."""
        self._connection.send(None)
        self._process.join(30)
        document = json.loads((self._folder / "model.json").read_text())
        edges, firsts = document["transitions"], Counter[str]()
        for source, symbol, weight in zip(edges["source"], edges["symbol"], edges["weight"], strict=True):
            if source == 0:
                firsts[document["symbols"][symbol]] += weight
        told = document["provenance"]
        return {"traces": told["traces"], "events": told["events"], "firsts": dict(sorted(firsts.items()))}


def expected(messages: int) -> dict[str, Any]:
    """Return what a model of so many messages counts."""
    firsts = {f"p{part}": len(range(part, messages, PARTITIONS)) for part in range(PARTITIONS)}
    events = messages + sum(length * len(range(length, messages, 7)) for length in range(7))
    return {"traces": messages, "events": events, "firsts": firsts}


def measure(messages: int, kills: int, seed: int) -> dict[str, Any]:
    """Return what was produced and what the model counted after so many kills."""
    luck = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        run = Run(Path(name))
        run.produce(1)  # which makes the topic
        killed = 0
        for number in range(kills + 1):
            consumer, upto = run.start(), messages * (number + 1) // (kills + 1)
            time.sleep(luck.uniform(0.0, 1.0))
            while run.sent < upto:
                if run.sent - run.committed() < AHEAD:
                    run.produce(min(upto - run.sent, luck.randrange(1, 3_000)))
                time.sleep(luck.uniform(0.0, 0.08))
                if consumer.poll() is not None:
                    raise RuntimeError(f"the consumer ended by itself ({consumer.returncode})")
            if number < kills:
                time.sleep(luck.uniform(0.0, 0.4))
                consumer.kill()
                killed += consumer.wait() == -signal.SIGKILL
            else:
                time.sleep(END_SECONDS)
                consumer.terminate()
                consumer.wait()
            print(f"{number}: {run.sent:,} sent, {run.committed():,} committed", file=sys.stderr, flush=True)
        counted = run.end()
    return {"kills": killed, "produced": expected(messages), "counted": counted}


def tables(result: Result) -> dict[str, Table]:
    """Return what was produced and what was counted."""
    found = result["measured"]
    rows = [(what, f"{found['produced'][what]:,}", f"{found['counted'][what]:,}") for what in ("traces", "events")]
    firsts = [(found[key]["firsts"]) for key in ("produced", "counted")]
    rows += [
        (f"partition {part[1:]}", f"{count:,}", f"{firsts[1].get(part, 0):,}") for part, count in firsts[0].items()
    ]
    return {"counts": Table((f"after {found['kills']} kills", "produced", "counted"), rows)}


def main() -> None:
    """Measure, and end with 1 where a message is lost or counted twice."""
    parser = parser_of(__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    args: argparse.Namespace = parser.parse_args()
    measured = measure(args.messages, args.kills, args.seed)
    finish(__file__, args, measured, tables)
    if measured["produced"] != measured["counted"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
